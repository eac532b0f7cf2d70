//! Folders that a run does not go into, told before anything in them is changed.

use std::path::Path;

use super::aside;
use super::error::RecordError;
use super::format::part_files;
use super::journal::JOURNAL_FILE;
use super::manifest::Manifest;
use super::tables::file_name;
use crate::grid::Share;
use crate::measure::table::Schema;

/// A folder whose manifest cannot be read may hold any share: every frame in it is a trial of its run whatever it holds.
pub(super) fn refuse_other_share(folder: &Path, share: &Share) -> Result<(), RecordError> {
    let Ok(Some(manifest)) = Manifest::read(folder) else { return Ok(()) };
    if manifest.shard == share.shard() {
        return Ok(());
    }
    Err(RecordError::OtherShare { folder: folder.to_path_buf(), holds: manifest.shard, asked: share.shard() })
}

/// The files that a run writes beside its journal and lock.
pub(super) fn own_files(schemas: &[Schema]) -> Vec<String> {
    schemas.iter().map(file_name).chain(aside::BESIDE_TABLES.map(str::to_owned)).collect()
}

/// Refuses a folder without a journal that has files which a run with the tables `schemas` would write: they are somebody's own, or
/// what is left of a run whose journal is gone.
///
/// To be asked before the lock, so that not even a lock file is left there. The journal is looked for last: a run that
/// begins meanwhile writes it first.
///
/// # Errors
/// [`RecordError::Occupied`], [`RecordError::LostJournal`], [`RecordError::Io`].
pub fn refuse_if_occupied(folder: &Path, schemas: &[Schema]) -> Result<(), RecordError> {
    let there = own_files(schemas).into_iter().find(|name| folder.join(name).symlink_metadata().is_ok());
    let first = match there {
        None => part_files(folder)?.first().map(|part| part.to_string_lossy().into_owned()),
        file => file,
    };
    let Some(file) = first else { return Ok(()) };
    let manifest = Manifest::read(folder).ok().flatten();
    if folder.join(JOURNAL_FILE).exists() {
        return Ok(());
    }
    let folder = folder.to_path_buf();
    Err(match manifest {
        Some(manifest) if !manifest.is_of_parts() => RecordError::LostJournal { folder },
        _ => RecordError::Occupied { folder, file },
    })
}
