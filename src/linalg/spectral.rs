//! Least squares by the SVD, wholly in one scalar: what a solver in that arithmetic gives, its rounding included.

use super::{Columns, Pivoting, Qr, Scalar, axpy, dot, exponent, one_sided_jacobi, scale_by_power_of_two, vectorized};
use crate::matrix::Matrix;

/// SVD of the tall form of X, ready to solve for any y and any penalty.
///
/// A P = Q R with pivoted Householder QR, A = X if n >= d, else X'; one-sided Jacobi on R' gives R' W = B with
/// orthogonal columns, so that R = W Sigma T' with T = B / Sigma and A = (Q W) Sigma (P T)'. W is accumulated from
/// rotations and T normalized, so that both are orthonormal to a few u whatever kappa is, and the solution is backward
/// stable.
#[derive(Clone, Debug)]
pub struct SpectralLeastSquares<T> {
    qr: Qr<T>,
    /// W, q x q.
    rotated: Columns<T>,
    /// T, q x q; its first `rank` columns are used.
    basis: Columns<T>,
    /// Of A 2^shift, nonincreasing.
    sigma: Vec<T>,
    /// Number of sigma above max(n, d) 2 u sigma_1: NumPy's rule in this arithmetic.
    rank: usize,
    shift: i32,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Tall,
    Wide,
}

impl<T: Scalar> SpectralLeastSquares<T> {
    /// Decomposes `x`, n x d; its entries, rounded to `T`, must be finite.
    pub fn new(x: &Matrix) -> Self {
        let shift = exponent(x.max_abs()).map_or(0, |k| -k);
        vectorized(
            #[inline(always)]
            || {
                let mut a = Columns::<T>::tall(x);
                scale_by_power_of_two(a.as_mut_slice(), shift);
                let longest = a.rows();
                let qr = Qr::new(a, Pivoting::Columns);
                let mut basis = qr.r_transposed();
                let mut rotated = Columns::identity(basis.cols());
                let sigma = one_sided_jacobi(&mut basis, Some(&mut rotated)).sigma;
                let rank = rank(&sigma, longest);
                for (j, &sigma) in sigma[..rank].iter().enumerate() {
                    for entry in basis.column_mut(j) {
                        *entry = *entry / sigma;
                    }
                }
                let shape = if x.rows() >= x.cols() { Shape::Tall } else { Shape::Wide };
                Self { qr, rotated, basis, sigma, rank, shift, shape }
            },
        )
    }

    /// The d weights that minimise ||X w - y||^2 + `lambda` ||w||^2 for `y` (n values, rounded to `T`); of minimum norm,
    /// with singular values beyond the rank as 0, for a penalty of 0.
    pub fn solve(&self, y: &[f64], lambda: f64) -> Vec<T> {
        let y: Vec<T> = y.iter().map(|&y| T::from_f64(y)).collect();
        let penalty = T::from_f64(lambda).times_power_of_two(2 * self.shift);
        let mut w = match self.shape {
            Shape::Tall => {
                let c = self.long_coordinates(y);
                self.short_vector(&self.filtered(&c, penalty))
            }
            Shape::Wide => {
                let c = self.short_coordinates(&y);
                self.long_vector(&self.filtered(&c, penalty))
            }
        };
        scale_by_power_of_two(&mut w, self.shift);
        w
    }

    /// sigma c / (sigma^2 + penalty).
    fn filtered(&self, c: &[T], penalty: T) -> Vec<T> {
        self.sigma.iter().zip(c).map(|(&sigma, &c)| c / (sigma + penalty / sigma)).collect()
    }

    /// (Q W)'h for `h` of p values.
    fn long_coordinates(&self, mut h: Vec<T>) -> Vec<T> {
        self.qr.apply_q_transposed(&mut h);
        h.truncate(self.sigma.len());
        (0..self.rank).map(|j| dot(self.rotated.column(j), &h)).collect()
    }

    /// (P T)'h for `h` of q values.
    fn short_coordinates(&self, h: &[T]) -> Vec<T> {
        let permuted: Vec<T> = self.qr.order().iter().map(|&j| h[j]).collect();
        (0..self.rank).map(|j| dot(self.basis.column(j), &permuted)).collect()
    }

