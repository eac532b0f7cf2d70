//! Which columns move together: condition indices and variance-decomposition proportions.
//!
//! Source: Belsley, Kuh & Welsch, Regression Diagnostics, 1980, 3.2. With X D = U S V', columns of unit length, the variance of weight j
//! is proportional to sum_k phi_kj, phi_kj = v_jk^2 / s_k^2; the share of it that singular value k makes is phi_kj over that sum. A small
//! s_k (a condition index s_1 / s_k above 30) that makes more than half the variance of two weights or more is a near
//! dependency among their columns. Several such s_k may share a dependency, so that none alone makes half: their shares are
//! then added up (3.2, "competing dependencies").

use super::scaled::Scaled;
use crate::linalg::Columns;

/// A condition index above this is one of a near dependency.
pub const HIGH_INDEX: f64 = 30.0;
/// A share of a weight's variance above this says that its column takes part.
pub const HIGH_PROPORTION: f64 = 0.5;

/// A right singular vector of size below this is rounding where its singular value counts as 0.
const PARTICIPATION: f64 = 1e-8;

/// The table of Belsley, Kuh & Welsch for an X with n >= d.
#[derive(Clone, Debug, PartialEq)]
pub struct Collinearity {
    /// s_k, d values, nonincreasing; those that do not count are 0.
    pub sigma: Vec<f64>,
    /// Condition indices s_1 / s_k, d values; infinite where s_k is 0.
    pub indices: Vec<f64>,
    /// Share of the variance of weight j (column) that s_k (row) makes: d x d, every column adds up to 1. Of a column of zeros all
    /// are NaN.
    pub proportions: Columns<f64>,
    /// sum_k phi_kj, d values: the diagonal of (X'X)^-1 times ||x_j||^2, which is 1 / (1 - R^2) of the regression of column j on the
    /// others without an intercept, R^2 not centred. Infinite where column j takes part in an exact dependency.
    pub inflation: Vec<f64>,
}

impl Collinearity {
    /// Of the scaled columns; nothing for n < d and for X = 0.
    pub fn of(scaled: &Scaled) -> Option<Self> {
        let right = scaled.right.as_ref()?;
        let largest = scaled.sigma.first().copied().filter(|&largest| largest > 0.0)?;
        let d = scaled.sigma.len();
        let sigma: Vec<f64> =
            scaled.sigma.iter().map(|&sigma| if sigma > scaled.tolerance { sigma } else { 0.0 }).collect();
        let mut proportions = Columns::zeros(d, d);
        let mut inflation = Vec::with_capacity(d);
        for j in 0..d {
            let total = shares(&sigma, |k| right[(j, k)], proportions.column_mut(j));
            inflation.push(total);
            if scaled.norms[j] == 0.0 {
                proportions.column_mut(j).fill(f64::NAN);
            }
        }
        Some(Self { indices: sigma.iter().map(|sigma| largest / sigma).collect(), sigma, proportions, inflation })
    }

    /// The near dependencies: singular values with an index above 30, each with the columns of which it makes more than half the
    /// variance; worst first. Exact dependencies, of infinite index, are not among them.
    pub fn near(&self) -> Vec<Near> {
        let high = (0..self.indices.len()).filter(|&k| HIGH_INDEX < self.indices[k] && self.indices[k].is_finite());
        high.rev()
            .map(|k| {
                let takes_part = |&j: &usize| self.proportions[(k, j)] > HIGH_PROPORTION;
                Near { k, columns: (0..self.indices.len()).filter(takes_part).collect() }
            })
            .collect()
    }

    /// The sum over all indices above 30 of the shares of column `j`, exact dependencies included.
    pub fn share_of_all(&self, j: usize) -> f64 {
        (0..self.indices.len()).filter(|&k| self.indices[k] > HIGH_INDEX).map(|k| self.proportions[(k, j)]).sum()
    }
}

/// A singular value that is small beside the largest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// Which one, from 0.
    pub k: usize,
    /// The columns of which it makes more than half the variance, ascending.
    pub columns: Vec<usize>,
}

