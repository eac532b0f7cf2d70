//! Double-word arithmetic: an unevaluated sum of two numbers of one type, twice the digits of that type.
//!
//! Algorithms and error bounds: Joldes, Muller & Popescu 2017, "Tight and rigorous error bounds for basic building
//! blocks of double-word arithmetic" (ACM TOMS 44, 15res), with u the unit roundoff of one word: accurate sum (their algorithm
//! 6) 3u^2 + 13u^3, product (12) 5u^2, quotient (17) 15u^2 + 56u^3; square root: Lefevre, Louvet, Muller, Picot & Rideau 2023,
//! "Accurate calculation of Euclidean norms using double-word arithmetic" (ACM TOMS 49, 1), 25/8 u^2. All of them stay below
//! [`DoubleWord::UNIT_ROUNDOFF`] = 16 u^2. The bounds hold while nothing overflows and no error term underflows; whoever needs
//! a rigorous bound adds the underflow term.

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use super::Scalar;

/// Two f64, about 32 decimal digits: what results are checked and refined in.
pub type Dd = DoubleWord<f64>;

/// Two f32, about 14 decimal digits with the range of f32: what a GPU without f64 computes in to come near it.
pub type Df32 = DoubleWord<f32>;

/// hi + lo, where |lo| is at most half a unit in the last place of hi.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DoubleWord<T> {
    /// The number rounded to one word.
    pub hi: T,
    /// What rounding left over.
    pub lo: T,
}

/// A type of which two make a double word: one whose [`Scalar::times_plus`] rounds once, so that rounding errors of products are
/// found exactly.
pub trait Word: Scalar {
    /// The double word nearest to `x`; what overflows the first word has no second.
    fn split(x: f64) -> DoubleWord<Self>;
    /// `x` rounded to f64.
    fn join(x: DoubleWord<Self>) -> f64;
}

impl Word for f64 {
    #[inline(always)]
    fn split(x: f64) -> Dd {
        Dd { hi: x, lo: 0.0 }
    }
    #[inline(always)]
    fn join(x: Dd) -> f64 {
        x.hi
    }
}

impl Word for f32 {
    #[inline(always)]
    fn split(x: f64) -> Df32 {
        let hi = f32::from_f64(x);
        let lo = if hi.is_finite() { f32::from_f64(x - f64::from(hi)) } else { 0.0 };
        Df32 { hi, lo }
    }
    #[inline(always)]
    fn join(x: Df32) -> f64 {
        f64::from(x.hi) + f64::from(x.lo)
    }
}

/// a + b exactly (Knuth).
#[inline(always)]
pub(super) fn two_sum<T: Word>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    let b_part = sum - a;
    let a_part = sum - b_part;
    (sum, (a - a_part) + (b - b_part))
}

/// a + b exactly, for |a| >= |b| or a = 0 (Dekker).
#[inline(always)]
pub(super) fn fast_two_sum<T: Word>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// a b exactly.
#[inline(always)]
fn two_product<T: Word>(a: T, b: T) -> (T, T) {
    let product = a * b;
    (product, a.times_plus(b, -product))
}

impl<T: Word> DoubleWord<T> {
    /// hi + lo, normalized.
    pub fn new(hi: T, lo: T) -> Self {
        let (hi, lo) = two_sum(hi, lo);
        Self { hi, lo }
    }
}

impl<T: Word> Add for DoubleWord<T> {
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

impl<T: Word> Sub for DoubleWord<T> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<T: Word> Neg for DoubleWord<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl<T: Word> Mul for DoubleWord<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let (product, error) = two_product(self.hi, other.hi);
        let cross = self.lo.times_plus(other.hi, self.lo * other.lo);
        let cross = self.hi.times_plus(other.lo, cross);
        let (hi, lo) = fast_two_sum(product, error + cross);
        Self { hi, lo }
    }
}

impl<T: Word> Div for DoubleWord<T> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let quotient = self.hi / other.hi;
        // The remainder self - quotient * other; its leading parts cancel exactly.
        let (product, error) = two_product(other.hi, quotient);
        let error = other.lo.times_plus(quotient, error);
        let remainder = (self.hi - product) + (self.lo - error);
        let (hi, lo) = fast_two_sum(quotient, remainder / other.hi);
        Self { hi, lo }
    }
}

impl<T: Word> AddAssign for DoubleWord<T> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<T: Word> SubAssign for DoubleWord<T> {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl<T: Word> PartialOrd for DoubleWord<T> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.hi.partial_cmp(&other.hi) {
            Some(Ordering::Equal) => self.lo.partial_cmp(&other.lo),
            decided => decided,
        }
    }
}

