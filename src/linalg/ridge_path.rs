//! The solutions of one least-squares problem for many ridge penalties, in double-double: what the rounding errors of solvers are
//! measured against.
//!
//! X = Q R serves a penalty of 0. For the others R (R' for n < d) is reduced further, to U B V' with B upper bidiagonal: with
//! q = min(n, d) the problem min ||B z - U'Q'y||^2 + lambda ||z||^2 then takes O(q) operations a penalty and w = V z takes O(q^2), where QR
//! of R above sqrt(lambda) I takes O(q^3) (Elden 1977, "Algorithms for the regularization of ill-conditioned least squares
//! problems", BIT 17, 134-145).
//!
//! Errors, u^2 being 2^-106 and c about n d. The solution for a penalty of 0 is exact for an X whose column j (row j for n < d) differs by
//! c u^2 times its own norm (Higham, Accuracy and Stability, 2nd ed., theorem 19.4). The reduction to B mixes columns, so that its
//! solutions are exact for an X that differs by c u^2 ||X||_F. With T the triangle that rotations make of [B; sqrt(lambda) I], and r its
//! residual, this moves w by c u^2 kappa (1 + kappa rho) of its norm, kappa = (||X||_F + sqrt(lambda)) ||T^-1|| and
//! kappa rho = ||T^-1|| ||r|| / ||w||. A solver that does not mix columns either may do better than that on columns of very different
//! size. So where kappa (1 + kappa rho) is beyond 2^40, where w would have less than some 18 digits, the solution comes from QR of
//! the stacked matrix ([`LeastSquares`]).

mod reduction;
mod rotations;

use std::cell::LazyCell;

use super::least_squares::{LeastSquares, Singular, check_diagonal, solve_lower, solve_upper};
use super::pairs::Pairs;
use super::vector::LANES;
use super::{Columns, Dd, Scalar, exponent};
use crate::matrix::Matrix;
use reduction::{Bidiagonal, Reflectors, Triangle};

/// Largest kappa (1 + kappa rho) of a solution by way of B.
const AMPLIFICATION: f64 = 1_099_511_627_776.0;

/// For each of `penalties` (finite, not negative) the d weights that minimise ||X w - y||^2 + lambda ||w||^2, for `x` n x d, finite and
/// without a dimension of 0, and `y` of n values; with a penalty of 0 the least-squares solution for n >= d and the minimum-norm
/// solution for n < d.
///
/// # Errors
/// [`Singular`], for a penalty of 0 alone, if R has a zero on its diagonal.
pub fn ridge_path(x: &Matrix, y: &[f64], penalties: &[f64]) -> Vec<Result<Vec<Dd>, Singular>> {
    let path = pulp::Arch::new().dispatch(ByReduction { x, y, penalties });
    let stacked = LazyCell::new(|| LeastSquares::<Dd>::new(x));
    path.into_iter()
        .zip(penalties)
        .map(|(solution, &lambda)| match solution {
            Reduced::Accurate(w) => Ok(w),
            Reduced::Singular(singular) => Err(singular),
            Reduced::Inaccurate => stacked.solve(y, lambda),
        })
        .collect()
}

/// What the reduced problem says for one penalty.
#[derive(Clone, Debug, PartialEq)]
enum Reduced {
    Accurate(Vec<Dd>),
    Singular(Singular),
    Inaccurate,
}

/// [`ridge_path`] as far as the reduced problem is accurate enough.
#[derive(Clone, Copy)]
struct ByReduction<'a> {
    x: &'a Matrix,
    y: &'a [f64],
    penalties: &'a [f64],
}

impl pulp::WithSimd for ByReduction<'_> {
    type Output = Vec<Reduced>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> Self::Output {
        let shift = exponent(self.x.max_abs()).map_or(0, |k| -k);
        let square = Square::new(simd, self.x, self.y, shift);
        let positive: Vec<f64> = self.penalties.iter().copied().filter(|&lambda| lambda > 0.0).collect();
        // A column for each penalty, and one for a penalty of 0.
        let mut z = Pairs::zeros(self.x.cols(), positive.len() + 1);
        let amplification =
            if positive.is_empty() { Vec::new() } else { square.penalized(simd, &positive, shift, &mut z) };
        let unpenalized = positive.len();
        let singular =
            if positive.len() < self.penalties.len() { square.unpenalized(&mut z, unpenalized).err() } else { None };
        if let Some(rows) = &square.wide {
            rows.apply(simd, &mut z, self.x.cols());
        }
        let solution = |column| {
            Reduced::Accurate((0..self.x.cols()).map(|i| z.get(i, column).times_power_of_two(shift)).collect())
        };
        let mut columns = amplification.iter().enumerate();
        let mut of_penalty = |&lambda: &f64| {
            if lambda == 0.0 {
                return singular.map_or_else(|| solution(unpenalized), Reduced::Singular);
            }
            match columns.next() {
                Some((column, &amplification)) if amplification <= AMPLIFICATION => solution(column),
                _ => Reduced::Inaccurate,
            }
        };
        self.penalties.iter().map(&mut of_penalty).collect()
    }
}

