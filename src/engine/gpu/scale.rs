//! Exact scaling by powers of two, so that every matrix meets the device in the middle of its type's range.

use crate::linalg::{Scalar, exponent};

/// An exact factor 2^k, for any k that takes one finite `f64` to the size of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PowerOfTwo {
    k: i32,
}

impl PowerOfTwo {
    /// The factor 1.
    pub(super) const ONE: Self = Self { k: 0 };

    /// The factor that takes a matrix with largest absolute entry `max_abs` into [2^target, 2^(target+1)); 1 for 0.
    pub(super) fn bringing(max_abs: f64, target: i32) -> Self {
        exponent(max_abs).map_or(Self::ONE, |k| Self { k: target - k })
    }

    /// x 2^k, rounded only if it leaves the normal range.
    pub(super) fn times(self, x: f64) -> f64 {
        x.times_power_of_two(self.k)
    }

    /// x 2^-k.
    pub(super) fn undo(self, x: f64) -> f64 {
        x.times_power_of_two(-self.k)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_is_exact_and_undone_exactly_over_the_whole_range() {
        for x in [1.0, 1.5, 1e300, f64::MAX, 1e-300, f64::MIN_POSITIVE, 5e-324, 3.0e-320] {
            for target in [0, 16, 40] {
                let factor = PowerOfTwo::bringing(x, target);
                let scaled = factor.times(x);
                let low = 2.0_f64.powi(target);
                assert!(scaled >= low && scaled < 2.0 * low, "{x:e} -> {scaled:e}");
                assert_eq!(factor.undo(scaled), x, "{x:e}");
            }
        }
        assert_eq!(PowerOfTwo::bringing(0.0, 40).times(0.0), 0.0);
    }
}
