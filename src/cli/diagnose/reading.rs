//! How `diagnose` is to read its files.

use std::path::Path;

use crate::cli::Failure;
use crate::data::{self, Cause, ColumnRef, DataError, Dummies, Header, Levels, Missing, MissingRows, ReadOptions};
use crate::diagnose::{Intercept, Preparation, Scale, Target, TargetRef};

#[derive(Debug, clap::Args)]
pub(super) struct Reading {
    /// The columns of X, by name or position from 1; all but the target unless given
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// Columns to leave out of X, by name or position from 1
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    drop: Vec<String>,
    /// Columns of categories: each level but the first becomes a column of zeros and ones
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    dummies: Vec<String>,
    /// The same with a column for every level
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    all_levels: Vec<String>,
    /// Add a column of ones
    #[arg(long)]
    intercept: bool,
    /// Units of the columns: none (as they are), unit (length 1), standard (centred, standard deviation 1)
    #[arg(long, value_name = "HOW", default_value = "none", value_parser = scale)]
    scale: Scale,
    /// Words that stand for a missing value beside the empty field
    #[arg(long, value_name = "WORDS", value_delimiter = ',', default_values_t = Missing::WORDS.map(str::to_owned))]
    #[arg(allow_hyphen_values = true)]
    missing: Vec<String>,
    /// What becomes of rows with a missing value: error or drop
    #[arg(long, value_name = "WHAT", default_value = "error", value_parser = missing_rows)]
    missing_rows: MissingRows,
    /// What separates the fields of a CSV line; `tab` for a tabulator
    #[arg(long, value_name = "C", default_value = ",", value_parser = delimiter)]
    delimiter: u8,
    /// Whether the first CSV line names the columns
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = header)]
    header: Header,
}

impl Reading {
    pub(super) fn options(&self) -> ReadOptions {
        let all = |names: &[String]| names.iter().map(|name| column(name)).collect();
        let coded = |names: &[String], levels: Levels| {
            names.iter().map(|name| Dummies { column: column(name), levels }).collect::<Vec<_>>()
        };
        ReadOptions {
            delimiter: self.delimiter,
            header: self.header,
            columns: self.columns.as_deref().map(all),
            drop: all(&self.drop),
            missing: Missing { words: self.missing.clone(), rows: self.missing_rows },
            dummies: [coded(&self.dummies, Levels::Treatment), coded(&self.all_levels, Levels::All)].concat(),
        }
    }

    pub(super) fn preparation(&self) -> Preparation {
        let intercept = if self.intercept { Intercept::Added } else { Intercept::AsGiven };
        Preparation { intercept, scale: self.scale }
    }
}

/// `error` with the option that would help.
pub(super) fn with_remedy(error: DataError) -> DataError {
    let message = match &error.cause {
        Cause::Other => return error,
        Cause::Missing => format!("{}; --missing-rows drop leaves out such rows", error.message),
        Cause::Text { column } => {
            format!("{}; --dummies {column} makes categories of it, --drop {column} leaves it out", error.message)
        }
    };
    DataError { message, ..error }
}

/// A name that ends like a file is one; its values serve every matrix, so that it must be readable before all else.
pub(super) fn target(text: &str, options: &ReadOptions) -> Result<TargetRef, Failure> {
    let path = Path::new(text);
    let is_file = path
        .extension()
        .is_some_and(|extension| ["csv", "tsv", "npy"].into_iter().any(|known| extension.eq_ignore_ascii_case(known)));
    if !is_file {
        return Ok(TargetRef::Column(column(text)));
    }
    // A missing value of y has no row to leave out here.
    let missing = Missing { rows: MissingRows::Refuse, ..options.missing.clone() };
    let ReadOptions { delimiter, header, .. } = *options;
    let options = ReadOptions { delimiter, header, missing, ..ReadOptions::default() };
    let y = data::read_vector(path, &options).map_err(|error| Failure::usage(format!("--target {error}")))?;
    Ok(TargetRef::Given(Target { name: text.to_owned(), y }))
}

/// No number can be a name in a header that was found by itself, so a number is a position.
fn column(text: &str) -> ColumnRef {
    text.parse().map_or_else(|_| ColumnRef::Name(text.to_owned()), ColumnRef::Position)
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        &[byte] => Ok(byte),
        _ => Err("give one ASCII character, such as ';', or `tab`".to_owned()),
    }
}

fn header(text: &str) -> Result<Header, String> {
    one_of(&Header::NAMES, text)
}

fn missing_rows(text: &str) -> Result<MissingRows, String> {
    one_of(&MissingRows::NAMES, text)
}

fn scale(text: &str) -> Result<Scale, String> {
    one_of(&Scale::NAMES, text)
}

fn one_of<T: Copy>(names: &[(&str, T)], text: &str) -> Result<T, String> {
    let found = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    let allowed = || names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("allowed: {}", allowed()))
}
