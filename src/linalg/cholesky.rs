//! Cholesky factorization, for the normal equations.

use super::tiles::padded_rows;
use super::vector::LANES;
use super::{Columns, Scalar, axpy, dot};

/// Columns that take the updates by all those before them together: eight registers of AVX2, which do not wait for one another.
const PANEL: usize = 4;

/// A = L L' with L lower triangular.
#[derive(Clone, Debug)]
pub struct Cholesky<T> {
    /// Its rows padded; what is above the diagonal means nothing.
    l: Columns<T>,
}

/// The factorization met a pivot that is not positive: in the arithmetic used, A is not positive definite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    /// Where, from 0. The leading `pivot` x `pivot` block is positive definite.
    pub pivot: usize,
}

impl<T: Scalar> Cholesky<T> {
    /// Factors the symmetric `a` (q columns; of its rows, q and any padding, only the upper triangle counts), a panel of columns
    /// at a time, looking left (Golub & Van Loan, 4th ed., section 4.2.5). Every column takes one update by each column before
    /// it, in their order, so that no sum runs across lanes and the bits do not depend on the panels.
    ///
    /// # Errors
    /// [`NotPositiveDefinite`] at the first pivot that is 0, negative or NaN. A matrix that is singular in exact
    /// arithmetic may pass by the luck of rounding, as it does in LAPACK.
    #[inline(always)]
    pub fn new(a: &Columns<T>) -> Result<Self, NotPositiveDefinite> {
        let q = a.cols();
        debug_assert!(a.rows() >= q, "the upper triangle is not all there");
        let mut l = lower_of(a);
        let mut rows = Columns::zeros(q, PANEL);
        let whole = q - q % PANEL;
        for first in (0..whole).step_by(PANEL) {
            finish_panel::<T, PANEL>(&mut l, first, &mut rows)?;
        }
        for first in whole..q {
            finish_panel::<T, 1>(&mut l, first, &mut rows)?;
        }
        Ok(Self { l })
    }

