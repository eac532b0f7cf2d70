//! The arithmetic that a factorization needs.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A real number type: f32, f64 or double-double.
pub trait Scalar:
    Copy
    + Debug
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Unit roundoff u: fl(a op b) = (a op b)(1 + e), |e| <= u, for each of + - * / (a small multiple of u for
    /// double-double).
    const UNIT_ROUNDOFF: f64;
    /// Sums of up to 2^40 squares of numbers in 2^-LARGEST_EXPONENT ..= 2^LARGEST_EXPONENT neither overflow nor
    /// lose their leading digits to underflow.
    const LARGEST_EXPONENT: i32;

    /// Rounded to this type where it is narrower than f64.
    fn from_f64(x: f64) -> Self;
    /// Rounded to f64 where this type is wider.
    fn to_f64(self) -> f64;
    /// Square root; NaN for a negative number.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// This number times `factor` plus `addend`: rounded once in f32 and f64, in software where the machine has no such
    /// instruction; a product and a sum in double-double.
    fn times_plus(self, factor: Self, addend: Self) -> Self;
    /// 2^exponent times this number: exact unless the result overflows or is subnormal.
    fn times_power_of_two(self, exponent: i32) -> Self;

    /// The larger of two numbers; NaN if either is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self >= other || self.to_f64().is_nan() { self } else { other }
    }
}

impl Scalar for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const UNIT_ROUNDOFF: f64 = f64::EPSILON / 2.0;
    const LARGEST_EXPONENT: i32 = 480;

    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn times_plus(self, factor: Self, addend: Self) -> Self {
        self.mul_add(factor, addend)
    }
    #[inline(always)]
    fn times_power_of_two(self, exponent: i32) -> Self {
        if (-1000..=1000).contains(&exponent) {
            // Without the loop, so that scaling a whole vector vectorizes.
            return self * power_of_two(exponent);
        }
        // In steps, because 2^exponent itself may not be representable; the odd step first, so that a result that
        // ends subnormal is rounded once.
        let mut x = self * power_of_two(exponent % 1000);
        for _ in 0..(exponent / 1000).abs() {
            x *= power_of_two(1000 * exponent.signum());
        }
        x
    }
}

impl Scalar for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const UNIT_ROUNDOFF: f64 = (f32::EPSILON / 2.0) as f64;
    const LARGEST_EXPONENT: i32 = 43;

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the narrower type is what is asked for")]
    fn from_f64(x: f64) -> Self {
        x as f32
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn times_plus(self, factor: Self, addend: Self) -> Self {
        self.mul_add(factor, addend)
    }
    #[inline(always)]
    fn times_power_of_two(self, exponent: i32) -> Self {
        Self::from_f64(f64::from(self).times_power_of_two(exponent))
    }
}

/// 2^exponent for -1022 <= exponent <= 1023.
#[inline(always)]
pub const fn power_of_two(exponent: i32) -> f64 {
    debug_assert!(-1022 <= exponent && exponent <= 1023, "not a normal f64");
    f64::from_bits(((exponent + 1023).unsigned_abs() as u64) << 52)
}

/// The k with 2^k <= |x| < 2^(k+1); `None` for 0, NaN and infinities.
pub fn exponent(x: f64) -> Option<i32> {
    const FRACTION_BITS: u32 = 52;
    if x == 0.0 || !x.is_finite() {
        return None;
    }
    let bits = x.abs().to_bits();
    let biased = i32::try_from(bits >> FRACTION_BITS).ok()?;
    if biased > 0 {
        return Some(biased - 1023);
    }
    // A subnormal is fraction * 2^-1074.
    let top = i32::try_from(bits.ilog2()).ok()?;
    Some(top - 1074)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_of_normal_and_subnormal_numbers() {
        for k in [-1074, -1073, -1023, -1022, -1, 0, 1, 52, 1023] {
            let x = 1.0_f64.times_power_of_two(k);
            assert_eq!(exponent(x), Some(k), "2^{k} = {x:e}");
            assert_eq!(exponent(-x * if k < 1023 && k > -1074 { 1.5 } else { 1.0 }), Some(k));
        }
        assert_eq!(exponent(0.0), None);
        assert_eq!(exponent(f64::NAN), None);
        assert_eq!(exponent(f64::INFINITY), None);
    }

    #[test]
    fn powers_of_two_scale_over_the_whole_range() {
        assert_eq!(f64::MAX.times_power_of_two(-2000).times_power_of_two(2000), f64::MAX);
        let tiny = 1.0_f64.times_power_of_two(-1074);
        assert_eq!(tiny.times_power_of_two(2097), 1.0_f64.times_power_of_two(1023));
        assert_eq!(1.0_f64.times_power_of_two(1023).times_power_of_two(-2097), tiny);
        assert_eq!(3.0_f64.times_power_of_two(1023), f64::INFINITY);
    }

    #[test]
    fn maximum_does_not_hide_a_nan() {
        assert!(Scalar::max(f64::NAN, 1.0).is_nan());
        assert!(Scalar::max(1.0, f64::NAN).is_nan());
        assert_eq!(Scalar::max(1.0, 2.0), 2.0);
    }
}
