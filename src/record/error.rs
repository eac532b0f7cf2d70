//! What can go wrong with a run folder, said with the path and the remedy.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::common::Unmatched;
use super::encoding::Malformed;
use super::format::HOW_TO_BUILD;
use super::journal::JOURNAL_FILE;
use super::lock::Owner;
use super::manifest::Program;
use super::version::OtherVersion;
use crate::grid::Shard;

/// Why a run folder could not be opened, written or finished.
#[derive(Debug)]
pub enum RecordError {
    /// The operating system refused.
    Io {
        /// What was being done: `write`, `create`, `rename` ...
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// Another process is running in this folder.
    Locked {
        /// The run folder.
        folder: PathBuf,
        /// Who, as far as the lock file tells.
        owner: Option<Owner>,
        /// How this is known.
        evidence: Evidence,
    },
    /// The folder holds the journal of a run whose rows are defined differently.
    Different {
        /// The run folder.
        folder: PathBuf,
        /// One line per difference, `grid.d: [5, 10] in the folder, [5] now`; never empty.
        differences: Vec<String>,
    },
    /// The folder holds another share of the run than the one asked for.
    OtherShare {
        /// The run folder.
        folder: PathBuf,
        /// The shard that it holds; `None` for all of the run.
        holds: Option<Shard>,
        /// The shard asked for; `None` for all of the run.
        asked: Option<Shard>,
    },
    /// The folder holds a run that another version of the program began, whose rows are defined differently.
    OtherVersion(Box<OtherVersion>),
    /// What is to be merged is not of one run, or not of one kind.
    Unmatched(Box<Unmatched>),
    /// Two folders have different rows for the same trial of the same run.
    Conflict {
        /// The trial, in key order.
        trial: usize,
        /// The folders.
        folders: [PathBuf; 2],
    },
    /// A folder to take trials from has no journal, or none that says whose it is.
    NoJournal {
        /// The folder.
        folder: PathBuf,
    },
    /// A file of the run cannot be what this program wrote.
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to do.
        what: String,
    },
    /// The journal's format is not the one that this program reads.
    Format {
        /// The journal.
        path: PathBuf,
        /// Its format version.
        found: u32,
        /// The version that this program reads and writes.
        known: u32,
        /// What wrote it, where a manifest beside it says so.
        program: Option<Box<Program>>,
    },
    /// Tables are to be written or read as Parquet, which this build does not know.
    NoParquet {
        /// The folder or the part.
        path: PathBuf,
    },
    /// A run was computed in the folder that parts were to be merged into.
    HasJournal {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder has the manifest of a run that was computed there, and no journal.
    LostJournal {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder has no journal, but files that a run would overwrite.
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// The first such file.
        file: String,
    },
}

/// How a lock was found to be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The operating system says so.
    SystemLock,
    /// This file system has no locks, and the owner named in the lock file is alive or cannot be looked up from here.
    OwnerRecord,
}

/// What can go wrong with a trial's rows, before it is said whose they are.
pub(crate) enum Fault {
    /// The rows.
    Rows(Malformed),
    /// What was to be done with them.
    Record(RecordError),
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self::Rows(malformed)
    }
}

