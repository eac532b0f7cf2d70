//! Digits: what is promised of a solver is never more than what it keeps, and our own weights keep at least those of Householder QR.

use nullsweep::linalg::{Cholesky, LeastSquares, normal_matrix};
use nullsweep::matrix::Matrix;
use nullsweep::rng::Generator;
use serde_json::Value;

use super::classics::{longley, recorded, words};
use super::{Files, numbers};

/// -log10 of the relative error, at most the 15.95 digits of f64 (NIST's LRE).
fn digits(found: f64, exact: f64) -> f64 {
    let error = ((found - exact) / exact).abs();
    if error == 0.0 { 15.95 } else { (-error.log10()).clamp(0.0, 15.95) }
}

fn all_digits(found: &[f64], exact: &[f64]) -> Vec<f64> {
    found.iter().zip(exact).map(|(&found, &exact)| digits(found, exact)).collect()
}

fn at_most(promised: &[f64], kept: &[f64], what: &str) {
    for (j, (promised, kept)) in promised.iter().zip(kept).enumerate() {
        assert!(promised <= kept, "{what}, weight {j}: {promised} digits promised, {kept} kept");
    }
}

fn npy_problem(x: &Matrix, y: &[f64]) -> Value {
    let rows: Vec<Vec<f64>> = (0..x.rows()).map(|i| [x.row(i), &y[i..=i]].concat()).collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let target = (x.cols() + 1).to_string();
    Files::new().npy("problem.npy", &rows).json(&["problem.npy", "--target", &target], 0).remove(0)
}

/// Weights by Cholesky on X'X.
fn by_normal_equations(x: &Matrix, y: &[f64]) -> Option<Vec<f64>> {
    let factor = Cholesky::new(&normal_matrix::<f64>(x)).ok()?;
    Some(factor.solve(&x.transpose_times(y)))
}

fn promised(line: &Value, solver: &str) -> Vec<f64> {
    numbers(&line["digits"][solver])
}

#[test]
fn wamplers_polynomials_by_lapack_keep_what_is_promised_and_ours_keep_all() {
    // NIST StRD, Wampler 1, 3, 4 and 5: all coefficients are 1, exactly.
    let x = Matrix::from_fn(21, 6, |i, k| (i as f64).powi(i32::try_from(k).unwrap()));
    for problem in recorded()["wampler"].as_array().unwrap() {
        let name = problem["name"].as_str().unwrap();
        let y = numbers(&problem["y"]);
        let line = npy_problem(&x, &y);
        let ours = all_digits(&numbers(&line["solutions"][0]["w"]), &[1.0; 6]);
        for solver in ["qr", "svd", "normal_equations"] {
            let kept = all_digits(&words(&problem["solvers"][solver]), &[1.0; 6]);
            at_most(&promised(&line, solver), &kept, &format!("{name} by {solver}"));
            at_most(&kept, &ours, &format!("{name}: ours against {solver}"));
        }
        let least = promised(&line, "qr").into_iter().fold(f64::INFINITY, f64::min);
        let noise_free = matches!(name, "Wampler1" | "Wampler3");
        assert!(!noise_free || least > 4.0, "{name}: a promise of {least} digits says nothing");
    }
}

#[test]
fn longley_by_lapack_keeps_what_is_promised() {
    let line = longley();
    let exact = numbers(&line["solutions"][0]["w"]);
    for solver in ["qr", "svd", "normal_equations"] {
        let kept = all_digits(&words(&recorded()["longley"]["solvers"][solver]), &exact);
        at_most(&promised(&line, solver), &kept, solver);
    }
    let least = promised(&line, "qr").into_iter().fold(f64::INFINITY, f64::min);
    assert!(least > 5.0, "{least}");
}

