//! Matrices of the user's own: CSV and NumPy's NPY, from a file to checked, finite f64.
//!
//! Both parsers refuse rather than guess. An error names the file, the line and column where there is one, what was
//! found, and what to do; no sequence of bytes panics, and nothing is allocated on the word of a header alone.

mod column;
mod csv;
mod error;
mod npy;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

pub use column::ColumnRef;
pub use error::DataError;

use crate::matrix::Matrix;
use error::Fault;

/// Larger files are refused before they are read.
pub const MAX_FILE_BYTES: u64 = 8 << 30;

/// A matrix may have this many entries (8 GiB of f64): short numbers in a file grow in memory.
pub const MAX_ENTRIES: usize = 1 << 30;

/// How a file is to be read. NPY files have no use for `delimiter` and `header`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The byte between the fields of a CSV line.
    pub delimiter: u8,
    /// Whether the first CSV line names the columns.
    pub header: Header,
    /// The columns to keep, in this order; `None` for all. The others may hold anything, text included.
    pub columns: Option<Vec<ColumnRef>>,
}

/// Whether a byte can separate the fields of a CSV line: one that no number and no quoted field contains.
pub fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n.+-".contains(&byte)
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { delimiter: b',', header: Header::Auto, columns: None }
    }
}

/// Whether the first line of a CSV file names the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// It does if none of its fields is a number. A line of numbers and text is refused: it may be a damaged row.
    Auto,
    /// It does.
    Yes,
    /// It is data.
    No,
}

impl Header {
    /// The words that configs and the command line use.
    pub const NAMES: [(&'static str, Self); 3] = [("auto", Self::Auto), ("yes", Self::Yes), ("no", Self::No)];
}

/// A matrix that was read from a file: not empty, every entry finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The file, for messages.
    pub path: PathBuf,
    /// Names of the columns, if the file has a header.
    pub names: Option<Vec<String>>,
    /// The entries, rows as in the file, columns as chosen.
    pub x: Matrix,
}

/// Reads the matrix in `path`: `.csv`, or a two-dimensional `.npy`.
///
/// # Errors
/// If the file cannot be read, is larger than [`MAX_FILE_BYTES`] or [`MAX_ENTRIES`], is malformed or empty, lacks a column of `options`, or
/// has an entry in a chosen column that is not a finite number.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Table, DataError> {
    read_any(path, options, Shape::Matrix).map_err(|fault| fault.at(path))
}

/// Reads a vector, such as y: a one-dimensional `.npy`, or a file with a single column (after the choice of
/// `options.columns`).
///
/// # Errors
/// As [`read`], and if there is more than one column.
pub fn read_vector(path: &Path, options: &ReadOptions) -> Result<Vec<f64>, DataError> {
    let table = read_any(path, options, Shape::Vector).map_err(|fault| fault.at(path))?;
    match table.x.cols() {
        1 => Ok(table.x.column(0)),
        cols => {
            Err(Fault::new(format!("holds {cols} columns where one is wanted: choose it by name or position")).at(path))
        }
    }
}

/// The matrix that a file `path` with these bytes holds; the file need not exist, it names the format and the errors.
///
/// # Errors
/// As [`read`].
pub fn parse(content: &[u8], path: &Path, options: &ReadOptions) -> Result<Table, DataError> {
    parse_any(content, content.len() as u64, path, options, Shape::Matrix).map_err(|fault| fault.at(path))
}

/// What a caller wants of a file; a one-dimensional array is no matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Matrix,
    Vector,
}

fn read_any(path: &Path, options: &ReadOptions, shape: Shape) -> Result<Table, Fault> {
    // Asked before the file is opened: opening a named pipe would wait for its writer.
    let metadata = path.metadata().map_err(|error| Fault::new(format!("cannot be found or read: {error}")))?;
    if !metadata.is_file() {
        return Err(Fault::new("is not a regular file: give a .csv or .npy file"));
    }
    let bytes = metadata.len();
    if bytes > MAX_FILE_BYTES {
        return Err(Fault::new(format!(
            "has {bytes} bytes, above the limit of {MAX_FILE_BYTES}: take fewer rows or columns"
        )));
    }
    let file = File::open(path).map_err(|error| Fault::new(format!("cannot be opened: {error}")))?;
    parse_any(file, bytes, path, options, shape)
}

/// Parses `input`, which is `bytes` long, in the format that the extension of `path` names.
fn parse_any(input: impl Read, bytes: u64, path: &Path, options: &ReadOptions, shape: Shape) -> Result<Table, Fault> {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("csv") => {
            let (names, x) = csv::parse(input, options)?;
            Ok(Table { path: path.to_owned(), names, x })
        }
        Some("npy") => {
            let x = npy::parse(BufReader::new(input), bytes, shape)?;
            let table = Table { path: path.to_owned(), names: None, x };
            match &options.columns {
                Some(columns) => table.selected(columns),
                None => Ok(table),
            }
        }
        _ => Err(Fault::new("has no known extension: .csv and .npy can be read")),
    }
}

fn no_memory(entries: usize) -> Fault {
    Fault::new(format!("needs more memory for {entries} entries than the system grants: take fewer rows or columns"))
}

fn too_many_entries(found: usize) -> Fault {
    Fault::new(format!("holds {found} entries or more, above the limit of {MAX_ENTRIES}: take fewer rows or columns"))
}

impl Table {
    /// The table of `columns` only, in this order.
    ///
    /// # Errors
    /// If a column does not exist, or a name belongs to several.
    pub fn select(&self, columns: &[ColumnRef]) -> Result<Self, DataError> {
        self.selected(columns).map_err(|fault| fault.at(&self.path))
    }

    /// Removes `column` and returns its entries, one per row: y, where it stands beside X.
    ///
    /// # Errors
    /// If the column does not exist, its name belongs to several, or no other column would be left.
    pub fn take_column(&mut self, column: &ColumnRef) -> Result<Vec<f64>, DataError> {
        let taken = self.index_of(column).map_err(|fault| fault.at(&self.path))?;
        if self.x.cols() == 1 {
            return Err(Fault::new(format!("{column} is the only column: none would be left for X")).at(&self.path));
        }
        let values = self.x.column(taken);
        let kept: Vec<usize> = (0..self.x.cols()).filter(|&j| j != taken).collect();
        *self = self.with_columns(&kept);
        Ok(values)
    }

    fn selected(&self, columns: &[ColumnRef]) -> Result<Self, Fault> {
        column::some(columns)?;
        let kept = columns.iter().map(|column| self.index_of(column)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.with_columns(&kept))
    }

    fn index_of(&self, column: &ColumnRef) -> Result<usize, Fault> {
        column.index(self.names.as_deref(), self.x.cols())
    }

    fn with_columns(&self, kept: &[usize]) -> Self {
        Self {
            path: self.path.clone(),
            names: self.names.as_ref().map(|names| kept.iter().map(|&j| names[j].clone()).collect()),
            x: Matrix::from_fn(self.x.rows(), kept.len(), |i, j| self.x[(i, kept[j])]),
        }
    }
}

#[cfg(test)]
mod tests;
