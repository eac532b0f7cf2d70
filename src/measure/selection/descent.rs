//! Choosers that descend the whole gradient: plain, with weight decay, with momentum, in whitened coordinates.
//!
//! - `gd-zero`, `gd-random`: w <- w - eta X'(X w - y) with eta = step / sigma_max^2. No step leaves the row space, so the part of
//!   the start in the null space stays: the limit is w0 + P_null w_init.
//! - `gd-decay`: w <- w - eta (X'(X w - y) + lambda w), eta = step / (sigma_max^2 + lambda), from the start of gd-random. The part
//!   in the null space shrinks by 1 - eta lambda a step; the limit is the ridge solution.
//! - `momentum`: w_t+1 = w_t - a X'(X w_t - y) + b (w_t - w_t-1), a = 4 / (sigma_1 + sigma_r)^2, b = ((sigma_1 - sigma_r) /
//!   (sigma_1 + sigma_r))^2, from 0: the heavy ball with the parameters that are best on the row space (Polyak 1964, "Some methods of
//!   speeding up the convergence of iteration methods", USSR Comput. Math. Math. Phys. 4(5)). The error shrinks by
//!   (kappa - 1) / (kappa + 1) a step, where descent has 1 - 1 / kappa^2, after growing for a while.
//! - `whitened-gd`: descent on ||Z u - y||^2 with Z = X V Sigma^-1 = U (n x rank) from u = 0, w = V Sigma^-1 u: every direction has
//!   curvature 1, and shrinks by 1 - step.

use super::{Ending, Found, Part, SelectionSettings, Study};
use crate::linalg::{axpy, dot, norm, vectorized};
use crate::matrix::Matrix;

/// Growth of the distance to the limit at which an iteration counts as diverging. The distance of descent never grows unless
/// the step is too large; that of the heavy ball may, by a multiple of kappa, before it shrinks.
const DIVERGED: f64 = 1e10;

impl Study<'_, '_> {
    /// From 0.
    pub(super) fn gd_zero(&self) -> Found {
        self.descend(&vec![0.0; self.w0.len()], &self.w0, 0.0)
    }

    /// From d standard normals.
    pub(super) fn gd_random(&self) -> Found {
        let start = self.random_start();
        let mut limit = self.seen.svd.null_component(&start);
        axpy(1.0, &self.w0, &mut limit);
        self.descend(&start, &limit, 0.0)
    }

    /// From the same normals, with weight decay: towards the ridge solution for that penalty.
    pub(super) fn gd_decay(&self, decay: f64) -> Found {
        self.descend(&self.random_start(), &self.seen.fit().solution(decay).w, decay)
    }

    fn random_start(&self) -> Vec<f64> {
        Part::Start.of(self.seen).normals(self.w0.len())
    }

    /// Gradient descent from `start`, which `limit` is expected of, on ||X w - y||^2 / 2 + `lambda` ||w||^2 / 2.
    pub(super) fn descend(&self, start: &[f64], limit: &[f64], lambda: f64) -> Found {
        let problem = self.scaled();
        let lambda = problem.squared_penalty(lambda);
        let Some(sigma_max) = self.scaled_sigma().first().copied().filter(|&sigma| sigma > 0.0) else {
            return Found::undefined();
        };
        let step = self.settings().step;
        let rate = step / (sigma_max * sigma_max + lambda);
        // lambda / (sigma_max^2 + lambda), also where the scaled lambda is infinite: what is left of w is then 1 - step.
        let shrinkage = step / (1.0 + sigma_max * sigma_max / lambda);
        let mut gradient = vec![0.0; start.len()];
        let route = Route { start: problem.weights(start), limit: &problem.weights(limit) };
        route
            .follow(self.settings(), |w| {
                vectorized(
                    #[inline(always)]
                    || {
                        gradient_into(&mut gradient, &problem.x, &problem.y, w);
                        for (w, g) in w.iter_mut().zip(&gradient) {
                            *w -= shrinkage * *w + rate * g;
                        }
                    },
                );
            })
            .unscaled(|w| problem.unscaled(w))
    }

