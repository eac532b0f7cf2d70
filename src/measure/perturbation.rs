//! Table `perturbation`: how far a small change of y or X, or rounding alone, moves each solver's answer.
//!
//! The bound is Wedin's (1973; Bjorck, Numerical Methods for Least Squares Problems, theorem 1.4.6; Higham, Accuracy and
//! Stability, theorem 20.1) in terms of ||dX||_2 / sigma_min =: eta < 1, with r the residual of least squares:
//!
//! - y changes by dy: ||dw|| <= ||dy|| / sigma_min.
//! - X changes by dX: ||dw|| <= eta / (1 - eta) (||w|| + ||r|| / sigma_min), plus eta ||w|| for n < d.
//!
//! It is evaluated with ||dX||_F and with the lower end of the enclosure of sigma_min, so that it holds for the exact
//! solutions. A ratio above 1 is therefore rounding: it happens where delta is not far above a solver's own error, the
//! row with `what` none.

mod errors;

use self::errors::{Before, Errors, quotient};
use super::solvers::{Answer, Failure, Method, System, exact_answers};
use super::table::table;
use super::{Arithmetic, Observation, Perturbed, Solver};
use crate::grid::Stream;
use crate::linalg::{Dd, RidgeSolution, Scalar, difference, distance, norm};
use crate::matrix::Matrix;

table! {
    "perturbation", "trial x delta x what x arithmetic x solver (x lambda for ridge)";
    /// One solver's answer before and after one change.
    pub struct PerturbationRow {
        /// Size of the change relative to ||y|| or ||X||_F; 0 on the rows with what = none.
        key "1" delta: f64,
        /// What was changed: none, y (y + delta ||y|| g / ||g||) or X (X + delta ||X||_F G / ||G||_F). g (n) and then G (n x d,
        /// row by row) are the normals of the trial's stream 1, the same for every delta.
        key "name" what: &'static str,
        /// What the solver worked in, from X and y rounded to it on: f64, or f32 on the rows with what = none.
        key "name" arithmetic: &'static str,
        /// svd (minimum norm), qr (Householder; of X' for n < d), normal-equations (Cholesky of X'X) or ridge (by the SVD).
        key "name" solver: &'static str,
        /// Ridge penalty; empty for the other solvers.
        key "x^2" lambda: Option<f64>,
        /// ||w' - w|| / ||w||, the answer w' after the change against w before. For what = none, w' is the solver's answer and
        /// w the one computed in double-double; empty there for a rank-deficient X without a penalty, for w = 0, and where it
        /// may be the rounding of double-double alone.
        result "1" rel_error_w: Option<f64>,
        /// ||X w' - X w|| / ||X w||, with the unchanged X; empty as rel_error_w is.
        result "1" rel_error_prediction: Option<f64>,
        /// Wedin's upper bound of rel_error_w for exact solvers: svd and qr with a change that keeps X of full rank for
        /// certain; otherwise empty.
        result "1" bound: Option<f64>,
        /// rel_error_w / bound; above 1 only through rounding.
        result "1" ratio: Option<f64>,
        /// ok, singular (zero pivot in R, or X'X with n < d), not-positive-definite (Cholesky failed) or not-finite (X, y, X'X
        /// or w overflows in the solver's arithmetic), before or after the change.
        provenance "name" status: &'static str,
    }
}

/// For each delta of the cell, ascending: for 0 the rows without a change, for others those of what was asked for.
pub fn rows(seen: &Observation<'_>) -> Vec<PerturbationRow> {
    let methods = Method::all(&seen.settings.solvers, &seen.cell.lambda);
    let system = System::with_svd(&seen.problem.x, seen.svd);
    let before = system.answers_by(&methods, &seen.problem.y, |_| seen.fit().coordinates().to_vec());
    let (unchanged, changed): (Vec<f64>, Vec<f64>) = seen.cell.delta.iter().partition(|&&delta| delta == 0.0);
    let mut rows = Vec::new();
    if !unchanged.is_empty() {
        rounding_rows(seen, &methods, &before, &mut rows);
    }
    if !changed.is_empty() {
        let study = Study::new(seen, &system, &methods, &before);
        for &delta in &changed {
            for &what in &seen.settings.perturbed {
                study.push_rows(what, delta, &mut rows);
            }
        }
    }
    rows
}

