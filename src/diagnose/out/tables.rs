//! The tables of a diagnosis: CSV, UTF-8, LF, one header; floats are the shortest that read back to the same f64, an empty field is not known.

use super::dictionary::{COEFFICIENTS, COLLINEARITY, RIDGE_PATH, RIDGE_TRACE, SPECTRUM, Table, VIF};
use crate::diagnose::{Analysis, Report, RidgeAdvice, RidgePoint};
use crate::record::push_float;

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

/// Names of the tables, in their order.
pub(super) const FILES: [&str; 6] =
    ["spectrum.csv", "collinearity.csv", "vif.csv", "coefficients.csv", "ridge_path.csv", "ridge_trace.csv"];

/// Every table by the name of its file; nothing where the diagnosis does not have it.
pub(super) fn files(report: &Report) -> [(&'static str, Option<Vec<u8>>); FILES.len()] {
    let analysis = report.analysis.as_ref();
    let ridge = analysis.and_then(|analysis| analysis.ridge.as_ref());
    let [of_spectrum, of_collinearity, of_vif, of_coefficients, of_path, of_trace] = FILES;
    [
        (of_spectrum, Some(spectrum(report))),
        (of_collinearity, analysis.and_then(|analysis| collinearity(report, analysis))),
        (of_vif, analysis.map(|analysis| vif(report, analysis))),
        (of_coefficients, coefficients(report)),
        (of_path, ridge.map(ridge_path)),
        (of_trace, ridge.filter(|ridge| ridge.traced).map(|ridge| ridge_trace(report, ridge))),
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
