//! Numbers side by side, a lane each: of several matrices, or of several places of one.
//!
//! What a lane holds never depends on the others: where they part ways, both are computed and a mask decides what is kept.

/// One number of each lane.
pub(super) type Lanes<const W: usize> = [f64; W];

/// All bits where it holds. Masks rather than `if`: around roots and divisions the compiler makes branches of those, and with them lane by
/// lane of what should fill registers.
#[inline(always)]
pub(super) fn mask(holds: bool) -> u64 {
    0_u64.wrapping_sub(u64::from(holds))
}

/// `first` where the mask has all bits, `second` where it has none.
#[inline(always)]
pub(super) fn blend(mask: u64, first: f64, second: f64) -> f64 {
    f64::from_bits((first.to_bits() & mask) | (second.to_bits() & !mask))
}

/// A small whole number that is held in a lane, where it fills registers like all others.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index that was made a float")]
pub(super) fn index(x: f64) -> usize {
    x as usize
}
