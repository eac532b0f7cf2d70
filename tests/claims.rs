//! The claims of the textbook examples that nullsweep grew out of, each measured by the table that shows it.
//!
//! Every test goes the whole way of a trial: design, engine, certificate, thin SVD, rows. Numbers are read by column
//! name, as a reader of the CSV would.

#![allow(clippy::unwrap_used)]

use std::cell::OnceCell;

use nullsweep::certify::{Ladder, certify};
use nullsweep::decomposition::ThinSvd;
use nullsweep::design::{DesignSpec, Problem, Spacing, TargetSpec, Weights, build};
use nullsweep::engine::{Vectors, cpu};
use nullsweep::grid::{Cell, Seeding, Trial};
use nullsweep::linalg::{Cholesky, norm, normal_matrix};
use nullsweep::matrix::Matrix;
use nullsweep::measure::table::Value;
use nullsweep::measure::{Arithmetic, Observation, Perturbed, SelectionSettings, Settings, Solver, TableId};

/// Everything that is asked of one trial.
struct Study {
    trial: Trial,
    seeding: Seeding,
    problem: Problem,
    cell: Cell,
    settings: Settings,
}

/// One row of a table, read by column name.
struct Row(TableId, Vec<Value>);

impl Study {
    /// A drawn design with normal weights and noise 0.1.
    fn drawn(design: &DesignSpec, seeding: Seeding, n: usize, d: usize, epsilon: Option<f64>) -> Self {
        let trial = Trial { index: 0, cell: 0, n, d, epsilon, replicate: 0 };
        let target = TargetSpec::Model { weights: Weights::Normal, noise: 0.1, features: None };
        Self::of(build(design, &target, seeding, &trial).unwrap(), trial, seeding)
    }

    /// Measured targets for written rows.
    fn written<const N: usize, const D: usize>(rows: [[f64; D]; N], y: [f64; N]) -> Self {
        let x = Matrix::from_fn(N, D, |i, j| rows[i][j]);
        let trial = Trial { index: 0, cell: 0, n: N, d: D, epsilon: None, replicate: 0 };
        Self::of(Problem { x, y: y.to_vec(), w: None, noise: None }, trial, Seeding::Keyed(1))
    }

    fn of(problem: Problem, trial: Trial, seeding: Seeding) -> Self {
        let Trial { n, d, epsilon, .. } = trial;
        let cell = Cell { n, d, epsilon, lambda: Vec::new(), delta: Vec::new(), alpha: Vec::new() };
        let settings = Settings {
            solvers: vec![Solver::Svd, Solver::Qr, Solver::NormalEquations],
            perturbed: vec![Perturbed::Y, Perturbed::X],
            arithmetic: vec![Arithmetic::F64],
            iterations: Vec::new(),
            step: 1.0,
            weight_decay: 0.0,
            selection: SelectionSettings::default(),
        };
        Self { trial, seeding, problem, cell, settings }
    }

    fn svd(&self) -> ThinSvd {
        ThinSvd::of(&self.problem.x)
    }

    fn rows(&self, table: TableId) -> Vec<Row> {
        let x = &self.problem.x;
        let certified = certify(x, cpu::factor(x, Vectors::Right), Ladder::Climb { rtol: 1e-6 }, 1e-6);
        let svd = ThinSvd::from_factors(x, &certified.factors.sigma, certified.factors.v.as_ref().unwrap());
        let gram = cpu::gram_spectrum(x);
        let seen = Observation {
            trial: self.trial,
            cell: &self.cell,
            seeding: self.seeding,
            design: None,
            problem: &self.problem,
            certified: &certified,
            svd: &svd,
            gram: table.needs_gram().then_some(&gram),
            verification: None,
            settings: &self.settings,
            fit: OnceCell::new(),
        };
        let mut values = Vec::new();
        table.measure(&seen, &mut values);
        values.chunks(table.schema().columns.len()).map(|row| Row(table, row.to_vec())).collect()
    }

    /// The only row of a table that has one row a trial.
    fn row(&self, table: TableId) -> Row {
        let mut rows = self.rows(table);
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }
}

impl Row {
    fn value(&self, column: &str) -> &Value {
        let at = self.0.schema().columns.iter().position(|known| known.name == column).expect(column);
        &self.1[at]
    }

    fn number(&self, column: &str) -> f64 {
        match self.value(column) {
            Value::Float(number) => *number,
            other => panic!("{column} is {other:?}"),
        }
    }

