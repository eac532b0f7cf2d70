//! Parts -> row groups of the columns asked for. Memory is that of one row group.

use std::fs::File;
use std::path::{Path, PathBuf};

use ::parquet::column::reader::ColumnReader;
use ::parquet::data_type::DataType;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::super::atomic::FileFact;
use super::super::error::RecordError;
use super::super::stored::{checked, damaged};
use super::columns::{Column, Columns, Values, spread};
use super::{failed, schema};
use crate::measure::table::Type;

/// The rows of a table in parts, a row group at a time. Each part is held to its hash and its rows before it is read.
#[derive(Debug)]
pub(crate) struct PartRows {
    dir: PathBuf,
    /// Those behind the open one.
    parts: std::vec::IntoIter<FileFact>,
    /// The columns asked for.
    names: Vec<String>,
    part: Part,
}

/// A part being read.
struct Part {
    path: PathBuf,
    reader: SerializedFileReader<File>,
    /// The row group that is next.
    group: usize,
    /// The columns asked for: their places and what they hold.
    columns: Vec<(usize, Type)>,
}

impl PartRows {
    /// Opens the table in the run folder `dir` that is in `parts`, to read the columns `names`; all of them for `None`.
    pub(crate) fn open(dir: &Path, parts: Vec<FileFact>, names: Option<&[&str]>) -> Result<Self, RecordError> {
        let mut parts = parts.into_iter();
        let first = parts.next().ok_or_else(|| damaged(dir, "manifest.json lists no part of the table"))?;
        let (path, reader) = open_file(dir, &first)?;
        let declared = reader.metadata().file_metadata().schema_descr().columns();
        let all = || declared.iter().map(|column| column.name().to_owned()).collect();
        let names: Vec<String> = names.map_or_else(all, |names| names.iter().map(|name| (*name).to_owned()).collect());
        let part = Part::new(path, reader, &names)?;
        Ok(Self { dir: dir.to_path_buf(), parts, names, part })
    }

    /// The columns that are read, in their order.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The part that the last row group came from.
    pub(crate) fn path(&self) -> &Path {
        &self.part.path
    }

    /// The next row group; `None` behind the last.
    pub(crate) fn next_group(&mut self) -> Result<Option<Columns>, RecordError> {
        loop {
            if let Some(columns) = self.part.next_group()? {
                return Ok(Some(columns));
            }
            let Some(fact) = self.parts.next() else { return Ok(None) };
            let (path, reader) = open_file(&self.dir, &fact)?;
            self.part = Part::new(path, reader, &self.names)?;
        }
    }
}

fn open_file(dir: &Path, fact: &FileFact) -> Result<(PathBuf, SerializedFileReader<File>), RecordError> {
    let path = checked(dir, fact)?;
    let file = File::open(&path).map_err(RecordError::io("read", &path))?;
    let reader = SerializedFileReader::new(file).map_err(|error| unreadable(&path, error))?;
    let rows = reader.metadata().file_metadata().num_rows();
    if u64::try_from(rows).ok() != fact.rows {
        let listed = fact.rows.map_or_else(|| "no number of rows".to_owned(), |rows| format!("{rows} rows"));
        return Err(damaged(&path, &format!("this part has {rows} rows, and manifest.json says {listed}")));
    }
    Ok((path, reader))
}

/// What the decoder cannot read is damage, unless the operating system refused.
fn unreadable(path: &Path, error: ParquetError) -> RecordError {
    match error {
        ParquetError::External(_) => failed("read", path)(error),
        other => damaged(path, &format!("this is no Parquet file of this program: {other}")),
    }
}

impl Part {
    fn new(path: PathBuf, reader: SerializedFileReader<File>, names: &[String]) -> Result<Self, RecordError> {
        let declared = reader.metadata().file_metadata().schema_descr();
        let place = |name: &String| {
            let at = declared.columns().iter().position(|column| column.name() == name);
            let at = at.ok_or_else(|| damaged(&path, &format!("it has no column `{name}`")))?;
            let of = schema::type_of(declared.column(at).self_type());
            of.map(|of| (at, of)).ok_or_else(|| damaged(&path, &format!("its column `{name}` is of no type of ours")))
        };
        let columns = names.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Self { path, reader, group: 0, columns })
    }

    fn next_group(&mut self) -> Result<Option<Columns>, RecordError> {
        if self.group == self.reader.num_row_groups() {
            return Ok(None);
        }
        let columns = self.read_group(self.group).map_err(|error| unreadable(&self.path, error))?;
        self.group += 1;
        Ok(Some(columns))
    }

    fn read_group(&self, group: usize) -> Result<Columns, ParquetError> {
        let group = self.reader.get_row_group(group)?;
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let columns = self.columns.iter().map(|(at, of)| read_column(group.as_ref(), *at, *of, rows));
        Ok(Columns { columns: columns.collect::<Result<_, _>>()?, rows })
    }
}

fn read_column(group: &dyn RowGroupReader, at: usize, of: Type, rows: usize) -> Result<Column, ParquetError> {
    let mut column = Column::new(of);
    let levels = column.levels.as_mut();
    match (group.get_column_reader(at)?, &mut column.values) {
        (ColumnReader::Int64ColumnReader(reader), Values::Integers(values)) => fill(reader, values, levels, rows)?,
        (ColumnReader::DoubleColumnReader(reader), Values::Numbers(values)) => fill(reader, values, levels, rows)?,
        (ColumnReader::ByteArrayColumnReader(reader), Values::Words(values)) => fill(reader, values, levels, rows)?,
        _ => return Err(ParquetError::General(format!("column {at} is not of the type that it is declared to be"))),
    }
    Ok(column)
}

/// Reads a column chunk of `rows` rows: one value for each of them, and one level where fields may be empty.
fn fill<T: DataType>(
    mut reader: ::parquet::column::reader::ColumnReaderImpl<T>,
    values: &mut Vec<T::T>,
    mut levels: Option<&mut Vec<i16>>,
    rows: usize,
) -> Result<(), ParquetError> {
    let mut read = 0;
    while read < rows {
        let (records, ..) = reader.read_records(rows - read, levels.as_deref_mut(), None, values)?;
        if records == 0 {
            return Err(ParquetError::General(format!("a column ends after {read} of {rows} rows")));
        }
        read += records;
    }
    if let Some(levels) = levels {
        spread(values, levels);
    }
    if values.len() != rows {
        return Err(ParquetError::General(format!("a column has {} values for {rows} rows", values.len())));
    }
    Ok(())
}

/// Not the decoder's state, which is long.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("path", &self.path).field("group", &self.group).finish_non_exhaustive()
    }
}
