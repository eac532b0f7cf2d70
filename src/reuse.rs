//! A changed config and the run that its folder holds: which trials are the same in both.
//!
//! A trial's rows are a function of its definition: design, target, seeding, n, d, epsilon and replicate, the lambdas,
//! deltas and alphas of its cell, the tables with their settings, precision and rtol, what is verified, engine, platform
//! and kernel version. Of the grid around it, of names and of figures they know nothing, so a longer axis, another block
//! or more replicates leave the trials that were there as they are.

use std::cmp::Ordering;
use std::path::Path;

use serde_json::Value;

use crate::config::Config;
use crate::grid::{Cell, Grid};
use crate::record::{Identity, Reuse, SameTrials, SourceFolder};

/// The trials of the run in `folder` that are trials of `config` too; `None` if there are none, or it is the same run, or
/// it cannot be told (no run, no manifest, a data file that has changed).
///
/// `identity`: of the run of `config`.
pub fn find(folder: &Path, config: &Config, identity: &Identity) -> Option<Reuse> {
    let source = SourceFolder::open(folder).ok()?;
    let (hash, description) = (source.identity_hash()?, source.description()?);
    if hash == identity.hash() || without_config(description) != without_config(identity.description()) {
        return None;
    }
    let text = &source.manifest()?.config;
    let earlier = Config::parse(&text.text, Path::new(&text.path), &[]).ok()?;
    // What is read now must be what was run then: the description is sealed, the manifest and the data files are not.
    if description["settings"]["config"] != earlier.source.identity || !same_definitions(&earlier, config) {
        return None;
    }
    let same = same_trials(&earlier.grid, &config.grid);
    (!same.is_empty()).then_some(Reuse { identity: *hash, same })
}

/// What of a description has a part in every trial's rows, the config aside.
fn without_config(description: &Value) -> Value {
    let mut out = description.clone();
    if let Some(settings) = out.get_mut("settings").and_then(Value::as_object_mut) {
        settings.remove("config");
    }
    if let Some(entries) = out.as_object_mut() {
        entries.remove("trials");
    }
    out
}

/// Whether two configs say the same of a trial that both have.
fn same_definitions(one: &Config, other: &Config) -> bool {
    one.design == other.design
        && one.target == other.target
        && one.grid.seeding == other.grid.seeding
        && one.tables == other.tables
        && one.settings == other.settings
        && one.engine.precision == other.engine.precision
        && one.engine.rtol == other.engine.rtol
        && one.verify == other.verify
}

/// The trials of the cells that both grids have, with the same lambdas, deltas and alphas.
fn same_trials(old: &Grid, new: &Grid) -> Vec<SameTrials> {
    let count = old.replicates.min(new.replicates) as usize;
    let first = |grid: &Grid, cell: usize| cell * grid.replicates as usize;
    let (mut i, mut j) = (0, 0);
    let mut same = Vec::new();
    while let (Some(one), Some(other)) = (old.cells.get(i), new.cells.get(j)) {
        let order = key(one).cmp(&key(other));
        if order == Ordering::Equal && one == other {
            same.push(SameTrials { old: first(old, i), new: first(new, j), count });
        }
        i += usize::from(order != Ordering::Greater);
        j += usize::from(order != Ordering::Less);
    }
    same
}

/// Cells are sorted by this: epsilon is at least 0, and the bits of such numbers sort as they do.
fn key(cell: &Cell) -> (usize, usize, Option<u64>) {
    (cell.n, cell.d, cell.epsilon.map(f64::to_bits))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const BASE: &str = "tables = [\"ridge\"]\n[design]\nkind = \"collinear\"\nseed = 3\nreplicates = 2\n\
                        [grid]\nn = [4, 8]\nd = [3, 4]\nepsilon = [1e-8, 1e-4]\nlambda = [0.0, 1.0]\n";

    fn config(sets: &[&str]) -> Config {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        Config::parse(BASE, Path::new("a.toml"), &sets).unwrap()
    }

    /// For each trial of `old` that is one of `new`: both as they show themselves.
    fn pairs(old: &Config, new: &Config) -> Vec<(String, String)> {
        let trials = same_trials(&old.grid, &new.grid).into_iter();
        let each = |run: SameTrials| (0..run.count).map(move |at| (run.old + at, run.new + at));
        trials.flat_map(each).map(|(i, j)| (old.grid.trial(i).to_string(), new.grid.trial(j).to_string())).collect()
    }

    #[test]
    fn longer_axes_and_more_replicates_keep_every_trial() {
        let old = config(&[]);
        for sets in [
            &["grid.n=[4, 6, 8, 10]"][..],
            &["grid.epsilon=[1e-10, 1e-8, 1e-6, 1e-4]"],
            &["design.replicates=5"],
            &["grid.d=[3, 4, 5]", "design.replicates=3"],
        ] {
            let new = config(sets);
            assert!(same_definitions(&old, &new), "{sets:?}");
            let pairs = pairs(&old, &new);
            assert_eq!(pairs.len(), old.grid.trial_count(), "{sets:?}");
            assert!(pairs.iter().all(|(one, other)| one == other), "{sets:?}: {pairs:?}");
        }
    }

    #[test]
    fn a_shorter_axis_keeps_what_is_left_of_it() {
        let pairs = pairs(&config(&[]), &config(&["grid.d=3", "design.replicates=1"]));
        let kept: Vec<&str> = pairs.iter().map(|(one, _)| one.as_str()).collect();
        assert_eq!(
            kept,
            [
                "n = 4, d = 3, epsilon = 1e-8, replicate = 0",
                "n = 4, d = 3, epsilon = 1e-4, replicate = 0",
                "n = 8, d = 3, epsilon = 1e-8, replicate = 0",
                "n = 8, d = 3, epsilon = 1e-4, replicate = 0",
            ]
        );
        assert!(pairs.iter().all(|(one, other)| one == other), "{pairs:?}");
    }

    #[test]
    fn what_changes_the_rows_of_a_trial_keeps_none() {
        let old = config(&[]);
        for set in ["grid.lambda=[0.0, 2.0]", "grid.lambda=[0.0, 1.0, 2.0]", "grid.alpha=[1.0]", "grid.delta=[1e-8]"] {
            assert!(pairs(&old, &config(&[set])).is_empty(), "{set}");
        }
        for set in [
            "design.seed=4",
            "design.kind=\"collinear-exact\"",
            "target.noise=0.5",
            "target.weights=\"ones\"",
            "tables=[\"ridge\", \"sigmas\"]",
            "engine.rtol=1e-8",
            "engine.precision=\"f64\"",
            "verify.fraction=0.5",
            "descent.step=0.5",
            "selection.step=0.5",
            "perturbation.what=[\"y\"]",
        ] {
            assert!(!same_definitions(&old, &config(&[set])), "{set}");
        }
    }

    #[test]
    fn a_list_that_changes_in_one_block_keeps_the_cells_of_the_other() {
        let blocks = |lambda| format!("block=[{{ n = 4 }}, {{ n = 8, lambda = [{lambda}] }}]");
        let (old, new) = (config(&[&blocks("0.0, 1.0")]), config(&[&blocks("0.0, 3.0")]));
        let pairs = pairs(&old, &new);
        assert_eq!(pairs.len(), 8);
        assert!(pairs.iter().all(|(one, other)| one == other && one.starts_with("n = 4,")), "{pairs:?}");
    }
}
