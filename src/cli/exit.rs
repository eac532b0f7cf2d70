//! Exit codes and the errors that lead to them.

use std::fmt;
use std::process::ExitCode;

use crate::cluster::TRANSIENT;
use crate::engine::select::SelectError;

/// Shown below the help.
pub(super) const HELP: &str = "Exit codes: 0 ok, 1 failed or missing rows, 2 usage or config, 3 verification failed, \
                               4 the device asked for is missing, 5 figures differ (figures --check), \
                               75 try again (shard), 130 interrupted";

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything went well.
    Ok,
    /// Some rows or files failed, or the run could not go on.
    FailedRows,
    /// The command line, the config or the folder is not usable as it is; nothing was computed.
    Usage,
    /// nalgebra disagrees.
    Verification,
    /// The device asked for is missing.
    Device,
    /// Files are not what would be made now.
    Different,
    /// Something that may well have passed when it is tried again: a full disk, a file system that does not answer.
    Transient,
    /// Stopped by a signal; going on later loses nothing.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::FailedRows => 1,
            Self::Usage => 2,
            Self::Verification => 3,
            Self::Device => 4,
            Self::Different => 5,
            Self::Transient => TRANSIENT,
            Self::Interrupted => 130,
        }
    }
}

/// Why a verb ended early: a message for people, and the exit code that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// Nothing was computed: the user has to change something first.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// The run could not go on.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::FailedRows, message: message.into() }
    }

    /// What went wrong may well have passed when the same is tried again.
    pub fn transient(message: impl Into<String>) -> Self {
        Self { exit: Exit::Transient, message: message.into() }
    }

    /// Stopped by a signal before there was anything to go on with.
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self { exit: Exit::Interrupted, message: message.into() }
    }

    /// How the program ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// The device asked for is missing or unusable.
    pub fn device(message: impl Into<String>) -> Self {
        Self { exit: Exit::Device, message: message.into() }
    }

    /// Prints the message to stderr and says how to exit.
    pub(super) fn report(&self) -> Exit {
        super::output::note(&format!("error: {}", self.message.trim_end()));
        self.exit
    }
}

impl From<SelectError> for Failure {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Device(message) => Self::device(message),
            SelectError::Request(message) => Self::usage(message),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
