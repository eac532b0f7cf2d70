//! In which format the tables of a run are, and what their files are called.
//!
//! ```text
//! CSV      DIR/ridge.csv
//! Parquet  DIR/ridge/00000.parquet, DIR/ridge/00001.parquet ...   rows in key order across the parts
//! ```
//! Only tables with rows for trials come in a format. Those over replicates and comparisons (summary, theory, expectations,
//! timing) are small and always CSV.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::RecordError;
use crate::measure::TableId;

/// The format of the tables that have rows for trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One file a table, text.
    #[default]
    Csv,
    /// One folder a table, in parts of typed and compressed columns. Needs the feature `parquet`.
    Parquet,
}

/// What to do where [`Format::Parquet`] is asked for and this build has not got it.
pub const HOW_TO_BUILD: &str = "build it with the feature `parquet`: `cargo install --path . --features parquet`, or `cargo run \
                                --release --features parquet -- ...` in its sources (a C compiler is needed, for zstd)";

const PART_EXTENSION: &str = ".parquet";

impl Format {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Parquet];

    /// The word for it on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether this build can write and read it.
    pub fn is_built_in(self) -> bool {
        match self {
            Self::Csv => true,
            Self::Parquet => cfg!(feature = "parquet"),
        }
    }

    /// Where the rows of `table` are, in one word for people and for columns.json: `ridge.csv`, `ridge/*.parquet`.
    pub(crate) fn files_of(self, table: &str) -> String {
        match self {
            Self::Csv => csv_file(table),
            Self::Parquet => format!("{table}/*{PART_EXTENSION}"),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The file of `table` as CSV, inside the run folder.
pub(crate) fn csv_file(table: &str) -> String {
    format!("{table}.csv")
}

/// Part number `part` of `table`, inside the run folder.
#[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only the feature `parquet` writes parts"))]
pub(crate) fn part_file(table: &str, part: usize) -> String {
    format!("{table}/{part:05}{PART_EXTENSION}")
}

/// The table that the file `name`, as the manifest lists it, has rows of; `None` for any other file.
pub fn table_of(name: &str) -> Option<&str> {
    match name.split_once('/') {
        None => name.strip_suffix(".csv"),
        Some((table, part)) => is_part(part).then_some(table),
    }
}

/// Whether `name`, as the manifest lists it, is a part of a table.
pub(crate) fn is_part_file(name: &str) -> bool {
    name.contains('/') && table_of(name).is_some()
}

/// Whether a run gives a file in the folder of a table this name.
fn is_part(name: &str) -> bool {
    let digits = name.strip_suffix(PART_EXTENSION);
    digits.is_some_and(|digits| digits.len() >= 5 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The folders of tables, whichever of them there are.
pub(crate) fn table_folders() -> impl Iterator<Item = &'static str> {
    TableId::ALL.into_iter().map(TableId::name)
}

/// The parts of tables in `folder`, whole ones and what a kill left half written of one (`.00000.parquet.tmp`), by path
/// relative to it, in the order of the tables and of the parts. Whatever else lies beside them is somebody's own.
pub(crate) fn part_files(folder: &Path) -> Result<Vec<OsString>, RecordError> {
    let mut found = Vec::new();
    for table in table_folders() {
        let path = folder.join(table);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            // No such folder, or somebody's own file of that name.
            Err(_) if !path.is_dir() => continue,
            Err(error) => return Err(RecordError::io("list", &path)(error)),
        };
        let first = found.len();
        for entry in entries {
            let name = entry.map_err(RecordError::io("list", &path))?.file_name();
            let is_ours = name.to_str().is_some_and(|name| {
                is_part(name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp")).unwrap_or(name))
            });
            if is_ours {
                found.push(Path::new(table).join(name).into_os_string());
            }
        }
        found[first..].sort_unstable();
    }
    Ok(found)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_its_table() {
        assert_eq!(table_of("ridge.csv"), Some("ridge"));
        assert_eq!(table_of(&format!("ridge/{:05}.parquet", 3)), Some("ridge"));
        assert_eq!(table_of("ridge/123456.parquet"), Some("ridge"));
        for other in
            ["columns.json", "ridge/notes.parquet", "ridge/0003.parquet", "ridge/00000.parquet.bak", "load.sql"]
        {
            assert_eq!(table_of(other), None, "{other}");
        }
        assert!(is_part_file("ridge/00000.parquet") && !is_part_file("ridge.csv"));
    }

    #[test]
    fn only_parts_of_tables_are_a_runs() {
        let dir = tempfile::tempdir().unwrap();
        for (folder, file) in [
            ("ridge", "00001.parquet"),
            ("ridge", "00000.parquet"),
            ("ridge", ".00002.parquet.tmp"),
            ("ridge", "mine.parquet"),
            ("other", "00000.parquet"),
        ] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
            std::fs::write(dir.path().join(folder).join(file), "").unwrap();
        }
        std::fs::write(dir.path().join("spectrum"), "a file of that name").unwrap();
        let found = part_files(dir.path()).unwrap();
        assert_eq!(found, ["ridge/.00002.parquet.tmp", "ridge/00000.parquet", "ridge/00001.parquet"]);
    }

    #[test]
    fn names_are_read_back() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.name()), Some(format));
        }
        assert_eq!(Format::parse("arrow"), None);
    }
}
