//! Journal -> CSV tables, in key order, one pass for all tables.

use std::path::Path;

use super::atomic::{AtomicFile, FileFact};
use super::error::RecordError;
use super::journal::Journal;
use super::rows::csv_header;
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
    for index in 0..journal.done().trials() {
        let Some(tables) = reader.tables(index)? else { continue };
        for ((file, rows), bytes) in files.iter_mut().zip(tables) {
            file.push(bytes)?;
            *rows += line_ends(bytes);
        }
    }
    let staged = files.into_iter().map(|(file, rows)| file.stage(Some(rows))).collect::<Result<Vec<_>, _>>()?;
    staged.into_iter().map(super::atomic::Staged::publish).collect()
}

/// Rows: one line each, because texts are words from fixed lists and hold no line ends.
fn line_ends(bytes: &[u8]) -> u64 {
    // Summed in runs short enough for a byte: the compiler turns that into vector instructions.
    bytes.chunks(255).map(|run| u64::from(run.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_long_and_short_texts() {
        for length in [0, 1, 254, 255, 256, 1000] {
            assert_eq!(line_ends(&vec![b'\n'; length]), length as u64);
            assert_eq!(line_ends(&vec![b'x'; length]), 0);
        }
    }
}
