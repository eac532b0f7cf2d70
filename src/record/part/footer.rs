//! How a part ends.
//!
//! ```text
//! at   bytes  what
//! 0    8      MAGIC
//! 8    4      index of the shard, u32 little endian
//! 12   4      number of shards
//! 16   8      trials, u64 little endian
//! 24   8      bytes of header and frames
//! 32   8      bytes of the report
//! 40   32     SHA-256 of header and frames
//! 72   16     seal: first bytes of SHA-256(identity, all of the above, report)
//! ```

use sha2::{Digest, Sha256};

use crate::grid::Shard;

const MAGIC: [u8; 8] = *b"\x89NSP\r\n\x1a\n";
/// Bytes that the seal covers.
const SEALED: usize = 72;
const SEAL: usize = 16;

/// Bytes of a footer.
pub(super) const FOOTER_BYTES: usize = SEALED + SEAL;

/// What the last bytes of a part say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) shard: Shard,
    pub(super) trials: u64,
    /// Bytes of header and frames.
    pub(super) content_bytes: u64,
    pub(super) report_bytes: u64,
    /// Of header and frames.
    pub(super) sha256: [u8; 32],
}

impl Footer {
    /// The bytes, sealed for the run `identity` together with the report before them.
    pub(super) fn encode(&self, identity: &[u8; 32], report: &[u8]) -> [u8; FOOTER_BYTES] {
        let mut bytes = Vec::with_capacity(FOOTER_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.shard.index().to_le_bytes());
        bytes.extend_from_slice(&self.shard.count().to_le_bytes());
        for word in [self.trials, self.content_bytes, self.report_bytes] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.extend_from_slice(&self.sha256);
        let seal = seal(identity, &bytes, report);
        bytes.extend_from_slice(&seal);
        std::array::from_fn(|i| bytes[i])
    }

    /// What `bytes` say to be sealed for the run `identity` together with `report`; `None` if they are no footer, or
    /// one with a flipped bit, or another's. The lengths in it are not to be trusted before: see [`lengths`].
    pub(super) fn decode(bytes: &[u8; FOOTER_BYTES], identity: &[u8; 32], report: &[u8]) -> Option<Self> {
        let (sealed, found) = bytes.split_at(SEALED);
        if found != seal(identity, sealed, report) {
            return None;
        }
        let number = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        Some(Self {
            shard: Shard::new(number(8), number(12))?,
            trials: word(bytes, 16),
            content_bytes: word(bytes, 24),
            report_bytes: word(bytes, 32),
            sha256: std::array::from_fn(|i| bytes[40 + i]),
        })
    }
}

/// Bytes of header and frames, and of the report, as a footer has them; `None` if it does not begin as one.
pub(super) fn lengths(bytes: &[u8; FOOTER_BYTES]) -> Option<[u64; 2]> {
    bytes.starts_with(&MAGIC).then(|| [word(bytes, 24), word(bytes, 32)])
}

fn word(bytes: &[u8; FOOTER_BYTES], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

fn seal(identity: &[u8; 32], sealed: &[u8], report: &[u8]) -> [u8; SEAL] {
    let digest = Sha256::new_with_prefix(identity).chain_update(sealed).chain_update(report).finalize();
    std::array::from_fn(|i| digest[i])
}
