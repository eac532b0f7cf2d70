//! What a ridge penalty would buy: the path along a grid of penalties, the least one that bounds the condition, the one that predicts best.
//!
//! ```text
//! R of [1 X y] or the rows -> penalised (sigma, V, U'y) -> path: one pass over the directions a penalty
//!                      rows -> leave_one_out: one pass over the rows for many penalties -> search: one more near the best
//! ```
//! Penalties are in the units of X as it is diagnosed: a column in other units is penalised differently. A constant column is not penalised.

mod grid;
mod leave_one_out;
mod penalised;
#[cfg(test)]
mod tests;

pub use grid::Grid;
pub(super) use leave_one_out::LeaveOneOut;

use super::facts::Facts;
use super::rows::Rows;
use super::triangle::Triangle;
use crate::data::DataError;
use crate::linalg::norm;
use penalised::Penalised;

/// Of more columns only the chosen penalties' weights are kept.
const MOST_TRACED: usize = 1000;
/// Penalties between the two neighbours of the best of the grid that the search for the least error looks at.
const REFINEMENT: usize = 31;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeSettings {
    /// Penalties of the path.
    pub grid: Grid,
    /// What kappa_ridge is to be brought down to; above 1.
    pub kappa_bound: f64,
}

impl Default for RidgeSettings {
    /// 10^6 leaves X'X + lambda I ten of f64's sixteen digits.
    fn default() -> Self {
        Self { grid: Grid::Auto, kappa_bound: 1e6 }
    }
}

/// The ridge path of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeAdvice {
    /// The constant column, which is not penalised.
    pub intercept: Option<usize>,
    /// Ascending in lambda.
    pub path: Vec<RidgePoint>,
    /// Whether the path has the weights of all its points: up to 1000 columns.
    pub traced: bool,
    /// The least penalty with kappa_ridge at most `kappa_bound`; 0 where none is needed.
    pub bounded: RidgePoint,
    /// What `bounded` obeys.
    pub kappa_bound: f64,
    /// The penalty with the least leave-one-out error, to a sixteenth of the distance between two of the path; nothing where none has one.
    pub best: Option<Best>,
    /// Root mean square of the leave-one-out errors without a penalty; nothing where a row cannot be predicted from the others.
    pub unpenalised_loo: Option<f64>,
}

/// Ridge with one penalty.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgePoint {
    /// The penalty.
    pub lambda: f64,
    /// (sigma_1^2 + lambda) / (sigma_q^2 + lambda) of the penalised columns.
    pub kappa_ridge: f64,
    /// sum sigma^2 / (sigma^2 + lambda) over the penalised columns; the intercept makes one more.
    pub effective_df: f64,
    /// Norm of the penalised weights.
    pub w_norm: f64,
    /// ||y - X w||.
    pub residual_norm: f64,
    /// Root mean square of the leave-one-out errors.
    pub loo: Option<f64>,
    /// Square root of the generalised cross-validation score: that of `loo` with all leverages equal. Nothing where no degree of freedom is
    /// left.
    pub gcv: Option<f64>,
    /// d weights; empty where they are not traced.
    pub w: Vec<f64>,
}

/// The penalty of least leave-one-out error.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// Ridge with it.
    pub point: RidgePoint,
    /// Where it lies on the grid.
    pub place: Place,
}

/// Where on the grid the least error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Between two others.
    Inside,
    /// At the smallest penalty: smaller ones may do better.
    LeastPenalty,
    /// At the largest penalty: larger ones may do better.
    LargestPenalty,
}

/// A path whose leave-one-out errors are to be added up over the rows.
pub(super) struct Path {
    at: Penalised,
    kappa_bound: f64,
    /// No penalty, the bounding one, and those of the grid, ascending.
    asked: Vec<f64>,
}

/// A path with its errors, and where to look for the least.
pub(super) struct Search {
    points: Vec<RidgePoint>,
    /// Errors without a penalty and with the bounding one.
    unpenalised_loo: Option<f64>,
    bounding_loo: Option<f64>,
    best: Option<Least>,
    /// Penalties around the best of the path, where it has neighbours.
    between: Vec<f64>,
}

/// A penalty and its error, the least of those known.
#[derive(Clone, Copy)]
struct Least {
    lambda: f64,
    loo: f64,
    place: Place,
}

