//! Leave-one-out errors of many penalties in one pass over the rows.
//!
//! Leaving row i out of a ridge fit and predicting it errs by e_i / (1 - h_i), e_i and h_i being residual and leverage of the fit with the row
//! (Golub, Heath & Wahba 1979, Technometrics 21; Allen's PRESS): exact for every penalty, and with an unpenalised intercept. With u the row of U
//!
//! e_i = t_i + sum_k (lambda / (s_k^2 + lambda)) u_k c_k,   1 - h_i = m_i + sum_k (lambda / (s_k^2 + lambda)) u_k^2,
//!
//! t_i and m_i being what is left of y_i and of 1 without a penalty: sums without cancellation, however small lambda is.

use rayon::prelude::*;

use super::penalised::Penalised;
use crate::data::DataError;
use crate::diagnose::lanes;
use crate::diagnose::rows::{Block, Rows};
use crate::linalg::{Columns, dot, vectorized};

/// Where less than this of a row is left to other rows, a fit without a penalty goes through it: what is computed is rounding.
const FITS_ITSELF: f64 = 1e-10;

/// Rows that one thread takes at a time. Their sums are added in order, so that threads do not change a bit.
const ROWS_PER_TASK: usize = 512;

/// Root mean square of the leave-one-out errors, one value per penalty; nothing where a row has no prediction from the others.
///
/// Costs n (q r + 2 r) multiplications for r directions of q columns, 2 n r more for each penalty.
///
/// # Errors
/// If the rows cannot be read.
pub(super) fn errors(rows: &dyn Rows, at: &Penalised, lambdas: &[f64]) -> Result<Vec<Option<f64>>, DataError> {
    let r = at.sigma.len();
    // (x - mean)'G is the row of U: G = V S^-1.
    let g = Columns::from_fn(at.columns.len(), r, |j, k| at.right[(j, k)] / at.sigma[k]);
    let removed: Vec<Vec<f64>> = lambdas.iter().map(|&lambda| at.removed(lambda)).collect();
    let pass = Pass { at, g, removed };
    let none = || vec![0.0; lambdas.len()];
    let lanes = lanes::pass(rows, size_of_val(lambdas), none, |press, block| {
        let starts: Vec<usize> = (0..block.x.rows()).step_by(ROWS_PER_TASK).collect();
        let parts: Vec<Vec<f64>> = starts.into_par_iter().map(|start| pass.squares(*block, start)).collect();
        for part in &parts {
            add(press, part);
        }
    })?;
    let mut press = none();
    for lane in &lanes {
        add(&mut press, lane);
    }
    let n = at.n as f64;
    Ok(press.into_iter().map(|press| (press / n).sqrt()).map(|error| error.is_finite().then_some(error)).collect())
}

fn add(sums: &mut [f64], more: &[f64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

struct Pass<'a> {
    at: &'a Penalised,
    g: Columns<f64>,
    removed: Vec<Vec<f64>>,
}

impl Pass<'_> {
    /// Sums of the squared errors of the rows from `start` on, one per penalty.
    fn squares(&self, block: Block<'_>, start: usize) -> Vec<f64> {
        vectorized(
            #[inline(always)]
            || {
                let end = block.x.rows().min(start + ROWS_PER_TASK);
                let mut press = vec![0.0; self.removed.len()];
                for i in start..end {
                    self.add(block.x.row(i), block.y.map_or(0.0, |y| y[i]), &mut press);
                }
                press
            },
        )
    }

    #[inline(always)]
    fn add(&self, row: &[f64], y: f64, press: &mut [f64]) {
        let at = self.at;
        let centred: Vec<f64> = at.columns.iter().zip(&at.means).map(|(&j, mean)| row[j] - mean).collect();
        let u: Vec<f64> = self.g.iter().map(|g| dot(&centred, g)).collect();
        let squares: Vec<f64> = u.iter().map(|u| u * u).collect();
        let parts: Vec<f64> = u.iter().zip(&at.c).map(|(u, c)| u * c).collect();
        let for_intercept = if at.intercept.is_some() { (at.n as f64).recip() } else { 0.0 };
        let mut left = 1.0 - for_intercept - crate::linalg::sum(&squares);
        let mut rest = y - at.y_mean - crate::linalg::sum(&parts);
        if at.directions() >= at.n || left < FITS_ITSELF {
            (left, rest) = (0.0, 0.0);
        }
        for (press, removed) in press.iter_mut().zip(&self.removed) {
            let error = (rest + dot(removed, &parts)) / (left + dot(removed, &squares));
            *press += error * error;
        }
    }
}
