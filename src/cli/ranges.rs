//! Many numbers in few words: `0-3, 7, 9-12`.

use std::fmt;

/// Things that are worth their place on a terminal; JSON has all.
pub(super) const MOST_SHOWN: usize = 12;

/// Ascending numbers, neighbours together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<[usize; 2]>);

impl Ranges {
    /// Adds a number above all others.
    pub(super) fn push(&mut self, number: usize) {
        match self.0.last_mut() {
            Some([_, last]) if *last + 1 == number => *last = number,
            _ => self.0.push([number, number]),
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first number.
    pub(super) fn first(&self) -> Option<usize> {
        self.0.first().map(|[first, _]| *first)
    }

    /// The only number, if there is no other.
    pub(super) fn only(&self) -> Option<usize> {
        match self.0[..] {
            [[first, last]] if first == last => Some(first),
            _ => None,
        }
    }

    /// First and last of each range.
    pub(super) fn as_slice(&self) -> &[[usize; 2]] {
        &self.0
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, [first, last]) in self.0.iter().take(MOST_SHOWN).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
        }
        match self.0.len().saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more ranges (--json has all)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_ranges_and_many_are_cut_short() {
        let of = |numbers: &mut dyn Iterator<Item = usize>| {
            let mut ranges = Ranges::default();
            numbers.for_each(|number| ranges.push(number));
            ranges
        };
        assert_eq!(of(&mut [0, 1, 2, 5, 7, 8].into_iter()).to_string(), "0-2, 5, 7-8");
        let odd = of(&mut (0..20).map(|at| 2 * at + 1)).to_string();
        assert!(odd.ends_with("21, 23 and 8 more ranges (--json has all)"), "{odd}");
        assert_eq!(of(&mut [4].into_iter()).only(), Some(4));
        assert_eq!(of(&mut [4, 5].into_iter()).only(), None);
    }
}