/// phi_k / sum phi into `out` for the entries `v(k)` of one row of V; returns the sum. Where singular values of 0 take part, they
/// make all of it.
pub(super) fn shares(sigma: &[f64], v: impl Fn(usize) -> f64, out: &mut [f64]) -> f64 {
    let lost = |k: usize| sigma[k] == 0.0;
    let squared_at_zero: f64 = (0..sigma.len()).filter(|&k| lost(k)).map(|k| v(k) * v(k)).sum();
    let infinite = squared_at_zero.sqrt() > PARTICIPATION;
    for (k, out) in out.iter_mut().enumerate() {
        *out = match (lost(k), infinite) {
            (true, true) => v(k) * v(k) / squared_at_zero,
            (false, false) => (v(k) / sigma[k]).powi(2),
            _ => 0.0,
        };
    }
    if infinite {
        return f64::INFINITY;
    }
    let total: f64 = out.iter().sum();
    for share in out {
        *share /= total;
    }
    total
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    fn of(columns: &[&[f64]]) -> Collinearity {
        let x = Matrix::from_fn(columns[0].len(), columns.len(), |i, j| columns[j][i]);
        Collinearity::of(&Scaled::of_matrix(&x)).unwrap()
    }

    const A: &[f64] = &[1.0, 1.0, 1.0, 1.0];
    const B: &[f64] = &[1.0, -1.0, 1.0, -1.0];
    const C: &[f64] = &[1.0, 1.0, -1.0, -1.0];

    #[test]
    fn orthogonal_columns_have_indices_of_1_and_no_inflation() {
        let table = of(&[A, B, C]);
        assert!(table.indices.iter().all(|index| (index - 1.0).abs() < 1e-14), "{table:?}");
        assert!(table.inflation.iter().all(|vif| (vif - 1.0).abs() < 1e-14), "{table:?}");
        assert!(table.near().is_empty());
    }

    #[test]
    fn two_columns_at_a_small_angle_are_named_and_the_third_is_not() {
        // cos of the angle between A and A + e B is (1 + e^2)^-1/2: both singular values are known.
        let e = 1e-3;
        let near: Vec<f64> = A.iter().zip(B).map(|(a, b)| a + e * b).collect();
        let table = of(&[A, C, &near]);
        let cosine = (1.0 + e * e).sqrt().recip();
        let index = ((1.0 + cosine) / (1.0 - cosine)).sqrt();
        assert!((table.indices[2] / index - 1.0).abs() < 1e-9, "{} {index}", table.indices[2]);
        assert_eq!(table.near(), [Near { k: 2, columns: vec![0, 2] }]);
        assert!((table.inflation[0] * (1.0 - cosine * cosine) - 1.0).abs() < 1e-9);
        assert!((table.inflation[1] - 1.0).abs() < 1e-12);
        for j in 0..3 {
            let sum: f64 = (0..3).map(|k| table.proportions[(k, j)]).sum();
            assert!((sum - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn an_exact_dependency_is_infinite_for_its_columns_and_for_no_other() {
        let twice: Vec<f64> = A.iter().map(|a| 2.0 * a).collect();
        let table = of(&[A, B, &twice]);
        assert_eq!(table.indices[2], f64::INFINITY);
        assert_eq!((table.inflation[0], table.inflation[2]), (f64::INFINITY, f64::INFINITY));
        assert!((table.inflation[1] - 1.0).abs() < 1e-12 && table.near().is_empty(), "{table:?}");
        assert_eq!((table.proportions[(2, 0)], table.proportions[(2, 1)]), (1.0, 0.0));
        assert_eq!(table.share_of_all(0), 1.0);
    }

    #[test]
    fn a_column_of_zeros_has_no_proportions() {
        let table = of(&[A, &[0.0; 4]]);
        assert!(table.proportions[(0, 1)].is_nan() && table.proportions[(0, 0)] == 1.0, "{table:?}");
    }
}
