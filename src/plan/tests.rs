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
    assert_eq!((plan.rows(), plan.disk_bytes(), plan.disk_bytes_after(plan.trials)), (u64::MAX, u64::MAX, u64::MAX));
}

#[test]
fn the_plans_of_all_shards_together_are_the_plan_of_the_run() {
    let config = config(ALL);
    let run = Plan::new(&config, &whole(&config.grid));
    let shards: Vec<Plan> =
        (0..5).map(|index| Plan::new(&config, &Share::of_shard(&config.grid, Shard::new(index, 5).unwrap()))).collect();
    let counts: Vec<_> = shards.iter().map(|plan| (plan.shard.unwrap().to_string(), plan.trials)).collect();
    assert_eq!(counts, [("0/5", 3), ("1/5", 3), ("2/5", 2), ("3/5", 2), ("4/5", 2)].map(|(s, n)| (s.to_owned(), n)));
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
