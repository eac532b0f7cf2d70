//! Upper and lower bounds in rounding-to-nearest arithmetic.
//!
//! An operation rounded to nearest is at most half a unit in the last place off, so the next number up (down) is an
//! upper (lower) bound of the exact result, underflow included. Source: Rump, Zimmermann, Boldo & Melquiond 2009.

use crate::linalg::{Scalar, filled, power_of_two};

/// An upper bound of the exact value, not negative, of which `x` is the rounding. As `next_up`, but a choice between two numbers and no
/// branch, so that loops of it run through vector registers.
#[inline(always)]
pub(super) fn up(x: f64) -> f64 {
    debug_assert!(x.is_nan() || x.is_sign_positive(), "{x:e} is negative");
    if x < f64::INFINITY { f64::from_bits(x.to_bits().wrapping_add(1)) } else { x }
}

/// A lower bound of the exact, nonnegative value of which `x` is the rounding.
#[inline(always)]
pub(super) fn down(x: f64) -> f64 {
    if x > 0.0 { f64::from_bits(x.to_bits().wrapping_sub(1)) } else { 0.0 }
}

/// An upper bound of gamma_k = k u / (1 - k u), the relative error of k roundings in the arithmetic of `T`; infinite
/// where k u >= 1. Source: Higham 2002, section 3.1.
pub(super) fn gamma<T: Scalar>(k: usize) -> f64 {
    let product = up(k as f64 * T::UNIT_ROUNDOFF);
    if product >= 1.0 { f64::INFINITY } else { up(product / down(1.0 - product)) }
}

/// What undoes a number of roundings, one after the other, that sums, products and roots of numbers that are not negative have put into
/// a number.
#[derive(Clone, Copy)]
pub(super) struct Inflation {
    factor: f64,
}

impl Inflation {
    #[inline(always)]
    pub(super) fn of(roundings: usize) -> Self {
        Self { factor: up(1.0 + gamma::<f64>(roundings)) }
    }

    /// An upper bound of what `x` would be without the roundings.
    #[inline(always)]
    pub(super) fn times(self, x: f64) -> f64 {
        up(x * self.factor)
    }
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

/// Upper bounds of the Euclidean norms of `sizes[k..]` for k = 0 ..= q, for q sizes that are not negative; the last is 0.
#[inline(always)]
pub(super) fn tail_norms_up(sizes: &[f64]) -> Vec<f64> {
    let mut norms = filled(0.0, sizes.len() + 1);
    // Of these, sums of squares lose nothing to overflow, nor to underflow.
    let plain = power_of_two(-500)..power_of_two(500);
    if sizes.iter().all(|size| *size == 0.0 || plain.contains(size)) {
        let mut squares = 0.0;
        for (k, &size) in sizes.iter().enumerate().rev() {
            squares = up(squares + up(size * size));
            norms[k] = up(f64::sqrt(squares));
        }
    } else {
        for (k, &size) in sizes.iter().enumerate().rev() {
            norms[k] = hypot_up(norms[k + 1], size);
        }
    }
    norms
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
    fn inflation_undoes_rounding_downwards() {
        // Adding a third of an ulp changes nothing, a hundred times over.
        let step = 1.0 / 3.0 * f64::EPSILON;
        let sum = (0..100).fold(1.0, |sum: f64, _| sum + step);
        assert_eq!(sum, 1.0);
        let inflated = Inflation::of(100).times(sum);
        assert!(inflated >= 1.0 + 100.0 * step && inflated < 1.0 + 60.0 * f64::EPSILON, "{inflated:e}");
        assert_eq!(Inflation::of(3).times(0.0), f64::from_bits(1));
        assert!(Inflation::of(3).times(f64::NAN).is_nan());
    }

    #[test]
    fn bounds_are_the_neighbours_over_the_whole_range() {
        for x in [0.0, f64::from_bits(1), f64::MIN_POSITIVE, 1.0_f64.next_down(), 1.0, f64::MAX, f64::INFINITY] {
            assert_eq!((up(x), down(x)), (x.next_up(), x.next_down().max(0.0)), "{x:e}");
        }
        assert!(up(f64::NAN).is_nan());
        assert_eq!((down(-0.0), down(-1.0), down(f64::NAN)), (0.0, 0.0, 0.0));
    }

    #[test]
    fn norms_of_tails_are_the_same_at_every_scale() {
        for scale in [1.0, 1e-300, 1e300] {
            let norms = tail_norms_up(&[12.0 * scale, 0.0, 4.0 * scale, 3.0 * scale]);
            for (norm, exact) in norms.iter().zip([13.0, 5.0, 5.0, 3.0, 0.0]) {
                let exact = exact * scale;
                assert!(*norm >= exact && *norm <= exact * (1.0 + 1e-14) + 1e-320, "{norm:e} for {exact:e}");
            }
        }
        assert!(tail_norms_up(&[f64::NAN, 1.0])[0].is_nan());
    }

    #[test]
    fn hypot_bounds_from_above() {
        assert!(hypot_up(3.0, 4.0) >= 5.0 && hypot_up(3.0, 4.0) < 5.0 + 1e-14);
        assert!(hypot_up(1e300, 1e300).is_finite());
        assert!(hypot_up(1e-300, 1e-300) >= 1.4142e-300);
        assert_eq!(hypot_up(0.0, 2.0), 2.0);
    }
}
