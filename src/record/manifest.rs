//! manifest.json: what was run, by which program, on what, when, and which files came of it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::atomic::{AtomicFile, FileFact, sha256_hex};
use super::clock;
use super::error::RecordError;
use super::format::Format;
use super::identity::Identity;
use super::lock::host_name;
use crate::grid::{Shard, Share};

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

/// Which program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// `nullsweep`.
    pub name: String,
    /// Version of the package.
    pub version: String,
    /// Commit it was built from, `-dirty` if the sources differed from it; absent where there was no repository.
    pub git_revision: Option<String>,
    /// SHA-256 of the shaders, in hexadecimal; absent where none is used.
    pub shader_sha256: Option<String>,
}

/// The config.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigText {
    /// The file it was read from; paths in the text are relative to its folder.
    pub path: String,
    /// TOML.
    pub text: String,
    /// SHA-256 of the text.
    pub sha256: String,
}

/// The identity of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentityEntry {
    /// SHA-256 of the description as compact JSON with sorted keys.
    pub sha256: String,
    /// Everything that defines the rows.
    pub description: Value,
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

/// A folder that trials were taken over from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// How they came here.
    pub how: TakenBy,
    /// The folder.
    pub folder: String,
    /// Which shard it held; absent if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// SHA-256 of its identity.
    pub identity_sha256: String,
    /// Trials taken over from it.
    pub trials: usize,
    /// SHA-256 of a part's contents; absent for a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// How trials came from another folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakenBy {
    /// By `merge`, from a part of the same run.
    Merge,
    /// By `run`, from an earlier run of another config in which these trials were the same.
    Reuse,
}

/// One start of the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// UTC, RFC 3339.
    pub start: String,
    /// UTC, RFC 3339; absent if it is going on or was killed.
    pub end: Option<String>,
    /// Seconds by the monotonic clock, which does not jump when the time of day is set.
    pub wall_seconds: Option<f64>,
    /// Trials recorded before.
    pub done_before: usize,
    /// Trials recorded at its end.
    pub done_after: Option<usize>,
    /// The command line.
    pub command: Vec<String>,
    /// The engine in one line.
    pub engine: String,
    /// The adapter with its driver and limits; null on the CPU.
    pub adapter: Value,
    /// What the adapter's self-test found; null on the CPU.
    pub self_test: Value,
    /// What went wrong with the device and was put right, in numbers; null if nothing did.
    #[serde(default)]
    pub incidents: Value,
    /// The machine.
    pub host: Host,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Host name.
    pub name: String,
    /// `linux`, `macos`, `windows` ...
    pub os: String,
    /// `x86_64`, `aarch64` ...
    pub arch: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Instruction sets that the CPU engine found, `avx2`, `fma` ...
    pub cpu_features: Vec<String>,
}

/// What the caller knows of a run and this folder cannot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Name of the run.
    pub name: String,
    /// The config as it was read.
    pub config: String,
    /// The file it was read from.
    pub config_path: String,
    /// How the trials' generators are seeded.
    pub seeds: Value,
    /// SHA-256 of the shaders.
    pub shader_sha256: Option<String>,
    /// The command line.
    pub command: Vec<String>,
    /// The engine in one line.
    pub engine: String,
    /// The adapter's report, or null.
    pub adapter: Value,
    /// The self-test's report, or null.
    pub self_test: Value,
    /// Instruction sets that the CPU engine found.
    pub cpu_features: Vec<String>,
    /// Ids of the figures that the config describes.
    pub figures: Vec<String>,
}

impl Program {
    /// This one.
    pub fn current(shader_sha256: Option<String>) -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git_revision: option_env!("NULLSWEEP_GIT_REVISION").map(str::to_owned),
            shader_sha256,
        }
    }
}

impl ConfigText {
    /// The config `text`, which was read from the file at `path`.
    pub fn new(path: String, text: String) -> Self {
        Self { path, sha256: sha256_hex(text.as_bytes()), text }
    }
}

impl Manifest {
    /// The manifest at the start of an attempt on `share`, continuing `previous` if there is one. `done` trials of the
    /// share are recorded.
    pub(crate) fn begin(about: About, identity: &Identity, share: &Share, previous: Option<Self>, done: usize) -> Self {
        let attempt = Attempt {
            start: clock::now(),
            end: None,
            wall_seconds: None,
            done_before: done,
            done_after: None,
            command: about.command,
            engine: about.engine,
            adapter: about.adapter,
            self_test: about.self_test,
            incidents: Value::Null,
            host: Host {
                name: host_name(),
                os: std::env::consts::OS.to_owned(),
                arch: std::env::consts::ARCH.to_owned(),
                cores: std::thread::available_parallelism().map_or(1, usize::from),
                cpu_features: about.cpu_features,
            },
        };
        let (mut attempts, sources, mut figures, format, files) = previous.map_or_else(Default::default, |manifest| {
            (manifest.attempts, manifest.sources, manifest.figures, manifest.format, manifest.files)
        });
        let unknown = |id: &String| !figures.contains(id);
        let new: Vec<String> = about.figures.into_iter().filter(unknown).collect();
        figures.extend(new);
        let unfinished = |attempt: &&Attempt| attempt.done_after.is_none_or(|done| done < share.count());
        let interruptions = attempts.iter().filter(unfinished).count();
        attempts.push(attempt);
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
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| RecordError::Damaged { path, what: format!("not a manifest of this program: {error}") })
    }
}
