//! The problem in a scale in which no product of an iteration leaves the range of f64.

use crate::linalg::{Scalar, exponent, max_abs};
use crate::matrix::Matrix;

/// X 2^a and y 2^b with largest entries in [1, 2), to which the weights w 2^(b - a) belong. All exact but for what becomes or was
/// subnormal: an iteration gives the bits that it would give on X and y, were there no limit to exponents.
pub(super) struct Scaled {
    /// X 2^a, n x d.
    pub(super) x: Matrix,
    /// y 2^b, n values.
    pub(super) y: Vec<f64>,
    /// a.
    x_shift: i32,
    /// b.
    y_shift: i32,
}

impl Scaled {
    /// Of `x` (n x d) and `y` (n values).
    pub(super) fn new(x: &Matrix, y: &[f64]) -> Self {
        let shift_of = |largest: f64| exponent(largest).map_or(0, |k| -k);
        let (x_shift, y_shift) = (shift_of(x.max_abs()), shift_of(max_abs(y)));
        let shifted = |values: &[f64], shift| values.iter().map(|value| value.times_power_of_two(shift)).collect();
        let (rows, cols) = (x.rows(), x.cols());
        Self { x: Matrix::new(rows, cols, shifted(x.as_slice(), x_shift)), y: shifted(y, y_shift), x_shift, y_shift }
    }

    /// Weights of the problem as those of the scaled one.
    pub(super) fn weights(&self, w: &[f64]) -> Vec<f64> {
        w.iter().map(|w| w.times_power_of_two(self.y_shift - self.x_shift)).collect()
    }

    /// Weights of the scaled problem as those of the problem.
    pub(super) fn unscaled(&self, w: &[f64]) -> Vec<f64> {
        w.iter().map(|w| w.times_power_of_two(self.x_shift - self.y_shift)).collect()
    }

    /// Singular values of the scaled X.
    pub(super) fn sigma(&self, sigma: &[f64]) -> Vec<f64> {
        sigma.iter().map(|sigma| sigma.times_power_of_two(self.x_shift)).collect()
    }

    /// The penalty lambda of ||w||_2^2.
    pub(super) fn squared_penalty(&self, lambda: f64) -> f64 {
        lambda.times_power_of_two(2 * self.x_shift)
    }

    /// The penalty lambda of ||w||_1.
    pub(super) fn absolute_penalty(&self, lambda: f64) -> f64 {
        lambda.times_power_of_two(self.x_shift + self.y_shift)
    }

    /// A square of targets, such as an objective, of the scaled problem as that of the problem.
    pub(super) fn unscaled_square(&self, square: f64) -> f64 {
        square.times_power_of_two(-2 * self.y_shift)
    }
}
