//! Solutions have the digits that the problem has: exact integers, mpmath's Hilbert matrices, and the growth of every
//! solver's own error with kappa.

#![allow(clippy::unwrap_used)]

use std::cell::OnceCell;

use nullsweep::certify::{Ladder, certify};
use nullsweep::decomposition::{Fit, Means, ThinSvd};
use nullsweep::design::{DesignSpec, Problem, Spacing, TargetSpec, Weights, build};
use nullsweep::engine::{Vectors, cpu};
use nullsweep::grid::{Cell, Seeding, Trial};
use nullsweep::linalg::norm;
use nullsweep::matrix::Matrix;
use nullsweep::measure::{
    Arithmetic, Observation, Perturbed, SelectionSettings, Settings, Solver, TableId, table::Value,
};

/// ||a - b|| / ||b||.
fn relative(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let gap: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    norm(&gap) / norm(b)
}

/// M B with M'M = 4 I, r orthogonal to M and det B = -1: kappa = kappa(B), about 4 a^2, and integers throughout.
struct Integers {
    x: Matrix,
    /// M t for t = B w.
    fitted: [f64; 4],
    w: [f64; 2],
}

const R: [f64; 4] = [1.0, 1.0, -1.0, -1.0];

impl Integers {
    /// B = [[a, a + 1], [a + 1, a + 2]], M = rows (1, 1), (1, -1), twice.
    fn new(a: f64, w: [f64; 2]) -> Self {
        let t = [a * w[0] + (a + 1.0) * w[1], (a + 1.0) * w[0] + (a + 2.0) * w[1]];
        let rows = [[2.0 * a + 1.0, 2.0 * a + 3.0], [-1.0, -1.0]];
        Self {
            x: Matrix::from_fn(4, 2, |i, j| rows[i % 2][j]),
            fitted: [t[0] + t[1], t[0] - t[1], t[0] + t[1], t[0] - t[1]],
            w,
        }
    }
}

#[test]
fn integer_problems_are_solved_exactly_with_and_without_a_residual() {
    for a in [10.0, 1e3, 1e5, 3e6] {
        for w in [[1.0, -1.0], [a + 2.0, -a - 1.0], [3.0, 5.0]] {
            let problem = Integers::new(a, w);
            let svd = ThinSvd::of(&problem.x);
            assert_eq!(svd.rank, 2, "a = {a:e}");
            for size in [0.0, 1.0, 1e6] {
                let y: Vec<f64> = problem.fitted.iter().zip(R).map(|(fitted, r)| fitted + size * r).collect();
                let solution = svd.solve_refined(&problem.x, &y, 0.0);
                let error = relative(&solution.w, &problem.w);
                assert!(error < 1e-12, "a = {a:e}, w = {w:?}, residual {size:e}: {error:e} by {:?}", solution.means);
                if let Means::Refined { .. } = solution.means {
                    assert_eq!(solution.w, w, "a = {a:e}, residual {size:e}: refined to the last bit");
                    let residual: Vec<f64> = R.iter().map(|r| size * r).collect();
                    let gap: Vec<f64> = solution.residual.iter().zip(&residual).map(|(a, b)| a - b).collect();
                    let scale = norm(&y);
                    assert!(norm(&gap) < 1e-28 * scale + 1e-15 * norm(&residual), "a = {a:e}: {gap:?}");
                } else {
                    assert!(a < 1e4, "a = {a:e} asks for refinement");
                }
            }
        }
    }
}

#[test]
fn refinement_is_what_makes_the_difference() {
    // kappa about 4e13 and a residual: the factors alone leave few digits, or none.
    let problem = Integers::new(3e6, [1.0, -1.0]);
    let y: Vec<f64> = problem.fitted.iter().zip(R).map(|(fitted, r)| fitted + 1e6 * r).collect();
    let svd = ThinSvd::of(&problem.x);
    let fit = Fit::new(&svd, &problem.x, &y);
    let plain = relative(&svd.solve(&y, 0.0), &problem.w);
    assert!(plain > 1e-6, "{plain:e}");
    assert!(fit.spectral(0.0).lost > 0.01 * plain && !fit.spectral(0.0).suffices());
    assert_eq!(relative(&fit.solution(0.0).w, &problem.w), 0.0);
}

