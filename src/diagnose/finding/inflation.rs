//! Variances of weights that the other columns make large.

use super::{Finding, Kind, Severity};
use crate::diagnose::analysis::Analysis;
use crate::diagnose::words::{fitting, short};
use crate::diagnose::{NullSpace, Report};

/// A variance inflation factor above this is worth a word (Marquardt 1970, Technometrics 12).
pub(super) const HIGH_VIF: f64 = 10.0;
/// Columns that are told with their factor.
const MOST: usize = 6;

/// The columns with a factor above 10, largest first. An infinite one is an exact dependency: one among the columns, which is told as
/// that, or one that an intercept beside them would make.
pub(super) fn finding(report: &Report, analysis: &Analysis) -> Option<Finding> {
    let names = &report.names;
    let vif = analysis.vif.as_ref()?;
    let dependent = report.null_space.as_ref().map_or_else(Vec::new, NullSpace::dependent);
    let mut high: Vec<(usize, f64)> = vif
        .iter()
        .enumerate()
        .filter_map(|(j, vif)| Some((j, vif.centred?)))
        .filter(|&(j, vif)| vif > HIGH_VIF && (vif.is_finite() || !dependent.contains(&j)))
        .collect();
    high.sort_by(|a, b| b.1.total_cmp(&a.1));
    let largest = high.first()?.1;
    let shown: Vec<String> =
        high.iter().take(MOST).map(|&(j, vif)| format!("{} {}", fitting(&names[j], 40), short(vif))).collect();
    let more = if high.len() > MOST { format!(" and {} more", high.len() - MOST) } else { String::new() };
    let no_constant = analysis.facts.constant.iter().all(Option::is_none);
    let uncentred = analysis.collinearity.as_ref().filter(|_| no_constant).map_or_else(String::new, |table| {
        let largest = table.inflation.iter().copied().fold(0.0, f64::max);
        format!(
            ". X has no constant column: statsmodels before 0.15, which neither adds one nor centres, prints other factors, up to {}",
            short(largest)
        )
    });
    let mut columns: Vec<usize> = high.iter().map(|&(j, _)| j).collect();
    columns.sort_unstable();
    let consequence = if largest.is_finite() {
        format!(
            "Standard errors of these weights are up to {} times what they would be with unrelated columns",
            short(largest.sqrt())
        )
    } else {
        "An infinite one is of a column that the others and an intercept determine: with an intercept these columns depend on each other"
            .to_owned()
    };
    Some(Finding {
        kind: Kind::Inflation,
        severity: Severity::Warning,
        sentence: format!("variance inflation above 10: {}{more}. {consequence}{uncentred}", shown.join(", ")),
        columns,
        evidence: vec![("vif", largest)],
    })
}
