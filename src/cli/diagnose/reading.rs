//! How `diagnose` is to read its files.

use std::path::Path;

use crate::cli::Failure;
use crate::data::{self, ColumnRef, Header, ReadOptions};
use crate::diagnose::{Target, TargetRef};

#[derive(Debug, clap::Args)]
pub(super) struct Reading {
    /// The columns of X, by name or position from 1; all but the target unless given
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// What separates the fields of a CSV line; `tab` for a tabulator
    #[arg(long, value_name = "C", default_value = ",", value_parser = delimiter)]
    delimiter: u8,
    /// Whether the first CSV line names the columns
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = header)]
    header: Header,
}

impl Reading {
    pub(super) fn options(&self) -> ReadOptions {
        let columns = self.columns.as_ref().map(|names| names.iter().map(|name| column(name)).collect());
        ReadOptions { delimiter: self.delimiter, header: self.header, columns }
    }
}

/// A name that ends like a file is one; its values serve every matrix, so that it must be readable before all else.
pub(super) fn target(text: &str, options: &ReadOptions) -> Result<TargetRef, Failure> {
    let path = Path::new(text);
    let is_file = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv") || extension.eq_ignore_ascii_case("npy"));
    if !is_file {
        return Ok(TargetRef::Column(column(text)));
    }
    let options = ReadOptions { columns: None, ..options.clone() };
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
    let found = Header::NAMES.into_iter().find(|(name, _)| *name == text);
    found.map(|(_, header)| header).ok_or_else(|| "allowed: auto, yes, no".to_owned())
}
