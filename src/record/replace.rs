//! New tables in the place of old ones, in whichever format each are.
//!
//! The manifest names every table file before it is there, and until it is gone. So whatever instant a kill chooses, the next
//! attempt knows which files are the run's, and in the end the folder has the tables in one format.

use std::io::ErrorKind;
use std::path::Path;

use super::atomic::{FileFact, sync_folder};
use super::error::RecordError;
use super::format::{Format, is_part_file, part_files, table_folders, table_of};
use super::manifest::Manifest;
use super::tables::{StagedTables, Written};
use crate::measure::TableId;

/// Gives the `staged` tables of the run in `dir` their names, then removes those that `manifest` lists and that are not among
/// them: the same rows in another format. In the end `manifest` lists the new ones, and so does the file where readers need it
/// to find them.
pub(super) fn tables(dir: &Path, manifest: &mut Manifest, staged: StagedTables) -> Result<Written, RecordError> {
    let is_new = |old: &FileFact| staged.facts().any(|new| new.name == old.name);
    let old: Vec<FileFact> =
        manifest.files.iter().filter(|file| is_table(&file.name) && !is_new(file)).cloned().collect();
    let said = manifest.format != Format::Csv || !old.is_empty();
    if said {
        manifest.files = old.iter().chain(staged.facts()).cloned().collect();
        manifest.write(dir)?;
    }
    let written = staged.publish()?;
    for file in &old {
        remove(dir, &file.name)?;
    }
    discard_leftovers(dir, &written.files)?;
    manifest.files.clone_from(&written.files);
    if said {
        manifest.write(dir)?;
    }
    Ok(written)
}

/// Whether the file is a table with rows for trials.
fn is_table(name: &str) -> bool {
    table_of(name).is_some_and(|table| TableId::parse(table).is_some())
}

/// Removes the file `name`, which is the run's.
fn remove(dir: &Path, name: &str) -> Result<(), RecordError> {
    let path = dir.join(name);
    match std::fs::remove_file(&path) {
        Ok(()) => sync_folder(&path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(RecordError::io("remove", &path)(error)),
    }
}

/// Removes parts that a kill left half written, and folders of tables that are empty.
fn discard_leftovers(dir: &Path, written: &[FileFact]) -> Result<(), RecordError> {
    for name in part_files(dir)?.iter().filter_map(|name| name.to_str()) {
        if !is_part_file(name) {
            remove(dir, name)?;
        }
    }
    let is_used =
        |table: &str| written.iter().any(|file| is_part_file(&file.name) && table_of(&file.name) == Some(table));
    for table in table_folders().filter(|table| !is_used(table)) {
        // Only an empty one goes: what else lies in it is somebody's own.
        let _ = std::fs::remove_dir(dir.join(table));
    }
    Ok(())
}
