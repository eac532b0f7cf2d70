//! The replicates of a cell, gathered while the tables are built and summarised when the cell ends.
//!
//! Memory: the numbers of one cell and one table up to [`HELD_VALUES`]. Beyond, they wait in a scratch file and come back
//! a few columns at a time when the cell ends, because an exact median needs its whole column.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

use rayon::prelude::*;

use super::encoding::{Field, Fields, Malformed, TrialRows};
use super::error::RecordError;
use super::rows::{end_line, push_field, push_float};
use super::scratch::Scratch;
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Column, Role, Schema};
use crate::statistics::{Quantiles, statistics};

/// The cell is the trial's key without the replicate, which comes last.
pub(crate) const CELL_KEYS: usize = TRIAL_KEY.len() - 1;

/// Numbers of a cell that stay in memory: 16 MiB.
const HELD_VALUES: usize = 1 << 21;
/// Numbers that come back from the scratch file together, as far as whole columns allow: 32 MiB.
const FETCHED_VALUES: usize = 1 << 22;
/// Numbers for which a column keeps its memory from cell to cell.
const KEPT_VALUES: usize = 1 << 12;
/// Columns that one thread summarises at a time.
const SAMPLES_PER_TASK: usize = 16;

/// What a column behind the keys is to the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Summarised.
    Number,
    /// Left out.
    Other,
}

/// The cell that a table is in.
pub(crate) struct CellSummary {
    table: &'static str,
    /// For each key column of the table, which of the summary's inner keys it is. Rows begin with their keys.
    places: Vec<usize>,
    /// For each column behind them.
    uses: Vec<Use>,
    /// Names of the columns that are summarised.
    numbers: Vec<&'static str>,
    inner_keys: usize,
    /// The cell's key as a payload has it; empty before the first trial.
    cell: Vec<u8>,
    /// In the order of their first appearance.
    groups: Vec<Group>,
    by_key: HashMap<Vec<u8>, usize>,
    /// Group by group, one for each of `numbers`. Those behind the last group are empty and wait for the next.
    samples: Vec<Sample>,
    held: usize,
    spilled: Scratch,
}

/// The rows of a cell that share their inner key.
struct Group {
    /// The inner key as a payload has it.
    key: Vec<u8>,
    /// How its lines begin: table, cell, inner keys.
    prefix: Vec<u8>,
}

/// One column of one group, over the replicates.
#[derive(Default)]
struct Sample {
    /// Finite values in memory: the last ones.
    held: Vec<f64>,
    /// Where in the scratch file those before them lie, and how many.
    spilled: Vec<(u64, usize)>,
    missing: u64,
    nonfinite: u64,
}

impl CellSummary {
    /// For the table `schema` in a summary with the inner keys `inner`. Its scratch file, if it comes to that, is in
    /// `dir`.
    pub(crate) fn new(dir: &Path, schema: &Schema, inner: &[&str]) -> Self {
        let (keys, values) = schema.columns.split_at(schema.leading_keys());
        let used = |column: &Column| match column.role {
            Role::Result if column.unit != "name" => Use::Number,
            _ => Use::Other,
        };
        let summarised = values.iter().filter(|column| used(column) == Use::Number);
        Self {
            table: schema.name,
            places: keys.iter().filter_map(|key| inner.iter().position(|name| *name == key.name)).collect(),
            uses: values.iter().map(used).collect(),
            numbers: summarised.map(|column| column.name).collect(),
            inner_keys: inner.len(),
            cell: Vec::new(),
            groups: Vec::new(),
            by_key: HashMap::new(),
            samples: Vec::new(),
            held: 0,
            spilled: Scratch::new(dir, schema.name),
        }
    }

    /// Whether `trial` belongs to another cell than those before it: then [`CellSummary::end`] comes first.
    pub(crate) fn ends_before(&self, trial: &TrialRows<'_>) -> bool {
        !self.cell.is_empty() && self.cell != trial.cell
    }

    /// Adds the rows `fields` of `trial`.
    pub(crate) fn add(&mut self, trial: &TrialRows<'_>, mut fields: Fields<'_>) -> Result<(), Malformed> {
        if self.cell.is_empty() {
            self.cell.extend_from_slice(trial.cell);
        }
        // Nearly always the rows of every trial have the same keys in the same order.
        let mut likely = 0;
        while !fields.is_empty() {
            let group = match self.groups.get(likely) {
                Some(group) if fields.skip(&group.key) => likely,
                _ => self.group(trial, &mut fields)?,
            };
            likely = group + 1;
            let mut samples = self.samples[group * self.numbers.len()..].iter_mut();
            for used in &self.uses {
                // A column that is left out has no sample.
                let sample = if *used == Use::Number { samples.next() } else { None };
                let float = fields.float();
                match (sample, float) {
                    (Some(sample), Some(value)) => sample.add(value),
                    (Some(sample), None) => sample.add_field(fields.read()?)?,
                    (None, Some(_)) => {}
                    (None, None) => _ = fields.read()?,
                }
            }
            self.held += self.numbers.len();
        }
        Ok(())
    }

