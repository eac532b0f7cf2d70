//! Marks at multiples of 1, 2 or 5 times a power of ten.
//! Source: Heckbert, "Nice numbers for graph labels", Graphics Gems (1990); here the step is the first whose labels fit.

use super::decimal::Decimal;
use super::{Candidate, Minor, Numbers};

/// Steps with more marks than this are not tried.
const MOST: f64 = super::MOST as f64;

/// Least distance of marks, in sizes of the type.
pub(super) const SPACING: f64 = 2.2;

pub(super) fn candidates(from: f64, to: f64) -> Vec<Candidate> {
    let ticks = steps(from, to);
    let candidate = |decimals: Vec<Decimal>| Candidate {
        places: decimals.iter().map(|d| d.value()).collect(),
        numbers: Numbers::Common(decimals),
        minor: Minor::NONE,
        spacing: SPACING,
    };
    ticks.map(candidate).collect()
}

/// Multiples of every nice step between two numbers, from the smallest step with at most [`MOST`] marks to the first that
/// leaves at most one.
pub(super) fn steps(from: f64, to: f64) -> impl Iterator<Item = Vec<Decimal>> {
    // Half the length is finite where the length is not.
    let half = to / 2.0 - from / 2.0;
    #[expect(clippy::cast_possible_truncation, reason = "between -308 and 308")]
    let first = (half.log10() + std::f64::consts::LOG10_2 - MOST.log10()).floor() as i32;
    let steps = (first..first + 4).flat_map(|exponent| [1, 2, 5].map(|digits| Decimal { digits, exponent }));
    steps.map(move |step| multiples(step, from, to)).filter(|marks| marks.len() as f64 <= MOST && !marks.is_empty())
}

fn multiples(step: Decimal, from: f64, to: f64) -> Vec<Decimal> {
    let length = step.value();
    let (low, high) = (from / length, to / length);
    // 0.3 / 0.1 is not 3: an end that misses a multiple by rounding has it.
    let slack = 1e-9 + low.abs().max(high.abs()) * 4.0 * f64::EPSILON;
    let (low, high) = ((low - slack).ceil(), (high + slack).floor());
    if !(high - low < 2.0 * MOST && low.abs().max(high.abs()) < 1e17) {
        return Vec::new();
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 1e17")]
    let (low, high) = (low as i64, high as i64);
    (low..=high).map(|n| Decimal { digits: n * step.digits, exponent: step.exponent }).collect()
}
