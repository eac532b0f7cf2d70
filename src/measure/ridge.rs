//! Table `ridge`: what a penalty buys and what it costs, for every lambda from one SVD.
//!
//! With c = U'y, b = V'w* (w* the true weights) and the filter factors phi_i = sigma_i^2 / (sigma_i^2 + lambda), every
//! column is a sum over min(n, d) numbers (Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 3.4.1;
//! Hansen, Rank-Deficient and Discrete Ill-Posed Problems, 4.2). Singular values below the rank rule count as 0; a
//! penalty of 0 is the minimum-norm least-squares solution. Where the sums have lost digits of the solution itself, its
//! norm and errors are those of a refined one ([`crate::decomposition::Fit`]); what is a function of the spectrum stays one.

use super::table::table;
use super::{Observation, claimed};
use crate::decomposition::{Shrinkage, Solution};
use crate::linalg::norm;

table! {
    "ridge", "trial x lambda";
    /// One ridge solution: the w that minimises ||X w - y||^2 + lambda ||w||^2.
    pub struct RidgeRow {
        /// Ridge penalty added to the diagonal of X'X.
        key "x^2" lambda: f64,
        /// Condition number of X'X + lambda I: (sigma_max^2 + lambda) / (sigma_d^2 + lambda), sigma_d = 0 where
        /// d > rank; empty where sigma_min counts towards the rank but is unresolved.
        result "1" kappa_ridge: Option<f64>,
        /// Effective degrees of freedom, the sum of sigma^2 / (sigma^2 + lambda).
        result "1" effective_df: f64,
        /// Norm of the ridge solution.
        result "y/x" w_norm: f64,
        /// Norm of the part of the true weights that lies in the null space of X, which no penalty recovers; empty where
        /// the true weights are unknown.
        result "y/x" w_null_norm: Option<f64>,
        /// Training error ||X w - y||^2 / n.
        result "y^2" train_mse: f64,
        /// Expected squared error at a new x with uncorrelated entries of mean 0 and variance 1: ||w - true w||^2 +
        /// noise^2, plus the sum of the squared weights of hidden features (target.features); empty where the true weights
        /// are unknown.
        result "y^2" test_mse: Option<f64>,
        /// Squared bias given X: ||E w - true w||^2, the expectation over the noise in y, to which hidden features belong: they
        /// are independent of X.
        result "y^2" bias2: Option<f64>,
        /// Variance given X: E ||w - E w||^2 over the noise in y and over hidden features, whose weights stay.
        result "y^2" variance: Option<f64>,
        /// Filter factor sigma^2 / (sigma^2 + lambda) of the smallest singular value that is not 0: how much of the most
        /// fragile direction is kept; empty for X = 0.
        result "1" shrink_min: Option<f64>,
    }
}

/// One row per lambda of the cell, ascending.
pub fn rows(seen: &Observation<'_>) -> Vec<RidgeRow> {
    let n = seen.problem.x.rows() as f64;
    let truth = Truth::of(seen);
    let fit = seen.fit();
    let unknown = vec![0.0; if truth.is_none() { fit.coordinates().len() } else { 0 }];
    let b = truth.as_ref().map_or(unknown.as_slice(), |truth| &truth.b);
    let shrinkages = fit.shrinkages(&seen.cell.lambda, b);
    let penalties = seen.cell.lambda.iter().zip(&shrinkages);
    penalties
        .map(|(&lambda, shrinkage)| {
            let solved = Solved::of(seen, lambda, shrinkage, truth.as_ref());
            RidgeRow {
                lambda,
                kappa_ridge: kappa_ridge(seen, lambda),
                effective_df: shrinkage.kept,
                w_norm: solved.w_norm,
                w_null_norm: truth.as_ref().map(|truth| truth.null_norm),
                train_mse: solved.residual_norm.powi(2) / n,
                test_mse: solved.test_mse,
                bias2: truth.as_ref().map(|truth| shrinkage.removed_squared + truth.null_norm.powi(2)),
                variance: truth.as_ref().map(|truth| truth.variance(shrinkage)),
                shrink_min: shrinkage.last_kept,
            }
        })
        .collect()
}

