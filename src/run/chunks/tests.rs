use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::engine::cpu::CpuEngine;
use crate::grid::{Grid, Seeding, Shard, Share};

/// A run over these shapes with the spectrum table and the ridge table, which has `lambdas` rows for each trial.
fn config(shapes: &[(usize, usize)], replicates: u32, lambdas: usize) -> Config {
    let text = "tables = [\"spectrum\", \"ridge\"]\n[design]\nkind = \"gaussian\"\n[grid]\nn = 2\nd = 2\nlambda = 0\n";
    let cell = |&(n, d): &(usize, usize)| Cell {
        n,
        d,
        epsilon: None,
        lambda: vec![0.0; lambdas],
        delta: Vec::new(),
        alpha: Vec::new(),
    };
    let grid = Grid { cells: shapes.iter().map(cell).collect(), replicates, seeding: Seeding::Keyed(0) };
    Config { grid, ..Config::parse(text, Path::new("a.toml"), &[]).unwrap() }
}

/// All chunks of `trials`.
fn of(config: &Config, trials: &[Trial], budget: Budget) -> Vec<Vec<Trial>> {
    let mut chunks: Vec<Vec<Trial>> = Vec::new();
    let mut at = 0;
    while at < trials.len() {
        let chunk = first(config, trials[at..].iter().copied(), budget);
        assert!(!chunk.is_empty(), "no progress at {at}");
        at += chunk.len();
        chunks.push(chunk);
    }
    chunks
}

#[test]
fn a_matrix_larger_than_the_budget_goes_alone() {
    let config = config(&[(2000, 1000)], 3, 1);
    let trials: Vec<Trial> = config.grid.trials().collect();
    let budget = Budget::new(1, None, 2);
    assert_eq!(of(&config, &trials, budget).iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!(first(&config, std::iter::empty(), budget), []);
}

#[test]
fn large_matrices_make_short_chunks() {
    let config = config(&[(2048, 1024)], 4, 1);
    let trials: Vec<Trial> = config.grid.trials().collect();
    assert_eq!(of(&config, &trials, Budget::new(usize::MAX, None, 1)).len(), 4, "each is seconds of work");
}

#[test]
fn many_penalties_make_short_chunks() {
    let length = |lambdas| {
        let config = config(&[(6, 12)], 10_000, lambdas);
        first(&config, config.grid.trials(), Budget::new(usize::MAX, None, 1)).len() as u64
    };
    assert_eq!(length(25), MOST_TRIALS);
    // Ten columns, and those of the spectrum table.
    let bytes = |lambdas: u64| (lambdas * 10 + 24) * VALUE_BYTES;
    for lambdas in [1000, 100_000] {
        assert_eq!(length(lambdas), MOST_ROW_BYTES / bytes(lambdas as u64), "{lambdas} penalties");
    }
}

#[test]
fn chunks_of_the_cpu_are_short_unless_others_are_asked_for() {
    let threads = rayon::current_num_threads();
    let length = |n, d, asked| {
        let config = config(&[(n, d)], 10_000, 1);
        first(&config, config.grid.trials(), Budget::of(&CpuEngine, asked)).len()
    };
    assert_eq!(length(6, 12, None), (MOST_TRIALS_PER_CPU_THREAD * threads).min(4096));
    assert_eq!(length(64, 16, None), (CACHED_BYTES_PER_CPU_THREAD * threads / (64 * 16 * 8)).min(4096));
    assert_eq!(length(256, 128, None), (FEW_TRIALS_PER_CPU_THREAD * threads).min(4096));
    assert_eq!(length(256, 128, Some(20)), 20);
    assert_eq!((length(6, 12, Some(3000)), length(6, 12, Some(5))), (3000, 5));
}

#[test]
fn a_billion_trials_are_counted_at_once() {
    let config = config(&[(6, 12); 1000], 1_000_000, 1);
    let cells = config.grid.cells.iter().map(|cell| (cell, 1_000_000));
    assert_eq!(count(&config, cells, Budget::new(32 << 20, None, 2)), 1_000_000_000_u64.div_ceil(4096));
}

proptest! {
    #[test]
    fn chunks_cover_all_trials_within_the_budget_and_the_plan_counts_them(
        shapes in prop::collection::vec((1_usize..40, 1_usize..40), 1..6), replicates in 1_u32..30,
        bytes in 1_usize..20_000, most in prop::option::of(1_usize..50), shards in prop::option::of(1_u32..5),
        few in prop::option::of(0_u64..10),
    ) {
        let mut shapes = shapes;
        shapes.sort_unstable();
        shapes.dedup();
        let config = config(&shapes, replicates, 1);
        let grid = &config.grid;
        let cached = few.map(|few| Cached { bytes: bytes as u64 / 3, few });
        let budget = Budget { cached, ..Budget::new(bytes, most, 1) };
        let share = match shards.and_then(|count| Shard::new(count - 1, count)) {
            Some(shard) => Share::of_shard(grid, shard),
            None => Share::whole(grid.trial_count()),
        };
        let trials: Vec<Trial> = share.from(0).map(|index| grid.trial(index)).collect();
        let chunks = of(&config, &trials, budget);
        prop_assert_eq!(&chunks.concat(), &trials);
        for chunk in &chunks {
            let used: usize = chunk.iter().map(|trial| trial.n * trial.d * 8).sum();
            prop_assert!(chunk.len() == 1 || used <= bytes);
            prop_assert!(chunk.len() <= most.unwrap_or(usize::MAX));
            if let Some(few) = few {
                prop_assert!(chunk.len() as u64 <= few.max(1) || used <= bytes / 3);
            }
        }
        let cells = grid.cells.iter().zip(share.by_cell(grid));
        prop_assert_eq!(chunks.len() as u64, count(&config, cells, budget));
    }
}
