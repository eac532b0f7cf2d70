//! What has become of every shard, by the files alone.

use std::fmt;
use std::time::{Duration, SystemTime};

use rayon::prelude::*;

use super::shard::belongs;
use super::{Failure, Layout, Plan};
use crate::record::{JOURNAL_FILE, Owner, Part, Presence, RecordError, SourceFolder};

/// Every shard of a plan.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Those that are published, by index.
    pub parts: Vec<Part>,
    /// The others, by index.
    pub unfinished: Vec<Unfinished>,
}

/// A shard without a part.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// Which.
    pub index: u32,
    /// Its trials.
    pub trials: usize,
    /// Its last failure, if it failed for good.
    pub failure: Option<Failure>,
    /// Who may be computing it. Whoever is known to have been killed is left out.
    pub workers: Vec<Worker>,
    /// Why the file in the place of its part is none.
    pub invalid: Option<Invalid>,
}

/// A process that may be computing a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Who.
    pub owner: Owner,
    /// Whether it is known to run: it cannot be looked up from another host.
    pub is_certain: bool,
    /// Since when its journal has not grown, as far as the clocks of both hosts agree.
    pub quiet: Option<Duration>,
}

/// What is wrong with the file in a part's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// It is no whole part, in the words of the error.
    Broken(String),
    /// It is a part of another run, or another shard.
    Foreign,
}

impl Survey {
    /// The shards without a part.
    pub fn missing(&self) -> Vec<u32> {
        self.unfinished.iter().map(|shard| shard.index).collect()
    }

    /// Trials that are published.
    pub fn trials(&self) -> usize {
        self.parts.iter().map(Part::trials).sum()
    }

    /// Whether every shard is published.
    pub fn is_complete(&self) -> bool {
        self.unfinished.is_empty()
    }

    /// The shards whose last attempt failed for good.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.unfinished.iter().filter_map(|shard| shard.failure.as_ref())
    }
}

impl Unfinished {
    /// Whether anybody may be computing it.
    pub fn is_under_way(&self) -> bool {
        !self.workers.is_empty()
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(words) => f.write_str(words),
            Self::Foreign => f.write_str(
                "the file in the place of its part is of another run or another shard: it is replaced when this one is \
                 computed",
            ),
        }
    }
}

/// Looks at the files of `plan`: which parts are there, which shards failed, which are under way.
///
/// # Errors
/// [`RecordError::Io`] if a part cannot be read at all.
pub fn survey(layout: &Layout, plan: &Plan) -> Result<Survey, RecordError> {
    let found =
        (0..plan.shards).into_par_iter().map(|index| look(layout, plan, index)).collect::<Result<Vec<_>, _>>()?;
    let mut survey = Survey { parts: Vec::new(), unfinished: Vec::new() };
    for shard in found {
        match shard {
            Ok(part) => survey.parts.push(part),
            Err(unfinished) => survey.unfinished.push(unfinished),
        }
    }
    let mut workers = workers(layout);
    for shard in &mut survey.unfinished {
        shard.workers = workers.iter_mut().filter(|(index, _)| *index == shard.index).map(|(_, w)| w.clone()).collect();
    }
    Ok(survey)
}

/// The part of shard `index`, or what is known of the shard without its workers.
fn look(layout: &Layout, plan: &Plan, index: u32) -> Result<Result<Part, Unfinished>, RecordError> {
    let invalid = match Part::open(&layout.part(index)) {
        Ok(Some(part)) if plan.shard(index).is_ok_and(|shard| belongs(&part, plan, shard)) => return Ok(Ok(part)),
        Ok(Some(_)) => Some(Invalid::Foreign),
        Ok(None) => None,
        Err(error @ RecordError::Io { .. }) => return Err(error),
        Err(error) => Some(Invalid::Broken(error.to_string())),
    };
    let trials = plan.trials_of(index);
    Ok(Err(Unfinished { index, trials, failure: Failure::read(layout, index), workers: Vec::new(), invalid }))
}

/// Whoever works in the folders of `layout`, with the shard that it computes.
fn workers(layout: &Layout) -> Vec<(u32, Worker)> {
    let Ok(entries) = std::fs::read_dir(layout.work()) else { return Vec::new() };
    let worker = |path: std::path::PathBuf| {
        let index = path.file_name()?.to_str()?.split('.').next()?.parse().ok()?;
        let quiet = std::fs::metadata(path.join(JOURNAL_FILE)).and_then(|facts| facts.modified()).ok();
        let source = SourceFolder::open(&path).ok()?;
        let (owner, presence) = source.holder()?;
        let worker = Worker {
            owner: owner.clone(),
            is_certain: presence == Presence::Certain,
            quiet: quiet.map(|at| SystemTime::now().duration_since(at).unwrap_or_default()),
        };
        Some((index, worker))
    };
    entries.filter_map(|entry| worker(entry.ok()?.path())).collect()
}
