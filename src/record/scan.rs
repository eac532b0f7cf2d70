//! Reading a journal that anything may have happened to.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

use super::frame::{Framing, HEAD_BYTES, Head, SYNC};
use crate::grid::Share;

/// Bytes read at once.
const BLOCK_BYTES: usize = 1 << 16;

/// Which trials of a share are recorded, and where: 8 bytes a trial of the share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    share: Share,
    /// By the trial's place in the share.
    offsets: Vec<u64>,
    count: usize,
}

/// No frame begins here, because the header does. And because a zeroed page costs nothing until it is written to, memory
/// grows with the trials that are recorded, not with those that are asked for.
const NOWHERE: u64 = 0;

impl Done {
    /// Nothing of `share` recorded yet.
    pub(crate) fn none(share: &Share) -> Self {
        Self { share: share.clone(), offsets: vec![NOWHERE; share.count()], count: 0 }
    }

    /// Whether the trial's rows are recorded; false for an index beyond the share.
    pub fn contains(&self, index: usize) -> bool {
        self.offset(index).is_some()
    }

    /// How many trials are recorded.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The trials that are to be recorded.
    pub fn share(&self) -> &Share {
        &self.share
    }

    /// Whether every trial is recorded.
    pub fn is_complete(&self) -> bool {
        self.count == self.offsets.len()
    }

    /// The trials that are not recorded, in key order.
    pub fn missing(&self) -> impl Iterator<Item = usize> + '_ {
        self.missing_from(0)
    }

    /// As [`Done::missing`], from trial `index` on.
    pub fn missing_from(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        self.from(index).filter(|(_, offset)| *offset == NOWHERE).map(|(index, _)| index)
    }

    /// The recorded trials from trial `index` on, in key order, each with the place where its frame begins.
    pub(crate) fn recorded_from(&self, index: usize) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.from(index).filter(|(_, offset)| *offset != NOWHERE)
    }

    /// Where the frame of a trial begins.
    pub(crate) fn offset(&self, index: usize) -> Option<u64> {
        self.share.place(index).map(|place| self.offsets[place]).filter(|offset| *offset != NOWHERE)
    }

    /// Notes the frame of a trial; the first one counts. One that the share does not have counts as not there.
    pub(crate) fn insert(&mut self, index: usize, offset: u64) {
        if let Some(place) = self.share.place(index)
            && self.offsets[place] == NOWHERE
        {
            self.offsets[place] = offset;
            self.count += 1;
        }
    }

    fn from(&self, index: usize) -> impl Iterator<Item = (usize, u64)> + '_ {
        let offsets = self.offsets[self.share.count_below(index)..].iter().copied();
        self.share.from(index).zip(offsets)
    }
}

/// What opening a journal found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Bytes after the last whole frame, cut off: what a kill or a full disk left of the last write.
    pub torn_bytes: u64,
    /// Bytes between whole frames that are none: damage. Their trials are computed again.
    pub damaged_bytes: u64,
    /// Places of such damage.
    pub damaged_places: u64,
    /// The header, on which no trial depends.
    pub header: HeaderState,
}

/// How the header of a journal was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderState {
    /// As it was written.
    #[default]
    Whole,
    /// Not under its seal. A header is a function of the run's identity, under which the frames behind it are found all the same.
    Damaged,
}

/// A journal's frames, readable at any offset.
pub(crate) struct FrameSource<'a> {
    input: BufReader<&'a File>,
    position: u64,
    framing: &'a Framing,
    head: [u8; HEAD_BYTES],
}

impl<'a> FrameSource<'a> {
    pub(crate) fn new(file: &'a File, framing: &'a Framing) -> io::Result<Self> {
        let mut input = BufReader::with_capacity(BLOCK_BYTES, file);
        input.seek(SeekFrom::Start(0))?;
        Ok(Self { input, position: 0, framing, head: [0; HEAD_BYTES] })
    }

    /// The whole frame at `offset` with its payload in `payload`, or `None` if there is no whole frame.
    pub(crate) fn read(&mut self, offset: u64, length: u64, payload: &mut Vec<u8>) -> io::Result<Option<Head>> {
        payload.clear();
        let Some(head) = self.head(offset, length)? else { return Ok(None) };
        self.take(head.payload, payload)?;
        Ok(Framing::holds(&self.head, payload).then_some(head))
    }

