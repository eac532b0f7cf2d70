//! The lasso: the w that minimises ||X w - y||^2 + lambda ||w||_1, by cyclic coordinate descent from 0.
//!
//! **Scale of lambda.** The penalty stands beside the same sum of squares as in ridge here, without 1/2 and without 1/n, so that the
//! two differ in the norm alone. scikit-learn's `Lasso` minimises ||X w - y||^2 / (2 n) + alpha ||w||_1: alpha = lambda / (2 n).
//! From lambda = 2 ||X'y||_inf on w is 0. Without an intercept, without scaling of columns. A penalty of 0 is refused: its
//! minimisers are all least-squares solutions, and the method would pick one by the order of the columns. A small penalty is slow:
//! along the null space of X it alone moves the weights, and the passes grow as 1 / lambda.
//!
//! **A pass** sets each w_j in turn to its best value with the others held, S(x_j'r + ||x_j||^2 w_j, lambda / 2) / ||x_j||^2, r = y -
//! X w, S(a, t) = sign(a) max(|a| - t, 0): weights become exactly 0 (Friedman, Hastie & Tibshirani 2010, J. Stat. Softw. 33(1)).
//!
//! **It stops** by the duality gap, which bounds the distance to the optimum whatever the method. With s r for 0 <= s <= 1 and
//! 2 s |x_j'r| <= lambda for all j as the dual point, the gap is
//!
//! (1 - s)^2 ||r||^2 + sum_j (lambda |w_j| - 2 s w_j x_j'r),
//!
//! a sum of terms of at least 0 each, so nothing cancels but in a term itself (El Ghaoui, Viallon & Rabbani 2012, "Safe feature
//! elimination", Pac. J. Optim. 8; Massias, Gramfort & Salmon 2018, "Celer", ICML). The gap is a square: it exceeds ||X w - X
//! w_lasso||^2, since the objective is strongly convex in X w. So gap <= tolerance^2 ||y||^2 means predictions within tolerance
//! ||y||. A tolerance^2 below max(n, d) 2^-52 counts as that, which is what rounding leaves of a gap.

use super::{Ending, Found, Study};
use crate::decomposition::rank_tolerance;
use crate::linalg::{Columns, Scalar, axpy, dot, vectorized};

impl Study<'_, '_> {
    /// The lasso's solution for one penalty.
    pub(super) fn lasso(&self, lambda: f64) -> Found {
        let problem = self.scaled();
        let lambda = problem.absolute_penalty(lambda);
        if lambda <= 0.0 {
            return Found::undefined();
        }
        let (n, d) = (problem.x.rows(), problem.x.cols());
        let tolerance = self.settings().tolerance.powi(2).max(rank_tolerance(n, d));
        let enough = tolerance * dot(&problem.y, &problem.y);
        let mut state = State::new(Columns::from_fn(n, d, |i, j| problem.x[(i, j)]), &problem.y, lambda);
        let mut steps = 0;
        let (ending, gap) = loop {
            let gap = state.gap();
            if gap <= enough {
                break (Ending::Ok, gap);
            }
            if steps == self.settings().max_steps {
                break (Ending::NotConverged, gap);
            }
            state.pass();
            steps += 1;
        };
        let (w, gap) = (problem.unscaled(&state.w), problem.unscaled_square(gap));
        Found { duality_gap: Some(gap), ..Found::new(ending, Some(w), steps) }.if_finite()
    }
}

/// An iterate.
struct State<'a> {
    /// n x d.
    x: Columns<f64>,
    y: &'a [f64],
    lambda: f64,
    /// ||x_j||^2, d of them.
    squares: Vec<f64>,
    /// d weights.
    w: Vec<f64>,
    /// y - X w, n values, carried along a pass.
    residual: Vec<f64>,
}

impl<'a> State<'a> {
    fn new(x: Columns<f64>, y: &'a [f64], lambda: f64) -> Self {
        let squares = x.iter().map(|column| dot(column, column)).collect();
        let w = vec![0.0; x.cols()];
        Self { x, y, lambda, squares, w, residual: y.to_vec() }
    }

    /// Every weight once, in the order of the columns. That of a column of zeros stays 0, as does that of one so small beside the
    /// largest entry of X (below 1e-162) that its square is 0: the penalty would have to be as small to let it in.
    fn pass(&mut self) {
        let Self { x, lambda, squares, w, residual, .. } = self;
        vectorized(
            #[inline(always)]
            || {
                for ((column, w), &square) in x.iter().zip(w.iter_mut()).zip(squares.iter()) {
                    if square == 0.0 {
                        continue;
                    }
                    let next = soft_threshold(dot(column, residual) + square * *w, *lambda / 2.0) / square;
                    if next != *w {
                        axpy(*w - next, column, residual);
                        *w = next;
                    }
                }
            },
        );
    }

    /// The duality gap, with the residual formed anew: what a pass carries along has gathered rounding.
    fn gap(&mut self) -> f64 {
        let Self { x, y, lambda, w, residual, .. } = self;
        vectorized(
            #[inline(always)]
            || {
                residual.copy_from_slice(y);
                for (column, &w) in x.iter().zip(w.iter()).filter(|&(_, &w)| w != 0.0) {
                    axpy(-w, column, residual);
                }
                let correlations: Vec<f64> = x.iter().map(|column| dot(column, residual)).collect();
                gap(*lambda, w, &correlations, dot(residual, residual))
            },
        )
    }
}

/// The duality gap of `w`, with `correlations` X'r and `square` ||r||^2.
fn gap(lambda: f64, w: &[f64], correlations: &[f64], square: f64) -> f64 {
    let largest = correlations.iter().fold(0.0, |largest: f64, c| Scalar::max(largest, c.abs()));
    let shrink = if 2.0 * largest > lambda { lambda / (2.0 * largest) } else { 1.0 };
    let terms = w.iter().zip(correlations).map(|(w, c)| Scalar::max(lambda * w.abs() - 2.0 * shrink * w * c, 0.0));
    (1.0 - shrink).powi(2) * square + terms.sum::<f64>()
}

/// sign(a) max(|a| - t, 0).
#[inline(always)]
fn soft_threshold(a: f64, t: f64) -> f64 {
    (a.abs() - t).max(0.0).copysign(a)
}
