//! Parts -> records of words, a row at a time: what a reader of the CSV table would see.

use std::path::{Path, PathBuf};

use csv::{Position, StringRecord};

use super::super::atomic::FileFact;
use super::super::encoding::Field;
use super::super::error::RecordError;
use super::super::stored::damaged;
use super::super::text::Text;
use super::columns::Columns;
use super::read::PartRows;

/// The rows of a table in parts, one at a time.
#[derive(Debug)]
pub(crate) struct Records {
    rows: PartRows,
    group: Columns,
    /// The row of the group that is next.
    at: usize,
    /// Line of the last row in the table as CSV.
    line: u64,
    word: Text,
}

impl Records {
    /// Opens the table in the run folder `dir` that is in `parts`, to read `columns`.
    pub(crate) fn open(dir: &Path, parts: Vec<FileFact>, columns: &[&str]) -> Result<Self, RecordError> {
        let rows = PartRows::open(dir, parts, Some(columns))?;
        Ok(Self { rows, group: Columns::new([]), at: 0, line: 1, word: Text::default() })
    }

    /// Fills `record` with the columns of the next row, and `path` with the part that it is in; false behind the last.
    pub(crate) fn read(&mut self, path: &mut PathBuf, record: &mut StringRecord) -> Result<bool, RecordError> {
        while self.at == self.group.rows {
            let Some(group) = self.rows.next_group()? else { return Ok(false) };
            (self.group, self.at) = (group, 0);
            self.rows.path().clone_into(path);
        }
        record.clear();
        for column in &self.group.columns {
            match column.field(self.at).map_err(|malformed| damaged(path, &malformed.to_string()))? {
                Field::Missing => record.push_field(""),
                Field::Text(word) => record.push_field(word),
                number => {
                    self.word.clear();
                    self.word.field(number);
                    // Numbers are ASCII.
                    record.push_field(std::str::from_utf8(self.word.as_bytes()).unwrap_or_default());
                }
            }
        }
        self.at += 1;
        self.line += 1;
        let mut position = Position::new();
        position.set_line(self.line);
        record.set_position(Some(position));
        Ok(true)
    }
}
