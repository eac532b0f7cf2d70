//! The replicates of a cell, gathered while the tables are built and summarised when the cell ends.
//!
//! Memory: the numbers of the cells that the tables are in, up to [`Limits`]. Beyond, they wait in scratch files and
//! come back a few columns at a time when the cell ends, because an exact median needs its whole column.

mod sample;
mod waiting;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::encoding::{Field, Fields, Malformed, TrialRows};
use super::error::RecordError;
use super::scratch::Scratch;
use super::text::Text;
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Column, Role, Schema};
use crate::statistics::Quantiles;
use sample::Sample;
use waiting::Waiting;

/// The cell is the trial's key without the replicate, which comes last.
pub(crate) const CELL_KEYS: usize = TRIAL_KEY.len() - 1;

/// How much memory the summaries of a run take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Numbers of a table that wait to be brought to their columns.
    waiting: usize,
    /// Numbers that all tables together keep in their columns.
    held: usize,
    /// Numbers of a table that come back from its scratch file together, as far as whole columns allow.
    fetched: usize,
}

impl Limits {
    /// 64 KiB, which the caches hold; 128 MiB; 32 MiB.
    pub(crate) const DEFAULT: Self = Self { waiting: 1 << 13, held: 1 << 24, fetched: 1 << 22 };
}

/// Columns that one thread summarises at a time.
const SAMPLES_PER_TASK: usize = 16;

/// How many numbers the summaries of all tables of a run hold in memory.
pub(crate) type Held = Arc<AtomicUsize>;

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
    /// The last rows, whose numbers are not with their samples yet.
    waiting: Waiting,
    /// Numbers of this table in memory.
    held: usize,
    held_by_all: Held,
    limits: Limits,
    spilled: Scratch,
}

/// The rows of a cell that share their inner key.
struct Group {
    /// The inner key as a payload has it.
    key: Vec<u8>,
    /// How its lines begin: table, cell, inner keys.
    prefix: Text,
}

impl CellSummary {
    /// For the table `schema` in a summary with the inner keys `inner`, one of those that count what they hold in
    /// `held_by_all`, and keep to the same `limits`. Its scratch file, if it comes to that, is in `dir`.
    pub(crate) fn new(dir: &Path, schema: &Schema, inner: &[&str], held_by_all: Held, limits: Limits) -> Self {
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
            waiting: Waiting::default(),
            held: 0,
            held_by_all,
            limits,
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
            let width = self.numbers.len();
            let row = self.waiting.row(group, width);
            let mut seats = row.iter_mut().zip(&mut self.samples[group * width..]);
            for used in &self.uses {
                // A column that is left out has no seat.
                let seat = if *used == Use::Number { seats.next() } else { None };
                match seat {
                    Some((seat, sample)) => {
                        let number = match fields.float() {
                            Some(value) => sample.finite(value),
                            None => sample.number(fields.read()?)?,
                        };
                        *seat = number.unwrap_or(f64::NAN);
                    }
                    None if fields.float().is_some() => {}
                    None => _ = fields.read()?,
                }
            }
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
        let mut prefix = Text::default();
        for field in [Field::Text(self.table)].iter().chain(&trial.key[..CELL_KEYS]).chain(&inner) {
            prefix.field(*field);
            prefix.comma();
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

    /// Brings the rows that wait to their samples if they are a block, and then the numbers out of memory if there are too
    /// many.
    pub(crate) fn settle_if_full(&mut self) -> Result<(), RecordError> {
        if self.waiting.len() < self.limits.waiting {
            return Ok(());
        }
        self.settle();
        if self.held_by_all.load(Ordering::Relaxed) < self.limits.held { Ok(()) } else { self.spill() }
    }

    fn settle(&mut self) {
        let columns = self.numbers.len();
        let settled = self.waiting.settle(&mut self.samples[..self.groups.len() * columns], columns);
        self.held += settled;
        self.held_by_all.fetch_add(settled, Ordering::Relaxed);
    }

    fn spill(&mut self) -> Result<(), RecordError> {
        let Self { samples, spilled, .. } = self;
        samples.iter_mut().try_for_each(|sample| sample.spill(spilled))?;
        self.forget_held();
        Ok(())
    }

    /// Notes that nothing is held any more.
    fn forget_held(&mut self) {
        self.held_by_all.fetch_sub(std::mem::take(&mut self.held), Ordering::Relaxed);
    }

    /// Ends the cell: appends its lines to `out` and returns how many.
    pub(crate) fn end(&mut self, quantiles: &Quantiles, out: &mut Text) -> Result<u64, RecordError> {
        self.settle();
        let columns = self.numbers.len();
        let lines = self.groups.len() * columns;
        let mut from = 0;
        while from < lines {
            let to = from + fetch(&mut self.samples[from..lines], &mut self.spilled, self.limits.fetched)?;
            let (groups, numbers) = (&self.groups, &self.numbers);
            let task = |(task, samples): (usize, &mut [Sample])| {
                let mut text = Text::default();
                for (line, sample) in (from + task * SAMPLES_PER_TASK..).zip(samples) {
                    text.push(groups[line / columns].prefix.as_bytes());
                    sample.end(numbers[line % columns], quantiles, &mut text);
                }
                text
            };
            let texts: Vec<Text> =
                self.samples[from..to].par_chunks_mut(SAMPLES_PER_TASK).enumerate().map(task).collect();
            for text in &texts {
                out.push(text.as_bytes());
            }
            from = to;
        }
        self.cell.clear();
        self.groups.clear();
        self.by_key.clear();
        self.spilled.clear();
        self.forget_held();
        Ok(lines as u64)
    }
}

/// Brings the numbers of the first samples back into memory and returns of how many: all of them if none was spilled,
/// at least one. No further one comes when `most` numbers have come.
fn fetch(samples: &mut [Sample], spilled: &mut Scratch, most: usize) -> Result<usize, RecordError> {
    let mut fetched = 0;
    for (count, sample) in samples.iter_mut().enumerate() {
        if count > 0 && fetched >= most {
            return Ok(count);
        }
        fetched += sample.fetch(spilled)?;
    }
    Ok(samples.len())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
