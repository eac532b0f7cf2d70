//! Decimal digits of every weight that a solver in f64 cannot lose: bounds with all constants written out, promised and not estimated.
//!
//! **An identity.** Let X (n x d) have full column rank, w minimise ||y - X w||, r = y - X w. What a backward stable solver returns is the exact
//! minimiser for some X + E, y + f. With P = (X + E)^+ and because X'r = 0,
//!
//! dw = P (f - E w) + ((X + E)'(X + E))^-1 E'r,
//!
//! with no term left out. Let D scale the columns to unit length, s = sigma_min(X D), ||E D||_2 <= e and rho = e / s < 1. Then
//! ||(X + E) z|| >= (1 - rho) ||X z|| for all z, hence ((X + E)'(X + E))^-1 <= (1 - rho)^-2 (X'X)^-1 as matrices, and with
//! g_i = ((X'X)^-1)_ii^(1/2)
//!
//! |dw_i| <= g_i ( ||f - E w|| / (1 - rho) + ||D E'r|| / (s (1 - rho)^2) ).
//!
//! **QR** (Householder, columns in their order, as LINPACK and R's `lm` do; Higham, Accuracy and Stability, 2nd ed., 19.3 and 20.3). A
//! reflector of length m: its norm has relative error (m/2 + 2) u, its vector (m/2 + 4) u, its factor (m + 6) u, so that P differs from
//! a reflection by (4 m + 28) u; applying it adds (2 m + 7) u. So d reflectors and the triangular solve leave ||E_j|| <= h ||x_j||
//! and ||f|| <= h ||y|| with h = d (6 n + 36) u, from which ||E w|| <= h sum ||x_j|| |w_j|, ||E D|| <= h sqrt(d) and ||D E'r|| <= h sqrt(d) ||r||.
//!
//! **SVD** (LAPACK's `gelsd`, NumPy's `lstsq`). Reflectors from both sides, then two sweeps of rotations a singular value (what is observed; no proof
//! bounds their number), each 6 u
//! on at most four of the columns it meets: ||E||_2 <= h sigma_1, ||f|| <= h ||y|| with h = d (12 n + 120) u. Not per column: columns of very
//! different lengths cost digits that QR keeps. Here rho = h kappa(X).
//!
//! **Normal equations** (Cholesky; Higham 10.1). X'X is formed with |F_ij| <= n u ||x_i|| ||x_j||, factored and solved with 3 d + 1 more, X'y with
//! n u ||x_i|| ||y||: with h = (n + 3 d + 1) u, rho = h d / s^2,
//! |dw_i| <= g_i h sqrt(d) (||y|| + sum ||x_j|| |w_j|) / (s (1 - rho)).
//!
//! The sums 1 + O(n d u) that these lines leave out, the factors (1 - rho)^-2 of g and s computed from a perturbed R, and the evaluation
//! in f64 itself are together below 2 where rho <= 1/10; that factor is put in, and no digit is promised for a larger rho.

use super::fit::Fit;
use crate::linalg::{Columns, Scalar};

/// Where a perturbation may be this share of the smallest singular value or more, no digit is promised.
const LARGEST_RHO: f64 = 0.1;
/// For what the bounds leave out.
const SLACK: f64 = 2.0;
/// No f64 has more.
const ALL: f64 = 15.95;

/// Digits of every weight by three ways to solve for it; d values each, between 0 and 15.95.
#[derive(Clone, Debug, PartialEq)]
pub struct Digits {
    /// Householder QR.
    pub qr: Vec<f64>,
    /// Singular value decomposition.
    pub svd: Vec<f64>,
    /// Cholesky factorization of X'X.
    pub normal_equations: Vec<f64>,
}

/// What the bounds are made of.
#[derive(Clone, Debug)]
pub(super) struct Problem<'a> {
    /// Rows of X, of full column rank.
    pub(super) n: usize,
    /// Lengths of the columns, d values.
    pub(super) norms: &'a [f64],
    /// Singular values of X D, d values.
    pub(super) sigma: &'a [f64],
    /// Right singular vectors of X D, d x d.
    pub(super) right: &'a Columns<f64>,
    /// Upper bound of sigma_1 of X itself.
    pub(super) sigma_max: f64,
    /// Lower bound of the smallest singular value of X itself.
    pub(super) sigma_min: f64,
}

impl Problem<'_> {
    /// The digits of the weights of `fit` at penalty 0; nothing if that was not solved for.
    pub(super) fn digits(&self, fit: &Fit) -> Option<Digits> {
        let solution = fit.solutions.iter().find(|solution| solution.lambda == 0.0)?;
        let d = self.norms.len();
        let smallest = self.sigma.last().copied().filter(|&smallest| smallest > 0.0)?;
        let w = &solution.w;
        // g_i: rows of V S^-1, in the units of X.
        let g: Vec<f64> = (0..d)
            .map(|i| {
                let squares = self.sigma.iter().enumerate().map(|(k, sigma)| (self.right[(i, k)] / sigma).powi(2));
                squares.sum::<f64>().sqrt() / self.norms[i]
            })
            .collect();
        let terms: f64 = self.norms.iter().zip(w).map(|(norm, w)| norm * w.abs()).sum();
        let w_norm = crate::linalg::norm(w);
        let (n, width) = (self.n as f64, d as f64);
        let (u, root, y, r) = (f64::UNIT_ROUNDOFF, width.sqrt(), fit.y_norm, solution.residual_norm);

        let h = width * (6.0 * n + 36.0) * u;
        let qr = bound(h * root / smallest, |left| h * ((y + terms) / left + root * r / (smallest * left * left)));

        let h = width * (12.0 * n + 120.0) * u;
        let kappa = self.sigma_max / self.sigma_min;
        let svd = bound(h * kappa, |left| h * ((y + self.sigma_max * w_norm) / left + kappa * r / (left * left)));

        let h = (n + 3.0 * width + 1.0) * u;
        let normal = bound(h * width / (smallest * smallest), |left| h * root * (y + terms) / (smallest * left));

        let digits = |bound: Option<f64>| {
            let of = |(g, w): (&f64, &f64)| bound.map_or(0.0, |bound| digits(SLACK * g * bound, *w));
            g.iter().zip(w).map(of).collect()
        };
        Some(Digits { qr: digits(qr), svd: digits(svd), normal_equations: digits(normal) })
    }
}

/// `of` 1 - rho, unless rho is too large for anything to follow (NaN is).
fn bound(rho: f64, of: impl Fn(f64) -> f64) -> Option<f64> {
    (rho <= LARGEST_RHO).then(|| of(1.0 - rho))
}

/// Digits of `w` that an error of at most `error` leaves.
fn digits(error: f64, w: f64) -> f64 {
    let digits = -(error / w.abs()).log10();
    // 0 for w = 0, of which no digit can be right relatively, and for a NaN.
    if digits > 0.0 { digits.min(ALL) } else { 0.0 }
}
