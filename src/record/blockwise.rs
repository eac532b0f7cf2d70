//! Writes to a file in whole blocks that begin where a block of the file does.
//!
//! A page cache that holds files in large pieces (ext4 since Linux 6.16, XFS, btrfs) makes one piece of what one write fills
//! wholly, and single pages of the rest: writes of 80 kB cost half as much again as the same bytes in aligned blocks.
//! The measurement is in benches/NOTES.md.

use std::io::{self, BufWriter, Write};

/// Bytes of a block: larger ones gain nothing, and this one stays in the caches while it is filled.
const BLOCK_BYTES: usize = 1 << 16;

/// A file that is written block by block.
#[derive(Debug)]
pub(super) struct Blockwise<W: Write> {
    out: BufWriter<W>,
    /// Where in the file the next byte goes.
    at: u64,
}

impl<W: Write> Blockwise<W> {
    /// Writes to `out`, which stands at byte `at` of the file.
    pub(super) fn new(out: W, at: u64) -> Self {
        Self { out: BufWriter::with_capacity(BLOCK_BYTES, out), at }
    }

    /// What is written to.
    pub(super) fn get_ref(&self) -> &W {
        self.out.get_ref()
    }
}

impl<W: Write> Write for Blockwise<W> {
    /// Takes `bytes` up to the end of the block, or as many whole blocks as they are.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let filled = usize::try_from(self.at % BLOCK_BYTES as u64).unwrap_or(0);
        let whole = bytes.len() - bytes.len() % BLOCK_BYTES;
        let taken = if filled == 0 && whole > 0 { whole } else { bytes.len().min(BLOCK_BYTES - filled) };
        let written = self.out.write(&bytes[..taken])?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
