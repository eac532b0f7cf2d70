use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::grid::Seeding;

/// A grid of these shapes, each with as many epsilons.
fn grid(shapes: &BTreeMap<(usize, usize), usize>, replicates: u32) -> Grid {
    let cells = shapes.iter().flat_map(|(&(n, d), &count)| {
        (0..count).map(move |at| Cell {
            n,
            d,
            epsilon: Some(at as f64),
            lambda: Vec::new(),
            delta: Vec::new(),
            alpha: Vec::new(),
        })
    });
    Grid { cells: cells.collect(), replicates, seeding: Seeding::Keyed(0) }
}

fn shares(grid: &Grid, count: u32) -> Vec<Share> {
    (0..count).map(|index| Share::of_shard(grid, Shard::new(index, count).unwrap())).collect()
}

#[test]
fn a_shard_is_written_as_it_is_read_and_nothing_else_is_one() {
    let shard: Shard = "2/8".parse().unwrap();
    assert_eq!((shard.index(), shard.count(), shard.to_string().as_str()), (2, 8, "2/8"));
    for (text, why) in [
        ("3/3", "the last of 3 is 2/3"),
        ("0/0", "at least 1"),
        ("1", "write I/N"),
        ("one/three", "write I/N"),
        ("-1/3", "write I/N"),
        ("+1/3", "write I/N"),
        ("1/3/5", "write I/N"),
        ("1/4294967296", "write I/N"),
        ("", "write I/N"),
    ] {
        let error = text.parse::<Shard>().unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn more_shards_than_trials_leave_some_with_nothing() {
    let grid = grid(&BTreeMap::from([((3, 2), 1)]), 2);
    let counts: Vec<usize> = shares(&grid, 5).iter().map(Share::count).collect();
    assert_eq!(counts, [1, 1, 0, 0, 0]);
}

#[test]
fn a_number_of_shards_in_step_with_an_axis_does_not_give_one_shard_all_the_large_matrices() {
    // Two d, one replicate, two shards: every other trial would be always the same d.
    let shapes = (1..=50).flat_map(|n| [((n, 10), 1), ((n, 1000), 1)]).collect();
    let grid = grid(&shapes, 1);
    for share in shares(&grid, 2) {
        let large = share.from(0).filter(|&index| grid.trial(index).d == 1000).count();
        assert_eq!((large, share.count()), (25, 50));
    }
}

proptest! {
    #[test]
    fn every_trial_has_one_shard_and_the_shards_are_alike(
        shapes in prop::collection::btree_map((1_usize..9, 1_usize..9), 1_usize..4, 1..8),
        replicates in 1_u32..5, count in 1_u32..9,
    ) {
        let grid = grid(&shapes, replicates);
        let shares = shares(&grid, count);
        let deal = Deal::new(&grid, count);
        let mut owners = vec![0; grid.trial_count()];
        let mut costs = Vec::new();
        let mut by_shape: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (at, share) in shares.iter().enumerate() {
            let indices: Vec<usize> = share.from(0).collect();
            prop_assert_eq!(indices.len(), share.count());
            prop_assert!(indices.is_sorted());
            let mut cost = 0;
            for &index in &indices {
                owners[index] += 1;
                prop_assert_eq!(deal.owner(index), share.shard());
                let trial = grid.trial(index);
                cost += cost_order(&grid.cells[trial.cell]);
                by_shape.entry((trial.n, trial.d)).or_insert_with(|| vec![0; shares.len()])[at] += 1;
            }
            costs.push(cost);
        }
        prop_assert_eq!(deal.owner(grid.trial_count()), None);
        prop_assert!(owners.iter().all(|&owners| owners == 1), "{:?}", owners);
        let spread = |counts: &[usize]| counts.iter().max().unwrap() - counts.iter().min().unwrap();
        prop_assert!(spread(&shares.iter().map(Share::count).collect::<Vec<_>>()) <= 1);
        prop_assert!(by_shape.values().all(|counts| spread(counts) <= 1), "{:?}", by_shape);
        let largest = grid.cells.iter().map(cost_order).max().unwrap();
        prop_assert!(costs.iter().max().unwrap() - costs.iter().min().unwrap() <= largest, "{:?}", costs);
    }

    #[test]
    fn a_share_is_counted_and_entered_anywhere(
        shapes in prop::collection::btree_map((1_usize..5, 1_usize..5), 1_usize..4, 1..5),
        replicates in 1_u32..5, count in 1_u32..7, whole in any::<bool>(),
    ) {
        let grid = grid(&shapes, replicates);
        let shares = if whole { vec![Share::whole(grid.trial_count())] } else { shares(&grid, count) };
        for share in shares {
            let indices: Vec<usize> = share.from(0).collect();
            let by_cell = |cell| indices.iter().filter(|&&index| grid.trial(index).cell == cell).count() as u64;
            prop_assert_eq!(
                share.by_cell(&grid).collect::<Vec<_>>(), (0..grid.cells.len()).map(by_cell).collect::<Vec<_>>()
            );
            for index in 0..=grid.trial_count() {
                prop_assert_eq!(share.contains(index), indices.contains(&index));
                prop_assert_eq!(share.count_below(index), indices.iter().filter(|&&other| other < index).count());
                let rest: Vec<usize> = indices.iter().copied().filter(|&other| other >= index).collect();
                prop_assert_eq!(share.from(index).collect::<Vec<_>>(), rest);
            }
        }
    }
}
