//! Least squares and ridge to the accuracy that the stored problem has.
//!
//! **What the factors alone give.** X + E = U Sigma V' with orthonormal factors and ||E|| <= c u sigma_1 for a c that
//! grows like a low power of the dimensions ([`ThinSvd::from_factors`]). So [`ThinSvd::solve`] is backward stable, and
//! Wedin's theorem (Bjorck, Numerical Methods for Least Squares Problems, 1.4.6) says what that costs, with the penalty
//! seen as d more rows sqrt(lambda) I below X and as many zeros below y:
//!
//! ||dw|| / ||w||  <=  c u kappa (1 + kappa rho),   kappa^2 = (sigma_1^2 + lambda) / (sigma_r^2 + lambda),
//! rho = (||r||^2 + lambda ||w||^2)^(1/2) / ((sigma_1^2 + lambda)^(1/2) ||w||).
//!
//! At kappa = 1e10 six digits are left if the residual r = y - X w is small, none if it is not. The rounding of V to
//! f64 is part of E, so a V from double-double changes nothing here.
//!
//! **What the problem has.** X, y and lambda as stored determine w; nothing but rounding stands in the way of all its
//! digits. [`Fit::solution`] removes it by iterative refinement of the augmented system (Bjorck 1967, "Iterative
//! refinement of linear least squares solutions I", BIT 7; Higham, Accuracy and Stability, 20.5), which refines w and r
//! together: refining w alone, with r = y - X w, would leave the kappa^2 rho term. For both shapes at once,
//!
//! alpha s + X w = y,   X's - beta w = 0,   alpha beta = lambda,   r = alpha s:
//!
//! (alpha, beta) = (1, lambda) for n >= d, where s is the residual; (lambda, 1) for n < d, where w = X's, so that a
//! penalty of 0 gives the minimum-norm solution. s and w are kept in double-double, the two residuals f and g of the
//! equations are formed in it, and the factors in f64 solve for the correction: with p = U'ds, q = V'dw
//!
//! q = (sigma U'f - alpha V'g) / (sigma^2 + lambda),   p = (beta U'f + sigma V'g) / (sigma^2 + lambda),
//!
//! and outside the two spaces alpha ds = f, -beta dw = g. Each step multiplies the error by about u kappa: 2 steps
//! beyond the first at kappa 1e9, 4 at 1e12, 7 at 1e14. A step costs 2 n d multiply-adds in double-double, about
//! 25 times those of f64.

mod augmented;
mod shrinkage;

use std::cell::OnceCell;

use augmented::Augmented;

pub use shrinkage::Shrinkage;

use super::{Split, ThinSvd};
use crate::linalg::{Dd, LeastSquares, Scalar, axpy, norm, vectorized};
use crate::matrix::Matrix;

/// Relative error of w that the factors alone may leave before a solution is refined.
const TOLERATED: f64 = 1e-12;

/// A least-squares problem with the SVD of its X: y is split once, and any number of penalties follow.
pub struct Fit<'a> {
    svd: &'a ThinSvd,
    x: &'a Matrix,
    y: &'a [f64],
    split: Split,
    /// Norm of the part of y that no weights fit.
    rest_norm: f64,
    augmented: OnceCell<Augmented<'a>>,
    exact: OnceCell<LeastSquares<Dd>>,
}

/// The solution as the factors alone give it, with what the penalty does to every direction: `rank` values each.
#[derive(Clone, Debug, Default)]
pub struct Spectral {
    /// V'w.
    pub coordinates: Vec<f64>,
    /// 1 / (sigma + lambda / sigma): what a coordinate of y becomes in w.
    pub gain: Vec<f64>,
    /// Filter factors sigma^2 / (sigma^2 + lambda): the share of a coordinate that the penalty keeps.
    pub kept: Vec<f64>,
    /// lambda / (sigma^2 + lambda), the share that it removes; 0 for a penalty of 0.
    pub removed: Vec<f64>,
    /// The removed part of U'y, which stays in the residual.
    pub misfit: Vec<f64>,
    /// ||w||.
    pub w_norm: f64,
    /// ||y - X w||.
    pub residual_norm: f64,
    /// The estimate u kappa (1 + kappa rho) of the relative error of w.
    pub lost: f64,
}

