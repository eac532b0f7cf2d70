//! How many trials are computed together: one rule for the run and for its plan.

use crate::engine::{Engine, Route};
use crate::grid::{Cell, Trial};

/// Multiplications for each thread after which a chunk is long enough: a second on a slow machine, so that progress shows
/// and an interrupted run stops soon.
const MOST_WORK_PER_THREAD: u64 = 2_000_000_000;

/// More trials than this in one chunk gain nothing.
const MOST_TRIALS: u64 = 4096;

/// Trials for each thread after which a chunk on the CPU is long enough: what one stage leaves behind of small matrices is still in
/// the caches when the next one comes, and the allocator need not ask the system for memory again and again. A GPU wants as
/// many as it gets.
const MOST_TRIALS_PER_CPU_THREAD: usize = 256;

/// What one chunk may hold. A single trial that exceeds it goes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    bytes: u64,
    trials: u64,
    work: u64,
}

impl Budget {
    /// For `engine` on the threads there are; chunks of at most `trials` trials, if that is given.
    pub fn of(engine: &dyn Engine, trials: Option<usize>) -> Self {
        let threads = rayon::current_num_threads();
        let enough = (engine.route() == Route::CpuF64).then(|| MOST_TRIALS_PER_CPU_THREAD.saturating_mul(threads));
        Self::new(engine.batch_bytes(), trials.or(enough), threads)
    }

    /// At most `bytes` of matrices, as an engine's `batch_bytes` says, `trials` trials, if that is given, and no more
    /// arithmetic than keeps `threads` threads busy for some seconds.
    pub fn new(bytes: usize, trials: Option<usize>, threads: usize) -> Self {
        Self {
            bytes: bytes as u64,
            trials: trials.map_or(MOST_TRIALS, |trials| (trials as u64).min(MOST_TRIALS)),
            work: MOST_WORK_PER_THREAD.saturating_mul(threads.max(1) as u64),
        }
    }
}

/// What one trial takes of a budget.
#[derive(Clone, Copy)]
struct Cost {
    bytes: u64,
    work: u64,
}

impl Cost {
    fn of(n: usize, d: usize) -> Self {
        let (n, d) = (n as u64, d as u64);
        let q = n.min(d);
        let entries = n.saturating_mul(d);
        // About what it costs: QR and products with V, eight Jacobi sweeps or so, and the same for the Gram matrix.
        let work = entries.saturating_mul(6 * q).saturating_add(q.saturating_mul(q).saturating_mul(40 * q));
        Self { bytes: entries.saturating_mul(8), work }
    }
}

/// A chunk being filled.
#[derive(Clone, Copy, Default)]
struct Fill {
    trials: u64,
    bytes: u64,
    work: u64,
}

impl Fill {
    /// How many more trials of this cost fit; at least 1 while the chunk is empty.
    fn room(&self, cost: Cost, budget: Budget) -> u64 {
        let fits = |limit: u64, used: u64, each: u64| limit.saturating_sub(used) / each.max(1);
        let room = fits(budget.trials, self.trials, 1).min(fits(budget.bytes, self.bytes, cost.bytes)).min(fits(
            budget.work,
            self.work,
            cost.work,
        ));
        if self.trials == 0 { room.max(1) } else { room }
    }

    fn take(&mut self, count: u64, cost: Cost) {
        self.trials += count;
        self.bytes = self.bytes.saturating_add(count.saturating_mul(cost.bytes));
        self.work = self.work.saturating_add(count.saturating_mul(cost.work));
    }
}

/// The trials at the head of `trials` that make one chunk within `budget`; none if there are none.
pub(super) fn first(trials: impl Iterator<Item = Trial>, budget: Budget) -> Vec<Trial> {
    let mut fill = Fill::default();
    let fits = |trial: &Trial| {
        let cost = Cost::of(trial.n, trial.d);
        let fits = fill.room(cost, budget) > 0;
        fill.take(u64::from(fits), cost);
        fits
    };
    trials.take_while(fits).collect()
}

