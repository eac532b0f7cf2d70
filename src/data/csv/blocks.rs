//! A CSV file in blocks of whole lines, so that blocks can be parsed side by side.

use std::io::Read;

use super::super::error::Fault;
use super::super::input::unreadable;

/// A line may have this many bytes: a quarter of a million numbers of 64 characters.
const MAX_LINE_BYTES: usize = 16 << 20;

/// Consecutive whole lines.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// The number of the first in the file, from 1.
    pub(super) first: u64,
    pub(super) bytes: Vec<u8>,
}

/// Reads blocks of about `block_bytes`.
pub(super) struct Blocks<R> {
    input: R,
    block_bytes: usize,
    /// What was read of the line that the last block ended in.
    rest: Vec<u8>,
    /// Number of the first line that was not handed out.
    next_line: u64,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R, block_bytes: usize) -> Self {
        Self { input, block_bytes: block_bytes.max(1), rest: Vec::new(), next_line: 1, ended: false }
    }

    /// The next lines; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Lines>, Fault> {
        let mut bytes = std::mem::take(&mut self.rest);
        // No line end before here.
        let mut searched = 0;
        while !self.ended {
            let known = bytes.len();
            let read = (&mut self.input)
                .take(self.block_bytes as u64)
                .read_to_end(&mut bytes)
                .map_err(|error| unreadable(&error))?;
            self.ended = read < self.block_bytes;
            let end = bytes[searched..].iter().rposition(|&byte| byte == b'\n').map(|at| searched + at + 1);
            searched = known + read;
            if let Some(end) = end {
                self.rest = bytes.split_off(end);
                break;
            }
            if searched > MAX_LINE_BYTES {
                return Err(too_long(self.next_line));
            }
        }
        if bytes.is_empty() {
            return if self.rest.is_empty() { Ok(None) } else { self.next() };
        }
        let first = self.next_line;
        self.next_line += line_ends(&bytes);
        Ok(Some(Lines { first, bytes }))
    }
}

/// How many line ends there are, counted in bytes while a byte can hold the count: sixteen at a time in vector registers.
fn line_ends(bytes: &[u8]) -> u64 {
    let counts = bytes.chunks(usize::from(u8::MAX));
    counts.map(|chunk| u64::from(chunk.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>())).sum()
}

impl Lines {
    /// Each line that is not blank, with its number, without its end and without the byte order mark that some spreadsheets
    /// write.
    pub(super) fn each(&self) -> impl Iterator<Item = Result<(u64, &[u8]), Fault>> {
        let lines = self.bytes.split_inclusive(|&byte| byte == b'\n').zip(self.first..);
        lines.filter_map(|(line, number)| {
            if line.len() > MAX_LINE_BYTES {
                return Some(Err(too_long(number)));
            }
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let line = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
            (!line.trim_ascii_start().is_empty()).then_some(Ok((number, line)))
        })
    }
}

fn too_long(number: u64) -> Fault {
    Fault::on_line(
        number,
        format!("the line exceeds {MAX_LINE_BYTES} bytes: transpose the matrix, or save it with np.save"),
    )
}
