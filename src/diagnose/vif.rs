//! Variance inflation: how much larger the variance of a weight is than it would be if its column were orthogonal to the others.

use super::centring;
use super::collinearity::shares;
use super::scaled::unit_columns;
use super::triangle::{Column, Triangle};
use crate::decomposition::rank_tolerance;
use crate::engine::{Vectors, cpu};
use crate::linalg::Scalar;
use crate::matrix::Matrix;

/// What the other columns, with an intercept, say of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vif {
    /// 1 / (1 - R_j^2), R_j^2 being that of the regression of column j on the others and an intercept, centred. Infinite where they
    /// determine it; nothing for a constant column, whose centred length is 0 or rounding beside its mean.
    pub centred: Option<f64>,
    /// Mean of the column.
    pub mean: f64,
    /// Standard deviation of the column, with n - 1; NaN for n = 1.
    pub sd: f64,
}

/// d values for an X with n > d, of which `constant` says what columns are constant and
/// what they hold; these serve as the intercept and are no
/// regressors beside it.
///
/// ||x_j - mean||^2 times the diagonal of the inverse of Xc'Xc, from the singular values of the centred columns at unit length: no
/// product of columns is formed. A singular value counts as 0 up to the rounding that centring leaves in its direction.
pub(super) fn inflation(triangle: &Triangle, constant: &[Option<f64>]) -> Vec<Vif> {
    let (mut out, mut others) = (Vec::with_capacity(triangle.d), Vec::new());
    for (j, constant) in constant.iter().enumerate() {
        let r = triangle.of_columns(&[Column::One, Column::X(j)]);
        out.push(Vif { centred: None, mean: r[(0, 1)] / r[(0, 0)], sd: 0.0 });
        if constant.is_none() && !centring::is_rounding(triangle.n, r[(1, 1)].abs(), r[(0, 1)]) {
            others.push(j);
        }
    }
    let chosen: Vec<Column> = [Column::One].into_iter().chain(others.iter().map(|&j| Column::X(j))).collect();
    let r = triangle.of_columns(&chosen);
    let n = triangle.n as f64;
    let q = others.len();
    let (unit, lengths) = unit_columns(crate::linalg::Columns::from_fn(q, q, |i, k| r[(i + 1, k + 1)]));
    // The first row is the means times sqrt(n), up to the sign of the ones.
    let mean = |k: usize| r[(0, k + 1)] / r[(0, 0)];
    let subtracted: Vec<f64> = (0..q).map(|k| r[(0, k + 1)].abs().hypot(lengths[k]) / lengths[k]).collect();
    if q == 0 {
        return out;
    }
    let factors = cpu::factor(&Matrix::from_fn(q, q, |i, k| unit[(i, k)]), Vectors::Right);
    let largest = factors.sigma.first().copied().unwrap_or(0.0);
    let Some(v) = factors.v else { return out };
    let counts = |k: usize, sigma: f64| {
        sigma > rank_tolerance(triangle.n, q) * largest + centring::rounding(triangle.n, &subtracted, |j| v[(j, k)])
    };
    let sigma: Vec<f64> =
        factors.sigma.iter().enumerate().map(|(k, &sigma)| if counts(k, sigma) { sigma } else { 0.0 }).collect();
    let mut scratch = vec![0.0; q];
    for (k, &j) in others.iter().enumerate() {
        // At least 1, whatever rounding makes of it.
        let centred = Scalar::max(shares(&sigma, |i| v[(k, i)], &mut scratch), 1.0);
        out[j] = Vif { centred: Some(centred), mean: mean(k), sd: lengths[k] / (n - 1.0).sqrt() };
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::Problem;
    use crate::diagnose::facts::Facts;

    fn vif(columns: &[&[f64]]) -> Vec<Vif> {
        let x = Matrix::from_fn(columns[0].len(), columns.len(), |i, j| columns[j][i]);
        let names = (0..columns.len()).map(|j| format!("x{j}")).collect();
        let problem = Problem { names, x, target: None };
        inflation(&Triangle::of(&problem).unwrap(), &Facts::of(&problem).unwrap().constant)
    }

    const A: &[f64] = &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    const B: &[f64] = &[2.0, 1.0, 4.0, 3.0, 6.0, 5.0];

    #[test]
    fn two_columns_inflate_each_other_by_their_correlation() {
        // r = 29/35 by hand: sum of products 14.5, of squares 17.5 both.
        let expected = 1.0 / (1.0 - (29.0_f64 / 35.0).powi(2));
        for columns in [vif(&[A, B]), vif(&[A, &[1.0; 6], B])] {
            for found in [columns[0], columns[columns.len() - 1]] {
                assert!((found.centred.unwrap() / expected - 1.0).abs() < 1e-14, "{found:?}");
                assert!((found.mean - 3.5).abs() < 1e-14 && (found.sd - 3.5_f64.sqrt()).abs() < 1e-14, "{found:?}");
            }
        }
        let constant = vif(&[A, &[1.0; 6], B])[1];
        assert_eq!((constant.centred, constant.sd), (None, 0.0));
        assert!((constant.mean - 1.0).abs() < 1e-15);
    }

    #[test]
    fn what_the_others_determine_is_infinite_and_a_far_mean_is_no_dependency() {
        let sum: Vec<f64> = A.iter().zip(B).map(|(a, b)| 7.0 - a - 3.0 * b).collect();
        let alone = [1.0, -2.0, 0.5, 0.5, -1.0, 3.0];
        let found = vif(&[A, B, &alone, &sum]);
        assert_eq!([0, 1, 3].map(|j| found[j].centred), [Some(f64::INFINITY); 3]);
        assert!(found[2].centred.unwrap().is_finite());
        // Seconds of a clock: the mean is 1e9 times the spread.
        let clock: Vec<f64> = A.iter().map(|a| 1.7e9 + a).collect();
        let (near, far) = (vif(&[A, B]), vif(&[&clock, B]));
        assert!((near[0].centred.unwrap() / far[0].centred.unwrap() - 1.0).abs() < 1e-6, "{far:?}");
    }

    #[test]
    fn a_column_that_hardly_varies_spoils_no_other() {
        // 1.7e9 in steps of its last bit, 2.4e-7: beside its mean that is rounding.
        let still: Vec<f64> = A.iter().map(|a| 1.7e9 + 2.4e-7 * (a - 3.5).round()).collect();
        let slow: Vec<f64> = A.iter().map(|a| 1.7e9 + 1e-4 * a * a).collect();
        let expected = vif(&[A, B])[0].centred.unwrap();
        assert_eq!(vif(&[A, B, &still])[2].centred, None);
        assert!((vif(&[A, B, &still])[0].centred.unwrap() / expected - 1.0).abs() < 1e-12);
        let near: Vec<f64> = A.iter().zip(B).map(|(a, b)| a + 1e-4 * b).collect();
        let (with, without) = (vif(&[A, &near, &slow])[1], vif(&[A, &near])[1]);
        assert!(with.centred.unwrap().is_finite() && without.centred.unwrap().is_finite(), "{with:?}");
    }
}
