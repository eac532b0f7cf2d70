//! nalgebra as the second opinion on singular values.
//!
//! nalgebra 0.35 returns wrong values from `svd(true, true)` on repeated columns (its issue 1172), so only values are
//! asked for, with bounded iteration, and they are believed only where their squares add up to ||X||_F^2. What nalgebra
//! promises is an absolute error of a small multiple of p u sigma_max, so that is what it is held to: a value inside
//! that, but outside our enclosure, is nalgebra's error and not ours.

use nalgebra::DMatrix;

use crate::certify::Certified;
use crate::engine::Route;
use crate::grid::Trial;
use crate::linalg::{Scalar, norm};
use crate::matrix::Matrix;
use crate::measure::Verification;

/// Multiples of max(n, d) u sigma_max that two backward stable algorithms may differ by.
const TOLERANCE: f64 = 10.0;

/// Iterations that nalgebra may take per singular value before its answer counts as none.
const ITERATIONS_PER_VALUE: usize = 60;

/// Singular values of `x` (n x d, finite) by nalgebra, nonincreasing; `None` where it does not converge or contradicts
/// its own input.
pub fn nalgebra_singular_values(x: &Matrix) -> Option<Vec<f64>> {
    let matrix = DMatrix::from_row_slice(x.rows(), x.cols(), x.as_slice());
    let q = x.rows().min(x.cols());
    let svd = matrix.try_svd(false, false, f64::EPSILON, ITERATIONS_PER_VALUE * q)?;
    let mut sigma: Vec<f64> = svd.singular_values.iter().copied().collect();
    if sigma.iter().any(|s| s.is_nan()) {
        return None;
    }
    sigma.sort_by(|a, b| b.total_cmp(a));
    let (found, expected) = (norm(&sigma), x.frobenius_norm());
    let tolerance = TOLERANCE * x.rows().max(x.cols()) as f64 * f64::UNIT_ROUNDOFF;
    let consistent = found == expected || (found / expected - 1.0).abs() <= tolerance;
    consistent.then_some(sigma)
}

/// Compares certified singular values with nalgebra's; `None` where nalgebra has no answer.
///
/// They agree if each of nalgebra's values lies in our enclosure and each of ours beside nalgebra's, both up to
/// what the arithmetic that produced them promises.
pub fn verify(x: &Matrix, certified: &Certified) -> Option<Verification> {
    let theirs = nalgebra_singular_values(x)?;
    Some(compare(x, certified, &theirs))
}

fn compare(x: &Matrix, certified: &Certified, theirs: &[f64]) -> Verification {
    let ours = &certified.factors.sigma;
    let enclosure = &certified.enclosure;
    let largest = theirs.first().copied().unwrap_or(0.0);
    let tolerance = tolerance(x.rows(), x.cols(), certified.factors.route, largest);
    let mut rel_diff = 0.0_f64;
    let mut agrees = ours.len() == theirs.len();
    for (i, (&own, &their)) in ours.iter().zip(theirs).enumerate() {
        // Two infinities agree: sigma_max beyond the largest f64.
        let difference = if own == their { 0.0 } else { (own - their).abs() };
        let enclosed = enclosure.lo[i] - tolerance.theirs <= their && their <= enclosure.hi[i] + tolerance.theirs;
        let close = difference <= tolerance.ours;
        agrees &= enclosed && close;
        if difference > 0.0 || difference.is_nan() {
            rel_diff = Scalar::max(rel_diff, difference / largest);
        }
    }
    Verification { rel_diff, agrees }
}

/// Absolute errors that are nobody's fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Of a singular value of nalgebra's.
    pub theirs: f64,
    /// Of the difference between nalgebra's value and ours.
    pub ours: f64,
}

/// What the singular values of an n x d matrix with largest value `sigma_max` may be off by, ours having come by the
/// route `route`.
pub fn tolerance(n: usize, d: usize, route: Route, sigma_max: f64) -> Tolerance {
    let size = TOLERANCE * n.max(d) as f64 * sigma_max;
    Tolerance { theirs: size * f64::UNIT_ROUNDOFF, ours: size * (route.unit_roundoff() + f64::UNIT_ROUNDOFF) }
}

