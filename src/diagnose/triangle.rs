//! [1 X y] = Q R: all that X and y have in common, in a triangle of their number of columns.
//!
//! Every product of two columns, and so every regression of some of them on others, can be had from R: means and centred columns
//! from its first row, least-squares solutions and residual norms for any choice of columns from the triangle of that choice.
//! The column j of R is that of [1 X y] up to a relative perturbation of the order of u (Higham, Accuracy and Stability of Numerical
//! Algorithms, 2nd ed., theorem 19.4); forming products instead would square the condition.

use super::facts::{Facts, Looks};
use super::lanes::{self, Tally};
use super::rows::{Block, Rows};
use crate::data::DataError;
use crate::linalg::{Columns, LANES, Pivoting, Qr, exponent, fold_rows, scale_by_power_of_two, vectorized};

/// Bytes of the rows that are folded at a time: they stay in the second-level cache.
const FOLD_BYTES: usize = 256 << 10;

/// R of [1 X y], or of [1 X] where there is no target.
#[derive(Clone, Debug)]
pub struct Triangle {
    /// Rows of X.
    pub n: usize,
    /// Columns of X.
    pub d: usize,
    /// What the rows looked like when they were folded in.
    pub facts: Facts,
    scaled: Scaled,
}

/// A column of [1 X y].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Ones.
    One,
    /// Column j of X, from 0.
    X(usize),
    /// The target, which there must be.
    Y,
}

/// R = S D with D diagonal: column j of [1 X y] is 2^`exponents[j]` times a column whose largest entry is 1 to 2, so that no square
/// overflows, nor underflows where it counts. A column of zeros has no exponent.
#[derive(Clone, Debug)]
struct Scaled {
    /// S, of as many rows as columns.
    r: Columns<f64>,
    exponents: Vec<Option<i32>>,
}

impl Triangle {
    /// Folds the rows in, block by block.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn of(rows: &dyn Rows) -> Result<Self, DataError> {
        let d = rows.names().len();
        let folding = Folding { size: d + 1 + usize::from(rows.target().is_some()) };
        let (scaled, extents) = lanes::pass(rows, &(folding, Looks::of(rows)))?;
        let facts = extents.facts();
        Ok(Self { n: facts.n, d, facts, scaled })
    }

    /// R of these columns of [1 X y] in this order: as many rows as columns, upper triangular.
    pub fn of_columns(&self, chosen: &[Column]) -> Columns<f64> {
        let (mut r, exponents) = self.scaled_columns(chosen);
        for (j, exponent) in exponents.into_iter().enumerate() {
            scale_by_power_of_two(r.column_mut(j), exponent.unwrap_or(0));
        }
        r
    }

    /// [`Triangle::of_columns`] as S D: S, and the exponents of D. Column j of S belongs to a column whose largest entry is between 1 and
    /// 2 in magnitude, or to one of zeros, which has no exponent.
    pub fn scaled_columns(&self, chosen: &[Column]) -> (Columns<f64>, Vec<Option<i32>>) {
        let index = |column: &Column| match column {
            Column::One => 0,
            Column::X(j) => j + 1,
            Column::Y => self.d + 1,
        };
        let order: Vec<usize> = chosen.iter().map(index).collect();
        let r = vectorized(
            #[inline(always)]
            || Qr::new(self.scaled.r.permuted(&order), Pivoting::None).r(),
        );
        (r, order.into_iter().map(|j| self.scaled.exponents[j]).collect())
    }
}

/// Folds rows of [1 X y], of `size` entries, into a triangle.
struct Folding {
    size: usize,
}

impl Tally for Folding {
    type Sum = Scaled;

    fn bytes(&self) -> usize {
        self.size * self.size * size_of::<f64>()
    }

    fn begin(&self) -> Scaled {
        Scaled::empty(self.size)
    }

    fn take(&self, triangle: &mut Scaled, block: &Block<'_>) {
        let d = block.x.cols();
        triangle.fold(block.x.rows(), |i, out| {
            out[0] = 1.0;
            out[1..=d].copy_from_slice(block.x.row(i));
            if let Some(y) = block.y {
                out[d + 1] = y[i];
            }
        });
    }

    fn join(&self, triangle: &mut Scaled, more: Scaled) {
        triangle.join(&more);
    }
}

impl Scaled {
    fn empty(size: usize) -> Self {
        Self { r: Columns::zeros(size, size), exponents: vec![None; size] }
    }

    /// Adds `rows` rows, of which `fill` writes one.
    fn fold(&mut self, rows: usize, fill: impl Fn(usize, &mut [f64])) {
        let size = self.r.cols();
        let most = (FOLD_BYTES / (size * size_of::<f64>())).clamp(LANES, 1024) / LANES * LANES;
        let at_once = most.min(rows.next_multiple_of(LANES));
        let mut row = vec![0.0; size];
        let mut block = Columns::zeros(at_once, size);
        for first in (0..rows).step_by(at_once) {
            let count = at_once.min(rows - first);
            for i in 0..at_once {
                if i < count {
                    fill(first + i, &mut row);
                } else {
                    row.fill(0.0);
                }
                for (j, &entry) in row.iter().enumerate() {
                    block[(i, j)] = entry;
                }
            }
            self.fold_block(&mut block);
        }
    }

