//! What a run, or a shard of one, would do, without doing it: shapes, trials, rows, bytes, operations.

mod text;

pub(crate) use text::bytes_text;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::Config;
use crate::engine::cpu::CpuEngine;
use crate::expectation::{ExpectSpec, Measure};
use crate::figure::spec::{FigureKind, FigureSpec};
use crate::grid::{Cell, Shard, Share};
use crate::measure::table::Role;
use crate::measure::{TRIAL_KEY, TableId};
use crate::run::{Budget, count_chunks};

/// Bytes of a field of a CSV table: a shortest round-trip f64 has 15 to 24 characters, counts and names fewer.
const FIELD_BYTES: u64 = 16;
/// Jacobi sweeps of a typical well-scaled matrix (measured: 6 to 9); ill-conditioned ones take a few more.
const TYPICAL_SWEEPS: f64 = 8.0;

/// Totals of a run and where they come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The config's name.
    pub name: String,
    /// Which shard of the run this is the plan of; `None` for all of it.
    pub shard: Option<Shard>,
    /// The design's kind.
    pub design: &'static str,
    /// By (n, d), ascending.
    pub shapes: Vec<ShapePlan>,
    /// In the order of [`TableId::ALL`], then summary. A shard has their rows in its journal, and no summary.
    pub tables: Vec<TablePlan>,
    /// Combinations of n, d and epsilon that have trials.
    pub cells: u64,
    /// Matrices: cells times replicates, or the shard's part of them.
    pub trials: u64,
    /// Trials that nalgebra recomputes, rounded to the nearest.
    pub verified: u64,
    /// Chunks of the CPU engine on all threads of this machine; a GPU's depend on its limits.
    pub chunks: u64,
    /// Floating-point operations that the iterations of table `selection` take at most; `None` without that table.
    pub selection_flops: Option<f64>,
    /// Figures that will be drawn, in the order of the config; none for a shard.
    pub figures: Vec<FigurePlan>,
    /// What is measured for each expectation, as `ID: STATISTIC of VALUE, from TABLE.csv`; none for a shard.
    pub expectations: Vec<String>,
}

/// All trials of one shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapePlan {
    /// Rows of X.
    pub n: usize,
    /// Columns of X.
    pub d: usize,
    /// Cells of this shape: one for each epsilon.
    pub cells: u64,
    /// Matrices of this shape.
    pub trials: u64,
    /// Bytes of one matrix in f64.
    pub matrix_bytes: u64,
    /// Floating-point operations per matrix, see [`flops`].
    pub flops: f64,
}

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

/// One figure that will be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigurePlan {
    /// Stem of its files' names.
    pub id: String,
    /// The table that it shows.
    pub table: String,
    /// What of it: `kappa over epsilon`.
    pub shown: String,
}

impl FigurePlan {
    fn of(spec: &FigureSpec) -> Self {
        let shown = match (spec.kind, &spec.value) {
            (FigureKind::Ecdf | FigureKind::Histogram, _) => format!("distribution of {}", spec.x),
            (_, Some(value)) => format!("{value} over {} and {}", spec.x, spec.y.join(", ")),
            (_, None) => format!("{} over {}", spec.y.join(", "), spec.x),
        };
        Self { id: spec.id.clone(), table: spec.table.clone(), shown }
    }

    fn to_json(&self) -> Value {
        json!({ "id": self.id, "table": self.table, "shown": self.shown })
    }
}

