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

use super::solvers::{Failure, Method, Reference, System};
use super::table::table;
use super::{Observation, Perturbed, Solver};
use crate::grid::Stream;
use crate::linalg::{Dd, Scalar, norm};
use crate::matrix::Matrix;

table! {
    "perturbation", "trial x delta x what x solver (x lambda for ridge)";
    /// One solver's answer before and after one change.
    pub struct PerturbationRow {
        /// Size of the change relative to ||y|| or ||X||_F; 0 on the rows with what = none.
        key "1" delta: f64,
        /// What was changed: none, y (y + delta ||y|| g / ||g||) or X (X + delta ||X||_F G / ||G||_F). G (n x d, row by row)
        /// and g (n) are the normals of the trial's stream 1, the same for every delta.
        key "name" what: &'static str,
        /// svd (minimum norm), qr (Householder; of X' for n < d), normal-equations (Cholesky of X'X) or ridge (by the SVD).
        key "name" solver: &'static str,
        /// Ridge penalty; empty for the other solvers.
        key "x^2" lambda: Option<f64>,
        /// ||w' - w|| / ||w||, the answer w' after the change against w before. For what = none, w' is the solver's answer and
        /// w the one computed in double-double; empty there for a rank-deficient X without a penalty, and for w = 0.
        result "1" rel_error_w: Option<f64>,
        /// ||X w' - X w|| / ||X w||, with the unchanged X; empty as rel_error_w is.
        result "1" rel_error_prediction: Option<f64>,
        /// Wedin's upper bound of rel_error_w for exact solvers: svd and qr with a change that keeps X of full rank for
        /// certain; otherwise empty.
        result "1" bound: Option<f64>,
        /// rel_error_w / bound; above 1 only through rounding.
        result "1" ratio: Option<f64>,
        /// ok, singular (zero pivot in R, or X'X with n < d), not-positive-definite (Cholesky failed) or not-finite (X'X or w overflows),
        /// before or after the change.
        provenance "name" status: &'static str,
    }
}

/// Relative errors of an answer and of its predictions.
#[derive(Clone, Copy, Default)]
struct Errors {
    w: Option<f64>,
    prediction: Option<f64>,
}

/// The rows without a change, then for each delta of the cell that is not 0, ascending, those of what was asked for.
pub fn rows(seen: &Observation<'_>) -> Vec<PerturbationRow> {
    let (x, y) = (&seen.problem.x, &seen.problem.y);
    let methods = Method::all(&seen.settings.solvers, &seen.cell.lambda);
    let system = System::with_svd(x, seen.svd);
    let before: Vec<_> = methods.iter().map(|&method| system.solve(method, y)).collect();
    let mut rows = rounding_rows(seen, &methods, &before);

    let directions = Directions::draw(seen);
    let bounds = Bounds::of(seen);
    for &delta in seen.cell.delta.iter().filter(|&&delta| delta > 0.0) {
        for &what in &seen.settings.perturbed {
            let (after, bound): (Vec<_>, _) = match what {
                Perturbed::Y => {
                    let changed = moved(y, &directions.y, delta);
                    let solve = |&method: &Method| system.solve(method, &changed);
                    (methods.iter().map(solve).collect(), bounds.as_ref().map(|b| b.of_y(distance(&changed, y))))
                }
                Perturbed::X => {
                    let changed = Matrix::new(x.rows(), x.cols(), moved(x.as_slice(), &directions.x, delta));
                    let system = System::new(&changed);
                    let bound = bounds.as_ref().and_then(|b| b.of_x(distance(changed.as_slice(), x.as_slice())));
                    (methods.iter().map(|&method| system.solve(method, y)).collect(), bound)
                }
            };
            for (&method, (before, after)) in methods.iter().zip(before.iter().zip(after)) {
                let pair = before.as_ref().map_err(|&failure| failure).and_then(|before| Ok((before, after?)));
                let outcome = pair.map(|(before, after)| {
                    let change: Vec<f64> = after.iter().zip(before).map(|(after, before)| after - before).collect();
                    errors(x, &change, before)
                });
                let bound = bound.filter(|_| matches!(method.solver, Solver::Svd | Solver::Qr));
                rows.push(row(delta, what.name(), method, outcome, bound));
            }
        }
    }
    rows
}

/// Each solver's answer against the double-double one.
fn rounding_rows(
    seen: &Observation<'_>,
    methods: &[Method],
    answers: &[Result<Vec<f64>, Failure>],
) -> Vec<PerturbationRow> {
    let (x, y) = (&seen.problem.x, &seen.problem.y);
    let reference = Reference::new(x, seen.svd);
    let pairs = methods.iter().zip(answers);
    pairs
        .map(|(&method, answer)| {
            let outcome = answer.as_ref().map_err(|&failure| failure).map(|answer| {
                let Some(exact) = reference.solve(method, y) else { return Errors::default() };
                // Rounding the exact answer first would hide errors below u.
                let change: Vec<f64> = answer
                    .iter()
                    .zip(&exact)
                    .map(|(&answer, &exact)| (Dd::from_f64(answer) - exact).to_f64())
                    .collect();
                let exact: Vec<f64> = exact.into_iter().map(Scalar::to_f64).collect();
                errors(x, &change, &exact)
            });
            row(0.0, "none", method, outcome, None)
        })
        .collect()
}

