//! Recorded trials -> tables and summary: one pass over them in key order.
//!
//! ```text
//! journal -> block of frames -> check seals, decode, make ready   many threads
//! (parts)                    -> append to each table, hash it     one thread a table; many where Parquet is encoded
//!                            -> gather for the summary            one thread a table; many at the end of a cell
//! ```
//! While one block is written, the next is read. Nothing that was written is read back. What a format makes of the rows is in
//! [`super::sinks`].

use std::path::Path;

use rayon::prelude::*;

use super::atomic::{FileFact, Staged};
use super::encoding::{Fields, Malformed, TrialRows};
use super::error::{Fault, RecordError};
use super::format::{Format, csv_file};
use super::identity::Identity;
use super::journal::Journal;
use super::reader::{Block, Blocks, Frame, Recorded};
use super::sight::{SpectrumCounts, SpectrumSink, SpectrumWatch};
use super::sinks::{CsvTable, Rows, TableFile};
use super::summary::{TableSummary, stage_summary};
use crate::measure::table::Schema;
use crate::statistics::Quantiles;

/// Trials that one thread makes ready at a time.
const TRIALS_PER_PIECE: usize = 16;

/// Name of a table's file as CSV.
pub fn file_name(schema: &Schema) -> String {
    csv_file(schema.name)
}

/// What [`write_tables`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The tables in the order of their schemas, each with its parts in their order, then the summary.
    pub files: Vec<FileFact>,
    /// Of the spectrum table; `None` where there is none.
    pub spectrum: Option<SpectrumCounts>,
}

/// Tables and summary that are whole and on disk, and wait for their names.
pub(super) struct StagedTables {
    files: Vec<Staged>,
    spectrum: Option<SpectrumCounts>,
}

/// Writes the tables `schemas` and their summary as CSV into `dir` from what the journal holds, trials in key order, and shows
/// each row of the spectrum table to `watch`. All files are written and synced under temporary names before the first is
/// renamed into place.
///
/// Memory: two blocks of trials and a part of a cell, whatever the number of trials. The bytes depend on the recorded
/// trials alone: not on the order in which they were recorded, and not on the number of threads.
///
/// # Errors
/// [`RecordError::Io`], [`RecordError::Damaged`] if a recorded trial cannot be read back.
pub fn write_tables(
    dir: &Path,
    schemas: &[Schema],
    journal: &Journal,
    watch: SpectrumWatch<'_>,
) -> Result<Written, RecordError> {
    stage_as(dir, schemas, journal, watch, |schema| CsvTable::create(dir, schema))?.publish()
}

/// As [`write_tables`] for the run `identity` and in any format, but the files wait for their names. Memory for Parquet: a row
/// group of each table more.
///
/// # Errors
/// As [`write_tables`], and [`RecordError::NoParquet`].
pub(super) fn stage_tables(
    dir: &Path,
    schemas: &[Schema],
    identity: &Identity,
    recorded: &dyn Recorded,
    format: Format,
    watch: SpectrumWatch<'_>,
) -> Result<StagedTables, RecordError> {
    match format {
        Format::Csv => stage_as(dir, schemas, recorded, watch, |schema| CsvTable::create(dir, schema)),
        #[cfg(feature = "parquet")]
        Format::Parquet => {
            let create = |schema: &Schema| super::parquet::ParquetTable::create(dir, schema, identity);
            stage_as(dir, schemas, recorded, watch, create)
        }
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => {
            let _ = identity;
            Err(RecordError::NoParquet { path: dir.to_path_buf() })
        }
    }
}

fn stage_as<F: TableFile>(
    dir: &Path,
    schemas: &[Schema],
    recorded: &dyn Recorded,
    watch: SpectrumWatch<'_>,
    create: impl Fn(&Schema) -> Result<F, RecordError>,
) -> Result<StagedTables, RecordError> {
    let files = schemas.iter().map(create).collect::<Result<_, _>>()?;
    let mut sinks = Sinks::new(dir, schemas, files, recorded, watch);
    let mut blocks = recorded.blocks()?;
    // On a thread of the pool: from outside, every block would be handed over to one and waited for.
    rayon::scope(|_| {
        let (mut taken, mut next) = (Ready::new(), Ready::new());
        next.fill(&mut *blocks, recorded, schemas)?;
        while !next.is_empty() {
            std::mem::swap(&mut taken, &mut next);
            let (written, filled) = rayon::join(|| sinks.take(&taken), || next.fill(&mut *blocks, recorded, schemas));
            written.and(filled)?;
        }
        sinks.stage(dir, schemas)
    })
}

impl StagedTables {
    /// What the manifest will say of the files, in the order of [`Written::files`].
    pub(super) fn facts(&self) -> impl Iterator<Item = &FileFact> {
        self.files.iter().map(Staged::fact)
    }

    /// Gives the files their names.
    pub(super) fn publish(self) -> Result<Written, RecordError> {
        let files = self.files.into_iter().map(Staged::publish).collect::<Result<_, _>>()?;
        Ok(Written { files, spectrum: self.spectrum })
    }
}

/// A block of trials with their rows, ready to be appended. Its memory serves one block after the other.
struct Ready<R> {
    block: Block,
    /// In key order; in each, the rows of every table.
    pieces: Vec<Vec<R>>,
}

