//! Weights that the data leave free.

use super::{Finding, Kind, Severity, listed};
use crate::diagnose::Report;

/// The columns that take part in the null space: along it their weights may be traded for each other without changing a prediction.
pub(super) fn finding(report: &Report) -> Option<Finding> {
    let null_space = report.null_space.as_ref()?;
    let columns = null_space.dependent();
    if columns.is_empty() {
        return None;
    }
    let freedom = if null_space.nullity == 1 {
        "along one direction".to_owned()
    } else {
        format!("along {} directions", null_space.nullity)
    };
    let all = columns.len() == report.d;
    let (whose, others) = if all {
        ("no weight is identifiable".to_owned(), "")
    } else {
        let weights = if columns.len() == 1 { "the weight of" } else { "the weights of" };
        let are = if columns.len() == 1 { "is" } else { "are" };
        (format!("{weights} {} {are} not identifiable", listed(&report.names, &columns)), "; all others are determined")
    };
    Some(Finding {
        kind: Kind::NotIdentifiable,
        severity: Severity::Serious,
        sentence: format!(
            "{whose}: {freedom} they trade for each other and no prediction changes{others}. Adding any multiple of a relation's coefficients \
             to the weights changes no prediction by more than its residual; the minimum-norm solution is one choice of many. Drop a column, \
             or penalise"
        ),
        evidence: vec![("nullity", null_space.nullity as f64), ("weights", columns.len() as f64)],
        columns,
    })
}