fn row(
    delta: f64,
    what: &'static str,
    method: Method,
    outcome: Result<Errors, Failure>,
    bound: Option<f64>,
) -> PerturbationRow {
    let (errors, status) = match outcome {
        Ok(errors) => (errors, "ok"),
        Err(failure) => (Errors::default(), failure.name()),
    };
    let ratio = errors.w.zip(bound).and_then(|(error, bound)| quotient(error, bound));
    let Method { solver, lambda } = method;
    PerturbationRow {
        delta,
        what,
        solver: solver.name(),
        lambda,
        rel_error_w: errors.w,
        rel_error_prediction: errors.prediction,
        bound,
        ratio,
        status,
    }
}

fn errors(x: &Matrix, change: &[f64], w: &[f64]) -> Errors {
    Errors { w: quotient(norm(change), norm(w)), prediction: quotient(norm(&x.times(change)), norm(&x.times(w))) }
}

fn quotient(a: f64, b: f64) -> Option<f64> {
    (b > 0.0).then(|| a / b)
}

/// Where the changes point: unit vectors in the space of y and of X's entries.
struct Directions {
    y: Vec<f64>,
    x: Vec<f64>,
}

impl Directions {
    fn draw(seen: &Observation<'_>) -> Self {
        let (n, d) = (seen.problem.x.rows(), seen.problem.x.cols());
        let mut generator = seen.seeding.stream(&seen.trial, Stream::Perturbation);
        let x = unit(generator.normals(n * d));
        Self { x, y: unit(generator.normals(n)) }
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

/// ||a - b||: the change as stored, after rounding.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let gap: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    norm(&gap)
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
        let w = norm(&svd.solve(&problem.y, 0.0));
        (svd.rank == svd.sigma.len() && w > 0.0).then(|| Self {
            sigma_min,
            w,
            residual: norm(&svd.left_null_component(&problem.y)),
            turning: if problem.x.rows() < problem.x.cols() { 1.0 } else { 0.0 },
        })
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::testing::{Case, close, recorded};

    /// The rows of `case` that `pick` likes, of which there must be some.
    fn rows_of(case: &Case, pick: impl Fn(&PerturbationRow) -> bool) -> Vec<PerturbationRow> {
        let rows: Vec<_> = rows(&case.observation()).into_iter().filter(pick).collect();
        assert!(!rows.is_empty());
        rows
    }

    #[test]
    fn rows_come_in_key_order_and_zero_delta_once() {
        let mut case = Case::new(&[&[2.0, 0.0], &[0.0, 1.0], &[1.0, 1.0]], &[1.0, 2.0, 3.0]);
        case.cell.delta = vec![0.0, 1e-6, 1e-3];
        case.cell.lambda = vec![0.0, 1.0];
        let keys: Vec<_> = rows_of(&case, |_| true).iter().map(|row| (row.delta, row.what, row.solver)).collect();
        // 5 methods: svd, qr, normal equations, ridge twice; none once, then two deltas of y and X.
        assert_eq!(keys.len(), 5 * (1 + 2 * 2));
        assert!(keys[..5].iter().all(|key| key.0 == 0.0 && key.1 == "none"));
        assert_eq!(keys[5], (1e-6, "y", "svd"));
        assert_eq!(keys[10], (1e-6, "X", "svd"));
        assert_eq!(keys[24], (1e-3, "X", "ridge"));
    }

    #[test]
    fn a_change_of_y_moves_the_only_weight_as_the_formula_says() {
        // X = (1, 0)': w = y_1. The change is delta ||y|| g_1 / ||g||, at most the bound delta ||y|| / |y_1|.
        let mut case = Case::new(&[&[1.0], &[0.0]], &[3.0, 4.0]);
        case.cell.delta = vec![1e-3];
        let g = case.observation();
        let mut generator = g.seeding.stream(&g.trial, Stream::Perturbation);
        generator.normals(2);
        let g = generator.normals(2);
        let expected = 1e-3 * 5.0 * g[0].abs() / g[0].hypot(g[1]) / 3.0;
        for row in rows_of(&case, |row| row.what == "y") {
            close(row.rel_error_w.unwrap(), expected, 1e-12);
            close(row.rel_error_prediction.unwrap(), expected, 1e-12);
            if matches!(row.solver, "svd" | "qr") {
                close(row.bound.unwrap(), 5e-3 / 3.0, 1e-12);
                close(row.ratio.unwrap(), expected / (5e-3 / 3.0), 1e-11);
            } else {
                assert_eq!((row.bound, row.ratio), (None, None));
            }
        }
    }

    #[test]
    fn a_change_of_x_is_bounded_with_the_residual() {
        // sigma_min = 1, w = 3, r = 4, eta = 1e-3.
        let mut case = Case::new(&[&[1.0], &[0.0]], &[3.0, 4.0]);
        case.cell.delta = vec![1e-3];
        for row in rows_of(&case, |row| row.what == "X" && matches!(row.solver, "svd" | "qr")) {
            close(row.bound.unwrap(), 1e-3 / 0.999 * (1.0 + 4.0 / 3.0), 1e-10);
        }
        // n < d: no residual, but the row space turns.
        let mut case = Case::new(&[&[1.0, 0.0]], &[3.0]);
        case.cell.delta = vec![1e-3];
        for row in rows_of(&case, |row| row.what == "X" && matches!(row.solver, "svd" | "qr")) {
            close(row.bound.unwrap(), 1e-3 / 0.999 + 1e-3, 1e-10);
        }
    }

    #[test]
    fn errors_agree_with_numpy_and_stay_below_the_bound() {
        for name in ["tall", "wide"] {
            let (mut case, recorded) = recorded(name);
            case.cell.delta = vec![1e-6];
            for expected in recorded["perturbation"].as_array().unwrap() {
                let what = expected["what"].as_str().unwrap();
                let rows = rows_of(&case, |row| row.what == what && matches!(row.solver, "svd" | "qr"));
                assert_eq!(rows.len(), 2);
                for row in rows {
                    close(row.rel_error_w.unwrap(), expected["rel_error_w"].as_f64().unwrap(), 1e-7);
                    let prediction = expected["rel_error_prediction"].as_f64().unwrap();
                    close(row.rel_error_prediction.unwrap(), prediction, 1e-7);
                    assert!(row.ratio.unwrap() <= 1.0, "{name} {what} {}: {:?}", row.solver, row.ratio);
                    assert!(row.ratio.unwrap() > 0.01, "{name} {what} {}: the bound is idle", row.solver);
                }
            }
        }
    }

    #[test]
    fn without_a_change_qr_and_svd_err_by_kappa_roundoffs_at_most() {
        for name in ["tall", "wide"] {
            let (case, _) = recorded(name);
            for row in rows_of(&case, |row| row.what == "none" && row.status == "ok") {
                let error = row.rel_error_w.unwrap();
                assert!(error < 1e-13 && error > 0.0, "{name} {}: {error:e}", row.solver);
            }
        }
    }

    #[test]
    fn failures_are_rows_that_say_why() {
        let mut case = Case::new(&[&[1.0, 1.0], &[2.0, 2.0]], &[1.0, 2.0]);
        case.cell.lambda = vec![1.0];
        let status = |case: &Case, solver: &str| {
            let row = rows_of(case, |row| row.solver == solver).remove(0);
            (row.status, row.rel_error_w.is_some())
        };
        assert_eq!(status(&case, "normal-equations"), ("not-positive-definite", false));
        assert_eq!(status(&case, "svd"), ("ok", false), "no reference for a rank-deficient X");
        assert_eq!(status(&case, "ridge"), ("ok", true));
        let nearly = Case::new(&[&[0.1, 0.3], &[0.2, 0.6], &[0.7, 2.1]], &[1.0, 2.0, 3.0]);
        assert_eq!(status(&nearly, "svd"), ("ok", false), "rank 1 up to the rounding of the entries");
        let wide = Case::new(&[&[1.0, 2.0, 2.0]], &[9.0]);
        assert_eq!(status(&wide, "normal-equations"), ("singular", false));
        assert_eq!(status(&wide, "qr"), ("ok", true));
        let zero_column = Case::new(&[&[1.0, 0.0], &[2.0, 0.0]], &[1.0, 2.0]);
        assert_eq!(status(&zero_column, "qr"), ("singular", false));
        let huge = Case::new(&[&[1e200], &[1e200]], &[1.0, 2.0]);
        assert_eq!(status(&huge, "normal-equations"), ("not-finite", false), "X'X overflows");
        assert_eq!(status(&huge, "qr"), ("ok", true));
    }

    #[test]
    fn no_bound_where_the_change_may_cost_a_rank() {
        let mut case = Case::new(&[&[1.0, 0.0], &[0.0, 1e-3]], &[1.0, 1.0]);
        case.cell.delta = vec![1e-2];
        assert!(rows_of(&case, |row| row.what == "X").iter().all(|row| row.bound.is_none()));
        assert!(rows_of(&case, |row| row.what == "y" && row.solver == "svd").iter().all(|row| row.bound.is_some()));
    }
}
