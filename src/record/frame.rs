//! One trial as it lies in the journal.
//!
//! ```text
//! at   bytes  what
//! 0    8      SYNC
//! 8    8      trial index, u64 little endian
//! 16   8      bytes of the payload, u64 little endian
//! 24   8      head seal: low half of XXH3-128(identity, all of the above), little endian
//! 32   16     body seal: XXH3-128(payload), seeded with the head seal, little endian
//! 48   ...    payload: see `encoding.rs`; nothing here looks into it
//! ```
//!
//! The head seal makes the length trustworthy before anything is read by it. The identity of the run is in both seals, so
//! that a frame of another run is never taken for one of this.
//!
//! The seals find what disks, torn writes and mixed-up files do, and chance: damage goes unseen once in 2^64 heads or 2^128
//! payloads. They are no defence against somebody who forges a frame, which no seal without a secret is. Source of XXH3: Y.
//! Collet, xxHash fast digest algorithm, <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>.

use twox_hash::xxhash3_128::Hasher;

use super::encoding;
use crate::measure::TRIAL_KEY;
use crate::measure::table::Value;

/// Marks the beginning of a frame. A payload may contain it by chance: no head seal follows it there.
pub(crate) const SYNC: [u8; 8] = [0xF5, b'N', b'S', b'F', b'\r', b'\n', 0x1A, 0xFF];
/// Bytes that the head seal covers: marker, index, length.
const SEALED: usize = 24;
const HEAD_SEAL: usize = 8;
const BODY_SEAL: usize = 16;
const IDENTITY: usize = 32;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framing {
    identity: [u8; IDENTITY],
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
    pub(crate) fn new(identity: &[u8; IDENTITY]) -> Self {
        Self { identity: *identity }
    }

    /// Begins a frame at the end of `out`, whose payload is to be appended next: room for its head.
    pub(crate) fn begin(out: &mut Vec<u8>) {
        out.extend_from_slice(&[0; HEAD_BYTES]);
    }

    /// Ends the frame that was begun at `start` of `out`, of the trial at `index`: its payload reaches to the end.
    pub(crate) fn end(&self, index: usize, out: &mut [u8], start: usize) {
        let (head, payload) = out[start..].split_at_mut(HEAD_BYTES);
        head[..8].copy_from_slice(&SYNC);
        head[8..16].copy_from_slice(&(index as u64).to_le_bytes());
        head[16..SEALED].copy_from_slice(&(payload.len() as u64).to_le_bytes());
        let head_seal = self.head_seal(&head[..SEALED]);
        head[SEALED..SEALED + HEAD_SEAL].copy_from_slice(&head_seal);
        head[SEALED + HEAD_SEAL..].copy_from_slice(&body_seal(head_seal, payload));
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

    /// Whether `payload` is the one that `head`, which is whole, was sealed with.
    pub(crate) fn holds(head: &[u8; HEAD_BYTES], payload: &[u8]) -> bool {
        let head_seal = std::array::from_fn(|i| head[SEALED + i]);
        head[HEAD_BYTES - BODY_SEAL..] == body_seal(head_seal, payload)
    }

    fn head_seal(&self, sealed: &[u8]) -> [u8; HEAD_SEAL] {
        let mut input = [0; IDENTITY + SEALED];
        input[..IDENTITY].copy_from_slice(&self.identity);
        input[IDENTITY..].copy_from_slice(sealed);
        let hash = Hasher::oneshot(&input).to_le_bytes();
        std::array::from_fn(|i| hash[i])
    }
}

/// The head seal is the seed: what it says of identity, index and length the body seal says too.
fn body_seal(head_seal: [u8; HEAD_SEAL], payload: &[u8]) -> [u8; BODY_SEAL] {
    Hasher::oneshot_with_seed(u64::from_le_bytes(head_seal), payload).to_le_bytes()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Seals by the reference implementation (Python package xxhash 4.1.0):
    /// `head = xxh3_128(identity + sync + pack("<QQ", 7, len(payload))).intdigest() % 2**64`, `xxh3_128(payload, seed=head)`,
    /// identity = bytes(range(32)).
    const KNOWN: [(usize, u64, u128); 3] = [
        (0, 0x51ba_fa8d_0f72_7a61, 0xe434_7627_5faf_c2d9_9ec9_c81f_d671_d268),
        (7, 0x1ba1_31ec_0289_44d5, 0x772e_9b02_9a1e_f24b_2092_95de_172f_0433),
        (2600, 0x02bf_e4d5_923b_1561, 0xd1de_0801_d289_2cc3_9a10_8368_f096_3164),
    ];

    fn framing() -> Framing {
        Framing::new(&std::array::from_fn(|i| i.to_le_bytes()[0]))
    }

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut out = b"before".to_vec();
        Framing::begin(&mut out);
        out.extend_from_slice(payload);
        framing().end(7, &mut out, 6);
        out[6..].to_vec()
    }

    #[test]
    fn the_seals_are_those_documented() {
        for (length, head_seal, body_seal) in KNOWN {
            let payload: Vec<u8> = if length == 7 {
                b"a trial".to_vec()
            } else {
                (0..length).map(|i| (i % 251).to_le_bytes()[0]).collect()
            };
            let frame = frame(&payload);
            let expected = [
                &SYNC[..],
                &7_u64.to_le_bytes(),
                &(length as u64).to_le_bytes(),
                &head_seal.to_le_bytes(),
                &body_seal.to_le_bytes(),
                &payload,
            ];
            assert_eq!(frame, expected.concat(), "{length} bytes");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_frame_is_seen_and_another_run_too() {
        let whole = |frame: &[u8], framing: Framing| {
            let (head, payload) = frame.split_first_chunk().unwrap();
            framing.head(head).is_some_and(|head| head.payload == payload.len() as u64 && head.index == 7)
                && Framing::holds(head, payload)
        };
        let payload: Vec<u8> = (0..300_usize).map(|i| (i % 251).to_le_bytes()[0]).collect();
        let mut frame = frame(&payload);
        assert!(whole(&frame, framing()));
        assert!(!whole(&frame, Framing::new(&[0; IDENTITY])), "another run");
        for bit in 0..8 * frame.len() {
            frame[bit / 8] ^= 1 << (bit % 8);
            assert!(!whole(&frame, framing()), "bit {bit}");
            frame[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