/// What a row says of one solution.
struct Solved {
    w_norm: f64,
    residual_norm: f64,
    test_mse: Option<f64>,
}

impl Solved {
    fn of(seen: &Observation<'_>, lambda: f64, shrinkage: &Shrinkage, truth: Option<&Truth<'_>>) -> Self {
        if shrinkage.suffices() {
            let errors = |truth: &Truth<'_>| shrinkage.distance_squared + truth.null_norm.powi(2);
            let test_mse = truth.map(|truth| errors(truth) + truth.noise.powi(2));
            return Self { w_norm: shrinkage.w_norm, residual_norm: shrinkage.residual_norm, test_mse };
        }
        let Solution { w, residual, .. } = seen.fit().solution(lambda);
        let test_mse = truth.map(|truth| truth.test_mse(&w));
        Self { w_norm: norm(&w), residual_norm: norm(&residual), test_mse }
    }
}

/// What is known where the target is a model.
struct Truth<'a> {
    /// w*, the true weights.
    w: &'a [f64],
    /// V'w*: the true weights in the basis of the row space, `rank` values.
    b: Vec<f64>,
    /// Norm of their part in the null space.
    null_norm: f64,
    /// Standard deviation of what is in y beside X w.
    noise: f64,
}

impl<'a> Truth<'a> {
    fn of(seen: &Observation<'a>) -> Option<Self> {
        let (w, noise) = seen.problem.w.as_deref().zip(seen.problem.noise)?;
        let split = seen.svd.split_right(w);
        Some(Self { w, b: split.coordinates, null_norm: norm(&split.rest), noise })
    }

    fn test_mse(&self, w: &[f64]) -> f64 {
        w.iter().zip(self.w).map(|(w, truth)| (w - truth).powi(2)).sum::<f64>() + self.noise.powi(2)
    }

    fn variance(&self, shrinkage: &Shrinkage) -> f64 {
        // The gain of a subnormal sigma is infinite, and without noise still adds nothing.
        if self.noise == 0.0 { 0.0 } else { (self.noise * shrinkage.gain).powi(2) }
    }
}

