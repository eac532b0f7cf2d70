//! What decides how the rest is computed, from one look at every row: constant columns, and entries near the ends of f64.

use super::lanes::{self, Tally};
use super::rows::{Block, Rows};
use crate::data::DataError;
use crate::linalg::vectorized;

/// Where squares of entries and their sums neither overflow nor underflow.
const SAFE: std::ops::RangeInclusive<f64> = 1e-120..=1e120;

/// What the columns look like, one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Rows of X.
    pub n: usize,
    /// d values: the number that all entries of the column are; nothing where they differ or are 0.
    pub constant: Vec<Option<f64>>,
    /// d values: largest absolute entry.
    pub largest: Vec<f64>,
    /// Largest absolute entry of the target; 0 where there is none.
    pub largest_of_target: f64,
}

impl Facts {
    /// Of all rows.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn of(rows: &dyn Rows) -> Result<Self, DataError> {
        lanes::pass(rows, &Looks::of(rows)).map(Extents::facts)
    }

    /// Whether every column that is not 0, and the target, has its largest entry between 1e-120 and 1e120.
    pub fn in_range(&self) -> bool {
        let sizes = self.largest.iter().chain([&self.largest_of_target]);
        sizes.into_iter().all(|&largest| largest == 0.0 || SAFE.contains(&largest))
    }
}

/// Looks at every row, of d entries.
pub(super) struct Looks {
    d: usize,
}

/// How far the entries of the rows seen so far reach.
pub(super) struct Extents {
    n: usize,
    /// d values: the least entry, and the greatest; no number is beyond those of no rows.
    least: Vec<f64>,
    greatest: Vec<f64>,
    largest_of_target: f64,
}

impl Looks {
    /// At the rows of `rows`.
    pub(super) fn of(rows: &dyn Rows) -> Self {
        Self { d: rows.names().len() }
    }
}

impl Tally for Looks {
    type Sum = Extents;

    fn bytes(&self) -> usize {
        2 * self.d * size_of::<f64>()
    }

    fn begin(&self) -> Extents {
        let (least, greatest) = (vec![f64::INFINITY; self.d], vec![f64::NEG_INFINITY; self.d]);
        Extents { n: 0, least, greatest, largest_of_target: 0.0 }
    }

    fn take(&self, extents: &mut Extents, block: &Block<'_>) {
        vectorized(
            #[inline(always)]
            || (0..block.x.rows()).for_each(|i| extents.widen(block.x.row(i), block.x.row(i))),
        );
        let target = block.y.map_or(0.0, crate::linalg::max_abs);
        extents.largest_of_target = extents.largest_of_target.max(target);
        extents.n += block.x.rows();
    }

    fn join(&self, extents: &mut Extents, more: Extents) {
        extents.widen(&more.least, &more.greatest);
        extents.largest_of_target = extents.largest_of_target.max(more.largest_of_target);
        extents.n += more.n;
    }
}

impl Extents {
    /// To entries between `least` and `greatest`.
    #[inline(always)]
    fn widen(&mut self, least: &[f64], greatest: &[f64]) {
        for (known, &x) in self.least.iter_mut().zip(least) {
            *known = if x < *known { x } else { *known };
        }
        for (known, &x) in self.greatest.iter_mut().zip(greatest) {
            *known = if x > *known { x } else { *known };
        }
    }

    /// What they say of each column.
    pub(super) fn facts(self) -> Facts {
        let columns = || self.least.iter().zip(&self.greatest);
        Facts {
            n: self.n,
            constant: columns().map(|(low, high)| Some(*low).filter(|_| low == high && *low != 0.0)).collect(),
            // Of no rows nothing is known, and 0 is the largest.
            largest: columns().map(|(low, high)| if low > high { 0.0 } else { low.abs().max(high.abs()) }).collect(),
            largest_of_target: self.largest_of_target,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::{Problem, Target};
    use crate::matrix::Matrix;

    #[test]
    fn constants_are_told_from_zeros_and_from_what_varies_in_the_last_bit() {
        let rows = [[3.0, 0.0, 1.0, -2.0], [3.0, 0.0, 1.0_f64.next_up(), -2.0], [3.0, 0.0, 1.0, -2.0]];
        let problem = Problem {
            names: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
            x: Matrix::from_fn(3, 4, |i, j| rows[i][j]),
            target: Some(Target { name: "y".to_owned(), y: vec![1.0, -7.0, 2.0] }),
        };
        let facts = Facts::of(&problem).unwrap();
        assert_eq!(facts.constant, [Some(3.0), None, None, Some(-2.0)]);
        assert_eq!((facts.n, facts.largest[3], facts.largest_of_target), (3, 2.0, 7.0));
        assert!(facts.in_range());
        for edge in [1e121, 1e-121] {
            assert!(!Facts { largest: vec![1.0, edge], ..facts.clone() }.in_range());
        }
    }
}