/// A square problem with the solutions of the given one: min ||M z - h||^2 + lambda ||z||^2, M q x q.
struct Square {
    /// R upper triangular, M itself for n >= d and M' for n < d.
    r: Pairs,
    /// A row of q values, and of n - q more that M has no part in.
    h: Pairs,
    order: usize,
    /// Norm of those.
    rest: f64,
    /// For n < d: X = R'Q', and w is Q applied to (z, 0).
    wide: Option<Reflectors>,
}

impl Square {
    /// For 2^`shift` X.
    #[inline(always)]
    fn new<S: pulp::Simd>(simd: S, x: &Matrix, y: &[f64], shift: i32) -> Self {
        let (n, d) = (x.rows(), x.cols());
        let (long, order) = (n.max(d), n.min(d));
        let mut a = Pairs::zeros(long, order);
        for i in 0..n {
            for (j, &entry) in x.row(i).iter().enumerate() {
                let (row, column) = if n < d { (j, i) } else { (i, j) };
                a.set(row, column, Dd::from_f64(entry.times_power_of_two(shift)));
            }
        }
        let mut h = Pairs::zeros(1, n);
        for (i, &y) in y.iter().enumerate() {
            h.set(0, i, Dd::from_f64(y));
        }
        let Triangle { r, q } = Triangle::of(simd, a, long, order);
        if n < d {
            return Self { r, h, order, rest: 0.0, wide: Some(q) };
        }
        q.apply_to_row(simd, &mut h);
        let rest = (order..n).map(|i| h.get(0, i).to_f64().powi(2)).sum::<f64>().sqrt();
        Self { r, h, order, rest, wide: None }
    }

    /// Columns 0 .. of `z` <- the solutions for `penalties`. Returns the kappa (1 + kappa rho) of each.
    #[inline(always)]
    fn penalized<S: pulp::Simd>(&self, simd: S, penalties: &[f64], shift: i32, z: &mut Pairs) -> Vec<f64> {
        let mut m = Pairs::zeros(self.order, self.order);
        let mut h = Pairs::zeros(1, self.order);
        let mut squares = 0.0;
        for i in 0..self.order {
            h.set(0, i, self.h.get(0, i));
            for j in i..self.order {
                let entry = self.r.get(i, j);
                let (row, column) = if self.wide.is_some() { (j, i) } else { (i, j) };
                m.set(row, column, entry);
                squares += entry.hi * entry.hi;
            }
        }
        let bidiagonal = Bidiagonal::of(simd, m, h, self.order, self.rest);
        let mut amplification = Vec::with_capacity(penalties.len());
        for (group, penalties) in penalties.chunks(LANES).enumerate() {
            let mut roots = [Dd::ONE; LANES];
            for (root, &lambda) in roots.iter_mut().zip(penalties) {
                *root = Dd::from_f64(lambda).sqrt().times_power_of_two(shift);
            }
            let found = bidiagonal.solve(&roots, squares.sqrt(), z, group * LANES);
            amplification.extend_from_slice(&found[..penalties.len()]);
        }
        bidiagonal.right.apply(simd, z, self.order);
        amplification
    }

    /// Column `column` of `z` <- the solution without a penalty.
    #[inline(always)]
    fn unpenalized(&self, z: &mut Pairs, column: usize) -> Result<(), Singular> {
        let r = Columns::from_fn(self.order, self.order, |i, j| self.r.get(i, j));
        check_diagonal(&r)?;
        let mut solution: Vec<Dd> = (0..self.order).map(|i| self.h.get(0, i)).collect();
        if self.wide.is_some() {
            solve_lower(&r, &mut solution);
        } else {
            solve_upper(&r, &mut solution);
        }
        for (i, &entry) in solution.iter().enumerate() {
            z.set(i, column, entry);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
