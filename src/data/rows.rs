//! The rows of a file, chunk after chunk, as often as they are wanted.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::choice::{Choice, Plan};
use super::column::ColumnRef;
use super::csv::Csv;
use super::error::{DataError, Fault};
use super::format::Format;
use super::input::{Input, changed};
use super::npy::Npy;
use super::{ReadOptions, Shape};
use crate::matrix::Matrix;

/// Text that one thread parses at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// Consecutive rows of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// Rows of the file, those that were dropped included.
    pub seen: usize,
    /// The entries of the chosen columns, in the order of the choice. May have no row.
    pub x: Matrix,
    /// The entries of y, where a column was named for it.
    pub y: Option<Vec<f64>>,
    /// Which of the `seen` rows were dropped, from 0, in order.
    pub dropped: Vec<usize>,
}

/// How much of a file is in memory at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// Bytes of the file in a chunk, but for the end of a line; a part of them where categories become many columns. Chunks, and with them all sums over them, depend on nothing else.
    pub block_bytes: usize,
    /// Chunks that are parsed side by side.
    pub group: usize,
}

impl Default for Portion {
    fn default() -> Self {
        Self { block_bytes: BLOCK_BYTES, group: (4 * rayon::current_num_threads()).clamp(4, 64) }
    }
}

/// A file whose columns are chosen and checked, its rows to be read in chunks.
#[derive(Clone, Debug)]
pub struct RowFile<'a> {
    path: PathBuf,
    input: Input<'a>,
    source: Source,
    choice: Choice,
    plan: Plan,
    names: Option<Vec<String>>,
    portion: Portion,
    /// Rows that every pass must find: all, and those kept.
    counts: OnceLock<(usize, usize)>,
}

#[derive(Clone, Debug)]
enum Source {
    Csv(Csv),
    Npy(Npy),
}

impl RowFile<'static> {
    /// Opens the file at `path`, with y in its column `target`. Where categories are to be coded, `seen` is told of the bytes of
    /// a first pass that finds their levels.
    ///
    /// # Errors
    /// If the file cannot be read, is malformed or empty, or lacks a column that was asked for.
    pub fn open(
        path: &Path,
        options: &ReadOptions,
        target: Option<&ColumnRef>,
        portion: Portion,
        seen: &mut dyn FnMut(u64),
    ) -> Result<Self, DataError> {
        let mut open = || RowFile::new(path, Input::file(path)?, options, target, Shape::Matrix, portion, seen);
        open().map_err(|fault| fault.at(path))
    }
}

impl<'a> RowFile<'a> {
    pub(super) fn new(
        path: &Path,
        input: Input<'a>,
        options: &ReadOptions,
        target: Option<&ColumnRef>,
        shape: Shape,
        portion: Portion,
        seen: &mut dyn FnMut(u64),
    ) -> Result<Self, Fault> {
        let source = match Format::of(path, options.delimiter)? {
            Format::Csv { delimiter } => Source::Csv(Csv::open(&input, options, delimiter)?),
            Format::Npy => Source::Npy(Npy::open(&input, options, shape)?),
        };
        let (header, count) = match &source {
            Source::Csv(csv) => csv.columns(),
            Source::Npy(npy) => (None, npy.cols()),
        };
        let choice = Choice::new(options, target, header, count)?;
        let plan = match &source {
            Source::Csv(csv) if choice.has_categories() => {
                choice.coded(csv.levels(&input, &choice, (portion.block_bytes, portion.group), seen)?)?
            }
            Source::Npy(_) if choice.has_categories() => {
                return Err(Fault::new("holds numbers only: categories are coded in CSV files"));
            }
            Source::Csv(_) | Source::Npy(_) => choice.survey(),
        };
        let names = choice.feature_names(&plan);
        Ok(Self { path: path.to_owned(), input, source, choice, plan, names, portion, counts: OnceLock::new() })
    }

    /// The file, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the columns of X, if the file has a header or codes categories.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// Columns of X.
    pub fn width(&self) -> usize {
        self.plan.width
    }

    /// Bytes of the file: what one pass reads.
    pub fn bytes(&self) -> u64 {
        self.input.bytes()
    }

    /// How many rows the file has, judged by its first lines.
    pub fn rows_about(&self) -> u64 {
        match &self.source {
            Source::Csv(csv) => csv.rows_about(self.input.bytes()),
            Source::Npy(npy) => npy.rows() as u64,
        }
    }

    /// Hands all rows to `take`, in groups of chunks in order, with the number of bytes of the file in the group.
    ///
    /// # Errors
    /// If a row cannot be read, if there is none, if the file is not what it was in the pass before, and whatever error `take`
    /// returns, which ends the pass.
    pub fn each_group(&self, take: &mut dyn FnMut(Vec<Chunk>, u64) -> Result<(), DataError>) -> Result<(), DataError> {
        let mut counts = (0, 0);
        let mut counted = |chunks: Vec<Chunk>, bytes: u64| {
            for chunk in &chunks {
                counts = (counts.0 + chunk.seen, counts.1 + chunk.x.rows());
            }
            // It is about this file, which its error gets back below.
            take(chunks, bytes).map_err(Fault::from)
        };
        let passed = self.pass(&mut counted);
        passed.and_then(|()| self.check(counts)).map_err(|fault| fault.at(&self.path))
    }

    fn pass(&self, take: &mut dyn FnMut(Vec<Chunk>, u64) -> Result<(), Fault>) -> Result<(), Fault> {
        self.input.check_unchanged()?;
        let portion = (self.block_bytes(), self.portion.group);
        match &self.source {
            Source::Csv(csv) => csv.each_group(&self.input, (&self.choice, &self.plan), portion, take)?,
            Source::Npy(npy) => npy.each_group(&self.input, &self.plan, portion, take)?,
        }
        self.input.check_unchanged()
    }

    /// Bytes of the file in a chunk: the fewer, the more columns a category becomes, so that chunks have no more entries than those of
    /// numbers.
    fn block_bytes(&self) -> usize {
        self.portion.block_bytes / self.plan.width.div_ceil(self.plan.roles.len().max(1)).max(1)
    }

    fn check(&self, (seen, kept): (usize, usize)) -> Result<(), Fault> {
        if seen == 0 {
            let what = match &self.source {
                Source::Csv(csv) if csv.has_header() => "has a header but no rows",
                _ => "is empty",
            };
            return Err(Fault::new(format!("{what}: give at least one row of numbers")));
        }
        if kept == 0 {
            return Err(Fault::new(format!("has no complete row: every one of its {seen} rows misses a value")));
        }
        if *self.counts.get_or_init(|| (seen, kept)) == (seen, kept) { Ok(()) } else { Err(changed()) }
    }
}
