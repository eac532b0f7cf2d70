//! What has become of every shard, by the files alone.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use rayon::prelude::*;
use serde_json::Value;

use super::shard::belongs;
use super::{Failure, Layout, Plan};
use crate::record::{
    FileFact, Format, JOURNAL_FILE, Manifest, Owner, Part, Presence, RecordError, SourceFolder, State, without_kind,
};

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
    /// Its last failure, for good or of a kind that may pass.
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
        self.unfinished.iter().filter_map(|shard| shard.failure.as_ref()).filter(|failure| failure.is_final())
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
    let known = Descriptions::default();
    let found = (0..plan.shards)
        .into_par_iter()
        .map(|index| look(layout, plan, index, &known))
        .collect::<Result<Vec<_>, _>>()?;
    let mut survey = Survey { parts: Vec::new(), unfinished: Vec::new() };
    for shard in found {
        match shard {
            Ok(part) => survey.parts.push(part),
            Err(unfinished) => survey.unfinished.push(unfinished),
        }
    }
    let mut workers = workers(layout);
    for shard in &mut survey.unfinished {
        shard.workers = workers.remove(&shard.index).unwrap_or_default();
    }
    Ok(survey)
}

/// The format of the tables in the run's folder, if they are those of all trials of `plan`: the manifest says so, and every file
/// that it lists is there in its length.
pub fn merged(layout: &Layout, plan: &Plan) -> Option<Format> {
    let manifest = Manifest::read(layout.run()).ok().flatten()?;
    let is_there =
        |file: &FileFact| std::fs::metadata(layout.run().join(&file.name)).is_ok_and(|facts| facts.len() == file.bytes);
    let is_whole = manifest.state == State::Complete
        && without_kind(&manifest.identity.description) == plan.definition.description
        && manifest.files.iter().all(is_there);
    is_whole.then_some(manifest.format)
}

/// The descriptions seen so far, by their hashes.
type Descriptions = Mutex<HashMap<[u8; 32], Arc<Value>>>;

/// The part of shard `index`, or what is known of the shard without its workers.
fn look(
    layout: &Layout,
    plan: &Plan,
    index: u32,
    known: &Descriptions,
) -> Result<Result<Part, Unfinished>, RecordError> {
    let invalid = match Part::open(&layout.part(index)) {
        Ok(Some(mut part)) if plan.shard(index).is_ok_and(|shard| belongs(&part, plan, shard)) => {
            part.share_description(known);
            return Ok(Ok(part));
        }
        Ok(Some(_)) => Some(Invalid::Foreign),
        Ok(None) => None,
        Err(error @ RecordError::Io { .. }) => return Err(error),
        Err(error) => Some(Invalid::Broken(error.to_string())),
    };
    let trials = plan.trials_of(index);
    Ok(Err(Unfinished { index, trials, failure: Failure::read(layout, index), workers: Vec::new(), invalid }))
}

/// Whoever works in the folders of `layout`, by the shard that it computes.
fn workers(layout: &Layout) -> HashMap<u32, Vec<Worker>> {
    let mut workers: HashMap<u32, Vec<Worker>> = HashMap::new();
    let Ok(entries) = std::fs::read_dir(layout.work()) else { return workers };
    for (index, worker) in entries.filter_map(|entry| worker(&entry.ok()?.path())) {
        workers.entry(index).or_default().push(worker);
    }
    workers
}

/// Whoever works in the folder `path`, unless it is known to have been killed, and the shard that it computes.
fn worker(path: &Path) -> Option<(u32, Worker)> {
    let index = path.file_name()?.to_str()?.split('.').next()?.parse().ok()?;
    let quiet = std::fs::metadata(path.join(JOURNAL_FILE)).and_then(|facts| facts.modified()).ok();
    let source = SourceFolder::open(path).ok()?;
    let (owner, presence) = source.holder()?;
    let worker = Worker {
        owner: owner.clone(),
        is_certain: presence == Presence::Certain,
        quiet: quiet.map(|at| SystemTime::now().duration_since(at).unwrap_or_default()),
    };
    Some((index, worker))
}
