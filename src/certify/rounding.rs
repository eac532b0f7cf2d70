//! Upper and lower bounds in rounding-to-nearest arithmetic.
//!
//! An operation rounded to nearest is at most half a unit in the last place off, so the next number up (down) is an
//! upper (lower) bound of the exact result, underflow included. Source: Rump, Zimmermann, Boldo & Melquiond 2009.

use crate::linalg::Scalar;

/// An upper bound of the exact value of which `x` is the rounding.
#[inline(always)]
pub(super) fn up(x: f64) -> f64 {
    x.next_up()
}

/// A lower bound of the exact, nonnegative value of which `x` is the rounding.
#[inline(always)]
pub(super) fn down(x: f64) -> f64 {
    x.next_down().max(0.0)
}

/// An upper bound of gamma_k = k u / (1 - k u), the relative error of k roundings in the arithmetic of `T`; infinite
/// where k u >= 1. Source: Higham 2002, section 3.1.
pub(super) fn gamma<T: Scalar>(k: usize) -> f64 {
    let product = up(k as f64 * T::UNIT_ROUNDOFF);
    if product >= 1.0 { f64::INFINITY } else { up(product / down(1.0 - product)) }
}

/// An upper bound of sqrt(a^2 + b^2) for a, b >= 0, without overflow of the squares.
pub(super) fn hypot_up(a: f64, b: f64) -> f64 {
    let (large, small) = if a >= b { (a, b) } else { (b, a) };
    if small == 0.0 || large.is_infinite() {
        return large;
    }
    let ratio = up(small / large);
    up(large * up(up(1.0 + up(ratio * ratio)).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_bounds_from_above_and_ends() {
        let u = f64::UNIT_ROUNDOFF;
        assert!(gamma::<f64>(10) > 10.0 * u && gamma::<f64>(10) < 10.0 * u * (1.0 + 1e-10));
        assert_eq!(gamma::<f64>(1 << 60), f64::INFINITY);
    }

    #[test]
    fn hypot_bounds_from_above() {
        assert!(hypot_up(3.0, 4.0) >= 5.0 && hypot_up(3.0, 4.0) < 5.0 + 1e-14);
        assert!(hypot_up(1e300, 1e300).is_finite());
        assert!(hypot_up(1e-300, 1e-300) >= 1.4142e-300);
        assert_eq!(hypot_up(0.0, 2.0), 2.0);
    }
}