#[test]
fn a_well_conditioned_problem_is_not_refined() {
    let x = Matrix::from_fn(9, 4, |i, j| ((i * 7 + j * 5) % 11) as f64 - 4.0);
    let y: Vec<f64> = (0..9).map(f64::from).collect();
    let svd = ThinSvd::of(&x);
    for lambda in [0.0, 1e-3, 10.0] {
        assert_eq!(svd.solve_refined(&x, &y, lambda).means, Means::Spectral);
    }
}

#[test]
fn ill_conditioned_problems_have_mpmaths_digits() {
    let problems: serde_json::Value = serde_json::from_str(include_str!("fixtures/least_squares.json")).unwrap();
    let number = |json: &serde_json::Value| -> f64 { json.as_str().unwrap().parse().unwrap() };
    let numbers = |json: &serde_json::Value| -> Vec<f64> { json.as_array().unwrap().iter().map(number).collect() };
    let mut refined = 0;
    for problem in problems.as_array().unwrap() {
        let name = problem["name"].as_str().unwrap();
        let rows: Vec<Vec<f64>> = problem["x"].as_array().unwrap().iter().map(numbers).collect();
        let x = Matrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j]);
        let y = numbers(&problem["y"]);
        let svd = ThinSvd::of(&x);
        assert_eq!(svd.rank, rows.len().min(rows[0].len()), "{name}");
        let fit = Fit::new(&svd, &x, &y);
        for expected in problem["solutions"].as_array().unwrap() {
            let lambda = number(&expected["lambda"]);
            let solution = fit.solution(lambda);
            let error = relative(&solution.w, &numbers(&expected["w"]));
            let allowed = if solution.means == Means::Spectral { 1e-11 } else { 4e-16 };
            assert!(error < allowed, "{name}, lambda {lambda:e}: {error:e} by {:?}", solution.means);
            refined += usize::from(solution.means != Means::Spectral);
            // The residual of a problem without one is the rounding of y: its size is all that can be asked for.
            let residual = numbers(&expected["residual"]);
            let gap: Vec<f64> = solution.residual.iter().zip(&residual).map(|(a, b)| a - b).collect();
            let noise = if solution.means == Means::Spectral { 1e-13 } else { 1e-29 };
            let sizes = norm(&y) + svd.sigma[0] * norm(&solution.w);
            let error = norm(&gap) / (norm(&residual) * 1e-11 + noise * sizes);
            assert!(error < 1.0, "{name}, lambda {lambda:e}: residual off by {error:e} of what is allowed");
        }
    }
    assert!(refined >= 24, "{refined} solutions were refined");
}

/// Median over replicates of every solver's own error at this kappa (X = 8 x 3, geometric spectrum, y = X w + a residual
/// of norm `residual` ||X w|| orthogonal to X), as the perturbation table shows it.
fn own_errors(arithmetic: Arithmetic, kappa: f64, residual: f64) -> [f64; 3] {
    let mut errors: [Vec<f64>; 3] = Default::default();
    for replicate in 0..25 {
        let (n, d) = (8, 3);
        let trial = Trial { index: 0, cell: 0, n, d, epsilon: Some(1.0 / kappa), replicate };
        let design = DesignSpec::Spectrum { spacing: Spacing::Geometric };
        let target = TargetSpec::Model { weights: Weights::Normal, noise: 1.0, features: None };
        let mut problem: Problem = build(&design, &target, Seeding::Keyed(11), &trial).unwrap();
        let svd = ThinSvd::of(&problem.x);
        let noise = svd.left_null_component(&problem.y);
        let fitted = problem.x.times(problem.w.as_deref().unwrap());
        let scale = residual * norm(&fitted) / norm(&noise);
        problem.y = fitted.iter().zip(&noise).map(|(fitted, noise)| fitted + scale * noise).collect();
        let certified = certify(&problem.x, cpu::factor(&problem.x, Vectors::Right), Ladder::Stay, 1e-6);
        let observation = Observation {
            trial,
            cell: &Cell { n, d, epsilon: trial.epsilon, lambda: Vec::new(), delta: vec![0.0], alpha: Vec::new() },
            seeding: Seeding::Keyed(11),
            design: Some(&design),
            problem: &problem,
            certified: &certified,
            svd: &svd,
            gram: None,
            verification: None,
            settings: &Settings {
                solvers: vec![Solver::Svd, Solver::Qr, Solver::NormalEquations],
                perturbed: vec![Perturbed::Y],
                arithmetic: vec![arithmetic],
                iterations: Vec::new(),
                step: 1.0,
                weight_decay: 0.0,
                selection: SelectionSettings::default(),
            },
            fit: OnceCell::new(),
        };
        let columns = TableId::Perturbation.schema().columns;
        let at = columns.iter().position(|column| column.name == "rel_error_w").unwrap();
        let mut values = Vec::new();
        TableId::Perturbation.measure(&observation, &mut values);
        assert_eq!(values.len(), 3 * columns.len());
        for (errors, row) in errors.iter_mut().zip(values.chunks(columns.len())) {
            let Value::Float(error) = row[at] else { panic!("kappa {kappa:e}: no error in {row:?}") };
            errors.push(error);
        }
    }
    errors.map(|mut errors| {
        errors.sort_by(f64::total_cmp);
        errors[errors.len() / 2]
    })
}

