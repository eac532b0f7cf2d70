//! One shard: computed in a folder of this process's own, then published as a part.
//!
//! Any number of processes may compute the same shard at the same time, each believing the others dead. They share
//! nothing but the name under which the part appears, and their parts are the same. What an attempt that was killed has
//! recorded is taken over.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::layout::part_name;
use super::{Failure, Layout, Plan, PlanError};
use crate::config::Config;
use crate::engine::select::Selected;
use crate::grid::Shard;
use crate::record::{Mode, Part, RecordError, RunFolder, SourceFolder, unique_name, without_kind};
use crate::run::{self, Budget, Ended, RunError, Watch, settings};

/// What is there when a shard is asked for.
pub enum Begun {
    /// Its part, whole.
    Published(Box<Part>),
    /// Work to do.
    Open(Box<Attempt>),
}

/// A shard that is being computed by this process.
pub struct Attempt {
    layout: Layout,
    shard: Shard,
    config: Config,
    work: PathBuf,
    folder: RunFolder,
    taken_over: usize,
}

/// Why a shard was not published.
#[derive(Debug)]
pub enum ShardError {
    /// The plan.
    Plan(PlanError),
    /// The files.
    Record(RecordError),
    /// The computation.
    Run(RunError),
    /// Asked to stop; what is recorded is taken over by the next attempt.
    Stopped {
        /// Trials that are recorded.
        recorded: usize,
        /// Of how many.
        trials: usize,
    },
}

/// Looks for the part of shard `index`.
///
/// # Errors
/// [`ShardError::Plan`] if there is no such shard. A file in the part's place that is no part of this run counts as none: a
/// part replaces it.
pub fn published(plan: &Plan, layout: &Layout, index: u32) -> Result<Option<Part>, ShardError> {
    let shard = plan.shard(index)?;
    let part = Part::open(&layout.part(index)).ok().flatten();
    Ok(part.filter(|part| belongs(part, plan, shard)))
}

/// Whether `part` is the one that `plan` asks for as `shard`.
pub(super) fn belongs(part: &Part, plan: &Plan, shard: Shard) -> bool {
    part.shard() == shard
        && part.trials() == plan.trials_of(shard.index())
        && without_kind(part.description()) == plan.definition.description
}

impl Attempt {
    /// Opens a folder to compute shard `index` of `plan` in, which `config` is the config of, with what attempts that were
    /// killed have left of it; or finds its part.
    ///
    /// # Errors
    /// [`ShardError`]
    pub fn begin(
        plan: &Plan,
        config: Config,
        layout: &Layout,
        index: u32,
        selected: &Selected,
    ) -> Result<Begun, ShardError> {
        if let Some(part) = published(plan, layout, index)? {
            return Ok(Begun::Published(Box::new(part)));
        }
        let shard = plan.shard(index)?;
        let share = config.grid.share(Some(shard));
        let (settings, about) = (settings::settings(&config, selected), settings::about(&config, selected));
        let left = left_behind(layout, index);
        let work = work_folder(&layout.work(), &index.to_string());
        let mut folder = RunFolder::open(&work, &settings, &settings::schemas(&config), &share, about, Mode::Resume)?;
        let of_this_shard = |source: &SourceFolder| {
            source.shard() == Some(shard) && source.identity_hash() == Some(folder.identity().hash())
        };
        let sources: Vec<_> =
            left.iter().filter_map(|path| SourceFolder::open(path).ok()).filter(of_this_shard).collect();
        for source in sources {
            // One that cannot be read, or that contradicts another, is no help: its trials are computed again. What ails
            // this process's own folder will show when it is written to.
            let _ = folder.take(&[source]);
        }
        let taken_over = folder.recorded();
        Ok(Begun::Open(Box::new(Self { layout: layout.clone(), shard, config, work, folder, taken_over })))
    }

    /// Trials taken over from attempts that were killed.
    pub fn taken_over(&self) -> usize {
        self.taken_over
    }

    /// Trials of the shard.
    pub fn trials(&self) -> usize {
        self.folder.share().count()
    }

