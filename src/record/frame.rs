//! One trial as it lies in the journal.
//!
//! ```text
//! at             bytes  what
//! 0              8      SYNC, which no UTF-8 text contains
//! 8              8      trial index, u64 little endian
//! 16             8 T    bytes of each of the T tables, u64 little endian
//! 16 + 8 T       8      head seal: first bytes of SHA-256(identity, all of the above)
//! 24 + 8 T       16     body seal: first bytes of SHA-256(identity, all of the above, payload)
//! 40 + 8 T       ...    payload: the CSV lines of table 0, table 1, ...
//! ```
//!
//! The head seal makes the lengths trustworthy before anything is read by them. Both seals begin with the identity of
//! the run, so that a frame of another run is never taken for one of this.

use std::ops::Range;

use sha2::{Digest, Sha256};

/// Marks the beginning of a frame. 0xF5 and 0xFF occur in no UTF-8 text, so none of our CSV lines contains it.
pub(crate) const SYNC: [u8; 8] = [0xF5, b'N', b'S', b'F', b'\r', b'\n', 0x1A, 0xFF];
const HEAD_SEAL: usize = 8;
const BODY_SEAL: usize = 16;

/// The finished rows of one trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialRecord {
    /// Position of the trial in key order.
    pub index: usize,
    /// One per table of the run, in its order: CSV lines as [`super::csv_rows`] makes them, possibly none.
    pub tables: Vec<Vec<u8>>,
}

/// A trial's rows as they lay in a frame of some journal with the same tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// Position of the trial in key order, in the run that it goes to.
    pub(crate) index: usize,
    /// Bytes of each table.
    pub(crate) lengths: Vec<u64>,
    /// The tables, one behind the other.
    pub(crate) payload: Vec<u8>,
}

/// The frames of one run: knows its identity and its number of tables.
#[derive(Clone, Debug)]
pub(crate) struct Framing {
    seal: Sha256,
    tables: usize,
}

/// A head whose seal holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Trial index.
    pub(crate) index: u64,
    /// Bytes of each table.
    pub(crate) lengths: Vec<u64>,
    /// Their sum.
    pub(crate) payload: u64,
}

impl Framing {
    pub(crate) fn new(identity: &[u8; 32], tables: usize) -> Self {
        Self { seal: Sha256::new_with_prefix(identity), tables }
    }

    /// Bytes before the payload.
    pub(crate) fn head_bytes(&self) -> usize {
        self.sealed_bytes() + HEAD_SEAL + BODY_SEAL
    }

    fn sealed_bytes(&self) -> usize {
        SYNC.len() + 8 + 8 * self.tables
    }

    /// Appends the frame of `record` to `out`.
    ///
    /// # Panics
    /// If the record has not one entry per table.
    pub(crate) fn encode(&self, record: &TrialRecord, out: &mut Vec<u8>) {
        let lengths = record.tables.iter().map(|table| table.len() as u64);
        self.push(record.index, lengths, record.tables.iter().map(Vec::as_slice), out);
    }

    /// Appends the frame of a trial that was sealed for another run.
    ///
    /// # Panics
    /// If it has not one length per table.
    pub(crate) fn reseal(&self, copy: &Sealed, out: &mut Vec<u8>) {
        self.push(copy.index, copy.lengths.iter().copied(), std::iter::once(&copy.payload[..]), out);
    }

    /// Appends a frame whose payload comes in `parts`.
    fn push<'a>(
        &self,
        index: usize,
        lengths: impl ExactSizeIterator<Item = u64>,
        parts: impl Iterator<Item = &'a [u8]> + Clone,
        out: &mut Vec<u8>,
    ) {
        assert_eq!(lengths.len(), self.tables, "trial {index}: one entry per table");
        let start = out.len();
        out.extend_from_slice(&SYNC);
        out.extend_from_slice(&(index as u64).to_le_bytes());
        for length in lengths {
            out.extend_from_slice(&length.to_le_bytes());
        }
        let head_seal = self.head_seal(&out[start..]);
        out.extend_from_slice(&head_seal);
        let mut body = self.body_seal(&out[start..]);
        for part in parts.clone() {
            body.update(part);
        }
        out.extend_from_slice(&body.finalize()[..BODY_SEAL]);
        for part in parts {
            out.extend_from_slice(part);
        }
    }

    /// The head in the first [`Framing::head_bytes`] of `bytes`, if it is whole.
    pub(crate) fn head(&self, bytes: &[u8]) -> Option<Head> {
        let sealed = bytes.get(..self.sealed_bytes())?;
        let seal = bytes.get(self.sealed_bytes()..self.sealed_bytes() + HEAD_SEAL)?;
        if !sealed.starts_with(&SYNC) || seal != self.head_seal(sealed) {
            return None;
        }
        let mut words =
            sealed[SYNC.len()..].chunks_exact(8).map(|word| word.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)));
        let index = words.next()?;
        let lengths: Vec<u64> = words.collect();
        let payload = lengths.iter().try_fold(0_u64, |sum, bytes| sum.checked_add(*bytes))?;
        Some(Head { index, lengths, payload })
    }

    /// A hash to be fed the payload that follows the head in `bytes`, for [`Framing::holds`].
    pub(crate) fn begin_body(&self, bytes: &[u8]) -> Sha256 {
        self.body_seal(&bytes[..self.sealed_bytes() + HEAD_SEAL])
    }

    /// Whether the payload fed to `body` is the one that the head in `bytes` was sealed with.
    pub(crate) fn holds(&self, bytes: &[u8], body: Sha256) -> bool {
        bytes[self.head_bytes() - BODY_SEAL..self.head_bytes()] == body.finalize()[..BODY_SEAL]
    }

    fn head_seal(&self, sealed: &[u8]) -> [u8; HEAD_SEAL] {
        let digest = self.seal.clone().chain_update(sealed).finalize();
        std::array::from_fn(|i| digest[i])
    }

    fn body_seal(&self, head: &[u8]) -> Sha256 {
        self.seal.clone().chain_update(head)
    }
}

impl Head {
    /// Where each table lies in the payload.
    pub(crate) fn table_ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.lengths.iter().scan(0_usize, |start, bytes| {
            let end = *start + usize::try_from(*bytes).ok()?;
            Some(std::mem::replace(start, end)..end)
        })
    }
}
