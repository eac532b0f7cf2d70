//! Which trials a merge still lacks: by shard, because a shard is what can be run again, and one by one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::grid::{Deal, Grid, Shard};
use crate::record::{RunFolder, SourceFolder};

/// Shards, and ranges of trials, that are worth a line on a terminal; JSON has all.
const MOST_LINES: usize = 12;

/// What is not there.
pub(super) struct Missing<'a> {
    total: usize,
    count: usize,
    /// First and last, in key order.
    ranges: Vec<[usize; 2]>,
    /// The first of them by its key, where the grid is known.
    first: Option<String>,
    /// Where all sources are shards of one number of shards: those that lack trials, with what was given of them.
    shards: Vec<(Shard, usize, Option<&'a SourceFolder>)>,
}

impl<'a> Missing<'a> {
    /// What `folder` lacks after `sources` were taken over.
    pub(super) fn of(folder: &RunFolder, sources: &'a [SourceFolder], grid: Option<&Grid>) -> Self {
        let mut out =
            Self { total: folder.share().count(), count: 0, ranges: Vec::new(), first: None, shards: Vec::new() };
        let deal = grid.zip(number_of_shards(sources)).map(|(grid, count)| Deal::new(grid, count));
        let mut by_shard: BTreeMap<Shard, usize> = BTreeMap::new();
        for index in folder.missing_from(0) {
            out.count += 1;
            match out.ranges.last_mut() {
                Some([_, last]) if *last + 1 == index => *last = index,
                _ => out.ranges.push([index, index]),
            }
            if let Some(shard) = deal.as_ref().and_then(|deal| deal.owner(index)) {
                *by_shard.entry(shard).or_default() += 1;
            }
        }
        out.first = grid.zip(out.ranges.first()).map(|(grid, [first, _])| grid.trial(*first).to_string());
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
        for (shard, count, source) in self.shards.iter().take(MOST_LINES) {
            let _ = match source {
                Some(source) if source.running().is_some() => {
                    writeln!(out, "  shard {shard} lacks {count}: still running in {}", source.path().display())
                }
                Some(source) => {
                    writeln!(out, "  shard {shard} lacks {count}: run it again: {}", command(source, *shard))
                }
                None => writeln!(out, "  shard {shard} lacks {count}: its folder was not given, or it was never run"),
            };
        }
        push_more(&mut out, self.shards.len(), "shards");
        if let Some(first) = &self.first {
            let _ = writeln!(out, "  the first is {first}");
        }
        let range = |[first, last]: &[usize; 2]| {
            if first == last { first.to_string() } else { format!("{first}-{last}") }
        };
        let ranges: Vec<String> = self.ranges.iter().take(MOST_LINES).map(range).collect();
        let _ = write!(out, "  in key order, from 0: {}", ranges.join(", "));
        push_more(&mut out, self.ranges.len(), "ranges");
        out
    }

    /// For programs: all of it.
    pub(super) fn to_json(&self) -> Value {
        let shard = |(shard, count, source): &(Shard, usize, Option<&SourceFolder>)| {
            json!({
                "shard": shard.to_string(),
                "missing": count,
                "folder": source.map(|source| source.path().display().to_string()),
                "running": source.is_some_and(|source| source.running().is_some()),
            })
        };
        json!({
            "trials": self.count,
            "ranges": self.ranges,
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
        Some(attempt) => attempt.command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
        None => format!("nullsweep run CONFIG --shard {shard} --out {}", quoted(&lossy(source.path()))),
    }
}

fn lossy(path: &Path) -> String {
    path.display().to_string()
}

/// A word as a shell would take it for one.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn push_more(out: &mut String, count: usize, what: &str) {
    if count > MOST_LINES {
        let _ = writeln!(out, "  and {} more {what} (--json has all)", count - MOST_LINES);
    }
}