    /// Computes what is left and publishes the part. Every other folder in which this shard was computed is removed then:
    /// whoever may still be at work in one finds the part when it is done.
    ///
    /// # Errors
    /// [`ShardError`]; what was recorded stays for the next attempt.
    pub fn compute(mut self, selected: &Selected, chunk: Option<usize>, watch: &dyn Watch) -> Result<Part, ShardError> {
        let budget = Budget::of(selected.engine.as_ref(), chunk);
        let ended = run::run(&self.config, selected.engine.as_ref(), &mut self.folder, budget, watch)?;
        let incidents = selected.engine.incidents();
        if !incidents.is_none() {
            self.folder.note_incidents(serde_json::to_value(incidents).unwrap_or_default());
        }
        if ended == Ended::Stopped {
            let stopped = ShardError::Stopped { recorded: self.folder.recorded(), trials: self.trials() };
            // Its own error would hide that it was asked to stop.
            let _ = self.folder.finish(crate::record::Tables::Complete);
            return Err(stopped);
        }
        let Self { layout, shard, work, folder, taken_over, .. } = self;
        let part = folder.publish(&layout.parts(), &part_name(shard.index()), taken_over)?;
        Failure::forget(&layout, shard.index());
        for path in left_behind(&layout, shard.index()).iter().chain([&work]) {
            // They are in nobody's way: `merge` removes what is left of them.
            let _ = std::fs::remove_dir_all(path);
        }
        Ok(part)
    }
}

/// The folders of all attempts at shard `index`.
fn left_behind(layout: &Layout, index: u32) -> Vec<PathBuf> {
    let prefix = format!("{index}.");
    let Ok(entries) = std::fs::read_dir(layout.work()) else { return Vec::new() };
    let is_its = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_its).collect()
}

/// A folder in `parent` that no other process works in.
pub(super) fn work_folder(parent: &Path, what: &str) -> PathBuf {
    parent.join(format!("{what}.{}", unique_name()))
}

impl ShardError {
    /// Whether the same command may well succeed later, or elsewhere, with nothing changed by anybody: a full disk, a file
    /// system that does not answer, a device that is lost.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Record(error) | Self::Plan(PlanError::Record(error)) | Self::Run(RunError::Record(error)) => {
                record_is_transient(error)
            }
            // A file system that is away shows no plan.
            Self::Run(RunError::Engine(_)) | Self::Plan(PlanError::NoPlan(_)) => true,
            Self::Plan(_) | Self::Run(RunError::Trial { .. }) | Self::Stopped { .. } => false,
        }
    }
}

fn record_is_transient(error: &RecordError) -> bool {
    let RecordError::Io { source, .. } = error else { return false };
    let by_number = source.raw_os_error().is_some_and(|code| PASSING.contains(&code));
    by_number
        || matches!(
            source.kind(),
            ErrorKind::StorageFull
                | ErrorKind::QuotaExceeded
                | ErrorKind::StaleNetworkFileHandle
                | ErrorKind::TimedOut
                | ErrorKind::Interrupted
                | ErrorKind::WouldBlock
                | ErrorKind::ResourceBusy
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::NetworkDown
                | ErrorKind::NotConnected
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::OutOfMemory
                // Another process published the part and tidied up, or a network file system is slow to show a new folder.
                | ErrorKind::NotFound
        )
}

/// Errors that pass and that the standard library has no kind for: EIO, too many files open in the system (ENFILE), no locks
/// (ENOLCK), a file system whose server has gone (ESHUTDOWN).
#[cfg(target_os = "linux")]
const PASSING: [i32; 4] = [5, 23, 37, 108];
/// EIO has the same number everywhere.
#[cfg(not(target_os = "linux"))]
const PASSING: [i32; 1] = [5];

impl fmt::Display for ShardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
            Self::Run(error) => error.fmt(f),
            Self::Stopped { recorded, trials } => {
                write!(
                    f,
                    "interrupted: {recorded} of {trials} trials are recorded; the same command goes on from there"
                )
            }
        }
    }
}

impl std::error::Error for ShardError {}

impl From<PlanError> for ShardError {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}

impl From<RecordError> for ShardError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl From<RunError> for ShardError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
