//! Tables as Parquet: typed columns in parts of bounded size, compressed with zstd. What users see of it: docs/parquet.md.
//!
//! ```text
//! rows of trials -> Columns, on any thread -> a row group of 2^17 rows -> encoded column by column, on many threads
//!                                                                      -> part of 2^20 rows, 8 row groups
//! ```
//! Where a row group and a part end depends on the number of rows before them alone, and a row group is encoded at once. So
//! the bytes do not depend on threads, chunks, shards or interruptions.
//!
//! Memory: a row group of each table, as values and once more compressed.

mod columns;
mod csv;
mod read;
mod records;
mod schema;
mod write;

pub use csv::write_csv;
pub(super) use records::Records;
pub(super) use write::ParquetTable;

use std::io;
use std::path::Path;

use ::parquet::errors::ParquetError;

use super::error::RecordError;

/// Where row groups and parts end.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Rows of a row group, fewer in the last one of a table: what a reader skips or takes as a whole, and hands to one thread.
    rows_per_group: usize,
    /// Row groups of a part, fewer in the last one of a table.
    groups_per_part: usize,
}

/// Row groups of the size that DuckDB itself makes (122,880), for as many threads; parts of 2^20 rows, which is some 40 MB of
/// ridge rows.
const LIMITS: Limits = Limits { rows_per_group: 1 << 17, groups_per_part: 8 };

/// For `map_err`: an error of the encoder or decoder with what was being done, and where.
fn failed(action: &'static str, path: &Path) -> impl FnOnce(ParquetError) -> RecordError {
    let path = path.to_path_buf();
    move |error| {
        // The sink's own error comes wrapped: a full disk is to be told from a bug.
        let source = match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => *source,
                Err(other) => io::Error::other(other),
            },
            other => io::Error::other(other),
        };
        RecordError::Io { action, path, source }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
