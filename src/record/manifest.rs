//! manifest.json: what was run, by which program, on what, when, and which files came of it.

mod attempt;
mod origin;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::atomic::{AtomicFile, FileFact};
use super::clock;
use super::error::RecordError;
use super::format::Format;
use super::identity::Identity;
use crate::grid::{Shard, Share};
use crate::printable::sentence;
pub use attempt::{About, Attempt, Host};
pub use origin::{ConfigText, IdentityEntry, Program, Source, TakenBy};

/// Name of the manifest inside the run folder.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the run, from its config.
    pub name: String,
    /// How far it is.
    pub state: State,
    /// Which shard of the run this folder is to hold; absent if all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// What wrote this file last.
    pub program: Program,
    /// The config as it was read, `extends` and `--set` applied.
    pub config: ConfigText,
    /// What defines the rows.
    pub identity: IdentityEntry,
    /// How the trials' generators are seeded.
    pub seeds: Value,
    /// Trials, and what became of them.
    pub trials: Trials,
    /// Attempts that ended before the last trial was done.
    pub interruptions: usize,
    /// Every start of the program on this run, in order.
    pub attempts: Vec<Attempt>,
    /// Folders that recorded trials were taken over from instead of being computed here, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// The format of the tables.
    #[serde(default, skip_serializing_if = "is_default")]
    pub format: Format,
    /// The finished files with their hashes; empty until there are any. While the run goes on, those of an earlier attempt and,
    /// at the end, those that are about to get their names.
    pub files: Vec<FileFact>,
    /// Ids of the figures that the config describes, or did at an earlier attempt: files of these names in `figures` are the
    /// run's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<String>,
}

/// Left out, so that a run without Parquet has the manifest that it always had.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_default(format: &Format) -> bool {
    *format == Format::default()
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Going on, or killed: the lock tells which.
    Running,
    /// Ended with trials missing; tables, if any, hold the others.
    Interrupted,
    /// Every trial of the folder's shard is recorded; tables come when the shards are merged.
    ShardComplete,
    /// Every trial is in the tables.
    Complete,
}

/// Counts of trials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trials {
    /// Those that this folder is to hold: of the whole grid, or of its shard.
    pub total: usize,
    /// Recorded.
    pub done: usize,
    /// Rows of the spectrum table by status; absent until the tables are written, or without that table.
    pub by_status: Option<BTreeMap<String, u64>>,
    /// The same by route.
    pub by_route: Option<BTreeMap<String, u64>>,
}

impl Manifest {
    /// The manifest at the start of an attempt on `share`, continuing `previous` if there is one. `done` trials of the
    /// share are recorded.
    pub(crate) fn begin(about: About, identity: &Identity, share: &Share, previous: Option<Self>, done: usize) -> Self {
        let (mut attempts, sources, mut figures, format, files) = previous.map_or_else(Default::default, |manifest| {
            (manifest.attempts, manifest.sources, manifest.figures, manifest.format, manifest.files)
        });
        let unknown = |id: &String| !figures.contains(id);
        let new: Vec<String> = about.figures.iter().filter(|id| unknown(id)).cloned().collect();
        figures.extend(new);
        let unfinished = |attempt: &&Attempt| attempt.done_after.is_none_or(|done| done < share.count());
        let interruptions = attempts.iter().filter(unfinished).count();
        attempts.push(Attempt::begin(&about, done));
        Self {
            name: about.name,
            state: State::Running,
            shard: share.shard(),
            program: Program::current(about.shader_sha256),
            config: ConfigText::new(about.config_path, about.config),
            identity: identity.entry(),
            seeds: about.seeds,
            trials: Trials { total: share.count(), done, ..Trials::default() },
            interruptions,
            attempts,
            sources,
            format,
            files,
            figures,
        }
    }

    /// Whether the record of the run is parts of it: then its folder never had a journal.
    pub(super) fn is_of_parts(&self) -> bool {
        !self.sources.is_empty() && self.sources.iter().all(|source| source.sha256.is_some())
    }

    /// Notes the end of the last attempt.
    pub(crate) fn end(&mut self, wall_seconds: f64, done: usize) {
        self.trials.done = done;
        self.state = match self.shard {
            _ if done < self.trials.total => State::Interrupted,
            Some(_) => State::ShardComplete,
            None => State::Complete,
        };
        self.interruptions += usize::from(self.state == State::Interrupted);
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end = Some(clock::now());
            attempt.wall_seconds = Some(wall_seconds);
            attempt.done_after = Some(done);
        }
    }

    /// Has the tables written as `format` from now on, and says so in the folder `dir`.
    pub(super) fn write_as(&mut self, format: Format, dir: &Path) -> Result<(), RecordError> {
        if !format.is_built_in() {
            return Err(RecordError::NoParquet { path: dir.to_path_buf() });
        }
        if self.format == format {
            return Ok(());
        }
        self.format = format;
        self.write(dir)
    }

    /// Writes the file atomically.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), RecordError> {
        let mut file = AtomicFile::create(dir, MANIFEST_FILE)?;
        serde_json::to_writer_pretty(&mut file, self)
            .map_err(|error| RecordError::io("write", &dir.join(MANIFEST_FILE))(error.into()))?;
        file.push(b"\n")?;
        file.publish(None).map(drop)
    }

    /// Reads the manifest of a run folder; `None` if it has none.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Damaged`] if it is not a manifest.
    pub fn read(dir: &Path) -> Result<Option<Self>, RecordError> {
        let path = dir.join(MANIFEST_FILE);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RecordError::io("read", &path)(error)),
        };
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            let fault = sentence(&error.to_string());
            RecordError::Damaged { path, what: format!("not a manifest of this program: {fault}") }
        })
    }
}