/// Whether this trial belongs to the `fraction` (0 to 1) that is verified. The choice depends on the trial's own
/// coordinates only, so that it survives every change of grid, chunk and order.
pub fn is_chosen(trial: &Trial, fraction: f64) -> bool {
    let epsilon = trial.epsilon.map_or(u64::MAX, f64::to_bits);
    let mut hash = 0_u64;
    for part in [trial.n as u64, trial.d as u64, epsilon, u64::from(trial.replicate)] {
        hash = mix(hash ^ part);
    }
    // 53 bits, uniform in [0, 1).
    let uniform = (hash >> 11) as f64 * (f64::EPSILON / 2.0);
    uniform < fraction
}

/// The finalizer of SplitMix64 (Steele, Lea & Flood 2014).
fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::certify::{Ladder, certify};
    use crate::engine::{Vectors, cpu};

    fn hilbert(n: usize, d: usize) -> Matrix {
        Matrix::from_fn(n, d, |i, j| 1.0 / (i + j + 1) as f64)
    }

    fn certified(x: &Matrix) -> Certified {
        certify(x, cpu::factor(x, Vectors::Right), Ladder::Climb { rtol: 1e-6 }, 1e-6)
    }

    #[test]
    fn honest_values_agree_and_corrupted_ones_do_not() {
        for (n, d) in [(1, 1), (4, 4), (12, 5), (3, 9), (10, 10)] {
            let x = hilbert(n, d);
            let honest = certified(&x);
            let verification = verify(&x, &honest).unwrap();
            assert!(verification.agrees, "{n}x{d}: {}", verification.rel_diff);
            assert!(verification.rel_diff < 1e-13, "{n}x{d}: {}", verification.rel_diff);

            let mut wrong_value = honest.clone();
            wrong_value.factors.sigma[0] *= 1.0 + 1e-9;
            assert!(!verify(&x, &wrong_value).unwrap().agrees, "{n}x{d}: a wrong sigma must be caught");

            let mut wrong_bounds = honest.clone();
            wrong_bounds.enclosure.lo[0] *= 1.001;
            wrong_bounds.enclosure.hi[0] *= 1.001;
            assert!(!verify(&x, &wrong_bounds).unwrap().agrees, "{n}x{d}: a false enclosure must be caught");

            let mut not_a_number = honest;
            not_a_number.factors.sigma[0] = f64::NAN;
            assert!(!verify(&x, &not_a_number).unwrap().agrees, "{n}x{d}: NaN must be caught");
        }
    }

    #[test]
    fn a_zero_matrix_agrees() {
        let x = Matrix::zeros(3, 2);
        let verification = verify(&x, &certified(&x)).unwrap();
        assert!(verification.agrees);
        assert_eq!(verification.rel_diff, 0.0);
    }

    #[test]
    fn a_norm_beyond_the_largest_number_is_no_disagreement() {
        let large = 2f64.powi(1023);
        let x = Matrix::new(3, 2, vec![large, large, large, -large, large, large]);
        let verification = verify(&x, &certified(&x)).unwrap();
        assert!(verification.agrees);
        assert!(verification.rel_diff < 1e-13, "{}", verification.rel_diff);
    }

    #[test]
    fn the_chosen_fraction_is_about_what_was_asked_for() {
        let trial = |replicate| Trial { index: 0, cell: 0, n: 32, d: 16, epsilon: None, replicate };
        let count = |fraction| (0..20_000).filter(|&r| is_chosen(&trial(r), fraction)).count();
        assert_eq!(count(0.0), 0);
        assert_eq!(count(1.0), 20_000);
        let five_percent = count(0.05);
        assert!((900..1100).contains(&five_percent), "{five_percent} of 20,000");
    }
}
