//! Where the rows of a table go: one trait, and an implementation for each format. This is the one for CSV.

use std::path::Path;

use super::atomic::{AtomicFile, Staged};
use super::encoding::{Field, Fields, Malformed};
use super::error::RecordError;
use super::format::csv_file;
use super::rows::{TableText, csv_header};
use crate::measure::table::Schema;

/// Rows of successive trials of one table, made ready for its file on any thread.
pub(super) trait Rows: Send + Sync {
    /// None yet.
    fn new(schema: &Schema) -> Self;

    /// Appends the rows of a trial: each is `key` followed by the row's own values.
    fn push(&mut self, key: &[Field<'_>], fields: Fields<'_>) -> Result<(), Malformed>;

    /// Makes room for `times` what is there.
    fn reserve(&mut self, times: usize);

    /// Forgets the rows; the memory stays.
    fn clear(&mut self);
}

/// A table being written.
pub(super) trait TableFile: Sized + Send {
    /// What it takes.
    type Rows: Rows;

    /// Appends rows, in key order. How they are cut into calls changes no byte.
    fn append(&mut self, rows: &Self::Rows) -> Result<(), RecordError>;

    /// Brings everything to disk. The files, one or several, wait for their names.
    fn stage(self) -> Result<Vec<Staged>, RecordError>;
}

/// A table as one file of text.
pub(super) struct CsvTable {
    file: AtomicFile,
    rows: u64,
}

impl Rows for TableText {
    fn new(schema: &Schema) -> Self {
        Self::new(schema)
    }

    fn push(&mut self, key: &[Field<'_>], fields: Fields<'_>) -> Result<(), Malformed> {
        self.push(key, fields)
    }

    fn reserve(&mut self, times: usize) {
        self.reserve(times);
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl CsvTable {
    /// Begins the table `schema` in the folder `dir`, under a temporary name.
    pub(super) fn create(dir: &Path, schema: &Schema) -> Result<Self, RecordError> {
        let mut file = AtomicFile::create(dir, &csv_file(schema.name))?;
        file.push(csv_header(schema).as_bytes())?;
        Ok(Self { file, rows: 0 })
    }
}

impl TableFile for CsvTable {
    type Rows = TableText;

    fn append(&mut self, rows: &TableText) -> Result<(), RecordError> {
        self.rows += rows.rows();
        self.file.push(rows.bytes())
    }

    fn stage(self) -> Result<Vec<Staged>, RecordError> {
        self.file.stage(Some(self.rows)).map(|staged| vec![staged])
    }
}
