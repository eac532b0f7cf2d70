//! How a table of a finished run is stored, by its manifest: one file of text, or parts whose names, rows and hashes are known.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::atomic::{FileFact, sha256_of_file};
use super::error::RecordError;
use super::format::{csv_file, is_part_file, part_files, table_of};
use super::manifest::Manifest;

/// What to do about a part that is not what the run wrote.
const REMEDY: &str = "run the config again into this folder, or merge into it again: its tables are written anew, and nothing that is recorded is \
     computed";

/// Where the rows of a table are.
#[derive(Debug)]
pub(super) enum Stored {
    /// In this file. Whether it is there is not known.
    Csv(PathBuf),
    /// In these parts, in this order; at least one.
    Parts(Vec<FileFact>),
}

/// Where the rows of `table` are in the run folder `dir`.
///
/// # Errors
/// [`RecordError::Io`], [`RecordError::Damaged`] where there is a folder of parts and no manifest that can be read.
pub(super) fn stored(dir: &Path, table: &str) -> Result<Stored, RecordError> {
    let parts = match Manifest::read(dir) {
        Ok(manifest) => manifest.map_or_else(Vec::new, |manifest| parts_of(&manifest, table)),
        // A table of text needs nobody to say where it is.
        Err(_) if !dir.join(table).is_dir() => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(if parts.is_empty() { Stored::Csv(dir.join(csv_file(table))) } else { Stored::Parts(parts) })
}

/// The parts of `table` that `manifest` lists, in order.
pub(super) fn parts_of(manifest: &Manifest, table: &str) -> Vec<FileFact> {
    let is_part = |file: &&FileFact| is_part_file(&file.name) && table_of(&file.name) == Some(table);
    manifest.files.iter().filter(is_part).cloned().collect()
}

/// The parts in the run folder `dir` that `manifest` does not list: of another run, or left over. Whoever reads all parts of a
/// folder would take their rows for the run's.
///
/// # Errors
/// [`RecordError::Io`].
pub fn foreign_parts(dir: &Path, manifest: &Manifest) -> Result<Vec<String>, RecordError> {
    let listed: HashSet<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    let found = part_files(dir)?.into_iter().filter_map(|name| name.into_string().ok());
    Ok(found.filter(|name| is_part_file(name) && !listed.contains(name.as_str())).collect())
}

/// The path of the part that `fact` is about, in the run folder `dir`, once its contents are known to be what the run wrote.
///
/// # Errors
/// [`RecordError::Damaged`] if it is missing or another file; [`RecordError::Io`].
#[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only the feature `parquet` reads parts"))]
pub(super) fn checked(dir: &Path, fact: &FileFact) -> Result<PathBuf, RecordError> {
    let path = dir.join(&fact.name);
    match sha256_of_file(&path) {
        Ok(hash) if hash == fact.sha256 => Ok(path),
        Ok(_) => Err(damaged(&path, "this is not the part that the run wrote (its hash differs)")),
        Err(RecordError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(damaged(&path, "this part of the table is missing"))
        }
        Err(error) => Err(error),
    }
}

/// `what` is wrong with the part `path`.
pub(super) fn damaged(path: &Path, what: &str) -> RecordError {
    RecordError::Damaged { path: path.to_path_buf(), what: format!("{what}\n  {REMEDY}") }
}
