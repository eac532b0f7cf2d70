//! A diagnosis as a folder: tables as CSV, their dictionary, figures, the report as text and as JSON.
//!
//! ```text
//! DIR/columns.json            what every column of every table means; says whose folder it is
//!     diagnosis.json          the object of --json            report.txt    the report of the terminal
//!     spectrum.csv collinearity.csv vif.csv coefficients.csv ridge_path.csv ridge_trace.csv
//!     figures/spectrum, proportions, ridge_trace, leave_one_out as .svg, .pdf and .png
//! ```
//! Of several files each has a folder of its own in DIR, named after it. What a diagnosis does not have (a path without a target) has no
//! file; one of an earlier call is removed.

mod dictionary;
mod figures;
mod folder;
mod tables;

use std::fmt;
use std::path::{Path, PathBuf};

pub use dictionary::dictionary_markdown;
pub use folder::{Existing, claim, names_of_folders};

use super::Report;
use crate::figure::draw::{Format, Picture};
use crate::figure::error::FigureError;
use crate::record::{RecordError, prepare_folder, publish};

/// Inside a diagnosis' folder.
const FIGURES: &str = "figures";
const DIAGNOSIS: &str = "diagnosis.json";
const REPORT: &str = "report.txt";
const FORMATS: [Format; 3] = [Format::Svg, Format::Pdf, Format::Png];

/// Why a folder could not be written.
#[derive(Debug)]
pub enum OutError {
    /// A file could not.
    Record(RecordError),
    /// A figure could not be drawn.
    Figure(FigureError),
    /// The folder has something in it that no diagnosis wrote.
    Foreign(PathBuf),
}

impl fmt::Display for OutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(error) => error.fmt(f),
            Self::Figure(error) => error.fmt(f),
            Self::Foreign(path) => write!(
                f,
                "--out {}: the folder is not empty and was not written by `diagnose --out`: give another, or --force to write into it",
                path.display()
            ),
        }
    }
}

impl std::error::Error for OutError {}

impl From<RecordError> for OutError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl From<FigureError> for OutError {
    fn from(error: FigureError) -> Self {
        Self::Figure(error)
    }
}

/// Writes the diagnosis of `file` into `dir`, which is made if it is not there: `json` and `text` are the report as it was printed. Each file
/// whole, or not at all.
///
/// # Errors
/// [`OutError`]; the files that were written before stay.
pub fn write(dir: &Path, report: &Report, json: &str, text: &str) -> Result<(), OutError> {
    prepare_folder(dir)?;
    for (name, bytes) in tables::files(report) {
        replace(dir, name, bytes.as_deref())?;
    }
    publish(dir, REPORT, format!("{text}\n").as_bytes())?;
    publish(dir, DIAGNOSIS, format!("{json}\n").as_bytes())?;
    let folder = dir.join(FIGURES);
    prepare_folder(&folder)?;
    for (id, chart) in figures::charts(report) {
        let picture = chart.as_ref().map(Picture::new);
        for format in FORMATS {
            let bytes = picture.as_ref().map(|picture| picture.draw(format)).transpose()?;
            replace(&folder, &format!("{id}.{}", format.extension()), bytes.as_deref())?;
        }
    }
    Ok(())
}

/// Writes into `dir` why a file has no diagnosis, in the place of an earlier one: of that nothing is left that could be taken for new.
///
/// # Errors
/// [`OutError`].
pub fn write_failure(dir: &Path, json: &str, text: &str) -> Result<(), OutError> {
    prepare_folder(dir)?;
    for name in tables::FILES {
        replace(dir, name, None)?;
    }
    publish(dir, REPORT, format!("{text}\n").as_bytes())?;
    publish(dir, DIAGNOSIS, format!("{json}\n").as_bytes())?;
    for id in figures::IDS {
        for format in FORMATS {
            replace(&dir.join(FIGURES), &format!("{id}.{}", format.extension()), None)?;
        }
    }
    Ok(())
}

/// Writes the file, or removes what an earlier call left under its name where there is nothing to write.
fn replace(dir: &Path, name: &str, bytes: Option<&[u8]>) -> Result<(), OutError> {
    if let Some(bytes) = bytes {
        return Ok(publish(dir, name, bytes)?);
    }
    let path = dir.join(name);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(RecordError::io("remove", &path)(error).into())
        }
        _ => Ok(()),
    }
}
