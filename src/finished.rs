//! A finished run, opened again from nothing but its folder: for `verify` and `figures`.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::grid::Shard;
use crate::record::{Manifest, OtherVersion, RecordError, SourceFolder, State};
use crate::run::KERNEL_VERSION;

/// A run whose tables are complete.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedRun {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its config, read from there.
    pub config: Config,
}

/// Why a folder does not hold a finished run.
#[derive(Debug)]
pub enum FinishedError {
    /// A file of the run.
    Record(RecordError),
    /// There is no manifest.
    NoRun(PathBuf),
    /// The run is not finished.
    Unfinished(PathBuf),
    /// The folder holds a shard of a run, which has no tables.
    Shard(PathBuf, Shard),
    /// The config in the manifest is no config of this version.
    Config(String),
}

impl FinishedRun {
    /// Opens the run in `dir`; its files are not looked at.
    ///
    /// # Errors
    /// [`FinishedError`]
    pub fn open(dir: &Path) -> Result<Self, FinishedError> {
        let manifest = Manifest::read(dir)?.ok_or_else(|| FinishedError::NoRun(dir.to_path_buf()))?;
        if let Some(shard) = manifest.shard {
            return Err(FinishedError::Shard(dir.to_path_buf(), shard));
        }
        if manifest.state != State::Complete {
            return Err(unfinished(dir, &manifest));
        }
        let config = Config::parse(&manifest.config.text, Path::new(&manifest.config.path), &[])
            .map_err(|errors| FinishedError::Config(errors.to_string()))?;
        Ok(Self { manifest, config })
    }
}

/// Why the run in `dir`, which is not complete, is not one to open. Whoever is sent to go on with it must not be refused there.
fn unfinished(dir: &Path, manifest: &Manifest) -> FinishedError {
    if let Err(error @ RecordError::Format { .. }) = SourceFolder::open(dir) {
        return error.into();
    }
    match OtherVersion::of(dir, manifest, KERNEL_VERSION) {
        Some(version) => RecordError::OtherVersion(Box::new(version)).into(),
        None => FinishedError::Unfinished(dir.to_path_buf()),
    }
}

impl fmt::Display for FinishedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(error) => error.fmt(f),
            Self::NoRun(dir) => {
                write!(f, "{}: no manifest.json here; give the folder of a finished run", dir.display())
            }
            Self::Unfinished(dir) => {
                write!(
                    f,
                    "{}: this run is not complete; `nullsweep run` with its config, `merge` of more shards or, for a run on many \
                     machines, `launch` goes on with it",
                    dir.display()
                )
            }
            Self::Shard(dir, shard) => write!(
                f,
                "{}: this is shard {shard} of a run and has no tables; `nullsweep merge` joins it with the others",
                dir.display()
            ),
            Self::Config(errors) => write!(f, "the config in manifest.json cannot be used: {errors}"),
        }
    }
}

impl std::error::Error for FinishedError {}

impl From<RecordError> for FinishedError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}
