//! The tables of a diagnosis: CSV, UTF-8, LF, one header; floats are the shortest that read back to the same f64, an empty field is not known.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diagnose::{Analysis, Report, RidgeAdvice, RidgePoint};
use crate::measure::table::{Column, Role};
use crate::record::push_float;

/// The dictionary of the tables, beside them.
pub(super) const COLUMNS_FILE: &str = "columns.json";
/// What the dictionary says of its folder.
pub(super) const MADE_BY: &str = "nullsweep diagnose";

/// A table: its name without `.csv`, what a row stands for, its columns.
struct Table {
    name: &'static str,
    row: &'static str,
    columns: &'static [Column],
}

const fn key(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    Column { name, role: Role::Key, unit, meaning }
}

const fn result(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    Column { name, role: Role::Result, unit, meaning }
}

const COLUMN: Column = key("column", "1", "Number of the column of X, from 1.");
const NAME: Column = key("name", "name", "What the column is called.");
const LAMBDA: Column = key("lambda", "x^2", "Ridge penalty.");

const SPECTRUM: Table = Table {
    name: "spectrum",
    row: "singular value of X",
    columns: &[
        key("index", "1", "Number of the singular value, from 1, largest first."),
        result("sigma", "x", "As computed; empty where the iteration did not end."),
        result(
            "sigma_lo",
            "x",
            "Lower bound of the exact value for the stored X; 0 where no digit of sigma is claimed.",
        ),
        result("sigma_hi", "x", "Upper bound of the exact value for the stored X."),
    ],
};

const COLLINEARITY: Table = Table {
    name: "collinearity",
    row: "singular value x column of X with columns of unit length; n >= d only",
    columns: &[
        key("index", "1", "Number of the singular value, from 1, largest first."),
        COLUMN,
        NAME,
        result("sigma_scaled", "1", "Singular value of X with columns of unit length; 0 where it does not count."),
        result("condition_index", "1", "Largest over this singular value; above 30 is a near dependency."),
        result("proportion", "1", "Share of the variance of the column's weight that this singular value makes."),
    ],
};

const VIF: Table = Table {
    name: "vif",
    row: "column of X",
    columns: &[
        COLUMN,
        NAME,
        result("length", "x", "Norm of the column."),
        result("mean", "x", "Mean of the column; empty for n <= d, as are the next two."),
        result("sd", "x", "Standard deviation of the column, with n - 1."),
        result(
            "vif",
            "1",
            "1 / (1 - R^2) of the column on the others and an intercept; inf where they determine it, empty if constant.",
        ),
        result("vif_uncentred", "1", "The same without an intercept and without centring; empty for n < d."),
    ],
};

const COEFFICIENTS: Table = Table {
    name: "coefficients",
    row: "penalty asked for (--lambda) x column of X",
    columns: &[
        LAMBDA,
        COLUMN,
        NAME,
        result("w", "y/x", "Weight; the minimum-norm one for lambda = 0."),
        result(
            "digits_qr",
            "1",
            "Decimal digits of it that Householder QR in f64 cannot lose; empty for lambda > 0 and a deficient rank.",
        ),
        result("digits_svd", "1", "The same for the SVD."),
        result("digits_normal_equations", "1", "The same for normal equations with Cholesky."),
    ],
};

const RIDGE_PATH: Table = Table {
    name: "ridge_path",
    row: "penalty",
    columns: &[
        LAMBDA,
        key(
            "chosen",
            "name",
            "kappa-bound: the least with kappa_ridge below the bound; least-loo: of least leave-one-out error; empty: of the grid.",
        ),
        result(
            "kappa_ridge",
            "1",
            "(sigma_1^2 + lambda) / (sigma_q^2 + lambda) of the q penalised columns, centred if there is an intercept.",
        ),
        result(
            "effective_df",
            "1",
            "sum sigma^2 / (sigma^2 + lambda) over the penalised columns; the intercept makes one more.",
        ),
        result("w_norm", "y/x", "Norm of the penalised weights."),
        result("residual_norm", "y", "||y - X w||."),
        result(
            "loo",
            "y",
            "Root mean square of the leave-one-out errors; empty where a row cannot be predicted from the others.",
        ),
        result(
            "gcv",
            "y",
            "Square root of the generalised cross-validation score; empty where no degree of freedom is left.",
        ),
    ],
};

