//! Parts: what a shard leaves behind, one sealed file that is never changed.
//!
//! ```text
//! header     as a journal has it: whose it is
//! frames     as a journal has them, every trial of the shard, in key order
//! report     JSON: who made it, when, how long it took
//! footer     which shard, how many trials, SHA-256 of header and frames, see `footer.rs`
//! ```
//! Header and frames depend on the run, the shard and the kind of machine alone, so two processes that computed the same
//! shard, each believing the other dead, publish the same; whichever rename comes last changes nothing. The report tells
//! them apart and is not hashed with the rest. A file without a whole footer is no part: a kill, a full disk and a copy
//! that was cut short all show.

mod footer;
mod parts;

pub use parts::Parts;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::atomic::{AtomicFile, hex};
use super::common::Described;
use super::error::RecordError;
use super::header::{self, FORMAT_VERSION, Header};
use super::identity::Identity;
use super::journal::Journal;
use super::manifest::{Attempt, Manifest, Program};
use super::reader::{Block, Blocks as _};
use crate::grid::Shard;
use crate::printable::sentence;
use footer::{FOOTER_BYTES, Footer};

/// Reports are a few hundred bytes; a length above this is a damaged length and must not be allocated.
const MOST_REPORT_BYTES: u64 = 1 << 20;

/// A published shard, as its first and last bytes describe it. Its frames are checked by their seals when they are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    path: PathBuf,
    shard: Shard,
    trials: usize,
    identity: [u8; 32],
    description: Arc<Value>,
    sha256: [u8; 32],
    frames: Range<u64>,
    report: Report,
}

/// Who made a part, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Which program.
    pub program: Program,
    /// Host name.
    pub host: String,
    /// Process id.
    pub pid: u32,
    /// UTC, RFC 3339.
    pub start: String,
    /// UTC, RFC 3339.
    pub end: String,
    /// Seconds by the monotonic clock.
    pub wall_seconds: f64,
    /// Trials that were taken over from attempts that had been killed, instead of being computed.
    pub taken_over: usize,
    /// The engine in one line.
    pub engine: String,
    /// The adapter with its driver and limits; null on the CPU.
    pub adapter: Value,
    /// What went wrong with the device and was put right, in numbers; null if nothing did.
    pub incidents: Value,
}

