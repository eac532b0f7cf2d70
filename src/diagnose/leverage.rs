//! Rows that decide alone: the diagonal of the projection onto the columns of X.
//!
//! h_i is what the fitted value i moves if y_i moves by 1; all h_i add up to the rank. With h_i = 1 the fit goes through row i whatever y_i
//! is, and some weight is determined by that row alone. (Hoaglin & Welsch 1978, The American Statistician 32.)

use super::lanes::Tally;
use super::rows::Block;
use super::scaled::Scaled;
use crate::linalg::{Columns, dot, tiled_product, vectorized};

/// A row with a leverage above this should not be relied upon unseen (Huber, Robust Statistics, 1981, 7.2).
pub(super) const HIGH_LEVERAGE: f64 = 0.5;
/// Above this, a row fits itself.
pub(super) const DECISIVE: f64 = 0.999;

/// Rows whose part of U is formed at a time: with 100 columns both stay in the second-level cache.
const ROWS: usize = 256;

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

/// Finds the row of largest leverage.
pub(super) struct Leverages {
    /// X G = U: G = D V S^-1, d x rank, D being the scales of the columns.
    g: Columns<f64>,
}

impl Leverages {
    /// Of X, n x d with `n` > rank; nothing where every row fits itself (n at most the rank, X = 0) and for n < d.
    pub(super) fn new(n: usize, scaled: &Scaled) -> Option<Self> {
        let rank = scaled.rank();
        let right = scaled.right.as_ref().filter(|_| rank > 0 && n > rank)?;
        let inverse = |norm: f64| if norm > 0.0 { norm.recip() } else { 0.0 };
        let g = Columns::from_fn(right.rows(), rank, |j, k| inverse(scaled.norms[j]) * right[(j, k)] / scaled.sigma[k]);
        Some(Self { g })
    }

    /// The finding, all rows having been seen.
    pub(super) fn finish(&self, highest: &Highest) -> Leverage {
        let (d, rank) = (self.g.rows(), self.g.cols());
        // What y_i contributes to weight j is g_j'u; its standard deviation is ||g_j||.
        let pull = |j: usize| {
            let of_j: Vec<f64> = (0..rank).map(|k| self.g[(j, k)]).collect();
            let sd = crate::linalg::norm(&of_j);
            if sd > 0.0 { (dot(&of_j, &highest.u) / sd).abs() } else { 0.0 }
        };
        let pulls: Vec<f64> = (0..d).map(pull).collect();
        let column = (0..d).fold(0, |best, j| if pulls[j] > pulls[best] { j } else { best });
        Leverage { row: highest.row, largest: highest.h, high: highest.high, column }
    }
}

impl Tally for Leverages {
    type Sum = Highest;

    fn bytes(&self) -> usize {
        self.g.cols() * size_of::<f64>()
    }

    fn begin(&self) -> Highest {
        Highest::default()
    }

    fn take(&self, highest: &mut Highest, block: &Block<'_>) {
        for rows in block.pieces(ROWS) {
            let first = block.first + rows.start;
            vectorized(
                #[inline(always)]
                || {
                    let count = rows.len();
                    let u = tiled_product(&block.columns(rows), &self.g);
                    let mut h = vec![0.0; u.rows()];
                    for column in u.iter() {
                        h.iter_mut().zip(column).for_each(|(h, u)| *h += u * u);
                    }
                    h[..count].iter().enumerate().for_each(|(i, &h)| highest.see(first + i, h, i, &u));
                },
            );
        }
    }

    fn join(&self, highest: &mut Highest, more: Highest) {
        let high = highest.high + more.high;
        let later = more.u.is_empty() || (!highest.u.is_empty() && (highest.h, more.row) >= (more.h, highest.row));
        if !later {
            *highest = more;
        }
        highest.high = high;
    }
}

/// The row of largest leverage of those seen, the first of equal ones.
#[derive(Default)]
pub(super) struct Highest {
    h: f64,
    row: usize,
    /// Its row of U; empty before the first.
    u: Vec<f64>,
    high: usize,
}

impl Highest {
    /// Row `number` with leverage `h`, its row of U being row `i` of `u`.
    #[inline(always)]
    fn see(&mut self, number: usize, h: f64, i: usize, u: &Columns<f64>) {
        // Rounding may lift it above 1.
        let h = h.min(1.0);
        self.high += usize::from(h > HIGH_LEVERAGE);
        if h > self.h || self.u.is_empty() {
            (self.h, self.row) = (h, number);
            self.u = u.iter().map(|column| column[i]).collect();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::{Problem, lanes};
    use crate::matrix::Matrix;

    fn leverage(x: Matrix) -> Option<Leverage> {
        let leverages = Leverages::new(x.rows(), &Scaled::of_matrix(&x))?;
        let names = (0..x.cols()).map(|j| j.to_string()).collect();
        Some(leverages.finish(&lanes::pass(&Problem { names, x, target: None }, &leverages).unwrap()))
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
