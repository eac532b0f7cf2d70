//! One column of one group of a cell, over the replicates.

use super::super::encoding::{Field, Malformed};
use super::super::error::RecordError;
use super::super::scratch::Scratch;
use super::super::text::Text;
use crate::statistics::{Quantiles, statistics};

/// Numbers for which a column keeps its memory from cell to cell. Larger pieces are given back whole: cut down, each would leave the
/// allocator a hole in which the next column of such a cell does not fit.
const KEPT_VALUES: usize = 1 << 10;

/// The numbers of a column, and how many fields of it hold none.
#[derive(Default)]
pub(super) struct Sample {
    /// Finite values in memory: the last ones.
    held: Vec<f64>,
    /// Where in the scratch file those before them lie, and how many.
    spilled: Vec<(u64, usize)>,
    missing: u64,
    nonfinite: u64,
}

impl Sample {
    /// The number that counts, if `value` is one.
    #[inline]
    pub(super) fn finite(&mut self, value: f64) -> Option<f64> {
        if value.is_finite() {
            return Some(value);
        }
        self.nonfinite += 1;
        None
    }

    /// The number that counts, if `field` holds one.
    pub(super) fn number(&mut self, field: Field<'_>) -> Result<Option<f64>, Malformed> {
        match field {
            Field::Missing => {
                self.missing += 1;
                Ok(None)
            }
            Field::Float(value) => Ok(self.finite(value)),
            Field::Int(value) => Ok(self.finite(value as f64)),
            Field::Text(_) => Err(Malformed::WrongKind),
        }
    }

    /// Appends the numbers of rows, in the order of their trials; NaN where a row has none.
    #[inline]
    pub(super) fn extend(&mut self, numbers: impl ExactSizeIterator<Item = f64>) {
        if self.missing + self.nonfinite == 0 {
            // As in nearly all columns, no row lacks its number: nothing is to be looked at, and room is made once.
            let before = self.held.len();
            self.held.extend(numbers);
            debug_assert!(
                self.held[before..].iter().all(|number| !number.is_nan()),
                "a row without a number was not counted"
            );
        } else {
            self.held.extend(numbers.filter(|number| !number.is_nan()));
        }
    }

    /// Moves the numbers out of memory.
    pub(super) fn spill(&mut self, spilled: &mut Scratch) -> Result<(), RecordError> {
        if !self.held.is_empty() {
            let start = spilled.append(bytemuck::cast_slice(&self.held))?;
            self.spilled.push((start, self.held.len()));
            self.held.clear();
        }
        Ok(())
    }

    /// Brings what was spilled back, in its order, and returns how many numbers came.
    pub(super) fn fetch(&mut self, spilled: &mut Scratch) -> Result<usize, RecordError> {
        let fetched = self.spilled.iter().map(|(_, count)| count).sum();
        if fetched == 0 {
            return Ok(0);
        }
        let mut values = vec![0.0; fetched + self.held.len()];
        let mut rest = &mut values[..];
        for (start, count) in self.spilled.drain(..) {
            let (part, behind) = rest.split_at_mut(count);
            spilled.read(start, bytemuck::cast_slice_mut(part))?;
            rest = behind;
        }
        rest.copy_from_slice(&self.held);
        self.held = values;
        Ok(fetched)
    }

    /// Appends the rest of its line, from the name of the column on, and is empty again.
    pub(super) fn end(&mut self, column: &str, quantiles: &Quantiles, out: &mut Text) {
        out.field(Field::Text(column));
        out.comma();
        for count in [self.held.len() as u64, self.missing, self.nonfinite] {
            out.count(count);
            out.comma();
        }
        let of = statistics(&mut self.held, quantiles);
        let (lo, hi) = of.interval.unzip();
        for value in [of.mean, of.median, of.sd, lo, hi] {
            if let Some(value) = value {
                out.float(value);
            }
            out.comma();
        }
        out.end_line();
        self.held.clear();
        if self.held.capacity() > KEPT_VALUES {
            self.held = Vec::new();
        }
        (self.missing, self.nonfinite) = (0, 0);
    }
}
