//! Parts of one run -> one run: their trials in one journal.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::atomic;
use super::copies::{self, CopyError, Piece};
use super::error::RecordError;
use super::identity::Identity;
use super::journal::Journal;
use super::manifest::{Source, TakenBy};
use super::scan::Recovery;
use super::source::{SourceFolder, Survey};

/// What came of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The folder.
    pub folder: PathBuf,
    /// Trials that it has.
    pub recorded: usize,
    /// Trials taken over from it.
    pub taken: usize,
    /// What was wrong with its journal: such trials count as not recorded.
    pub recovery: Recovery,
}

/// What came of all sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// In the order in which they were given.
    pub sources: Vec<Taken>,
    /// Trials that were there already, or in several sources, with the same rows.
    pub repeated: usize,
}

/// Takes what `sources` have over into `journal`, whose run is `identity`, and notes in `origins` from where.
///
/// # Errors
/// [`RecordError::Conflict`] if two folders, or a folder and the journal, have different rows for a trial;
/// [`RecordError::Io`], [`RecordError::Damaged`]. What was copied before stays.
pub(super) fn take(
    sources: &[SourceFolder],
    identity: &Identity,
    journal: &mut Journal,
    origins: &mut Vec<Source>,
) -> Result<Merged, RecordError> {
    let mut surveys =
        sources.par_iter().map(|source| source.survey(identity)).collect::<Result<Vec<Survey>, RecordError>>()?;
    let mut pieces = Vec::with_capacity(surveys.iter().map(|survey| survey.frames.len()).sum());
    let mut recorded = Vec::with_capacity(surveys.len());
    for (source, survey) in surveys.iter_mut().enumerate() {
        recorded.push(survey.frames.len());
        let wanted =
            std::mem::take(&mut survey.frames).into_iter().filter(|place| journal.done().share().contains(place.trial));
        pieces.extend(wanted.map(|place| Piece {
            trial: place.trial,
            source,
            original: place.trial,
            offset: place.offset,
            bytes: place.bytes,
        }));
    }
    let copied = copies::copy(&surveys, pieces, journal).map_err(|error| match error {
        CopyError::Record(error) => error,
        CopyError::Conflict { trial, source, other } => RecordError::Conflict {
            trial,
            folders: [
                other.map_or_else(|| folder_of(journal.path()), |other| sources[other].path().to_path_buf()),
                sources[source].path().to_path_buf(),
            ],
        },
    })?;
    let mut merged = Merged { sources: Vec::with_capacity(sources.len()), repeated: copied.repeated };
    for (((source, survey), recorded), taken) in sources.iter().zip(surveys).zip(recorded).zip(copied.by_source) {
        if taken > 0 {
            origins.push(Source {
                how: TakenBy::Merge,
                folder: source.path().display().to_string(),
                shard: source.shard(),
                identity_sha256: atomic::hex(&survey.hash),
                trials: taken,
                sha256: None,
            });
        }
        let folder = source.path().to_path_buf();
        merged.sources.push(Taken { folder, recorded, taken, recovery: survey.recovery });
    }
    Ok(merged)
}

fn folder_of(journal: &Path) -> PathBuf {
    journal.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
