//! The solutions of one least-squares problem for many ridge penalties, in double-double: what the rounding errors of solvers are
//! measured against.
//!
//! X = Q R serves a penalty of 0. For the others R (R' for n < d) is reduced further, to U B V' with B upper bidiagonal: with
//! q = min(n, d) the problem min ||B z - U'Q'y||^2 + lambda ||z||^2 then takes O(q) operations a penalty and w = V z takes O(q^2), where QR
//! of R above sqrt(lambda) I takes O(q^3) (Elden 1977, "Algorithms for the regularization of ill-conditioned least squares
//! problems", BIT 17, 134-145).
//!
//! Errors. The solution for a penalty of 0 is exact for an X whose column j (row j for n < d) differs by a share c of its own norm (Higham,
//! Accuracy and Stability, 2nd ed., theorem 19.4). In double-double a proof has a c of some n d 2^-106, rounding errors that do not conspire have its
//! root in place of n d (Higham & Mary 2019, "A new approach to probabilistic rounding error analysis"); here it is 4 (n d)^(1/2) 2^-106. The reduction to
//! B mixes columns, so that its solutions are exact for an X that differs by c ||X||_F. A solver that does not mix them may do better on
//! columns of very different size. So where such a change is amplified 2^40 times, which leaves w some 18 digits, the solution comes from QR of
//! the stacked matrix ([`LeastSquares`]), and for penalties far above ||X||_F^2, beside which no row of X counts there, from two terms of a series.
//! Every solution says by how much it may be wrong ([`ErrorBounds`]).

mod errors;
mod far;
mod reduction;
mod rotations;
mod square;

use std::cell::LazyCell;

pub use errors::ErrorBounds;

use super::least_squares::{LeastSquares, Singular};
use super::pairs::Pairs;
use super::{Dd, Scalar, exponent, max_abs};
use crate::matrix::Matrix;
use errors::{FirstOrder, Sizes};
use far::Far;
use square::Square;

/// Largest amplification of the change of X that stands for rounding, for a solution by way of B.
const AMPLIFICATION: f64 = 1_099_511_627_776.0;

/// Weights in double-double, and how far they may be off.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeSolution {
    /// d weights.
    pub w: Vec<Dd>,
    /// What rounding may have made of them.
    pub errors: ErrorBounds,
}

/// For each of `penalties` (finite, not negative) the d weights that minimise ||X w - y||^2 + lambda ||w||^2, for `x` n x d, finite and
/// without a dimension of 0, and `y` of n values; with a penalty of 0 the least-squares solution for n >= d and the minimum-norm
/// solution for n < d.
///
/// # Errors
/// [`Singular`], for a penalty of 0 alone, if R has a zero on its diagonal.
pub fn ridge_path(x: &Matrix, y: &[f64], penalties: &[f64]) -> Vec<Result<RidgeSolution, Singular>> {
    let problem = Problem::new(x, y);
    let far = Far::new(&problem);
    let near: Vec<f64> = penalties.iter().copied().filter(|&lambda| !far.serves(lambda)).collect();
    let path = if near.is_empty() {
        Vec::new()
    } else {
        pulp::Arch::new().dispatch(ByReduction { problem: &problem, penalties: &near })
    };
    let mut path = path.into_iter();
    let stacked = LazyCell::new(|| LeastSquares::<Dd>::new(x));
    let solution = |&lambda: &f64| {
        if far.serves(lambda) {
            return Ok(far.solve(lambda));
        }
        match path.next() {
            Some(Reduced::Accurate(solution)) => Ok(solution),
            Some(Reduced::Singular(singular)) => Err(singular),
            Some(Reduced::Inaccurate) | None => Ok(problem.by_qr(&stacked, lambda)),
        }
    };
    penalties.iter().map(solution).collect()
}

/// The given problem, brought near 1 by exact powers of two, so that no square of a number that counts leaves the range.
struct Problem<'a> {
    /// n x d.
    x: &'a Matrix,
    /// Of 2^`shift` X, whose largest entry is about 1.
    shift: i32,
    /// 2^`y_shift` y, n values.
    y: Vec<f64>,
    y_shift: i32,
    /// ||X||_F, as it is given.
    norm: f64,
    /// c: the relative change of X that stands for all rounding.
    rounding: f64,
}