impl<T: Word> Scalar for DoubleWord<T> {
    const ZERO: Self = Self { hi: T::ZERO, lo: T::ZERO };
    const ONE: Self = Self { hi: T::ONE, lo: T::ZERO };
    const UNIT_ROUNDOFF: f64 = 16.0 * T::UNIT_ROUNDOFF * T::UNIT_ROUNDOFF;
    const LARGEST_EXPONENT: i32 = T::LARGEST_EXPONENT;

    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        T::split(x)
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        T::join(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        if self.hi <= T::ZERO || !self.hi.to_f64().is_finite() {
            return Self { hi: self.hi.sqrt(), lo: T::ZERO };
        }
        // One Newton step from the root of the first word; the residual is exact in its leading part.
        let root = self.hi.sqrt();
        let residual = root.times_plus(-root, self.hi) + self.lo;
        let (hi, lo) = fast_two_sum(root, residual / (root + root));
        Self { hi, lo }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        if self.hi < T::ZERO { -self } else { self }
    }
    #[inline(always)]
    fn times_plus(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }
    #[inline(always)]
    fn times_power_of_two(self, exponent: i32) -> Self {
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

    /// `count` pairs of f32 with a random second word, from 2^-20 to 2^20 in size, of either sign.
    fn pairs_of_f32(count: usize) -> Vec<Df32> {
        let mut rng = crate::rng::Generator::from_entropy(&[32]);
        let mut pair = || {
            let exponent = i32::try_from(rng.next_u64() % 41).unwrap_or(0) - 20;
            Df32::from_f64((rng.uniform() + 1.0).times_power_of_two(exponent) * rng.normal().signum())
        };
        (0..count).map(|_| pair()).collect()
    }

    /// The exact value: a sum of two f32 is one of f64, or of two.
    fn exact(x: Df32) -> Dd {
        Dd::new(f64::from(x.hi), f64::from(x.lo))
    }

    #[test]
    fn pairs_of_f32_keep_the_bounds_of_the_literature() {
        let u = f32::UNIT_ROUNDOFF;
        let worst = |name: &str, results: Vec<(Df32, Dd)>, bound: f64| {
            let error = |(ours, exact): &(Df32, Dd)| ((self::exact(*ours) - *exact) / *exact).abs().to_f64();
            let worst =
                results.iter().map(error).fold(0.0, |worst: f64, error| if error <= worst { worst } else { error });
            // Below a hundredth of the bound the test would not be about pairs of f32.
            assert!(
                worst <= bound && worst > bound / 100.0,
                "{name}: {:.3} u^2, allowed {:.3}",
                worst / u / u,
                bound / u / u
            );
        };
        let pairs: Vec<(Df32, Df32)> = pairs_of_f32(40_000).chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let of = |op: fn(Df32, Df32) -> Df32, truth: fn(Dd, Dd) -> Dd| -> Vec<(Df32, Dd)> {
            pairs
                .iter()
                .map(|&(a, b)| (op(a, b), truth(exact(a), exact(b))))
                .filter(|(_, truth)| truth.hi != 0.0)
                .collect()
        };
        worst("sum", of(|a, b| a + b, |a, b| a + b), 3.0 * u * u + 13.0 * u.powi(3));
        worst("difference", of(|a, b| a - b, |a, b| a - b), 3.0 * u * u + 13.0 * u.powi(3));
        worst("product", of(|a, b| a * b, |a, b| a * b), 5.0 * u * u);
        worst("quotient", of(|a, b| a / b, |a, b| a / b), 15.0 * u * u + 56.0 * u.powi(3));
        worst("root", of(|a, _| a.abs().sqrt(), |a, _| a.abs().sqrt()), 25.0 / 8.0 * u * u);
    }

    #[test]
    fn pairs_of_f32_take_48_bits_of_an_f64_and_overflow_as_f32_does() {
        let x = 1.0 + 2f64.powi(-40);
        assert_eq!(Df32::from_f64(x).to_f64(), x);
        assert_eq!(
            Df32::from_f64(1.0 + 2f64.powi(-52)).to_f64(),
            1.0 + 2f64.powi(-52),
            "the second word has its own exponent"
        );
        assert_eq!(Df32::from_f64(std::f64::consts::PI).to_f64(), std::f64::consts::PI + 2f64.powi(-48));
        assert_eq!(Df32::from_f64(1e39), Df32 { hi: f32::INFINITY, lo: 0.0 });
        assert!(Df32::from_f64(f64::NAN).to_f64().is_nan());
    }
}