    /// L, q columns, its rows padded ([`padded_rows`]); only what is on and below the diagonal is it.
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

/// The upper triangle of `a` as a lower one, its rows padded with zeros.
#[inline(always)]
fn lower_of<T: Scalar>(a: &Columns<T>) -> Columns<T> {
    let mut l = Columns::zeros(padded_rows(a.cols()), a.cols());
    let height = l.rows();
    for (i, row) in a.iter().enumerate() {
        for (column, &entry) in l.as_mut_slice().chunks_exact_mut(height).zip(&row[..=i]) {
            column[i] = entry;
        }
    }
    l
}

/// Turns columns `first` .. `first + N` from those of A into those of L; the columns before them are L's. In `rows` there is room for
/// as many rows of L.
#[inline(always)]
fn finish_panel<T: Scalar, const N: usize>(
    l: &mut Columns<T>,
    first: usize,
    rows: &mut Columns<T>,
) -> Result<(), NotPositiveDefinite> {
    let height = l.rows();
    let (before, panel) = l.as_mut_slice().split_at_mut(first * height);
    // Row by row: of shares that are neighbours in memory the compiler makes scalar code.
    for (k, column) in before.chunks_exact(height).enumerate() {
        for n in 0..N {
            rows[(k, n)] = column[first + n];
        }
    }
    let mut shares: [&[T]; N] = [&[]; N];
    for (n, shares) in shares.iter_mut().enumerate() {
        *shares = &rows.column(n)[..first];
    }
    subtract_products(before, &shares, panel, height, first / LANES);
    for n in 0..N {
        let j = first + n;
        let (known, column) = panel.split_at_mut(n * height);
        let column = &mut column[j..height];
        for known in known.chunks_exact(height) {
            axpy(-known[j], &known[j..], column);
        }
        // Written so that a NaN fails.
        if column[0] > T::ZERO {
            let root = column[0].sqrt();
            column[0] = root;
            for entry in &mut column[1..] {
                *entry = *entry / root;
            }
        } else {
            return Err(NotPositiveDefinite { pivot: j });
        }
    }
    Ok(())
}

/// Takes `shares[n][k]` times column k of `before` out of column n of `panel`, for one k after the other, in the rows from register
/// `from` on. Columns have `height` entries.
#[inline(always)]
fn subtract_products<T: Scalar, const N: usize>(
    before: &[T],
    shares: &[&[T]; N],
    panel: &mut [T],
    height: usize,
    from: usize,
) {
    let groups = height / LANES;
    let (before, panel) = (before.as_chunks::<LANES>().0, panel.as_chunks_mut::<LANES>().0);
    for group in from..groups {
        let mut tile = [[T::ZERO; LANES]; N];
        for n in 0..N {
            tile[n] = panel[n * groups + group];
        }
        for k in 0..shares[0].len() {
            let column = &before[k * groups + group];
            for n in 0..N {
                for (entry, x) in tile[n].iter_mut().zip(column) {
                    *entry -= shares[n][k] * *x;
                }
            }
        }
        for n in 0..N {
            panel[n * groups + group] = tile[n];
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::linalg::{Dd, vectorized};

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

    /// L by its definition, an entry at a time.
    fn entry_by_entry<T: Scalar>(a: &Columns<T>) -> Columns<T> {
        let q = a.cols();
        let mut l = Columns::zeros(q, q);
        for j in 0..q {
            for i in j..q {
                let rest = (0..j).fold(a[(j, i)], |rest, k| rest - l[(j, k)] * l[(i, k)]);
                l[(i, j)] = if i == j { rest.sqrt() } else { rest / l[(j, j)] };
            }
        }
        l
    }

    fn has_the_bits_of_one_entry_at_a_time<T: Scalar>() {
        for q in [1, 3, 4, 5, 8, 13, 21, 32] {
            // Diagonally dominant, with entries that round; below the diagonal there is what must not be read.
            let entry = |i: usize, j: usize| T::from_f64(1.0 / (1 + (i * 7 + j * 13) % 29) as f64 - 0.2);
            let a = Columns::from_fn(padded_rows(q), q, |i, j| match i.cmp(&j) {
                std::cmp::Ordering::Less => entry(i, j),
                std::cmp::Ordering::Equal => entry(i, j) + T::from_f64(q as f64),
                std::cmp::Ordering::Greater => T::from_f64(f64::NAN),
            });
            let expected = entry_by_entry(&a);
            let plain = Cholesky::new(&a).unwrap();
            let vector = vectorized(
                #[inline(always)]
                || Cholesky::new(&a).unwrap(),
            );
            for (j, column) in expected.iter().enumerate() {
                assert_eq!(plain.l().column(j)[j..q], column[j..], "q={q}, column {j}");
                assert_eq!(vector.l().column(j)[j..q], column[j..], "q={q}, column {j}");
            }
        }
    }

    #[test]
    fn neither_panels_nor_instructions_change_a_bit() {
        has_the_bits_of_one_entry_at_a_time::<f64>();
        has_the_bits_of_one_entry_at_a_time::<f32>();
        has_the_bits_of_one_entry_at_a_time::<Dd>();
    }

    #[test]
    fn the_first_bad_pivot_is_named() {
        let fails = |rows| Cholesky::new(&matrix::<f64, 2>(rows)).unwrap_err().pivot;
        assert_eq!(fails([[1.0, 2.0], [2.0, 4.0]]), 1, "singular");
        assert_eq!(fails([[1.0, 2.0], [2.0, 3.0]]), 1, "indefinite");
        assert_eq!(fails([[0.0, 0.0], [0.0, 1.0]]), 0, "zero");
        assert_eq!(fails([[f64::NAN, 0.0], [0.0, 1.0]]), 0, "NaN");
        let mut a = Columns::<f64>::identity(11);
        a[(6, 6)] = -1.0;
        assert_eq!(Cholesky::new(&a).unwrap_err().pivot, 6, "in a later panel");
    }
}
