//! Whether the journal of a finished run still has what its tables were built from.

use std::fmt;
use std::path::Path;

use super::atomic::hex;
use super::error::RecordError;
use super::header::FORMAT_VERSION;
use super::journal::JOURNAL_FILE;
use super::manifest::Manifest;
use super::source::{Count, SourceFolder};

/// What a look at the journal beside a manifest found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JournalState {
    /// There never was one: the record of tables that were joined from parts is in these.
    #[default]
    Absent,
    /// The one that was written is gone. The tables stand without it, but they cannot be written again or gone on with.
    Lost,
    /// Every trial is recorded, each under its seal.
    Whole,
    /// Another version of the program wrote it, in a format that is not read here.
    OtherFormat(u32),
    /// Its header is whole and names another run.
    OtherRun,
    /// It is empty.
    Empty,
    /// Its header is no header.
    NoHeader,
    /// Every trial is recorded, and bytes lie between or behind them that are none: damage whose trials were computed again and
    /// appended, what a kill left of its last write, or what somebody else appended.
    Beside {
        /// Stretches of such bytes.
        places: u64,
    },
    /// Trials are missing.
    Damaged {
        /// Trials that are recorded, each under its seal.
        recorded: usize,
        /// Of how many.
        total: usize,
        /// Stretches of bytes that are no trial.
        places: u64,
    },
}

impl JournalState {
    /// Reads the whole journal in `folder`, whose manifest is `manifest`.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    pub fn of(folder: &Path, manifest: &Manifest) -> Result<Self, RecordError> {
        let source = match SourceFolder::open(folder) {
            Err(RecordError::NoJournal { .. }) if manifest.is_of_parts() => return Ok(Self::Absent),
            Err(RecordError::NoJournal { .. }) => return Ok(Self::Lost),
            Err(RecordError::Format { found, .. }) => return Ok(Self::OtherFormat(found)),
            other => other?,
        };
        if source.identity_hash().is_some_and(|hash| hex(hash) != manifest.identity.sha256) {
            return Ok(Self::OtherRun);
        }
        let total = manifest.trials.total;
        let Some(Count { trials: recorded, recovery }) = source.count_under_header(total)? else {
            return Ok(if source.is_empty()? { Self::Empty } else { Self::NoHeader });
        };
        let places = recovery.damaged_places + u64::from(recovery.torn_bytes > 0);
        Ok(match (recorded == total, places) {
            (true, 0) => Self::Whole,
            (true, places) => Self::Beside { places },
            (false, places) => Self::Damaged { recorded, total, places },
        })
    }

    /// Whether a run into the folder would find less than it left there.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Absent | Self::Whole | Self::OtherFormat(_) | Self::Beside { .. } => false,
            Self::Lost | Self::OtherRun | Self::Empty | Self::NoHeader | Self::Damaged { .. } => true,
        }
    }
}

impl fmt::Display for JournalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => write!(f, "there is no {JOURNAL_FILE}"),
            Self::Lost => write!(
                f,
                "{JOURNAL_FILE} is missing: no table can be written again from it, and `nullsweep run` does not go on in this \
                 folder; put it back, or `nullsweep run` with --fresh computes it again"
            ),
            Self::Whole => write!(f, "{JOURNAL_FILE} has every trial"),
            Self::OtherFormat(found) => {
                write!(
                    f,
                    "{JOURNAL_FILE} is in format {found}, which this version does not read (it reads {FORMAT_VERSION})"
                )
            }
            Self::OtherRun => write!(f, "{JOURNAL_FILE} is the journal of another run"),
            Self::Empty => {
                write!(f, "{JOURNAL_FILE} is empty: `nullsweep run` into this folder would compute every trial again")
            }
            Self::NoHeader => write!(
                f,
                "{JOURNAL_FILE} does not begin as a journal does: `nullsweep run` with the same config looks for the trials \
                 behind a damaged header, and refuses a file that has none"
            ),
            Self::Beside { places } => {
                write!(f, "{JOURNAL_FILE} has every trial, beside {places} stretch(es) of bytes that are no trial")
            }
            Self::Damaged { recorded, total, places } => {
                write!(f, "{JOURNAL_FILE} has {recorded} of {total} trials")?;
                if *places > 0 {
                    write!(f, " and damage in {places} place(s) (check the disk)")?;
                }
                write!(f, ": `nullsweep run` into this folder would compute the others again")
            }
        }
    }
}
