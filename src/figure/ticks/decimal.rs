//! Numbers of ticks, exact in decimal: what is written never shows a rounding error.

use super::super::label::Label;
use super::joined;

/// `digits` x 10^`exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) digits: i64,
    pub(super) exponent: i32,
}

/// Exponents of the leading digit between which numbers are written out: 0.001 to 99 999.
const WRITTEN_OUT: std::ops::RangeInclusive<i32> = -3..=4;

/// Longer numbers are written as differences from a common one.
const MOST_DIGITS: u32 = 5;

impl Decimal {
    /// The nearest double.
    pub(super) fn value(self) -> f64 {
        // The standard library rounds correctly, which powers of ten in floating point do not.
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// log10 of a positive number, also where the number itself is no double.
    pub(super) fn log10(self) -> f64 {
        (self.digits as f64).log10() + f64::from(self.exponent)
    }
}

/// The numbers with a factor, and if they are long a sum, that is common to all and written once.
pub(super) fn with_common_factor(decimals: &[Decimal]) -> (Vec<Label>, Option<Label>) {
    let Some((digits, exponent)) = aligned(decimals) else { return (Vec::new(), None) };
    let (low, high) = ends(&digits);
    let mut offset = 0;
    if count(low.abs().max(high.abs())) > MOST_DIGITS {
        // A multiple of the power of ten that is no shorter than the range: differences then have two digits or three.
        let unit = 10_i64.saturating_pow(count((high - low).max(1) - 1));
        offset = low.div_euclid(unit) * unit;
    }
    let rest: Vec<Decimal> = digits.iter().map(|n| Decimal { digits: n - offset, exponent }).collect();
    let Some((digits, exponent)) = aligned(&rest) else { return (Vec::new(), None) };
    let (low, high) = ends(&digits);
    let leading = leading(low.abs().max(high.abs()), exponent);
    let power = if WRITTEN_OUT.contains(&leading) { 0 } else { leading };
    let labels = digits.iter().map(|&n| Label::words(&fixed(n, exponent - power))).collect();

    let mut parts = Vec::new();
    if power != 0 {
        parts.extend([Label::words("×"), Label::power(10, power)]);
    }
    if offset != 0 {
        let sign = if offset < 0 { "\u{2212}" } else { "+" };
        let sign = if power == 0 { sign.to_owned() } else { format!(" {sign} ") };
        let offset = strip(Decimal { digits: offset.abs(), exponent: decimals_exponent(decimals) });
        parts.extend([Label::words(&sign), in_full_one(offset)]);
    }
    (labels, (!parts.is_empty()).then(|| joined(parts)))
}

/// Every number in full: as it is where all are short, else as a product with a power of ten.
pub(super) fn in_full(decimals: &[Decimal]) -> Vec<Label> {
    let short = |d: &Decimal| WRITTEN_OUT.contains(&leading(d.digits.abs(), d.exponent));
    if decimals.iter().all(short) {
        return decimals.iter().map(|d| Label::words(&fixed(d.digits, d.exponent))).collect();
    }
    decimals.iter().map(|&d| scientific(d)).collect()
}

fn in_full_one(decimal: Decimal) -> Label {
    if (-3..=6).contains(&leading(decimal.digits.abs(), decimal.exponent)) {
        Label::words(&fixed(decimal.digits, decimal.exponent))
    } else {
        scientific(decimal)
    }
}

fn scientific(decimal: Decimal) -> Label {
    let decimal = strip(decimal);
    let power = leading(decimal.digits.abs(), decimal.exponent);
    if decimal.digits == 1 {
        return Label::power(10, power);
    }
    let factor = format!("{}×", fixed(decimal.digits, decimal.exponent - power));
    joined([Label::words(&factor), Label::power(10, power)])
}

/// Digits of all for the exponent they have in common, without zeros that all end in.
fn aligned(decimals: &[Decimal]) -> Option<(Vec<i64>, i32)> {
    let mut exponent = decimals_exponent(decimals);
    let mut digits = Vec::with_capacity(decimals.len());
    for d in decimals {
        let shift = u32::try_from(d.exponent - exponent).ok()?;
        digits.push(d.digits.saturating_mul(10_i64.saturating_pow(shift)));
    }
    while digits.iter().any(|&n| n != 0) && digits.iter().all(|n| n % 10 == 0) {
        for n in &mut digits {
            *n /= 10;
        }
        exponent += 1;
    }
    (!digits.is_empty()).then_some((digits, exponent))
}

fn decimals_exponent(decimals: &[Decimal]) -> i32 {
    decimals.iter().map(|d| d.exponent).min().unwrap_or(0)
}

fn strip(mut decimal: Decimal) -> Decimal {
    while decimal.digits != 0 && decimal.digits % 10 == 0 {
        decimal.digits /= 10;
        decimal.exponent += 1;
    }
    decimal
}

fn ends(digits: &[i64]) -> (i64, i64) {
    digits.iter().fold((i64::MAX, i64::MIN), |(low, high), &n| (low.min(n), high.max(n)))
}

/// Number of decimal digits of a number that is not negative.
fn count(n: i64) -> u32 {
    n.checked_ilog10().map_or(1, |log| log + 1)
}

/// Exponent of the leading digit.
fn leading(digits: i64, exponent: i32) -> i32 {
    exponent + digits.checked_ilog10().map_or(0, u32::cast_signed)
}

/// `digits` x 10^`exponent` without an exponent.
fn fixed(digits: i64, exponent: i32) -> String {
    let sign = if digits < 0 { "\u{2212}" } else { "" };
    let mut text = digits.unsigned_abs().to_string();
    if let Ok(zeros) = usize::try_from(exponent) {
        text.extend(std::iter::repeat_n('0', if digits == 0 { 0 } else { zeros }));
    } else {
        let decimals = exponent.unsigned_abs() as usize;
        let padded = format!("{text:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        text = format!("{whole}.{fraction}");
    }
    format!("{sign}{text}")
}
