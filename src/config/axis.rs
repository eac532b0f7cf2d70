//! One axis of the grid: a number, a list, or a progression between two ends that both belong to it.

use super::keys;
use super::reader::{Item, Section};
use crate::expression::{Condition, Kind, Variable, Vocabulary};

/// Most values an axis may have.
pub const MAX_VALUES: usize = 1_000_000;
/// Most entries a matrix may have: 16 GiB of f64.
pub const MAX_ENTRIES: u64 = 1 << 31;

/// The axes, in the order in which tables show them. The first three make the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Axis {
    N,
    D,
    Epsilon,
    Lambda,
    Delta,
    Alpha,
}

impl Axis {
    pub(super) const ALL: [Self; 6] = [Self::N, Self::D, Self::Epsilon, Self::Lambda, Self::Delta, Self::Alpha];
    /// Every lambda, delta and alpha of a cell is measured on the same X.
    pub(super) const MEASURING: [Self; 3] = [Self::Lambda, Self::Delta, Self::Alpha];

    pub(super) fn name(self) -> &'static str {
        keys::AXES[self as usize]
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|axis| axis.name() == name)
    }

    pub(super) fn is_measuring(self) -> bool {
        Self::MEASURING.contains(&self)
    }

    fn domain(self) -> Domain {
        match self {
            Self::N => Domain::Whole { min: 1, max: MAX_ENTRIES, meaning: "n counts observations" },
            Self::D => Domain::Whole { min: 1, max: MAX_ENTRIES, meaning: "d counts features" },
            Self::Epsilon => Domain::NotNegative("epsilon is a size and must be at least 0"),
            Self::Lambda => Domain::NotNegative("lambda is a penalty and must be at least 0"),
            Self::Delta => Domain::NotNegative("delta is a relative size and must be at least 0"),
            Self::Alpha => Domain::Real,
        }
    }
}

/// The names that `where` may use, by [`Axis`].
pub(super) fn vocabulary() -> Vocabulary<'static> {
    let variables = keys::AXES.iter().map(|name| Variable { name, kind: Kind::Number }).collect();
    Vocabulary { noun: "an axis", variables }
}

/// The axes that a condition of [`vocabulary`] mentions, each with the byte of its first mention.
pub(super) fn mentioned(condition: &Condition) -> impl Iterator<Item = (Axis, usize)> {
    condition.mentions().iter().map(|mention| (Axis::ALL[mention.variable], mention.offset))
}

