//! The folder of another run, or of another part of this one, whose recorded trials are to be taken over. It is only
//! read: no lock is taken in it and nothing is repaired, so it may lie on a read-only disk, and even be still growing.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::atomic::hex;
use super::common::Described;
use super::error::RecordError;
use super::frame::Framing;
use super::header::{self, FORMAT_VERSION, Header};
use super::identity::Identity;
use super::journal::JOURNAL_FILE;
use super::lock::{self, Liveness, Owner};
use super::manifest::{Manifest, Program};
use super::scan::{self, HeaderState, Recovery};
use super::trial_set::TrialSet;
use super::version;
use crate::grid::Shard;

/// A folder to take recorded trials from.
#[derive(Clone, Debug)]
pub struct SourceFolder {
    path: PathBuf,
    header: Option<Origin>,
    manifest: Option<Manifest>,
    holder: Option<(Owner, Liveness)>,
}

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The process runs on this host.
    Certain,
    /// It runs, or was killed, on another host, which cannot be looked up from here.
    Possible,
}

/// What the header of a journal says.
#[derive(Clone, Debug)]
struct Origin {
    hash: [u8; 32],
    description: Value,
    /// Where the frames begin.
    frames_at: u64,
}

/// The whole frames of a source's journal.
pub(super) struct Survey {
    pub(super) journal: PathBuf,
    pub(super) framing: Framing,
    pub(super) hash: [u8; 32],
    /// In the order in which they lie, one a trial.
    pub(super) frames: Vec<Place>,
    pub(super) recovery: Recovery,
}

/// How many trials a source's journal has.
pub(super) struct Count {
    pub(super) trials: usize,
    pub(super) recovery: Recovery,
}

/// Where the frame of a trial lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) trial: usize,
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

