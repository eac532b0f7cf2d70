//! Table `descent`: gradient descent on ||X w - y||^2 / 2 + lambda ||w||^2 / 2, every iterate in closed form.
//!
//! In the basis of right singular vectors the step w <- w - eta (X'(X w - y) + lambda w) acts on each coordinate alone:
//! the distance to the fixed point sigma c / (sigma^2 + lambda) shrinks by 1 - eta (sigma^2 + lambda). In the null space
//! the fixed point is 0 and the factor 1 - eta lambda: without weight decay nothing ever moves there, which is why the
//! start decides which of the equivalent solutions is found. Powers are taken as exp(t log(1 - rho)), so that iteration
//! 10^9 costs what iteration 1 costs and is as accurate.

use super::table::table;
use super::{Observation, Settings};
use crate::decomposition::{Fit, ThinSvd};
use crate::grid::Stream;
use crate::linalg::norm;

table! {
    "descent", "trial x start x iteration";
    /// One iterate of gradient descent.
    pub struct DescentRow {
        /// zero, or random (d standard normals).
        key "name" start: &'static str,
        /// Steps taken.
        key "1" iteration: u64,
        /// Distance to the minimum-norm least-squares solution; these columns are empty for X = 0 without weight decay, where
        /// no step size is defined.
        result "y/x" distance_to_min_norm: Option<f64>,
        /// Norm of the iterate's part in the null space of X.
        result "y/x" null_norm: Option<f64>,
        /// Training error ||X w - y||^2 / n.
        result "y^2" train_mse: Option<f64>,
        /// Expected squared error at a new x with uncorrelated entries of mean 0 and variance 1: ||w - true w||^2 +
        /// noise^2, plus the sum of the squared weights of hidden features (target.features); empty where the true weights
        /// are unknown.
        result "y^2" test_mse: Option<f64>,
        /// Norm of the iterate.
        result "y/x" w_norm: Option<f64>,
    }
}

/// For each start the iterations that were asked for, ascending.
pub fn rows(seen: &Observation<'_>) -> Vec<DescentRow> {
    let d = seen.problem.x.cols();
    let random = seen.seeding.stream(&seen.trial, Stream::Descent).normals(d);
    let path = Path::new(seen);
    let mut rows = Vec::with_capacity(2 * seen.settings.iterations.len());
    for (start, w_init) in [("zero", vec![0.0; d]), ("random", random)] {
        let split = seen.svd.split_right(&w_init);
        let origin = Origin { row_space: split.coordinates, null: split.rest };
        for &iteration in &seen.settings.iterations {
            let iterate = path.as_ref().map(|path| path.at(&origin, iteration));
            rows.push(DescentRow {
                start,
                iteration,
                distance_to_min_norm: iterate.as_ref().map(|at| at.distance_to_min_norm),
                null_norm: iterate.as_ref().map(|at| at.null_norm),
                train_mse: iterate.as_ref().map(|at| at.train_mse),
                test_mse: iterate.as_ref().and_then(|at| at.test_mse),
                w_norm: iterate.as_ref().map(|at| at.w_norm),
            });
        }
    }
    rows
}

/// Where descent starts.
struct Origin {
    /// V'w_init, `rank` values.
    row_space: Vec<f64>,
    /// The part of w_init in the null space, d values.
    null: Vec<f64>,
}

/// One coordinate of the row space.
struct Coordinate {
    sigma: f64,
    /// The minimum-norm solution, c / sigma.
    min_norm: f64,
    /// The fixed point of the descent, sigma c / (sigma^2 + lambda).
    fixed_point: f64,
    /// eta (sigma^2 + lambda).
    rate: f64,
    /// The true weight, where known.
    truth: Option<f64>,
}

/// Everything about a descent that does not depend on its start.
struct Path {
    coordinates: Vec<Coordinate>,
    /// eta lambda.
    null_rate: f64,
    /// Norm of the residual that no weights remove.
    irreducible: f64,
    n: f64,
    /// The true weights' part in the null space and the noise, where known.
    truth: Option<(Vec<f64>, f64)>,
}

/// What one iterate shows.
struct Iterate {
    distance_to_min_norm: f64,
    null_norm: f64,
    train_mse: f64,
    test_mse: Option<f64>,
    w_norm: f64,
}

