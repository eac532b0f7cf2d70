//! What is wrong, most important first: one room a kind of finding, each a sentence with the numbers that it rests on.

mod dependency;
mod digits;
mod identifiability;
mod inflation;
mod leverage;
mod near;
mod normal_equations;
mod range;
mod rank;
mod residual;
mod scaling;

pub use normal_equations::Verdict;

use serde::Serialize;

use super::Report;

/// Findings of one kind that are told one by one; of more the rest is counted.
const MOST_OF_A_KIND: usize = 5;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Weights are meaningless as they are.
    Serious,
    /// Weights are less certain than they look, or one way to compute them is.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Serious => "serious",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A combination of columns is 0.
    ExactDependency,
    /// Weights that no data determine.
    NotIdentifiable,
    /// Singular values that may or may not count.
    RankUncertain,
    /// Columns that nearly depend on each other.
    NearDependency,
    /// kappa made by units.
    Scaling,
    /// Variances made large by the other columns.
    Inflation,
    /// What X'X loses.
    NormalEquations,
    /// Digits of the weights.
    Digits,
    /// A row that decides alone.
    Leverage,
    /// Numbers that were not computed.
    Range,
    /// What no weights explain.
    Residual,
    /// The rank.
    Rank,
}

/// One thing that is known of X or y.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is about.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// What is found, in words.
    pub sentence: String,
    /// The columns that it is about, from 0, ascending; empty where it is about all.
    pub columns: Vec<usize>,
    /// The numbers that it rests on, by name.
    pub evidence: Vec<(&'static str, f64)>,
}

/// Everything that the numbers of `report` say, most important first.
pub(super) fn findings(report: &Report) -> Vec<Finding> {
    let mut found = dependency::findings(report);
    found.extend(identifiability::finding(report));
    found.push(rank::finding(report));
    found.extend(range::finding(report));
    found.push(normal_equations::finding(report));
    if let Some(analysis) = &report.analysis {
        found.extend(near::findings(&report.names, analysis));
        found.extend(scaling::finding(report, analysis));
        found.extend(inflation::finding(report, analysis));
        found.extend(digits::finding(&report.names, analysis));
        found.extend(leverage::finding(&report.names, analysis));
    }
    found.extend(residual::finding(report));
    // Stable: of one kind the worst stays first.
    found.sort_by_key(|finding| (finding.severity, finding.kind));
    found
}

/// Names in a row, at most eight: `a, b and c`.
fn listed(names: &[String], columns: &[usize]) -> String {
    const MOST: usize = 8;
    let name = |j: &usize| super::words::fitting(&names[*j], 40);
    match columns {
        [] => String::new(),
        [only] => name(only),
        many if many.len() <= MOST => {
            let (last, others) = many.split_last().unwrap_or((&0, &[]));
            format!("{} and {}", others.iter().map(name).collect::<Vec<_>>().join(", "), name(last))
        }
        many => {
            let shown: Vec<String> = many[..MOST].iter().map(name).collect();
            format!("{} and {} more", shown.join(", "), many.len() - MOST)
        }
    }
}
