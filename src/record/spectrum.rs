//! Reading the spectrum table back: the table with one row per trial, for summaries and for verification.

use std::path::Path;

use super::error::RecordError;
use super::table_reader::{TableReader, TableRow};
use crate::engine::Route;
use crate::measure::TableId;

/// What one row of the spectrum table says.
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

/// The rows of the spectrum table in their order, one at a time.
#[derive(Debug)]
pub struct SpectrumReader(TableReader);

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
    /// Opens the spectrum table in the run folder `dir`.
    ///
    /// # Errors
    /// [`RecordError::Io`], or [`RecordError::Damaged`] where a column is missing.
    pub fn open(dir: &Path) -> Result<Self, RecordError> {
        TableReader::open(dir, TableId::Spectrum.name(), &COLUMNS).map(Self)
    }
}

impl Iterator for SpectrumReader {
    type Item = Result<SpectrumEntry, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_row().and_then(|row| row.as_ref().map(entry).transpose()).transpose()
    }
}

/// The row's fields, in the order of [`COLUMNS`].
fn entry(row: &TableRow<'_>) -> Result<SpectrumEntry, RecordError> {
    let count = |at: usize| row.word(at).parse::<usize>().map_err(|_| row.damaged(at, "number"));
    let enclosed = |at: usize| Ok([row.number(at)?, row.number(at + 1)?, row.number(at + 2)?]);
    Ok(SpectrumEntry {
        n: count(0)?,
        d: count(1)?,
        epsilon: row.number(2)?,
        replicate: u32::try_from(count(3)?).map_err(|_| row.damaged(3, "number"))?,
        sigma_max: enclosed(4)?,
        sigma_min: enclosed(7)?,
        kappa: enclosed(10)?,
        route: match row.word(13) {
            "" => None,
            name => Some(Route::parse(name).ok_or_else(|| row.damaged(13, "route"))?),
        },
        status: row.word(14).to_owned(),
    })
}