impl SourceFolder {
    /// Reads what the folder at `path` says of itself. A manifest that cannot be read, or is another run's, counts as
    /// none; so does the header of a journal that is damaged or empty, whose frames are then looked for under the
    /// identity of the others.
    ///
    /// # Errors
    /// [`RecordError::NoJournal`], [`RecordError::Format`], [`RecordError::Io`].
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let journal = path.join(JOURNAL_FILE);
        let file = match File::open(&journal) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(RecordError::NoJournal { folder: path.to_path_buf() });
            }
            other => other.map_err(RecordError::io("read", &journal))?,
        };
        let header = match header::decode(&file).map_err(RecordError::io("read", &journal))? {
            Header::Whole { version: found, identity, .. } if found != FORMAT_VERSION => {
                return Err(version::format_refusal(path, journal, &identity, found));
            }
            Header::Whole { identity, description, bytes, .. } => {
                Some(Origin { hash: identity, description, frames_at: bytes })
            }
            Header::Broken => None,
        };
        let manifest = match Manifest::read(path) {
            Err(RecordError::Damaged { .. }) => None,
            other => other?,
        };
        // The manifest of an earlier run may lie beside a new journal for an instant.
        let is_its = |manifest: &Manifest| {
            header.as_ref().is_none_or(|header: &Origin| manifest.identity.sha256 == hex(&header.hash))
        };
        let manifest = manifest.filter(is_its);
        Ok(Self { path: path.to_path_buf(), header, manifest, holder: lock::holder(path) })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The description of its identity; `None` if the journal's header is damaged.
    pub fn description(&self) -> Option<&Value> {
        self.header.as_ref().map(|header| &header.description)
    }

    /// What it says of itself; `None` if the journal's header is damaged.
    pub fn described(&self) -> Option<Described<'_>> {
        let program = self.manifest.as_ref().map(|manifest| &manifest.program);
        Some(Described { path: &self.path, description: self.description()?, program })
    }

    /// SHA-256 of the description.
    pub fn identity_hash(&self) -> Option<&[u8; 32]> {
        self.header.as_ref().map(|header| &header.hash)
    }

    /// Its manifest; `None` if there is none, or none that can be read.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// What wrote its manifest, if that is another version of the program than this one.
    pub fn other_program(&self) -> Option<&Program> {
        self.manifest.as_ref().map(|manifest| &manifest.program).filter(|program| !program.is_current())
    }

    /// Which shard of its run it holds, as far as its manifest says.
    pub fn shard(&self) -> Option<Shard> {
        self.manifest.as_ref().and_then(|manifest| manifest.shard)
    }

    /// Whoever computes here, unless it is known to have been killed.
    pub fn holder(&self) -> Option<(&Owner, Presence)> {
        let (owner, liveness) = self.holder.as_ref()?;
        match liveness {
            Liveness::Alive => Some((owner, Presence::Certain)),
            Liveness::Unknown => Some((owner, Presence::Possible)),
            Liveness::Gone => None,
        }
    }

    /// Finds the whole frames of the journal, each checked by its seals, under `fallback` where the header does not say
    /// whose they are. A journal that is being appended to is read as far as it was when this began.
    pub(super) fn survey(&self, fallback: &Identity) -> Result<Survey, RecordError> {
        let trials = self.trials().unwrap_or(fallback.trials());
        match &self.header {
            Some(Origin { hash, frames_at, .. }) => self.survey_of(*hash, *frames_at, trials),
            None => self.survey_of(*fallback.hash(), header::encode(fallback).len() as u64, trials),
        }
    }

    /// Whether the journal has no bytes at all.
    pub(super) fn is_empty(&self) -> Result<bool, RecordError> {
        let journal = self.path.join(JOURNAL_FILE);
        let metadata = std::fs::metadata(&journal).map_err(RecordError::io("read", &journal))?;
        Ok(metadata.len() == 0)
    }

    /// Counts the trials that have a whole frame, of a run of `trials` trials; `None` where the header does not say whose the
    /// frames are. Memory: see [`TrialSet`].
    pub(super) fn count_under_header(&self, trials: usize) -> Result<Option<Count>, RecordError> {
        let Some(Origin { hash, frames_at, .. }) = &self.header else { return Ok(None) };
        let mut seen = TrialSet::default();
        let recovery = self.scan(&Framing::new(hash), *frames_at, trials, &mut |trial, _, _| seen.insert(trial))?;
        Ok(Some(Count { trials: seen.len(), recovery }))
    }

    /// The frames from byte `start` on that are sealed with `hash`, of a run of `trials` trials.
    fn survey_of(&self, hash: [u8; 32], start: u64, trials: usize) -> Result<Survey, RecordError> {
        let framing = Framing::new(&hash);
        let mut frames = Vec::new();
        let found = &mut |trial, offset, bytes| frames.push(Place { trial, offset, bytes });
        let recovery = self.scan(&framing, start, trials, found)?;
        // The first frame of a trial counts, as it does on resuming.
        frames.sort_by_key(|place| place.trial);
        frames.dedup_by_key(|place| place.trial);
        frames.sort_unstable_by_key(|place| place.offset);
        Ok(Survey { journal: self.path.join(JOURNAL_FILE), framing, hash, frames, recovery })
    }

    /// Hands the trial, offset and bytes of every whole frame from byte `start` on to `found`.
    fn scan(
        &self,
        framing: &Framing,
        start: u64,
        trials: usize,
        found: &mut dyn FnMut(usize, u64, u64),
    ) -> Result<Recovery, RecordError> {
        let journal = self.path.join(JOURNAL_FILE);
        let failed = || RecordError::io("read", &journal);
        let file = File::open(&journal).map_err(failed())?;
        let length = file.metadata().map_err(failed())?.len();
        let scanned = scan::scan(&file, framing, trials, start.min(length)..length, found).map_err(failed())?;
        let header = if self.header.is_none() && length > 0 { HeaderState::Damaged } else { HeaderState::Whole };
        Ok(Recovery { header, ..scanned.recovery })
    }

    /// Trials of the run that the journal is of.
    fn trials(&self) -> Option<usize> {
        self.description()?.get("trials")?.as_u64().and_then(|trials| usize::try_from(trials).ok())
    }
}
