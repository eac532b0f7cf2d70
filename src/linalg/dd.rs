//! Double-double arithmetic: an unevaluated sum of two f64, about 32 decimal digits.
//!
//! Algorithms and error bounds: Joldes, Muller & Popescu 2017, "Tight and rigorous error bounds for basic building
//! blocks of double-word arithmetic" (ACM TOMS 44, 15res), with u = 2^-53: accurate sum (their algorithm 6) 3u^2 + 13u^3,
//! product (12) 5u^2, quotient (17) 15u^2 + 56u^3. All of them stay below [`Dd::UNIT_ROUNDOFF`] = 16 u^2. The bounds
//! hold while nothing overflows and no error term underflows; whoever needs a rigorous bound adds the underflow term.

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use super::Scalar;
use super::scalar::power_of_two;

/// hi + lo, where |lo| is at most half a unit in the last place of hi.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dd {
    /// The number rounded to f64.
    pub hi: f64,
    /// What rounding left over.
    pub lo: f64,
}

/// a + b exactly (Knuth).
#[inline(always)]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    let a_part = sum - b_part;
    (sum, (a - a_part) + (b - b_part))
}

/// a + b exactly, for |a| >= |b| or a = 0 (Dekker).
#[inline(always)]
fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// a b exactly.
#[inline(always)]
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

impl Dd {
    /// hi + lo, normalized.
    pub fn new(hi: f64, lo: f64) -> Self {
        let (hi, lo) = two_sum(hi, lo);
        Self { hi, lo }
    }
}

impl Add for Dd {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let (sum_hi, sum_lo) = two_sum(self.hi, other.hi);
        let (low_hi, low_lo) = two_sum(self.lo, other.lo);
        let (hi, rest) = fast_two_sum(sum_hi, sum_lo + low_hi);
        let (hi, lo) = fast_two_sum(hi, low_lo + rest);
        Self { hi, lo }
    }
}

impl Sub for Dd {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Dd {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Mul for Dd {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let (product, error) = two_product(self.hi, other.hi);
        let cross = self.lo.mul_add(other.hi, self.lo * other.lo);
        let cross = self.hi.mul_add(other.lo, cross);
        let (hi, lo) = fast_two_sum(product, error + cross);
        Self { hi, lo }
    }
}

impl Div for Dd {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let quotient = self.hi / other.hi;
        // The remainder self - quotient * other; its leading parts cancel exactly.
        let (product, error) = two_product(other.hi, quotient);
        let error = other.lo.mul_add(quotient, error);
        let remainder = (self.hi - product) + (self.lo - error);
        let (hi, lo) = fast_two_sum(quotient, remainder / other.hi);
        Self { hi, lo }
    }
}

impl AddAssign for Dd {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Dd {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl PartialOrd for Dd {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.hi.partial_cmp(&other.hi) {
            Some(Ordering::Equal) => self.lo.partial_cmp(&other.lo),
            decided => decided,
        }
    }
}

impl Scalar for Dd {
    const ZERO: Self = Self { hi: 0.0, lo: 0.0 };
    const ONE: Self = Self { hi: 1.0, lo: 0.0 };
    const UNIT_ROUNDOFF: f64 = 16.0 * f64::UNIT_ROUNDOFF * f64::UNIT_ROUNDOFF;
    const LARGEST_EXPONENT: i32 = f64::LARGEST_EXPONENT;

    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        Self { hi: x, lo: 0.0 }
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self.hi
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        if self.hi <= 0.0 || !self.hi.is_finite() {
            return Self { hi: self.hi.sqrt(), lo: 0.0 };
        }
        // One Newton step from the f64 root; the residual is exact in its leading part.
        let root = self.hi.sqrt();
        let residual = root.mul_add(-root, self.hi) + self.lo;
        let (hi, lo) = fast_two_sum(root, residual / (2.0 * root));
        Self { hi, lo }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        if self.hi < 0.0 { -self } else { self }
    }
    #[inline(always)]
    fn times_plus(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }
    #[inline(always)]
    fn times_power_of_two(self, exponent: i32) -> Self {
        if (-1000..=1000).contains(&exponent) {
            let scale = power_of_two(exponent);
            return Self { hi: self.hi * scale, lo: self.lo * scale };
        }
        Self { hi: self.hi.times_power_of_two(exponent), lo: self.lo.times_power_of_two(exponent) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Dd, b: Dd, times: f64) {
        let difference = (a - b).abs().to_f64();
        let bound = times * Dd::UNIT_ROUNDOFF * b.abs().to_f64();
        assert!(difference <= bound, "{a:?} against {b:?}: {difference:e} > {bound:e}");
    }

    #[test]
    fn sums_keep_what_f64_loses() {
        let sum = Dd::from_f64(1.0) + Dd::from_f64(1e-25);
        assert_eq!(sum, Dd { hi: 1.0, lo: 1e-25 });
        assert_eq!((sum - Dd::ONE).to_f64(), 1e-25);
    }

    #[test]
    fn third_times_three_is_one() {
        let third = Dd::ONE / Dd::from_f64(3.0);
        close(third * Dd::from_f64(3.0), Dd::ONE, 1.0);
        assert!(third.lo != 0.0, "a third has a low part");
    }

    #[test]
    fn square_root_of_two_squares_back() {
        let root = Dd::from_f64(2.0).sqrt();
        close(root * root, Dd::from_f64(2.0), 2.0);
        assert_eq!(Dd::ZERO.sqrt(), Dd::ZERO);
        assert!(Dd::from_f64(-1.0).sqrt().to_f64().is_nan());
    }

    #[test]
    fn quotients_and_products_agree_on_many_numbers() {
        let mut x = Dd::new(1.234_567_890_123, 1.1e-17);
        for k in 1..2000_u32 {
            let y = Dd::new(f64::from(k).sqrt(), f64::from(k) * 1e-18);
            close((x / y) * y, x, 4.0);
            close((x * y) / y, x, 4.0);
            close((x + y) - y, x, 4.0 + 8.0 * y.to_f64() / x.to_f64());
            x = x * Dd::new(1.000_3, 3e-17);
        }
    }

    #[test]
    fn order_looks_at_the_low_part() {
        assert!(Dd { hi: 1.0, lo: 1e-20 } > Dd::ONE);
        assert!(Dd { hi: 1.0, lo: -1e-20 } < Dd::ONE);
        assert_eq!(Dd::from_f64(f64::NAN).partial_cmp(&Dd::ONE), None);
    }
}