const RIDGE_TRACE: Table = Table {
    name: "ridge_trace",
    row: "penalty of ridge_path x column of X, for up to 1000 columns",
    columns: &[LAMBDA, COLUMN, NAME, result("w", "y/x", "Weight with this penalty.")],
};

const TABLES: [&Table; 6] = [&SPECTRUM, &COLLINEARITY, &VIF, &COEFFICIENTS, &RIDGE_PATH, &RIDGE_TRACE];

/// A field.
enum Cell<'a> {
    Count(usize),
    Float(f64),
    Text(&'a str),
    Missing,
}

impl From<Option<f64>> for Cell<'_> {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Missing, Self::Float)
    }
}

/// A table being written.
struct Csv(Vec<u8>);

impl Csv {
    fn new(table: &Table) -> Self {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        Self((names.join(",") + "\n").into_bytes())
    }

    fn row<const N: usize>(&mut self, cells: [Cell<'_>; N]) {
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                self.0.push(b',');
            }
            match cell {
                Cell::Count(count) => self.0.extend_from_slice(count.to_string().as_bytes()),
                Cell::Float(value) => push_float(&mut self.0, value),
                Cell::Text(text) => self.text(text),
                Cell::Missing => {}
            }
        }
        self.0.push(b'\n');
    }

    /// In quotes where it has to be (RFC 4180).
    fn text(&mut self, text: &str) {
        if text.contains([',', '"', '\n', '\r']) {
            self.0.extend_from_slice(format!("\"{}\"", text.replace('"', "\"\"")).as_bytes());
        } else {
            self.0.extend_from_slice(text.as_bytes());
        }
    }
}

/// Every table by the name of its file; nothing where the diagnosis does not have it.
pub(super) fn files(report: &Report) -> Vec<(&'static str, Option<Vec<u8>>)> {
    let analysis = report.analysis.as_ref();
    let ridge = analysis.and_then(|analysis| analysis.ridge.as_ref());
    vec![
        ("spectrum.csv", Some(spectrum(report))),
        ("collinearity.csv", analysis.and_then(|analysis| collinearity(report, analysis))),
        ("vif.csv", analysis.map(|analysis| vif(report, analysis))),
        ("coefficients.csv", coefficients(report)),
        ("ridge_path.csv", ridge.map(ridge_path)),
        ("ridge_trace.csv", ridge.filter(|ridge| ridge.traced).map(|ridge| ridge_trace(report, ridge))),
    ]
}

fn spectrum(report: &Report) -> Vec<u8> {
    let mut csv = Csv::new(&SPECTRUM);
    for (i, sigma) in report.sigmas.iter().enumerate() {
        csv.row([Cell::Count(i + 1), sigma.value.into(), Cell::Float(sigma.lo), Cell::Float(sigma.hi)]);
    }
    csv.0
}

fn collinearity(report: &Report, analysis: &Analysis) -> Option<Vec<u8>> {
    let table = analysis.collinearity.as_ref()?;
    let mut csv = Csv::new(&COLLINEARITY);
    for (k, (&sigma, &index)) in table.sigma.iter().zip(&table.indices).enumerate() {
        for (j, name) in report.names.iter().enumerate() {
            let share = Some(table.proportions[(k, j)]).filter(|share| !share.is_nan());
            let [key, column] = [k + 1, j + 1].map(Cell::Count);
            csv.row([key, column, Cell::Text(name), Cell::Float(sigma), Cell::Float(index), share.into()]);
        }
    }
    Some(csv.0)
}

fn vif(report: &Report, analysis: &Analysis) -> Vec<u8> {
    let mut csv = Csv::new(&VIF);
    for (j, name) in report.names.iter().enumerate() {
        let vif = analysis.vif.as_ref().map(|vif| vif[j]);
        let uncentred = analysis.collinearity.as_ref().map(|table| table.inflation[j]);
        csv.row([
            Cell::Count(j + 1),
            Cell::Text(name),
            Cell::Float(analysis.scaled.norms[j]),
            vif.map(|vif| vif.mean).into(),
            vif.map(|vif| vif.sd).into(),
            vif.and_then(|vif| vif.centred).into(),
            uncentred.into(),
        ]);
    }
    csv.0
}

