//! Matrices of the user's own: CSV and NumPy's NPY, from a file to checked, finite f64.
//!
//! Both parsers refuse rather than guess. An error names the file, the line and column where there is one, what was
//! found, and what to do; no sequence of bytes panics, and nothing is allocated on the word of a header alone.

mod choice;
mod column;
mod csv;
mod error;
mod format;
mod input;
mod npy;
mod options;
mod rows;

use std::path::{Path, PathBuf};

pub use column::ColumnRef;
pub use error::{Cause, DataError};
pub use options::{Dummies, Header, Levels, Missing, MissingRows, ReadOptions, is_delimiter};
pub use rows::{Chunk, Portion, RowFile};

use crate::matrix::Matrix;
use error::Fault;
use input::Input;

/// Larger files are refused before they are read.
pub const MAX_FILE_BYTES: u64 = 8 << 30;

/// A matrix may have this many entries (8 GiB of f64): short numbers in a file grow in memory.
pub const MAX_ENTRIES: usize = 1 << 30;

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

/// Reads the matrix in `path`: `.csv`, `.tsv`, or a two-dimensional `.npy`.
///
/// # Errors
/// If the file cannot be read, is larger than [`MAX_FILE_BYTES`] or [`MAX_ENTRIES`], is malformed or empty, lacks a column of `options`, or
/// has an entry in a chosen column that is not a finite number.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Table, DataError> {
    read_any(path, options, Shape::Matrix).map_err(|fault| fault.at(path))?.held()
}

/// Reads a vector, such as y: a one-dimensional `.npy`, or a file with a single column (after the choice of
/// `options.columns`).
///
/// # Errors
/// As [`read`], and if there is more than one column.
pub fn read_vector(path: &Path, options: &ReadOptions) -> Result<Vec<f64>, DataError> {
    let table = read_any(path, options, Shape::Vector).map_err(|fault| fault.at(path))?.held()?;
    match table.x.cols() {
        1 => Ok(table.x.column(0)),
        cols => Err(DataError::of_file(
            path,
            format!("holds {cols} columns where one is wanted: choose it by name or position"),
        )),
    }
}

/// The matrix that a file `path` with these bytes holds; the file need not exist, it names the format and the errors.
///
/// # Errors
/// As [`read`].
pub fn parse(content: &[u8], path: &Path, options: &ReadOptions) -> Result<Table, DataError> {
    let input = Input::Memory(content);
    let file = RowFile::new(path, input, options, None, Shape::Matrix, Portion::default(), &mut |_| ());
    file.map_err(|fault| fault.at(path))?.held()
}

/// What a caller wants of a file; a one-dimensional array is no matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Matrix,
    Vector,
}

fn read_any(path: &Path, options: &ReadOptions, shape: Shape) -> Result<RowFile<'static>, Fault> {
    let input = Input::file(path)?;
    let bytes = input.bytes();
    if bytes > MAX_FILE_BYTES {
        return Err(Fault::new(format!(
            "has {bytes} bytes, above the limit of {MAX_FILE_BYTES}: take fewer rows or columns"
        )));
    }
    RowFile::new(path, input, options, None, shape, Portion::default(), &mut |_| ())
}

impl RowFile<'_> {
    /// All rows in memory.
    fn held(&self) -> Result<Table, DataError> {
        let mut entries = Vec::new();
        let mut rows = 0;
        self.each_group(&mut |chunks, _| {
            for chunk in chunks {
                let grown = entries.len() + chunk.x.as_slice().len();
                if grown > MAX_ENTRIES {
                    return Err(too_many_entries(grown).at(self.path()));
                }
                entries.try_reserve(chunk.x.as_slice().len()).map_err(|_| no_memory(grown).at(self.path()))?;
                entries.extend_from_slice(chunk.x.as_slice());
                rows += chunk.x.rows();
            }
            Ok(())
        })?;
        let names = self.names().map(<[String]>::to_vec);
        Ok(Table { path: self.path().to_owned(), names, x: Matrix::new(rows, self.width(), entries) })
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