impl Path {
    /// Nothing for X = 0 without weight decay.
    fn new(seen: &Observation<'_>) -> Option<Self> {
        let Settings { step, weight_decay, .. } = *seen.settings;
        let (svd, problem) = (seen.svd, seen.problem);
        let sigma_max = svd.sigma.first().copied().filter(|&sigma| sigma > 0.0 || weight_decay > 0.0)?;
        // eta = step / (sigma_max^2 + lambda); both rates are written with the ratios to sigma_max alone.
        let decay = weight_decay / sigma_max / sigma_max;
        let rate = |ratio: f64| if decay.is_infinite() { step } else { step * (ratio * ratio + decay) / (1.0 + decay) };
        let (min_norm, irreducible) = coordinates(seen.fit(), svd, 0.0);
        let (fixed_points, _) = coordinates(seen.fit(), svd, weight_decay);
        let truth = problem.w.as_deref().map(|w| svd.split_right(w));
        let coordinates = (0..svd.rank)
            .map(|i| Coordinate {
                sigma: svd.sigma[i],
                min_norm: min_norm[i],
                fixed_point: fixed_points[i],
                rate: rate(svd.sigma[i] / sigma_max),
                truth: truth.as_ref().map(|truth| truth.coordinates[i]),
            })
            .collect();
        Some(Self {
            coordinates,
            null_rate: rate(0.0),
            irreducible,
            n: problem.x.rows() as f64,
            truth: truth.map(|truth| truth.rest).zip(problem.noise),
        })
    }

    fn at(&self, origin: &Origin, iteration: u64) -> Iterate {
        let count = self.coordinates.len();
        let (mut weights, mut from_min_norm) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (at, &start) in self.coordinates.iter().zip(&origin.row_space) {
            let left = Remaining::after(iteration, at.rate);
            weights.push(at.fixed_point * left.gone + start * left.kept);
            // Without weight decay the first term is exactly 0, and no digit of a small distance is lost.
            from_min_norm.push((at.fixed_point - at.min_norm) + left.kept * (start - at.fixed_point));
        }
        let misfit: Vec<f64> = self.coordinates.iter().zip(&from_min_norm).map(|(at, gap)| at.sigma * gap).collect();
        let null_kept = Remaining::after(iteration, self.null_rate).kept;
        let null: Vec<f64> = origin.null.iter().map(|w| null_kept * w).collect();
        let null_norm = norm(&null);
        let test_mse = self.truth.as_ref().map(|(null_truth, noise)| {
            let within = weights.iter().zip(&self.coordinates).map(|(w, at)| w - at.truth.unwrap_or(0.0));
            let beyond = null.iter().zip(null_truth).map(|(w, truth)| w - truth);
            within.chain(beyond).map(|error| error * error).sum::<f64>() + noise * noise
        });
        Iterate {
            distance_to_min_norm: norm(&from_min_norm).hypot(null_norm),
            null_norm,
            train_mse: (self.irreducible.powi(2) + norm(&misfit).powi(2)) / self.n,
            test_mse,
            w_norm: norm(&weights).hypot(null_norm),
        }
    }
}

/// V'w, `rank` values, and the norm of the residual of the ridge solution for this penalty.
fn coordinates(fit: &Fit<'_>, svd: &ThinSvd, lambda: f64) -> (Vec<f64>, f64) {
    let spectral = fit.spectral(lambda);
    if spectral.suffices() {
        return (spectral.coordinates, spectral.residual_norm);
    }
    let solution = fit.solution(lambda);
    (svd.project_right(&solution.w), norm(&solution.residual))
}

/// What t steps leave of a distance that each step multiplies by 1 - rate.
struct Remaining {
    /// (1 - rate)^t.
    kept: f64,
    /// 1 - (1 - rate)^t, accurate also where it is tiny.
    gone: f64,
}

