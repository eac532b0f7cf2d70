//! What a run found, in a table that fits a terminal: the worst-conditioned cells, how the rows came about, where the
//! files are. Gathered from all rows of the spectrum table as it is written, so that a resumed run tells the whole story.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use super::figures::Drawing;
use super::{Exit, expectations};
use crate::record::{ExpectationRow, FileFact, Format, Manifest, SpectrumEntry, table_of};

/// Cells that are worth showing.
const MOST_CELLS: usize = 8;

/// All replicates of one cell together.
#[derive(Debug, Clone, PartialEq)]
struct CellSummary {
    n: usize,
    d: usize,
    epsilon: Option<f64>,
    trials: usize,
    unresolved: usize,
    failed: usize,
    /// Largest certified kappa or, where that is larger, lower bound of one that is not; nothing where all trials failed.
    worst_kappa: Option<f64>,
    smallest_sigma_min: Option<f64>,
}

/// What the rows of the spectrum table, seen in key order, say of the cells.
#[derive(Debug, Default)]
pub(super) struct Cells {
    count: usize,
    /// The worst of those that ended.
    worst: Vec<CellSummary>,
    current: Option<CellSummary>,
}

impl Cells {
    /// Sees the next row.
    pub(super) fn add(&mut self, entry: &SpectrumEntry) {
        match &mut self.current {
            Some(cell) if cell.has(entry) => cell.add(entry),
            _ => {
                self.count += 1;
                keep_worst(&mut self.worst, self.current.replace(CellSummary::new(entry)));
            }
        }
    }
}

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
        mut cells: Cells,
        expectations: Vec<ExpectationRow>,
        drawing: Drawing,
    ) -> Self {
        keep_worst(&mut cells.worst, cells.current);
        Self {
            folder: folder.to_path_buf(),
            trials: manifest.trials.done,
            by_status: manifest.trials.by_status.clone().unwrap_or_default(),
            by_route: manifest.trials.by_route.clone().unwrap_or_default(),
            tables: tables(&manifest.files),
            cells: cells.count,
            worst: cells.worst,
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

impl CellSummary {
    fn new(entry: &SpectrumEntry) -> Self {
        let SpectrumEntry { n, d, epsilon, .. } = *entry;
        let mut cell =
            Self { n, d, epsilon, trials: 0, unresolved: 0, failed: 0, worst_kappa: None, smallest_sigma_min: None };
        cell.add(entry);
        cell
    }

    fn has(&self, entry: &SpectrumEntry) -> bool {
        (self.n, self.d, self.epsilon) == (entry.n, entry.d, entry.epsilon)
    }

    fn add(&mut self, entry: &SpectrumEntry) {
        self.trials += 1;
        let [kappa, kappa_lo, _] = entry.kappa;
        self.unresolved += usize::from(entry.status == "unresolved");
        self.failed += usize::from(entry.status == "failed");
        if let Some(kappa) = kappa.or(kappa_lo) {
            self.worst_kappa = Some(self.worst_kappa.map_or(kappa, |worst| worst.max(kappa)));
        }
        if let [Some(sigma), ..] = entry.sigma_min {
            self.smallest_sigma_min = Some(self.smallest_sigma_min.map_or(sigma, |least| least.min(sigma)));
        }
    }

    /// A kappa that is only bounded from below is shown as a bound.
    fn kappa_text(&self) -> String {
        let at_least = if self.unresolved + self.failed > 0 { ">= " } else { "" };
        self.worst_kappa.map_or_else(|| "failed".to_owned(), |kappa| format!("{at_least}{kappa:.4e}"))
    }

    fn to_json(&self) -> Value {
        json!({
            "n": self.n,
            "d": self.d,
            "epsilon": self.epsilon,
            "trials": self.trials,
            "unresolved": self.unresolved,
            "failed": self.failed,
            "smallest_sigma_min": self.smallest_sigma_min,
            "largest_kappa": self.worst_kappa,
        })
    }

    /// Orders cells by how badly conditioned they are.
    fn badness(&self) -> (bool, f64) {
        (self.unresolved + self.failed > 0, self.worst_kappa.unwrap_or(f64::INFINITY))
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

/// Puts `cell` in its place among the worst, which stay at most [`MOST_CELLS`].
fn keep_worst(worst: &mut Vec<CellSummary>, cell: Option<CellSummary>) {
    let Some(cell) = cell else { return };
    let (uncertain, kappa) = cell.badness();
    let place = worst.partition_point(|other| {
        let (other_uncertain, other_kappa) = other.badness();
        (other_uncertain, other_kappa.total_cmp(&kappa)) >= (uncertain, std::cmp::Ordering::Equal)
    });
    worst.insert(place, cell);
    worst.truncate(MOST_CELLS);
}

fn counts(by: &BTreeMap<String, u64>) -> String {
    by.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(n: usize, unresolved: usize, worst_kappa: f64) -> CellSummary {
        CellSummary {
            n,
            d: 2,
            epsilon: None,
            trials: 3,
            unresolved,
            failed: 0,
            worst_kappa: Some(worst_kappa),
            smallest_sigma_min: Some(0.1),
        }
    }

    #[test]
    fn the_worst_cells_are_kept_in_order() {
        let mut worst = Vec::new();
        for (n, kappa) in [5.0, 3.0, 9.0, 1.0, 7.0, 2.0, 8.0, 4.0, 6.0, 10.0].into_iter().enumerate() {
            keep_worst(&mut worst, Some(cell(n, 0, kappa)));
        }
        keep_worst(&mut worst, Some(cell(99, 1, 0.5)));
        let kappas: Vec<f64> = worst.iter().filter_map(|cell| cell.worst_kappa).collect();
        assert_eq!(kappas, [0.5, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0]);
    }

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

    #[test]
    fn a_bound_is_shown_as_a_bound() {
        assert_eq!(cell(1, 0, 12.0).kappa_text(), "1.2000e1");
        assert_eq!(cell(1, 2, 12.0).kappa_text(), ">= 1.2000e1");
    }

    #[test]
    fn a_cell_that_failed_has_no_kappa_and_is_not_called_unresolved() {
        let entry = SpectrumEntry {
            n: 600,
            d: 600,
            epsilon: None,
            replicate: 0,
            sigma_max: [None; 3],
            sigma_min: [None; 3],
            kappa: [None; 3],
            route: Some(crate::engine::Route::CpuF64),
            status: "failed".to_owned(),
        };
        let failed = CellSummary::new(&entry);
        assert_eq!((failed.unresolved, failed.failed, failed.kappa_text().as_str()), (0, 1, "failed"));
        let mut worst = vec![cell(1, 0, 1e300)];
        keep_worst(&mut worst, Some(failed));
        assert_eq!(worst[0].n, 600, "it comes first");
    }
}