fn coefficients(report: &Report) -> Option<Vec<u8>> {
    let fit = report.fit.as_ref()?;
    let digits = report.analysis.as_ref().and_then(|analysis| analysis.digits.as_ref());
    let mut csv = Csv::new(&COEFFICIENTS);
    for solution in &fit.solutions {
        let digits = digits.filter(|_| solution.lambda == 0.0);
        for (j, name) in report.names.iter().enumerate() {
            csv.row([
                Cell::Float(solution.lambda),
                Cell::Count(j + 1),
                Cell::Text(name),
                Cell::Float(solution.w[j]),
                digits.map(|digits| digits.qr[j]).into(),
                digits.map(|digits| digits.svd[j]).into(),
                digits.map(|digits| digits.normal_equations[j]).into(),
            ]);
        }
    }
    Some(csv.0)
}

fn ridge_path(ridge: &RidgeAdvice) -> Vec<u8> {
    let chosen = [Some((&ridge.bounded, "kappa-bound")), ridge.best.as_ref().map(|best| (&best.point, "least-loo"))];
    let mut points: Vec<(&RidgePoint, &str)> = ridge.path.iter().map(|point| (point, "")).collect();
    points.extend(chosen.into_iter().flatten());
    points.sort_by(|a, b| a.0.lambda.total_cmp(&b.0.lambda));
    let mut csv = Csv::new(&RIDGE_PATH);
    for (point, chosen) in points {
        let RidgePoint { lambda, kappa_ridge, effective_df, w_norm, residual_norm, loo, gcv, .. } = *point;
        let [lambda, kappa, df, w, residual] =
            [lambda, kappa_ridge, effective_df, w_norm, residual_norm].map(Cell::Float);
        csv.row([lambda, Cell::Text(chosen), kappa, df, w, residual, loo.into(), gcv.into()]);
    }
    csv.0
}

fn ridge_trace(report: &Report, ridge: &RidgeAdvice) -> Vec<u8> {
    let mut csv = Csv::new(&RIDGE_TRACE);
    for point in &ridge.path {
        for (j, (name, &w)) in report.names.iter().zip(&point.w).enumerate() {
            csv.row([Cell::Float(point.lambda), Cell::Count(j + 1), Cell::Text(name), Cell::Float(w)]);
        }
    }
    csv.0
}

/// columns.json: what every column means, and who made the folder.
pub(super) fn dictionary() -> Vec<u8> {
    let column = |column: &Column| {
        let Column { name, role, unit, meaning } = *column;
        json!({ "name": name, "role": role.name(), "unit": unit, "meaning": meaning })
    };
    let table = |table: &&Table| {
        let columns: Vec<Value> = table.columns.iter().map(column).collect();
        json!({ "file": format!("{}.csv", table.name), "row": table.row, "columns": columns })
    };
    let tables: Vec<Value> = TABLES.iter().map(table).collect();
    // Serialising what was just made cannot fail.
    let text = serde_json::to_string_pretty(&json!({ "made_by": MADE_BY, "tables": tables })).unwrap_or_default();
    (text + "\n").into_bytes()
}

/// The same for docs/diagnose.md, which a test holds to it.
pub fn dictionary_markdown() -> String {
    let mut page = String::new();
    for Table { name, row, columns } in TABLES {
        // Writing to a String cannot fail.
        let _ = write!(page, "`{name}.csv`: one row per {row}.\n\n| column | unit | meaning |\n|---|---|---|\n");
        for Column { name, unit, meaning, .. } in *columns {
            let _ = writeln!(page, "| `{name}` | {unit} | {} |", meaning.replace('|', "\\|"));
        }
        page.push('\n');
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_need_quotes_have_them() {
        let mut csv = Csv(Vec::new());
        csv.row([Cell::Text("a,b"), Cell::Text("say \"x\""), Cell::Text("plain"), Cell::Missing, Cell::Float(0.1)]);
        assert_eq!(String::from_utf8_lossy(&csv.0), "\"a,b\",\"say \"\"x\"\"\",plain,,0.1\n");
    }
}
