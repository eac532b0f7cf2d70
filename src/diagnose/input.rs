//! From a file to a problem: X with named columns, and y where one is asked for.

use std::path::Path;

use super::Watch;
use super::file_rows::{FileRows, TargetOfFile};
use super::preparation::{Preparation, Recipe};
use crate::data::{ColumnRef, DataError, Portion, ReadOptions, RowFile};
use crate::matrix::Matrix;

/// Entries of X that are held in memory, 256 MiB of them; more are read again for every pass.
pub const HELD_ENTRIES: usize = 32 << 20;

/// A matrix to diagnose.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Names of the columns: those of the header, else x1, x2, ...
    pub names: Vec<String>,
    /// n x d, finite, no dimension 0.
    pub x: Matrix,
    /// What the columns are to explain.
    pub target: Option<Target>,
}

/// A target with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The column or the file that it came from.
    pub name: String,
    /// n values.
    pub y: Vec<f64>,
}

/// Where y comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetRef {
    /// A column beside those of X, in every file.
    Column(ColumnRef),
    /// The same values for every file.
    Given(Target),
}

/// How files become problems.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// How they are read; `columns` are those of X.
    pub options: ReadOptions,
    /// What is to be explained.
    pub target: Option<TargetRef>,
    /// What is done to the columns.
    pub preparation: Preparation,
    /// How much of a file is in memory.
    pub memory: Memory,
}

/// How much of a file is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Entries of X that are held.
    pub held_entries: usize,
    /// What is in memory of a file of more.
    pub portion: Portion,
}

impl Default for Memory {
    fn default() -> Self {
        Self { held_entries: HELD_ENTRIES, portion: Portion::default() }
    }
}

impl Source {
    /// Opens `path` and finds out what its columns will be; `watch` is told of the passes over the rows.
    ///
    /// # Errors
    /// As [`RowFile::open`]; if two columns have one name; if the columns cannot be prepared as asked.
    pub fn open<'a>(&'a self, path: &Path, watch: &'a dyn Watch) -> Result<FileRows<'a>, DataError> {
        let column = match &self.target {
            Some(TargetRef::Column(column)) => Some(column),
            Some(TargetRef::Given(_)) | None => None,
        };
        let file = RowFile::open(path, &self.options, column, self.memory.portion, &mut |_| ())?;
        let names = names(&file)?;
        let recipe = Recipe::new(&file, &names, self.preparation)?;
        let target = self.target.as_ref().map(|target| match target {
            TargetRef::Given(target) => TargetOfFile::Given(target),
            TargetRef::Column(ColumnRef::Name(name)) => TargetOfFile::Column { name: name.clone() },
            TargetRef::Column(ColumnRef::Position(place)) => TargetOfFile::Column { name: format!("column {place}") },
        });
        Ok(FileRows::new(file, recipe, names, target, watch))
    }
}

/// Names of the columns of X, every one different.
fn names(file: &RowFile<'_>) -> Result<Vec<String>, DataError> {
    let given = file.names().unwrap_or_default();
    let names = (0..file.width()).map(|j| given.get(j).map_or_else(String::new, |name| printable(name)));
    let names: Vec<String> =
        names.enumerate().map(|(j, name)| if name.is_empty() { format!("x{}", j + 1) } else { name }).collect();
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(DataError::of_file(
            file.path(),
            format!("has two columns named {:?}: rename one of them, or leave one out by its position", pair[0]),
        )),
        None => Ok(names),
    }
}

/// `name` as a terminal may show it.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}