    fn count(&self, column: &str) -> i64 {
        match self.value(column) {
            Value::Int(count) => *count,
            other => panic!("{column} is {other:?}"),
        }
    }

    fn word(&self, column: &str) -> &'static str {
        match self.value(column) {
            Value::Text(word) => word,
            other => panic!("{column} is {other:?}"),
        }
    }
}

/// Asserts |actual - expected| <= tolerance |expected|; NaN is never close.
#[track_caller]
fn close(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual - expected).abs() <= tolerance * expected.abs(), "{actual:e} is not {expected:e}");
}

const GAUSSIAN: DesignSpec = DesignSpec::Gaussian;
const SEED: Seeding = Seeding::Keyed(2);

#[test]
fn claim_1_rank_and_nullity_add_up_to_d() {
    let duplicate = DesignSpec::Duplicate { copies: 2, multiple: 1.0 };
    let cases = [(&GAUSSIAN, 6, 12, 6), (&GAUSSIAN, 12, 6, 6), (&GAUSSIAN, 1, 5, 1), (&duplicate, 20, 6, 4)];
    for (design, n, d, rank) in cases {
        let mut study = Study::drawn(design, SEED, n, d, None);
        study.cell.alpha = vec![1.0];
        let counted = study.row(TableId::Spectrum).count("rank");
        let nullity = study.rows(TableId::NullSpace)[0].count("nullity");
        assert_eq!((counted, counted + nullity), (rank, i64::try_from(d).unwrap()), "{n}x{d}");
    }
}

#[test]
fn claim_2_null_steps_fit_equally_well_and_only_lengthen_the_minimum_norm_solution() {
    let mut study = Study::drawn(&GAUSSIAN, SEED, 6, 12, None);
    study.cell.alpha = vec![-3.0, 1e-3, 5.0];
    for row in study.rows(TableId::NullSpace).iter().filter(|row| row.word("vector") == "null") {
        assert!(row.number("prediction_change") < 1e-13);
        let (before, after) = (row.number("w_norm_before"), row.number("w_norm_after"));
        close(after, before.hypot(row.number("alpha")), 1e-13);
    }
}

#[test]
fn claim_3_the_last_row_of_the_thin_svd_is_no_null_vector() {
    let mut study = Study::drawn(&GAUSSIAN, Seeding::Numpy(1023), 6, 12, None);
    study.cell.alpha = vec![5.0];
    let rows = study.rows(TableId::NullSpace);
    assert_eq!((rows[0].word("vector"), rows[1].word("vector")), ("null", "thin-last"));
    // 5 * np.linalg.svd(X)[1][-1] for X = default_rng(1023).normal(size=(6, 12)).
    close(rows[1].number("prediction_change"), 4.637_126_950_043_969, 1e-12);
    close(rows[1].number("predicted_change"), 4.637_126_950_043_969, 1e-12);
    assert!(rows[0].number("prediction_change") < 1e-13);
    assert_eq!(rows[0].number("predicted_change"), 0.0);
}

#[test]
fn claim_4_every_w_splits_into_a_row_space_and_a_null_space_part() {
    let study = Study::drawn(&GAUSSIAN, SEED, 6, 12, None);
    let svd = study.svd();
    let w = study.problem.w.as_deref().unwrap();
    let null = svd.null_component(w);
    let row_space = svd.weights(&svd.project_right(w));
    for ((null, row_space), w) in null.iter().zip(&row_space).zip(w) {
        assert!((null + row_space - w).abs() < 1e-14);
    }
    close(norm(&null).hypot(norm(&row_space)), norm(w), 1e-14);
    assert!(norm(&study.problem.x.times(&null)) < 1e-13);
    // The projector onto the null space has trace d - rank.
    let trace: f64 = (0..12)
        .map(|j| {
            let unit: Vec<f64> = (0..12).map(|i| if i == j { 1.0 } else { 0.0 }).collect();
            svd.null_component(&unit)[j]
        })
        .sum();
    close(trace, 6.0, 1e-13);
}

