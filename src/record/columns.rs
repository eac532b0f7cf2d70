//! columns.json: what every column of every table means, beside the tables.

use std::path::Path;

use serde::Serialize;

use super::atomic::{AtomicFile, FileFact};
use super::error::RecordError;
use super::format::Format;
use super::summary::{SUMMARY_FILE, summary_columns};
use super::timing::{TIMING_FILE, TimingRow};
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Column, Schema};

/// Name of the column dictionary inside the run folder.
pub const COLUMNS_FILE: &str = "columns.json";

#[derive(Serialize)]
struct TableEntry {
    file: String,
    row: &'static str,
    columns: Vec<ColumnEntry>,
}

#[derive(Serialize)]
struct ColumnEntry {
    name: &'static str,
    role: &'static str,
    unit: &'static str,
    meaning: &'static str,
}

impl From<&Column> for ColumnEntry {
    fn from(column: &Column) -> Self {
        let Column { name, role, unit, meaning } = *column;
        Self { name, role: role.name(), unit, meaning }
    }
}

/// Writes the dictionary of `schemas`, whose tables are in `format`, the summary, the `further` tables by their files, and the timing table.
///
/// # Errors
/// [`RecordError::Io`].
pub fn write_columns(
    dir: &Path,
    schemas: &[Schema],
    format: Format,
    further: &[(&str, Schema)],
) -> Result<FileFact, RecordError> {
    let entry = |file: String, row, columns: &mut dyn Iterator<Item = &Column>| TableEntry {
        file,
        row,
        columns: columns.map(ColumnEntry::from).collect(),
    };
    let mut tables: Vec<TableEntry> = schemas
        .iter()
        .map(|schema| entry(format.files_of(schema.name), schema.row, &mut TRIAL_KEY.iter().chain(schema.columns)))
        .collect();
    let summary = summary_columns(schemas);
    tables.push(entry(SUMMARY_FILE.to_owned(), "table x cell x inner key x column", &mut summary.iter()));
    for (file, schema) in further.iter().chain(&[(TIMING_FILE, TimingRow::SCHEMA)]) {
        tables.push(entry((*file).to_owned(), schema.row, &mut schema.columns.iter()));
    }
    let mut file = AtomicFile::create(dir, COLUMNS_FILE)?;
    serde_json::to_writer_pretty(&mut file, &tables)
        .map_err(|error| RecordError::io("write", &dir.join(COLUMNS_FILE))(error.into()))?;
    file.push(b"\n")?;
    file.publish(None)
}