    /// The group of the row that begins `fields`, new if there is none; takes the row's keys.
    fn group(&mut self, trial: &TrialRows<'_>, fields: &mut Fields<'_>) -> Result<usize, Malformed> {
        let (mut key, mut inner) = (Vec::new(), vec![Field::Missing; self.inner_keys]);
        for place in &self.places {
            let (field, encoded) = fields.read_with_bytes()?;
            key.extend_from_slice(encoded);
            inner[*place] = field;
        }
        if let Some(group) = self.by_key.get(&key) {
            return Ok(*group);
        }
        let mut prefix = Vec::with_capacity(64);
        for field in [Field::Text(self.table)].iter().chain(&trial.key[..CELL_KEYS]).chain(&inner) {
            push_field(&mut prefix, *field);
            prefix.push(b',');
        }
        let group = self.groups.len();
        self.groups.push(Group { key: key.clone(), prefix });
        self.by_key.insert(key, group);
        let needed = self.groups.len() * self.numbers.len();
        if self.samples.len() < needed {
            self.samples.resize_with(needed, Sample::default);
        }
        Ok(group)
    }

    /// Moves the numbers out of memory if there are too many.
    pub(crate) fn spill_if_full(&mut self) -> Result<(), RecordError> {
        if self.held < HELD_VALUES { Ok(()) } else { self.spill() }
    }

    fn spill(&mut self) -> Result<(), RecordError> {
        for sample in self.samples.iter_mut().filter(|sample| !sample.held.is_empty()) {
            let start = self.spilled.append(bytemuck::cast_slice(&sample.held))?;
            sample.spilled.push((start, sample.held.len()));
            sample.held.clear();
        }
        self.held = 0;
        Ok(())
    }

    /// Ends the cell: appends its lines to `out` and returns how many.
    pub(crate) fn end(&mut self, quantiles: &Quantiles, out: &mut Vec<u8>) -> Result<u64, RecordError> {
        let columns = self.numbers.len();
        let lines = self.groups.len() * columns;
        let mut from = 0;
        while from < lines {
            let to = from + fetch(&mut self.samples[from..lines], &mut self.spilled)?;
            let (groups, numbers) = (&self.groups, &self.numbers);
            let task = |(task, samples): (usize, &mut [Sample])| {
                let mut text = Vec::with_capacity(128 * samples.len());
                for (line, sample) in (from + task * SAMPLES_PER_TASK..).zip(samples) {
                    text.extend_from_slice(&groups[line / columns].prefix);
                    sample.end(numbers[line % columns], quantiles, &mut text);
                }
                text
            };
            let texts: Vec<Vec<u8>> =
                self.samples[from..to].par_chunks_mut(SAMPLES_PER_TASK).enumerate().map(task).collect();
            for text in &texts {
                out.extend_from_slice(text);
            }
            from = to;
        }
        self.cell.clear();
        self.groups.clear();
        self.by_key.clear();
        self.spilled.clear();
        self.held = 0;
        Ok(lines as u64)
    }
}

/// Brings the numbers of the first samples back into memory and returns of how many: all of them if none was spilled,
/// at least one.
fn fetch(samples: &mut [Sample], spilled: &mut Scratch) -> Result<usize, RecordError> {
    let mut fetched = 0;
    for (count, sample) in samples.iter_mut().enumerate() {
        if fetched >= FETCHED_VALUES {
            return Ok(count);
        }
        fetched += sample.fetch(spilled)?;
    }
    Ok(samples.len())
}

impl Sample {
    fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.held.push(value);
        } else {
            self.nonfinite += 1;
        }
    }

    fn add_field(&mut self, field: Field<'_>) -> Result<(), Malformed> {
        match field {
            Field::Missing => self.missing += 1,
            Field::Float(value) => self.add(value),
            Field::Int(value) => self.add(value as f64),
            Field::Text(_) => return Err(Malformed::WrongKind),
        }
        Ok(())
    }

    /// Brings what was spilled back, in its order, and returns how many numbers came.
    fn fetch(&mut self, spilled: &mut Scratch) -> Result<usize, RecordError> {
        let fetched = self.spilled.iter().map(|(_, count)| count).sum();
        if fetched == 0 {
            return Ok(0);
        }
        let mut values = vec![0.0; fetched];
        let mut rest = &mut values[..];
        for (start, count) in self.spilled.drain(..) {
            let (part, behind) = rest.split_at_mut(count);
            spilled.read(start, bytemuck::cast_slice_mut(part))?;
            rest = behind;
        }
        values.append(&mut self.held);
        self.held = values;
        Ok(fetched)
    }

    /// Appends the rest of its line, from the name of the column on, and is empty again.
    fn end(&mut self, column: &str, quantiles: &Quantiles, out: &mut Vec<u8>) {
        push_field(out, Field::Text(column));
        // Writing to memory cannot fail.
        let _ = write!(out, ",{},{},{},", self.held.len(), self.missing, self.nonfinite);
        let of = statistics(&mut self.held, quantiles);
        let (lo, hi) = of.interval.unzip();
        for value in [of.mean, of.median, of.sd, lo, hi] {
            if let Some(value) = value {
                push_float(out, value);
            }
            out.push(b',');
        }
        end_line(out);
        self.held.clear();
        self.held.shrink_to(KEPT_VALUES);
        (self.missing, self.nonfinite) = (0, 0);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
