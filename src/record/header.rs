//! How a journal begins.
//!
//! ```text
//! at        bytes  what
//! 0         8      MAGIC (a high byte and both line ends: a text-mode copy shows)
//! 8         4      format version, u32 little endian
//! 12        4      number of tables T
//! 16        32     identity: SHA-256 of the description
//! 48        8      bytes of the description
//! 56        ...    description: JSON, keys sorted
//! ...       32     SHA-256 of everything before
//! ```
//!
//! This layout stays the same in every format version, so that any version can say which one wrote a journal and what
//! it is about. The header is a function of the [`Identity`] alone: a damaged one can be written again.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::identity::Identity;

const MAGIC: [u8; 8] = *b"\x89NSJ\r\n\x1a\n";
const FIXED_BYTES: usize = 56;
const SEAL_BYTES: usize = 32;
/// No description is near this; a length above it is a damaged length and must not be allocated.
const MOST_DESCRIPTION_BYTES: u64 = 1 << 26;

/// Version of the journal's format that this program reads and writes.
pub const FORMAT_VERSION: u32 = 3;

/// The first bytes of a journal.
#[derive(Debug, PartialEq)]
pub(crate) enum Header {
    /// The seal holds.
    Whole {
        /// Format version.
        version: u32,
        /// SHA-256 of the description.
        identity: [u8; 32],
        /// The description; null if it is not JSON (another version may have other ideas).
        description: serde_json::Value,
        /// Bytes of the header: where the first frame begins.
        bytes: u64,
    },
    /// Not a header, or one with a flipped bit.
    Broken,
}

/// The header of a run.
pub(crate) fn encode(identity: &Identity) -> Vec<u8> {
    let description = identity.canonical().as_bytes();
    let mut out = Vec::with_capacity(FIXED_BYTES + description.len() + SEAL_BYTES);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    out.extend_from_slice(&u32::try_from(identity.tables()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(identity.hash());
    out.extend_from_slice(&(description.len() as u64).to_le_bytes());
    out.extend_from_slice(description);
    let seal = Sha256::digest(&out);
    out.extend_from_slice(&seal);
    out
}

/// Reads the header at the beginning of `input`.
pub(crate) fn decode(mut input: impl Read) -> io::Result<Header> {
    let mut fixed = Vec::with_capacity(FIXED_BYTES);
    input.by_ref().take(FIXED_BYTES as u64).read_to_end(&mut fixed)?;
    if fixed.len() < FIXED_BYTES || !fixed.starts_with(&MAGIC) {
        return Ok(Header::Broken);
    }
    let description_bytes = u64::from_le_bytes(array(&fixed[48..56]));
    if description_bytes > MOST_DESCRIPTION_BYTES {
        return Ok(Header::Broken);
    }
    let mut rest = Vec::new();
    input.take(description_bytes + SEAL_BYTES as u64).read_to_end(&mut rest)?;
    let Some((description, seal)) = rest.split_last_chunk::<SEAL_BYTES>() else {
        return Ok(Header::Broken);
    };
    if Sha256::new().chain_update(&fixed).chain_update(description).finalize()[..] != seal[..] {
        return Ok(Header::Broken);
    }
    Ok(Header::Whole {
        version: u32::from_le_bytes(array(&fixed[8..12])),
        identity: array(&fixed[16..48]),
        description: serde_json::from_slice(description).unwrap_or_default(),
        bytes: (FIXED_BYTES + SEAL_BYTES) as u64 + description_bytes,
    })
}

/// The N bytes of a slice that is N long.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|i| bytes[i])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_seen() {
        let identity = Identity::new(&json!({ "seed": 2 }), &[], 3);
        let bytes = encode(&identity);
        let whole = Header::Whole {
            version: FORMAT_VERSION,
            identity: *identity.hash(),
            description: identity.description().clone(),
            bytes: bytes.len() as u64,
        };
        assert_eq!(decode(&bytes[..]).unwrap(), whole);
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&flipped[..]).unwrap(), Header::Broken, "bit {bit}");
        }
        for cut in 0..bytes.len() {
            assert_eq!(decode(&bytes[..cut]).unwrap(), Header::Broken, "cut at {cut}");
        }
    }
}
