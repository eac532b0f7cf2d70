//! Rows that decide alone: the diagonal of the projection onto the columns of X.
//!
//! h_i is what the fitted value i moves if y_i moves by 1; all h_i add up to the rank. With h_i = 1 the fit goes through row i whatever y_i
//! is, and some weight is determined by that row alone. (Hoaglin & Welsch 1978, The American Statistician 32.)

use super::lanes;
use super::rows::Rows;
use super::scaled::Scaled;
use crate::data::DataError;
use crate::linalg::{Columns, dot, vectorized};

/// A row with a leverage above this should not be relied upon unseen (Huber, Robust Statistics, 1981, 7.2).
pub(super) const HIGH_LEVERAGE: f64 = 0.5;
/// Above this, a row fits itself.
pub(super) const DECISIVE: f64 = 0.999;

/// The row of largest leverage.
#[derive(Clone, Debug, PartialEq)]
pub struct Leverage {
    /// Its number, from 0.
    pub row: usize,
    /// h_i, between 0 and 1.
    pub largest: f64,
    /// How many rows have more than 0.5.
    pub high: usize,
    /// The column whose weight the row moves most, in standard deviations of that weight: the one that it decides where h_i is near 1.
    pub column: usize,
}

impl Leverage {
    /// Of all rows of X, n x d with `n` > rank; nothing where every row fits itself (n at most the rank, X = 0) and for n < d.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn of(rows: &dyn Rows, n: usize, scaled: &Scaled) -> Result<Option<Self>, DataError> {
        let rank = scaled.rank();
        let Some(right) = scaled.right.as_ref().filter(|_| rank > 0 && n > rank) else { return Ok(None) };
        // x'G is the row of U: G = D V S^-1, d x rank.
        let inverse = |norm: f64| if norm > 0.0 { norm.recip() } else { 0.0 };
        let g = Columns::from_fn(right.rows(), rank, |j, k| inverse(scaled.norms[j]) * right[(j, k)] / scaled.sigma[k]);
        let lanes = lanes::pass(rows, rank * size_of::<f64>(), Highest::default, |highest, block| {
            vectorized(
                #[inline(always)]
                || (0..block.x.rows()).for_each(|i| highest.see(block.first + i, block.x.row(i), &g)),
            );
        })?;
        let highest = lanes.into_iter().fold(Highest::default(), Highest::joined);
        // What y_i contributes to weight j is g_j'u; its standard deviation is ||g_j||.
        let pull = |j: usize| {
            let of_j: Vec<f64> = (0..rank).map(|k| g[(j, k)]).collect();
            let sd = crate::linalg::norm(&of_j);
            if sd > 0.0 { (dot(&of_j, &highest.u) / sd).abs() } else { 0.0 }
        };
        let pulls: Vec<f64> = (0..right.rows()).map(pull).collect();
        let column = (0..pulls.len()).fold(0, |best, j| if pulls[j] > pulls[best] { j } else { best });
        Ok(Some(Self { row: highest.row, largest: highest.h, high: highest.high, column }))
    }
}

/// The row of largest leverage of those seen, the first of equal ones.
#[derive(Default)]
struct Highest {
    h: f64,
    row: usize,
    /// Its row of U; empty before the first.
    u: Vec<f64>,
    high: usize,
}

impl Highest {
    #[inline(always)]
    fn see(&mut self, number: usize, row: &[f64], g: &Columns<f64>) {
        let u: Vec<f64> = g.iter().map(|g| dot(row, g)).collect();
        // Rounding may lift it above 1.
        let h = dot(&u, &u).min(1.0);
        self.high += usize::from(h > HIGH_LEVERAGE);
        if h > self.h || self.u.is_empty() {
            (self.h, self.row, self.u) = (h, number, u);
        }
    }

    fn joined(self, other: Self) -> Self {
        let high = self.high + other.high;
        let first = other.u.is_empty() || (!self.u.is_empty() && (self.h, other.row) >= (other.h, self.row));
        Self { high, ..if first { self } else { other } }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::Problem;
    use crate::matrix::Matrix;

    fn leverage(x: Matrix) -> Option<Leverage> {
        let n = x.rows();
        let scaled = Scaled::of_matrix(&x);
        let names = (0..x.cols()).map(|j| j.to_string()).collect();
        Leverage::of(&Problem { names, x, target: None }, n, &scaled).unwrap()
    }

    #[test]
    fn a_line_has_the_leverages_of_the_textbook() {
        // h_i = 1/n + (t_i - mean)^2 / sum (t - mean)^2, largest at t = 10.
        let t = [0.0, 1.0, 2.0, 3.0, 10.0];
        let found = leverage(Matrix::from_fn(5, 2, |i, j| if j == 0 { 1.0 } else { t[i] })).unwrap();
        let mean = 3.2;
        let spread: f64 = t.iter().map(|t| (t - mean) * (t - mean)).sum();
        let expected = 0.2 + (10.0 - mean) * (10.0 - mean) / spread;
        assert!((found.largest - expected).abs() < 1e-14, "{found:?}");
        assert_eq!((found.row, found.high, found.column), (4, 1, 1));
    }

    #[test]
    fn the_only_row_with_a_column_decides_its_weight() {
        let x = Matrix::from_fn(6, 2, |i, j| if j == 0 { (i % 3) as f64 + 1.0 } else { f64::from(u8::from(i == 2)) });
        let found = leverage(x).unwrap();
        assert!((found.largest - 1.0).abs() < 1e-14);
        assert_eq!((found.row, found.column, found.high), (2, 1, 1));
    }

    #[test]
    fn square_and_wide_matrices_and_zeros_say_nothing() {
        for (n, d) in [(3, 3), (2, 4)] {
            assert_eq!(leverage(Matrix::from_fn(n, d, |i, j| 1.0 / ((i + j + 1) as f64))), None);
        }
        assert_eq!(leverage(Matrix::zeros(4, 2)), None);
    }
}