impl From<RecordError> for Fault {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl RecordError {
    /// For `map_err`: an I/O error with what was being done and where.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }
}

/// What a person can do about an I/O error in a run folder.
fn remedy(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull => {
            "the disk is full: free some space and run the same command again; every finished trial is kept"
        }
        io::ErrorKind::QuotaExceeded => {
            "your disk quota is used up: free some space and run the same command again; every finished trial is kept"
        }
        io::ErrorKind::FileTooLarge => {
            "the file size limit is reached (see `ulimit -f`): raise it and run the same command again"
        }
        io::ErrorKind::PermissionDenied => "choose a folder you may write to with --out, or change its permissions",
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only: choose another folder with --out",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file is in the way of the folder: remove it or choose another folder with --out"
        }
        io::ErrorKind::NotFound => "a file of the run is missing: was the folder changed while the run was going on?",
        _ => "run the same command again once this is put right; every finished trial is kept",
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, source } => {
                write!(f, "{}: cannot {action}: {source}\n  {}", path.display(), remedy(source.kind()))
            }
            Self::Locked { folder, owner, evidence } => {
                let folder = folder.display();
                match owner {
                    Some(owner) => write!(f, "{folder}: already in use by {owner}")?,
                    None => write!(f, "{folder}: already in use by another process")?,
                }
                match evidence {
                    Evidence::SystemLock => {
                        write!(f, "\n  wait for it, end it, or choose another folder with --out")
                    }
                    Evidence::OwnerRecord => write!(
                        f,
                        "\n  this file system has no locks: if that process is gone, delete {folder}/{} and run again",
                        super::lock::LOCK_FILE
                    ),
                }
            }
            Self::Different { folder, differences } => {
                writeln!(f, "{}: holds a different run", folder.display())?;
                for difference in differences {
                    writeln!(f, "  {difference}")?;
                }
                write!(
                    f,
                    "  choose another folder with --out, or --fresh to start over (the old contents are moved aside)"
                )
            }
            Self::OtherShare { folder, holds, asked } => {
                let words = |shard: &Option<Shard>| shard.map_or("all of a run".to_owned(), |s| format!("shard {s}"));
                let option = |shard: &Option<Shard>| {
                    shard.map_or("leave --shard out".to_owned(), |shard| format!("give --shard {shard}"))
                };
                write!(
                    f,
                    "{}: holds {}, not {}\n  {} to go on with it, or choose another folder with --out",
                    folder.display(),
                    words(holds),
                    words(asked),
                    option(holds)
                )
            }
            Self::OtherVersion(version) => version.fmt(f),
            Self::Unmatched(unmatched) => unmatched.fmt(f),
            Self::Conflict { trial, folders: [one, other] } => write!(
                f,
                "trial {trial} (from 0, in key order) has different rows in {} and in {}, though both are of one run and \
                 one kind\n  one of them was made by a faulty machine or program: find out which (`nullsweep verify` on \
                 each whole run), and leave it out",
                one.display(),
                other.display()
            ),
            Self::NoJournal { folder } => write!(
                f,
                "{}: no journal of a run here, or none whose header is whole\n  give folders that `nullsweep run` has written; \
                 to mend a damaged header run the config as it was",
                folder.display()
            ),
            Self::Damaged { path, what } => write!(f, "{}: {what}", path.display()),
            Self::Format { path, found, known, program } => {
                writeln!(f, "{}: journal format {found}, this program reads format {known}", path.display())?;
                match program {
                    Some(program) => write!(f, "  {program} wrote it: finish it with that version")?,
                    None => write!(f, "  finish it with the version that wrote it")?,
                }
                write!(
                    f,
                    ", or compute again what it holds: a run or a shard in its folder with --fresh, a part of a plan after \
                     removing it"
                )
            }
            Self::NoParquet { path } => write!(
                f,
                "{}: this build of nullsweep has no Parquet\n  {HOW_TO_BUILD}; or run the config again with --format csv, which \
                 computes nothing that is recorded",
                path.display()
            ),
            Self::HasJournal { folder } => write!(
                f,
                "{}: holds a run that was computed here, whose tables would be replaced\n  choose another folder with \
                 --out, or --fresh to move it aside",
                folder.display()
            ),
            Self::LostJournal { folder } => write!(
                f,
                "{}: this is the folder of a run, but its {JOURNAL_FILE} is gone\n  put it back, or start over with --fresh (the \
                 old contents are moved aside)",
                folder.display()
            ),
            Self::Occupied { folder, file } => write!(
                f,
                "{}: holds {file} but no journal, so it is not the folder of a run and {file} would be lost\n  choose \
                 another folder with --out, or --fresh to move it aside",
                folder.display()
            ),
        }
    }
}

impl std::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
