//! Which solution gets chosen: the textbook's claims, each measured by table `selection`, against its formula and against NumPy.
//! (Those with a number continue `tests/claims.rs`.)
//!
//! Every test goes the whole way of a trial: design, engine, certificate, thin SVD, rows.

#![allow(clippy::unwrap_used)]

use std::cell::OnceCell;

use nullsweep::certify::{Ladder, certify};
use nullsweep::decomposition::ThinSvd;
use nullsweep::design::{DesignSpec, Gallery, Problem, Spacing, TargetSpec, Weights, build};
use nullsweep::engine::{Vectors, cpu};
use nullsweep::grid::{Cell, Seeding, Stream, Trial};
use nullsweep::linalg::norm;
use nullsweep::measure::selection::{SelectionRow, rows};
use nullsweep::measure::{Chooser, Observation, SelectionSettings, Settings};
use serde_json::Value as Json;

const SEEDING: Seeding = Seeding::Keyed(5);
const GAUSSIAN: DesignSpec = DesignSpec::Gaussian;

/// One trial and what is asked of it.
struct Study {
    design: DesignSpec,
    trial: Trial,
    problem: Problem,
    cell: Cell,
    selection: SelectionSettings,
}

impl Study {
    /// With normal weights.
    fn new(design: DesignSpec, n: usize, d: usize, epsilon: Option<f64>, noise: f64) -> Self {
        let trial = Trial { index: 0, cell: 0, n, d, epsilon, replicate: 0 };
        let target = TargetSpec::Model { weights: Weights::Normal, noise, features: None };
        let problem = build(&design, &target, SEEDING, &trial).unwrap();
        let cell = Cell { n, d, epsilon, lambda: Vec::new(), delta: Vec::new(), alpha: Vec::new() };
        Self { design, trial, problem, cell, selection: SelectionSettings::default() }
    }

    fn svd(&self) -> ThinSvd {
        ThinSvd::of(&self.problem.x)
    }

    /// The normals of one part of stream 4.
    fn normals(&self, part: u64) -> Vec<f64> {
        SEEDING.part(&self.trial, Stream::Selection, part).normals(self.trial.d)
    }

    fn rows(&self) -> Vec<SelectionRow> {
        let x = &self.problem.x;
        let certified = certify(x, cpu::factor(x, Vectors::Right), Ladder::Climb { rtol: 1e-6 }, 1e-6);
        let svd = ThinSvd::from_factors(x, &certified.factors.sigma, certified.factors.v.as_ref().unwrap());
        let settings = Settings {
            solvers: Vec::new(),
            perturbed: Vec::new(),
            arithmetic: Vec::new(),
            iterations: Vec::new(),
            step: 1.0,
            weight_decay: 0.0,
            selection: self.selection.clone(),
        };
        rows(&Observation {
            trial: self.trial,
            cell: &self.cell,
            seeding: SEEDING,
            design: Some(&self.design),
            problem: &self.problem,
            certified: &certified,
            svd: &svd,
            gram: None,
            verification: None,
            settings: &settings,
            fit: OnceCell::new(),
        })
    }

    /// The only row of one chooser.
    fn row(&mut self, chooser: Chooser) -> SelectionRow {
        self.selection.choosers = vec![chooser];
        let mut rows = self.rows();
        assert_eq!(rows.len(), 1, "{chooser:?}");
        rows.remove(0)
    }
}

#[track_caller]
fn close(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual - expected).abs() <= tolerance * expected.abs(), "{actual:e} is not {expected:e}");
}

/// The slope of log y over log x by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let (mean_x, mean_y) =
        (logs.iter().map(|p| p.0).sum::<f64>() / count, logs.iter().map(|p| p.1).sum::<f64>() / count);
    let covariance: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    covariance / logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>()
}

