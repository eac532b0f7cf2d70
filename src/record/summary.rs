//! summary.csv: what the replicates of a cell say together.
//!
//! One row per table, cell, inner key and numeric result column, in the order of the tables, of their rows and of
//! their columns. Read back from the finished tables: what is summarised is what a reader sees. Memory: one cell.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use csv::ByteRecord;

use super::atomic::{AtomicFile, FileFact};
use super::error::RecordError;
use super::rows::push_float;
use super::statistics::{Quantiles, statistics};
use super::tables::file_name;
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Column, Role, Schema};

/// Name of the summary inside the run folder.
pub const SUMMARY_FILE: &str = "summary.csv";

/// Key columns inside a trial that every summary has, so that its columns do not depend on the tables asked for. A
/// table with further keys adds them behind.
const INNER_KEYS: [&str; 10] =
    ["lambda", "delta", "alpha", "solver", "what", "arithmetic", "vector", "start", "iteration", "index"];

/// The cell is the trial's key without the replicate, which comes last.
const CELL_KEYS: usize = TRIAL_KEY.len() - 1;

const fn result(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    Column { name, role: Role::Result, unit, meaning }
}

/// The columns behind the keys.
const STATISTICS: [Column; 8] = [
    result("count", "1", "Finite values; the statistics are over these."),
    result("missing", "1", "Empty fields: not computed, or not defined here."),
    result("nonfinite", "1", "NaN, inf and -inf: counted here, left out of the statistics."),
    result("mean", "as the column", "Arithmetic mean."),
    result("median", "as the column", "Middle value, or the mean of the two middle ones."),
    result("sd", "as the column", "Sample standard deviation, divisor count - 1; empty below two values."),
    result("ci_lo", "as the column", "Lower end of the 95 % Student interval for the mean, mean - t sd / sqrt(count)."),
    result("ci_hi", "as the column", "Upper end of that interval."),
];

/// The columns of summary.csv for these tables.
pub fn summary_columns(schemas: &[Schema]) -> Vec<Column> {
    let table = Column { name: "table", role: Role::Key, unit: "name", meaning: "The table that is summarised." };
    let column = Column { name: "column", role: Role::Key, unit: "name", meaning: "The column that is summarised." };
    let inner = inner_keys(schemas).into_iter().map(|name| {
        // Described by the table that has it; the others leave it empty.
        schemas.iter().flat_map(|schema| schema.columns).find(|column| column.name == name).copied().unwrap_or(Column {
            name,
            role: Role::Key,
            unit: "1",
            meaning: "Key of a table that this run does not have: empty.",
        })
    });
    let mut columns = vec![table];
    columns.extend(&TRIAL_KEY[..CELL_KEYS]);
    columns.extend(inner);
    columns.push(column);
    columns.extend(STATISTICS);
    columns
}

fn inner_keys(schemas: &[Schema]) -> Vec<&'static str> {
    let mut keys = INNER_KEYS.to_vec();
    for column in schemas.iter().flat_map(|schema| schema.columns) {
        if column.role == Role::Key && !keys.contains(&column.name) {
            keys.push(column.name);
        }
    }
    keys
}

/// Summarises the tables in `dir` into `dir/summary.csv`.
///
/// # Errors
/// [`RecordError::Io`]; [`RecordError::Damaged`] if a table is not as [`super::write_tables`] left it.
pub fn write_summary(dir: &Path, schemas: &[Schema]) -> Result<FileFact, RecordError> {
    let target = dir.join(SUMMARY_FILE);
    let mut out = Output {
        csv: csv::Writer::from_writer(AtomicFile::create(dir, SUMMARY_FILE)?),
        quantiles: Quantiles::default(),
        rows: 0,
    };
    let written = |error: csv::Error| csv_error("write", &target, error);
    out.csv.write_record(summary_columns(schemas).iter().map(|column| column.name)).map_err(written)?;
    let inner = inner_keys(schemas);
    for schema in schemas {
        let path = dir.join(file_name(schema));
        let file = std::fs::File::open(&path).map_err(RecordError::io("read", &path))?;
        let layout = Layout::new(schema, &inner);
        summarise(file, &layout, &mut |cell| out.cell(schema, &layout, cell).map_err(written))
            .map_err(|error| error.into_record_error(&path))?;
    }
    let Output { csv, rows, .. } = out;
    let file = csv.into_inner().map_err(|error| RecordError::io("write", &target)(error.into_error()))?;
    file.publish(Some(rows))
}