    /// Q W f, p values.
    fn long_vector(&self, f: &[T]) -> Vec<T> {
        let mut h = combination(&self.rotated, f);
        h.resize(self.qr.rows(), T::ZERO);
        self.qr.apply_q(&mut h);
        h
    }

    /// P T f, q values.
    fn short_vector(&self, f: &[T]) -> Vec<T> {
        let mut h = vec![T::ZERO; self.sigma.len()];
        for (&j, value) in self.qr.order().iter().zip(combination(&self.basis, f)) {
            h[j] = value;
        }
        h
    }
}

/// The sum of f_j times column j.
fn combination<T: Scalar>(columns: &Columns<T>, f: &[T]) -> Vec<T> {
    let mut sum = vec![T::ZERO; columns.rows()];
    for (j, &f) in f.iter().enumerate() {
        axpy(f, columns.column(j), &mut sum);
    }
    sum
}

fn rank<T: Scalar>(sigma: &[T], longest: usize) -> usize {
    let largest = sigma.first().map_or(0.0, |sigma| sigma.to_f64());
    let tolerance = longest as f64 * 2.0 * T::UNIT_ROUNDOFF * largest;
    sigma.iter().filter(|sigma| sigma.to_f64() > tolerance).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Dd, norm};

    fn matrix(rows: &[&[f64]]) -> Matrix {
        Matrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
    }

    /// Distance of the solution from `expected`, relative to it, in units of u.
    fn error<T: Scalar>(x: &Matrix, y: &[f64], lambda: f64, expected: &[f64]) -> f64 {
        let w = SpectralLeastSquares::<T>::new(x).solve(y, lambda);
        assert_eq!(w.len(), expected.len());
        let gap: Vec<f64> = w.iter().zip(expected).map(|(&w, &e)| (w - T::from_f64(e)).to_f64()).collect();
        norm(&gap) / norm(expected) / T::UNIT_ROUNDOFF
    }

    fn every_shape<T: Scalar>() {
        let tall = matrix(&[&[1.0, 0.0], &[1.0, 1.0], &[1.0, 2.0]]);
        let wide = matrix(&[&[1.0, 2.0, 2.0]]);
        // Columns 1 and 3 are equal: they share the weight.
        let deficient = matrix(&[&[1.0, 0.0, 1.0], &[1.0, 1.0, 1.0], &[1.0, 2.0, 1.0]]);
        for worst in [
            error::<T>(&tall, &[6.0, 0.0, 0.0], 0.0, &[5.0, -3.0]),
            error::<T>(&tall, &[6.0, 0.0, 0.0], 1.0, &[2.4, -1.2]),
            error::<T>(&wide, &[9.0], 0.0, &[1.0, 2.0, 2.0]),
            error::<T>(&wide, &[9.0], 9.0, &[0.5, 1.0, 1.0]),
            error::<T>(&deficient, &[6.0, 0.0, 0.0], 0.0, &[2.5, -3.0, 2.5]),
        ] {
            // The decimals 2.4 and -1.2 are rounded to f64, which counts in double-double.
            let allowed = 40.0 + 2.0_f64.powi(-52) / T::UNIT_ROUNDOFF;
            assert!(worst < allowed, "{worst}");
        }
    }

    #[test]
    fn tall_wide_and_deficient_problems_in_every_scalar() {
        every_shape::<f32>();
        every_shape::<f64>();
        every_shape::<Dd>();
    }

    #[test]
    fn extreme_scales_are_solved_like_any_other() {
        for scale in [1e-200, 1e200] {
            let x = matrix(&[&[scale, 0.0], &[scale, scale], &[scale, 2.0 * scale]]);
            let worst = error::<f64>(&x, &[6.0 * scale, 0.0, 0.0], 0.0, &[5.0, -3.0]);
            assert!(worst < 40.0, "{scale:e}: {worst}");
        }
        assert_eq!(SpectralLeastSquares::<f64>::new(&Matrix::zeros(3, 2)).solve(&[1.0; 3], 0.0), [0.0, 0.0]);
    }
}