impl Plan {
    /// The plan of `share`, a share of the run of `config`.
    pub fn new(config: &Config, share: &Share) -> Self {
        let cells: Vec<(&Cell, u64)> =
            config.grid.cells.iter().zip(share.by_cell(&config.grid)).filter(|(_, trials)| *trials > 0).collect();
        let mut shapes: BTreeMap<(usize, usize), (u64, u64)> = BTreeMap::new();
        for (cell, trials) in &cells {
            let shape = shapes.entry((cell.n, cell.d)).or_default();
            *shape = (shape.0 + 1, shape.1 + trials);
        }
        let shape = |((n, d), (cells, trials))| ShapePlan {
            n,
            d,
            cells,
            trials,
            matrix_bytes: matrix_bytes(n, d),
            flops: flops(n, d),
        };
        let trials = share.count() as u64;
        let budget = Budget::of(&CpuEngine, None);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count below 2^53")]
        let verified = (trials as f64 * config.verify.fraction).round() as u64;
        Self {
            name: config.name.clone(),
            shard: share.shard(),
            design: config.design.name(),
            shapes: shapes.into_iter().map(shape).collect(),
            tables: tables(config, share, &cells),
            cells: cells.len() as u64,
            trials,
            verified,
            chunks: count_chunks(config, cells.iter().copied(), budget),
            selection_flops: config.tables.contains(&TableId::Selection).then(|| {
                let of_cell =
                    |(cell, trials): &(&Cell, u64)| *trials as f64 * config.settings.selection.flops_at_most(cell);
                cells.iter().map(of_cell).sum()
            }),
            figures: match share.shard() {
                Some(_) => Vec::new(),
                None => config.figures.iter().map(FigurePlan::of).collect(),
            },
            expectations: match share.shard() {
                Some(_) => Vec::new(),
                None => config.expectations.iter().map(expectation).collect(),
            },
        }
    }

    /// Bytes of the largest matrix.
    pub fn largest_matrix_bytes(&self) -> u64 {
        self.shapes.iter().map(|shape| shape.matrix_bytes).max().unwrap_or(0)
    }

    /// Bytes of all matrices; no more than two chunks of them exist at any time.
    pub fn matrix_bytes(&self) -> u128 {
        self.shapes.iter().map(|shape| u128::from(shape.trials) * u128::from(shape.matrix_bytes)).sum()
    }

    /// Floating-point operations of all trials, see [`flops`].
    pub fn flops(&self) -> f64 {
        self.shapes.iter().map(|shape| shape.trials as f64 * shape.flops).sum()
    }

    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        total(self.tables.iter().map(|table| table.rows))
    }

    /// Rows that the journal holds: of all tables but the summary.
    pub fn journal_rows(&self) -> u64 {
        total(self.tables.iter().filter(|table| table.name != SUMMARY).map(|table| table.rows))
    }

    /// Estimated bytes on disk while the run lasts: every table, and the journal beside them; for a shard the journal.
    pub fn disk_bytes(&self) -> u64 {
        self.disk_bytes_after(0)
    }

    /// The same for a run of which `done` trials are in the journal already.
    pub fn disk_bytes_after(&self, done: u64) -> u64 {
        let journal = total(self.tables.iter().filter(|table| table.name != SUMMARY).map(|table| table.bytes));
        let left = u128::from(self.trials.saturating_sub(done));
        let journal = u64::try_from(u128::from(journal) * left / u128::from(self.trials.max(1))).unwrap_or(u64::MAX);
        match self.shard {
            Some(_) => journal,
            None => journal.saturating_add(total(self.tables.iter().map(|table| table.bytes))),
        }
    }

    /// For programs: the same numbers, bytes as integers.
    pub fn to_json(&self) -> Value {
        let shape = |shape: &ShapePlan| {
            json!({
                "n": shape.n, "d": shape.d, "cells": shape.cells, "trials": shape.trials,
                "matrix_bytes": shape.matrix_bytes, "flops_per_matrix": shape.flops,
            })
        };
        let table = |table: &TablePlan| json!({ "name": table.name, "rows": table.rows, "bytes": table.bytes });
        let mut plan = json!({
            "name": self.name,
            "shard": self.shard.map(|shard| shard.to_string()),
            "design": self.design,
            "cells": self.cells,
            "trials": self.trials,
            "verified": self.verified,
            "rows": self.rows(),
            // Up to 2^64 shapes times bytes: beyond 2^53 a JSON reader would round anyway.
            "matrix_bytes": self.matrix_bytes() as f64,
            "largest_matrix_bytes": self.largest_matrix_bytes(),
            "disk_bytes": self.disk_bytes(),
            "chunks": self.chunks,
            "flops": self.flops(),
            "figures": self.figures.iter().map(FigurePlan::to_json).collect::<Vec<_>>(),
            "expectations": self.expectations,
            "shapes": self.shapes.iter().map(shape).collect::<Vec<_>>(),
            "tables": self.tables.iter().map(table).collect::<Vec<_>>(),
        });
        if let Some(flops) = self.selection_flops {
            plan["selection_flops_at_most"] = json!(flops);
        }
        plan
    }
}