impl<'a> Problem<'a> {
    fn new(x: &'a Matrix, y: &[f64]) -> Self {
        let near_one = |largest: f64| exponent(largest).map_or(0, |k| -k);
        let y_shift = near_one(max_abs(y));
        Self {
            x,
            shift: near_one(x.max_abs()),
            y: y.iter().map(|y| y.times_power_of_two(y_shift)).collect(),
            y_shift,
            norm: x.frobenius_norm(),
            rounding: 4.0 * ((x.rows() * x.cols()) as f64).sqrt() * f64::UNIT_ROUNDOFF * f64::UNIT_ROUNDOFF,
        }
    }

    /// ||2^shift X||_F.
    fn scaled_norm(&self) -> f64 {
        self.norm.times_power_of_two(self.shift)
    }

    fn first_order(&self) -> FirstOrder {
        FirstOrder { change: self.rounding, norm: self.scaled_norm() }
    }

    /// The solution of the given problem from the d values `z`, that of the scaled one.
    fn solution(&self, z: impl Iterator<Item = Dd>, errors: ErrorBounds) -> RidgeSolution {
        self.weights(z, errors, self.shift - self.y_shift)
    }

    /// w = 2^`to_w` `z` for d values, whose `errors` are those of z and of 2^shift X z.
    fn weights(&self, z: impl Iterator<Item = Dd>, errors: ErrorBounds, to_w: i32) -> RidgeSolution {
        // A weight that is subnormal is rounded by this once more.
        let quantum = (self.x.cols() as f64).sqrt() * f64::from_bits(1);
        let errors = ErrorBounds {
            w: errors.w.times_power_of_two(to_w) + quantum,
            prediction: errors.prediction.times_power_of_two(to_w - self.shift) + self.norm * quantum,
        };
        RidgeSolution { w: z.map(|z| z.times_power_of_two(to_w)).collect(), errors }
    }

    /// By QR of X above sqrt(`lambda`) I, `lambda` above 0: `qr` is that of X.
    fn by_qr(&self, qr: &LeastSquares<Dd>, lambda: f64) -> RidgeSolution {
        let solved = qr.solve_penalized(&self.y, lambda);
        let sizes = if self.x.rows() >= self.x.cols() { Sizes::Columns } else { Sizes::All };
        let errors = self.first_order().least_squares(&solved.triangle, sizes, &solved.z, solved.residual);
        self.solution(solved.weights.into_iter(), errors)
    }
}

/// What the reduced problem says for one penalty.
#[derive(Clone, Debug, PartialEq)]
enum Reduced {
    Accurate(RidgeSolution),
    Singular(Singular),
    Inaccurate,
}

/// [`ridge_path`] as far as the reduced problem is accurate enough.
#[derive(Clone, Copy)]
struct ByReduction<'a> {
    problem: &'a Problem<'a>,
    penalties: &'a [f64],
}

impl pulp::WithSimd for ByReduction<'_> {
    type Output = Vec<Reduced>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> Self::Output {
        let Problem { x, shift, .. } = *self.problem;
        let square = Square::new(simd, x, &self.problem.y, shift);
        let positive: Vec<f64> = self.penalties.iter().copied().filter(|&lambda| lambda > 0.0).collect();
        // A column for each penalty, and one for a penalty of 0.
        let mut z = Pairs::zeros(x.cols(), positive.len() + 1);
        let sensitivities =
            if positive.is_empty() { Vec::new() } else { square.penalized(simd, &positive, shift, &mut z) };
        let unpenalized = positive.len();
        let without_penalty = if positive.len() < self.penalties.len() {
            Some(square.unpenalized(&mut z, unpenalized, self.problem.first_order()))
        } else {
            None
        };
        square.to_weights(simd, &mut z, x.cols());
        let solution =
            |column, errors| Reduced::Accurate(self.problem.solution((0..x.cols()).map(|i| z.get(i, column)), errors));
        let mut columns = sensitivities.iter().enumerate();
        let mut of_penalty = |&lambda: &f64| match (lambda > 0.0, without_penalty) {
            (false, Some(Ok(errors))) => solution(unpenalized, errors),
            (false, Some(Err(singular))) => Reduced::Singular(singular),
            (true, _) => match columns.next() {
                Some((column, sensitivity)) if sensitivity.amplification() <= AMPLIFICATION => {
                    solution(column, sensitivity.errors(self.problem.first_order()))
                }
                _ => Reduced::Inaccurate,
            },
            (false, None) => Reduced::Inaccurate,
        };
        self.penalties.iter().map(&mut of_penalty).collect()
    }
}

#[cfg(test)]
mod tests;
