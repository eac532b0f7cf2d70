//! Rows and bytes of the tables that a run will write.

use super::total;
use crate::config::Config;
use crate::grid::{Cell, Share};
use crate::measure::table::Role;
use crate::measure::{Settings, Solver, TRIAL_KEY, TableId};

/// Bytes of a field of a CSV table: a shortest round-trip f64 has 15 to 24 characters, counts and names fewer.
const FIELD_BYTES: u64 = 16;

/// The name of the table over replicates.
pub(super) const SUMMARY: &str = "summary";

/// One table that will be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TablePlan {
    /// File name without `.csv`.
    pub name: &'static str,
    /// Rows, the header not counted.
    pub rows: u64,
    /// Estimated bytes of the CSV file. The journal holds the same rows (all tables but the summary) a second time.
    pub bytes: u64,
}

/// The tables of `share`, a share of the run of `config`, of which `cells` have trials: the cells with how many.
pub(super) fn tables(config: &Config, share: &Share, cells: &[(&Cell, u64)]) -> Vec<TablePlan> {
    let mut summary_rows = 0_u64;
    let mut plans = Vec::new();
    for &table in &config.tables {
        let per_replicate = total(cells.iter().map(|(cell, _)| rows(table, cell, &config.settings)));
        let schema = table.schema();
        let fields = (TRIAL_KEY.len() + schema.columns.len()) as u64;
        let measured = schema.columns.iter().filter(|column| column.role == Role::Result && column.unit != "name");
        summary_rows = per_replicate.saturating_mul(measured.count() as u64).saturating_add(summary_rows);
        let rows =
            total(cells.iter().map(|(cell, trials)| rows(table, cell, &config.settings).saturating_mul(*trials)));
        plans.push(TablePlan { name: table.name(), rows, bytes: rows.saturating_mul(fields * FIELD_BYTES) });
    }
    if share.shard().is_some() {
        return plans;
    }
    // cell key, table, inner key, column, count and five statistics
    let bytes = summary_rows.saturating_mul(12 * FIELD_BYTES);
    plans.push(TablePlan { name: SUMMARY, rows: summary_rows, bytes });
    plans
}

/// Rows of `table` for one trial of `cell`.
fn rows(table: TableId, cell: &Cell, settings: &Settings) -> u64 {
    let rows = match table {
        TableId::Spectrum | TableId::LeftNull => 1,
        TableId::Sigmas => cell.n.min(cell.d),
        TableId::Ridge => cell.lambda.len(),
        TableId::Perturbation => {
            let methods: usize = settings
                .solvers
                .iter()
                .map(|&solver| if solver == Solver::Ridge { cell.lambda.len() } else { 1 })
                .sum();
            let changes = cell.delta.iter().filter(|&&delta| delta > 0.0).count() * settings.perturbed.len();
            let rounding = if cell.delta.contains(&0.0) { settings.arithmetic.len() } else { 0 };
            methods * (rounding + changes)
        }
        // A step along a true null vector and one along the last vector of the thin SVD.
        TableId::NullSpace => 2 * cell.alpha.len(),
        // From zero and from a random start.
        TableId::Descent => 2 * settings.iterations.len(),
        // f32, df32, f64 and f64-gram.
        TableId::Arithmetic => 4,
        TableId::Selection => settings.selection.rows(cell),
    };
    rows as u64
}
