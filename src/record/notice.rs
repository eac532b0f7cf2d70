//! What happened while a run folder was opened, in the words for a person.

use std::fmt;
use std::path::PathBuf;

use super::lock::Owner;
use super::scan::{HeaderState, Recovery};

/// Something that happened on opening and that a person wants to be told, on stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The old contents are here now.
    SetAside(PathBuf),
    /// The previous process was killed.
    TookOver(Owner),
    /// The journal had a torn tail or damage.
    Recovered(Recovery),
    /// Trials are recorded already.
    Resumed {
        /// How many.
        done: usize,
        /// Of how many.
        total: usize,
    },
    /// Trials were taken over from an earlier run of another config.
    Reused {
        /// How many.
        reused: usize,
        /// Of how many that it had.
        recorded: usize,
        /// What is different, line by line.
        differences: Vec<String>,
    },
    /// The journal holds fewer trials than it did when the manifest was written.
    Fewer {
        /// By the manifest.
        listed: usize,
        /// By the journal.
        found: usize,
        /// Why, as far as the journal shows.
        loss: Loss,
    },
    /// The manifest could not be read; the history of attempts begins anew.
    ManifestUnreadable(String),
}

/// What a journal shows of the trials that it has no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Damage between those that it has, which [`Notice::Recovered`] tells of.
    Damage,
    /// Nothing.
    Untraced,
}

impl Loss {
    /// What `recovery`, which opening the journal found, shows.
    pub(super) fn of(recovery: &Recovery) -> Self {
        if recovery.damaged_places > 0 { Self::Damage } else { Self::Untraced }
    }
}

impl Notice {
    /// Whether something was moved or lost, which even a person who wants to read errors only must know, unless they
    /// asked for it.
    pub fn is_warning(&self) -> bool {
        match self {
            Self::SetAside(_) | Self::Reused { .. } | Self::Fewer { .. } | Self::ManifestUnreadable(_) => true,
            Self::Recovered(recovery) => recovery.damaged_places > 0 || recovery.header == HeaderState::Damaged,
            Self::TookOver(_) | Self::Resumed { .. } => false,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetAside(path) => write!(f, "the old contents are in {}", path.display()),
            Self::TookOver(owner) => write!(f, "going on where {owner}, was killed"),
            Self::Recovered(recovery) => write!(f, "journal: {}", recovered(recovery)),
            Self::Reused { reused, recorded, differences } => {
                write!(f, "reused {reused} of the {recorded} trials recorded here; changed since:")?;
                differences.iter().try_for_each(|difference| write!(f, "\n  {difference}"))
            }
            Self::Resumed { done, total } => write!(f, "{done} of {total} trials are recorded already"),
            Self::Fewer { listed, found, loss } => {
                write!(
                    f,
                    "the manifest counts {listed} recorded trials and the journal has {found}: the others are computed again"
                )?;
                match loss {
                    Loss::Damage => Ok(()),
                    Loss::Untraced => write!(f, " (was the journal emptied, cut or replaced?)"),
                }
            }
            Self::ManifestUnreadable(why) => write!(f, "the old manifest is replaced: {why}"),
        }
    }
}

/// What was wrong with the journal and what was done about it.
fn recovered(recovery: &Recovery) -> String {
    let Recovery { torn_bytes, damaged_bytes, damaged_places, header } = *recovery;
    let mut clauses = Vec::new();
    if torn_bytes > 0 {
        clauses.push(format!("dropped {torn_bytes} bytes of an unfinished write"));
    }
    if header == HeaderState::Damaged {
        clauses.push("its header was damaged and is written anew, no trial was in it (check the disk)".to_owned());
    }
    if damaged_places > 0 {
        clauses.push(format!(
            "found damage in {damaged_places} place(s), {damaged_bytes} bytes of trials: what it hit is computed again \
             (check the disk)"
        ));
    }
    clauses.join("; ")
}
