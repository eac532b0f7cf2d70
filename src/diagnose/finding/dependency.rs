//! Combinations of columns that are 0.

use super::{Finding, Kind, MOST_OF_A_KIND, Severity};
use crate::diagnose::Report;
use crate::diagnose::equation::{DEPENDENT, equation};

/// One finding a relation that holds to 1e-12 of its largest term; the first five. A relation that holds less well is one of scales.
pub(super) fn findings(report: &Report) -> Vec<Finding> {
    if let Some(unlisted) = unlisted(report) {
        return vec![unlisted];
    }
    let relations = report.null_space.iter().filter_map(|null_space| null_space.relations.as_ref()).flatten();
    let exact: Vec<_> = relations.filter(|relation| relation.relative_residual <= DEPENDENT).collect();
    let told = exact.len().min(MOST_OF_A_KIND);
    exact[..told]
        .iter()
        .enumerate()
        .map(|(at, relation)| {
            let columns: Vec<usize> = (0..relation.weights.len()).filter(|&j| relation.weights[j] != 0.0).collect();
            let what = if let [only] = columns[..] {
                format!("column {} is 0", super::listed(&report.names, &[only]))
            } else {
                format!("columns depend on each other: {}", equation(relation, &report.names))
            };
            let more = match exact.len() - told {
                more if more > 0 && at + 1 == told => format!("; and {more} more relations"),
                _ => String::new(),
            };
            Finding {
                kind: Kind::ExactDependency,
                severity: Severity::Serious,
                sentence: what + &more,
                columns,
                evidence: vec![("relative_residual", relation.relative_residual)],
            }
        })
        .collect()
}

/// One finding for relations that are too many to be told apart; for n < d they are there by shape.
fn unlisted(report: &Report) -> Option<Finding> {
    let null_space = report.null_space.as_ref()?;
    if null_space.relations.is_some() || null_space.nullity == 0 || report.n < report.d {
        return None;
    }
    let (nullity, columns) = (null_space.nullity, null_space.dependent());
    Some(Finding {
        kind: Kind::ExactDependency,
        severity: Severity::Serious,
        sentence: format!(
            "columns depend on each other in {nullity} ways, too many to be told apart: {} take part",
            super::listed(&report.names, &columns)
        ),
        columns,
        evidence: vec![("nullity", nullity as f64)],
    })
}