/// Each solver's answer, in each arithmetic, against the double-double one. `in_f64` are the answers of f64.
fn rounding_rows(seen: &Observation<'_>, methods: &[Method], in_f64: &[Answer], rows: &mut Vec<PerturbationRow>) {
    let (x, y) = (&seen.problem.x, &seen.problem.y);
    let exact = exact_answers(x, seen.svd, y, methods);
    let rounded: Vec<Option<Vec<f64>>> =
        exact.iter().map(|exact| Some(exact.as_ref()?.w.iter().map(|w| w.to_f64()).collect())).collect();
    let rounded: Vec<Option<&[f64]>> = rounded.iter().map(Option::as_deref).collect();
    let before = Before::all(x, &rounded);
    for &arithmetic in &seen.settings.arithmetic {
        let in_f32;
        let answers = match arithmetic {
            Arithmetic::F64 => in_f64,
            Arithmetic::F32 => {
                in_f32 = System::<f32>::new(x).answers(methods, y);
                &in_f32
            }
        };
        let change =
            |(answer, exact): (&Answer, &Option<RidgeSolution>)| Some(error(answer.as_ref().ok()?, &exact.as_ref()?.w));
        let changes: Vec<Option<Vec<f64>>> = answers.iter().zip(&exact).map(change).collect();
        let bounds = exact.iter().map(|exact| exact.as_ref().map(|exact| exact.errors));
        let errors = Before::errors(&before, x, &changes).into_iter().zip(before.iter().zip(bounds));
        let errors = errors.map(|(errors, (before, bounds))| errors.known(before.as_ref(), bounds));
        rows.extend(methods.iter().zip(answers.iter().zip(errors)).map(|(&method, (answer, errors))| {
            let outcome = answer.as_ref().map(|_| errors).map_err(|&failure| failure);
            row(Key { delta: 0.0, what: "none", arithmetic, method }, outcome, None)
        }));
    }
}

/// answer - exact. Rounding the exact answer first would hide errors below u.
fn error(answer: &[f64], exact: &[Dd]) -> Vec<f64> {
    answer.iter().zip(exact).map(|(&answer, &exact)| (Dd::from_f64(answer) - exact).to_f64()).collect()
}

/// What every change of one trial has in common.
struct Study<'a, 'o> {
    seen: &'a Observation<'o>,
    /// The unchanged X, factored once for every change of y.
    system: &'a System<'a, f64>,
    methods: &'a [Method],
    answers: &'a [Answer],
    before: Vec<Option<Before>>,
    directions: Directions,
    bounds: Option<Bounds>,
}

impl<'a, 'o> Study<'a, 'o> {
    fn new(
        seen: &'a Observation<'o>,
        system: &'a System<'a, f64>,
        methods: &'a [Method],
        answers: &'a [Answer],
    ) -> Self {
        let found: Vec<Option<&[f64]>> = answers.iter().map(|answer| answer.as_deref().ok()).collect();
        let before = Before::all(&seen.problem.x, &found);
        Self { seen, system, methods, answers, before, directions: Directions::draw(seen), bounds: Bounds::of(seen) }
    }

    fn push_rows(&self, what: Perturbed, delta: f64, rows: &mut Vec<PerturbationRow>) {
        let (x, y) = (&self.seen.problem.x, &self.seen.problem.y);
        let (after, bound) = match what {
            Perturbed::Y => {
                let changed = moved(y, &self.directions.y, delta);
                let bound = self.bounds.as_ref().map(|bounds| bounds.of_y(distance(&changed, y)));
                (self.system.answers(self.methods, &changed), bound)
            }
            Perturbed::X => {
                let changed = Matrix::new(x.rows(), x.cols(), moved(x.as_slice(), &self.directions.x, delta));
                let change = distance(changed.as_slice(), x.as_slice());
                let bound = self.bounds.as_ref().and_then(|bounds| bounds.of_x(change));
                (System::<f64>::new(&changed).answers(self.methods, y), bound)
            }
        };
        let change =
            |(after, before): (&Answer, &Answer)| Some(difference(after.as_ref().ok()?, before.as_ref().ok()?));
        let changes: Vec<Option<Vec<f64>>> = after.iter().zip(self.answers).map(change).collect();
        let errors = Before::errors(&self.before, x, &changes);
        let answers = self.answers.iter().zip(&after);
        rows.extend(self.methods.iter().zip(answers.zip(errors)).map(|(&method, ((before, after), errors))| {
            let outcome = before.as_ref().and(after.as_ref()).map(|_| errors).map_err(|&failure| failure);
            let bound = bound.filter(|_| matches!(method.solver, Solver::Svd | Solver::Qr));
            row(Key { delta, what: what.name(), arithmetic: Arithmetic::F64, method }, outcome, bound)
        }));
    }
}

