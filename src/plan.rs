//! What a run, or a shard of one, would do, without doing it: shapes, trials, rows, bytes, operations.

mod tables;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
mod text;

pub use tables::TablePlan;
pub(crate) use text::bytes_text;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::Config;
use crate::engine::cpu::CpuEngine;
use crate::expectation::{ExpectSpec, Measure};
use crate::figure::spec::{FigureKind, FigureSpec};
use crate::grid::{Cell, Shard, Share};
use crate::measure::TableId;
use crate::run::{Budget, count_chunks};
use tables::{SUMMARY, tables};

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

fn expectation(spec: &ExpectSpec) -> String {
    let over = match &spec.measure {
        Measure::Of(_) => String::new(),
        Measure::SlopeOver(x) => format!(" over {}", x.text),
    };
    format!("{}: {} of {}{over}, from {}.csv", spec.id, spec.measure.name(), spec.value.text, spec.table)
}