#[test]
fn every_row_agrees_with_a_numpy_loop_over_the_same_draws() {
    let recorded: Json = serde_json::from_str(include_str!("fixtures/selection.json")).unwrap();
    let settings = &recorded["settings"];
    let number = |json: &Json| json.as_f64().unwrap();
    let count = |json: &Json| usize::try_from(json.as_u64().unwrap()).unwrap();
    let numbers = |json: &Json| -> Vec<f64> { json.as_array().unwrap().iter().map(number).collect() };
    assert_eq!(settings["seed"], 5);
    assert_eq!(recorded["trials"].as_array().unwrap().len(), 5);
    for trial in recorded["trials"].as_array().unwrap() {
        let (design, epsilon) = match trial["design"].as_str().unwrap() {
            "gaussian" => (GAUSSIAN, None),
            "duplicate" => (DesignSpec::Duplicate { copies: 1, multiple: 1.0 }, None),
            "ar1" => (DesignSpec::Ar1 { rho: 0.6 }, None),
            "low_rank" => (DesignSpec::LowRank { rank: 2 }, Some(0.3)),
            other => panic!("{other}"),
        };
        let mut study = Study::new(design, count(&trial["n"]), count(&trial["d"]), epsilon, number(&settings["noise"]));
        study.cell.lambda = numbers(&settings["lambda"]);
        study.cell.alpha = numbers(&settings["alpha"]);
        study.selection = SelectionSettings {
            choosers: Chooser::ALL.into_iter().filter(|&chooser| chooser != Chooser::Lasso).collect(),
            test_rows: count(&settings["test_rows"]),
            step: number(&settings["step"]),
            tolerance: number(&settings["tolerance"]),
            max_steps: settings["max_steps"].as_u64().unwrap(),
            weight_decay: number(&settings["weight_decay"]),
            batch_rows: count(&settings["batch_rows"]),
            variance_shares: numbers(&settings["variance_shares"]),
        };
        let (rows, expected) = (study.rows(), trial["rows"].as_array().unwrap());
        assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(expected) {
            let place = format!("{} {}: {row:?}", trial["design"], expected);
            assert_eq!(expected["chooser"], row.chooser, "{place}");
            assert_eq!(expected["key"].as_f64(), row.lambda.or(row.variance_share).or(row.alpha), "{place}");
            assert_eq!(
                (expected["steps"].as_u64(), expected["status"].as_str()),
                (row.steps, Some(row.status)),
                "{place}"
            );
            for (column, found) in [
                ("w_l2", row.w_l2),
                ("w_l1", row.w_l1),
                ("null_norm", row.null_norm),
                ("distance_to_min_norm", row.distance_to_min_norm),
                ("train_mse", row.train_mse),
                ("test_mse", row.test_mse),
            ] {
                assert_eq!(found.is_some(), expected[column].is_number(), "{column} of {place}");
                if let Some(found) = found {
                    let expected = number(&expected[column]);
                    assert!((found - expected).abs() < 1e-10 * (1.0 + expected), "{column} of {place}");
                }
            }
        }
    }
}

#[test]
fn claim_12_what_starts_at_zero_ends_at_the_minimum_norm_solution() {
    for (n, d) in [(6, 12), (12, 6)] {
        // Without noise y is fitted exactly in both shapes, and the constant step of SGD converges.
        let mut study = Study::new(GAUSSIAN, n, d, None, 0.0);
        let w0 = study.row(Chooser::MinNorm).w_l2.unwrap();
        for chooser in [Chooser::GdZero, Chooser::SgdZero, Chooser::Momentum, Chooser::WhitenedGd] {
            let row = study.row(chooser);
            assert_eq!(row.status, "ok", "{chooser:?}");
            let (away, null) = (row.distance_to_min_norm.unwrap(), row.null_norm.unwrap());
            assert!(away <= 1e-6 * w0, "{chooser:?} {n}x{d}: {away:e} of {w0}");
            assert!(null < 1e-13, "{chooser:?} {n}x{d}: {null:e}");
        }
    }
}

#[test]
fn claim_14_a_random_start_keeps_its_null_component_and_weight_decay_removes_it() {
    let mut study = Study::new(GAUSSIAN, 6, 12, None, 0.1);
    study.selection.tolerance = 1e-10;
    let kept = norm(&study.svd().null_component(&study.normals(1)));
    let random = study.row(Chooser::GdRandom);
    assert_eq!(random.status, "ok");
    assert!(kept > 1.0);
    close(random.null_norm.unwrap(), kept, 1e-12);
    close(random.distance_to_min_norm.unwrap(), kept, 1e-9);
    assert!(random.train_mse.unwrap() < 1e-18, "it fits as well as w0 does");

    study.selection.weight_decay = 0.5;
    study.cell.lambda = vec![0.5];
    let (decayed, ridge) = (study.row(Chooser::GdDecay), study.row(Chooser::Ridge));
    assert_eq!((decayed.status, decayed.lambda), ("ok", Some(0.5)));
    assert!(decayed.null_norm.unwrap() < 1e-9);
    for (found, expected) in [
        (decayed.w_l2, ridge.w_l2),
        (decayed.w_l1, ridge.w_l1),
        (decayed.distance_to_min_norm, ridge.distance_to_min_norm),
        (decayed.train_mse, ridge.train_mse),
        (decayed.test_mse, ridge.test_mse),
    ] {
        close(found.unwrap(), expected.unwrap(), 1e-7);
    }
}

