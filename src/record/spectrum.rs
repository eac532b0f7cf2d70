//! Reading spectrum.csv back: the table with one row per trial, for summaries and for verification.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{Reader, StringRecord};

use super::error::RecordError;
use super::tables::file_name;
use crate::engine::Route;
use crate::measure::TableId;

/// What one row of spectrum.csv says.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectrumEntry {
    /// Rows of X.
    pub n: usize,
    /// Columns of X.
    pub d: usize,
    /// The cell's epsilon, where the grid has one.
    pub epsilon: Option<f64>,
    /// Redraw index.
    pub replicate: u32,
    /// Largest singular value with its enclosure (value, lo, hi).
    pub sigma_max: [Option<f64>; 3],
    /// Smallest singular value with its enclosure (value, lo, hi).
    pub sigma_min: [Option<f64>; 3],
    /// Condition number with its enclosure (value, lo, hi).
    pub kappa: [Option<f64>; 3],
    /// How the numbers came about; nothing for a trial without a matrix.
    pub route: Option<Route>,
    /// What may be said of them.
    pub status: String,
}

/// The rows of spectrum.csv in their order, one at a time.
#[derive(Debug)]
pub struct SpectrumReader {
    path: PathBuf,
    reader: Reader<File>,
    columns: Vec<usize>,
    record: StringRecord,
}

/// Columns that make an entry: the trial's key, then numbers, then words.
pub(crate) const COLUMNS: [&str; 15] = [
    "n",
    "d",
    "epsilon",
    "replicate",
    "sigma_max",
    "sigma_max_lo",
    "sigma_max_hi",
    "sigma_min",
    "sigma_min_lo",
    "sigma_min_hi",
    "kappa",
    "kappa_lo",
    "kappa_hi",
    "route",
    "status",
];

impl SpectrumReader {
    /// Opens spectrum.csv in the run folder `dir`.
    ///
    /// # Errors
    /// [`RecordError::Io`], or [`RecordError::Damaged`] where a column is missing.
    pub fn open(dir: &Path) -> Result<Self, RecordError> {
        let path = dir.join(file_name(TableId::Spectrum.schema()));
        let file = File::open(&path).map_err(RecordError::io("read", &path))?;
        let mut reader = Reader::from_reader(file);
        let header = reader.headers().map_err(|error| damaged(&path, &error.to_string()))?.clone();
        let column = |name: &str| {
            let at = header.iter().position(|found| found == name);
            at.ok_or_else(|| damaged(&path, &format!("it has no column `{name}`")))
        };
        let columns = COLUMNS.into_iter().map(column).collect::<Result<_, _>>()?;
        Ok(Self { path, reader, columns, record: StringRecord::new() })
    }

    fn entry(&self) -> Result<SpectrumEntry, RecordError> {
        let field = |at: usize| self.record.get(self.columns[at]).unwrap_or_default();
        let wrong = |at: usize| {
            let line = self.record.position().map_or(0, csv::Position::line);
            damaged(
                &self.path,
                &format!(
                    "line {line}: {} = `{}` is no {}",
                    COLUMNS[at],
                    field(at),
                    if at == 13 { "route" } else { "number" }
                ),
            )
        };
        let count = |at: usize| field(at).parse::<usize>().map_err(|_| wrong(at));
        let number = |at: usize| match field(at) {
            "" => Ok(None),
            text => text.parse::<f64>().map(Some).map_err(|_| wrong(at)),
        };
        let enclosed = |at: usize| Ok([number(at)?, number(at + 1)?, number(at + 2)?]);
        Ok(SpectrumEntry {
            n: count(0)?,
            d: count(1)?,
            epsilon: number(2)?,
            replicate: u32::try_from(count(3)?).map_err(|_| wrong(3))?,
            sigma_max: enclosed(4)?,
            sigma_min: enclosed(7)?,
            kappa: enclosed(10)?,
            route: match field(13) {
                "" => None,
                name => Some(Route::parse(name).ok_or_else(|| wrong(13))?),
            },
            status: field(14).to_owned(),
        })
    }
}

impl Iterator for SpectrumReader {
    type Item = Result<SpectrumEntry, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => Some(self.entry()),
            Ok(false) => None,
            Err(error) => Some(Err(damaged(&self.path, &error.to_string()))),
        }
    }
}

fn damaged(path: &Path, what: &str) -> RecordError {
    RecordError::Damaged { path: path.to_path_buf(), what: format!("{what}; run the config again to rebuild it") }
}
