//! Table `arithmetic`: the smallest singular value as each arithmetic finds it, against the enclosure of the exact one.
//!
//! X is rounded to the arithmetic and its columns are rotated by one-sided Jacobi until orthogonal, with nothing behind it: no
//! preconditioning, no second precision, no certificate. That is the most accurate of the common methods (Demmel & Veselic
//! 1992, "Jacobi's method is more accurate than QR"); the bidiagonalization of LAPACK's `gesdd`, which NumPy calls, is no
//! better. What is wrong here is therefore the arithmetic's doing.
//!
//! Most of it is done before the first rotation. Rounding the entries is a perturbation of about u ||X||: sigma_min below
//! that is gone, and mostly replaced by something larger (Boutsikas, Drineas & Ipsen 2024, "Small singular values can
//! increase in lower precision", arXiv:2303.03547). Forming X'X loses sigma_min below u^(1/2) ||X||.

use super::Observation;
use super::table::table;
use crate::engine::Convergence;
use crate::linalg::{
    Columns, Df32, Scalar, exponent, gram, max_abs, one_sided_jacobi, scale_by_power_of_two, vectorized,
};
use crate::matrix::Matrix;

table! {
    "arithmetic", "trial x arithmetic";
    /// The ends of the spectrum in one arithmetic.
    pub struct ArithmeticRow {
        /// f32, df32 (pairs of f32) or f64: X is rounded to it and its columns are rotated until orthogonal; or f64-gram: square
        /// roots of the eigenvalues of X'X (of XX' for n < d), formed in f64.
        key "name" arithmetic: &'static str,
        /// Smallest singular value as this arithmetic finds it, whatever it is worth; empty where X overflows it.
        result "x" sigma_min: Option<f64>,
        /// Largest over smallest as this arithmetic finds them; inf where the smallest comes out as 0, empty for X = 0.
        result "1" kappa: Option<f64>,
        /// Distance of sigma_min from the enclosure of the exact value over the upper end of that enclosure: a lower bound of the
        /// relative error, 0 inside.
        result "1" rel_error: Option<f64>,
        /// 1 where sigma_min lies in the enclosure of the exact value, else 0: the mean is the share of trials.
        result "1" inside: Option<u32>,
        /// Decimal digits of sigma_min that are certainly right: -log10 of the largest relative error that the enclosure allows, from
        /// 0 to the digits of the arithmetic (7.22, 14.45, 15.95); empty where the enclosure contains 0. A narrower enclosure
        /// (engine.rtol) vouches for more.
        result "digits" correct_digits: Option<f64>,
    }
}

/// One row per arithmetic, the coarsest first.
pub fn rows(seen: &Observation<'_>) -> Vec<ArithmeticRow> {
    let x = &seen.problem.x;
    let enclosure = &seen.certified.enclosure;
    let (Some(&lo), Some(&hi)) = (enclosure.lo.last(), enclosure.hi.last()) else { return Vec::new() };
    let exact = Interval { lo, hi };
    let f32_roundoff = f32::UNIT_ROUNDOFF;
    [
        ("f32", Ends::by_rotation::<f32>(x), f32_roundoff),
        // Every double word is that near to a number; the unit roundoff of the type bounds its operations too.
        ("df32", Ends::by_rotation::<Df32>(x), f32_roundoff * f32_roundoff),
        ("f64", Ends::by_rotation::<f64>(x), f64::UNIT_ROUNDOFF),
        ("f64-gram", Ends::by_gram(x), f64::UNIT_ROUNDOFF),
    ]
    .map(|(arithmetic, ends, roundoff)| {
        let rel_error = ends.map(|ends| exact.relative_distance(ends.sigma_min));
        ArithmeticRow {
            arithmetic,
            sigma_min: ends.map(|ends| ends.sigma_min),
            kappa: ends.and_then(|ends| (ends.sigma_max > 0.0).then(|| ends.sigma_max / ends.sigma_min)),
            rel_error,
            inside: rel_error.map(|error| u32::from(error == 0.0)),
            correct_digits: ends
                .and_then(|ends| exact.largest_relative_error(ends.sigma_min))
                .map(|error| digits(error, roundoff)),
        }
    })
    .into()
}

/// Decimal digits that a relative error of `error` leaves in an arithmetic of unit roundoff `roundoff`.
fn digits(error: f64, roundoff: f64) -> f64 {
    // Adding 0 makes the -0 of an error of 1 a 0.
    -error.clamp(roundoff, 1.0).log10() + 0.0
}

/// What is known of the exact value.
#[derive(Clone, Copy)]
struct Interval {
    lo: f64,
    hi: f64,
}

impl Interval {
    /// How far `value` is outside, over the upper end; 0 inside.
    fn relative_distance(self, value: f64) -> f64 {
        let distance = (self.lo - value).max(value - self.hi);
        if distance <= 0.0 { 0.0 } else { distance / self.hi }
    }

