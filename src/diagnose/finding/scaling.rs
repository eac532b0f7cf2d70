//! A condition number that is one of units, not of columns.

use super::{Finding, Kind, Severity, listed};
use crate::diagnose::analysis::Analysis;
use crate::diagnose::words::{at_least, at_most, short};
use crate::diagnose::{HIGH_INDEX, Report, Scaled};

/// kappa must fall at least by this factor, by its bounds, to be called artificial.
const ARTIFICIAL: f64 = 10.0;

/// A warning where unit columns have a kappa smaller by 10 or more: by the enclosures of both where X is in memory.
pub(super) fn finding(report: &Report, analysis: &Analysis) -> Option<Finding> {
    let scaled = &analysis.scaled;
    let before = report.kappa_bounds.lo?;
    let (after, after_in_words) = if let Some(bounds) = scaled.kappa {
        let hi = bounds.hi?;
        (hi, format!("at most {} at unit length", at_most(hi)))
    } else {
        let computed = scaled.kappa_computed()?;
        (computed, format!("about {} at unit length (computed, not certified)", short(computed)))
    };
    // An infinite kappa after scaling fails.
    if before / after < ARTIFICIAL || !after.is_finite() {
        return None;
    }
    let [shortest, longest] = extremes(scaled)?;
    let left = if after > HIGH_INDEX { "the rest is collinearity" } else { "nothing is left of it" };
    Some(Finding {
        kind: Kind::Scaling,
        severity: Severity::Warning,
        sentence: format!(
            "the columns have very different lengths, from {} ({}) to {} ({}): kappa is at least {} as they are and \
             {after_in_words}, so that most of it comes from units; {left}. Rescale them before penalising",
            listed(&report.names, &[shortest]),
            short(scaled.norms[shortest]),
            listed(&report.names, &[longest]),
            short(scaled.norms[longest]),
            at_least(before),
        ),
        columns: if shortest < longest { vec![shortest, longest] } else { vec![longest, shortest] },
        evidence: vec![("kappa_lo", before), ("kappa_scaled", after)],
    })
}

/// The shortest column that is not 0, and the longest.
fn extremes(scaled: &Scaled) -> Option<[usize; 2]> {
    let present = || (0..scaled.norms.len()).filter(|&j| scaled.norms[j] > 0.0);
    let shortest = present().reduce(|a, b| if scaled.norms[b] < scaled.norms[a] { b } else { a })?;
    let longest = present().reduce(|a, b| if scaled.norms[b] > scaled.norms[a] { b } else { a })?;
    Some([shortest, longest])
}
