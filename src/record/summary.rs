//! summary.csv: what the replicates of a cell say together.
//!
//! One row per table, cell, inner key and numeric result column, in the order of the tables, of their rows and of
//! their columns. Gathered from the values of the journal in the pass that writes the tables, where they have every bit
//! that the tables show.

use std::path::Path;

use super::atomic::{AtomicFile, Staged};
use super::cell::{CELL_KEYS, CellSummary, Held, Limits};
use super::encoding::{Fields, TrialRows};
use super::error::{Fault, RecordError};
use super::scratch::Scratch;
use super::text::Text;
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Column, Role, Schema};
use crate::statistics::Quantiles;

/// Name of the summary inside the run folder.
pub const SUMMARY_FILE: &str = "summary.csv";

/// Key columns inside a trial that every summary has, so that its columns do not depend on the tables asked for. A
/// table with further keys adds them behind.
const INNER_KEYS: [&str; 10] =
    ["lambda", "delta", "alpha", "solver", "what", "arithmetic", "vector", "start", "iteration", "index"];

const fn result(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    Column { name, role: Role::Result, unit, meaning }
}

/// The columns behind the keys.
const STATISTICS: [Column; 8] = [
    result("count", "1", "Finite values; the statistics are over these."),
    result("missing", "1", "Empty fields: not computed, or not defined here."),
    result("nonfinite", "1", "NaN, inf and -inf: counted here, left out of the statistics."),
    result("mean", "as the column", "Arithmetic mean."),
    result("median", "as the column", "Middle value, or the mean of the two middle ones."),
    result("sd", "as the column", "Sample standard deviation, divisor count - 1; empty below two values."),
    result("ci_lo", "as the column", "Lower end of the 95 % Student interval for the mean, mean - t sd / sqrt(count)."),
    result("ci_hi", "as the column", "Upper end of that interval."),
];

/// The columns of summary.csv for these tables.
pub fn summary_columns(schemas: &[Schema]) -> Vec<Column> {
    let table = Column { name: "table", role: Role::Key, unit: "name", meaning: "The table that is summarised." };
    let column = Column { name: "column", role: Role::Key, unit: "name", meaning: "The column that is summarised." };
    let inner = inner_keys(schemas).into_iter().map(|name| {
        // Described by the table that has it; the others leave it empty.
        schemas.iter().flat_map(|schema| schema.columns).find(|column| column.name == name).copied().unwrap_or(Column {
            name,
            role: Role::Key,
            unit: "1",
            meaning: "Key of a table that this run does not have: empty.",
        })
    });
    let mut columns = vec![table];
    columns.extend(&TRIAL_KEY[..CELL_KEYS]);
    columns.extend(inner);
    columns.push(column);
    columns.extend(STATISTICS);
    columns
}

fn inner_keys(schemas: &[Schema]) -> Vec<&'static str> {
    let mut keys = INNER_KEYS.to_vec();
    for column in schemas.iter().flat_map(|schema| schema.columns) {
        if column.role == Role::Key && !keys.contains(&column.name) {
            keys.push(column.name);
        }
    }
    keys
}

/// Lines of one table that stay in memory until the tables before it have theirs in the file: 1 MiB.
const HELD_BYTES: usize = 1 << 20;

/// The summary of one table.
pub(crate) struct TableSummary {
    cell: CellSummary,
    rows: u64,
    /// The last lines; those before them are spooled.
    lines: Text,
    spooled: Scratch,
}

impl TableSummary {
    /// One summary for each of `schemas`, with scratch files in `dir` where they are needed.
    pub(crate) fn of_tables(dir: &Path, schemas: &[Schema]) -> Vec<Self> {
        let (inner, held) = (inner_keys(schemas), Held::default());
        let of_table = |schema: &Schema| Self {
            cell: CellSummary::new(dir, schema, &inner, Held::clone(&held), Limits::DEFAULT),
            rows: 0,
            lines: Text::default(),
            spooled: Scratch::new(dir, &format!("{}.summary", schema.name)),
        };
        schemas.iter().map(of_table).collect()
    }

    /// Adds the rows `fields` of the next trial in key order.
    pub(crate) fn add(
        &mut self,
        trial: &TrialRows<'_>,
        fields: Fields<'_>,
        quantiles: &Quantiles,
    ) -> Result<(), Fault> {
        if self.cell.ends_before(trial) {
            self.end_cell(quantiles)?;
        }
        self.cell.add(trial, fields)?;
        self.cell.settle_if_full()?;
        Ok(())
    }

    fn end_cell(&mut self, quantiles: &Quantiles) -> Result<(), RecordError> {
        self.rows += self.cell.end(quantiles, &mut self.lines)?;
        if self.lines.as_bytes().len() >= HELD_BYTES {
            self.spooled.append(self.lines.as_bytes())?;
            self.lines.clear();
        }
        Ok(())
    }

    /// Ends the last cell and appends all lines to `file`. Returns how many.
    fn write(mut self, file: &mut AtomicFile, quantiles: &Quantiles) -> Result<u64, RecordError> {
        self.end_cell(quantiles)?;
        let mut from = 0;
        let mut buffer = vec![0; HELD_BYTES];
        while from < self.spooled.len() {
            let left = usize::try_from(self.spooled.len() - from).unwrap_or(HELD_BYTES);
            let part = &mut buffer[..left.min(HELD_BYTES)];
            self.spooled.read(from, part)?;
            file.push(part)?;
            from += part.len() as u64;
        }
        file.push(self.lines.as_bytes())?;
        Ok(self.rows)
    }
}

/// Writes the summaries of all tables into `dir/summary.csv`, which waits for its name.
pub(crate) fn stage_summary(
    dir: &Path,
    schemas: &[Schema],
    tables: Vec<TableSummary>,
    quantiles: &Quantiles,
) -> Result<Staged, RecordError> {
    let mut file = AtomicFile::create(dir, SUMMARY_FILE)?;
    let names: Vec<&str> = summary_columns(schemas).iter().map(|column| column.name).collect();
    file.push((names.join(",") + "\n").as_bytes())?;
    let mut rows = 0;
    for table in tables {
        rows += table.write(&mut file, quantiles)?;
    }
    file.stage(Some(rows))
}