/// Which values an axis takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Domain {
    /// Integers; `meaning` opens the error for others.
    Whole { min: u64, max: u64, meaning: &'static str },
    /// Numbers of at least 0; the words are the error for others.
    NotNegative(&'static str),
    /// Numbers above 0 and at most 1; the words are the error for others.
    Share(&'static str),
    /// Any finite number.
    Real,
}

impl Domain {
    fn is_whole(self) -> bool {
        matches!(self, Self::Whole { .. })
    }

    fn read(self, item: &Item<'_>) -> Option<f64> {
        match self {
            Self::Whole { min, max, meaning } => item.whole(min, max, meaning).map(|value| value as f64),
            // -0.0 is 0: added to 0.0 it loses its sign, by which it would be a second cell of the same key.
            Self::NotNegative(why) => item.number_where(|value| value >= 0.0, why).map(|value| value + 0.0),
            Self::Share(why) => item.number_where(|value| 0.0 < value && value <= 1.0, why),
            Self::Real => item.number().map(|value| value + 0.0),
        }
    }
}

/// Whether an axis keeps the order in which it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Ascending, without repetition.
    Sorted,
    /// As written: zipped axes pair by position.
    Written,
}

/// The values of `axis` as written, in the order written.
pub(super) fn read(item: &Item<'_>, axis: Axis) -> Option<Vec<f64>> {
    values(item, axis.domain())
}

/// The values of an axis of any domain, in the order written.
pub(super) fn values(item: &Item<'_>, domain: Domain) -> Option<Vec<f64>> {
    let values = if item.is_list() {
        item.list_of(|item| domain.read(item))?
    } else if item.is_table() {
        progression(&item.section()?, domain, item)?
    } else {
        vec![domain.read(item)?]
    };
    if values.len() > MAX_VALUES {
        item.refuse(format!("{} values; an axis has at most {MAX_VALUES}", values.len()), "");
        return None;
    }
    Some(values)
}

/// `values` in `order`.
pub(super) fn arranged(mut values: Vec<f64>, order: Order) -> Vec<f64> {
    if order == Order::Sorted {
        values.sort_by(f64::total_cmp);
        values.dedup();
    }
    values
}

/// `{ linear = [a, b], step = s }`, `{ linear = [a, b], count = k }` or `{ log = [a, b], count = k }`, each with an
/// optional `with = [further values]`.
fn progression(section: &Section<'_>, domain: Domain, item: &Item<'_>) -> Option<Vec<f64>> {
    let (linear, log) = (section.get("linear"), section.get("log"));
    let (step, count) = (section.get("step"), section.get("count"));
    let with = section.get("with").map(|with| with.list_of(|item| domain.read(item)));
    section.finish_all(keys::AXIS);
    let mut values = match (linear, log, step, count) {
        (Some(ends), None, Some(step), None) => {
            let (a, b) = read_ends(&ends, domain)?;
            let size = match domain {
                Domain::Whole { max, .. } => step.whole(1, max, "step is the distance of integers")? as f64,
                _ => step.number_where(|size| size > 0.0, "step must be above 0")?,
            };
            if (b - a) / size > MAX_VALUES as f64 {
                step.refuse(format!("more than {MAX_VALUES} values between {a} and {b}"), "take a larger step");
                return None;
            }
            linear_by_step(a, b, size)
        }
        (Some(ends), None, None, Some(count)) => {
            let (a, b) = read_ends(&ends, domain)?;
            by_count(a, b, read_count(&count)?, |share| a + (b - a) * share)
        }
        (None, Some(ends), None, Some(count)) => {
            let (a, b) = read_ends(&ends, domain)?;
            if a <= 0.0 {
                ends.refuse(
                    "both ends of a logarithmic axis must be above 0",
                    "put a 0 into with: { log = [1e-6, 1.0], count = 7, with = [0.0] }",
                );
                return None;
            }
            let (low, high) = (a.log10(), b.log10());
            by_count(a, b, read_count(&count)?, |share| 10f64.powf(low + (high - low) * share))
        }
        (Some(_), Some(_), ..) => return refuse_form(item, "linear and log exclude each other"),
        (None, None, ..) => return refuse_form(item, "neither linear nor log is given"),
        (None, Some(_), Some(_), _) => return refuse_form(item, "log takes count, not step"),
        (_, _, None, None) => return refuse_form(item, "how many values is not said"),
        (Some(_), None, Some(_), Some(_)) => return refuse_form(item, "step and count exclude each other"),
    };
    if domain.is_whole() {
        for value in &mut values {
            *value = value.round();
        }
        values.dedup();
    }
    if let Some(with) = with {
        values.extend(with?);
    }
    Some(values)
}

fn refuse_form<T>(item: &Item<'_>, why: &str) -> Option<T> {
    item.refuse(
        why,
        "an axis is 5, [5, 10], { linear = [5, 50], step = 5 }, { linear = [0, 1], count = 11 } or { log = [1e-3, 1e3], count = 7 }",
    );
    None
}

/// `[low, high]`.
fn read_ends(item: &Item<'_>, domain: Domain) -> Option<(f64, f64)> {
    let ends = item.list_of(|end| domain.read(end))?;
    match ends[..] {
        [a, b] if a <= b => Some((a, b)),
        [_, _] => {
            item.refuse("the low end comes first", "");
            None
        }
        _ => {
            item.refuse(format!("{} numbers where two ends are expected", ends.len()), "write [low, high]");
            None
        }
    }
}

fn read_count(item: &Item<'_>) -> Option<usize> {
    let count = item.whole(2, MAX_VALUES as u64, "count includes both ends")?;
    usize::try_from(count).ok()
}

/// a, a + step, ... up to b, which belongs to it if it is reached within rounding.
fn linear_by_step(a: f64, b: f64, step: f64) -> Vec<f64> {
    // 0.1 steps from 0 to 1 must reach 1 although 10 * 0.1 / 0.1 may come out a little below 10.
    let steps = ((b - a) / step + 1e-9).floor();
    let mut values = Vec::new();
    let mut i = 0.0;
    while i <= steps {
        let value = if i == 0.0 { a } else { tidy(a + i * step) };
        values.push(if (value - b).abs() <= 1e-9 * step { b } else { value });
        i += 1.0;
    }
    values
}

/// `count` values: a, the inner ones by their share of the way, b.
fn by_count(a: f64, b: f64, count: usize, inner: impl Fn(f64) -> f64) -> Vec<f64> {
    let last = count - 1;
    (0..count)
        .map(|i| match i {
            0 => a,
            i if i == last => b,
            i => tidy(inner(i as f64 / last as f64)).clamp(a, b),
        })
        .collect()
}

/// Rounds to 15 significant digits: 0.1 + 2 * 0.1 becomes 0.3 and 10^-3 the f64 nearest to 0.001, so that a key reads
/// as it was meant and the last bit of a library's power function does not show.
fn tidy(value: f64) -> f64 {
    format!("{value:.14e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn progressions_reach_their_ends_and_read_as_meant() {
        assert_eq!(linear_by_step(0.0, 0.5, 0.1), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(linear_by_step(5.0, 12.0, 5.0), [5.0, 10.0]);
        let decades: Vec<f64> = by_count(1e-12, 1e-1, 12, |share| 10f64.powf(-12.0 + 11.0 * share));
        assert_eq!(decades, [1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]);
    }

    proptest! {
        #[test]
        fn steps_ascend_within_the_ends(a in -1e6..1e6f64, length in 0.0..1e3f64, step in 0.01..1e3f64) {
            let (b, values) = (a + length, linear_by_step(a, a + length, step));
            prop_assert!((values[0] - a).abs() <= 1e-14 * a.abs());
            prop_assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
            let last = values[values.len() - 1];
            prop_assert!(last <= b + 1e-8 * step && last > b - step * (1.0 + 1e-8));
        }

        #[test]
        fn whole_steps_that_fit_reach_the_end(a in 1u32..10_000, step in 1u32..100, steps in 0u32..100) {
            let (a, b) = (f64::from(a), f64::from(a + step * steps));
            let values = linear_by_step(a, b, f64::from(step));
            prop_assert_eq!(values.len(), steps as usize + 1);
            prop_assert_eq!(values[values.len() - 1], b);
        }

        #[test]
        fn counts_include_both_ends_and_never_descend(a in 1e-300..1e300f64, factor in 1.0..1e8f64, count in 2usize..200) {
            let b = a * factor;
            let (low, high) = (a.log10(), b.log10());
            let values = by_count(a, b, count, |share| 10f64.powf(low + (high - low) * share));
            prop_assert_eq!((values[0], values[count - 1], values.len()), (a, b, count));
            prop_assert!(values.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }
}
