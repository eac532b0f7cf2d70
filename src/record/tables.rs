//! Journal -> CSV tables, in key order, one pass for all tables.

use std::path::Path;

use super::atomic::{AtomicFile, FileFact};
use super::encoding::{Malformed, TrialRows};
use super::error::RecordError;
use super::journal::Journal;
use super::rows::{csv_header, push_rows};
use crate::measure::table::Schema;

/// Name of a table's file.
pub fn file_name(schema: &Schema) -> String {
    format!("{}.csv", schema.name)
}

/// Writes the tables `schemas` into `dir` from what the journal holds, trials in key order. All of them are written
/// and synced under temporary names before the first is renamed into place.
///
/// Memory: one trial. The bytes depend on the recorded trials alone, not on the order in which they were recorded.
///
/// # Errors
/// [`RecordError::Io`], [`RecordError::Damaged`] if a recorded trial cannot be read back.
pub fn write_tables(dir: &Path, schemas: &[Schema], journal: &Journal) -> Result<Vec<FileFact>, RecordError> {
    let mut files = Vec::with_capacity(schemas.len());
    for schema in schemas {
        let mut file = AtomicFile::create(dir, &file_name(schema))?;
        file.push(csv_header(schema).as_bytes())?;
        files.push((file, 0_u64));
    }
    let mut reader = journal.reader()?;
    let mut text = Vec::new();
    for index in 0..journal.done().trials() {
        let Some(payload) = reader.payload(index)? else { continue };
        let damaged = |malformed: Malformed| journal.malformed(index, malformed);
        let trial = TrialRows::decode(payload, schemas.len()).map_err(damaged)?;
        for ((file, rows), (schema, fields)) in files.iter_mut().zip(schemas.iter().zip(trial.tables)) {
            text.clear();
            *rows += push_rows(&mut text, &trial.key, schema.columns.len(), fields).map_err(damaged)?;
            file.push(&text)?;
        }
    }
    let staged = files.into_iter().map(|(file, rows)| file.stage(Some(rows))).collect::<Result<Vec<_>, _>>()?;
    staged.into_iter().map(super::atomic::Staged::publish).collect()
}
