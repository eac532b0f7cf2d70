//! What the page takes from the folder's tables.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::pivot::{Measured, Pivot, Pivots, SummaryRow};
use crate::record::{COLUMNS_FILE, RecordError, SUMMARY_FILE, TableReader};

/// Rows of a table that is shown as it is.
const MOST_ROWS: usize = 1000;

/// columns.json: which tables the folder has, and what their columns mean.
#[derive(Debug)]
pub(super) struct Dictionary {
    tables: Vec<TableEntry>,
    meanings: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct TableEntry {
    file: String,
    columns: Vec<ColumnEntry>,
}

/// One column, as columns.json describes it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ColumnEntry {
    pub(super) name: String,
    role: String,
    pub(super) meaning: String,
}

impl ColumnEntry {
    pub(super) fn is_key(&self) -> bool {
        self.role == "key"
    }
}

impl Dictionary {
    /// That of the run in `dir`.
    pub(super) fn read(dir: &Path) -> Result<Self, RecordError> {
        let path = dir.join(COLUMNS_FILE);
        let text = std::fs::read(&path).map_err(RecordError::io("read", &path))?;
        let tables: Vec<TableEntry> = serde_json::from_slice(&text).map_err(|error| RecordError::Damaged {
            path,
            what: format!("not a dictionary of columns: {error}; run the config again to rebuild it"),
        })?;
        let columns = tables.iter().flat_map(|table| &table.columns);
        let meanings = columns.map(|column| (column.name.clone(), column.meaning.clone())).collect();
        Ok(Self { tables, meanings })
    }

    fn columns(&self, file: &str) -> &[ColumnEntry] {
        self.tables.iter().find(|entry| entry.file == file).map_or(&[], |entry| &entry.columns)
    }

    /// What a column means; empty if nobody says.
    pub(super) fn meaning(&self, column: &str) -> &str {
        self.meanings.get(column).map_or("", String::as_str)
    }
}

/// A table that is shown as it is.
#[derive(Debug)]
pub(super) struct Plain {
    pub(super) file: String,
    pub(super) columns: Vec<ColumnEntry>,
    pub(super) rows: Vec<Vec<String>>,
    /// Rows beyond those shown.
    pub(super) left_out: usize,
}

/// The first rows of the table in `file`. Columns that are empty in all of them are left out.
pub(super) fn plain(dir: &Path, file: &str, dictionary: &Dictionary) -> Result<Plain, RecordError> {
    let columns = dictionary.columns(file);
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut reader = TableReader::open(dir, stem(file), &names)?;
    let (mut rows, mut left_out) = (Vec::new(), 0);
    while let Some(row) = reader.next_row()? {
        if rows.len() == MOST_ROWS {
            left_out += 1;
        } else {
            rows.push((0..names.len()).map(|at| row.word(at).to_owned()).collect::<Vec<_>>());
        }
    }
    let kept: Vec<usize> = (0..names.len()).filter(|&at| rows.iter().any(|row| !row[at].is_empty())).collect();
    Ok(Plain {
        file: file.to_owned(),
        columns: kept.iter().map(|&at| columns[at].clone()).collect(),
        rows: rows.iter().map(|row| kept.iter().map(|&at| row[at].clone()).collect()).collect(),
        left_out,
    })
}

/// The name of a table, from that of its file.
fn stem(file: &str) -> &str {
    file.strip_suffix(".csv").unwrap_or(file)
}

/// Columns of summary.csv that the page shows, behind the keys.
const STATISTICS: [&str; 6] = ["count", "mean", "median", "sd", "ci_lo", "ci_hi"];

/// summary.csv, a table each.
pub(super) fn summary(dir: &Path, dictionary: &Dictionary) -> Result<Vec<Pivot>, RecordError> {
    let is_cell_key = |column: &&ColumnEntry| column.is_key() && column.name != "table" && column.name != "column";
    let keys: Vec<&str> =
        dictionary.columns(SUMMARY_FILE).iter().filter(is_cell_key).map(|column| column.name.as_str()).collect();
    let names: Vec<&str> = ["table", "column"].iter().chain(&STATISTICS).chain(&keys).copied().collect();
    let first_key = names.len() - keys.len();
    let mut reader = TableReader::open(dir, stem(SUMMARY_FILE), &names)?;
    let mut pivots = Pivots::default();
    while let Some(row) = reader.next_row()? {
        let key = keys.iter().enumerate().map(|(at, name)| ((*name).to_owned(), row.word(first_key + at).to_owned()));
        let interval = row.number(6)?.zip(row.number(7)?);
        pivots.add(SummaryRow {
            table: row.word(0).to_owned(),
            key: key.filter(|(_, value)| !value.is_empty()).collect(),
            column: row.word(1).to_owned(),
            measured: Measured {
                count: row.word(2).to_owned(),
                mean: row.number(3)?,
                median: row.number(4)?,
                sd: row.number(5)?,
                interval: interval.map(|(lo, hi)| [lo, hi]),
            },
        });
    }
    Ok(pivots.finish())
}
