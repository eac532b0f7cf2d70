//! The trials of a run read from its parts, in key order.
//!
//! Every part has its trials in key order, and who has which trial is known ([`Deal`]), so nothing is searched for and
//! nothing is sorted: the next trial of the run is the next frame of one part. Each part is read from beginning to end
//! through a buffer of its own; no file stays open, for there may be more parts than a process may open files.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::super::error::{Fault, RecordError};
use super::super::frame::{Framing, HEAD_BYTES};
use super::super::reader::{Block, Blocks, Recorded};
use super::Part;
use crate::grid::{Deal, Grid};

/// All buffers together, as long as there are at most 8,192 parts.
const BUFFER_BYTES: usize = 128 << 20;
/// A buffer is at least this long, and at most that: a network file system likes long reads, and each opens the file anew.
const ONE_BUFFER: [usize; 2] = [1 << 14, 1 << 20];

/// The parts of a run, as many as there are.
#[derive(Debug)]
pub struct Parts {
    deal: Deal,
    by_shard: Vec<Option<(Part, Framing)>>,
    trials: usize,
    present: usize,
}

impl Parts {
    /// Of the run of `grid` that was dealt out to `shards` shards. All `parts` are of that run, and none has a shard of
    /// another number of shards; where two have the same, the last one counts.
    pub fn new(grid: &Grid, shards: u32, parts: Vec<Part>) -> Self {
        let mut by_shard: Vec<Option<(Part, Framing)>> = (0..shards).map(|_| None).collect();
        for part in parts {
            let framing = Framing::new(&part.identity);
            if let Some(place) = by_shard.get_mut(part.shard.index() as usize) {
                *place = Some((part, framing));
            }
        }
        let present = by_shard.iter().flatten().map(|(part, _)| part.trials).sum();
        Self { deal: Deal::new(grid, shards), by_shard, trials: grid.trial_count(), present }
    }

    /// Those that are there, by shard.
    pub fn iter(&self) -> impl Iterator<Item = &Part> {
        self.by_shard.iter().flatten().map(|(part, _)| part)
    }

    /// Trials of the run.
    pub fn trials(&self) -> usize {
        self.trials
    }

    /// Trials that are there.
    pub fn present(&self) -> usize {
        self.present
    }

    /// What is wrong with the part that has the trial at `index`.
    fn damaged(&self, index: usize, what: &str) -> RecordError {
        self.owner(index).map_or_else(
            || RecordError::Damaged { path: PathBuf::new(), what: format!("no part has trial {index}: {what}") },
            |part| damaged(part, what),
        )
    }

    /// The part that has the trial at `index`.
    fn owner(&self, index: usize) -> Option<&Part> {
        self.by_shard.get(self.deal.owner(index)?.index() as usize)?.as_ref().map(|(part, _)| part)
    }
}

impl Recorded for Parts {
    fn blocks(&self) -> Result<Box<dyn Blocks + '_>, RecordError> {
        let [least, most] = ONE_BUFFER;
        let buffer = (BUFFER_BYTES / self.by_shard.len().max(1)).clamp(least, most);
        let cursors = self.by_shard.iter().map(|part| part.as_ref().map(|(part, framing)| Cursor::new(part, framing)));
        Ok(Box::new(PartReader { parts: self, cursors: cursors.collect(), buffer, next: 0 }))
    }

    fn forgotten(&self, index: usize) -> RecordError {
        self.damaged(index, &format!("trial {index} is damaged"))
    }

    fn fault(&self, index: usize, fault: Fault) -> RecordError {
        match fault {
            Fault::Record(error) => error,
            Fault::Rows(malformed) => {
                self.damaged(index, &format!("trial {index} is sealed, but its rows cannot be read: {malformed}"))
            }
        }
    }
}

/// Reads the parts side by side.
struct PartReader<'a> {
    parts: &'a Parts,
    cursors: Vec<Option<Cursor<'a>>>,
    /// Bytes that a cursor reads at once.
    buffer: usize,
    /// The trial that the next block begins with.
    next: usize,
}

impl Blocks for PartReader<'_> {
    fn fill(&mut self, block: &mut Block) -> Result<(), RecordError> {
        block.clear();
        while self.next < self.parts.trials && !block.is_full() {
            let index = self.next;
            self.next += 1;
            let owner = self.parts.deal.owner(index).map(|shard| shard.index() as usize);
            if let Some(cursor) = owner.and_then(|owner| self.cursors[owner].as_mut()) {
                block.push(index, cursor.frame(index, self.buffer)?);
            }
        }
        Ok(())
    }
}

/// Where one part is read.
struct Cursor<'a> {
    part: &'a Part,
    framing: &'a Framing,
    /// What was read and lies at `buffer[used..]`, up to offset `read` of the file.
    buffer: Vec<u8>,
    used: usize,
    read: u64,
}

impl<'a> Cursor<'a> {
    fn new(part: &'a Part, framing: &'a Framing) -> Self {
        Self { part, framing, buffer: Vec::new(), used: 0, read: part.frames.start }
    }

    /// The next frame, which must be that of the trial at `index`. Its body seal is left to the caller.
    fn frame(&mut self, index: usize, piece: usize) -> Result<&[u8], RecordError> {
        let (part, framing) = (self.part, self.framing);
        let missing = || damaged(part, &format!("trial {index} is damaged or missing"));
        let head = self.bytes(HEAD_BYTES, piece)?.and_then(|bytes| bytes.first_chunk());
        let head = head.and_then(|head| framing.head(head)).filter(|head| head.index == index as u64);
        let payload = usize::try_from(head.ok_or_else(missing)?.payload).map_err(|_| missing())?;
        let length = HEAD_BYTES.checked_add(payload).ok_or_else(missing)?;
        if self.bytes(length, piece)?.is_none() {
            return Err(missing());
        }
        self.used += length;
        Ok(&self.buffer[self.used - length..self.used])
    }

    /// The next `length` bytes, which stay the next ones; `None` if the frames end before.
    fn bytes(&mut self, length: usize, piece: usize) -> Result<Option<&[u8]>, RecordError> {
        let held = self.buffer.len() - self.used;
        if held < length {
            let rest = self.part.frames.end - self.read;
            if ((length - held) as u64) > rest {
                return Ok(None);
            }
            self.buffer.drain(..self.used);
            self.used = 0;
            let wanted = ((length - held).max(piece) as u64).min(rest);
            let failed = || RecordError::io("read", &self.part.path);
            let mut file = File::open(&self.part.path).map_err(failed())?;
            file.seek(SeekFrom::Start(self.read)).map_err(failed())?;
            let read = file.take(wanted).read_to_end(&mut self.buffer).map_err(failed())?;
            self.read += read as u64;
        }
        Ok(self.buffer.get(self.used..self.used + length))
    }
}

fn damaged(part: &Part, what: &str) -> RecordError {
    RecordError::Damaged {
        path: part.path.clone(),
        what: format!("{what}\n  check the disk; this file must go, and shard {} be computed again", part.shard),
    }
}