/// Which fields of a table's record are what.
struct Layout {
    fields: usize,
    /// Fields of the table's own keys, each with its place among the inner keys.
    keys: Vec<(usize, usize)>,
    /// Numeric result columns.
    results: Vec<(usize, &'static str)>,
    inner_keys: usize,
}

impl Layout {
    fn new(schema: &Schema, inner: &[&str]) -> Self {
        let columns = || (TRIAL_KEY.len()..).zip(schema.columns);
        let keys = columns()
            .filter(|(_, column)| column.role == Role::Key)
            .filter_map(|(field, column)| Some((field, inner.iter().position(|name| *name == column.name)?)))
            .collect();
        let results = columns()
            .filter(|(_, column)| column.role == Role::Result && column.unit != "name")
            .map(|(field, column)| (field, column.name))
            .collect();
        Self { fields: TRIAL_KEY.len() + schema.columns.len(), keys, results, inner_keys: inner.len() }
    }
}

/// The values of one column for one inner key, over the replicates.
#[derive(Clone, Default)]
struct Sample {
    finite: Vec<f64>,
    missing: u64,
    nonfinite: u64,
}

/// The rows of one cell, gathered by inner key in the order of their first appearance.
#[derive(Default)]
struct Cell {
    key: Vec<Vec<u8>>,
    groups: Vec<(Vec<Vec<u8>>, Vec<Sample>)>,
    by_key: HashMap<Vec<u8>, usize>,
}

/// Why a table could not be summarised.
enum Failure {
    Record(RecordError),
    Csv(csv::Error),
    Field { line: u64, column: &'static str, text: String },
}

impl Failure {
    fn into_record_error(self, path: &Path) -> RecordError {
        match self {
            Self::Record(error) => error,
            Self::Csv(error) => csv_error("read", path, error),
            Self::Field { line, column, text } => RecordError::Damaged {
                path: path.to_path_buf(),
                what: format!("line {line}: {column} = {text} is no number\n  run again: the tables are rebuilt"),
            },
        }
    }
}

/// Streams one table and hands over each cell when its rows end.
fn summarise(
    input: impl Read,
    layout: &Layout,
    finish: &mut impl FnMut(&mut Cell) -> Result<(), RecordError>,
) -> Result<(), Failure> {
    let mut reader = csv::Reader::from_reader(input);
    let mut record = ByteRecord::new();
    let mut cell = Cell::default();
    while reader.read_byte_record(&mut record).map_err(Failure::Csv)? {
        if record.len() != layout.fields {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(Failure::Field { line, column: "number of fields", text: record.len().to_string() });
        }
        if !cell.key.iter().map(Vec::as_slice).eq(record.iter().take(CELL_KEYS)) {
            if !cell.key.is_empty() {
                finish(&mut cell).map_err(Failure::Record)?;
            }
            cell = Cell { key: record.iter().take(CELL_KEYS).map(<[u8]>::to_vec).collect(), ..Cell::default() };
        }
        cell.add(&record, layout)?;
    }
    if cell.key.is_empty() { Ok(()) } else { finish(&mut cell).map_err(Failure::Record) }
}

impl Cell {
    fn add(&mut self, record: &ByteRecord, layout: &Layout) -> Result<(), Failure> {
        let mut key = Vec::with_capacity(32);
        for (field, _) in &layout.keys {
            key.extend_from_slice(&record[*field]);
            key.push(0x1F);
        }
        let group = if let Some(group) = self.by_key.get(&key) {
            *group
        } else {
            let mut inner = vec![Vec::new(); layout.inner_keys];
            for (field, place) in &layout.keys {
                inner[*place] = record[*field].to_vec();
            }
            self.groups.push((inner, vec![Sample::default(); layout.results.len()]));
            self.by_key.insert(key, self.groups.len() - 1);
            self.groups.len() - 1
        };
        for ((field, column), sample) in layout.results.iter().zip(&mut self.groups[group].1) {
            let text = &record[*field];
            if text.is_empty() {
                sample.missing += 1;
                continue;
            }
            match std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()) {
                Some(value) if value.is_finite() => sample.finite.push(value),
                Some(_) => sample.nonfinite += 1,
                None => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let text = String::from_utf8_lossy(text).into_owned();
                    return Err(Failure::Field { line, column, text });
                }
            }
        }
        Ok(())
    }
}

/// The summary being written.
struct Output {
    csv: csv::Writer<AtomicFile>,
    quantiles: Quantiles,
    rows: u64,
}

impl Output {
    fn cell(&mut self, schema: &Schema, layout: &Layout, cell: &mut Cell) -> Result<(), csv::Error> {
        for (inner, samples) in &mut cell.groups {
            for ((_, column), sample) in layout.results.iter().zip(samples) {
                let of = statistics(&mut sample.finite, &mut self.quantiles);
                let (lo, hi) = of.interval.unzip();
                self.csv.write_field(schema.name)?;
                for field in cell.key.iter().chain(&*inner) {
                    self.csv.write_field(field)?;
                }
                self.csv.write_field(column)?;
                for count in [sample.finite.len() as u64, sample.missing, sample.nonfinite] {
                    self.csv.write_field(count.to_string())?;
                }
                for value in [of.mean, of.median, of.sd, lo, hi] {
                    let mut field = Vec::new();
                    if let Some(value) = value {
                        push_float(&mut field, value);
                    }
                    self.csv.write_field(field)?;
                }
                self.csv.write_record(None::<&[u8]>)?;
                self.rows += 1;
            }
        }
        Ok(())
    }
}

/// An error of the csv crate: either the operating system's, or the file is not what was written.
fn csv_error(action: &'static str, path: &Path, error: csv::Error) -> RecordError {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => RecordError::Io { action, path: path.to_path_buf(), source },
        other => RecordError::Damaged {
            path: path.to_path_buf(),
            what: format!("not the table that was written ({other:?})\n  run again: the tables are rebuilt"),
        },
    }
}

/// How often each word occurs in a column of a finished table, empty fields left out; `None` if the table has no such column.
///
/// # Errors
/// As [`write_summary`].
pub(crate) fn tally(
    dir: &Path,
    schema: &Schema,
    column: &str,
) -> Result<Option<std::collections::BTreeMap<String, u64>>, RecordError> {
    let Some(field) = schema.columns.iter().position(|candidate| candidate.name == column) else { return Ok(None) };
    let path = dir.join(file_name(schema));
    let failed = |error| csv_error("read", &path, error);
    let file = std::fs::File::open(&path).map_err(RecordError::io("read", &path))?;
    let mut reader = csv::Reader::from_reader(file);
    let mut record = ByteRecord::new();
    let mut counts = std::collections::BTreeMap::new();
    while reader.read_byte_record(&mut record).map_err(failed)? {
        let word = String::from_utf8_lossy(record.get(TRIAL_KEY.len() + field).unwrap_or_default()).into_owned();
        if !word.is_empty() {
            *counts.entry(word).or_insert(0) += 1;
        }
    }
    Ok(Some(counts))
}