impl Part {
    /// Reads the description of the part at `path`: its header, its report and its footer. `None` if there is no such file.
    ///
    /// # Errors
    /// [`RecordError::Damaged`] if the file is no whole part, [`RecordError::Format`], [`RecordError::Io`].
    pub fn open(path: &Path) -> Result<Option<Self>, RecordError> {
        let failed = || RecordError::io("read", path);
        let mut file = match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed())?,
        };
        let (identity, description, frames_at) = match header::decode(&file).map_err(failed())? {
            Header::Whole { version, .. } if version != FORMAT_VERSION => {
                // Who wrote it stands in its report, whose place that version alone knows.
                let (found, known) = (version, FORMAT_VERSION);
                return Err(RecordError::Format { path: path.to_path_buf(), found, known, program: None });
            }
            Header::Whole { identity, description, bytes, .. } => (identity, description, bytes),
            Header::Broken => return Err(no_part(path, "its header is damaged")),
        };
        let length = file.metadata().map_err(failed())?.len();
        let Some(footer_at) = length.checked_sub(FOOTER_BYTES as u64).filter(|at| *at >= frames_at) else {
            return Err(no_part(path, "it is cut short"));
        };
        let mut read_at = |at: u64, bytes: &mut [u8]| {
            file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(bytes)).map_err(failed())
        };
        let mut footer = [0; FOOTER_BYTES];
        read_at(footer_at, &mut footer)?;
        let [content_bytes, report_bytes] =
            footer::lengths(&footer).ok_or_else(|| no_part(path, "it has no footer"))?;
        let fits = content_bytes >= frames_at
            && report_bytes <= MOST_REPORT_BYTES
            && content_bytes.checked_add(report_bytes) == Some(footer_at);
        if !fits {
            return Err(no_part(path, "its footer does not fit its length"));
        }
        let mut report = vec![0; usize::try_from(report_bytes).unwrap_or(0)];
        read_at(content_bytes, &mut report)?;
        let footer = Footer::decode(&footer, &identity, &report)
            .ok_or_else(|| no_part(path, "the seal of its footer is broken"))?;
        let report = serde_json::from_slice(&report)
            .map_err(|error| no_part(path, &format!("its report: {}", sentence(&error.to_string()))))?;
        let trials = usize::try_from(footer.trials).map_err(|_| no_part(path, "its trials are too many"))?;
        Ok(Some(Self {
            path: path.to_path_buf(),
            shard: footer.shard,
            trials,
            identity,
            description: Arc::new(description),
            sha256: footer.sha256,
            frames: frames_at..content_bytes,
            report,
        }))
    }

    /// Writes the finished shard that `journal` holds as the file `name` in `folder`: whole, synced, or not at all.
    /// Others may be writing the same part at the same time.
    ///
    /// # Errors
    /// [`RecordError`]; if the name has come to lead to a whole part of the same contents nevertheless, as a network file
    /// system may have it that does not hear the answer to a rename, that is no error.
    pub(super) fn write(
        journal: &Journal,
        identity: &Identity,
        (folder, name): (&Path, &str),
        report: &Report,
    ) -> Result<Self, RecordError> {
        let path = folder.join(name);
        let share = journal.done().share();
        let Some(shard) = share.shard().filter(|_| journal.done().is_complete()) else {
            return Err(no_part(&path, "only a finished shard can become one"));
        };
        let mut file = AtomicFile::create_beside_others(folder, name)?;
        file.push(&header::encode(identity))?;
        let mut blocks = journal.reader()?;
        let mut block = Block::default();
        loop {
            blocks.fill(&mut block)?;
            if block.frames().is_empty() {
                break;
            }
            file.push(block.bytes())?;
        }
        let report = serde_json::to_vec(report).map_err(|error| RecordError::io("write", &path)(error.into()))?;
        let (content_bytes, sha256) = (file.bytes(), file.digest());
        let footer =
            Footer { shard, trials: share.count() as u64, content_bytes, report_bytes: report.len() as u64, sha256 };
        file.push(&report)?;
        file.push(&footer.encode(identity.hash(), &report))?;
        let published = file.publish(None);
        match (Self::open(&path), published) {
            (Ok(Some(part)), Ok(_)) => Ok(part),
            (Ok(Some(part)), Err(_)) if part.sha256 == sha256 => Ok(part),
            (_, Err(error)) | (Err(error), Ok(_)) => Err(error),
            (Ok(None), Ok(_)) => {
                Err(RecordError::io("find", &path)(std::io::Error::from(std::io::ErrorKind::NotFound)))
            }
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which shard it holds.
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// How many trials.
    pub fn trials(&self) -> usize {
        self.trials
    }

    /// SHA-256 of the identity of the run, the kind of its rows included.
    pub fn identity_hash(&self) -> &[u8; 32] {
        &self.identity
    }

    /// The description of that identity.
    pub fn description(&self) -> &Value {
        &self.description
    }

    /// What it says of itself.
    pub fn described(&self) -> Described<'_> {
        Described { path: &self.path, description: &self.description, program: Some(&self.report.program) }
    }

    /// Lets all parts of one identity have its description together, which may be long: `known` are those seen so far.
    pub fn share_description(&mut self, known: &Mutex<HashMap<[u8; 32], Arc<Value>>>) {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        self.description = Arc::clone(known.entry(self.identity).or_insert_with(|| Arc::clone(&self.description)));
    }

    /// SHA-256 of header and frames, in hexadecimal: the same for everyone who computes this shard on this kind of machine.
    pub fn sha256(&self) -> String {
        hex(&self.sha256)
    }

    /// Bytes of header and frames.
    pub fn bytes(&self) -> u64 {
        self.frames.end
    }

    /// Who made it.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl Report {
    /// What the last attempt of `manifest`, which has ended, says.
    pub(super) fn of(manifest: &Manifest, taken_over: usize) -> Self {
        let attempt = manifest.attempts.last();
        let text = |of: fn(&Attempt) -> &str| attempt.map_or_else(String::new, |attempt| of(attempt).to_owned());
        let json = |of: fn(&Attempt) -> &Value| attempt.map_or(Value::Null, |attempt| of(attempt).clone());
        Self {
            program: manifest.program.clone(),
            host: text(|attempt| &attempt.host.name),
            pid: std::process::id(),
            start: text(|attempt| &attempt.start),
            end: text(|attempt| attempt.end.as_deref().unwrap_or_default()),
            wall_seconds: attempt.and_then(|attempt| attempt.wall_seconds).unwrap_or(0.0),
            taken_over,
            engine: text(|attempt| &attempt.engine),
            adapter: json(|attempt| &attempt.adapter),
            incidents: json(|attempt| &attempt.incidents),
        }
    }
}

fn no_part(path: &Path, what: &str) -> RecordError {
    RecordError::Damaged {
        path: path.to_path_buf(),
        what: format!("this is no whole part: {what}\n  delete it and compute its shard again"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