/// Slope of log(error) over log(kappa), by least squares.
fn slope(kappas: &[f64], errors: &[f64]) -> f64 {
    let count = kappas.len() as f64;
    let (x, y): (Vec<f64>, Vec<f64>) = kappas.iter().zip(errors).map(|(k, e)| (k.log10(), e.log10())).unzip();
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / count, y.iter().sum::<f64>() / count);
    let covariance: f64 = x.iter().zip(&y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    covariance / x.iter().map(|x| (x - mean_x).powi(2)).sum::<f64>()
}

/// Asserts that each solver's error grows like kappa to its `power` and is that power of kappa times u, within factors.
fn grows(arithmetic: Arithmetic, unit_roundoff: f64, kappas: &[f64], residual: f64, powers: [f64; 3]) {
    let errors: Vec<[f64; 3]> = kappas.iter().map(|&kappa| own_errors(arithmetic, kappa, residual)).collect();
    for (solver, (name, power)) in ["svd", "qr", "normal-equations"].into_iter().zip(powers).enumerate() {
        let of_solver: Vec<f64> = errors.iter().map(|errors| errors[solver]).collect();
        let slope = slope(kappas, &of_solver);
        println!("{arithmetic:?} {name} residual {residual}: slope {slope:.3}, errors {of_solver:?}");
        assert!((slope - power).abs() < 0.2, "{arithmetic:?} {name}: slope {slope}, errors {of_solver:?}");
        for (kappa, error) in kappas.iter().zip(&of_solver) {
            let ratio = error / ((1.0 + residual) * kappa.powf(power) * unit_roundoff);
            assert!(ratio > 1e-3 && ratio < 10.0, "{arithmetic:?} {name} at kappa {kappa:e}: {ratio:e}");
        }
    }
}

const U64: f64 = f64::EPSILON / 2.0;
const U32: f64 = f32::EPSILON as f64 / 2.0;

#[test]
fn without_a_residual_qr_and_svd_lose_kappa_and_normal_equations_its_square() {
    let kappas: Vec<f64> = (1..=7).map(|k| 10f64.powi(k)).collect();
    grows(Arithmetic::F64, U64, &kappas, 0.0, [1.0, 1.0, 2.0]);
    // The same in f32, up to where kappa^2 u reaches 1.
    let kappas: Vec<f64> = (2..=7).map(|k| 10f64.powf(f64::from(k) / 2.0)).collect();
    grows(Arithmetic::F32, U32, &kappas, 0.0, [1.0, 1.0, 2.0]);
}

#[test]
fn with_a_residual_every_solver_loses_the_square_of_kappa() {
    let kappas: Vec<f64> = (1..=7).map(|k| 10f64.powi(k)).collect();
    grows(Arithmetic::F64, U64, &kappas, 10.0, [2.0, 2.0, 2.0]);
    let kappas: Vec<f64> = (2..=6).map(|k| 10f64.powf(f64::from(k) / 2.0)).collect();
    grows(Arithmetic::F32, U32, &kappas, 10.0, [2.0, 2.0, 2.0]);
}
