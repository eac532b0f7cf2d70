//! Exact scaling by powers of two, so that every matrix meets the device in the middle of its type's range.

/// An exact factor 2^k, for any k that takes one finite `f64` to the size of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PowerOfTwo {
    k: i32,
}

impl PowerOfTwo {
    /// The factor that takes a matrix with largest absolute entry `max_abs` into [2^target, 2^(target+1)); 1 for 0.
    pub(super) fn bringing(max_abs: f64, target: i32) -> Self {
        if max_abs == 0.0 { Self { k: 0 } } else { Self { k: target - exponent(max_abs) } }
    }

    /// x 2^k, rounded only if it leaves the normal range.
    pub(super) fn times(self, x: f64) -> f64 {
        // |k| can exceed what one f64 holds as a power of two; half of it never does.
        let half = self.k / 2;
        x * power_of_two(half) * power_of_two(self.k - half)
    }

    /// x 2^-k.
    pub(super) fn undo(self, x: f64) -> f64 {
        Self { k: -self.k }.times(x)
    }
}

/// floor(log2 |x|) of a finite x that is not 0, subnormals included.
fn exponent(x: f64) -> i32 {
    const SUBNORMAL_LIFT: i32 = 54;
    let biased = |x: f64| i32::try_from((x.to_bits() >> 52) & 0x7FF).unwrap_or(0);
    match biased(x) {
        0 => biased(x * power_of_two(SUBNORMAL_LIFT)) - 1023 - SUBNORMAL_LIFT,
        biased => biased - 1023,
    }
}

/// 2^k for a normal result.
fn power_of_two(k: i32) -> f64 {
    debug_assert!((-1022..=1023).contains(&k), "2^{k} is not normal");
    f64::from_bits(u64::try_from(k + 1023).unwrap_or(0) << 52)
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
