//! What is left of rounding when columns are centred: a column whose mean is m times its spread keeps a share of m u.

use crate::linalg::norm;

/// An upper estimate of the rounding in the length of X v, X being q columns of n values that were centred from R of [1 X]: relative to what
/// was `subtracted` from each, sqrt(n) times its mean, all of it in the direction `v`.
pub(super) fn rounding(n: usize, subtracted: &[f64], v: impl Fn(usize) -> f64) -> f64 {
    let lost: Vec<f64> = subtracted.iter().enumerate().map(|(j, subtracted)| subtracted * v(j)).collect();
    unit(n, subtracted.len()) * norm(&lost)
}

/// Whether a column that varies by `length` around what was `subtracted` varies by rounding alone.
pub(super) fn is_rounding(n: usize, length: f64, subtracted: f64) -> bool {
    length <= unit(n, 1) * subtracted.abs()
}

/// Rounding of one column relative to its length.
fn unit(n: usize, q: usize) -> f64 {
    f64::EPSILON * (q as f64 + (n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_has_the_rounding_of_the_columns_that_take_part_in_it() {
        let subtracted = [1e9, 0.0];
        assert_eq!(rounding(100, &subtracted, |j| [0.0, 1.0][j]), 0.0);
        let found = rounding(100, &subtracted, |j| [0.5, 0.5][j]);
        assert!((found / (12.0 * f64::EPSILON * 5e8) - 1.0).abs() < 1e-12, "{found:e}");
        assert!(is_rounding(100, 1e-7, 1e9) && !is_rounding(100, 1e-5, 1e9));
    }
}
