//! What every column of every table of a diagnosis means: columns.json beside them, and the page for people.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::measure::table::{Column, Role};

/// The dictionary of the tables, beside them.
pub(super) const COLUMNS_FILE: &str = "columns.json";
/// What the dictionary says of its folder.
pub(super) const MADE_BY: &str = "nullsweep diagnose";

/// A table: its name without `.csv`, what a row stands for, its columns.
pub(super) struct Table {
    name: &'static str,
    row: &'static str,
    pub(super) columns: &'static [Column],
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

pub(super) const SPECTRUM: Table = Table {
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

pub(super) const COLLINEARITY: Table = Table {
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

pub(super) const VIF: Table = Table {
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

pub(super) const COEFFICIENTS: Table = Table {
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

pub(super) const RIDGE_PATH: Table = Table {
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

pub(super) const RIDGE_TRACE: Table = Table {
    name: "ridge_trace",
    row: "penalty of ridge_path x column of X, for up to 1000 columns",
    columns: &[LAMBDA, COLUMN, NAME, result("w", "y/x", "Weight with this penalty.")],
};

const TABLES: [&Table; 6] = [&SPECTRUM, &COLLINEARITY, &VIF, &COEFFICIENTS, &RIDGE_PATH, &RIDGE_TRACE];

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
