//! Writing to a terminal or a pipe that may go away: a reader that has seen enough ends the program quietly instead of
//! making it panic.

use std::io::{self, Write};

use super::{Exit, Failure};

/// Whether anybody reads on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Listening,
    /// The pipe is closed.
    Gone,
}

/// Writes `text` and a line feed to stdout.
///
/// # Errors
/// If stdout cannot be written (a full disk). A closed pipe is no error.
pub(super) fn offer(text: &str) -> Result<Reader, Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::Listening),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Failure::failed(format!("cannot write to standard output: {error}"))),
    }
}

/// [`offer`] where there is nothing more to say afterwards.
///
/// # Errors
/// As [`offer`].
pub(super) fn data(text: &str) -> Result<(), Failure> {
    offer(text).map(|_| ())
}

/// Writes `text` and a line feed to stderr; where even that is impossible, nobody is left to be told.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a JSON document to stdout.
///
/// # Errors
/// As [`data`].
pub(super) fn json(value: &serde_json::Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::failed(error.to_string()))?;
    data(&text)
}

/// [`data`], then success.
///
/// # Errors
/// As [`data`].
pub(super) fn done(text: &str) -> Result<Exit, Failure> {
    data(text).map(|()| Exit::Ok)
}
