//! The engine's own digits, before any certificate: the accuracy class of LAPACK's dgejsv.

use nullsweep::engine::cpu::factor;
use nullsweep::engine::{Convergence, Vectors};

use crate::fixture::{Case, cases};

const U: f64 = f64::EPSILON / 2.0;

/// The modest constant of the bound; the largest ratio over the suite is 1.1.
const CONSTANT: f64 = 2.5;

/// Error of the computed value over its bound. The bound is p u `sigma_i` times the smaller of the condition with scaled
/// columns (Drmac & Veselic 2008) and `sigma_max` / `sigma_i` (backward stability).
fn ratio(case: &Case, i: usize, computed: f64) -> f64 {
    let p = case.longer_side() as f64;
    let truth = case.sigma[i];
    if truth.is_zero() {
        return computed / 10.0_f64.powf(case.sigma_max().log10()) / (p * U);
    }
    let below_the_largest = 10.0_f64.powf(case.sigma_max().log10() - truth.log10());
    // A value that the range of f64 cuts off: one unit of the smallest number.
    let granule = 10.0_f64.powf(-323.306 - truth.log10());
    truth.relative_error_of(computed) / (p * U * case.kappa_scaled.min(below_the_largest) + granule)
}

#[test]
fn every_value_has_the_digits_of_dgejsv() {
    has_the_digits_of_dgejsv(Vectors::Right);
}

/// Values alone go through a bidiagonal matrix where that costs no digits.
#[test]
fn every_value_alone_has_the_digits_of_dgejsv() {
    has_the_digits_of_dgejsv(Vectors::None);
}

fn has_the_digits_of_dgejsv(vectors: Vectors) {
    let mut ratios = Vec::new();
    for case in cases() {
        let factors = factor(&case.x, vectors);
        assert_eq!(factors.convergence, Convergence::Converged, "{}", case.name);
        assert!(factors.sigma.windows(2).all(|pair| pair[0] >= pair[1]), "{}: {:?}", case.name, factors.sigma);
        for (i, &sigma) in factors.sigma.iter().enumerate() {
            if sigma.is_infinite() {
                assert!(!case.sigma[i].admits_upper(f64::MAX), "{}: sigma_{i} overflows", case.name);
                continue;
            }
            // Beyond 2^960 below the largest the engine says 0; the certificate leaves it open.
            let reach = case.sigma_max().log10() - case.sigma[i].log10() < 288.0;
            if reach && case.sigma_max().log10().is_finite() {
                ratios.push((ratio(&case, i, sigma), format!("{} sigma_{i} = {sigma:e}", case.name)));
            } else {
                assert!(case.sigma[i].is_zero() || sigma.is_finite(), "{}", case.name);
            }
        }
    }
    ratios.sort_by(|a, b| b.0.total_cmp(&a.0));
    let worst: Vec<String> = ratios.iter().take(12).map(|(ratio, what)| format!("{ratio:.2} {what}")).collect();
    assert!(ratios[0].0 <= CONSTANT, "error / bound:\n{}", worst.join("\n"));
    assert!(ratios.len() > 2000);
}

/// Columns graded over 120 decades cost no digit, where a bidiagonalization would keep none of the small values.
#[test]
fn graded_columns_cost_no_digits() {
    let graded: Vec<Case> =
        cases().into_iter().filter(|case| case.kind == "graded_columns" && case.x.rows() >= case.x.cols()).collect();
    assert!(graded.len() >= 24);
    for case in graded {
        let sigma = factor(&case.x, Vectors::None).sigma;
        for (truth, s) in case.sigma.iter().zip(sigma) {
            let error = truth.relative_error_of(s);
            assert!(error < 1e-13, "{}: {error:e}", case.name);
        }
    }
}