    /// The relative error of `value` if the exact value is the end of the interval that makes it largest; nothing where 0 is
    /// inside.
    fn largest_relative_error(self, value: f64) -> Option<f64> {
        let to_upper = (self.hi - value) / self.hi;
        let to_lower = (value - self.lo) / self.lo;
        (self.lo > 0.0).then(|| to_upper.max(to_lower))
    }
}

/// Both ends of a spectrum.
#[derive(Clone, Copy)]
struct Ends {
    sigma_max: f64,
    sigma_min: f64,
}

impl Ends {
    /// By rotating the columns of X rounded to `T`; nothing if X overflows `T`.
    fn by_rotation<T: Scalar>(x: &Matrix) -> Option<Self> {
        vectorized(
            #[inline(always)]
            || {
                let mut a = Columns::<T>::tall(x);
                let shift = scaled(&mut a, T::LARGEST_EXPONENT - 1)?;
                Self::of_rotated(&mut a, |sigma| sigma.times_power_of_two(-shift))
            },
        )
    }

    /// By the eigenvalues of the smaller Gram matrix formed in f64. They are found to the accuracy of that matrix, a negative
    /// one by its size: what is lost is lost by forming it.
    fn by_gram(x: &Matrix) -> Option<Self> {
        vectorized(
            #[inline(always)]
            || {
                let mut a = Columns::<f64>::tall(x);
                // Inner products of columns of the largest matrix stay below 2^LARGEST_EXPONENT, and are squared once more.
                let shift = scaled(&mut a, f64::LARGEST_EXPONENT / 2 - 20)?;
                Self::of_rotated(&mut gram(&a), |square: f64| square.sqrt().times_power_of_two(-shift))
            },
        )
    }

    /// The ends of the singular values of `a`, each passed through `convert`. Nothing should the rotations not end, which
    /// finite entries give them no reason for.
    #[inline(always)]
    fn of_rotated<T: Scalar>(a: &mut Columns<T>, convert: impl Fn(f64) -> f64) -> Option<Self> {
        let report = one_sided_jacobi(a, None);
        let (sigma_max, sigma_min) = (report.sigma.first()?.to_f64(), report.sigma.last()?.to_f64());
        (report.convergence == Convergence::Converged)
            .then(|| Self { sigma_max: convert(sigma_max), sigma_min: convert(sigma_min) })
    }
}