/// A solution with its residual.
#[derive(Clone, Debug)]
pub struct Solution {
    /// d weights.
    pub w: Vec<f64>,
    /// y - X w, n values; accurate where w is, not the difference of the rounded numbers.
    pub residual: Vec<f64>,
    /// How it came about.
    pub means: Means,
}

/// How a [`Solution`] came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// From the factors alone: nothing more was asked for, or there is nothing to refine towards, because singular
    /// values count as 0 and there is no penalty.
    Spectral,
    /// Refined until the next step would not change it.
    Refined {
        /// Steps, the first solution included.
        steps: u32,
    },
    /// Refinement did not converge: Householder QR wholly in double-double.
    DoubleDouble,
}

impl ThinSvd {
    /// The w that minimises ||X w - y||^2 + `lambda` ||w||^2, of minimum norm for a penalty of 0, refined where u kappa
    /// asks for it. `x` is the matrix that was decomposed, `y` has n values. See [`Fit`] for several penalties.
    pub fn solve_refined(&self, x: &Matrix, y: &[f64], lambda: f64) -> Solution {
        Fit::new(self, x, y).solution(lambda)
    }
}

impl Spectral {
    /// Whether w has the digits that a table shows: at most 1e-12 of it is estimated to be lost.
    pub fn suffices(&self) -> bool {
        self.lost <= TOLERATED
    }

    /// Fills everything that is a function of one direction: sigma and c = U'y, `rank` values each. No square of sigma is
    /// formed, which could overflow or underflow, and no share as 1 minus the other, which would cancel.
    #[inline(always)]
    fn filter(&mut self, sigma: &[f64], c: &[f64], lambda: f64) {
        for column in [&mut self.coordinates, &mut self.gain, &mut self.kept, &mut self.removed, &mut self.misfit] {
            column.resize(sigma.len(), 0.0);
        }
        let gains = self.coordinates.iter_mut().zip(&mut self.gain);
        let shares = self.kept.iter_mut().zip(&mut self.removed).zip(&mut self.misfit);
        let columns = gains.zip(shares);
        for (((coordinate, gain), ((kept, removed), misfit)), (&sigma, &c)) in columns.zip(sigma.iter().zip(c)) {
            let penalty = lambda / sigma;
            *coordinate = c / (sigma + penalty);
            *gain = 1.0 / (sigma + penalty);
            let relative_penalty = penalty / sigma;
            *kept = 1.0 / (1.0 + relative_penalty);
            *removed = if relative_penalty.is_finite() { relative_penalty * *kept } else { 1.0 };
            *misfit = *removed * c;
        }
    }
}

impl<'a> Fit<'a> {
    /// `svd` is that of `x` (n x d), `y` has n values. Costs two passes over U.
    pub fn new(svd: &'a ThinSvd, x: &'a Matrix, y: &'a [f64]) -> Self {
        let split = svd.split_left(y);
        let rest_norm = norm(&split.rest);
        Self { svd, x, y, split, rest_norm, augmented: OnceCell::new(), exact: OnceCell::new() }
    }

    /// U'y, `rank` values.
    pub fn coordinates(&self) -> &[f64] {
        &self.split.coordinates
    }

    /// The solution from the factors alone, without forming a vector of n or d values: one pass over the `rank` directions.
    pub fn spectral(&self, lambda: f64) -> Spectral {
        let mut spectral = Spectral::default();
        let sigma = &self.svd.sigma[..self.svd.rank];
        let misfit_norm;
        (spectral.w_norm, misfit_norm) = vectorized(
            #[inline(always)]
            || {
                spectral.filter(sigma, &self.split.coordinates, lambda);
                (norm(&spectral.coordinates), norm(&spectral.misfit))
            },
        );
        spectral.residual_norm = length(self.rest_norm, misfit_norm);
        spectral.lost = lost(sigma, lambda, spectral.w_norm, spectral.residual_norm);
        spectral
    }

