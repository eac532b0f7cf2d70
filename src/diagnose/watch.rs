//! Who is told how far the passes over a large file are.

use std::path::Path;

/// Told of passes over a file that is not held in memory, one file at a time.
pub trait Watch: Sync {
    /// Pass `number` (from 1) over the `bytes` of the file begins.
    fn begin(&self, path: &Path, number: usize, bytes: u64);

    /// So many more bytes are done.
    fn advance(&self, bytes: u64);

    /// The file is diagnosed, or could not be.
    fn end(&self);
}

/// Nobody looks.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn begin(&self, _path: &Path, _number: usize, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn end(&self) {}
}
