//! Least squares by Householder QR, in any scalar: the solver that table `perturbation` compares with others, and in
//! double-double the last resort of [`super::ridge_path`], which finds what it compares them to.

use super::{Columns, Pivoting, Qr, Scalar, dot, exponent, gram, norm, vectorized};
use crate::matrix::Matrix;

/// QR of the tall form of X, ready to solve for any y and any penalty.
#[derive(Clone, Debug)]
pub struct LeastSquares<T> {
    /// Of A 2^shift, with A = X if n >= d, else X'.
    qr: Qr<T>,
    /// Its R, q x q with q = min(n, d).
    r: Columns<T>,
    /// Brings the largest entry of A near 1, so that no square overflows. Exact.
    shift: i32,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Tall,
    /// With d, the length of a solution.
    Wide(usize),
}

/// A solution for a penalty, with what its accuracy depends on: a least-squares problem of full rank.
pub(super) struct Solved<T> {
    /// The d weights times 2^-shift.
    pub(super) weights: Vec<T>,
    /// The same in the coordinates of the triangle, q values.
    pub(super) z: Vec<T>,
    /// R of M above the penalty's rows, q x q.
    pub(super) triangle: Columns<T>,
    /// Norm of the residual, the penalty's rows included.
    pub(super) residual: f64,
}

/// R has a zero on its diagonal: X is exactly rank deficient and QR without pivoting finds no solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Singular {
    /// Where, from 0.
    pub index: usize,
}

impl<T: Scalar> LeastSquares<T> {
    /// Factors `x`, n x d, finite.
    pub fn new(x: &Matrix) -> Self {
        let shift = exponent(x.max_abs()).map_or(0, |k| -k);
        let mut a = Columns::<T>::tall(x);
        super::scale_by_power_of_two(a.as_mut_slice(), shift);
        // Without the machine's fused multiply-add, double-double products go through a library call each.
        let qr = vectorized(
            #[inline(always)]
            || Qr::new(a, Pivoting::None),
        );
        let shape = if x.rows() >= x.cols() { Shape::Tall } else { Shape::Wide(x.cols()) };
        Self { r: qr.r(), qr, shift, shape }
    }

    /// The d weights that minimise ||X w - y||^2 + `lambda` ||w||^2 for `y` (n values); with a penalty of 0 the
    /// least-squares solution for n >= d and the minimum-norm solution for n < d (Golub & Van Loan, 4th ed., 5.6.2).
    ///
    /// # Errors
    /// [`Singular`] if the penalty is 0 and R has a zero on its diagonal.
    pub fn solve(&self, y: &[f64], lambda: f64) -> Result<Vec<T>, Singular> {
        if lambda > 0.0 {
            let mut w = self.solve_penalized(y, lambda).weights;
            super::scale_by_power_of_two(&mut w, self.shift);
            return Ok(w);
        }
        check_diagonal(&self.r)?;
        let mut h: Vec<T> = y.iter().map(|&y| T::from_f64(y)).collect();
        Ok(vectorized(
            #[inline(always)]
            || {
                match self.shape {
                    Shape::Tall => {
                        self.qr.apply_q_transposed(&mut h);
                        h.truncate(self.r.cols());
                        solve_upper(&self.r, &mut h);
                    }
                    Shape::Wide(_) => solve_lower(&self.r, &mut h),
                }
                let mut w = self.to_weights(h);
                super::scale_by_power_of_two(&mut w, self.shift);
                w
            },
        ))
    }

    /// [`LeastSquares::solve`] for a `lambda` above 0, by QR of M above sqrt(lambda) 2^shift I, which never forms M'M: M is the triangle
    /// that X was reduced to, R or R', q x q.
    pub(super) fn solve_penalized(&self, y: &[f64], lambda: f64) -> Solved<T> {
        let q = self.r.cols();
        let root = scaled_root::<T>(lambda, self.shift);
        let mut h: Vec<T> = y.iter().map(|&y| T::from_f64(y)).collect();
        vectorized(
            #[inline(always)]
            || {
                let m = match self.shape {
                    Shape::Tall => {
                        self.qr.apply_q_transposed(&mut h);
                        self.r.clone()
                    }
                    Shape::Wide(_) => self.qr.r_transposed(),
                };
                let mut residual: Vec<f64> = h.drain(q..).map(Scalar::to_f64).collect();
                let stacked = Columns::from_fn(2 * q, q, |i, j| match i.checked_sub(q) {
                    None => m[(i, j)],
                    Some(i) if i == j => root,
                    Some(_) => T::ZERO,
                });
                let qr = Qr::new(stacked, Pivoting::None);
                h.resize(2 * q, T::ZERO);
                qr.apply_q_transposed(&mut h);
                residual.extend(h.drain(q..).map(Scalar::to_f64));
                let triangle = qr.r();
                solve_upper(&triangle, &mut h);
                Solved { weights: self.to_weights(h.clone()), z: h, triangle, residual: norm(&residual) }
            },
        )
    }

    /// From `z`, q values, to the d weights times 2^-shift: for n < d, X = R'Q', w = Q z, so that the rows of X see R' alone and z carries the whole norm.
    #[inline(always)]
    fn to_weights(&self, mut z: Vec<T>) -> Vec<T> {
        if let Shape::Wide(d) = self.shape {
            z.resize(d, T::ZERO);
            self.qr.apply_q(&mut z);
        }
        z
    }
}