    fn fold_block(&mut self, block: &mut Columns<f64>) {
        for j in 0..block.cols() {
            let largest = exponent(crate::linalg::max_abs(block.column(j)));
            self.raise(j, largest);
            scale_by_power_of_two(block.column_mut(j), -self.exponents[j].unwrap_or(0));
        }
        vectorized(
            #[inline(always)]
            || fold_rows(&mut self.r, block),
        );
    }

    /// Makes the exponent of column j at least `exponent`.
    fn raise(&mut self, j: usize, exponent: Option<i32>) {
        let (before, after) = (self.exponents[j], self.exponents[j].max(exponent));
        if let (Some(before), Some(after)) = (before, after) {
            scale_by_power_of_two(self.r.column_mut(j), before - after);
        }
        self.exponents[j] = after;
    }

    /// Adds the rows that are in `other`.
    fn join(&mut self, other: &Self) {
        for (j, &exponent) in other.exponents.iter().enumerate() {
            self.raise(j, exponent);
        }
        let shifts: Vec<i32> = self
            .exponents
            .iter()
            .zip(&other.exponents)
            .map(|(after, before)| before.unwrap_or(0) - after.unwrap_or(0))
            .collect();
        let size = self.r.cols();
        let mut block = Columns::zeros(size.next_multiple_of(LANES), size);
        for (j, shift) in shifts.into_iter().enumerate() {
            block.column_mut(j)[..size].copy_from_slice(other.r.column(j));
            scale_by_power_of_two(block.column_mut(j), shift);
        }
        vectorized(
            #[inline(always)]
            || fold_rows(&mut self.r, &mut block),
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::{Problem, Target};
    use crate::linalg::dot;
    use crate::matrix::Matrix;

    fn problem(n: usize) -> Problem {
        Problem {
            names: vec!["a".to_owned(), "b".to_owned()],
            x: Matrix::from_fn(n, 2, |i, j| ((i * 7 + j * 5) % 11) as f64 - 3.0),
            target: Some(Target { name: "y".to_owned(), y: (0..n).map(|i| (i % 5) as f64).collect() }),
        }
    }

    /// Rows handed out three at a time.
    struct InPieces(Problem);

    impl Rows for InPieces {
        fn names(&self) -> &[String] {
            &self.0.names
        }

        fn target(&self) -> Option<&str> {
            self.0.target()
        }

        fn each_block(&self, take: &mut dyn FnMut(Block<'_>) -> Result<(), DataError>) -> Result<(), DataError> {
            let y = &self.0.target.as_ref().unwrap().y;
            for first in (0..self.0.x.rows()).step_by(3) {
                let count = 3.min(self.0.x.rows() - first);
                let x = Matrix::from_fn(count, 2, |i, j| self.0.x[(first + i, j)]);
                take(Block { first, x: &x, y: Some(&y[first..first + count]) })?;
            }
            Ok(())
        }
    }

    #[test]
    fn the_triangle_has_the_products_of_the_columns_however_the_rows_come() {
        // With 2 rows there are fewer than columns.
        for n in [2, 4, 20] {
            let problem = problem(n);
            let y = problem.target.as_ref().unwrap().y.clone();
            let columns = [vec![1.0; n], problem.x.column(0), problem.x.column(1), y];
            for triangle in [Triangle::of(&problem).unwrap(), Triangle::of(&InPieces(problem.clone())).unwrap()] {
                assert_eq!((triangle.n, triangle.d), (n, 2));
                let r = triangle.of_columns(&[Column::Y, Column::X(1), Column::One, Column::X(0)]);
                for (i, left) in [3, 2, 0, 1].into_iter().enumerate() {
                    for (j, right) in [3, 2, 0, 1].into_iter().enumerate() {
                        let (found, expected) = (dot(r.column(i), r.column(j)), dot(&columns[left], &columns[right]));
                        assert!((found - expected).abs() <= 1e-13 * (1.0 + expected.abs()), "{found} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn columns_of_any_size_have_their_products() {
        let scales = [1e300, 1e-300];
        let mut large = problem(20);
        large.x = Matrix::from_fn(20, 2, |i, j| large.x[(i, j)] * scales[j] * if i < 9 { 1e-5 } else { 1.0 });
        let x = [large.x.column(0), large.x.column(1)];
        for triangle in [Triangle::of(&large).unwrap(), Triangle::of(&InPieces(large)).unwrap()] {
            let (r, exponents) = triangle.scaled_columns(&[Column::X(0), Column::X(1)]);
            let unit = |j: usize| x[j].iter().map(|x| x / scales[j]).collect::<Vec<f64>>();
            let back = |j: usize| f64::powi(2.0, exponents[j].unwrap() / 2).powi(2) / scales[j];
            for (i, j) in [(0, 0), (0, 1), (1, 1)] {
                let odd =
                    |j: usize| if exponents[j].unwrap() % 2 == 0 { 1.0 } else { 2f64.powi(exponents[j].unwrap() % 2) };
                let found = dot(r.column(i), r.column(j)) * back(i) * odd(i) * back(j) * odd(j);
                let expected = dot(&unit(i), &unit(j));
                assert!((found / expected - 1.0).abs() < 1e-12, "({i}, {j}): {found:e} {expected:e}");
            }
        }
    }
}
