//! Variances of weights that the other columns make large.

use super::{Finding, Kind, Severity};
use crate::diagnose::analysis::Analysis;
use crate::diagnose::words::{fitting, short};

/// A variance inflation factor above this is worth a word (Marquardt 1970, Technometrics 12).
pub(super) const HIGH_VIF: f64 = 10.0;
/// Columns that are told with their factor.
const MOST: usize = 6;

/// The columns with a finite factor above 10, largest first; an infinite one is an exact dependency.
pub(super) fn finding(names: &[String], analysis: &Analysis) -> Option<Finding> {
    let vif = analysis.vif.as_ref()?;
    let mut high: Vec<(usize, f64)> = vif
        .iter()
        .enumerate()
        .filter_map(|(j, vif)| Some((j, vif.centred?)))
        .filter(|(_, vif)| *vif > HIGH_VIF && vif.is_finite())
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
    Some(Finding {
        kind: Kind::Inflation,
        severity: Severity::Warning,
        sentence: format!(
            "variance inflation above 10: {}{more}. Standard errors of these weights are up to {} times what they would be with unrelated \
             columns{uncentred}",
            shown.join(", "),
            short(largest.sqrt())
        ),
        columns,
        evidence: vec![("vif", largest)],
    })
}