/// sqrt(`lambda`) 2^`shift`, to the precision of `T` for a `lambda` near an end of the range too.
pub(super) fn scaled_root<T: Scalar>(lambda: f64, shift: i32) -> T {
    let half = exponent(lambda).unwrap_or(0).div_euclid(2);
    T::from_f64(lambda.times_power_of_two(-2 * half)).sqrt().times_power_of_two(half + shift)
}

#[inline(always)]
pub(super) fn check_diagonal<T: Scalar>(r: &Columns<T>) -> Result<(), Singular> {
    (0..r.cols()).find(|&i| r[(i, i)] == T::ZERO).map_or(Ok(()), |index| Err(Singular { index }))
}

/// b <- R^-1 b for the leading block of `r` of as many rows as `b` has, of which the upper triangle is looked at.
#[inline(always)]
pub(super) fn solve_upper<T: Scalar>(r: &Columns<T>, b: &mut [T]) {
    for j in (0..b.len()).rev() {
        let column = r.column(j);
        b[j] = b[j] / column[j];
        let z = b[j];
        super::axpy(-z, &column[..j], &mut b[..j]);
    }
}

/// b <- R'^-1 b for `r`, of which the upper triangle is looked at.
#[inline(always)]
pub(super) fn solve_lower<T: Scalar>(r: &Columns<T>, b: &mut [T]) {
    for j in 0..r.cols() {
        let column = r.column(j);
        b[j] = (b[j] - dot(&column[..j], &b[..j])) / column[j];
    }
}

/// X'X, d x d, as the normal equations form it: each entry one inner product in the arithmetic of `T`.
pub fn normal_matrix<T: Scalar>(x: &Matrix) -> Columns<T> {
    gram(&Columns::<T>::from_fn(x.rows(), x.cols(), |i, j| T::from_f64(x[(i, j)])))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::linalg::Dd;

    fn matrix(rows: &[&[f64]]) -> Matrix {
        Matrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
    }

    /// Largest relative distance of the solution from `expected`.
    fn error<T: Scalar>(x: &Matrix, y: &[f64], lambda: f64, expected: &[f64]) -> f64 {
        let w = LeastSquares::<T>::new(x).solve(y, lambda).unwrap();
        assert_eq!(w.len(), expected.len());
        let gap: Vec<f64> = w.iter().zip(expected).map(|(&w, &e)| (w - T::from_f64(e)).to_f64()).collect();
        norm(&gap) / norm(expected)
    }

    #[test]
    fn tall_and_wide_problems_with_and_without_penalty() {
        let tall = matrix(&[&[1.0, 0.0], &[1.0, 1.0], &[1.0, 2.0]]);
        let wide = matrix(&[&[1.0, 2.0, 2.0]]);
        // Line through (0, 6), (1, 0), (2, 0): 5 - 3 t. Ridge: X'X + I = [[4, 3], [3, 6]], X'y = (6, 0).
        // Wide: x y / (||x||^2 + lambda).
        for (u, worst) in [
            (f64::EPSILON, error::<f64>(&tall, &[6.0, 0.0, 0.0], 0.0, &[5.0, -3.0])),
            (f64::EPSILON, error::<f64>(&tall, &[6.0, 0.0, 0.0], 1.0, &[2.4, -1.2])),
            (f64::EPSILON, error::<f64>(&wide, &[9.0], 0.0, &[1.0, 2.0, 2.0])),
            (f64::EPSILON, error::<f64>(&wide, &[9.0], 9.0, &[0.5, 1.0, 1.0])),
            (Dd::UNIT_ROUNDOFF, error::<Dd>(&tall, &[6.0, 0.0, 0.0], 0.0, &[5.0, -3.0])),
            (Dd::UNIT_ROUNDOFF, error::<Dd>(&wide, &[9.0], 0.0, &[1.0, 2.0, 2.0])),
            (Dd::UNIT_ROUNDOFF, error::<Dd>(&wide, &[9.0], 9.0, &[0.5, 1.0, 1.0])),
        ] {
            assert!(worst < 30.0 * u, "{worst:e}");
        }
    }

    #[test]
    fn extreme_scales_are_solved_like_any_other() {
        for scale in [1e-200, 1e200] {
            let x = matrix(&[&[scale, 0.0], &[scale, scale], &[scale, 2.0 * scale]]);
            let y = [6.0 * scale, 0.0, 0.0];
            let worst = error::<f64>(&x, &y, 0.0, &[5.0, -3.0]);
            assert!(worst < 1e-14, "{scale:e}: {worst:e}");
        }
    }

    #[test]
    fn exact_singularity_is_an_error_and_a_penalty_its_remedy() {
        let x = matrix(&[&[1.0, 0.0], &[2.0, 0.0]]);
        let solver = LeastSquares::<f64>::new(&x);
        assert_eq!(solver.solve(&[1.0, 2.0], 0.0).unwrap_err(), Singular { index: 1 });
        let worst = error::<f64>(&x, &[1.0, 2.0], 5.0, &[0.5, 0.0]);
        assert!(worst < 1e-15, "{worst:e}");
    }

    #[test]
    fn the_normal_matrix_is_the_gram_matrix() {
        let gram = normal_matrix::<f64>(&matrix(&[&[1.0, 2.0], &[3.0, 4.0], &[5.0, 6.0]]));
        assert_eq!(gram.as_slice(), [35.0, 44.0, 44.0, 56.0]);
    }
}