#[test]
fn claim_6_near_a_small_sigma_weights_move_and_predictions_hardly_do() {
    let mut previous = 0.0;
    for epsilon in [1e-2, 1e-4, 1e-6] {
        let mut study = Study::drawn(&DesignSpec::Collinear, SEED, 50, 5, Some(epsilon));
        study.cell.delta = vec![1e-8];
        // Noise would swell w itself as epsilon falls, and hide in the relative error what the absolute one shows.
        study.problem.y = study.problem.x.times(study.problem.w.as_deref().unwrap());
        let rows = study.rows(TableId::Perturbation);
        let is_svd = |row: &&Row| row.word("what") == "y" && row.word("solver") == "svd";
        let row = rows.iter().find(is_svd).unwrap();
        let moved = row.number("rel_error_w");
        assert!(row.number("rel_error_prediction") < 2e-8, "predictions move by delta at most");
        assert!(moved > 20.0 * previous, "a hundred times smaller epsilon: {previous:e} then {moved:e}");
        assert!(row.number("ratio") <= 1.0);
        previous = moved;
    }
    assert!(previous > 1e-4, "delta 1e-8 was amplified to {previous:e} only");
}

#[test]
fn claim_7_ridge_shifts_the_spectrum_and_trades_variance_for_bias() {
    let mut study = Study::drawn(&DesignSpec::Collinear, SEED, 50, 5, Some(1e-3));
    study.cell.lambda = vec![0.0, 1e-4, 1e-2, 1.0, 100.0];
    let sigma = study.svd().sigma;
    let rows = study.rows(TableId::Ridge);
    for row in &rows {
        let lambda = row.number("lambda");
        let expected = (sigma[0].powi(2) + lambda) / (sigma[4].powi(2) + lambda);
        close(row.number("kappa_ridge"), expected, 1e-10);
    }
    for pair in rows.windows(2) {
        assert!(pair[1].number("kappa_ridge") < pair[0].number("kappa_ridge"));
        assert!(pair[1].number("variance") < pair[0].number("variance"));
        assert!(pair[1].number("bias2") > pair[0].number("bias2"));
    }
}

#[test]
fn claim_8_wide_x_has_a_singular_gram_matrix_and_a_penalty_repairs_it() {
    // Integers: X'X is exact, and so is its last pivot.
    let mut study = Study::written([[1.0, 2.0, 3.0], [0.0, 1.0, 4.0]], [1.0, 2.0]);
    let mut gram = normal_matrix::<f64>(&study.problem.x);
    assert_eq!(Cholesky::new(&gram).unwrap_err().pivot, 2);
    for j in 0..3 {
        gram[(j, j)] += 0.5;
    }
    assert!(Cholesky::new(&gram).is_ok());

    study.cell.delta = vec![0.0];
    let rows = study.rows(TableId::Perturbation);
    let status = |solver| rows.iter().find(|row| row.word("solver") == solver).unwrap().word("status");
    assert_eq!((status("normal-equations"), status("qr"), status("svd")), ("singular", "ok", "ok"));
    assert_eq!(study.row(TableId::Spectrum).number("kappa_squared"), f64::INFINITY);
    study.cell.lambda = vec![0.0, 0.5];
    let rows = study.rows(TableId::Ridge);
    assert_eq!(rows[0].number("kappa_ridge"), f64::INFINITY);
    assert!(rows[1].number("kappa_ridge") < 100.0);
}

#[test]
fn claim_9_the_gram_matrix_squares_kappa_and_exhausts_f64() {
    let spectrum = DesignSpec::Spectrum { spacing: Spacing::Geometric };
    let at = |epsilon| Study::drawn(&spectrum, SEED, 40, 8, Some(epsilon)).row(TableId::Spectrum);
    let mild = at(1e-3);
    close(mild.number("kappa"), 1e3, 1e-9);
    close(mild.number("kappa_gram"), mild.number("kappa_squared"), 1e-8);
    assert!(mild.number("gram_digits_lost") < 8.0);
    let harsh = at(1e-9);
    close(harsh.number("kappa"), 1e9, 1e-4);
    close(harsh.number("kappa_squared"), 1e18, 1e-3);
    assert!(harsh.number("gram_digits_lost") > 15.0, "no digit of sigma_min survives X'X");
    assert_eq!(harsh.word("status"), "ok", "while the certificate of X itself is tight");
}

#[test]
fn claim_11_qr_and_svd_avoid_the_squaring() {
    let spectrum = DesignSpec::Spectrum { spacing: Spacing::Geometric };
    let mut study = Study::drawn(&spectrum, SEED, 40, 8, Some(1e-6));
    study.cell.delta = vec![0.0];
    let rows = study.rows(TableId::Perturbation);
    let error = |solver| rows.iter().find(|row| row.word("solver") == solver).unwrap().number("rel_error_w");
    let (svd, qr, normal) = (error("svd"), error("qr"), error("normal-equations"));
    // kappa u = 1e-10, kappa^2 u = 1e-4.
    assert!(svd < 1e-9 && qr < 1e-9, "{svd:e} {qr:e}");
    assert!(normal > 1e-7 && normal > 100.0 * svd.max(qr), "{normal:e} against {svd:e} {qr:e}");
}