impl<R: Rows> Ready<R> {
    fn new() -> Self {
        Self { block: Block::default(), pieces: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.block.frames().is_empty()
    }

    /// Puts the next block in the place of what is there: checks the seals of its trials and makes their rows ready.
    fn fill(
        &mut self,
        blocks: &mut dyn Blocks,
        recorded: &dyn Recorded,
        schemas: &[Schema],
    ) -> Result<(), RecordError> {
        let Self { block, pieces } = self;
        blocks.fill(block)?;
        let (block, frames) = (&*block, block.frames());
        pieces.resize_with(frames.len().div_ceil(TRIALS_PER_PIECE), || schemas.iter().map(R::new).collect());
        let fill_piece = |(frames, tables): (&[Frame], &mut Vec<R>)| {
            tables.iter_mut().for_each(Rows::clear);
            frames.iter().enumerate().try_for_each(|(at, frame)| {
                let trial = block.checked(frame, recorded, schemas.len())?;
                push_trial(tables, &trial).map_err(|malformed| recorded.fault(frame.index(), malformed.into()))?;
                if at == 0 {
                    // The other trials need about as much: then nothing is copied while the tables grow.
                    for rows in &mut *tables {
                        rows.reserve(frames.len().saturating_sub(1));
                    }
                }
                Ok(())
            })
        };
        frames.par_chunks(TRIALS_PER_PIECE).zip(pieces).try_for_each(fill_piece)
    }
}

/// Appends the rows of `trial` to those of each table.
fn push_trial<R: Rows>(tables: &mut [R], trial: &TrialRows<'_>) -> Result<(), Malformed> {
    tables.iter_mut().enumerate().try_for_each(|(table, rows)| rows.push(&trial.key, trial.table(table)?))
}

/// Shows the rows of table number `table` to `each`, trial after trial.
fn visit(
    trials: &[(usize, TrialRows<'_>)],
    recorded: &dyn Recorded,
    table: usize,
    mut each: impl FnMut(&TrialRows<'_>, Fields<'_>) -> Result<(), Fault>,
) -> Result<(), RecordError> {
    trials.iter().try_for_each(|(index, trial)| {
        let seen = trial.table(table).map_err(Fault::from).and_then(|fields| each(trial, fields));
        seen.map_err(|fault| recorded.fault(*index, fault))
    })
}

/// Everything that the pass over the trials fills.
struct Sinks<'a, F> {
    recorded: &'a dyn Recorded,
    tables: Vec<Table<F>>,
    spectrum: Option<SpectrumSink<'a>>,
    quantiles: Quantiles,
}

/// A table being written, and its summary.
struct Table<F> {
    file: F,
    summary: TableSummary,
}

impl<'a, F: TableFile> Sinks<'a, F> {
    /// For the tables `schemas`, whose `files` have been begun.
    fn new(
        dir: &Path,
        schemas: &[Schema],
        files: Vec<F>,
        recorded: &'a dyn Recorded,
        watch: SpectrumWatch<'a>,
    ) -> Self {
        let summaries = TableSummary::of_tables(dir, schemas);
        let tables = files.into_iter().zip(summaries).map(|(file, summary)| Table { file, summary }).collect();
        Self { recorded, tables, spectrum: SpectrumSink::new(schemas, watch), quantiles: Quantiles::default() }
    }

    /// Takes the next block: every table by itself, its file and its summary too.
    fn take(&mut self, ready: &Ready<F::Rows>) -> Result<(), RecordError> {
        let Self { recorded, tables, spectrum, quantiles } = self;
        let recorded = *recorded;
        let trials = ready.block.trials(recorded, tables.len())?;
        let take_table = |(table, Table { file, summary }): (usize, &mut Table<F>)| {
            let write = || ready.pieces.iter().try_for_each(|piece| file.append(&piece[table]));
            let gather = || visit(&trials, recorded, table, |trial, fields| summary.add(trial, fields, quantiles));
            let (written, gathered) = rayon::join(write, gather);
            written.and(gathered)
        };
        let (taken, seen) = rayon::join(
            || tables.par_iter_mut().enumerate().try_for_each(take_table),
            || match spectrum {
                Some(sink) => visit(&trials, recorded, sink.table(), |trial, fields| sink.see(trial, fields)),
                None => Ok(()),
            },
        );
        taken.and(seen)
    }

    /// Writes the summary and brings all files to disk.
    fn stage(self, dir: &Path, schemas: &[Schema]) -> Result<StagedTables, RecordError> {
        let Self { tables, spectrum, quantiles, .. } = self;
        let (tables, summaries): (Vec<_>, Vec<_>) =
            tables.into_iter().map(|Table { file, summary }| (file, summary)).unzip();
        let (staged, summary) = rayon::join(
            || tables.into_par_iter().map(F::stage).collect::<Result<Vec<_>, _>>(),
            || stage_summary(dir, schemas, summaries, &quantiles),
        );
        let (staged, summary) = (staged?, summary?);
        let files = staged.into_iter().flatten().chain([summary]).collect();
        Ok(StagedTables { files, spectrum: spectrum.map(SpectrumSink::counts) })
    }
}
