//! Whose a folder is, and what the folders of several files are called.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::OutError;
use super::dictionary::{COLUMNS_FILE, MADE_BY, dictionary};
use crate::record::{RecordError, prepare_folder, publish};

/// What to do with a folder that has something else in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse it.
    Refuse,
    /// Write into it; what is not of a diagnosis stays.
    WriteInto,
}

/// Makes `dir` a folder of diagnoses, by its dictionary: one that is new, empty, or was one before; any other as `existing` says.
///
/// # Errors
/// [`OutError::Foreign`], or if the folder cannot be written.
pub fn claim(dir: &Path, existing: Existing) -> Result<(), OutError> {
    if existing == Existing::Refuse && !is_empty(dir)? && !is_own(dir) {
        return Err(OutError::Foreign(dir.to_owned()));
    }
    prepare_folder(dir)?;
    Ok(publish(dir, COLUMNS_FILE, &dictionary())?)
}

fn is_empty(dir: &Path) -> Result<bool, OutError> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(RecordError::io("read the folder", dir)(error).into()),
    }
}

fn is_own(dir: &Path) -> bool {
    let text = std::fs::read(dir.join(COLUMNS_FILE)).unwrap_or_default();
    serde_json::from_slice(&text).is_ok_and(|found: Value| found["made_by"] == MADE_BY)
}

/// One name per file, in their order: its own without the extension; a number behind it where it is taken, whatever the case of letters.
pub fn names_of_folders(files: &[PathBuf]) -> Vec<String> {
    // The dictionary lies beside the folders.
    let mut taken = HashSet::from([COLUMNS_FILE.to_owned()]);
    files
        .iter()
        .map(|file| {
            let stem = file.file_stem().map_or_else(|| "file".to_owned(), |stem| stem.to_string_lossy().into_owned());
            let candidates = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
            // One of as many candidates as there are files, and one more, is free.
            candidates.into_iter().find(|name| taken.insert(name.to_lowercase())).unwrap_or(stem)
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_once_and_again_but_never_from_others() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("new");
        claim(&dir, Existing::Refuse).unwrap();
        std::fs::write(dir.join("spectrum.csv"), "old").unwrap();
        claim(&dir, Existing::Refuse).unwrap();
        let foreign = home.path().join("foreign");
        std::fs::create_dir(&foreign).unwrap();
        claim(&foreign, Existing::Refuse).unwrap();
        // The dictionary of a run is none of a diagnosis.
        std::fs::write(foreign.join("columns.json"), "[]").unwrap();
        assert!(matches!(claim(&foreign, Existing::Refuse), Err(OutError::Foreign(path)) if path == foreign));
        claim(&foreign, Existing::WriteInto).unwrap();
        assert!(matches!(claim(&home.path().join("new/spectrum.csv"), Existing::Refuse), Err(OutError::Record(_))));
    }

    #[test]
    fn folders_of_files_have_different_names() {
        let files = ["a/x.csv", "b/x.csv", "X.npy", "x-2.csv", "y", "columns.json.csv"].map(PathBuf::from);
        assert_eq!(names_of_folders(&files), ["x", "x-2", "X-3", "x-2-2", "y", "columns.json-2"]);
    }
}
