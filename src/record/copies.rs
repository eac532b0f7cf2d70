//! Frames of other journals -> this one, in key order, whatever the order of the sources.
//!
//! The frames of one shard lie all over the key order, those of thousands of shards in thousands of files. So the trials
//! are taken in blocks: from each source, what it has of a block is read at once and in the order in which it lies there,
//! then the block is appended in key order. Every file is read from beginning to end, and the tables are built from the
//! result in one sweep.
//!
//! Memory: a block of frames, 40 bytes for every frame that is to be copied, and the 24 of the survey that found it.

use std::fs::File;

use rayon::prelude::*;

use super::error::RecordError;
use super::frame::TrialRecord;
use super::journal::Journal;
use super::scan::FrameSource;
use super::source::Survey;

/// Frames that are held at a time, beyond which a single trial's frames may go.
const BLOCK_BYTES: u64 = 64 << 20;

/// A frame that is to be copied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// The trial that it becomes.
    pub(super) trial: usize,
    /// Which of the sources it comes from.
    pub(super) source: usize,
    /// The trial that it is there.
    pub(super) original: usize,
    /// Where it lies there.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) bytes: u64,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Copied {
    /// Trials by source.
    pub(super) by_source: Vec<usize>,
    /// Frames that said what another one, or the journal, had said before.
    pub(super) repeated: usize,
}

/// Why frames could not be copied.
#[derive(Debug)]
pub(super) enum CopyError {
    /// A file.
    Record(RecordError),
    /// Two frames of one trial hold different rows; the other is another source's or, if `None`, the journal's own.
    Conflict { trial: usize, source: usize, other: Option<usize> },
}

impl From<RecordError> for CopyError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

/// Appends the frames `pieces` of `sources` to `journal`, which keeps the trials that it has. Each frame's seals are
/// checked once more on the way.
///
/// # Errors
/// [`CopyError`]; all blocks before the one at fault are then in the journal.
pub(super) fn copy(sources: &[Survey], mut pieces: Vec<Piece>, journal: &mut Journal) -> Result<Copied, CopyError> {
    pieces.sort_unstable_by_key(|piece| (piece.trial, piece.source));
    let mut copied = Copied { by_source: vec![0; sources.len()], repeated: 0 };
    let mut rest = &pieces[..];
    while !rest.is_empty() {
        let (block, behind) = rest.split_at(block_length(rest));
        rest = behind;
        let frames = read(sources, block)?;
        let chosen = choose(block, frames, journal, &mut copied)?;
        journal.append(&chosen)?;
    }
    Ok(copied)
}

/// How many of `pieces` make a block: as many as fit, never only some of a trial's.
fn block_length(pieces: &[Piece]) -> usize {
    let mut bytes = 0_u64;
    for (at, piece) in pieces.iter().enumerate() {
        bytes = bytes.saturating_add(piece.bytes);
        if at > 0 && bytes > BLOCK_BYTES && piece.trial != pieces[at - 1].trial {
            return at;
        }
    }
    pieces.len()
}

/// The frames of a block, in its order; each source is read front to back, several at a time.
fn read(sources: &[Survey], block: &[Piece]) -> Result<Vec<TrialRecord>, RecordError> {
    let mut order: Vec<usize> = (0..block.len()).collect();
    order.sort_unstable_by_key(|&at| (block[at].source, block[at].offset));
    let of_one_source: Vec<&[usize]> = order.chunk_by(|&a, &b| block[a].source == block[b].source).collect();
    let mut frames: Vec<(usize, TrialRecord)> = of_one_source
        .into_par_iter()
        .map(|places| read_source(sources, block, places))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    frames.sort_unstable_by_key(|(at, _)| *at);
    Ok(frames.into_iter().map(|(_, frame)| frame).collect())
}

/// The frames at `places` of `block`, all of one source, each with its place.
fn read_source(
    sources: &[Survey],
    block: &[Piece],
    places: &[usize],
) -> Result<Vec<(usize, TrialRecord)>, RecordError> {
    let Some(&first) = places.first() else { return Ok(Vec::new()) };
    let survey = &sources[block[first].source];
    let failed = || RecordError::io("read", &survey.journal);
    let file = File::open(&survey.journal).map_err(failed())?;
    let mut source = FrameSource::new(&file, &survey.framing).map_err(failed())?;
    let mut frames = Vec::with_capacity(places.len());
    for &at in places {
        let Piece { trial, original, offset, bytes, .. } = block[at];
        let mut payload = Vec::new();
        let head = source.read(offset, offset + bytes, &mut payload).map_err(failed())?;
        if head.is_none_or(|head| head.index != original as u64) {
            return Err(RecordError::Damaged {
                path: survey.journal.clone(),
                what: format!(
                    "trial {original} was whole a moment ago and is not any more\n  check the disk and run the same \
                     command again"
                ),
            });
        }
        frames.push((at, TrialRecord { index: trial, payload }));
    }
    Ok(frames)
}

/// Of each trial's frames in a block the one to append, if the journal has none, once they are known to agree.
fn choose(
    block: &[Piece],
    frames: Vec<TrialRecord>,
    journal: &Journal,
    copied: &mut Copied,
) -> Result<Vec<TrialRecord>, CopyError> {
    let mut own = journal.reader()?;
    let mut chosen: Vec<TrialRecord> = Vec::with_capacity(frames.len());
    let mut chosen_from = None;
    for (piece, frame) in block.iter().zip(frames) {
        let Piece { trial, source, .. } = *piece;
        let conflict = |other| CopyError::Conflict { trial, source, other };
        if let Some(payload) = own.payload(trial)? {
            if payload != frame.payload {
                return Err(conflict(None));
            }
            copied.repeated += 1;
        } else if let Some(first) = chosen.last().filter(|first| first.index == trial) {
            if first.payload != frame.payload {
                return Err(conflict(chosen_from));
            }
            copied.repeated += 1;
        } else {
            copied.by_source[source] += 1;
            chosen_from = Some(source);
            chosen.push(frame);
        }
    }
    Ok(chosen)
}
