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
mod tests {
    use super::*;

    /// Notes where in the file each write begins and how long it is.
    #[derive(Default)]
    struct Noted(Vec<usize>, Vec<u8>);

    impl Write for &mut Noted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.len());
            self.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn writes_are_whole_blocks_but_the_first_and_the_last() {
        for start in [0, 100, BLOCK_BYTES - 1] {
            let mut file = Noted::default();
            let mut out = Blockwise::new(&mut file, start as u64);
            let mut expected = Vec::new();
            for length in [1, 70_000, 3, BLOCK_BYTES, 3 * BLOCK_BYTES + 5, 80_000, 0, 2 * BLOCK_BYTES, 7] {
                let bytes: Vec<u8> = (0..length).map(|at| (at % 251).to_le_bytes()[0]).collect();
                out.write_all(&bytes).unwrap();
                expected.extend(bytes);
            }
            out.flush().unwrap();
            drop(out);
            let Noted(writes, written) = file;
            assert_eq!(written, expected);
            let mut at = start;
            for length in &writes[..writes.len() - 1] {
                at += length;
                assert_eq!(at % BLOCK_BYTES, 0, "start {start}: {writes:?}");
            }
        }
    }
}
