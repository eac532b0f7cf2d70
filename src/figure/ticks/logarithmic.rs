//! Marks of logarithmic axes: powers of the base, every one or every k-th, and within a decade or two 1, 2 and 5.

use super::super::label::Label;
use super::decimal::{self, Decimal};
use super::{Candidate, Minor, Numbers, linear};

/// Exponents of powers are multiples of one of these.
const STRIDES_10: [i32; 10] = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500];
const STRIDES_2: [i32; 11] = [1, 2, 4, 5, 10, 20, 50, 100, 200, 500, 1000];

/// An axis that spans fewer powers than this is marked between them too.
const FEW: f64 = 2.0;

/// Least distances in sizes of the type: of powers, of marks at 1, 2 and 5 (whose distances differ), of the shortest marks.
const SPACING_POWERS: f64 = 1.4;
const SPACING_WITHIN: f64 = 1.0;
const SPACING_MINOR: f64 = 0.12;

/// `from` and `to` are logarithms to `base`.
pub(super) fn candidates(base: u32, from: f64, to: f64) -> Vec<Candidate> {
    let mut all = Vec::new();
    if to - from < FEW {
        if base == 10 {
            all.extend(one_two_five(from, to));
        }
        all.extend(evenly(base, from, to));
    }
    let strides: &[i32] = if base == 2 { &STRIDES_2 } else { &STRIDES_10 };
    all.extend(strides.iter().map(|&stride| every(base, stride, from, to)));
    all
}

/// Powers whose exponents are multiples of a stride; between them the other powers, or 2 to 9 times each.
fn every(base: u32, stride: i32, from: f64, to: f64) -> Candidate {
    let exponents: Vec<i32> = integers(from, to).filter(|k| k % stride == 0).collect();
    let places = exponents.iter().map(|&k| f64::from(k)).collect();
    let minor = match (base, stride) {
        (10, 1) => Minor { places: within_decades(from, to, |_| true), spacing: SPACING_MINOR },
        (_, 1) => Minor::NONE,
        _ => Minor {
            places: integers(from, to).filter(|k| k % stride != 0).map(f64::from).collect(),
            spacing: 3.0 * SPACING_MINOR,
        },
    };
    Candidate { places, numbers: Numbers::Powers(base, exponents), minor, spacing: SPACING_POWERS }
}

/// 1, 2 and 5 times powers of ten, if there are enough of them to read the axis by.
fn one_two_five(from: f64, to: f64) -> Option<Candidate> {
    let marks: Vec<Decimal> = integers(from - 1.0, to)
        .flat_map(|exponent| [1, 2, 5].map(|digits| Decimal { digits, exponent }))
        .filter(|mark| inside(mark.log10(), from, to))
        .collect();
    (marks.len() >= 3).then(|| Candidate {
        places: marks.iter().map(|mark| mark.log10()).collect(),
        numbers: Numbers::Each(marks),
        minor: Minor { places: within_decades(from, to, |n| n != 2 && n != 5), spacing: SPACING_MINOR },
        spacing: SPACING_WITHIN,
    })
}

/// Equal differences, as on a linear axis: what is left where the axis is shorter than from 1 to 2.
fn evenly(base: u32, from: f64, to: f64) -> Vec<Candidate> {
    let decades_per_power = f64::from(base).log10();
    let (from, to) = (from * decades_per_power, to * decades_per_power);
    // Numbers between 1 and 1000 whatever the axis: 10^from itself may be no double.
    let shift = from.floor();
    #[expect(clippy::cast_possible_truncation, reason = "between -324 and 308")]
    let exponent = shift as i32;
    let all = linear::steps(10_f64.powf(from - shift), 10_f64.powf(to - shift));
    let shifted = all.map(|marks| {
        let marks = marks.into_iter().filter(|mark| mark.digits > 0);
        marks.map(|mark| Decimal { exponent: mark.exponent + exponent, ..mark }).collect::<Vec<_>>()
    });
    let candidate = |marks: Vec<Decimal>| Candidate {
        places: marks.iter().map(|mark| mark.log10() / decades_per_power).collect(),
        numbers: Numbers::Common(marks),
        minor: Minor::NONE,
        spacing: linear::SPACING,
    };
    shifted.map(candidate).collect()
}

/// 2 to 9 times every power of ten, as logarithms.
fn within_decades(from: f64, to: f64, wanted: impl Fn(u8) -> bool) -> Vec<f64> {
    let all = integers(from - 1.0, to).flat_map(|k| (2..10).map(move |n: u8| (k, n)));
    let wanted = all.filter(|&(_, n)| wanted(n));
    wanted.map(|(k, n)| f64::from(k) + f64::from(n).log10()).filter(|&place| inside(place, from, to)).collect()
}

/// An end that misses a power by rounding has it: log10 of 1e-17 need not be -17.
fn inside(place: f64, from: f64, to: f64) -> bool {
    (from - 1e-9..=to + 1e-9).contains(&place)
}

#[expect(clippy::cast_possible_truncation, reason = "logarithms of doubles, with a margin, are between -10^4 and 10^4")]
fn integers(from: f64, to: f64) -> std::ops::RangeInclusive<i32> {
    (from - 1e-9).ceil() as i32..=(to + 1e-9).floor() as i32
}

/// Labels of powers: 0.01 to 1000, or 0.25 to 4096, as they are if the whole axis is; else raised exponents.
pub(super) fn powers(base: u32, exponents: &[i32]) -> Vec<Label> {
    let short = if base == 2 { -2..=12 } else { -2..=3 };
    if !exponents.iter().all(|k| short.contains(k)) {
        return exponents.iter().map(|&k| Label::power(base, k)).collect();
    }
    let decimal = |&k: &i32| match (base, k) {
        (2, 0..) => Decimal { digits: 1 << k, exponent: 0 },
        // 2^-k = 5^k / 10^k.
        (2, _) => Decimal { digits: 5_i64.pow(k.unsigned_abs()), exponent: k },
        _ => Decimal { digits: 1, exponent: k },
    };
    decimal::in_full(&exponents.iter().map(decimal).collect::<Vec<_>>())
}
