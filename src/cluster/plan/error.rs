//! Why there is no plan to go by.

use std::fmt;
use std::path::PathBuf;

use super::MOST_SHARDS;
use crate::printable::sentence;
use crate::record::{Program, RecordError};

/// Why there is no plan to go by.
#[derive(Debug)]
pub enum PlanError {
    /// The file.
    Record(RecordError),
    /// There is none.
    NoPlan(PathBuf),
    /// It is no plan, or one of another version.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Its config cannot be used here.
    Config {
        /// The file.
        path: PathBuf,
        /// In words.
        errors: String,
    },
    /// The run that its config describes here is not the one that was planned.
    Changed {
        /// The file.
        path: PathBuf,
        /// One line per difference.
        differences: Vec<String>,
    },
    /// Another version of the program planned the run, which this one would compute otherwise.
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Which; `None` if it calls itself this one.
        program: Option<Box<Program>>,
        /// One line per difference.
        differences: Vec<String>,
    },
    /// There is another plan already.
    Other {
        /// The file.
        path: PathBuf,
        /// One line per difference.
        differences: Vec<String>,
    },
    /// There cannot be so many shards.
    Shards {
        /// As many as were asked for.
        asked: u32,
        /// As many as there may be.
        most: u32,
    },
    /// There is no such shard.
    Index {
        /// Which was asked for.
        index: u32,
        /// How many there are.
        shards: u32,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |f: &mut fmt::Formatter<'_>, lines: &[String]| lines.iter().try_for_each(|line| write!(f, "\n  {line}"));
        match self {
            Self::Record(error) => error.fmt(f),
            Self::NoPlan(path) => {
                write!(f, "{}: there is no plan here; `nullsweep launch CONFIG` makes one", path.display())
            }
            Self::Unreadable { path, what } => {
                write!(f, "{}: this is no plan of nullsweep: {}", path.display(), sentence(what))
            }
            Self::Config { path, errors } => {
                write!(f, "{}: the config in this plan cannot be used here: {errors}", path.display())
            }
            Self::Changed { path, differences } => {
                write!(f, "{}: what the plan describes is another run here", path.display())?;
                list(f, differences)?;
                write!(
                    f,
                    "\n  was a data file changed, or does this version read the config otherwise? Plan anew in another folder"
                )
            }
            Self::OtherVersion { path, program, differences } => {
                write!(f, "{}: another version of nullsweep made this plan", path.display())?;
                program.iter().try_for_each(|program| write!(f, ": {program}"))?;
                list(f, differences)?;
                write!(
                    f,
                    "\n  that version can compute its shards and merge them; to use this one plan anew in another folder"
                )
            }
            Self::Other { path, differences } => {
                write!(f, "{}: another run is planned here", path.display())?;
                list(f, differences)?;
                write!(f, "\n  choose another folder with --out, or leave out what changes the plan")
            }
            Self::Shards { asked, most } => {
                write!(f, "{asked} shards: give 1 to {most} (no more than trials, and no more than {MOST_SHARDS})")
            }
            Self::Index { index, shards } => {
                write!(f, "--index {index}: the plan has {shards} shards, 0 to {}", shards.saturating_sub(1))
            }
        }
    }
}

impl std::error::Error for PlanError {}

impl From<RecordError> for PlanError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}
