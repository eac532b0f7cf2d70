//! The machine against closed forms, other derivations, and sampled matrices.

use super::*;
use crate::engine::{Vectors, cpu};
use crate::matrix::Matrix;
use crate::rng::Generator;

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;
/// What the machine promises: relative errors of sums and means, absolute ones of mean logarithms.
const TOLERANCE: f64 = 1e-11;

fn close(found: f64, exact: f64, what: &str) {
    let error = (found - exact).abs() / exact.abs().max(1e-300);
    assert!(error < TOLERANCE, "{what}: {found} against {exact}, off by {error:e}");
}

fn close_log(found: f64, exact: f64, what: &str) {
    assert!((found - exact).abs() < TOLERANCE, "{what}: {found} against {exact}");
}

#[test]
fn moments_of_wishart_matrices() {
    // E tr W^2 = n d (n + d + 1), E tr W^-1 = d / (n - d - 1), E tr W^-2 = d (n - 1) / ((n - d) (n - d - 1) (n - d - 3)):
    // Muirhead, Aspects of Multivariate Statistical Theory, 1982, section 3.2.
    for (n, d) in [(6, 1), (12, 7), (20, 8), (65, 60), (100, 50), (257, 250), (5000, 12)] {
        let density = density(n, d).unwrap();
        let (p, q) = (n as f64, d as f64);
        let what = format!("{n} x {d}");
        close(density.sum(|s| s.powi(4)), p * q * (p + q + 1.0), &what);
        close(density.sum(|s| s.powi(-2)), q / (p - q - 1.0), &what);
        let inverse_squares = q * (p - 1.0) / ((p - q) * (p - q - 1.0) * (p - q - 3.0));
        close(density.sum(|s| s.powi(-4)), inverse_squares, &what);
    }
}

#[test]
fn with_one_row_more_than_columns_the_smallest_eigenvalue_is_exponential() {
    // Of mean 2 / d (Edelman 1988): E log of the root is (log(2 / d) - gamma) / 2.
    for d in [1, 2, 3, 10, 63, 120, 255] {
        let smallest = extremes(d + 1, d).unwrap().smallest;
        let what = format!("{} x {d}", d + 1);
        close(smallest.mean, (std::f64::consts::FRAC_PI_2 / d as f64).sqrt(), &what);
        close_log(smallest.mean_log, ((2.0 / d as f64).ln() - EULER) / 2.0, &what);
    }
}

#[test]
fn twice_as_many_nodes_give_the_same() {
    for (p, q) in [(1, 1), (12, 12), (40, 40), (90, 45), (61, 60), (2000, 10), (30_000, 3)] {
        let (usual, finer) = (Extremes::new(p, q).unwrap(), Extremes::with_nodes(p, q, 80).unwrap());
        for (usual, finer) in [(usual.smallest, finer.smallest), (usual.largest, finer.largest)] {
            close(usual.mean, finer.mean, &format!("{p} x {q}"));
            close_log(usual.mean_log, finer.mean_log, &format!("{p} x {q}"));
        }
    }
}

#[test]
fn one_column_is_a_chi_variable() {
    // E chi_3 = sqrt(8 / pi), E log chi_2 = (log 2 - gamma) / 2; both extremes are the one singular value.
    for (n, mean) in [(2, std::f64::consts::FRAC_PI_2.sqrt()), (3, (8.0 / std::f64::consts::PI).sqrt())] {
        let both = extremes(n, 1).unwrap();
        close(both.smallest.mean, mean, "smallest");
        close(both.largest.mean, mean, "largest");
        close_log(both.smallest.mean_log, both.largest.mean_log, "logarithm");
    }
    close_log(extremes(1, 2).unwrap().largest.mean_log, (std::f64::consts::LN_2 - EULER) / 2.0, "1 x 2");
}

