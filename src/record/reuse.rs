//! A run whose config was changed: the trials that are the same in both configs go on in a new journal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::aside;
use super::atomic;
use super::copies::{self, CopyError, Piece};
use super::error::RecordError;
use super::identity::{self, Identity};
use super::journal::{JOURNAL_FILE, Journal};
use super::manifest::{Source, TakenBy};
use super::source::{Place, SourceFolder, Survey};
use crate::grid::Share;

/// Where the new journal grows.
const STAGING_FOLDER: &str = ".reuse.tmp";

/// Which trials of an earlier run are trials of another one, with the same rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reuse {
    /// SHA-256 of the earlier run's identity.
    pub identity: [u8; 32],
    /// In the order of the earlier trials, none overlapping.
    pub same: Vec<SameTrials>,
}

/// Trials `old`, `old + 1`, ... of the earlier run are trials `new`, `new + 1`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SameTrials {
    /// The first in the earlier run.
    pub old: usize,
    /// The first in the other.
    pub new: usize,
    /// How many.
    pub count: usize,
}

impl Reuse {
    /// The trial that the earlier run's trial `old` has become.
    pub fn new_index(&self, old: usize) -> Option<usize> {
        let run = self.same[..self.same.partition_point(|run| run.old <= old)].last()?;
        let at = old - run.old;
        (at < run.count).then_some(run.new + at)
    }
}

/// What was done about an earlier run.
pub(super) struct Replaced {
    /// Trials taken over.
    pub(super) reused: usize,
    /// Trials that the earlier run had.
    pub(super) recorded: usize,
    /// Where its files are now.
    pub(super) aside: PathBuf,
    /// What is different, line by line.
    pub(super) differences: Vec<String>,
    /// For the manifest.
    pub(super) source: Source,
}

/// Puts a journal of the run `identity` into the place of the one in `folder`, with the trials of `share` that `reuse`
/// says are the same, and moves all other files aside. `None`, and nothing is changed, if there is no such trial.
///
/// Until the new journal is whole and on disk the folder is what it was; from then on it is the new run's. A kill in
/// between leaves at most files of the earlier run beside the new journal, which [`aside::clear`] moves.
pub(super) fn replace(
    folder: &Path,
    identity: &Identity,
    share: &Share,
    reuse: &Reuse,
) -> Result<Option<Replaced>, RecordError> {
    let earlier = SourceFolder::open(folder)?;
    let Some(description) = earlier.description().filter(|_| earlier.identity_hash() == Some(&reuse.identity)) else {
        return Ok(None);
    };
    let differences = identity::differences(description, identity.description(), identity::THEN_AND_NOW);
    let mut survey = earlier.survey(identity)?;
    let recorded = survey.frames.len();
    let piece = |place: Place| {
        let trial = reuse.new_index(place.trial).filter(|&trial| share.contains(trial))?;
        Some(Piece { trial, source: 0, original: place.trial, offset: place.offset, bytes: place.bytes })
    };
    let pieces: Vec<Piece> = std::mem::take(&mut survey.frames).into_iter().filter_map(piece).collect();
    if pieces.is_empty() {
        return Ok(None);
    }
    let staging = folder.join(STAGING_FOLDER);
    fs::create_dir(&staging).map_err(RecordError::io("create", &staging))?;
    let reused = match fill(&staging, identity, share, &[survey], pieces) {
        Ok(reused) => reused,
        Err(error) => {
            // The earlier run is as it was; what was begun beside it is worth nothing.
            let _ = fs::remove_dir_all(&staging);
            return Err(error);
        }
    };
    let aside = aside::replace_journal(folder, &staging.join(JOURNAL_FILE))?;
    fs::remove_dir(&staging).map_err(RecordError::io("remove", &staging))?;
    let source = Source {
        how: TakenBy::Reuse,
        folder: aside.display().to_string(),
        shard: earlier.shard(),
        identity_sha256: atomic::hex(&reuse.identity),
        trials: reused,
        sha256: None,
    };
    Ok(Some(Replaced { reused, recorded, aside, differences, source }))
}

/// Removes what a process that was killed while it copied had copied. The originals are where they were.
pub(super) fn discard_leftovers(folder: &Path) -> Result<(), RecordError> {
    let staging = folder.join(STAGING_FOLDER);
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RecordError::io("remove", &staging)(error)),
        _ => Ok(()),
    }
}

/// Writes the journal of `identity` with the frames `pieces` into `dir`, and brings it to disk.
fn fill(
    dir: &Path,
    identity: &Identity,
    share: &Share,
    survey: &[Survey],
    pieces: Vec<Piece>,
) -> Result<usize, RecordError> {
    let mut journal = Journal::create_of(dir, identity, share)?;
    match copies::copy(survey, pieces, &mut journal) {
        Ok(_) => {}
        Err(CopyError::Record(error)) => return Err(error),
        Err(CopyError::Conflict { trial, .. }) => {
            return Err(RecordError::Damaged {
                path: dir.join(JOURNAL_FILE),
                what: format!("two trials of the earlier run became trial {trial}\n  start over with --fresh"),
            });
        }
    }
    journal.sync()?;
    Ok(journal.done().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_becomes_the_one_of_its_place() {
        let same = vec![SameTrials { old: 0, new: 5, count: 2 }, SameTrials { old: 4, new: 20, count: 1 }];
        let reuse = Reuse { identity: [0; 32], same };
        let found: Vec<_> = (0..6).map(|old| reuse.new_index(old)).collect();
        assert_eq!(found, [Some(5), Some(6), None, None, Some(20), None]);
    }
}
