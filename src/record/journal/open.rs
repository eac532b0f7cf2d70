//! How a journal begins, and how one that anything may have happened to is gone on with.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use super::{JOURNAL_FILE, Journal};
use crate::grid::Share;
use crate::record::atomic::AtomicFile;
use crate::record::error::RecordError;
use crate::record::frame::Framing;
use crate::record::header::{self, FORMAT_VERSION, Header};
use crate::record::identity::Identity;
use crate::record::scan::{self, Done, HeaderState, Recovery};
use crate::record::version;

impl Journal {
    /// Begins the journal of a whole run in `dir`, which must have none; the file appears with its header or not at all.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    pub fn create(dir: &Path, identity: &Identity) -> Result<Self, RecordError> {
        Self::create_of(dir, identity, &Share::whole(identity.trials()))
    }

    /// As [`Journal::create`], for a share of the run `identity`.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    pub fn create_of(dir: &Path, identity: &Identity, share: &Share) -> Result<Self, RecordError> {
        let header = header::encode(identity);
        let mut file = AtomicFile::create(dir, JOURNAL_FILE)?;
        file.push(&header)?;
        file.publish(None)?;
        let path = dir.join(JOURNAL_FILE);
        Ok(Self {
            file: open_file(&path)?,
            path,
            framing: Framing::new(identity.hash()),
            done: Done::none(share),
            end: header.len() as u64,
            synced: Instant::now(),
        })
    }

    /// Opens the journal of a whole run in `dir` to go on with it, and repairs it: cuts off a torn tail, rewrites a damaged
    /// header if the frames behind it are sealed with this identity.
    ///
    /// # Errors
    /// [`RecordError::Different`] if it belongs to a run whose rows are defined differently, [`RecordError::OtherVersion`] if by
    /// another version of the program, [`RecordError::Format`], [`RecordError::Damaged`] if it is no journal, [`RecordError::Io`].
    pub fn open(dir: &Path, identity: &Identity) -> Result<(Self, Recovery), RecordError> {
        Self::open_of(dir, identity, &Share::whole(identity.trials()))
    }

    /// As [`Journal::open`], for a share of the run `identity`; trials that the share does not have are passed over.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_of(dir: &Path, identity: &Identity, share: &Share) -> Result<(Self, Recovery), RecordError> {
        let path = dir.join(JOURNAL_FILE);
        let mut file = open_file(&path)?;
        let length = file.metadata().map_err(RecordError::io("read", &path))?.len();
        if length == 0 {
            // A power cut can leave an empty file of a new one. There is nothing in it to lose.
            return Ok((Self::create_of(dir, identity, share)?, Recovery::default()));
        }
        let found = header::decode(&file).map_err(RecordError::io("read", &path))?;
        if let Header::Whole { version: format, identity: hash, description, .. } = &found {
            if *format != FORMAT_VERSION {
                return Err(version::format_refusal(dir, path, hash, *format));
            }
            if hash != identity.hash() {
                return Err(version::refusal(dir, hash, description, identity));
            }
        }
        let header = header::encode(identity);
        let framing = Framing::new(identity.hash());
        let mut done = Done::none(share);
        let mut frames = 0_usize;
        let record = &mut |index, offset, _| {
            frames += 1;
            done.insert(index, offset);
        };
        let scan::Scanned { end, mut recovery } =
            scan::scan(&file, &framing, identity.trials(), header.len() as u64..length, record)
                .map_err(RecordError::io("read", &path))?;
        if found == Header::Broken {
            if frames == 0 {
                return Err(RecordError::Damaged {
                    path,
                    what: "this is no journal, or its header is damaged and no trial of this run is in it\n  run the \
                           config as it was, or start over with --fresh (the old contents are moved aside)"
                        .to_owned(),
                });
            }
            file.seek(SeekFrom::Start(0))
                .and_then(|_| file.write_all(&header))
                .map_err(RecordError::io("repair", &path))?;
            recovery.header = HeaderState::Damaged;
        }
        if recovery.torn_bytes > 0 {
            file.set_len(end).map_err(RecordError::io("cut the torn tail of", &path))?;
        }
        Ok((Self { path, file, framing, done, end, synced: Instant::now() }, recovery))
    }
}

fn open_file(path: &Path) -> Result<File, RecordError> {
    OpenOptions::new().read(true).write(true).open(path).map_err(RecordError::io("open", path))
}
