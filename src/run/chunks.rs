//! How many trials are computed together: one rule for the run and for its plan.

use crate::config::Config;
use crate::engine::{Engine, Route};
use crate::grid::{Cell, Trial};
use crate::measure::TableId;

/// Multiplications for each thread after which a chunk is long enough: a second on a slow machine, so that progress shows
/// and an interrupted run stops soon.
const MOST_WORK_PER_THREAD: u64 = 2_000_000_000;

/// More trials than this in one chunk gain nothing.
const MOST_TRIALS: u64 = 4096;

/// Bytes of rows after which a chunk is long enough: several chunks are under way, and their rows are in memory.
const MOST_ROW_BYTES: u64 = 64 << 20;

/// Bytes of a value of a row in the journal; nearly all are floats.
const VALUE_BYTES: u64 = 9;

/// Trials for each thread after which a chunk on the CPU is long enough: the allocator need not ask the system for memory again
/// and again. A GPU wants as many as it gets.
const MOST_TRIALS_PER_CPU_THREAD: usize = 256;

/// Bytes of matrices for each thread after which a chunk on the CPU is long enough, if it has [`FEW_TRIALS_PER_CPU_THREAD`]:
/// what one stage leaves behind of them, several times as much, is still in the caches when the next one comes.
const CACHED_BYTES_PER_CPU_THREAD: usize = 256 << 10;

/// Trials for each thread that a chunk on the CPU has however large they are: one may cost more than another.
const FEW_TRIALS_PER_CPU_THREAD: usize = 16;

/// What one chunk may hold. A single trial that exceeds it goes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    bytes: u64,
    row_bytes: u64,
    trials: u64,
    work: u64,
    cached: Option<Cached>,
}

/// Where a chunk ends that is to stay in the caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cached {
    /// Bytes of matrices ...
    bytes: u64,
    /// ... behind these trials.
    few: u64,
}

impl Budget {
    /// For `engine` on the threads there are; chunks of at most `trials` trials, if that is given, and then not those of the
    /// caches on the CPU.
    pub fn of(engine: &dyn Engine, trials: Option<usize>) -> Self {
        let threads = rayon::current_num_threads();
        if engine.route() != Route::CpuF64 || trials.is_some() {
            return Self::new(engine.batch_bytes(), trials, threads);
        }
        let for_all = |each: usize| each.saturating_mul(threads);
        let cached = Cached {
            bytes: for_all(CACHED_BYTES_PER_CPU_THREAD) as u64,
            few: for_all(FEW_TRIALS_PER_CPU_THREAD) as u64,
        };
        let budget = Self::new(engine.batch_bytes(), Some(for_all(MOST_TRIALS_PER_CPU_THREAD)), threads);
        Self { cached: Some(cached), ..budget }
    }

    /// At most `bytes` of matrices, as an engine's `batch_bytes` says, `trials` trials, if that is given, and no more
    /// rows than memory should hold and no more arithmetic than keeps `threads` threads busy for some seconds.
    pub fn new(bytes: usize, trials: Option<usize>, threads: usize) -> Self {
        Self {
            bytes: bytes as u64,
            row_bytes: MOST_ROW_BYTES,
            trials: trials.map_or(MOST_TRIALS, |trials| (trials as u64).min(MOST_TRIALS)),
            work: MOST_WORK_PER_THREAD.saturating_mul(threads.max(1) as u64),
            cached: None,
        }
    }
}

/// What one trial takes of a budget.
#[derive(Clone, Copy)]
struct Cost {
    bytes: u64,
    row_bytes: u64,
    work: u64,
}

impl Cost {
    /// Of a trial of `cell`.
    fn of(config: &Config, cell: &Cell) -> Self {
        let (n, d) = (cell.n as u64, cell.d as u64);
        let q = n.min(d);
        let entries = n.saturating_mul(d);
        // About what it costs: QR and products with V, eight Jacobi sweeps or so, and the same for the Gram matrix.
        let work = entries.saturating_mul(6 * q).saturating_add(q.saturating_mul(q).saturating_mul(40 * q));
        let values = |table: &TableId| {
            (table.rows_per_trial(cell, &config.settings) as u64).saturating_mul(table.schema().columns.len() as u64)
        };
        let values = config.tables.iter().map(values).fold(0, u64::saturating_add);
        Self { bytes: entries.saturating_mul(8), row_bytes: values.saturating_mul(VALUE_BYTES), work }
    }
}

/// A chunk being filled.
#[derive(Clone, Copy, Default)]
struct Fill {
    trials: u64,
    bytes: u64,
    row_bytes: u64,
    work: u64,
}

impl Fill {
    /// How many more trials of this cost fit; at least 1 while the chunk is empty.
    fn room(&self, cost: Cost, budget: Budget) -> u64 {
        let fits = |limit: u64, used: u64, each: u64| limit.saturating_sub(used) / each.max(1);
        let cached = budget.cached.map_or(u64::MAX, |Cached { bytes, few }| {
            fits(bytes, self.bytes, cost.bytes).max(few.saturating_sub(self.trials))
        });
        let room = fits(budget.trials, self.trials, 1)
            .min(fits(budget.bytes, self.bytes, cost.bytes))
            .min(fits(budget.row_bytes, self.row_bytes, cost.row_bytes))
            .min(fits(budget.work, self.work, cost.work))
            .min(cached);
        if self.trials == 0 { room.max(1) } else { room }
    }

    fn take(&mut self, count: u64, cost: Cost) {
        let add = |used: &mut u64, each: u64| *used = used.saturating_add(count.saturating_mul(each));
        add(&mut self.trials, 1);
        add(&mut self.bytes, cost.bytes);
        add(&mut self.row_bytes, cost.row_bytes);
        add(&mut self.work, cost.work);
    }
}

/// The trials at the head of `trials`, of the grid of `config`, that make one chunk within `budget`; none if there are none.
pub(super) fn first(config: &Config, trials: impl Iterator<Item = Trial>, budget: Budget) -> Vec<Trial> {
    let mut fill = Fill::default();
    let mut of_cell = None;
    let fits = |trial: &Trial| {
        let cost = match of_cell {
            Some((cell, cost)) if cell == trial.cell => cost,
            _ => Cost::of(config, &config.grid.cells[trial.cell]),
        };
        of_cell = Some((trial.cell, cost));
        let fits = fill.room(cost, budget) > 0;
        fill.take(u64::from(fits), cost);
        fits
    };
    trials.take_while(fits).collect()
}

/// Number of chunks in which a run of `config` computes `trials` trials of each of `cells`, in that order, counted cell by
/// cell.
pub fn count<'a>(config: &Config, cells: impl IntoIterator<Item = (&'a Cell, u64)>, budget: Budget) -> u64 {
    let (mut chunks, mut fill) = (0, Fill::default());
    for (cell, trials) in cells {
        let cost = Cost::of(config, cell);
        let mut left = trials;
        while left > 0 {
            let room = fill.room(cost, budget);
            if room == 0 {
                fill = Fill::default();
                continue;
            }
            if fill.trials == 0 {
                // All chunks that this cell fills by itself, but the last.
                let filled = (left - 1) / room;
                chunks += filled + 1;
                left -= filled * room;
            }
            let taken = room.min(left);
            fill.take(taken, cost);
            left -= taken;
        }
    }
    chunks
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