impl Remaining {
    fn after(iteration: u64, rate: f64) -> Self {
        let steps = iteration as f64;
        if iteration == 0 {
            return Self { kept: 1.0, gone: 0.0 };
        }
        if rate < 1.0 {
            let exponent = steps * (-rate).ln_1p();
            return Self { kept: exponent.exp(), gone: -exponent.exp_m1() };
        }
        // The step overshoots: the sign alternates.
        let magnitude = (steps * (rate - 1.0).ln()).exp();
        let kept = if iteration.is_multiple_of(2) { magnitude } else { -magnitude };
        Self { kept, gone: 1.0 - kept }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::testing::{Case, close, recorded};

    #[test]
    fn one_feature_halves_its_error_every_step() {
        let mut case = Case::new(&[&[2.0]], &[6.0]).with_truth(&[1.0], 0.0);
        case.settings.step = 0.5;
        case.settings.iterations = vec![0, 1, 2];
        let rows = rows(&case.observation());
        let from_zero: Vec<f64> = rows[..3].iter().map(|row| row.distance_to_min_norm.unwrap()).collect();
        assert_eq!(from_zero, [3.0, 1.5, 0.75]);
        let train: Vec<f64> = rows[..3].iter().map(|row| row.train_mse.unwrap()).collect();
        assert_eq!(train, [36.0, 9.0, 2.25]);
        close(rows[1].test_mse.unwrap(), 0.25, 1e-15);
    }

    #[test]
    fn an_overshooting_step_alternates_and_a_perfect_one_arrives() {
        close(Remaining::after(3, 1.5).kept, -0.125, 1e-15);
        close(Remaining::after(4, 1.5).kept, 0.0625, 1e-15);
        close(Remaining::after(3, 1.5).gone, 1.125, 1e-15);
        assert_eq!((Remaining::after(1, 1.0).kept, Remaining::after(1, 1.0).gone), (0.0, 1.0));
        assert_eq!((Remaining::after(0, 1.0).kept, Remaining::after(0, 1.7).gone), (1.0, 0.0));
    }

    #[test]
    fn a_billion_steps_lose_no_digits() {
        // (1 - 1e-9)^(1e9) = exp(-1 - 5e-10 - ...); (1 - 1e-14)^(1e9) = 1 - 1e-5 + 5e-11 - ...
        close(Remaining::after(1_000_000_000, 1e-9).kept, 0.367_879_440_987_502_6, 1e-14);
        close(Remaining::after(1_000_000_000, 1e-14).gone, 9.999_950_000_166_716e-6, 1e-14);
    }

    #[test]
    fn iterates_agree_with_a_numpy_loop() {
        for name in ["tall", "wide", "duplicate"] {
            let (mut case, recorded) = recorded(name);
            for run in recorded["descent"].as_array().unwrap() {
                case.settings.step = run["step"].as_f64().unwrap();
                case.settings.weight_decay = run["weight_decay"].as_f64().unwrap();
                let expected = run["rows"].as_array().unwrap();
                case.settings.iterations = expected.iter().map(|row| row["iteration"].as_u64().unwrap()).collect();
                for (row, expected) in rows(&case.observation()).iter().zip(expected) {
                    assert_eq!(row.start, "zero");
                    let number = |column: &str| expected[column].as_f64().unwrap();
                    close(row.distance_to_min_norm.unwrap() + 1.0, number("distance_to_min_norm") + 1.0, 1e-11);
                    close(row.train_mse.unwrap() + 1.0, number("train_mse") + 1.0, 1e-11);
                    close(row.test_mse.unwrap(), number("test_mse"), 1e-11);
                    close(row.w_norm.unwrap() + 1.0, number("w_norm") + 1.0, 1e-11);
                }
            }
        }
    }

    #[test]
    fn the_null_component_of_the_start_survives_unless_weights_decay() {
        let mut case = Case::new(&[&[1.0, 1.0], &[2.0, 2.0]], &[2.0, 4.0]);
        case.settings.iterations = vec![0, 10_000];
        let kept = rows(&case.observation());
        assert_eq!(kept[0].null_norm, Some(0.0));
        assert!(kept[2].null_norm.unwrap() > 0.0);
        assert_eq!(kept[2].null_norm, kept[3].null_norm);
        close(kept[3].distance_to_min_norm.unwrap(), kept[3].null_norm.unwrap(), 1e-12);
        case.settings.weight_decay = 0.1;
        let decayed = rows(&case.observation());
        assert!(decayed[3].null_norm.unwrap() < 1e-20 * decayed[2].null_norm.unwrap());
    }

    #[test]
    fn x_of_zeros_defines_no_step() {
        let mut case = Case::new(&[&[0.0]], &[1.0]);
        case.settings.iterations = vec![1];
        assert_eq!(rows(&case.observation())[0].w_norm, None);
        case.settings.weight_decay = 1.0;
        assert_eq!(rows(&case.observation())[0].w_norm, Some(0.0));
    }
}
