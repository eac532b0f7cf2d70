//! Parts -> the CSV table that a run in that format would have written, byte for byte.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;

use super::super::atomic::{AtomicFile, FileFact, Staged};
use super::super::encoding::Malformed;
use super::super::error::RecordError;
use super::super::format::{csv_file, table_folders};
use super::super::manifest::Manifest;
use super::super::stored::{damaged, parts_of};
use super::super::text::Text;
use super::columns::Columns;
use super::read::PartRows;

/// Rows that one thread makes text of at a time.
const ROWS_PER_PIECE: usize = 1 << 12;

/// Writes every table that the run in `dir`, whose manifest is `manifest`, has as Parquet as CSV into the folder `out`, which
/// must be there. All files are whole and synced before the first gets its name. Returns them; none if no table is in parts.
///
/// Memory: a row group and its text.
///
/// # Errors
/// [`RecordError::Damaged`] where a part is missing or not the one that the run wrote; [`RecordError::Io`].
pub fn write_csv(dir: &Path, manifest: &Manifest, out: &Path) -> Result<Vec<FileFact>, RecordError> {
    let mut staged = Vec::new();
    for table in table_folders() {
        let parts = parts_of(manifest, table);
        if !parts.is_empty() {
            staged.push(stage(PartRows::open(dir, parts, None)?, out, table)?);
        }
    }
    staged.into_iter().map(Staged::publish).collect()
}

fn stage(mut rows: PartRows, out: &Path, table: &str) -> Result<Staged, RecordError> {
    let mut file = AtomicFile::create(out, &csv_file(table))?;
    file.push((rows.names().join(",") + "\n").as_bytes())?;
    let mut count = 0;
    while let Some(group) = rows.next_group()? {
        let pieces = (0..group.rows.div_ceil(ROWS_PER_PIECE)).into_par_iter();
        let piece = |at: usize| lines(&group, at * ROWS_PER_PIECE..group.rows.min((at + 1) * ROWS_PER_PIECE));
        let texts = pieces.map(piece).collect::<Result<Vec<_>, _>>();
        for text in texts.map_err(|malformed| damaged(rows.path(), &malformed.to_string()))? {
            file.push(text.as_bytes())?;
        }
        count += group.rows as u64;
    }
    file.stage(Some(count))
}

fn lines(group: &Columns, range: Range<usize>) -> Result<Text, Malformed> {
    let mut text = Text::default();
    text.reserve(range.len() * group.columns.len() * 16);
    for row in range {
        for column in &group.columns {
            text.field(column.field(row)?);
            text.comma();
        }
        text.end_line();
    }
    Ok(text)
}
