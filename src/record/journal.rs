//! The journal: an append-only file with one sealed frame per trial. The tables are built from it, and a run that
//! was killed goes on from it.
//!
//! What it promises:
//! - a frame is either whole, with the identity of this run, or it is not there: a torn tail is cut off, a damaged
//!   frame is skipped and its trial is computed again, and the frames behind it are still found;
//! - an append is handed to the operating system before it returns, so a killed process loses nothing that was
//!   appended; the disk is synced at most every [`SYNC_SECONDS`], after an append, before the tables are built and
//!   before a manifest counts what is recorded, so a loss of power costs at most that much work, never a wrong row.

mod open;

use std::fs::{File, Metadata};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::blockwise::Blockwise;
use super::error::{Fault, RecordError};
use super::frame::{Framing, TrialRecord};
use super::frame_pool::FramePool;
use super::frames::Frames;
use super::reader::{Blocks, Recorded, TrialReader};
use super::scan::{Done, FrameSource};

/// Name of the journal inside the run folder.
pub const JOURNAL_FILE: &str = "journal.nsj";
/// Least time between two syncs of the disk while a run goes on.
pub const SYNC_SECONDS: Duration = Duration::from_secs(5);
/// Records that one thread seals at a time and that are written together.
const FRAMES_PER_PIECE: usize = 64;

/// An open journal. Its folder must be locked by this process.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    framing: Framing,
    done: Done,
    /// End of the last whole frame: where the next one goes.
    end: u64,
    synced: Instant,
}

impl Journal {
    /// Which trials are recorded.
    pub fn done(&self) -> &Done {
        &self.done
    }

    /// For trials that are to be recorded here.
    pub fn frame_pool(&self) -> FramePool {
        FramePool::new(self.framing)
    }

    /// As [`Journal::append_frames`], of trials that are not sealed yet.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    ///
    /// # Panics
    /// If a record is of a trial that the share does not have.
    pub fn append(&mut self, records: &[TrialRecord]) -> Result<(), RecordError> {
        let seal = |records: &[TrialRecord]| {
            let mut frames = Frames::new(self.framing);
            for record in records {
                frames.push_record(record);
            }
            frames
        };
        let chunk: Vec<Frames> = records.par_chunks(FRAMES_PER_PIECE).map(seal).collect();
        self.append_frames(&chunk)
    }

    /// Appends frames; a trial that is already recorded is left as it is. When this returns, a kill of
    /// the process no longer loses them. After an error in writing the journal is as if nothing had been appended; where the
    /// file is no longer in its place, or the disk does not sync, it has been.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    ///
    /// # Panics
    /// If a frame is of another run, or of a trial that the share does not have.
    pub fn append_frames(&mut self, chunk: &[Frames]) -> Result<(), RecordError> {
        let end = self.end;
        match self.write_frames(chunk) {
            Ok(offsets) => {
                for (index, offset) in offsets {
                    self.done.insert(index, offset);
                }
            }
            Err(error) => {
                // Half a frame may lie behind `end` now. Whether or not it can be cut off here, the next append
                // overwrites it and the next open drops it.
                let _ = self.file.set_len(end);
                self.end = end;
                return Err(error);
            }
        }
        self.check_in_place()?;
        if self.synced.elapsed() >= SYNC_SECONDS { self.sync() } else { Ok(()) }
    }

    /// Fails if the file is no longer what its path leads to: one whose folder was deleted or moved can still be written,
    /// and everything would be lost at the end.
    pub(super) fn check_in_place(&self) -> Result<(), RecordError> {
        let there = std::fs::metadata(&self.path).map_err(RecordError::io("find", &self.path))?;
        let open = self.file.metadata().map_err(RecordError::io("read", &self.path))?;
        if is_same_file(&there, &open) {
            return Ok(());
        }
        let another = io::Error::new(io::ErrorKind::NotFound, "another file is in its place");
        Err(RecordError::io("find", &self.path)(another))
    }

    /// Brings everything appended so far to the disk.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    pub fn sync(&mut self) -> Result<(), RecordError> {
        self.file.sync_data().map_err(RecordError::io("sync", &self.path))?;
        self.synced = Instant::now();
        Ok(())
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads recorded trials, sealed frames only.
    pub(crate) fn reader(&self) -> Result<TrialReader<'_>, RecordError> {
        let source = FrameSource::new(&self.file, &self.framing).map_err(RecordError::io("read", &self.path))?;
        Ok(TrialReader::new(self, source))
    }

    /// End of the last whole frame.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Returns where the frames begin that were not there yet.
    fn write_frames(&mut self, chunk: &[Frames]) -> Result<Vec<(usize, u64)>, RecordError> {
        let failed = || RecordError::io("write", &self.path);
        assert!(chunk.iter().all(|frames| frames.are_of(&self.framing)), "frames of another run");
        for (index, _) in chunk.iter().flat_map(Frames::iter) {
            assert!(self.done.share().contains(index), "trial {index} is not of this share");
        }
        let mut offsets = Vec::with_capacity(chunk.iter().map(Frames::count).sum());
        self.file.seek(SeekFrom::Start(self.end)).map_err(failed())?;
        let mut out = Blockwise::new(&self.file, self.end);
        for frames in chunk {
            let missing = frames.iter().filter(|(index, _)| !self.done.contains(*index));
            let mut end = self.end;
            for (index, frame) in missing.clone() {
                offsets.push((index, end));
                end += frame.len() as u64;
            }
            if end - self.end == frames.bytes().len() as u64 {
                out.write_all(frames.bytes()).map_err(failed())?;
            } else {
                missing.clone().try_for_each(|(_, frame)| out.write_all(frame)).map_err(failed())?;
            }
            self.end = end;
        }
        out.flush().map_err(failed())?;
        Ok(offsets)
    }
}

impl Recorded for Journal {
    fn blocks(&self) -> Result<Box<dyn Blocks + '_>, RecordError> {
        Ok(Box::new(self.reader()?))
    }

    fn forgotten(&self, index: usize) -> RecordError {
        RecordError::Damaged {
            path: self.path.clone(),
            what: format!(
                "trial {index} was whole when the journal was opened and is not any more\n  check the disk; running \
                 again recomputes the trial"
            ),
        }
    }

    fn fault(&self, index: usize, fault: Fault) -> RecordError {
        match fault {
            Fault::Record(error) => error,
            Fault::Rows(malformed) => RecordError::Damaged {
                path: self.path.clone(),
                what: format!(
                    "trial {index} is sealed, but its rows cannot be read: {malformed}\n  start over with --fresh"
                ),
            },
        }
    }
}

#[cfg(unix)]
fn is_same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Windows keeps the folder of an open file from being deleted.
#[cfg(not(unix))]
fn is_same_file(a: &Metadata, b: &Metadata) -> bool {
    a.len() == b.len()
}