/// Which row of a trial.
#[derive(Clone, Copy)]
struct Key {
    delta: f64,
    what: &'static str,
    arithmetic: Arithmetic,
    method: Method,
}

fn row(key: Key, outcome: Result<Errors, Failure>, bound: Option<f64>) -> PerturbationRow {
    let (errors, status) = match outcome {
        Ok(errors) => (errors, "ok"),
        Err(failure) => (Errors::default(), failure.name()),
    };
    let ratio = errors.w.zip(bound).and_then(|(error, bound)| quotient(error, bound));
    let Key { delta, what, arithmetic, method: Method { solver, lambda } } = key;
    PerturbationRow {
        delta,
        what,
        arithmetic: arithmetic.name(),
        solver: solver.name(),
        lambda,
        rel_error_w: errors.w,
        rel_error_prediction: errors.prediction,
        bound,
        ratio,
        status,
    }
}

/// Where the changes point: unit vectors in the space of y and, if X is changed, of X's entries.
struct Directions {
    y: Vec<f64>,
    x: Vec<f64>,
}

impl Directions {
    fn draw(seen: &Observation<'_>) -> Self {
        let (n, d) = (seen.problem.x.rows(), seen.problem.x.cols());
        let mut generator = seen.seeding.stream(&seen.trial, Stream::Perturbation);
        let y = unit(generator.normals(n));
        let entries = if seen.settings.perturbed.contains(&Perturbed::X) { n * d } else { 0 };
        Self { y, x: unit(generator.normals(entries)) }
    }
}

fn unit(mut g: Vec<f64>) -> Vec<f64> {
    let length = norm(&g);
    for g in &mut g {
        *g /= length;
    }
    g
}

/// a + delta ||a|| direction.
fn moved(a: &[f64], direction: &[f64], delta: f64) -> Vec<f64> {
    let size = delta * norm(a);
    a.iter().zip(direction).map(|(a, direction)| a + size * direction).collect()
}

/// What Wedin's bound needs of a full-rank problem.
struct Bounds {
    /// Certain lower bound, above 0.
    sigma_min: f64,
    /// Norm of the solution, above 0.
    w: f64,
    /// Norm of the residual.
    residual: f64,
    /// 1 for n < d, where the row space turns too; else 0.
    turning: f64,
}

impl Bounds {
    /// Nothing for an X of deficient or unresolved rank and for w = 0.
    fn of(seen: &Observation<'_>) -> Option<Self> {
        let (svd, problem) = (seen.svd, seen.problem);
        let sigma_min = seen.certified.enclosure.lo.last().copied().filter(|&lo| lo > 0.0)?;
        if svd.rank < svd.sigma.len() {
            return None;
        }
        let (w, residual) = seen.fit().norms(0.0);
        let turning = if problem.x.rows() < problem.x.cols() { 1.0 } else { 0.0 };
        (w > 0.0).then_some(Self { sigma_min, w, residual, turning })
    }

    fn of_y(&self, change: f64) -> f64 {
        change / self.sigma_min / self.w
    }

    fn of_x(&self, change: f64) -> Option<f64> {
        let eta = change / self.sigma_min;
        let relative_residual = self.residual / self.sigma_min / self.w;
        (eta < 1.0).then(|| eta / (1.0 - eta) * (1.0 + relative_residual) + self.turning * eta)
    }
}

#[cfg(test)]
mod tests;
