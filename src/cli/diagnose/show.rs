//! A result as text or as a line of JSON.

use std::path::Path;

use crate::cli::output::Reader;
use crate::cli::{Failure, output};
use crate::data::DataError;
use crate::diagnose::{Met, Report, error_line, json_line};

pub(super) fn json(
    path: &Path,
    result: &Result<Report, DataError>,
    met: &[Met],
    _gap: &str,
) -> Result<Reader, Failure> {
    let file = path.display().to_string();
    output::offer(&match result {
        Ok(report) => json_line(&file, report, met).map_err(|error| Failure::failed(error.to_string()))?,
        Err(error) => error_line(&file, &error.to_string()),
    })
}

/// The report on standard output, an error on the other; `gap` keeps the report apart from the one before.
pub(super) fn text(
    path: &Path,
    result: &Result<Report, DataError>,
    _met: &[Met],
    gap: &str,
) -> Result<Reader, Failure> {
    match result {
        Ok(report) => output::offer(&format!("{gap}{}", report.to_text(&path.display().to_string()))),
        Err(error) => {
            output::note(&format!("error: {error}"));
            Ok(Reader::Listening)
        }
    }
}
