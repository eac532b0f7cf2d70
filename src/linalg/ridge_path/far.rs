//! Penalties far above ||X||^2.
//!
//! Beside sqrt(lambda) the rows of X are so small that QR of the two stacked loses their digits. There
//! (X'X + lambda I)^-1 X'y = X'y / lambda - X'X X'y / lambda^2, to a share of (||X||^2 / lambda)^2 of it.

use std::cell::OnceCell;

use super::{ErrorBounds, Problem, RidgeSolution};
use crate::linalg::{Dd, Scalar, exponent, norm};

/// Least sqrt(lambda) / ||X||_F of a penalty that is far: 2^27. What is left out is then below 2^-106, and so is an error of f64 in the second term.
const RATIO: f64 = 134_217_728.0;

/// What all far penalties of a problem share.
pub(super) struct Far<'a> {
    problem: &'a Problem<'a>,
    moments: OnceCell<Moments>,
}

/// Of X and y scaled as [`Problem`] has them, d values each.
struct Moments {
    /// X'y.
    first: Vec<Dd>,
    /// X'X X'y.
    second: Vec<f64>,
}

impl<'a> Far<'a> {
    pub(super) fn new(problem: &'a Problem<'a>) -> Self {
        Self { problem, moments: OnceCell::new() }
    }

    /// sqrt(lambda) beside 2^shift X.
    fn root(&self, lambda: f64) -> f64 {
        lambda.sqrt().times_power_of_two(self.problem.shift)
    }

    /// Whether `lambda` is far.
    pub(super) fn serves(&self, lambda: f64) -> bool {
        lambda > 0.0 && self.root(lambda) >= RATIO * self.problem.scaled_norm()
    }

    /// The solution for a `lambda` that is far.
    pub(super) fn solve(&self, lambda: f64) -> RidgeSolution {
        let Moments { first, second } = self.moments.get_or_init(|| Moments::of(self.problem));
        // lambda = m 2^k, so that neither it nor what is divided by it is near an end of the range.
        let k = exponent(lambda).unwrap_or(0);
        let m = Dd::from_f64(lambda.times_power_of_two(-k));
        let x_norm = self.problem.scaled_norm();
        // Of X = 0 it would be 0 times what may be infinite.
        let share = if x_norm > 0.0 { self.root(lambda).recip().powi(2) } else { 0.0 };
        let z: Vec<Dd> = first.iter().zip(second).map(|(&a, &b)| (a - Dd::from_f64(b * share)) / m).collect();
        let size = norm(&z.iter().map(|z| z.to_f64()).collect::<Vec<_>>());
        let w = self.problem.rounding * (x_norm * norm(&self.problem.y) / m.to_f64() + size);
        let errors = ErrorBounds { w, prediction: x_norm * w };
        self.problem.weights(z.into_iter(), errors, -(self.problem.shift + self.problem.y_shift + k))
    }
}

impl Moments {
    fn of(problem: &Problem<'_>) -> Self {
        let (n, d) = (problem.x.rows(), problem.x.cols());
        let row = |i| problem.x.row(i).iter().map(|x| x.times_power_of_two(problem.shift));
        let mut first = vec![Dd::ZERO; d];
        for (i, &y) in problem.y.iter().enumerate() {
            for (sum, x) in first.iter_mut().zip(row(i)) {
                *sum += Dd::from_f64(x) * Dd::from_f64(y);
            }
        }
        let mut second = vec![0.0; d];
        for i in 0..n {
            let fit: f64 = row(i).zip(&first).map(|(x, sum)| x * sum.to_f64()).sum();
            for (sum, x) in second.iter_mut().zip(row(i)) {
                *sum += fit * x;
            }
        }
        Self { first, second }
    }
}
