//! What no weights explain.

use super::{Finding, Kind, Severity};
use crate::diagnose::Report;
use crate::diagnose::words::{percent, short};

/// The irreducible share of y, and R^2, which is something else.
pub(super) fn finding(report: &Report) -> Option<Finding> {
    let fit = report.fit.as_ref()?;
    let share = fit.irreducible_fraction?;
    let r_squared = report.analysis.as_ref().and_then(|analysis| analysis.r_squared);
    let with_constant =
        report.analysis.as_ref().is_some_and(|analysis| analysis.facts.constant.iter().any(Option::is_some));
    let truncated = report.truncated_rank();
    let and_r_squared = r_squared.map_or_else(String::new, |r_squared| {
        let of = match (truncated, with_constant) {
            (Some(_), true) => "of a fit in all directions",
            (Some(_), false) => "of a fit in all directions with an intercept added",
            (None, true) => "of this fit",
            (None, false) => "with an intercept added",
        };
        format!(". That is a share of ||y||^2, not 1 - R^2: R^2, around the mean of y, is {} {of}", short(r_squared))
    });
    let mut evidence = vec![("irreducible_fraction", share)];
    evidence.extend(r_squared.map(|r_squared| ("r_squared", r_squared)));
    Some(Finding {
        kind: Kind::Residual,
        severity: Severity::Note,
        sentence: match truncated {
            None => format!("no weights explain {} of {}{and_r_squared}", percent(share), fit.target),
            Some(rank) => format!(
                "the minimum-norm weights, of the {rank} directions of X that count beside the largest, leave {} of {}; the stored X has \
                 full rank, and weights in all its directions explain more: rescale the columns{and_r_squared}",
                percent(share),
                fit.target
            ),
        },
        columns: Vec::new(),
        evidence,
    })
}