#[test]
fn a_penalty_far_below_the_squares_is_resolved() {
    // One normal s: E lambda / (s^2 + lambda) = sqrt(pi lambda / 2) e^(lambda / 2) erfc(sqrt(lambda / 2)).
    let density = density(1, 1).unwrap();
    for lambda in [1e-6, 1e-10, LEAST_LAMBDA] {
        let x = f64::sqrt(lambda / 2.0);
        let erfc = 1.0 - 2.0 / std::f64::consts::PI.sqrt() * (x - x.powi(3) / 3.0);
        let exact = (std::f64::consts::PI.sqrt()) * x * (x * x).exp() * erfc;
        close(density.sum(|s| lambda / (s * s + lambda)), exact, &format!("lambda = {lambda}"));
    }
}

#[test]
fn other_derivations_give_the_same() {
    let recorded: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/theory/expectations.json")).unwrap();
    for case in recorded.as_array().unwrap() {
        let size = |key: &str| usize::try_from(case[key].as_u64().unwrap()).unwrap();
        let (n, d) = (size("n"), size("d"));
        let (extremes, density) = (extremes(n, d).unwrap(), density(n, d).unwrap());
        let Extremes { smallest, largest } = &*extremes;
        for (key, found) in [("sigma_min", smallest.mean), ("sigma_max", largest.mean)] {
            if let Some(exact) = case[key].as_f64() {
                close(found, exact, &format!("{n} x {d}: {key}"));
            }
        }
        for (key, found) in [("log_sigma_min", smallest.mean_log), ("log_sigma_max", largest.mean_log)] {
            if let Some(exact) = case[key].as_f64() {
                close_log(found, exact, &format!("{n} x {d}: {key}"));
            }
        }
        for sums in case["sums"].as_array().into_iter().flatten() {
            let lambda = sums["lambda"].as_f64().unwrap();
            let what = format!("{n} x {d}, lambda = {lambda}");
            let exact = |key: &str| sums[key].as_f64().unwrap();
            close(density.sum(|s| s * s / (s * s + lambda)), exact("effective_df"), &what);
            close(density.sum(|s| (s / (s * s + lambda)).powi(2)), exact("variance"), &what);
            close(density.sum(|s| (lambda / (s * s + lambda)).powi(2)), exact("bias"), &what);
        }
    }
}

#[test]
fn the_condition_number_of_2_x_2_has_mean_logarithm_pi_over_2() {
    let Extremes { smallest, largest } = &*extremes(2, 2).unwrap();
    close_log(largest.mean_log - smallest.mean_log, std::f64::consts::FRAC_PI_2, "2 x 2");
}

#[test]
fn sampled_matrices_agree() {
    const SAMPLES: usize = 4000;
    for (n, d) in [(9, 9), (14, 5), (6, 11)] {
        let mut generator = Generator::from_entropy(&[9, n as u64, d as u64]);
        let (mut logs, mut kept) = (Vec::new(), Vec::new());
        for _ in 0..SAMPLES {
            let x = Matrix::new(n, d, generator.normals(n * d));
            let sigma = cpu::factor(&x, Vectors::None).sigma;
            logs.push((sigma[0] / sigma[sigma.len() - 1]).ln());
            kept.push(sigma.iter().map(|s| s * s / (s * s + 3.0)).sum::<f64>());
        }
        let Extremes { smallest, largest } = &*extremes(n, d).unwrap();
        within(&logs, largest.mean_log - smallest.mean_log, &format!("{n} x {d}: log kappa"));
        let kept_exactly = density(n, d).unwrap().sum(|s| s * s / (s * s + 3.0));
        within(&kept, kept_exactly, &format!("{n} x {d}: effective df"));
    }
}

/// The seeds are fixed: four standard errors are what these samples keep to.
fn within(sample: &[f64], exact: f64, what: &str) {
    let count = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / count;
    let variance = sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let deviation = (mean - exact) / (variance / count).sqrt();
    assert!(deviation.abs() < 4.0, "{what}: {mean} against {exact}, {deviation} standard errors");
}

#[test]
fn shapes_beyond_the_limits_are_not_computed() {
    assert!(density(MOST_VALUES + 1, MOST_VALUES + 1).is_none());
    assert!(extremes(LONGEST + 1, 2).is_none());
    assert!(density(0, 3).is_none());
}