#[test]
fn claim_13_of_the_solutions_that_fit_the_lasso_picks_a_sparse_one_and_ridge_a_dense_short_one() {
    let mut study = Study::new(GAUSSIAN, 10, 40, None, 0.1);
    study.cell.lambda = vec![1e-2];
    let (lasso, ridge) = (study.row(Chooser::Lasso), study.row(Chooser::Ridge));
    assert_eq!((lasso.status, ridge.status), ("ok", "ok"));
    let unfitted = study.problem.y.iter().map(|y| y * y).sum::<f64>() / 10.0;
    for row in [&lasso, &ridge] {
        assert!(row.train_mse.unwrap() < 1e-6 * unfitted, "both fit: {row:?}");
    }
    assert!(lasso.nonzeros.unwrap() <= 10, "no more than n of them for columns in general position");
    assert_eq!(ridge.nonzeros, Some(40));
    assert!(lasso.w_l1.unwrap() < ridge.w_l1.unwrap() && lasso.w_l2.unwrap() > ridge.w_l2.unwrap());
}

#[test]
fn claim_16_components_and_whitening_leave_the_direction_of_a_repeated_column_alone() {
    let mut study = Study::new(DesignSpec::Duplicate { copies: 1, multiple: 1.0 }, 20, 5, None, 0.1);
    study.selection.tolerance = 1e-10;
    study.selection.variance_shares = vec![1.0];
    for chooser in [Chooser::Pcr, Chooser::WhitenedGd] {
        let row = study.row(chooser);
        assert_eq!(row.status, "ok");
        assert!(row.null_norm.unwrap() < 1e-13, "{chooser:?}: {row:?}");
    }
    // Descent keeps whatever the start has there. New data repeat the column too, so that no prediction shows it.
    let (w0, random) = (study.row(Chooser::MinNorm), study.row(Chooser::GdRandom));
    close(random.null_norm.unwrap(), norm(&study.svd().null_component(&study.normals(1))), 1e-12);
    assert!(random.null_norm.unwrap() > 0.1);
    close(random.train_mse.unwrap(), w0.train_mse.unwrap(), 1e-9);
    close(random.test_mse.unwrap(), w0.test_mse.unwrap(), 1e-7);
}

#[test]
fn claim_15_null_steps_leave_training_alone_and_cost_their_square_at_new_data() {
    for design in [GAUSSIAN, DesignSpec::Ar1 { rho: 0.8 }] {
        let mut study = Study::new(design.clone(), 6, 12, None, 0.1);
        study.cell.alpha = vec![-20.0, -10.0, 10.0, 20.0];
        study.selection.test_rows = 4000;
        let w0 = study.row(Chooser::MinNorm);
        study.selection.choosers = vec![Chooser::NullShifted];
        let rows = study.rows();
        assert!(rows.iter().all(|row| row.status == "ok" && row.train_mse.unwrap() < 1e-26));
        // The part that is odd in alpha depends on where the truth lies; the even part is alpha^2 z'C z, C the covariance.
        let test = |at: usize| rows[at].test_mse.unwrap() - w0.test_mse.unwrap();
        let (ten, twenty) = (f64::midpoint(test(1), test(2)), f64::midpoint(test(0), test(3)));
        close(twenty / ten, 4.0, 1e-11);
        let z = study.svd().null_component(&study.normals(2));
        let covariance = |j: usize, k: usize| match design {
            DesignSpec::Ar1 { rho } => rho.powi(i32::try_from(j.abs_diff(k)).unwrap()),
            _ => f64::from(u8::from(j == k)),
        };
        let spread: f64 =
            (0..12).flat_map(|j| (0..12).map(move |k| (j, k))).map(|(j, k)| z[j] * covariance(j, k) * z[k]).sum();
        // A mean of 4000 chi-squares: five standard errors.
        close(ten, 100.0 * spread / norm(&z).powi(2), 5.0 * (2.0f64 / 4000.0).sqrt());
    }
}

#[test]
fn claim_16_steps_grow_as_kappa_squared_as_kappa_and_not_at_all() {
    let kappas = [4.0, 8.0, 16.0, 32.0, 64.0];
    let steps = |chooser: Chooser, step: f64| -> Vec<(f64, f64)> {
        let at = |&kappa: &f64| {
            let design = DesignSpec::Spectrum { spacing: Spacing::Geometric };
            let mut study = Study::new(design, 16, 16, Some(1.0 / kappa), 0.0);
            study.selection.step = step;
            let row = study.row(chooser);
            assert_eq!(row.status, "ok", "{chooser:?} at kappa {kappa}");
            (kappa, row.steps.unwrap() as f64)
        };
        kappas.iter().map(at).collect()
    };
    let descent = slope(&steps(Chooser::GdZero, 1.0));
    assert!((1.9..2.1).contains(&descent), "{descent}");
    let momentum = slope(&steps(Chooser::Momentum, 1.0));
    assert!((0.9..1.1).contains(&momentum), "{momentum}");
    // (1 - 1/2)^t <= 1e-6 from t = 20 on, whatever kappa is.
    let whitened = steps(Chooser::WhitenedGd, 0.5);
    assert!(whitened.iter().all(|&(_, steps)| steps == 20.0), "{whitened:?}");
}

