//! Cholesky factorization, for the normal equations.

use super::least_squares::{solve_lower, solve_upper};
use super::{Columns, Scalar, dot};

/// A = R'R with R upper triangular.
#[derive(Clone, Debug)]
pub struct Cholesky<T> {
    r: Columns<T>,
}

/// The factorization met a pivot that is not positive: in the arithmetic used, A is not positive definite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    /// Where, from 0. The leading `pivot` x `pivot` block is positive definite.
    pub pivot: usize,
}

impl<T: Scalar> Cholesky<T> {
    /// Factors the symmetric `a` (q x q; only its upper triangle is read), column by column as LAPACK's dpotrf does for
    /// one block.
    ///
    /// # Errors
    /// [`NotPositiveDefinite`] at the first pivot that is 0, negative or NaN. A matrix that is singular in exact
    /// arithmetic may pass by the luck of rounding, as it does in LAPACK.
    pub fn new(a: &Columns<T>) -> Result<Self, NotPositiveDefinite> {
        let q = a.cols();
        debug_assert_eq!(a.rows(), q, "Cholesky of a rectangle");
        let mut r = Columns::<T>::zeros(q, q);
        for j in 0..q {
            for i in 0..j {
                let (done, now) = r.pair_mut(i, j);
                now[i] = (a[(i, j)] - dot(&done[..i], &now[..i])) / done[i];
            }
            let column = &mut r.column_mut(j)[..=j];
            let pivot = a[(j, j)] - dot(&column[..j], &column[..j]);
            // Written so that a NaN fails.
            if pivot > T::ZERO {
                column[j] = pivot.sqrt();
            } else {
                return Err(NotPositiveDefinite { pivot: j });
            }
        }
        Ok(Self { r })
    }

    /// Solves A z = `b` (q values).
    pub fn solve(&self, b: &[T]) -> Vec<T> {
        let mut z = b.to_vec();
        solve_lower(&self.r, &mut z);
        solve_upper(&self.r, &mut z);
        z
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::linalg::Dd;

    fn matrix<T: Scalar, const Q: usize>(rows: [[f64; Q]; Q]) -> Columns<T> {
        Columns::from_fn(Q, Q, |i, j| T::from_f64(rows[i][j]))
    }

    fn solves_in<T: Scalar>() {
        // Moler's matrix: R is 1 on and -1 right of the diagonal; with z = (1, 2, 3) every number is an integer.
        let a = matrix::<T, 3>([[1.0, -1.0, -1.0], [-1.0, 2.0, 0.0], [-1.0, 0.0, 3.0]]);
        let b = [-4.0, 3.0, 8.0].map(T::from_f64);
        let z: Vec<f64> = Cholesky::new(&a).unwrap().solve(&b).into_iter().map(Scalar::to_f64).collect();
        assert_eq!(z, [1.0, 2.0, 3.0]);
    }

    #[test]
    fn integers_are_solved_exactly_in_every_scalar() {
        solves_in::<f64>();
        solves_in::<f32>();
        solves_in::<Dd>();
    }

    #[test]
    fn the_first_bad_pivot_is_named() {
        let fails = |rows| Cholesky::new(&matrix::<f64, 2>(rows)).unwrap_err().pivot;
        assert_eq!(fails([[1.0, 2.0], [2.0, 4.0]]), 1, "singular");
        assert_eq!(fails([[1.0, 2.0], [2.0, 3.0]]), 1, "indefinite");
        assert_eq!(fails([[0.0, 0.0], [0.0, 1.0]]), 0, "zero");
        assert_eq!(fails([[f64::NAN, 0.0], [0.0, 1.0]]), 0, "NaN");
    }
}