/// Multiplies `a` by the power of two, returned as its exponent, that brings its largest entry to about 2^`to`, so that nothing
/// under- or overflows on the way; 0 for a matrix of zeros. Nothing where an entry is not finite.
#[inline(always)]
fn scaled<T: Scalar>(a: &mut Columns<T>, to: i32) -> Option<i32> {
    let largest = max_abs(a.as_slice()).to_f64();
    if !largest.is_finite() {
        return None;
    }
    let shift = exponent(largest).map_or(0, |k| to - k);
    scale_by_power_of_two(a.as_mut_slice(), shift);
    Some(shift)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::testing::{Case, close};

    /// The rows of f32, df32, f64 and f64-gram.
    fn rows_of(case: &Case) -> [ArithmeticRow; 4] {
        rows(&case.observation()).try_into().unwrap()
    }

    #[test]
    fn a_well_conditioned_matrix_has_the_digits_of_each_arithmetic() {
        let mut case = Case::new(&[&[3.0, 1.0, 0.1], &[0.0, 4.0, 0.7], &[1.0, 0.3, 2.0], &[0.9, 0.2, 0.1]], &[1.0; 4]);
        let sigma = *case.svd.sigma.last().unwrap();
        *case.certified.enclosure.lo.last_mut().unwrap() = sigma * (1.0 - 1e-15);
        *case.certified.enclosure.hi.last_mut().unwrap() = sigma * (1.0 + 1e-15);
        let [f32, df32, f64, gram] = rows_of(&case);
        assert_eq!(
            [f32.arithmetic, df32.arithmetic, f64.arithmetic, gram.arithmetic],
            ["f32", "df32", "f64", "f64-gram"]
        );
        for (row, least) in [(&f32, 6.0), (&df32, 12.5), (&f64, 14.5), (&gram, 14.0)] {
            assert!(row.correct_digits.unwrap() >= least, "{row:?}");
            close(row.sigma_min.unwrap(), sigma, 10f64.powf(-least));
            close(row.kappa.unwrap(), case.svd.sigma[0] / sigma, 10f64.powf(-least));
        }
        assert_eq!((f32.inside, f64.inside), (Some(0), Some(1)));
        assert!(f32.rel_error.unwrap() > 1e-9 && f64.rel_error == Some(0.0));
    }

    /// Lauchli 1961: a row of ones above e times the identity has sigma_min = e exactly.
    fn lauchli(e: f64) -> Case {
        let mut case = Case::new(&[&[1.0, 1.0, 1.0], &[e, 0.0, 0.0], &[0.0, e, 0.0], &[0.0, 0.0, e]], &[1.0; 4]);
        *case.certified.enclosure.lo.last_mut().unwrap() = e;
        *case.certified.enclosure.hi.last_mut().unwrap() = e;
        case
    }

    #[test]
    fn x_x_loses_what_no_arithmetic_of_rotations_loses() {
        // 1 + e^2 is 1 in f64 from e = 2^-27 on.
        for e in [2f64.powi(-30), 2f64.powi(-60)] {
            let [f32, df32, f64, gram] = rows_of(&lauchli(e));
            for row in [&f32, &df32, &f64] {
                assert!(row.correct_digits.unwrap() > 5.9, "{row:?}");
            }
            assert!(gram.correct_digits.unwrap() < 0.1 && gram.inside == Some(0), "{gram:?}");
        }
    }

    #[test]
    fn what_rounding_the_entries_loses_no_method_finds_again() {
        // (1, 1 + e): f32 cannot tell the columns apart, a pair of f32 can.
        let e = 1e-9;
        let mut case = Case::new(&[&[1.0, 1.0 + e], &[1.0, 1.0]], &[1.0; 2]);
        let sigma = *case.svd.sigma.last().unwrap();
        close(sigma, e / 2.0, 1e-6);
        *case.certified.enclosure.lo.last_mut().unwrap() = sigma * (1.0 - 1e-9);
        *case.certified.enclosure.hi.last_mut().unwrap() = sigma * (1.0 + 1e-9);
        let [f32, df32, f64, _] = rows_of(&case);
        assert!(f32.inside == Some(0) && f32.correct_digits.unwrap() < 0.1, "{f32:?}");
        assert!(df32.correct_digits.unwrap() > 4.0, "{df32:?}");
        assert!(f64.correct_digits.unwrap() > 5.0, "{f64:?}");
    }

    #[test]
    fn x_of_zeros_is_found_by_all_and_has_no_condition_number() {
        for row in rows_of(&Case::new(&[&[0.0, 0.0], &[0.0, 0.0]], &[1.0, 1.0])) {
            assert_eq!((row.sigma_min, row.kappa, row.inside), (Some(0.0), None, Some(1)), "{row:?}");
            assert_eq!(row.correct_digits, None);
        }
    }

    #[test]
    fn what_overflows_f32_is_empty_there_and_nowhere_else() {
        let [f32, df32, f64, gram] = rows_of(&Case::new(&[&[1e300, 0.0], &[0.0, 1e299]], &[1.0, 1.0]));
        for row in [f32, df32] {
            assert_eq!(
                (row.sigma_min, row.kappa, row.rel_error, row.inside, row.correct_digits),
                (None, None, None, None, None)
            );
        }
        for row in [f64, gram] {
            close(row.sigma_min.unwrap(), 1e299, 1e-14);
            close(row.kappa.unwrap(), 10.0, 1e-14);
        }
    }

    #[test]
    fn a_wide_matrix_has_the_values_of_its_transpose() {
        let wide = rows_of(&Case::new(&[&[3.0, 1.0, 0.5], &[0.0, 4.0, 1.0]], &[1.0; 2]));
        let tall = rows_of(&Case::new(&[&[3.0, 0.0], &[1.0, 4.0], &[0.5, 1.0]], &[1.0; 3]));
        for (wide, tall) in wide.iter().zip(&tall) {
            assert_eq!((wide.sigma_min, wide.kappa), (tall.sigma_min, tall.kappa));
        }
    }

    #[test]
    fn outside_counts_from_either_end_and_no_digit_is_claimed_beside_0() {
        let mut case = Case::new(&[&[1.0, 0.0], &[0.0, 0.5]], &[1.0; 2]);
        for (lo, hi, rel_error, digits) in [
            (0.6, 0.8, 0.125, Some(0.426)),
            (0.4, 0.45, 1.0 / 9.0, Some(0.602)),
            (0.49, 0.505, 0.0, Some(1.69)),
            (0.0, 0.4, 0.25, None),
            (0.0, 0.5, 0.0, None),
        ] {
            case.certified.enclosure.lo[1] = lo;
            case.certified.enclosure.hi[1] = hi;
            for row in rows_of(&case) {
                assert!((row.rel_error.unwrap() - rel_error).abs() < 1e-15, "{row:?}");
                assert_eq!(row.inside, Some(u32::from(rel_error == 0.0)));
                assert_eq!(row.correct_digits.map(|found| (found * 1e3).round() / 1e3), digits);
            }
        }
    }
}
