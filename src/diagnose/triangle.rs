//! [1 X y] = Q R: all that X and y have in common, in a triangle of their number of columns.
//!
//! Every product of two columns, and so every regression of some of them on others, can be had from R: means and centred columns
//! from its first row, least-squares solutions and residual norms for any choice of columns from the triangle of that choice.
//! The column j of R is that of [1 X y] up to a relative perturbation of the order of u (Higham, Accuracy and Stability of Numerical
//! Algorithms, 2nd ed., theorem 19.4); forming products instead would square the condition.

use super::rows::{Block, Rows};
use crate::data::DataError;
use crate::linalg::{Columns, Pivoting, Qr};

/// R of [1 X y], or of [1 X] where there is no target.
#[derive(Clone, Debug)]
pub struct Triangle {
    /// Rows of X.
    pub n: usize,
    /// Columns of X.
    pub d: usize,
    r: Columns<f64>,
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

impl Triangle {
    /// Folds the rows in, block by block.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn of(rows: &dyn Rows) -> Result<Self, DataError> {
        let d = rows.names().len();
        let size = d + 1 + usize::from(rows.target().is_some());
        let mut triangle = Self { n: 0, d, r: Columns::zeros(size, size) };
        rows.each_block(&mut |block| {
            triangle.fold(block);
            Ok(())
        })?;
        Ok(triangle)
    }

    fn fold(&mut self, Block { x, y, .. }: Block<'_>) {
        let size = self.r.cols();
        let stacked = Columns::from_fn(size + x.rows(), size, |i, j| match i.checked_sub(size) {
            None => self.r[(i, j)],
            Some(_) if j == 0 => 1.0,
            Some(row) if j <= self.d => x[(row, j - 1)],
            Some(row) => y.map_or(0.0, |y| y[row]),
        });
        self.r = Qr::new(stacked, Pivoting::None).r();
        self.n += x.rows();
    }

    /// R of these columns of [1 X y] in this order: as many rows as columns, upper triangular.
    pub fn of_columns(&self, chosen: &[Column]) -> Columns<f64> {
        let index = |column: &Column| match column {
            Column::One => 0,
            Column::X(j) => j + 1,
            Column::Y => self.d + 1,
        };
        let order: Vec<usize> = chosen.iter().map(index).collect();
        Qr::new(self.r.permuted(&order), Pivoting::None).r()
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
}
