//! Recorded trials -> CSV tables and summary: one pass over them in key order.
//!
//! ```text
//! journal -> block of frames -> check seals, decode, format      many threads
//! (parts)                    -> append to each table, hash it    one thread a table
//!                            -> gather for the summary           one thread a table; many at the end of a cell
//! ```
//! While one block is written, the next is read. Nothing that was written is read back.

use std::path::Path;

use rayon::prelude::*;

use super::atomic::{AtomicFile, FileFact, Staged};
use super::encoding::{Malformed, TrialRows};
use super::error::RecordError;
use super::journal::Journal;
use super::reader::{Block, Frame, Recorded};
use super::rows::{TableText, csv_header};
use super::sight::{SpectrumCounts, SpectrumSink, SpectrumWatch};
use super::summary::{TableSummary, stage_summary};
use crate::measure::table::Schema;
use crate::statistics::Quantiles;

/// Trials that one thread formats at a time.
const TRIALS_PER_PIECE: usize = 32;

/// Name of a table's file.
pub fn file_name(schema: &Schema) -> String {
    format!("{}.csv", schema.name)
}

/// What [`write_recorded`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The tables in the order of their schemas, then the summary.
    pub files: Vec<FileFact>,
    /// Of the spectrum table; `None` where there is none.
    pub spectrum: Option<SpectrumCounts>,
}

/// [`write_recorded`], from a journal.
///
/// # Errors
/// As there.
pub fn write_tables(
    dir: &Path,
    schemas: &[Schema],
    journal: &Journal,
    watch: SpectrumWatch<'_>,
) -> Result<Written, RecordError> {
    write_recorded(dir, schemas, journal, watch)
}

/// Writes the tables `schemas` and their summary into `dir` from what is `recorded`, trials in key order, and shows
/// each row of the spectrum table to `watch`. All files are written and synced under temporary names before the first is
/// renamed into place.
///
/// Memory: two blocks of trials and a part of a cell, whatever the number of trials. The bytes depend on the recorded
/// trials alone: not on the order in which they were recorded, and not on the number of threads.
///
/// # Errors
/// [`RecordError::Io`], [`RecordError::Damaged`] if a recorded trial cannot be read back.
pub(crate) fn write_recorded(
    dir: &Path,
    schemas: &[Schema],
    recorded: &dyn Recorded,
    watch: SpectrumWatch<'_>,
) -> Result<Written, RecordError> {
    let mut sinks = Sinks::create(dir, schemas, recorded, watch)?;
    let mut blocks = recorded.blocks()?;
    let mut next = || blocks.next_block()?.map(|block| Formatted::new(recorded, schemas, block)).transpose();
    let mut formatted = next()?;
    while let Some(block) = formatted {
        let (taken, following) = rayon::join(|| sinks.take(&block), &mut next);
        taken?;
        formatted = following?;
    }
    sinks.publish(dir, schemas)
}

/// A block of trials with their lines.
struct Formatted {
    block: Block,
    /// In key order; in each, the text of every table.
    pieces: Vec<Vec<TableText>>,
}

impl Formatted {
    /// Checks the seals of the block's trials and formats their rows.
    fn new(recorded: &dyn Recorded, schemas: &[Schema], block: Block) -> Result<Self, RecordError> {
        let piece = |frames: &[Frame]| {
            let mut texts: Vec<TableText> = schemas.iter().map(TableText::new).collect();
            for (at, frame) in frames.iter().enumerate() {
                let trial = block.checked(frame, recorded, schemas.len())?;
                push_trial(&mut texts, &trial).map_err(|malformed| recorded.fault(frame.index(), malformed.into()))?;
                if at == 0 {
                    // The other trials need about as much: then nothing is copied while the texts grow.
                    for text in &mut texts {
                        text.bytes.reserve(text.bytes.len() * frames.len());
                    }
                }
            }
            Ok(texts)
        };
        let pieces = block.frames().par_chunks(TRIALS_PER_PIECE).map(piece).collect::<Result<_, _>>()?;
        Ok(Self { block, pieces })
    }
}

/// Appends the lines of `trial` to those of each table.
fn push_trial(texts: &mut [TableText], trial: &TrialRows<'_>) -> Result<(), Malformed> {
    texts.iter_mut().enumerate().try_for_each(|(table, text)| text.push(&trial.key, trial.table(table)?))
}

/// Everything that the pass over the trials fills.
struct Sinks<'a> {
    recorded: &'a dyn Recorded,
    tables: Vec<Table>,
    spectrum: Option<SpectrumSink<'a>>,
    quantiles: Quantiles,
}

/// A table being written, and its summary.
struct Table {
    file: AtomicFile,
    rows: u64,
    summary: TableSummary,
}

impl<'a> Sinks<'a> {
    fn create(
        dir: &Path,
        schemas: &[Schema],
        recorded: &'a dyn Recorded,
        watch: SpectrumWatch<'a>,
    ) -> Result<Self, RecordError> {
        let mut tables = Vec::with_capacity(schemas.len());
        for (schema, summary) in schemas.iter().zip(TableSummary::of_tables(dir, schemas)) {
            let mut file = AtomicFile::create(dir, &file_name(schema))?;
            file.push(csv_header(schema).as_bytes())?;
            tables.push(Table { file, rows: 0, summary });
        }
        Ok(Self { recorded, tables, spectrum: SpectrumSink::new(schemas, watch), quantiles: Quantiles::default() })
    }

    /// Takes the next block: every table by itself, its file and its summary too.
    fn take(&mut self, formatted: &Formatted) -> Result<(), RecordError> {
        let Self { recorded, tables, spectrum, quantiles } = self;
        let (block, count) = (&formatted.block, tables.len());
        let take_table = |(table, Table { file, rows, summary }): (usize, &mut Table)| {
            let write = || {
                formatted.pieces.iter().try_for_each(|piece| {
                    *rows += piece[table].rows;
                    file.push(&piece[table].bytes)
                })
            };
            let gather = || block.visit(*recorded, table, count, |trial, fields| summary.add(trial, fields, quantiles));
            let (written, gathered) = rayon::join(write, gather);
            written.and(gathered)
        };
        let (taken, seen) = rayon::join(
            || tables.par_iter_mut().enumerate().try_for_each(take_table),
            || match spectrum {
                Some(sink) => block.visit(*recorded, sink.table(), count, |trial, fields| sink.see(trial, fields)),
                None => Ok(()),
            },
        );
        taken.and(seen)
    }

    /// Writes the summary, brings all files to disk, then gives them their names.
    fn publish(self, dir: &Path, schemas: &[Schema]) -> Result<Written, RecordError> {
        let Self { tables, spectrum, quantiles, .. } = self;
        let (files, summaries): (Vec<_>, Vec<_>) =
            tables.into_iter().map(|Table { file, rows, summary }| ((file, rows), summary)).unzip();
        let (staged, summary) = rayon::join(
            || files.into_par_iter().map(|(file, rows)| file.stage(Some(rows))).collect::<Result<Vec<_>, _>>(),
            || stage_summary(dir, schemas, summaries, &quantiles),
        );
        let (mut staged, summary) = (staged?, summary?);
        staged.push(summary);
        let files = staged.into_iter().map(Staged::publish).collect::<Result<_, _>>()?;
        Ok(Written { files, spectrum: spectrum.map(SpectrumSink::counts) })
    }
}