/// See the column; missing also for X = 0 with a penalty of 0, where X'X + lambda I is 0.
fn kappa_ridge(seen: &Observation<'_>, lambda: f64) -> Option<f64> {
    let svd = seen.svd;
    let largest = *svd.sigma.first()?;
    if largest == 0.0 {
        return (lambda > 0.0).then_some(1.0);
    }
    let smallest =
        if svd.nullity() > 0 { 0.0 } else { claimed(*svd.sigma.last()?, *seen.certified.enclosure.lo.last()?)? };
    let penalty = lambda / largest / largest;
    let condition = (1.0 + penalty) / ((smallest / largest).powi(2) + penalty);
    // A penalty that dwarfs sigma_max^2 beyond the range of f64 leaves a multiple of the identity.
    Some(if penalty.is_infinite() { 1.0 } else { condition })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::testing::{Case, close, recorded};

    #[test]
    fn one_feature_in_closed_form() {
        // X = (2, 0)', y = (4, 3)': w = 8 / (4 + lambda), residual (4 - 2w, 3).
        let mut case = Case::new(&[&[2.0], &[0.0]], &[4.0, 3.0]).with_truth(&[1.0], 0.5);
        case.cell.lambda = vec![0.0, 4.0];
        let rows = rows(&case.observation());
        assert_eq!(rows.len(), 2);
        close(rows[0].w_norm, 2.0, 1e-15);
        close(rows[0].train_mse, 4.5, 1e-15);
        close(rows[0].test_mse.unwrap(), 1.25, 1e-15);
        assert_eq!(rows[0].bias2, Some(0.0));
        close(rows[0].variance.unwrap(), 0.0625, 1e-15);
        close(rows[1].w_norm, 1.0, 1e-15);
        close(rows[1].train_mse, 6.5, 1e-15);
        close(rows[1].effective_df, 0.5, 1e-15);
        close(rows[1].bias2.unwrap(), 0.25, 1e-15);
        close(rows[1].variance.unwrap(), 0.015_625, 1e-15);
        assert_eq!(rows[1].kappa_ridge, Some(1.0));
    }

    #[test]
    fn every_column_agrees_with_numpy() {
        for name in ["tall", "wide", "duplicate"] {
            let (case, recorded) = recorded(name);
            let rows = rows(&case.observation());
            let expected = recorded["ridge"].as_array().unwrap();
            assert_eq!(rows.len(), expected.len());
            for (row, expected) in rows.iter().zip(expected) {
                let number = |column: &str| expected[column].as_f64().unwrap();
                close(row.lambda, number("lambda"), 0.0);
                close(row.effective_df, number("effective_df"), 1e-12);
                close(row.w_norm, number("w_norm"), 1e-12);
                close(row.train_mse + 1.0, number("train_mse") + 1.0, 1e-13);
                close(row.test_mse.unwrap(), number("test_mse"), 1e-12);
                close(row.bias2.unwrap() + 1.0, number("bias2") + 1.0, 1e-12);
                close(row.variance.unwrap(), number("variance"), 1e-12);
                match expected["kappa_ridge"].as_f64() {
                    Some(kappa) => close(row.kappa_ridge.unwrap(), kappa, 1e-11),
                    None => assert_eq!(row.kappa_ridge, Some(f64::INFINITY), "JSON has no inf"),
                }
            }
        }
    }

    #[test]
    fn measured_targets_leave_what_needs_the_truth_empty() {
        let mut case = Case::new(&[&[2.0], &[0.0]], &[4.0, 3.0]);
        case.cell.lambda = vec![1.0];
        let row = &rows(&case.observation())[0];
        assert_eq!((row.test_mse, row.bias2, row.variance, row.w_null_norm), (None, None, None, None));
    }

    #[test]
    fn extreme_scales_neither_overflow_nor_vanish() {
        for scale in [1e-200, 1e200] {
            let mut case = Case::new(&[&[3.0 * scale, 0.0], &[0.0, 4.0 * scale]], &[3.0 * scale, 4.0 * scale]);
            case.cell.lambda = vec![0.0];
            let row = &rows(&case.observation())[0];
            close(row.w_norm, 2f64.sqrt(), 1e-14);
            close(row.kappa_ridge.unwrap(), 16.0 / 9.0, 1e-14);
            close(row.shrink_min.unwrap(), 1.0, 0.0);
        }
    }

    #[test]
    fn without_noise_there_is_no_variance_however_small_x_is() {
        let mut case = Case::new(&[&[3e-310, 0.0], &[0.0, 4e-310]], &[3e-310, 4e-310]).with_truth(&[1.0, 1.0], 0.0);
        case.cell.lambda = vec![0.0, 1.0];
        assert!(rows(&case.observation()).iter().all(|row| row.variance == Some(0.0)));
    }

    #[test]
    fn a_penalty_has_no_use_for_x_of_zeros() {
        let mut case = Case::new(&[&[0.0, 0.0], &[0.0, 0.0]], &[1.0, 1.0]).with_truth(&[3.0, 4.0], 0.0);
        case.cell.lambda = vec![0.0, 1.0];
        let rows = rows(&case.observation());
        assert_eq!((rows[0].kappa_ridge, rows[1].kappa_ridge), (None, Some(1.0)));
        assert_eq!((rows[0].w_norm, rows[0].shrink_min), (0.0, None));
        close(rows[0].bias2.unwrap(), 25.0, 1e-15);
    }
}