/// The name of the table over replicates.
const SUMMARY: &str = "summary";

/// The sum, or the largest number: what a config may ask for has no bound that u64 holds, and is too much either way.
fn total(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

fn matrix_bytes(n: usize, d: usize) -> u64 {
    n as u64 * d as u64 * size_of::<f64>() as u64
}

/// Floating-point operations of one n x d trial in one working precision, with p = max(n, d) and q = min(n, d):
/// Householder QR 2 q^2 (p - q/3); [`TYPICAL_SWEEPS`] Jacobi sweeps of q (q - 1) / 2 pairs, each a dot product (2 q)
/// and a rotation of two columns of the factor and of V (6 q each); the certificate's A V, N'N and V'V
/// (2 p q^2 + p q^2 + q^3).
pub fn flops(n: usize, d: usize) -> f64 {
    let (p, q) = (n.max(d) as f64, n.min(d) as f64);
    let qr = 2.0 * q * q * (p - q / 3.0);
    let jacobi = TYPICAL_SWEEPS * q * (q - 1.0) / 2.0 * 14.0 * q;
    let certificate = 3.0 * p * q * q + q * q * q;
    qr + jacobi + certificate
}

fn tables(config: &Config, share: &Share, cells: &[(&Cell, u64)]) -> Vec<TablePlan> {
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

fn expectation(spec: &ExpectSpec) -> String {
    let over = match &spec.measure {
        Measure::Of(_) => String::new(),
        Measure::SlopeOver(x) => format!(" over {}", x.text),
    };
    format!("{}: {} of {}{over}, from {}.csv", spec.id, spec.measure.name(), spec.value.text, spec.table)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::grid::Grid;

    /// All of a run.
    pub(super) fn whole(grid: &Grid) -> Share {
        Share::whole(grid.trial_count())
    }

    pub(super) fn config(text: &str) -> Config {
        Config::parse(text, Path::new("a.toml"), &[]).unwrap()
    }

    pub(super) const ALL: &str = "
        tables = [\"spectrum\", \"sigmas\", \"ridge\", \"perturbation\", \"null_space\", \"left_null\", \"descent\",
                  \"arithmetic\"]
        [design]
        kind = \"collinear\"
        replicates = 3
        [grid]
        n = [4, 8]
        d = 5
        epsilon = [1e-3, 1e-1]
        lambda = [0, 0.1, 1]
        delta = [0, 1e-8]
        alpha = [5, 10]
        [descent]
        iterations = [1, 10]
        ";

    #[test]
    fn rows_are_counted_as_the_tables_write_them() {
        let config = config(ALL);
        let plan = Plan::new(&config, &whole(&config.grid));
        assert_eq!((plan.cells, plan.trials), (4, 12));
        let rows: Vec<_> = plan.tables[..8].iter().map(|table| (table.name, table.rows)).collect();
        // min(n, d) is 4 or 5; six methods (three solvers, ridge three times) without a change, then of y and of X.
        assert_eq!(
            rows,
            [
                ("spectrum", 12),
                ("sigmas", 6 * 4 + 6 * 5),
                ("ridge", 36),
                ("perturbation", 12 * 6 * 3),
                ("null_space", 48),
                ("left_null", 12),
                ("descent", 48),
                ("arithmetic", 48),
            ]
        );
    }

    #[test]
    fn iterations_are_counted_to_their_last_step_and_only_where_they_are_asked_for() {
        let text = |selection: &str| {
            format!(
                "tables = [\"selection\"]\n[design]\nkind = \"gaussian\"\nreplicates = 3\n[grid]\nn = 4\nd = 10\n\
                 lambda = [0, 1, 2]\n[selection]\ntest_rows = 50\nmax_steps = 100\n{selection}"
            )
        };
        let plan = |selection: &str| {
            let config = config(&text(selection));
            Plan::new(&config, &whole(&config.grid))
        };
        // Three trials; X w and X'r are 4 n d = 160 operations, a distance 3 d = 30, one test error 2 d m = 1000.
        let descent = plan("choosers = [\"gd-zero\"]");
        assert_eq!(descent.selection_flops, Some(3.0 * (190.0 * 100.0 + 1000.0)));
        // A penalty of 0 takes no pass.
        let lasso = plan("choosers = [\"lasso\"]");
        assert_eq!(lasso.selection_flops, Some(3.0 * (2.0 * 320.0 * 100.0 + 3.0 * 1000.0)));
        assert_eq!(lasso.tables[1].rows, 9);
        assert_eq!(lasso.to_json()["selection_flops_at_most"], 201_000.0);
        assert!(descent.to_text().contains("at most 6.0e4 operations more"), "{}", descent.to_text());
        let config = config(ALL);
        let without = Plan::new(&config, &whole(&config.grid));
        assert_eq!(without.selection_flops, None);
        assert!(without.to_json().get("selection_flops_at_most").is_none());
    }

    #[test]
    fn what_no_u64_counts_is_the_largest_one() {
        let config = config(
            "tables = [\"ridge\", \"perturbation\"]\n[design]\nkind = \"gaussian\"\nreplicates = 1000000000\n[grid]\n\
             n = 4\nd = 2\nlambda = { linear = [1, 1000000], count = 1000000 }\n\
             delta = { linear = [1, 1000000], count = 1000000 }\n",
        );
        let plan = Plan::new(&config, &whole(&config.grid));
        assert_eq!(
            (plan.rows(), plan.disk_bytes(), plan.disk_bytes_after(plan.trials)),
            (u64::MAX, u64::MAX, u64::MAX)
        );
    }

    #[test]
    fn the_plans_of_all_shards_together_are_the_plan_of_the_run() {
        let config = config(ALL);
        let run = Plan::new(&config, &whole(&config.grid));
        let shards: Vec<Plan> = (0..5)
            .map(|index| Plan::new(&config, &Share::of_shard(&config.grid, Shard::new(index, 5).unwrap())))
            .collect();
        let counts: Vec<_> = shards.iter().map(|plan| (plan.shard.unwrap().to_string(), plan.trials)).collect();
        assert_eq!(
            counts,
            [("0/5", 3), ("1/5", 3), ("2/5", 2), ("3/5", 2), ("4/5", 2)].map(|(s, n)| (s.to_owned(), n))
        );
        for (at, table) in run.tables[..8].iter().enumerate() {
            let rows: u64 = shards.iter().map(|plan| plan.tables[at].rows).sum();
            assert_eq!(rows, table.rows, "{}", table.name);
        }
        assert_eq!(shards.iter().map(Plan::matrix_bytes).sum::<u128>(), run.matrix_bytes());
        assert!(shards.iter().all(|plan| plan.tables.len() == 8), "the summary is of the whole run");
    }

    #[test]
    fn json_has_the_same_totals() {
        let config = config(ALL);
        let plan = Plan::new(&config, &whole(&config.grid));
        let json = plan.to_json();
        assert_eq!(json["trials"], 12);
        assert_eq!(json["matrix_bytes"], f64::from(6 * 4 * 5 + 6 * 8 * 5) * 8.0);
        assert_eq!(json["rows"], plan.rows());
    }
}