#[test]
fn claim_12_descent_from_zero_finds_the_minimum_norm_solution_and_other_starts_do_not() {
    let mut study = Study::drawn(&GAUSSIAN, SEED, 6, 12, None);
    study.settings.iterations = vec![0, 1_000_000];
    let rows = study.rows(TableId::Descent);
    let (zero, random) = (&rows[1], &rows[3]);
    assert_eq!((zero.word("start"), random.word("start")), ("zero", "random"));
    assert!(zero.number("distance_to_min_norm") < 1e-12 && zero.number("null_norm") == 0.0);
    assert!(zero.number("train_mse") < 1e-24 && random.number("train_mse") < 1e-24, "both fit");
    let kept = rows[2].number("null_norm");
    assert!(kept > 0.5);
    close(random.number("distance_to_min_norm"), kept, 1e-12);
}

#[test]
fn claim_15_null_steps_leave_training_alone_and_ruin_test_error() {
    let mut study = Study::drawn(&GAUSSIAN, SEED, 6, 12, None);
    study.cell.alpha = vec![-10.0, 10.0];
    let rows = study.rows(TableId::NullSpace);
    let null: Vec<&Row> = rows.iter().filter(|row| row.word("vector") == "null").collect();
    assert!(null.iter().all(|row| row.number("prediction_change") < 1e-13));
    // One of the two directions may lead towards the true weights; together they cost 2 alpha^2.
    let change = [null[0].number("test_mse_change"), null[1].number("test_mse_change")];
    close(change[0] + change[1], 200.0, 1e-12);
    assert!(change[0].max(change[1]) > 100.0);
}

#[test]
fn claim_17_the_null_space_of_two_equal_columns_is_the_line_t_minus_t() {
    let study = Study::written([[1.0, 1.0], [2.0, 2.0]], [1.0, 2.0]);
    let svd = study.svd();
    assert_eq!((svd.rank, svd.nullity()), (1, 1));
    let z = svd.null_component(&[1.0, 0.0]);
    close(z[0], 0.5, 1e-14);
    close(z[1], -0.5, 1e-14);
}

#[test]
fn claim_18_what_lies_in_the_left_null_space_no_training_removes() {
    let mut study = Study::written([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], [5.0, 11.0, 20.0]);
    // The column space is the line along (1, 2, 3): b'(1, 2, 3) = 87, ||(1, 2, 3)||^2 = 14, ||b||^2 = 546.
    let row = study.row(TableId::LeftNull);
    assert_eq!(row.count("left_nullity"), 2);
    close(row.number("fitted_norm"), 87.0 / 14f64.sqrt(), 1e-14);
    close(row.number("residual_norm"), (75.0 / 14.0f64).sqrt(), 1e-13);
    close(row.number("irreducible_fraction"), 75.0 / 14.0 / 546.0, 1e-13);
    study.settings.iterations = vec![1_000_000_000];
    for row in study.rows(TableId::Descent) {
        close(row.number("train_mse"), 75.0 / 14.0 / 3.0, 1e-13);
    }
}

#[test]
fn claim_19_months_add_nothing_to_years_and_a_bonus_needs_its_own_column() {
    let years = [1.0, 2.0, 4.0, 5.0, 8.0];
    let bonus = [0.0, 1.0, 0.0, 0.0, 1.0];
    let salary: [f64; 5] = std::array::from_fn(|i| 3.0 * years[i] + 2.0 * bonus[i]);
    let without = Study::written(std::array::from_fn::<[f64; 2], 5, _>(|i| [years[i], 12.0 * years[i]]), salary);
    let row = without.row(TableId::Spectrum);
    assert_eq!((row.count("rank"), row.count("rank_lo")), (1, 1));
    // A year less is made up for by twelve months more: (12, -1) / sqrt(145).
    let z = without.svd().null_component(&[145.0, 0.0]);
    close(z[0], 144.0, 1e-13);
    close(z[1], -12.0, 1e-12);
    let left = without.row(TableId::LeftNull).number("irreducible_fraction");
    assert!(left > 0.001, "{left}");
    let with = Study::written(std::array::from_fn::<[f64; 3], 5, _>(|i| [years[i], 12.0 * years[i], bonus[i]]), salary);
    let left = with.row(TableId::LeftNull).number("irreducible_fraction");
    assert!(left < 1e-28, "{left}");
}
