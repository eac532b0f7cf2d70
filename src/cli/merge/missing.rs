//! Which trials a merge still lacks: by shard, because a shard is what can be run again, and one by one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::ranges::{MOST_SHOWN, Ranges};
use crate::cluster::launch::quote::shell;
use crate::grid::{Deal, Grid, Shard};
use crate::record::{Presence, RunFolder, SourceFolder};

/// What is not there.
pub(super) struct Missing<'a> {
    total: usize,
    count: usize,
    /// In key order.
    ranges: Ranges,
    /// The first of them by its key, where the grid is known.
    first: Option<String>,
    /// Where all sources are shards of one number of shards: those that lack trials, with what was given of them.
    shards: Vec<(Shard, usize, Option<&'a SourceFolder>)>,
}

impl<'a> Missing<'a> {
    /// What `folder` lacks after `sources` were taken over.
    pub(super) fn of(folder: &RunFolder, sources: &'a [SourceFolder], grid: Option<&Grid>) -> Self {
        let mut out = Self {
            total: folder.share().count(),
            count: 0,
            ranges: Ranges::default(),
            first: None,
            shards: Vec::new(),
        };
        let deal = grid.zip(number_of_shards(sources)).map(|(grid, count)| Deal::new(grid, count));
        let mut by_shard: BTreeMap<Shard, usize> = BTreeMap::new();
        for index in folder.missing_from(0) {
            out.count += 1;
            out.ranges.push(index);
            if let Some(shard) = deal.as_ref().and_then(|deal| deal.owner(index)) {
                *by_shard.entry(shard).or_default() += 1;
            }
        }
        out.first = grid.zip(out.ranges.first()).map(|(grid, first)| grid.trial(first).to_string());
        let given: BTreeMap<Shard, &SourceFolder> =
            sources.iter().filter_map(|source| Some((source.shard()?, source))).collect();
        out.shards = by_shard.into_iter().map(|(shard, count)| (shard, count, given.get(&shard).copied())).collect();
        out
    }

    /// How many.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// For people: what is missing, and what to run.
    pub(super) fn to_text(&self) -> String {
        let mut out = format!("{} of {} trials are missing\n", self.count, self.total);
        let given: Vec<_> = self.shards.iter().filter_map(|(shard, n, source)| Some((shard, n, (*source)?))).collect();
        for (shard, count, source) in given.iter().take(MOST_SHOWN) {
            let _ = match source.holder() {
                Some((_, Presence::Certain)) => {
                    writeln!(out, "  shard {shard} lacks {count}: still running in {}", source.path().display())
                }
                Some((owner, Presence::Possible)) => writeln!(
                    out,
                    "  shard {shard} lacks {count}: if {owner}, is gone, run it again: {}",
                    command(source, **shard)
                ),
                None => writeln!(out, "  shard {shard} lacks {count}: run it again: {}", command(source, **shard)),
            };
        }
        if given.len() > MOST_SHOWN {
            let _ = writeln!(out, "  and {} more shards (--json has all)", given.len() - MOST_SHOWN);
        }
        let mut never_given = Ranges::default();
        let mut trials = 0;
        for (shard, count, _) in self.shards.iter().filter(|(_, _, source)| source.is_none()) {
            never_given.push(shard.index() as usize);
            trials += count;
        }
        if let Some((shard, ..)) = self.shards.first().filter(|_| !never_given.is_empty()) {
            let of = shard.count();
            let which = match never_given.only() {
                Some(only) => format!("shard {only}/{of}"),
                None => format!("shards {never_given} (of {of}, from 0)"),
            };
            let _ = writeln!(out, "  not given, or never run: {which}, with {trials} trials");
        }
        if let Some(first) = &self.first {
            let _ = writeln!(out, "  the first missing trial is {first}");
        }
        let _ = writeln!(out, "  in key order, from 0: {}", self.ranges);
        out
    }

    /// For programs: all of it.
    pub(super) fn to_json(&self) -> Value {
        let shard = |(shard, count, source): &(Shard, usize, Option<&SourceFolder>)| {
            json!({
                "shard": shard.to_string(),
                "missing": count,
                "folder": source.map(|source| source.path().display().to_string()),
                "running": source.and_then(SourceFolder::holder).map(|(owner, _)| owner.to_string()),
            })
        };
        json!({
            "trials": self.count,
            "ranges": self.ranges.as_slice(),
            "shards": self.shards.iter().map(shard).collect::<Vec<_>>(),
        })
    }
}

/// Into how many shards the run was cut, if all that are known agree on it.
fn number_of_shards(sources: &[SourceFolder]) -> Option<u32> {
    let mut counts = sources.iter().filter_map(|source| source.shard().map(Shard::count));
    let first = counts.next()?;
    counts.all(|count| count == first).then_some(first)
}

/// The command that was given the last time.
fn command(source: &SourceFolder, shard: Shard) -> String {
    let last = source.manifest().and_then(|manifest| manifest.attempts.last());
    match last {
        Some(attempt) => attempt.command.iter().map(|word| shell(word)).collect::<Vec<_>>().join(" "),
        None => format!("nullsweep run CONFIG --shard {shard} --out {}", shell(&lossy(source.path()))),
    }
}

fn lossy(path: &Path) -> String {
    path.display().to_string()
}