    /// Appends the frame at `offset`, head and payload, to `out`, or returns `None` if no whole head is there. The body
    /// seal is left to the caller.
    pub(crate) fn append(&mut self, offset: u64, length: u64, out: &mut Vec<u8>) -> io::Result<Option<Head>> {
        let Some(head) = self.head(offset, length)? else { return Ok(None) };
        out.extend_from_slice(&self.head);
        self.take(head.payload, out)?;
        Ok(Some(head))
    }

    fn take(&mut self, bytes: u64, out: &mut Vec<u8>) -> io::Result<()> {
        let read = self.input.by_ref().take(bytes).read_to_end(out)?;
        self.position += read as u64;
        Ok(())
    }

    fn head(&mut self, offset: u64, length: u64) -> io::Result<Option<Head>> {
        let room = length.saturating_sub(offset);
        if room < HEAD_BYTES as u64 {
            return Ok(None);
        }
        self.seek(offset)?;
        self.input.read_exact(&mut self.head)?;
        self.position += HEAD_BYTES as u64;
        let head = self.framing.head(&self.head);
        Ok(head.filter(|head| head.payload <= room - HEAD_BYTES as u64))
    }

    /// Offset of the next [`SYNC`] at or after `from`.
    fn next_sync(&mut self, from: u64) -> io::Result<Option<u64>> {
        self.seek(from)?;
        let mut window: Vec<u8> = Vec::with_capacity(BLOCK_BYTES + SYNC.len());
        loop {
            let kept = window.len();
            let read = self.input.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut window)?;
            self.position += read as u64;
            if let Some(at) = window.windows(SYNC.len()).position(|bytes| bytes == SYNC) {
                return Ok(Some(self.position - (window.len() - at) as u64));
            }
            if read == 0 {
                return Ok(None);
            }
            // A marker may straddle two blocks.
            let overlap = (kept + read).min(SYNC.len() - 1);
            window.drain(..window.len() - overlap);
        }
    }

    fn seek(&mut self, offset: u64) -> io::Result<()> {
        // Relative where possible: it keeps the buffer, and frames mostly follow one another.
        match (i64::try_from(offset), i64::try_from(self.position)) {
            (Ok(to), Ok(from)) => self.input.seek_relative(to - from)?,
            _ => _ = self.input.seek(SeekFrom::Start(offset))?,
        }
        self.position = offset;
        Ok(())
    }
}

/// What a scan found beside the frames.
pub(crate) struct Scanned {
    /// End of the last whole frame (or of the header).
    pub(crate) end: u64,
    pub(crate) recovery: Recovery,
}

/// Finds every whole frame in the bytes `range` of a journal of `trials` trials, one pass, whatever lies between them,
/// and hands each to `found`: its trial, its offset, its bytes. A trial may have several.
pub(crate) fn scan(
    file: &File,
    framing: &Framing,
    trials: usize,
    range: Range<u64>,
    found: &mut dyn FnMut(usize, u64, u64),
) -> io::Result<Scanned> {
    let mut source = FrameSource::new(file, framing)?;
    let mut payload = Vec::new();
    let mut recovery = Recovery::default();
    let Range { start, end: length } = range;
    let mut end = start;
    let mut at = start;
    while at < length {
        let head = source.read(at, length, &mut payload)?;
        // A sealed index beyond the run cannot be; were it there, it would be no trial of ours.
        let index = head.as_ref().and_then(|head| usize::try_from(head.index).ok()).filter(|index| *index < trials);
        if let (Some(head), Some(index)) = (head, index) {
            if at > end {
                recovery.damaged_places += 1;
                recovery.damaged_bytes += at - end;
            }
            end = at + HEAD_BYTES as u64 + head.payload;
            found(index, at, end - at);
            at = end;
        } else {
            match source.next_sync(at + 1)? {
                Some(next) => at = next,
                None => break,
            }
        }
    }
    recovery.torn_bytes = length.saturating_sub(end);
    Ok(Scanned { end, recovery })
}
