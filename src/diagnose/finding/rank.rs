//! The rank with its certificate.

use super::{Finding, Kind, Severity};
use crate::diagnose::Report;

/// A note where the rank is certain, a warning where it is not or not known at all.
pub(super) fn finding(report: &Report) -> Option<Finding> {
    let (least, greatest) = report.rank_bounds;
    let certain = report.rank.is_some() && least == greatest;
    let complete = least == report.n.min(report.d);
    // A deficient rank is told by what depends on what.
    let told = certain && !complete && report.null_space.as_ref().is_some_and(|space| !space.dependent.is_empty());
    (!told).then(|| Finding {
        kind: if certain { Kind::Rank } else { Kind::RankUncertain },
        severity: match (certain, complete) {
            (true, true) => Severity::Note,
            _ => Severity::Warning,
        },
        sentence: report.rank_text(),
        columns: Vec::new(),
        evidence: vec![("rank_lo", least as f64), ("rank_hi", greatest as f64)],
    })
}
