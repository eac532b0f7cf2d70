//! Reading a finished table back: some of its columns, a row at a time. Memory is that of one row or, of Parquet, of one row
//! group of these columns.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{Position, Reader, StringRecord};

use super::error::RecordError;
use super::stored::{Stored, stored};

/// The rows of a table in their order, one at a time.
#[derive(Debug)]
pub struct TableReader {
    /// Of the file that the last row came from.
    path: PathBuf,
    source: Source,
    /// The columns asked for, with their places in the record.
    columns: Vec<(String, usize)>,
    record: StringRecord,
}

/// Where the rows come from.
#[derive(Debug)]
enum Source {
    /// Text; a record has all columns of the file.
    Csv(Reader<File>),
    /// Parts; a record has the columns that were asked for, in the same words as text has them.
    #[cfg(feature = "parquet")]
    Parquet(super::parquet::Records),
}

/// A row of a [`TableReader`]. Columns are known by their places in the list that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct TableRow<'a> {
    path: &'a Path,
    columns: &'a [(String, usize)],
    record: &'a StringRecord,
}

impl TableReader {
    /// Opens `table` in the run folder `dir`, to read `columns`: its parts, where the manifest lists any, else `TABLE.csv`. The
    /// fields are the same either way.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Damaged`] where a column is missing or a part is not the one that the run wrote,
    /// [`RecordError::NoParquet`].
    pub fn open(dir: &Path, table: &str, columns: &[&str]) -> Result<Self, RecordError> {
        match stored(dir, table)? {
            Stored::Csv(path) => Self::open_csv(path, columns),
            #[cfg(feature = "parquet")]
            Stored::Parts(parts) => {
                let source = super::parquet::Records::open(dir, parts, columns)?;
                let columns = columns.iter().enumerate().map(|(at, name)| ((*name).to_owned(), at)).collect();
                let path = dir.join(table);
                Ok(Self { path, source: Source::Parquet(source), columns, record: StringRecord::new() })
            }
            #[cfg(not(feature = "parquet"))]
            Stored::Parts(parts) => {
                let path = parts.first().map_or_else(|| dir.join(table), |part| dir.join(&part.name));
                Err(RecordError::NoParquet { path })
            }
        }
    }

    fn open_csv(path: PathBuf, columns: &[&str]) -> Result<Self, RecordError> {
        let file = File::open(&path).map_err(RecordError::io("read", &path))?;
        let mut reader = Reader::from_reader(file);
        let header = reader.headers().map_err(|error| damaged(&path, &error.to_string()))?;
        let place = |name: &&str| {
            let at = header.iter().position(|found| found == *name);
            at.map(|at| ((*name).to_owned(), at)).ok_or_else(|| damaged(&path, &format!("it has no column `{name}`")))
        };
        let columns = columns.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Self { path, source: Source::Csv(reader), columns, record: StringRecord::new() })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// [`RecordError::Damaged`] where the file is no table or a part is not the one that the run wrote, [`RecordError::Io`].
    pub fn next_row(&mut self) -> Result<Option<TableRow<'_>>, RecordError> {
        let Self { path, source, columns, record } = self;
        let found = match source {
            Source::Csv(reader) => read_csv(reader, path, record)?,
            #[cfg(feature = "parquet")]
            Source::Parquet(records) => records.read(path, record)?,
        };
        Ok(found.then_some(TableRow { path, columns, record }))
    }
}

fn read_csv(reader: &mut Reader<File>, path: &Path, record: &mut StringRecord) -> Result<bool, RecordError> {
    reader.read_record(record).map_err(|error| {
        let words = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(error) => RecordError::io("read", path)(error),
            _ => damaged(path, &words),
        }
    })
}

impl<'a> TableRow<'a> {
    /// The field of the column `at` as it is written; empty where nothing was computed.
    pub fn word(&self, at: usize) -> &'a str {
        self.columns.get(at).and_then(|(_, place)| self.record.get(*place)).unwrap_or_default()
    }

    /// The field of the column `at` as a number: `None` where it is empty; may be NaN or infinite.
    ///
    /// # Errors
    /// [`RecordError::Damaged`] if it is no number.
    pub fn number(&self, at: usize) -> Result<Option<f64>, RecordError> {
        match self.word(at) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| self.damaged(at, "number")),
        }
    }

    /// Line of the table as CSV on which the row begins, if no word has a line feed; the header is line 1.
    pub fn line(&self) -> u64 {
        self.record.position().map_or(0, Position::line)
    }

    /// The field of the column `at` is not `what` it should be.
    pub(crate) fn damaged(&self, at: usize, what: &str) -> RecordError {
        let name = self.columns.get(at).map_or("", |(name, _)| name);
        damaged(self.path, &format!("line {}: {name} = `{}` is no {what}", self.line(), self.word(at)))
    }
}

fn damaged(path: &Path, what: &str) -> RecordError {
    RecordError::Damaged { path: path.to_path_buf(), what: format!("{what}; run the config again to rebuild it") }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn table(text: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("t.csv"), text).unwrap();
        dir
    }

    #[test]
    fn columns_are_found_by_name_whatever_their_order() {
        let dir = table("n,solver,error\n3,svd,1e-16\n4,,\n5,qr,NaN\n6,qr,-inf\n");
        let mut reader = TableReader::open(dir.path(), "t", &["error", "solver"]).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            rows.push((row.line(), row.word(1).to_owned(), row.number(0).unwrap()));
        }
        assert_eq!(rows[0], (2, "svd".to_owned(), Some(1e-16)));
        assert_eq!(rows[1], (3, String::new(), None));
        assert!(rows[2].2.unwrap().is_nan());
        assert_eq!(rows[3].2, Some(f64::NEG_INFINITY));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let dir = table("n,kappa\n3,2.5\n4,x1\n5\n");
        let error = TableReader::open(dir.path(), "t", &["kappas"]).unwrap_err().to_string();
        assert!(error.contains("t.csv") && error.contains("no column `kappas`"), "{error}");
        let mut reader = TableReader::open(dir.path(), "t", &["kappa"]).unwrap();
        assert_eq!(reader.next_row().unwrap().unwrap().number(0).unwrap(), Some(2.5));
        let error = reader.next_row().unwrap().unwrap().number(0).unwrap_err().to_string();
        assert!(error.contains("line 3: kappa = `x1` is no number"), "{error}");
        let error = reader.next_row().unwrap_err().to_string();
        assert!(error.contains("t.csv") && error.contains("line: 4"), "{error}");
        assert!(matches!(TableReader::open(dir.path(), "other", &[]), Err(RecordError::Io { .. })));
    }
}