#[test]
fn a_step_that_is_too_large_diverges_and_claims_nothing() {
    let mut study = Study::new(GAUSSIAN, 8, 5, None, 0.1);
    study.selection.step = 1.9;
    assert_eq!(study.row(Chooser::GdZero).status, "ok");
    study.selection.step = 2.1;
    for chooser in [Chooser::GdZero, Chooser::GdRandom, Chooser::GdDecay, Chooser::WhitenedGd] {
        let row = study.row(chooser);
        assert_eq!(row.status, "diverged", "{chooser:?}");
        assert!(row.steps.unwrap() > 1);
        let numbers = [row.w_l2, row.w_l1, row.null_norm, row.distance_to_min_norm, row.train_mse, row.test_mse];
        assert_eq!(numbers, [None; 6], "{chooser:?}");
        assert_eq!(row.nonzeros, None);
    }
}

#[test]
fn sgd_with_a_decreasing_step_comes_nearer_as_the_step_does() {
    // Noise and n > d: no w fits y, and no constant step leads to a point.
    let mut study = Study::new(GAUSSIAN, 16, 4, None, 1.0);
    study.selection.batch_rows = 4;
    study.selection.tolerance = 1e-9;
    let mut away = |epochs: u64| {
        study.selection.max_steps = 4 * epochs;
        let row = study.row(Chooser::SgdZero);
        assert_eq!((row.status, row.steps), ("not-converged", Some(4 * epochs)));
        (epochs as f64, row.distance_to_min_norm.unwrap())
    };
    let points: Vec<_> = [500, 1000, 2000, 4000, 8000, 16_000].into_iter().map(&mut away).collect();
    let rate = slope(&points);
    assert!((-0.65..-0.35).contains(&rate), "distance falls as epochs^{rate}, not as epochs^-0.5: {points:?}");
}

#[test]
fn test_errors_are_those_of_the_design() {
    // Independent entries of variance 1: E = ||w - w*||^2 + noise^2, in closed form in table ridge.
    let mut study = Study::new(GAUSSIAN, 30, 10, None, 0.5);
    study.selection.test_rows = 20_000;
    let found = study.row(Chooser::MinNorm).test_mse.unwrap();
    let w0 = study.svd().solve(&study.problem.y, 0.0);
    let truth = study.problem.w.as_ref().unwrap();
    let excess: f64 = w0.iter().zip(truth).map(|(w, truth)| (w - truth).powi(2)).sum();
    close(found - 0.25, excess, 5.0 * (2.0f64 / 20_000.0).sqrt());
    // More test rows change nothing else.
    study.selection.choosers = vec![Chooser::SgdZero];
    study.selection.max_steps = 500;
    let many = study.rows();
    study.selection.test_rows = 10;
    let few = study.rows();
    assert_eq!((many[0].w_l1, many[0].steps), (few[0].w_l1, few[0].steps));
    assert_ne!(many[0].test_mse, few[0].test_mse);
}

#[test]
fn a_fixed_matrix_is_a_sample_of_nothing() {
    let mut study = Study::new(DesignSpec::Gallery(Gallery::Hilbert), 5, 5, None, 0.1);
    let row = study.row(Chooser::MinNorm);
    assert_eq!((row.status, row.test_mse), ("ok", None));
}

#[test]
fn all_components_are_the_minimum_norm_solution_and_fewer_are_shorter() {
    let mut study = Study::new(GAUSSIAN, 6, 12, None, 0.1);
    let w0 = study.row(Chooser::MinNorm);
    study.selection.choosers = vec![Chooser::Pcr];
    study.selection.variance_shares = vec![0.5, 1.0];
    let rows = study.rows();
    assert!(rows[1].distance_to_min_norm.unwrap() < 1e-13);
    close(rows[1].w_l1.unwrap(), w0.w_l1.unwrap(), 1e-13);
    assert!(rows[0].w_l2.unwrap() < w0.w_l2.unwrap());
    // A part of w0: ||w0||^2 = ||w||^2 + ||w0 - w||^2.
    close(rows[0].w_l2.unwrap().hypot(rows[0].distance_to_min_norm.unwrap()), w0.w_l2.unwrap(), 1e-13);
}
