//! Stochastic gradient descent in mini-batches without replacement, from 0.
//!
//! An epoch takes the rows in a random order, `batch_rows` at a time, and steps w <- w - eta X_B'(X_B w - y_B) for each batch B. The
//! step is a share of 1 / L, L = min(sigma_max^2, the sum of the `batch_rows` largest ||x_i||^2) >= ||X_B||^2 for every B.
//!
//! **Where some w fits y exactly** (interpolation; n <= rank, or y without a part in the left null space) eta stays step / L. On
//! the error e = w - w0 a batch acts as I - eta X_B'X_B, which for step < 2 lengthens nothing and shortens whatever X_B sees,
//! so an epoch contracts the row space in whatever order, and leaves the null space alone: from 0 the limit is w0, at a
//! geometric rate (Ma, Bassily & Belkin 2018, "The power of interpolation", ICML, for batches drawn with replacement; as
//! block-Kaczmarz steps Elfving 1980, Numer. Math. 35).
//!
//! **Elsewhere** no step that stays leads to a point: eta = step / (L k^(1/2)) in epoch k = 1, 2, ... The limit is again w0, and
//! the distance to it falls like eta, as k^(-1/2) (Gurbuzbalaban, Ozdaglar & Parrilo 2019, "Convergence rate of incremental
//! gradient and incremental Newton methods", SIAM J. Optim. 29, for steps R k^-s with s in (0, 1]; their bound holds for each
//! epoch whatever its order). A larger s ends nearer, but forgets the start along small sigma as exp(-k^(1-s) / kappa^2) only. A
//! tolerance of 1e-6 takes some 10^12 epochs: expect `not-converged`, and read how near it came.

use super::descent::Route;
use super::{Found, Part, Study};
use crate::decomposition::rank_tolerance;
use crate::linalg::{axpy, dot, norm, vectorized};
use crate::matrix::Matrix;
use crate::rng::Generator;

/// s of the steps R k^-s.
const DECAY: f64 = 0.5;

/// How the step changes from epoch to epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    /// eta = step / L.
    Constant,
    /// eta = step / (L k^(1/2)).
    Decreasing,
}

/// What remains of an epoch.
struct Epoch {
    /// The rows of X in the order of this epoch.
    order: Vec<usize>,
    /// How many of them have been used.
    used: usize,
    /// k, from 1; 0 before the first.
    number: u64,
}

impl Study<'_, '_> {
    /// Mini-batch descent from 0, with the schedule that the problem asks for.
    pub(super) fn sgd_zero(&self) -> Found {
        let schedule = self.schedule();
        Found { schedule: Some(schedule), ..self.mini_batches(schedule) }
    }

    /// Mini-batch descent from 0.
    pub(super) fn mini_batches(&self, schedule: Schedule) -> Found {
        let problem = self.scaled();
        let n = problem.x.rows();
        let batch_rows = self.settings().batch_rows.min(n);
        let Some(curvature) = self.batch_curvature(batch_rows) else { return Found::undefined() };
        let mut rng = Part::Orders.of(self.seen);
        let mut epoch = Epoch { order: Vec::new(), used: n, number: 0 };
        let mut gradient = vec![0.0; self.w0.len()];
        let route = Route { start: vec![0.0; self.w0.len()], limit: &problem.weights(&self.w0) };
        route
            .follow(self.settings(), |w| {
                if epoch.used == n {
                    epoch = Epoch { order: order(&mut rng, n), used: 0, number: epoch.number + 1 };
                }
                let batch = &epoch.order[epoch.used..n.min(epoch.used + batch_rows)];
                let rate = self.settings().step / curvature * schedule.share(epoch.number);
                vectorized(
                    #[inline(always)]
                    || {
                        gradient.fill(0.0);
                        for &i in batch {
                            let row = problem.x.row(i);
                            axpy(dot(row, w) - problem.y[i], row, &mut gradient);
                        }
                        axpy(-rate, &gradient, w);
                    },
                );
                epoch.used += batch.len();
            })
            .unscaled(|w| problem.unscaled(w))
    }

    /// L for batches of the scaled X; nothing for X = 0.
    pub(super) fn batch_curvature(&self, batch_rows: usize) -> Option<f64> {
        let whole = self.scaled_sigma().first()?.powi(2);
        Some(whole.min(largest_rows(&self.scaled().x, batch_rows)))
    }

    /// Constant where the part of y that no w fits is rounding, by the rule that decides the rank.
    pub(super) fn schedule(&self) -> Schedule {
        let (n, d) = (self.scaled().x.rows(), self.scaled().x.cols());
        let residual = self.seen.fit().spectral(0.0).residual_norm;
        let interpolates = residual <= rank_tolerance(n, d) * norm(&self.seen.problem.y);
        if interpolates { Schedule::Constant } else { Schedule::Decreasing }
    }
}

impl Schedule {
    /// The name that the table uses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Decreasing => "decreasing",
        }
    }

    /// The step in epoch `number`, from 1, as a share of the first.
    fn share(self, number: u64) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Decreasing => (number as f64).powf(-DECAY),
        }
    }
}

/// The sum of the `count` largest ||x_i||^2.
fn largest_rows(x: &Matrix, count: usize) -> f64 {
    let mut squares: Vec<f64> = (0..x.rows()).map(|i| dot(x.row(i), x.row(i))).collect();
    squares.sort_by(|a, b| b.total_cmp(a));
    squares[..count].iter().sum()
}

/// `np.argsort(rng.random(n), kind="stable")`.
fn order(rng: &mut Generator, n: usize) -> Vec<usize> {
    let keys: Vec<f64> = (0..n).map(|_| rng.uniform()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
    order
}
