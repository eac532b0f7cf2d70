//! Reading recorded trials back, sealed frames only.

use std::ops::Range;

use super::encoding::TrialRows;
use super::error::{Fault, RecordError};
use super::frame::{Framing, HEAD_BYTES};
use super::journal::Journal;
use super::scan::FrameSource;

/// Frames of a block are gathered up to this size for each thread: what is made of them is then still in the caches of the
/// processor when it is hashed, written and summarised.
const BLOCK_BYTES_PER_THREAD: usize = 1 << 17;
/// And up to this size in all: enough trials to keep every thread busy, few enough for any memory.
const MOST_BLOCK_BYTES: usize = 1 << 21;

/// Recorded trials, whatever files their frames lie in.
pub(crate) trait Recorded: Sync {
    /// Reads them from the first one on.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    fn blocks(&self) -> Result<Box<dyn Blocks + '_>, RecordError>;
    /// The disk no longer gives back the trial at `index`.
    fn forgotten(&self, index: usize) -> RecordError;
    /// What went wrong with the rows of the trial at `index`, whose seals hold.
    fn fault(&self, index: usize, fault: Fault) -> RecordError;
}

/// Recorded trials in key order, a block at a time.
pub(crate) trait Blocks: Send {
    /// Puts the next trials in the place of what is in `block`; none behind the last.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Damaged`].
    fn fill(&mut self, block: &mut Block) -> Result<(), RecordError>;
}

/// Reads recorded trials in any order; fast in the order in which they were appended.
pub(crate) struct TrialReader<'a> {
    journal: &'a Journal,
    source: FrameSource<'a>,
    payload: Vec<u8>,
    /// The trial that the next block begins with.
    next: usize,
}

/// Frames of successive trials as they lie in a file. Their heads are checked, their bodies are not: that is worth several
/// threads.
#[derive(Default)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
}

/// A frame of a block: which trial, and where it lies.
pub(crate) struct Frame {
    index: usize,
    bytes: Range<usize>,
}

impl<'a> TrialReader<'a> {
    pub(crate) fn new(journal: &'a Journal, source: FrameSource<'a>) -> Self {
        Self { journal, source, payload: Vec::new(), next: 0 }
    }

    /// The payload of one trial, or `None` if it is not recorded. The seals are checked again: a disk that forgets
    /// between opening and reading must not make a wrong row.
    pub(crate) fn payload(&mut self, index: usize) -> Result<Option<&[u8]>, RecordError> {
        let Some(offset) = self.journal.done().offset(index) else { return Ok(None) };
        let head = self
            .source
            .read(offset, self.journal.end(), &mut self.payload)
            .map_err(RecordError::io("read", self.journal.path()))?;
        match head {
            Some(head) if head.index == index as u64 => Ok(Some(&self.payload)),
            _ => Err(self.journal.forgotten(index)),
        }
    }
}

impl Blocks for TrialReader<'_> {
    fn fill(&mut self, block: &mut Block) -> Result<(), RecordError> {
        block.clear();
        for (index, offset) in self.journal.done().recorded_from(self.next) {
            if block.is_full() {
                break;
            }
            self.next = index + 1;
            let start = block.bytes.len();
            let head = self
                .source
                .append(offset, self.journal.end(), &mut block.bytes)
                .map_err(RecordError::io("read", self.journal.path()))?;
            if head.is_none_or(|head| head.index != index as u64) {
                return Err(self.journal.forgotten(index));
            }
            block.frames.push(Frame { index, bytes: start..block.bytes.len() });
        }
        Ok(())
    }
}

impl Block {
    /// All its frames, one behind the other.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it is as long as a block should be.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= (BLOCK_BYTES_PER_THREAD * rayon::current_num_threads()).min(MOST_BLOCK_BYTES)
    }

    /// Appends the frame of the trial at `index`, which comes behind all trials before.
    pub(crate) fn push(&mut self, index: usize, frame: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(frame);
        self.frames.push(Frame { index, bytes: start..self.bytes.len() });
    }

    /// Forgets its frames; the memory stays.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.frames.clear();
    }

    /// Its frames, in key order.
    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The rows of `frame`, which has `tables` tables, if its body seal holds.
    pub(crate) fn checked(
        &self,
        frame: &Frame,
        recorded: &dyn Recorded,
        tables: usize,
    ) -> Result<TrialRows<'_>, RecordError> {
        let (head, payload) = self.bytes[frame.bytes.clone()].split_at(HEAD_BYTES);
        if !head.first_chunk().is_some_and(|head| Framing::holds(head, payload)) {
            return Err(recorded.forgotten(frame.index));
        }
        self.rows(frame, recorded, tables)
    }

    /// The rows of `frame`, which was [`Block::checked`] before.
    fn rows(&self, frame: &Frame, recorded: &dyn Recorded, tables: usize) -> Result<TrialRows<'_>, RecordError> {
        let payload = &self.bytes[frame.bytes.start + HEAD_BYTES..frame.bytes.end];
        TrialRows::decode(payload, tables).map_err(|malformed| recorded.fault(frame.index, malformed.into()))
    }

    /// The rows of each trial, all of which were [`Block::checked`] before, in key order and with its place there.
    pub(crate) fn trials(
        &self,
        recorded: &dyn Recorded,
        tables: usize,
    ) -> Result<Vec<(usize, TrialRows<'_>)>, RecordError> {
        self.frames.iter().map(|frame| Ok((frame.index, self.rows(frame, recorded, tables)?))).collect()
    }
}

impl Frame {
    /// Position of its trial in key order.
    pub(crate) fn index(&self) -> usize {
        self.index
    }
}