    /// ||w|| and ||y - X w|| of [`Fit::solution`], without its vectors where the factors alone suffice.
    pub fn norms(&self, lambda: f64) -> (f64, f64) {
        let spectral = self.spectral(lambda);
        if spectral.suffices() {
            return (spectral.w_norm, spectral.residual_norm);
        }
        let Solution { w, residual, .. } = self.solution(lambda);
        (norm(&w), norm(&residual))
    }

    /// The solution, refined where [`Spectral::suffices`] says no.
    pub fn solution(&self, lambda: f64) -> Solution {
        let spectral = self.spectral(lambda);
        if spectral.suffices() { self.unrefined(&spectral) } else { self.refined(lambda) }
    }

    /// The solution with all digits that the stored problem determines, refined wherever there is something to refine towards.
    pub fn refined(&self, lambda: f64) -> Solution {
        let spectral = self.spectral(lambda);
        let determined = self.svd.rank == self.svd.sigma.len() || lambda > 0.0;
        if !determined {
            return self.unrefined(&spectral);
        }
        let augmented = self.augmented.get_or_init(|| Augmented::new(self.svd, self.x, self.y));
        augmented.refine(lambda).or_else(|| self.in_double_double(lambda)).unwrap_or_else(|| self.unrefined(&spectral))
    }

    fn unrefined(&self, spectral: &Spectral) -> Solution {
        let mut residual = self.split.rest.clone();
        for (j, &misfit) in spectral.misfit.iter().enumerate().filter(|&(_, &misfit)| misfit != 0.0) {
            axpy(misfit, self.svd.left.column(j), &mut residual);
        }
        Solution { w: self.svd.weights(&spectral.coordinates), residual, means: Means::Spectral }
    }

    /// By QR in double-double, whose own error is u^2 kappa^2 at most. Nothing if R has a zero on its diagonal.
    fn in_double_double(&self, lambda: f64) -> Option<Solution> {
        let exact = self.exact.get_or_init(|| LeastSquares::new(self.x));
        let w = exact.solve(self.y, lambda).ok()?;
        let mut residual: Vec<Dd> = self.y.iter().map(|&y| Dd::from_f64(y)).collect();
        for (j, &weight) in w.iter().enumerate() {
            for (i, residual) in residual.iter_mut().enumerate() {
                *residual -= Dd::from_f64(self.x[(i, j)]) * weight;
            }
        }
        let finite = w.iter().all(|w| w.hi.is_finite());
        finite.then(|| Solution { w: rounded(&w), residual: rounded(&residual), means: Means::DoubleDouble })
    }
}

/// u kappa (1 + kappa rho) as in the head of this file; `sigma` are those that count. 0 for X = 0 and for w = 0.
#[inline(always)]
fn lost(sigma: &[f64], lambda: f64, w_norm: f64, residual_norm: f64) -> f64 {
    let (Some(&largest), Some(&smallest)) = (sigma.first(), sigma.last()) else { return 0.0 };
    if w_norm == 0.0 {
        return 0.0;
    }
    let root = lambda.sqrt();
    let largest = length(largest, root);
    let kappa = largest / length(smallest, root);
    let rho = length(residual_norm / w_norm, root) / largest;
    f64::UNIT_ROUNDOFF * kappa * (1.0 + kappa * rho)
}

/// (a^2 + b^2)^(1/2) for a, b >= 0 to two units in the last place, where a lambda has no use for the last bit of a call
/// of `hypot`.
#[inline(always)]
fn length(a: f64, b: f64) -> f64 {
    let (short, long) = if a < b { (a, b) } else { (b, a) };
    if long > 0.0 && long.is_finite() {
        let ratio = short / long;
        return long * (1.0 + ratio * ratio).sqrt();
    }
    // 0, infinite, or NaN if either is.
    a + b
}

fn rounded(x: &[Dd]) -> Vec<f64> {
    x.iter().map(|x| x.to_f64()).collect()
}

#[cfg(test)]
mod tests;
