//! Rows and bytes of the tables that a run will write.

use super::total;
use crate::config::Config;
use crate::grid::{Cell, Share};
use crate::measure::TRIAL_KEY;
use crate::measure::table::Role;

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
        let rows = |cell: &Cell| table.rows_per_trial(cell, &config.settings) as u64;
        let per_replicate = total(cells.iter().map(|(cell, _)| rows(cell)));
        let schema = table.schema();
        let fields = (TRIAL_KEY.len() + schema.columns.len()) as u64;
        let measured = schema.columns.iter().filter(|column| column.role == Role::Result && column.unit != "name");
        summary_rows = per_replicate.saturating_mul(measured.count() as u64).saturating_add(summary_rows);
        let rows = total(cells.iter().map(|(cell, trials)| rows(cell).saturating_mul(*trials)));
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
