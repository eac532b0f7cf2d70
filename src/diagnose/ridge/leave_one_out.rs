//! Leave-one-out errors of many penalties in one pass over the rows.
//!
//! Leaving row i out of a ridge fit and predicting it errs by e_i / (1 - h_i), e_i and h_i being residual and leverage of the fit with the row
//! (Golub, Heath & Wahba 1979, Technometrics 21; Allen's PRESS): exact for every penalty, and with an unpenalised intercept. With u the row of U
//!
//! e_i = t_i + sum_k (lambda / (s_k^2 + lambda)) u_k c_k,   1 - h_i = m_i + sum_k (lambda / (s_k^2 + lambda)) u_k^2,
//!
//! t_i and m_i being what is left of y_i and of 1 without a penalty: sums without cancellation, however small lambda is.

use super::penalised::Penalised;
use crate::diagnose::lanes::Tally;
use crate::diagnose::rows::Block;
use crate::linalg::{Columns, Scalar, dot, tiled_product, vectorized};

/// Where less than this of a row is left to other rows, a fit without a penalty goes through it.
const FITS_ITSELF: f64 = 1e-10;
/// Where less than this times u sigma_1 / sigma_r is left, what is computed is rounding: the row of U has this relative error (Wedin 1972), of
/// which up to 8 was seen.
const ROUNDINGS: f64 = 64.0;

/// Rows whose part of U is formed at a time: with 100 columns both stay in the second-level cache.
const ROWS: usize = 256;

/// The errors of many penalties, added up over the rows: a sum of squares for each.
///
/// Costs n r (q + 2) multiplications for r directions of q columns, 2 n r more for each penalty.
pub(in super::super) struct LeaveOneOut<'a> {
    at: &'a Penalised,
    /// (x - mean)'G is the row of U: G = V S^-1, q x r.
    g: Columns<f64>,
    /// lambda / (s_k^2 + lambda): r x penalties.
    removed: Columns<f64>,
    /// What is left of 1 below this counts as nothing.
    fits_itself: f64,
}

/// Root mean square of the errors of `n` rows whose squares add up to `squares`, one value per penalty; nothing where a row has no prediction
/// from the others.
pub(super) fn errors(squares: &[f64], n: usize) -> Vec<Option<f64>> {
    let n = n as f64;
    squares.iter().map(|press| (press / n).sqrt()).map(|error| error.is_finite().then_some(error)).collect()
}

impl<'a> LeaveOneOut<'a> {
    pub(super) fn new(at: &'a Penalised, lambdas: &[f64]) -> Self {
        let r = at.sigma.len();
        let g = Columns::from_fn(at.columns.len(), r, |j, k| at.right[(j, k)] / at.sigma[k]);
        let removed: Vec<Vec<f64>> = lambdas.iter().map(|&lambda| at.removed(lambda)).collect();
        let kappa = at.sigma.first().zip(at.sigma.last()).map_or(1.0, |(largest, smallest)| largest / smallest);
        Self {
            at,
            g,
            removed: Columns::from_fn(r, lambdas.len(), |k, penalty| removed[penalty][k]),
            fits_itself: FITS_ITSELF.max(ROUNDINGS * f64::UNIT_ROUNDOFF * kappa),
        }
    }

    /// The penalised columns of `rows`, centred, in columns.
    #[inline(always)]
    fn centred(&self, block: &Block<'_>, rows: std::ops::Range<usize>) -> Columns<f64> {
        let mut x = block.columns(rows);
        if self.at.columns.len() < x.cols() {
            x = x.permuted(&self.at.columns);
        }
        for (j, &mean) in self.at.means.iter().enumerate() {
            x.column_mut(j).iter_mut().for_each(|x| *x -= mean);
        }
        x
    }

    /// What is left of 1 and of the rows' `y` without a penalty, and what a penalty adds to each: terms u_k^2 and u_k c_k.
    #[inline(always)]
    fn unpenalised(&self, u: Columns<f64>, y: &[f64]) -> [(Vec<f64>, Columns<f64>); 2] {
        let at = self.at;
        let for_intercept = if at.intercept.is_some() { (at.n as f64).recip() } else { 0.0 };
        let mut left = vec![1.0 - for_intercept; u.rows()];
        let mut rest = vec![0.0; u.rows()];
        rest.iter_mut().zip(y).for_each(|(rest, y)| *rest = y - at.y_mean);
        let (mut squares, mut parts) = (u.clone(), u);
        for (k, &c) in at.c.iter().enumerate() {
            for (left, square) in left.iter_mut().zip(squares.column_mut(k)) {
                *square *= *square;
                *left -= *square;
            }
            for (rest, part) in rest.iter_mut().zip(parts.column_mut(k)) {
                *part *= c;
                *rest -= *part;
            }
        }
        let determined = at.directions() >= at.n;
        for (left, rest) in left.iter_mut().zip(&mut rest) {
            if determined || *left < self.fits_itself {
                (*left, *rest) = (0.0, 0.0);
            }
        }
        [(left, squares), (rest, parts)]
    }
}

impl Tally for LeaveOneOut<'_> {
    type Sum = Vec<f64>;

    fn bytes(&self) -> usize {
        self.removed.cols() * size_of::<f64>()
    }

    fn begin(&self) -> Vec<f64> {
        vec![0.0; self.removed.cols()]
    }

    fn take(&self, press: &mut Vec<f64>, block: &Block<'_>) {
        let Some(y) = block.y else { return };
        for rows in block.pieces(ROWS) {
            vectorized(
                #[inline(always)]
                || {
                    let y = &y[rows.clone()];
                    let u = tiled_product(&self.centred(block, rows), &self.g);
                    let [(left, squares), (rest, parts)] = self.unpenalised(u, y);
                    let (mut errors, shares) =
                        (tiled_product(&parts, &self.removed), tiled_product(&squares, &self.removed));
                    for (penalty, press) in press.iter_mut().enumerate() {
                        let errors = &mut errors.column_mut(penalty)[..y.len()];
                        for (i, error) in errors.iter_mut().enumerate() {
                            *error = (rest[i] + *error) / (left[i] + shares[(i, penalty)]);
                        }
                        *press += dot(errors, errors);
                    }
                },
            );
        }
    }

    fn join(&self, press: &mut Vec<f64>, more: Vec<f64>) {
        press.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}
