//! The rank with its certificate.

use super::{Finding, Kind, Severity};
use crate::diagnose::Report;

/// A note where the rank is certain and complete, a warning where it is not, or not known at all.
pub(super) fn finding(report: &Report) -> Finding {
    let (least, greatest) = report.rank_bounds;
    let certain = report.rank.is_some() && least == greatest;
    let complete = least == report.n.min(report.d);
    Finding {
        kind: if certain { Kind::Rank } else { Kind::RankUncertain },
        severity: if certain && complete { Severity::Note } else { Severity::Warning },
        sentence: report.rank_text(),
        columns: Vec::new(),
        evidence: vec![("rank_lo", least as f64), ("rank_hi", greatest as f64)],
    }
}