impl Path {
    /// For `rows`, which have a target. `triangle` is that of the rows where n > d; without one they are gone through for it. Nothing
    /// where no column varies.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub(super) fn new(
        rows: &dyn Rows,
        triangle: Option<&Triangle>,
        facts: &Facts,
        settings: &RidgeSettings,
    ) -> Result<Option<Self>, DataError> {
        let Some(at) = Penalised::of(rows, triangle, facts)? else { return Ok(None) };
        let (largest, smallest) = at.extreme_squares();
        if largest == 0.0 {
            return Ok(None);
        }
        let kappa_bound = settings.kappa_bound;
        let bounding = (largest - kappa_bound * smallest).max(0.0) / (kappa_bound - 1.0);
        let asked = [0.0, bounding].into_iter().chain(settings.grid.values(largest)).collect();
        Ok(Some(Self { at, kappa_bound, asked }))
    }

    /// The errors that the path needs.
    pub(super) fn errors(&self) -> LeaveOneOut<'_> {
        LeaveOneOut::new(&self.at, &self.asked)
    }

    /// What [`Path::errors`] came to, and where to look on.
    pub(super) fn search(&self, squares: &[f64]) -> Search {
        let loo = leave_one_out::errors(squares, self.at.n);
        let on_grid = self.asked.iter().zip(&loo).skip(2);
        let points: Vec<RidgePoint> = on_grid.map(|(&lambda, &loo)| self.point(lambda, loo, self.traced())).collect();
        let known: Vec<(f64, f64)> = points.iter().filter_map(|point| Some((point.lambda, point.loo?))).collect();
        let (mut best, mut between) = (None, Vec::new());
        if let Some(least) = position_of_least(&known) {
            let place = match least {
                0 => Place::LeastPenalty,
                last if last + 1 == known.len() => Place::LargestPenalty,
                _ => Place::Inside,
            };
            let (lambda, loo) = known[least];
            best = Some(Least { lambda, loo, place });
            if place == Place::Inside {
                let (least, largest) = (known[least - 1].0, known[least + 1].0);
                between = Grid::Log { least, largest, count: REFINEMENT + 2 }.values(1.0);
            }
        }
        Search { points, unpenalised_loo: loo[0], bounding_loo: loo[1], best, between }
    }

    /// The errors that the search needs; nothing where the best is known.
    pub(super) fn errors_between(&self, search: &Search) -> Option<LeaveOneOut<'_>> {
        (!search.between.is_empty()).then(|| LeaveOneOut::new(&self.at, &search.between))
    }

    /// All of it. `squares` is what [`Path::errors_between`] came to.
    pub(super) fn advice(&self, search: Search, squares: Option<&[f64]>) -> RidgeAdvice {
        let between = squares.map(|squares| leave_one_out::errors(squares, self.at.n)).unwrap_or_default();
        let best = search.best.map(|best| best.or_of(&search.between, &between));
        RidgeAdvice {
            intercept: self.at.intercept.map(|intercept| intercept.column),
            path: search.points,
            traced: self.traced(),
            bounded: self.point(self.asked[1], search.bounding_loo, true),
            kappa_bound: self.kappa_bound,
            best: best.map(|best| Best { point: self.point(best.lambda, Some(best.loo), true), place: best.place }),
            unpenalised_loo: search.unpenalised_loo,
        }
    }

    fn traced(&self) -> bool {
        self.at.d <= MOST_TRACED
    }

    fn point(&self, lambda: f64, loo: Option<f64>, traced: bool) -> RidgePoint {
        let w = if traced { self.at.weights(lambda) } else { Vec::new() };
        RidgePoint::new(&self.at, lambda, loo, w)
    }
}

impl Least {
    /// The least of this, which is a point of the path, and of `lambdas` around it with their `errors`.
    fn or_of(self, lambdas: &[f64], errors: &[Option<f64>]) -> Self {
        let around = lambdas.iter().zip(errors).filter_map(|(&lambda, error)| Some((lambda, (*error)?)));
        // The point of the path is among them, up to rounding.
        let seen: Vec<(f64, f64)> = around.chain([(self.lambda, self.loo)]).collect();
        position_of_least(&seen).map_or(self, |best| Self { lambda: seen[best].0, loo: seen[best].1, ..self })
    }
}

impl RidgePoint {
    fn new(at: &Penalised, lambda: f64, loo: Option<f64>, w: Vec<f64>) -> Self {
        let removed = at.removed(lambda);
        let (largest, smallest) = at.extreme_squares();
        let misfit: Vec<f64> = removed.iter().zip(&at.c).map(|(removed, c)| removed * c).collect();
        let coordinates: Vec<f64> = at.sigma.iter().zip(&at.c).map(|(sigma, c)| c / (sigma + lambda / sigma)).collect();
        let residual_norm = at.rest_norm.hypot(norm(&misfit));
        let lost: f64 = removed.iter().sum();
        let n = at.n as f64;
        let left = at.n.saturating_sub(at.directions()) as f64 + lost;
        Self {
            lambda,
            kappa_ridge: (largest + lambda) / (smallest + lambda),
            effective_df: removed.iter().map(|removed| 1.0 - removed).sum(),
            w_norm: norm(&coordinates),
            residual_norm,
            loo,
            gcv: (left > 0.0).then(|| residual_norm * n.sqrt() / left).filter(|gcv| gcv.is_finite()),
            w,
        }
    }
}

/// Where the least error is; of equal ones the last, the largest penalty.
fn position_of_least(points: &[(f64, f64)]) -> Option<usize> {
    (0..points.len()).reduce(|best, i| if points[i].1 <= points[best].1 { i } else { best })
}
