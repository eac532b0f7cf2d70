//! Columns that nearly depend on each other.

use super::{Finding, Kind, MOST_OF_A_KIND, Severity, listed};
use crate::diagnose::Scaled;
use crate::diagnose::analysis::Analysis;
use crate::diagnose::collinearity::{Collinearity, HIGH_PROPORTION, Near};
use crate::diagnose::equation::bare_equation;
use crate::diagnose::null_space::{Relation, scaled_by, smallest, whole};
use crate::diagnose::words::{fitting, short};
use crate::linalg::{dot, norm};

/// A term below this share of the largest is not written.
const SMALL_TERM: f64 = 0.02;
/// A rounded relation may be this much further from 0 than the singular vector, which is the nearest there is.
const AS_GOOD: f64 = 1.5;
/// Noise in a near dependency moves its weights by about as much.
const NEARLY_WHOLE: f64 = 0.02;

/// A finding for each of the largest condition indices above 30 that makes more than half the variance of two weights or more; one more for
/// columns of which several such indices together do.
pub(super) fn findings(names: &[String], analysis: &Analysis) -> Vec<Finding> {
    let Some(table) = &analysis.collinearity else { return Vec::new() };
    let near = table.near();
    let named: Vec<&Near> = near.iter().filter(|near| near.columns.len() >= 2).collect();
    let mut found: Vec<Finding> =
        named.iter().take(MOST_OF_A_KIND).map(|near| finding(names, &analysis.scaled, table, near)).collect();
    let unnamed: Vec<usize> = (0..names.len())
        .filter(|j| named.iter().all(|near| !near.columns.contains(j)))
        .filter(|&j| table.share_of_all(j) > HIGH_PROPORTION && table.inflation[j].is_finite())
        .collect();
    if !near.is_empty() && !unnamed.is_empty() {
        found.push(shared(names, table, &near, unnamed));
    }
    found
}

fn finding(names: &[String], scaled: &Scaled, table: &Collinearity, near: &Near) -> Finding {
    const MOST: usize = 8;
    let index = table.indices[near.k];
    let shares: Vec<String> = near
        .columns
        .iter()
        .take(MOST)
        .map(|&j| format!("{} {:.2}", fitting(&names[j], 40), table.proportions[(near.k, j)]))
        .collect();
    let more = if near.columns.len() > MOST { format!(", {} more", near.columns.len() - MOST) } else { String::new() };
    let relation = round(scaled, near.k);
    let in_words = relation.as_ref().map_or_else(String::new, |relation| {
        let (equation, residual) = (bare_equation(relation, names), relation.relative_residual);
        format!(". Nearly {equation}, to {residual:.0e} of its largest term")
    });
    Finding {
        kind: Kind::NearDependency,
        severity: Severity::Warning,
        sentence: format!(
            "{} move together: condition index {} makes these shares of the variance of their weights: {}{more}{in_words}",
            listed(names, &near.columns),
            short(index),
            shares.join(", "),
        ),
        columns: near.columns.clone(),
        evidence: [("condition_index", index), ("sigma", table.sigma[near.k])]
            .into_iter()
            .chain(relation.map(|relation| ("relative_residual", relation.relative_residual)))
            .collect(),
    }
}

/// Columns that take part in near dependencies which compete, so that none makes half their variance alone or has another column to it.
fn shared(names: &[String], table: &Collinearity, near: &[Near], columns: Vec<usize>) -> Finding {
    let largest = table.indices[near[0].k];
    let indices =
        if near.len() == 1 { "1 condition index".to_owned() } else { format!("{} condition indices", near.len()) };
    let makes = if near.len() == 1 { "makes" } else { "together make" };
    let (take, weights) = if columns.len() == 1 { ("takes", "its weight") } else { ("take", "their weights") };
    Finding {
        kind: Kind::NearDependency,
        severity: Severity::Warning,
        sentence: format!(
            "{} {take} part in near dependencies: {indices} above 30, the largest {}, {makes} more than half the variance of {weights}",
            listed(names, &columns),
            short(largest),
        ),
        columns,
        evidence: vec![("condition_index", largest), ("indices", near.len() as f64)],
    }
}

/// A relation in whole numbers has no larger one and no more terms, one in two digits no more terms.
const LARGEST_WHOLE: f64 = 100.0;
const MOST_TERMS_OF_WHOLE: usize = 6;
const MOST_TERMS_OF_DIGITS: usize = 3;

/// The relation of singular vector `k` in few small whole numbers or in two digits, if there is one that the columns obey about as well. Lengths
/// of combinations come from S V': no row is looked at.
fn round(scaled: &Scaled, k: usize) -> Option<Relation> {
    let right = scaled.right.as_ref()?;
    let direction = right.column(k);
    let largest = crate::linalg::max_abs(direction);
    let terms: Vec<f64> =
        direction.iter().map(|&term| if term.abs() > SMALL_TERM * largest { term } else { 0.0 }).collect();
    let inverse = |norm: f64| if norm > 0.0 { norm.recip() } else { 0.0 };
    let z: Vec<f64> = terms.iter().zip(&scaled.norms).map(|(term, &norm)| term * inverse(norm)).collect();
    let allowed = AS_GOOD * scaled.sigma[k] / largest;
    let two_digits = |z: f64| format!("{z:.1e}").parse().unwrap_or(z);
    let short: Vec<f64> = scaled_by(&z, smallest(&z)).into_iter().map(two_digits).collect();
    let count = z.iter().filter(|&&z| z != 0.0).count();
    let whole = whole(&z, NEARLY_WHOLE)
        .filter(|whole| count <= MOST_TERMS_OF_WHOLE && crate::linalg::max_abs(whole) <= LARGEST_WHOLE);
    let short = Some(short).filter(|_| count <= MOST_TERMS_OF_DIGITS);
    [whole, short]
        .into_iter()
        .flatten()
        .map(|weights: Vec<f64>| {
            let terms: Vec<f64> = weights.iter().zip(&scaled.norms).map(|(weight, norm)| weight * norm).collect();
            let image: Vec<f64> =
                scaled.sigma.iter().enumerate().map(|(k, sigma)| sigma * dot(right.column(k), &terms)).collect();
            let relative_residual = norm(&image) / crate::linalg::max_abs(&terms);
            Relation { weights, relative_residual }
        })
        .find(|relation| relation.relative_residual <= allowed)
}
