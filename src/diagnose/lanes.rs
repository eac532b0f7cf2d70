//! Accumulators that blocks of rows are dealt out to in turn.
//!
//! How many there are depends on the problem, never on the machine: each sees the same blocks in the same order and all are joined in
//! order, so that a sum over rows has the same bits on any number of threads.

use rayon::prelude::*;

use super::rows::{Block, Rows};
use crate::data::DataError;

/// More than threads are likely; each costs memory.
const MOST_LANES: usize = 16;

/// What all lanes may take together.
const BYTES: usize = 64 << 20;

/// Goes through all `rows` once: `work` takes each block into one of the accumulators that `new` makes, of about `bytes` each. Returns
/// them in order, at least one.
///
/// # Errors
/// If the rows cannot be read.
pub(super) fn pass<A: Send>(
    rows: &dyn Rows,
    bytes: usize,
    new: impl Fn() -> A,
    work: impl Fn(&mut A, &Block<'_>) + Sync,
) -> Result<Vec<A>, DataError> {
    let count = (BYTES / bytes.max(1)).clamp(1, MOST_LANES);
    let mut lanes: Vec<A> = (0..count).map(|_| new()).collect();
    let mut before = 0;
    rows.each_batch(&mut |batch| {
        lanes.par_iter_mut().enumerate().for_each(|(lane, accumulator)| {
            for (_, block) in batch.iter().enumerate().filter(|(i, _)| (before + i) % count == lane) {
                work(accumulator, block);
            }
        });
        before += batch.len();
        Ok(())
    })?;
    Ok(lanes)
}
