//! A file as the rows of a problem: prepared, with y beside X, read again for every pass.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::preparation::Recipe;
use super::rows::{Block, Rows};
use super::{Problem, Target, Watch};
use crate::data::{Chunk, DataError, MAX_ENTRIES, RowFile};
use crate::matrix::Matrix;

/// A file whose columns are known, with what is made of them.
pub struct FileRows<'a> {
    file: RowFile<'static>,
    recipe: Recipe,
    names: Vec<String>,
    target: Option<TargetOfFile<'a>>,
    watch: &'a dyn Watch,
    /// Passes begun.
    passes: AtomicUsize,
    rows_dropped: OnceLock<usize>,
}

/// Where the y of every row comes from.
pub(super) enum TargetOfFile<'a> {
    /// From a column of the file.
    Column { name: String },
    /// One value per row of the file, those that are dropped included.
    Given(&'a Target),
}

/// Rows as a pass hands them on.
struct Prepared<'a> {
    first: usize,
    x: Matrix,
    y: Option<Cow<'a, [f64]>>,
}

impl<'a> FileRows<'a> {
    /// `names` are those of the columns of the file.
    pub(super) fn new(
        file: RowFile<'static>,
        recipe: Recipe,
        names: Vec<String>,
        target: Option<TargetOfFile<'a>>,
        watch: &'a dyn Watch,
    ) -> Self {
        let names = recipe.names(names);
        Self { file, recipe, names, target, watch, passes: AtomicUsize::new(0), rows_dropped: OnceLock::new() }
    }

    /// Rows that every pass leaves out for a missing value; 0 before the first.
    pub fn rows_dropped(&self) -> usize {
        self.rows_dropped.get().copied().unwrap_or(0)
    }

    /// How many entries X will have, from the first lines and the length of the file.
    pub(super) fn entries_about(&self) -> u64 {
        self.file.rows_about().saturating_mul(self.names.len() as u64)
    }

    /// The whole problem in memory; nothing if X turns out to have more than `most` entries.
    ///
    /// # Errors
    /// If the file cannot be read or has more than [`MAX_ENTRIES`].
    pub(super) fn hold(&self, most: usize) -> Result<Option<Problem>, DataError> {
        let most = most.min(MAX_ENTRIES);
        let d = self.names.len();
        let too_large = || DataError::of_file(self.file.path(), format!("holds more than {most} entries: take fewer"));
        let (mut entries, mut y, mut too_many) = (Vec::new(), Vec::new(), false);
        let read = self.pass(&mut |blocks| {
            for block in blocks {
                if entries.len() + block.x.as_slice().len() > most {
                    too_many = true;
                    return Err(too_large());
                }
                entries.try_reserve(block.x.as_slice().len()).map_err(|_| too_large())?;
                entries.extend_from_slice(block.x.as_slice());
                y.extend(block.y.iter().copied().flatten());
            }
            Ok(())
        });
        if too_many && most < MAX_ENTRIES {
            return Ok(None);
        }
        read?;
        let target = self.target().map(|name| Target { name: name.to_owned(), y });
        Ok(Some(Problem { names: self.names.clone(), x: Matrix::new(entries.len() / d, d, entries), target }))
    }

    /// One pass, of which nobody is told.
    fn pass(&self, take: &mut dyn FnMut(&[Block<'_>]) -> Result<(), DataError>) -> Result<(), DataError> {
        self.pass_told(take, &|_| ())
    }

    fn pass_told(
        &self,
        take: &mut dyn FnMut(&[Block<'_>]) -> Result<(), DataError>,
        told: &dyn Fn(u64),
    ) -> Result<(), DataError> {
        let (mut seen, mut kept) = (0, 0);
        self.file.each_group(&mut |chunks, bytes| {
            let mut places = Vec::with_capacity(chunks.len());
            for chunk in &chunks {
                places.push((seen, kept));
                seen += chunk.seen;
                kept += chunk.x.rows();
            }
            // Rows without a target are only counted, for the error below.
            if self.given().is_some_and(|target| seen > target.y.len()) {
                return Ok(());
            }
            let prepare = |(chunk, (seen, first))| self.prepared(chunk, seen, first);
            let prepared: Vec<Prepared<'_>> = chunks.into_par_iter().zip(places).map(prepare).collect();
            let blocks: Vec<Block<'_>> = prepared
                .iter()
                .filter(|rows| rows.x.rows() > 0)
                .map(|rows| Block { first: rows.first, x: &rows.x, y: rows.y.as_deref() })
                .collect();
            if !blocks.is_empty() {
                take(&blocks)?;
            }
            told(bytes);
            Ok(())
        })?;
        if let Some(target) = self.given() {
            self.check_length(target, seen)?;
        }
        self.rows_dropped.get_or_init(|| seen - kept);
        Ok(())
    }

    /// The target, where it came with the command and not with the file.
    fn given(&self) -> Option<&Target> {
        match &self.target {
            Some(TargetOfFile::Given(target)) => Some(target),
            Some(TargetOfFile::Column { .. }) | None => None,
        }
    }

    /// The rows of `chunk`, before which the file has `seen` rows and X has `first`. A given target has values for all of them.
    fn prepared(&self, chunk: Chunk, seen: usize, first: usize) -> Prepared<'_> {
        let Chunk { seen: count, x, y, dropped } = chunk;
        let y = match &self.target {
            None => None,
            Some(TargetOfFile::Column { .. }) => y.map(Cow::Owned),
            Some(TargetOfFile::Given(target)) => {
                let values = &target.y[seen..seen + count];
                Some(if dropped.is_empty() {
                    Cow::Borrowed(values)
                } else {
                    let kept = values.iter().enumerate().filter(|(i, _)| dropped.binary_search(i).is_err());
                    Cow::Owned(kept.map(|(_, &y)| y).collect())
                })
            }
        };
        Prepared { first, x: self.recipe.apply(x), y }
    }

    fn check_length(&self, target: &Target, rows: usize) -> Result<(), DataError> {
        let (name, values) = (&target.name, target.y.len());
        if rows == values {
            return Ok(());
        }
        let message = format!("has {rows} rows, but the target {name} has {values}: give one value a row");
        Err(DataError::of_file(self.file.path(), message))
    }
}

impl Rows for FileRows<'_> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn target(&self) -> Option<&str> {
        self.target.as_ref().map(|target| match target {
            TargetOfFile::Column { name } => name.as_str(),
            TargetOfFile::Given(target) => target.name.as_str(),
        })
    }

    fn each_block(&self, take: &mut dyn FnMut(Block<'_>) -> Result<(), DataError>) -> Result<(), DataError> {
        self.each_batch(&mut |blocks| blocks.iter().try_for_each(|block| take(*block)))
    }

    fn each_batch(&self, take: &mut dyn FnMut(&[Block<'_>]) -> Result<(), DataError>) -> Result<(), DataError> {
        let number = self.passes.fetch_add(1, Ordering::Relaxed) + 1;
        self.watch.begin(self.file.path(), number, self.file.bytes());
        self.pass_told(take, &|bytes| self.watch.advance(bytes))
    }
}
