//! Where bytes come from: a file, which must stay what it was from one pass to the next, or memory.

use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::Fault;

/// Bytes that can be read any number of times.
#[derive(Clone, Debug)]
pub(super) enum Input<'a> {
    File { path: PathBuf, stamp: Stamp },
    Memory(&'a [u8]),
}

/// What tells a file from the one that was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    /// Nothing where the file system keeps none.
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// What the formats read from.
pub(super) trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

impl Input<'_> {
    /// The file at `path`, which must be a regular one.
    pub(super) fn file(path: &Path) -> Result<Self, Fault> {
        // Asked before the file is opened: opening a named pipe would wait for its writer.
        let metadata = path.metadata().map_err(|error| Fault::new(format!("cannot be found or read: {error}")))?;
        if !metadata.is_file() {
            return Err(Fault::new("is not a regular file: give a .csv or .npy file"));
        }
        Ok(Self::File { path: path.to_owned(), stamp: Stamp::of(&metadata) })
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::File { stamp, .. } => stamp.bytes,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Opened at its beginning.
    pub(super) fn open(&self) -> Result<Box<dyn ReadSeek + '_>, Fault> {
        match self {
            Self::Memory(bytes) => Ok(Box::new(Cursor::new(*bytes))),
            Self::File { path, .. } => {
                let file = File::open(path).map_err(|error| Fault::new(format!("cannot be opened: {error}")))?;
                Ok(Box::new(file))
            }
        }
    }

    /// # Errors
    /// If the file is no longer what it was when it was first looked at.
    pub(super) fn check_unchanged(&self) -> Result<(), Fault> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File { path, stamp } => match path.metadata() {
                Ok(metadata) if Stamp::of(&metadata) == *stamp => Ok(()),
                _ => Err(changed()),
            },
        }
    }
}

/// A file that is not the same in two passes has no one answer.
pub(super) fn changed() -> Fault {
    Fault::new("changed while it was read: wait until it is written, or diagnose a copy")
}

pub(super) fn unreadable(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Fault::new("ends before its data do: it was cut off; save it again"),
        _ => Fault::new(format!("cannot be read: {error}")),
    }
}
