//! Starting over without deleting: the old contents move into a sibling folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::RecordError;
use super::journal::JOURNAL_FILE;
use super::lock::LOCK_FILE;

/// Moves what lies in `folder` into the first free sibling `NAME.old-1`, `NAME.old-2` ... and returns it, or `None` if
/// there was nothing to move. The lock, which the caller must hold, stays.
///
/// The folder of a run moves whole. A folder without a journal is somebody's own: only the files `ours`, which the
/// run is about to write, move out of it.
///
/// The journal moves first: should this be interrupted, what remains are tables, which no run continues.
pub(crate) fn set_aside(folder: &Path, ours: &[String]) -> Result<Option<PathBuf>, RecordError> {
    let mut names = Vec::new();
    let is_run = folder.join(JOURNAL_FILE).exists();
    for entry in fs::read_dir(folder).map_err(RecordError::io("list", folder))? {
        let name = entry.map_err(RecordError::io("list", folder))?.file_name();
        if name != LOCK_FILE && (is_run || ours.iter().any(|own| name == own.as_str())) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    names.sort_unstable_by_key(|name| (name != JOURNAL_FILE, name.clone()));
    let target = free_sibling(folder)?;
    for name in names {
        let from = folder.join(&name);
        fs::rename(&from, target.join(&name)).map_err(RecordError::io("move aside", &from))?;
    }
    Ok(Some(target))
}

/// Creates the first `NAME.old-K` that does not exist.
fn free_sibling(folder: &Path) -> Result<PathBuf, RecordError> {
    // `.` and `a/..` have no name of their own.
    let full = folder.canonicalize().map_err(RecordError::io("resolve", folder))?;
    let name = full.file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned());
    let mut number = 1_u32;
    loop {
        let sibling = full.with_file_name(format!("{name}.old-{number}"));
        match fs::create_dir(&sibling) {
            Ok(()) => return Ok(sibling),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(RecordError::io("create", &sibling)(error)),
        }
    }
}
