//! From a file to a problem: X with named columns, and y where one is asked for.

use std::path::Path;

use crate::data::{self, ColumnRef, DataError, ReadOptions, Table};
use crate::matrix::Matrix;

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
}

impl Source {
    /// Reads the problem in `path`.
    ///
    /// # Errors
    /// As [`data::read`]; if the column of the target is missing or the only one; if a given target has another number of
    /// rows.
    pub fn read(&self, path: &Path) -> Result<Problem, DataError> {
        match &self.target {
            None => Ok(Problem::new(data::read(path, &self.options)?, None)),
            Some(TargetRef::Given(target)) => {
                let table = data::read(path, &self.options)?;
                if table.x.rows() != target.y.len() {
                    return Err(lengths_differ(&table, target));
                }
                Ok(Problem::new(table, Some(target.clone())))
            }
            Some(TargetRef::Column(column)) => self.with_column(path, column),
        }
    }

    fn with_column(&self, path: &Path, column: &ColumnRef) -> Result<Problem, DataError> {
        let (mut table, place) = match &self.options.columns {
            None => (data::read(path, &self.options)?, column.clone()),
            Some(columns) => {
                // y is read after the columns of X, whether or not it is among those chosen.
                let mut columns: Vec<ColumnRef> = columns.iter().filter(|other| *other != column).cloned().collect();
                columns.push(column.clone());
                let place = ColumnRef::Position(columns.len());
                let options = ReadOptions { columns: Some(columns), ..self.options.clone() };
                (data::read(path, &options)?, place)
            }
        };
        let y = table.take_column(&place)?;
        let name = match column {
            ColumnRef::Name(name) => name.clone(),
            ColumnRef::Position(position) => format!("column {position}"),
        };
        Ok(Problem::new(table, Some(Target { name, y })))
    }
}

impl Problem {
    fn new(table: Table, target: Option<Target>) -> Self {
        let d = table.x.cols();
        let given = table.names.unwrap_or_default();
        let names = (0..d).map(|j| given.get(j).map_or_else(String::new, |name| printable(name)));
        let names = names.enumerate().map(|(j, name)| if name.is_empty() { format!("x{}", j + 1) } else { name });
        Self { names: names.collect(), x: table.x, target }
    }
}

/// `name` as a terminal may show it.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn lengths_differ(table: &Table, target: &Target) -> DataError {
    let (rows, values) = (table.x.rows(), target.y.len());
    DataError::of_file(
        &table.path,
        format!("has {rows} rows, but the target {} has {values}: give one value a row", target.name),
    )
}