    /// The heavy ball from 0.
    pub(super) fn momentum(&self) -> Found {
        let (problem, sigma) = (self.scaled(), self.scaled_sigma());
        let resolved = sigma.len().checked_sub(1).is_some_and(|last| self.seen.certified.enclosure.lo[last] > 0.0);
        let (Some(&largest), Some(&smallest), true) = (sigma.first(), sigma.last(), resolved) else {
            return Found::undefined();
        };
        let rate = (2.0 / (largest + smallest)).powi(2);
        let inertia = ((largest - smallest) / (largest + smallest)).powi(2);
        let start = vec![0.0; self.w0.len()];
        let (mut before, mut gradient) = (start.clone(), start.clone());
        let route = Route { start, limit: &problem.weights(&self.w0) };
        route
            .follow(self.settings(), |w| {
                vectorized(
                    #[inline(always)]
                    || {
                        gradient_into(&mut gradient, &problem.x, &problem.y, w);
                        for ((w, before), g) in w.iter_mut().zip(&mut before).zip(&gradient) {
                            let next = *w - rate * g + inertia * (*w - *before);
                            *before = *w;
                            *w = next;
                        }
                    },
                );
            })
            .unscaled(|w| problem.unscaled(w))
    }

    /// Descent from 0 in the coordinates u = Sigma V'w. What is followed is Sigma^-1 u = V'w, in which distances are those of w.
    pub(super) fn whitened_gd(&self) -> Found {
        let (problem, sigma, svd) = (self.scaled(), self.scaled_sigma(), self.seen.svd);
        let step = self.settings().step;
        let z = Matrix::from_fn(problem.x.rows(), svd.rank, |i, j| svd.left[(i, j)]);
        let (mut u, mut gradient) = (vec![0.0; svd.rank], vec![0.0; svd.rank]);
        let limit = svd.project_right(&problem.weights(&self.w0));
        let route = Route { start: vec![0.0; svd.rank], limit: &limit };
        route
            .follow(self.settings(), |coordinates| {
                vectorized(
                    #[inline(always)]
                    || {
                        gradient_into(&mut gradient, &z, &problem.y, &u);
                        axpy(-step, &gradient, &mut u);
                        for ((coordinate, u), sigma) in coordinates.iter_mut().zip(&u).zip(&sigma) {
                            *coordinate = u / sigma;
                        }
                    },
                );
            })
            .unscaled(|coordinates| problem.unscaled(&svd.weights(coordinates)))
    }

    /// The singular values of the scaled X that count, `rank` of them.
    pub(super) fn scaled_sigma(&self) -> Vec<f64> {
        self.scaled().sigma(&self.seen.svd.sigma[..self.seen.svd.rank])
    }
}

/// Where an iteration starts and where it should end.
pub(super) struct Route<'a> {
    pub(super) start: Vec<f64>,
    pub(super) limit: &'a [f64],
}

impl Route<'_> {
    /// Takes steps until the distance to the limit is `tolerance` times what it was at the start, `max_steps` are taken, or the
    /// distance has grown beyond all bounds. `advance` makes the next iterate of one.
    pub(super) fn follow(self, settings: &SelectionSettings, mut advance: impl FnMut(&mut Vec<f64>)) -> Found {
        let Self { start: mut w, limit } = self;
        let mut difference = vec![0.0; w.len()];
        let whole_way = distance_by(&mut difference, &w, limit);
        if !whole_way.is_finite() {
            return Found::undefined();
        }
        let mut steps = 0;
        let ending = loop {
            let left = distance_by(&mut difference, &w, limit);
            if left <= settings.tolerance * whole_way {
                break Ending::Ok;
            }
            if left.is_nan() || left > DIVERGED * whole_way {
                break Ending::Diverged;
            }
            if steps == settings.max_steps {
                break Ending::NotConverged;
            }
            advance(&mut w);
            steps += 1;
        };
        let w = (ending != Ending::Diverged).then_some(w);
        Found::new(ending, w, steps)
    }
}

/// ||a - b||, with room for a - b: asked for at every step.
fn distance_by(difference: &mut [f64], a: &[f64], b: &[f64]) -> f64 {
    vectorized(
        #[inline(always)]
        || {
            for (difference, (a, b)) in difference.iter_mut().zip(a.iter().zip(b)) {
                *difference = a - b;
            }
            norm(difference)
        },
    )
}

/// `gradient` <- X'(X w - y), d values, in one pass over the rows of X.
#[inline(always)]
fn gradient_into(gradient: &mut [f64], x: &Matrix, y: &[f64], w: &[f64]) {
    gradient.fill(0.0);
    for (i, &y) in y.iter().enumerate() {
        let row = x.row(i);
        axpy(dot(row, w) - y, row, gradient);
    }
}
