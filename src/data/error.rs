//! What can be wrong with a file.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a file holds no usable matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1, where the file has lines and one is to blame.
    pub line: Option<u64>,
    /// What was found and what to do about it; reads on after `path:line: `.
    pub message: String,
    /// What a way of reading could change, for whoever has names for such ways.
    pub cause: Cause,
}

/// Whether reading the same file in another way helps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// Not that we know.
    #[default]
    Other,
    /// A value is missing: [`super::MissingRows::Drop`] leaves the row out.
    Missing,
    /// A column holds text: [`super::Dummies`] makes categories of it.
    Text {
        /// The column, as a user would name it.
        column: String,
    },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.message)
    }
}

impl std::error::Error for DataError {}

impl DataError {
    /// An error of the whole file at `path`.
    pub fn of_file(path: &Path, message: impl Into<String>) -> Self {
        Fault::new(message).at(path)
    }
}

/// A [`DataError`] before it is known which file was read: the parsers see bytes only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    line: Option<u64>,
    message: String,
    cause: Cause,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into(), cause: Cause::Other }
    }

    pub(super) fn on_line(line: u64, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(message) }
    }

    pub(super) fn because(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }

    pub(super) fn at(self, path: &Path) -> DataError {
        DataError { path: path.to_owned(), line: self.line, message: self.message, cause: self.cause }
    }
}

impl From<DataError> for Fault {
    fn from(DataError { line, message, cause, .. }: DataError) -> Self {
        Self { line, message, cause }
    }
}

/// `text` as it may stand in a message: quoted, without control characters, at most 40 characters of it.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    format!("{shown:?}")
}
