//! Making room without deleting: what is in the way moves into a sibling folder.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::atomic::sync_folder;
use super::columns::COLUMNS_FILE;
use super::error::RecordError;
use super::expectations::EXPECTATIONS_FILE;
use super::figures::{FIGURES_FOLDER, REPORT_FILE, figure_files};
use super::format::{part_files, table_folders};
use super::journal::JOURNAL_FILE;
use super::load_sql::LOAD_FILE;
use super::manifest::MANIFEST_FILE;
use super::summary::SUMMARY_FILE;
use super::theory::THEORY_FILE;
use super::timing::TIMING_FILE;
use crate::measure::TableId;

/// Moves what lies in `folder` into the first free sibling `NAME.old-1`, `NAME.old-2` ... and returns it, or `None` if
/// there was nothing to move. The lock, which the caller must hold, stays.
///
/// What moves are the files `ours` and the parts of tables, which the run is about to write, and out of the folder of a run
/// whatever else a run writes, its figures with it. The rest is somebody's own and stays: with `--out .` the very config may lie here.
///
/// The journal moves first: should this be interrupted, what remains are tables, which no run continues.
pub(crate) fn set_aside(folder: &Path, ours: &[String]) -> Result<Option<PathBuf>, RecordError> {
    let is_run = folder.join(JOURNAL_FILE).exists();
    let mut names = list(folder, |name| is_run && is_of_a_run(name) || ours.iter().any(|own| name == own.as_str()))?;
    names.extend(part_files(folder)?);
    if is_run {
        names.extend(figure_files(folder));
    }
    names.sort_unstable_by_key(|name| (name != JOURNAL_FILE, name.clone()));
    move_all(folder, &names)
}

/// Puts the journal `new` into the place of the one in `folder`, and moves that one and everything else of the run into
/// a sibling as [`set_aside`] does. `new` must lie on the same file system, in a folder whose name begins with a dot.
///
/// At no instant is there no journal, and the manifest, by which [`clear`] knows the rest, moves last.
pub(crate) fn replace_journal(folder: &Path, new: &Path) -> Result<PathBuf, RecordError> {
    let names = beside_journal(folder)?;
    let target = free_sibling(folder)?;
    let (old, kept) = (folder.join(JOURNAL_FILE), target.join(JOURNAL_FILE));
    // A second name costs nothing; where a file cannot have one, a copy does the same.
    fs::hard_link(&old, &kept).or_else(|_| copy_synced(&old, &kept)).map_err(RecordError::io("move aside", &old))?;
    // The first name goes with the rename: the second one must be on disk before.
    sync_folder(&kept)?;
    sync_folder(&target)?;
    fs::rename(new, &old).map_err(RecordError::io("rename into place", &old))?;
    sync_folder(&old)?;
    move_into(folder, &manifest_last(names), &target)?;
    Ok(target)
}

/// Moves aside what a killed [`replace_journal`] left beside the new journal: every file of an earlier run, which
/// `folder` is known to hold because the manifest is that run's.
pub(crate) fn clear(folder: &Path) -> Result<Option<PathBuf>, RecordError> {
    move_all(folder, &manifest_last(beside_journal(folder)?))
}

/// All files of a run but its journal.
fn beside_journal(folder: &Path) -> Result<Vec<OsString>, RecordError> {
    let mut names = list(folder, |name| name != JOURNAL_FILE && is_of_a_run(name))?;
    names.extend(part_files(folder)?);
    names.extend(figure_files(folder));
    Ok(names)
}

/// The files that a run writes beside its tables, less its journal and its lock.
pub(crate) const BESIDE_TABLES: [&str; 8] =
    [MANIFEST_FILE, COLUMNS_FILE, SUMMARY_FILE, THEORY_FILE, EXPECTATIONS_FILE, TIMING_FILE, REPORT_FILE, LOAD_FILE];

/// Whether a run, of whatever tables, writes a file of this name. Its lock is not meant: it belongs to who holds it.
fn is_of_a_run(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    // What a kill left half written has the name with this around it.
    let name = name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp")).unwrap_or(name);
    let is_table = || name.strip_suffix(".csv").is_some_and(|stem| TableId::parse(stem).is_some());
    name == JOURNAL_FILE || BESIDE_TABLES.contains(&name) || is_table()
}

fn list(folder: &Path, wanted: impl Fn(&OsStr) -> bool) -> Result<Vec<OsString>, RecordError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(RecordError::io("list", folder))? {
        let name = entry.map_err(RecordError::io("list", folder))?.file_name();
        if wanted(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn manifest_last(mut names: Vec<OsString>) -> Vec<OsString> {
    names.sort_unstable_by_key(|name| (name == MANIFEST_FILE, name.clone()));
    names
}

fn move_all(folder: &Path, names: &[OsString]) -> Result<Option<PathBuf>, RecordError> {
    if names.is_empty() {
        return Ok(None);
    }
    let target = free_sibling(folder)?;
    move_into(folder, names, &target)?;
    Ok(Some(target))
}

fn move_into(folder: &Path, names: &[OsString], target: &Path) -> Result<(), RecordError> {
    for name in names {
        let (from, to) = (folder.join(name), target.join(name));
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(RecordError::io("create", parent))?;
        }
        fs::rename(&from, &to).map_err(RecordError::io("move aside", &from))?;
    }
    // They go only if they are empty: what else lies in them is somebody's own.
    for emptied in table_folders().chain([FIGURES_FOLDER]) {
        let _ = fs::remove_dir(folder.join(emptied));
    }
    Ok(())
}

fn copy_synced(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::File::open(to)?.sync_all()
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
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(RecordError::io("create", &sibling)(error)),
        }
    }
}
