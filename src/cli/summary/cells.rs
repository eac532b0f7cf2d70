//! The worst-conditioned cells of a run, from the rows of its spectrum table.

use serde_json::{Value, json};

use crate::record::SpectrumEntry;

/// Cells that are worth showing.
const MOST_CELLS: usize = 8;

/// All replicates of one cell together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CellSummary {
    pub(super) n: usize,
    pub(super) d: usize,
    pub(super) epsilon: Option<f64>,
    pub(super) trials: usize,
    pub(super) unresolved: usize,
    failed: usize,
    /// Largest certified kappa or, where that is larger, lower bound of one that is not; nothing where all trials failed.
    worst_kappa: Option<f64>,
    pub(super) smallest_sigma_min: Option<f64>,
}

/// What the rows of the spectrum table, seen in key order, say of the cells.
#[derive(Debug, Default)]
pub(in crate::cli) struct Cells {
    count: usize,
    /// The worst of those that ended.
    worst: Vec<CellSummary>,
    current: Option<CellSummary>,
}

impl Cells {
    /// Sees the next row.
    pub(in crate::cli) fn add(&mut self, entry: &SpectrumEntry) {
        match &mut self.current {
            Some(cell) if cell.has(entry) => cell.add(entry),
            _ => {
                self.count += 1;
                keep_worst(&mut self.worst, self.current.replace(CellSummary::new(entry)));
            }
        }
    }

    /// The worst cells, worst first, and how many there are in all.
    pub(super) fn into_worst(mut self) -> (Vec<CellSummary>, usize) {
        keep_worst(&mut self.worst, self.current);
        (self.worst, self.count)
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
    pub(super) fn kappa_text(&self) -> String {
        let at_least = if self.unresolved + self.failed > 0 { ">= " } else { "" };
        self.worst_kappa.map_or_else(|| "failed".to_owned(), |kappa| format!("{at_least}{kappa:.4e}"))
    }

    pub(super) fn to_json(&self) -> Value {
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
