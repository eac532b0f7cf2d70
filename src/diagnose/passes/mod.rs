//! The report on a tall X that is read again for every pass, in memory that does not grow with its rows.
//!
//! ```text
//! pass 1            R of [1 X y], constant columns and extents; from R singular values, V, weights, relations as good as f64 makes them
//! pass 2            the certificate of X V, X'X as f64 has it; residuals of the weights and of the relations; leverages; with a target
//!                   the leave-one-out errors along the ridge path
//! at need           the certificate in double-double
//! pass 3            the residuals of the corrected weights, until no step changes them; leave-one-out errors near the best penalty
//! ```
//! Everything is a sum over rows whose order does not depend on the machine ([`super::lanes`]).

mod relations;
mod spectrum;
mod weights;

use super::lanes;
use super::outline::Outline;
use super::rows::Rows;
use super::triangle::{Column, Triangle};
use super::{Fit, NullSpace, Report, Settings};
use crate::certify::{Certified, Ladder, Status};
use crate::data::DataError;
use crate::decomposition::ThinSvd;
use crate::engine::GramSpectrum;
use relations::Relations;
use spectrum::{Reduced, Spectrum};
use weights::Weights;

/// Diagnoses `rows`, of which there are at least as many as columns, from the triangle of their [1 X y], on the CPU and in f64 or better.
///
/// # Errors
/// If the rows cannot be read, or are no longer those of the pass before.
pub fn diagnose_rows(rows: &dyn Rows, triangle: &Triangle, settings: &Settings) -> Result<Report, DataError> {
    let reduced = Reduced::of(triangle);
    let svd = reduced.svd();
    let mut null_space = NullSpace::of_rows(&reduced.r, reduced.n, &svd);
    let relations = Relations::of(&null_space, &reduced.column_norms(), &reduced.zeros(), reduced.exponent);
    let weights = rows.target().map(|target| small_problem(target, triangle, &reduced, &svd));
    let candidates = weights.as_ref().map(|weights| weights.candidates(&settings.lambdas)).unwrap_or_default();

    let outline = Outline::of_triangle(rows, triangle, &settings.ridge)?;

    let ladder = Ladder::of(settings.precision, settings.rtol);
    let residuals = weights.as_ref().map(|weights| weights.residual_sums(&candidates));
    let first = outline.as_ref().map(Outline::first_sums);
    let (Spectrum { certified, gram }, ((residuals, squares), first)) =
        reduced.certify(rows, (ladder, settings.rtol), &((residuals, &relations), first))?;
    relations.judge(&squares, &mut null_space);
    // Nothing is built on factors that cannot be used.
    let known = certified.status != Status::Failed;
    let found = outline.as_ref().zip(first).filter(|_| known).map(|(outline, first)| outline.take_first(first));

    let second = outline.as_ref().zip(found.as_ref()).and_then(|(outline, found)| outline.second_sums(found));
    let (mut fit, mut carried) = (None, None);
    if let Some((weights, residuals)) = weights.as_ref().zip(residuals) {
        let (candidates, sums) = weights.settle(candidates, residuals, rows, &second)?;
        (fit, carried) = (Some(weights.fit(&candidates, &settings.lambdas)), sums);
    }
    let second = match (carried, second) {
        (Some(sums), _) => sums,
        (None, Some(second)) => Some(lanes::pass(rows, &second)?),
        (None, None) => None,
    };
    let report = report(rows, triangle.n, &certified, &gram, (null_space, fit, svd.rank));
    let analysis = outline.zip(found).map(|(outline, found)| outline.finish(found, second.as_deref(), &report.known()));
    Ok(report.analysed(analysis))
}

/// R w = c in the scale of R and of the largest entry of y.
fn small_problem<'a>(target: &str, triangle: &Triangle, reduced: &'a Reduced, svd: &'a ThinSvd) -> Weights<'a> {
    let d = triangle.d;
    let columns: Vec<Column> = (0..d).map(Column::X).chain([Column::Y]).collect();
    let (r, exponents) = triangle.scaled_columns(&columns);
    // Without pivoting, reflectors do not depend on what stands behind their column: these are the rows of R of X alone.
    let mut y = r.column(d).to_vec();
    let rest = y.pop().unwrap_or(0.0).abs();
    Weights {
        svd,
        r: &reduced.r,
        x_exponent: reduced.exponent,
        c: y,
        y_exponent: exponents[d].unwrap_or(0),
        rest,
        target: target.to_owned(),
    }
}

fn report(
    rows: &dyn Rows,
    n: usize,
    certified: &Certified,
    gram: &GramSpectrum,
    (null_space, fit, rank): (NullSpace, Option<Fit>, usize),
) -> Report {
    let d = rows.names().len();
    let known = certified.status != Status::Failed;
    let bounds = certified.enclosure.rank_bounds(n, d).unwrap_or((0, d));
    Report::of_certified(rows.names(), n, certified, gram.kappa(n, d)).with(
        // That of R by f64; the certificate of X has the last word.
        known.then(|| rank.clamp(bounds.0, bounds.1)),
        known.then_some(null_space),
        fit.filter(|_| known),
    )
}

#[cfg(test)]
mod tests;
