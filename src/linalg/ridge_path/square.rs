//! The square problem that QR leaves, for both shapes of X.

use pulp::Simd;

use super::errors::{ErrorBounds, FirstOrder, Sensitivity, Sizes};
use super::reduction::{Bidiagonal, Reflectors, Triangle};
use crate::linalg::least_squares::{Singular, check_diagonal, scaled_root, solve_lower, solve_upper};
use crate::linalg::pairs::Pairs;
use crate::linalg::vector::LANES;
use crate::linalg::{Columns, Dd, Scalar};
use crate::matrix::Matrix;

/// A square problem with the solutions of the given one: min ||M z - h||^2 + lambda ||z||^2, M q x q.
pub(super) struct Square {
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
    pub(super) fn new<S: Simd>(simd: S, x: &Matrix, y: &[f64], shift: i32) -> Self {
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

    /// Columns 0 .. of `z` <- the solutions for `penalties`. Returns how sensitive each is.
    #[inline(always)]
    pub(super) fn penalized<S: Simd>(&self, simd: S, penalties: &[f64], shift: i32, z: &mut Pairs) -> Vec<Sensitivity> {
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
        let mut sensitivities = Vec::with_capacity(penalties.len());
        for (group, penalties) in penalties.chunks(LANES).enumerate() {
            let mut roots = [Dd::ONE; LANES];
            for (root, &lambda) in roots.iter_mut().zip(penalties) {
                *root = scaled_root(lambda, shift);
            }
            let found = bidiagonal.solve(&roots, squares.sqrt(), z, group * LANES);
            sensitivities.extend_from_slice(&found[..penalties.len()]);
        }
        bidiagonal.right.apply(simd, z, self.order);
        sensitivities
    }

    /// Column `column` of `z` <- the solution without a penalty. Returns what `change` of every column of X, or row for n < d, may make of it.
    #[inline(always)]
    pub(super) fn unpenalized(
        &self,
        z: &mut Pairs,
        column: usize,
        change: FirstOrder,
    ) -> Result<ErrorBounds, Singular> {
        let r = Columns::from_fn(self.order, self.order, |i, j| self.r.get(i, j));
        check_diagonal(&r)?;
        let mut solution: Vec<Dd> = (0..self.order).map(|i| self.h.get(0, i)).collect();
        // The last digits of R make no difference to a bound.
        let triangle = Columns::from_fn(self.order, self.order, |i, j| r[(i, j)].hi);
        let errors = if self.wide.is_some() {
            solve_lower(&r, &mut solution);
            change.minimum_norm(&triangle, &solution)
        } else {
            solve_upper(&r, &mut solution);
            change.least_squares(&triangle, Sizes::Columns, &solution, self.rest)
        };
        for (i, &entry) in solution.iter().enumerate() {
            z.set(i, column, entry);
        }
        Ok(errors)
    }

    /// From solutions of this problem in the columns of `z` to those of the given one, `weights` long.
    #[inline(always)]
    pub(super) fn to_weights<S: Simd>(&self, simd: S, z: &mut Pairs, weights: usize) {
        if let Some(rows) = &self.wide {
            rows.apply(simd, z, weights);
        }
    }
}
