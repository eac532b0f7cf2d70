//! The files that hold the tables of a run against something else: theory.csv and expectations.csv.

use std::io::ErrorKind;
use std::path::Path;

use super::atomic::{AtomicFile, FileFact};
use super::error::RecordError;
use super::expectations::{EXPECTATIONS_FILE, ExpectationRow};
use super::rows::csv_line;
use super::theory::{THEORY_FILE, TheoryRow};
use crate::measure::table::{Schema, Value};

/// What was found; `None` where nothing was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparisons {
    /// Laws.
    pub theory: Option<Vec<TheoryRow>>,
    /// Expectations.
    pub expectations: Option<Vec<ExpectationRow>>,
}

/// Compares the written tables in a folder.
pub type CompareTables<'a> = &'a mut dyn FnMut(&Path) -> Result<Comparisons, RecordError>;

/// What was written of [`Comparisons`].
pub(super) struct Compared {
    pub(super) files: Vec<FileFact>,
    pub(super) schemas: Vec<(&'static str, Schema)>,
}

impl Comparisons {
    /// Writes a file for each that was asked for, and removes the other: what an earlier config asked for says nothing about this
    /// one.
    pub(super) fn write(self, folder: &Path) -> Result<Compared, RecordError> {
        let mut written = Compared { files: Vec::new(), schemas: Vec::new() };
        let theory = self.theory.map(|rows| rows.into_iter().map(TheoryRow::values).collect::<Vec<_>>());
        let expectations = self.expectations.map(|rows| rows.into_iter().map(ExpectationRow::values).collect());
        for (name, schema, rows) in
            [(THEORY_FILE, TheoryRow::SCHEMA, theory), (EXPECTATIONS_FILE, ExpectationRow::SCHEMA, expectations)]
        {
            match rows {
                Some(rows) => {
                    written.files.push(write(folder, name, &schema, &rows)?);
                    written.schemas.push((name, schema));
                }
                None => remove(folder, name)?,
            }
        }
        Ok(written)
    }
}

fn write(folder: &Path, name: &str, schema: &Schema, rows: &[Vec<Value>]) -> Result<FileFact, RecordError> {
    let mut file = AtomicFile::create(folder, name)?;
    let header: Vec<&str> = schema.columns.iter().map(|column| column.name).collect();
    file.push((header.join(",") + "\n").as_bytes())?;
    for row in rows {
        file.push(&csv_line(row))?;
    }
    file.publish(Some(rows.len() as u64))
}

fn remove(folder: &Path, name: &str) -> Result<(), RecordError> {
    let path = folder.join(name);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(RecordError::io("remove", &path)(error)),
        _ => Ok(()),
    }
}
