//! What a run found, in a table that fits a terminal: the worst-conditioned cells, how the rows came about, where the
//! files are. Gathered from all rows of the spectrum table as it is written, so that a resumed run tells the whole story.

mod cells;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use super::figures::Drawing;
use super::{Exit, expectations};
use crate::record::{ExpectationRow, FileFact, Format, Manifest, table_of};
use cells::CellSummary;
pub(super) use cells::Cells;

/// What a finished run found.
#[derive(Debug)]
pub(super) struct Summary {
    folder: PathBuf,
    trials: usize,
    by_status: BTreeMap<String, u64>,
    by_route: BTreeMap<String, u64>,
    /// Tables with their rows.
    tables: Vec<(String, u64)>,
    cells: usize,
    worst: Vec<CellSummary>,
    expectations: Vec<ExpectationRow>,
    drawing: Drawing,
}

impl Summary {
    /// Of the finished run in `folder`, whose `cells` were seen while its tables were written, which were found to show
    /// `expectations` and whose figures became `drawing`.
    pub(super) fn new(
        folder: &Path,
        manifest: &Manifest,
        cells: Cells,
        expectations: Vec<ExpectationRow>,
        drawing: Drawing,
    ) -> Self {
        let (worst, cells) = cells.into_worst();
        Self {
            folder: folder.to_path_buf(),
            trials: manifest.trials.done,
            by_status: manifest.trials.by_status.clone().unwrap_or_default(),
            by_route: manifest.trials.by_route.clone().unwrap_or_default(),
            tables: tables(&manifest.files),
            cells,
            worst,
            expectations,
            drawing,
        }
    }

    /// Whether the rows are good, and then the figures: disagreement weighs more than failure.
    pub(super) fn exit(&self) -> Exit {
        let count = |status: &str| self.by_status.get(status).copied().unwrap_or(0);
        match (count("disagrees"), count("failed")) {
            (0, 0) => self.drawing.exit(),
            (0, _) => Exit::FailedRows,
            _ => Exit::Verification,
        }
    }

    pub(super) fn to_text(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        let with_epsilon = self.worst.iter().any(|cell| cell.epsilon.is_some());
        let mut header = vec!["n", "d"];
        header.extend(with_epsilon.then_some("epsilon"));
        header.extend(["trials", "unresolved", "smallest sigma_min", "largest kappa"]);
        table.set_header(&header);
        for cell in &self.worst {
            let mut row = vec![cell.n.to_string(), cell.d.to_string()];
            row.extend(with_epsilon.then(|| cell.epsilon.map_or(String::new(), |epsilon| format!("{epsilon:.3e}"))));
            row.extend([cell.trials.to_string(), cell.unresolved.to_string()]);
            row.push(cell.smallest_sigma_min.map_or_else(String::new, |sigma| format!("{sigma:.4e}")));
            row.push(cell.kappa_text());
            table.add_row(row);
        }
        for column in table.column_iter_mut() {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let shown = if self.worst.len() < self.cells {
            format!("the {} worst-conditioned of {} cells", self.worst.len(), self.cells)
        } else {
            "cells, worst-conditioned first".to_owned()
        };
        let width = self.tables.iter().map(|(name, _)| name.len()).fold(20, usize::max);
        let tables: Vec<String> =
            self.tables.iter().map(|(name, rows)| format!("  {name:<width$} {rows:>9} rows")).collect();
        let trials =
            format!("{} trials   status: {}   route: {}", self.trials, counts(&self.by_status), counts(&self.by_route));
        let mut lines = vec![shown, table.to_string(), trials];
        lines.extend(expectations::lines(&self.expectations));
        lines.extend([self.folder.display().to_string(), tables.join("\n"), self.drawing.to_text()]);
        lines.join("\n")
    }

    pub(super) fn to_json(&self) -> Value {
        let cells: Vec<Value> = self.worst.iter().map(CellSummary::to_json).collect();
        let tables: Vec<Value> = self.tables.iter().map(|(name, rows)| json!({ "name": name, "rows": rows })).collect();
        let drawing = self.drawing.to_json();
        json!({
            "folder": self.folder.display().to_string(),
            "trials": self.trials,
            "cells": self.cells,
            "by_status": self.by_status,
            "by_route": self.by_route,
            "worst_cells": cells,
            "tables": tables,
            "expectations": expectations::to_json(&self.expectations),
            "figures": drawing["figures"],
            "failed_figures": drawing["failed_figures"],
            "report": drawing["report"],
        })
    }
}

/// The tables among `files` with their rows; the parts of one, of which there may be thousands, as one.
fn tables(files: &[FileFact]) -> Vec<(String, u64)> {
    let mut tables: Vec<(String, u64)> = Vec::new();
    for (file, rows) in files.iter().filter_map(|file| Some((file, file.rows?))) {
        let name = match file.name.split_once('/').and_then(|_| table_of(&file.name)) {
            Some(table) => Format::Parquet.files_of(table),
            None => file.name.clone(),
        };
        match tables.last_mut() {
            Some((last, sum)) if *last == name => *sum += rows,
            _ => tables.push((name, rows)),
        }
    }
    tables
}

fn counts(by: &BTreeMap<String, u64>) -> String {
    by.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_table_are_told_as_one() {
        let file = |name: &str, rows| FileFact { name: name.to_owned(), bytes: 1, rows, sha256: String::new() };
        let files = [
            file("spectrum/00000.parquet", Some(7)),
            file("ridge/00000.parquet", Some(1 << 20)),
            file("ridge/00001.parquet", Some(3)),
            file("summary.csv", Some(5)),
            file("columns.json", None),
        ];
        let told = [("spectrum/*.parquet", 7), ("ridge/*.parquet", (1 << 20) + 3), ("summary.csv", 5)];
        assert_eq!(tables(&files), told.map(|(name, rows)| (name.to_owned(), rows)));
    }
}
