//! The report on a tall X that is read again for every pass, in memory that does not grow with its rows.
//!
//! ```text
//! pass 1            R of [1 X y]; from it singular values, V, weights and relations as good as f64 makes them
//! pass 2            the certificate of X V, X'X as f64 has it, the residuals of the weights and of the relations
//! at need           the certificate in double-double; further residuals, until no step changes the weights
//! then              constant columns; leverages; with a target leave-one-out errors, twice ([`super::Analysis`])
//! ```
//! Everything is a sum over rows whose order does not depend on the machine ([`super::lanes`]).

mod relations;
mod spectrum;
mod weights;

use super::rows::Rows;
use super::triangle::{Column, Triangle};
use super::{Analysis, Fit, NullSpace, Report, Settings};
use crate::certify::{Certified, Ladder, Status};
use crate::data::DataError;
use crate::decomposition::ThinSvd;
use crate::engine::GramSpectrum;
use relations::Relations;
use spectrum::{Reduced, Spectrum};
use weights::{Residuals, Weights};

/// Diagnoses `rows`, of which there are at least as many as columns, from the triangle of their [1 X y], on the CPU and in f64 or better.
///
/// # Errors
/// If the rows cannot be read, or are no longer those of the pass before.
pub fn diagnose_rows(rows: &dyn Rows, triangle: &Triangle, settings: &Settings) -> Result<Report, DataError> {
    let reduced = Reduced::of(triangle);
    let svd = reduced.svd();
    let mut null_space = NullSpace::of_rows(&reduced.r, reduced.n, &svd);
    let relations = Relations::of(&null_space, &reduced.column_norms(), reduced.exponent);
    let weights = rows.target().map(|target| small_problem(target, triangle, &reduced, &svd));
    let candidates = weights.as_ref().map(|weights| weights.candidates(&settings.lambdas)).unwrap_or_default();

    let ladder = Ladder::of(settings.precision, settings.rtol);
    let new = || (weights.as_ref().map(|weights| weights.residuals(&candidates)), relations.squares());
    let (Spectrum { certified, gram }, found) =
        reduced.certify(rows, (ladder, settings.rtol), new, |(residuals, squares), block| {
            if let (Some(weights), Some(residuals)) = (&weights, residuals) {
                weights.take(&candidates, residuals, block);
            }
            relations.take(squares, block);
        })?;
    let (residuals, squares): (Vec<Option<Residuals>>, Vec<_>) = found.into_iter().unzip();
    relations.judge(squares, &mut null_space);
    let fit = match &weights {
        Some(weights) => {
            let residuals = residuals.into_iter().flatten().collect();
            let candidates = weights.settle(candidates, residuals, rows)?;
            Some(weights.fit(&candidates, &settings.lambdas))
        }
        None => None,
    };
    let report = report(rows, triangle.n, &certified, &gram, (null_space, fit, svd.rank));
    let analysis = match report.rank {
        Some(_) => Analysis::of_rows(rows, triangle, &report.known(), &settings.ridge)?,
        None => None,
    };
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
    Report::of_certified(rows.names(), n, certified, gram.kappa(n, d)).with(
        known.then_some(rank),
        known.then_some(null_space),
        fit.filter(|_| known),
    )
}

#[cfg(test)]
mod tests;
