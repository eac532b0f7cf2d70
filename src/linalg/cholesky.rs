//! Cholesky factorization, for the normal equations.

use super::tiles::padded_rows;
use super::vector::LANES;
use super::{Columns, Scalar, axpy, dot, subtract_combination};

/// A = L L' with L lower triangular.
#[derive(Clone, Debug)]
pub struct Cholesky<T> {
    /// Its rows padded with zeros.
    l: Columns<T>,
}

/// The factorization met a pivot that is not positive: in the arithmetic used, A is not positive definite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    /// Where, from 0. The leading `pivot` x `pivot` block is positive definite.
    pub pivot: usize,
}

impl<T: Scalar> Cholesky<T> {
    /// Factors the symmetric `a` (q x q; only its lower triangle is read), column by column, looking left (Golub & Van
    /// Loan, 4th ed., algorithm 4.2.1): every column is contiguous and takes one update by each column before it, so that
    /// no sum runs across lanes.
    ///
    /// # Errors
    /// [`NotPositiveDefinite`] at the first pivot that is 0, negative or NaN. A matrix that is singular in exact
    /// arithmetic may pass by the luck of rounding, as it does in LAPACK.
    #[inline(always)]
    pub fn new(a: &Columns<T>) -> Result<Self, NotPositiveDefinite> {
        let q = a.cols();
        debug_assert_eq!(a.rows(), q, "Cholesky of a rectangle");
        let mut l = Columns::<T>::zeros(padded_rows(q), q);
        let (mut row, mut column) = (Vec::with_capacity(q), Vec::with_capacity(l.rows()));
        for j in 0..q {
            row.clear();
            row.extend((0..j).map(|k| l[(j, k)]));
            // From a row that begins a register; what is above the diagonal is not looked at.
            let above = j % LANES;
            column.clear();
            column.extend_from_slice(&a.column(j)[j - above..]);
            column.resize(l.rows() - (j - above), T::ZERO);
            subtract_combination(&l, j - above, &row, &mut column);
            let column = &mut column[above..];
            // Written so that a NaN fails.
            if column[0] > T::ZERO {
                let root = column[0].sqrt();
                column[0] = root;
                for entry in &mut column[1..] {
                    *entry = *entry / root;
                }
                l.column_mut(j)[j..].copy_from_slice(column);
            } else {
                return Err(NotPositiveDefinite { pivot: j });
            }
        }
        Ok(Self { l })
    }

    /// L, q columns, lower triangular, its rows padded with zeros ([`padded_rows`]).
    pub fn l(&self) -> &Columns<T> {
        &self.l
    }

    /// Solves A z = `b` (q values).
    #[inline(always)]
    pub fn solve(&self, b: &[T]) -> Vec<T> {
        let mut z = b.to_vec();
        for j in 0..z.len() {
            let (diagonal, below) = self.below(j);
            let (now, rest) = z[j..].split_at_mut(1);
            now[0] = now[0] / diagonal;
            axpy(-now[0], below, rest);
        }
        for j in (0..z.len()).rev() {
            let (diagonal, below) = self.below(j);
            z[j] = (z[j] - dot(below, &z[j + 1..])) / diagonal;
        }
        z
    }

    /// The diagonal entry of column j of L and what is below it.
    #[inline(always)]
    fn below(&self, j: usize) -> (T, &[T]) {
        let column = self.l.column(j);
        (column[j], &column[j + 1..self.l.cols()])
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
