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
    /// Unit roundoff: the relative error of one operation is at most this (a small multiple of it for double-double).
    const UNIT_ROUNDOFF: f64;

    /// Rounded to this type where it is narrower than f64.
    fn from_f64(x: f64) -> Self;
    /// Rounded to f64 where this type is wider.
    fn to_f64(self) -> f64;
    /// Square root; NaN for a negative number.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
}

impl Scalar for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const UNIT_ROUNDOFF: f64 = f64::EPSILON / 2.0;

    fn from_f64(x: f64) -> Self {
        x
    }
    fn to_f64(self) -> f64 {
        self
    }
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    fn abs(self) -> Self {
        self.abs()
    }
}

/// Euclidean norm without overflow or underflow of the squares; NaN if any entry is NaN.
pub fn norm(x: &[f64]) -> f64 {
    let largest = x.iter().fold(0.0, |m: f64, x| if m.is_nan() || x.is_nan() { f64::NAN } else { m.max(x.abs()) });
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    let sum: f64 = x.iter().map(|x| (x / largest) * (x / largest)).sum();
    largest * sum.sqrt()
}