/// Number of chunks in which a run computes `trials` trials of each of `cells`, in that order, counted cell by cell.
pub fn count<'a>(cells: impl IntoIterator<Item = (&'a Cell, u64)>, budget: Budget) -> u64 {
    let (mut chunks, mut fill) = (0, Fill::default());
    for (cell, trials) in cells {
        let cost = Cost::of(cell.n, cell.d);
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::cpu::CpuEngine;
    use crate::grid::{Grid, Seeding, Shard, Share};

    fn grid(shapes: &[(usize, usize)], replicates: u32) -> Grid {
        let cell = |&(n, d): &(usize, usize)| Cell {
            n,
            d,
            epsilon: None,
            lambda: Vec::new(),
            delta: Vec::new(),
            alpha: Vec::new(),
        };
        Grid { cells: shapes.iter().map(cell).collect(), replicates, seeding: Seeding::Keyed(0) }
    }

    /// All chunks of `trials`.
    fn of(trials: &[Trial], budget: Budget) -> Vec<Vec<Trial>> {
        let mut chunks: Vec<Vec<Trial>> = Vec::new();
        let mut at = 0;
        while at < trials.len() {
            let chunk = first(trials[at..].iter().copied(), budget);
            assert!(!chunk.is_empty(), "no progress at {at}");
            at += chunk.len();
            chunks.push(chunk);
        }
        chunks
    }

    #[test]
    fn a_matrix_larger_than_the_budget_goes_alone() {
        let trials: Vec<Trial> = grid(&[(2000, 1000)], 3).trials().collect();
        assert_eq!(of(&trials, Budget::new(1, None, 2)).iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(first(std::iter::empty(), Budget::new(1, None, 2)), []);
    }

    #[test]
    fn large_matrices_make_short_chunks() {
        let trials: Vec<Trial> = grid(&[(2048, 1024)], 4).trials().collect();
        assert_eq!(of(&trials, Budget::new(usize::MAX, None, 1)).len(), 4, "each is seconds of work");
    }

    #[test]
    fn chunks_of_the_cpu_are_short_unless_others_are_asked_for() {
        let trials: Vec<Trial> = grid(&[(6, 12)], 10_000).trials().collect();
        let length = |asked| first(trials.iter().copied(), Budget::of(&CpuEngine, asked)).len();
        assert_eq!(length(None), (MOST_TRIALS_PER_CPU_THREAD * rayon::current_num_threads()).min(4096));
        assert_eq!((length(Some(3000)), length(Some(5))), (3000, 5));
    }

    #[test]
    fn a_billion_trials_are_counted_at_once() {
        let grid = grid(&[(6, 12); 1000], 1_000_000);
        let cells = grid.cells.iter().map(|cell| (cell, 1_000_000));
        assert_eq!(count(cells, Budget::new(32 << 20, None, 2)), 1_000_000_000_u64.div_ceil(4096));
    }

    proptest! {
        #[test]
        fn chunks_cover_all_trials_within_the_budget_and_the_plan_counts_them(
            shapes in prop::collection::vec((1_usize..40, 1_usize..40), 1..6), replicates in 1_u32..30,
            bytes in 1_usize..20_000, most in prop::option::of(1_usize..50), shards in prop::option::of(1_u32..5),
        ) {
            let mut shapes = shapes;
            shapes.sort_unstable();
            shapes.dedup();
            let grid = grid(&shapes, replicates);
            let budget = Budget::new(bytes, most, 1);
            let share = match shards.and_then(|count| Shard::new(count - 1, count)) {
                Some(shard) => Share::of_shard(&grid, shard),
                None => Share::whole(grid.trial_count()),
            };
            let trials: Vec<Trial> = share.from(0).map(|index| grid.trial(index)).collect();
            let chunks = of(&trials, budget);
            prop_assert_eq!(&chunks.concat(), &trials);
            for chunk in &chunks {
                let used: usize = chunk.iter().map(|trial| trial.n * trial.d * 8).sum();
                prop_assert!(chunk.len() == 1 || used <= bytes);
                prop_assert!(chunk.len() <= most.unwrap_or(usize::MAX));
            }
            prop_assert_eq!(chunks.len() as u64, count(grid.cells.iter().zip(share.by_cell(&grid)), budget));
        }
    }
}
