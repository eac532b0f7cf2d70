//! Entries so large or small that nothing beyond the singular values was computed.

use super::{Finding, Kind, Severity};
use crate::diagnose::Report;

/// A warning where the analysis is missing although there are singular values.
pub(super) fn finding(report: &Report) -> Option<Finding> {
    (report.analysis.is_none() && report.rank.is_some()).then(|| Finding {
        kind: Kind::Range,
        severity: Severity::Warning,
        sentence: "a column or the target has its largest entry outside of 1e-120 to 1e120: collinearity, variance inflation, leverage \
                   and ridge are not computed. Multiply it by a power of ten and diagnose again"
            .to_owned(),
        columns: Vec::new(),
        evidence: Vec::new(),
    })
}