/// An integer X of condition about 10^`level`, weights w of small integers, and a residual that is orthogonal to X exactly: rows in pairs (a, a), on
/// which it is +s and -s.
fn integers(seed: u64, n: usize, d: usize, level: i32, residual: f64) -> (Matrix, Vec<f64>, Vec<f64>) {
    let g = Generator::from_entropy(&[seed, n as u64, d as u64]).normals(n * d + d);
    let small = |x: f64| (9.0 * x).round().clamp(-30.0, 30.0);
    let size = 10f64.powi(level);
    let x = Matrix::from_fn(2 * n, d, |i, j| {
        let own = small(g[(i / 2) * d + j]);
        // Columns behind the first are a large multiple of it plus something small.
        if j == 0 { own } else { size * small(g[(i / 2) * d]) + own }
    });
    let w: Vec<f64> = g[n * d..].iter().map(|g| small(*g) + if small(*g) == 0.0 { 1.0 } else { 0.0 }).collect();
    let fitted = x.times(&w);
    let y = fitted.iter().enumerate().map(|(i, fitted)| fitted + if i % 2 == 0 { residual } else { -residual });
    (x.clone(), y.collect(), w)
}

#[test]
fn integer_problems_keep_what_is_promised_whatever_the_solver() {
    let mut promises = [0, 0, 0];
    for seed in 0..24 {
        for (n, d) in [(6, 2), (15, 5), (60, 8)] {
            for level in [0, 2, 4] {
                for residual in [0.0, 1.0, 1e5] {
                    let (x, y, w) = integers(seed, n, d, level, residual);
                    let what = format!("seed {seed}, {n} x {d}, level {level}, residual {residual}");
                    let line = diagnosed(&x, &y);
                    let Some(line) = line.digits else { continue };
                    let qr = LeastSquares::<f64>::new(&x).solve(&y, 0.0).unwrap();
                    at_most(&line.qr, &all_digits(&qr, &w), &format!("QR, {what}"));
                    let svd = nullsweep::decomposition::ThinSvd::of(&x).solve(&y, 0.0);
                    at_most(&line.svd, &all_digits(&svd, &w), &format!("SVD, {what}"));
                    if let Some(normal) = by_normal_equations(&x, &y) {
                        at_most(&line.normal_equations, &all_digits(&normal, &w), &format!("normal equations, {what}"));
                    } else {
                        assert!(line.normal_equations.iter().all(|digits| *digits == 0.0), "{what}");
                    }
                    let ours = all_digits(&line.w, &w);
                    let householder = all_digits(&qr, &w);
                    for (ours, theirs) in ours.iter().zip(householder) {
                        assert!(*ours >= theirs.min(14.5), "{what}: {ours} against {theirs}");
                    }
                    for (count, all) in promises.iter_mut().zip([&line.qr, &line.svd, &line.normal_equations]) {
                        *count += all.iter().filter(|digits| **digits > 1.0).count();
                    }
                }
            }
        }
    }
    // A promise of nothing is kept too, and worth nothing.
    assert!(promises.iter().all(|&count| count > 500), "{promises:?}");
}

/// What the library says of one problem.
struct Diagnosed {
    digits: Option<Promised>,
}

struct Promised {
    qr: Vec<f64>,
    svd: Vec<f64>,
    normal_equations: Vec<f64>,
    w: Vec<f64>,
}

fn diagnosed(x: &Matrix, y: &[f64]) -> Diagnosed {
    use nullsweep::diagnose::{Problem, RidgeSettings, Settings, Target, diagnose};
    use nullsweep::engine::{Precision, cpu::CpuEngine};
    let problem = Problem {
        names: (0..x.cols()).map(|j| format!("x{j}")).collect(),
        x: x.clone(),
        target: Some(Target { name: "y".to_owned(), y: y.to_vec() }),
    };
    let settings =
        Settings { precision: Precision::Auto, rtol: 1e-6, lambdas: vec![0.0], ridge: RidgeSettings::default() };
    let report = diagnose(&[&problem], &CpuEngine, &settings).unwrap().remove(0);
    let w = report.fit.map(|fit| fit.solutions[0].w.clone()).unwrap_or_default();
    let digits = report.analysis.and_then(|analysis| analysis.digits);
    Diagnosed {
        digits: digits.map(|digits| Promised {
            qr: digits.qr,
            svd: digits.svd,
            normal_equations: digits.normal_equations,
            w,
        }),
    }
}

#[test]
fn a_promise_that_is_too_large_would_be_caught() {
    let caught = std::panic::catch_unwind(|| at_most(&[9.1], &all_digits(&[1.0 + 1e-9], &[1.0]), "nine digits"));
    assert!(caught.is_err());
}
