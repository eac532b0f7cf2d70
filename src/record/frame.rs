//! One trial as it lies in the journal.
//!
//! ```text
//! at   bytes  what
//! 0    8      SYNC
//! 8    8      trial index, u64 little endian
//! 16   8      bytes of the payload, u64 little endian
//! 24   8      head seal: first bytes of SHA-256(identity, all of the above)
//! 32   16     body seal: first bytes of SHA-256(identity, all of the above, payload)
//! 48   ...    payload: see `encoding.rs`; nothing here looks into it
//! ```
//!
//! The head seal makes the length trustworthy before anything is read by it. Both seals begin with the identity of the
//! run, so that a frame of another run is never taken for one of this.

use sha2::{Digest, Sha256};

use super::encoding;
use crate::measure::TRIAL_KEY;
use crate::measure::table::Value;

/// Marks the beginning of a frame. A payload may contain it by chance: no head seal follows it there.
pub(crate) const SYNC: [u8; 8] = [0xF5, b'N', b'S', b'F', b'\r', b'\n', 0x1A, 0xFF];
/// Bytes that the head seal covers: marker, index, length.
const SEALED: usize = 24;
const HEAD_SEAL: usize = 8;
const BODY_SEAL: usize = 16;

/// Bytes before the payload.
pub(crate) const HEAD_BYTES: usize = SEALED + HEAD_SEAL + BODY_SEAL;

/// The finished rows of one trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialRecord {
    /// Position of the trial in key order.
    pub index: usize,
    /// The trial's key and its rows, as [`TrialRecord::new`] or another journal gave them. Does not depend on `index`.
    pub payload: Vec<u8>,
}

impl TrialRecord {
    /// The record of the trial at `index` with the key `key`: for each table of the run, in its order, its rows,
    /// possibly none, without the key.
    pub fn new(
        index: usize,
        key: &[Value; TRIAL_KEY.len()],
        tables: impl IntoIterator<Item = impl AsRef<[Vec<Value>]>>,
    ) -> Self {
        Self { index, payload: encoding::encode(key, tables) }
    }
}

/// Seals and recognises the frames of one run.
#[derive(Clone, Debug)]
pub(crate) struct Framing {
    seal: Sha256,
}

/// A head whose seal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Trial index.
    pub(crate) index: u64,
    /// Bytes of the payload.
    pub(crate) payload: u64,
}

impl Framing {
    pub(crate) fn new(identity: &[u8; 32]) -> Self {
        Self { seal: Sha256::new_with_prefix(identity) }
    }

    /// Appends the frame of `record` to `out`.
    pub(crate) fn encode(&self, record: &TrialRecord, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&SYNC);
        out.extend_from_slice(&(record.index as u64).to_le_bytes());
        out.extend_from_slice(&(record.payload.len() as u64).to_le_bytes());
        let head_seal = self.head_seal(&out[start..]);
        out.extend_from_slice(&head_seal);
        let body = self.body_seal(&out[start..]).chain_update(&record.payload);
        out.extend_from_slice(&body.finalize()[..BODY_SEAL]);
        out.extend_from_slice(&record.payload);
    }

    /// The head in `bytes`, if it is whole.
    pub(crate) fn head(&self, bytes: &[u8; HEAD_BYTES]) -> Option<Head> {
        let sealed = &bytes[..SEALED];
        if !sealed.starts_with(&SYNC) || bytes[SEALED..SEALED + HEAD_SEAL] != self.head_seal(sealed) {
            return None;
        }
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| sealed[at + i]));
        Some(Head { index: word(8), payload: word(16) })
    }

    /// Whether `payload` is the one that `head` was sealed with.
    pub(crate) fn holds(&self, head: &[u8; HEAD_BYTES], payload: &[u8]) -> bool {
        let body = self.body_seal(&head[..SEALED + HEAD_SEAL]).chain_update(payload);
        head[HEAD_BYTES - BODY_SEAL..] == body.finalize()[..BODY_SEAL]
    }

    fn head_seal(&self, sealed: &[u8]) -> [u8; HEAD_SEAL] {
        let digest = self.seal.clone().chain_update(sealed).finalize();
        std::array::from_fn(|i| digest[i])
    }

    fn body_seal(&self, head: &[u8]) -> Sha256 {
        self.seal.clone().chain_update(head)
    }
}
