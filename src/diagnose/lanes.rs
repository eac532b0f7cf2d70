//! Sums over rows, several in one pass, in accumulators that blocks of rows are dealt out to in turn.
//!
//! How many accumulators there are depends on the problem, never on the machine: each sees the same blocks in the same order and all are
//! joined in order, so that a sum has the same bits on any number of threads.

use rayon::prelude::*;

use super::rows::{Block, Rows};
use crate::data::DataError;

/// More than threads are likely; each costs memory.
const MOST_LANES: usize = 16;

/// What all lanes may take together.
const BYTES: usize = 64 << 20;

/// Something that is added up over rows. A pair is added up in one pass, and nothing is where there is none.
pub(super) trait Tally: Sync {
    /// What the rows seen so far come to.
    type Sum: Send;

    /// Bytes of a sum, about.
    fn bytes(&self) -> usize;

    /// Of no rows yet.
    fn begin(&self) -> Self::Sum;

    /// Adds the rows of `block` to `sum`.
    fn take(&self, sum: &mut Self::Sum, block: &Block<'_>);

    /// Adds what `more` has seen to `sum`.
    fn join(&self, sum: &mut Self::Sum, more: Self::Sum);
}

/// Goes through all `rows` once.
///
/// # Errors
/// If the rows cannot be read.
pub(super) fn pass<T: Tally>(rows: &dyn Rows, tally: &T) -> Result<T::Sum, DataError> {
    let most = (BYTES / tally.bytes().max(1)).clamp(1, MOST_LANES);
    let (mut lanes, mut before) = (Vec::new(), 0);
    rows.each_batch(&mut |batch| {
        // A lane is begun with its first block.
        lanes.resize_with(most.min(before + batch.len()), || tally.begin());
        lanes.par_iter_mut().enumerate().for_each(|(lane, sum)| {
            for (_, block) in batch.iter().enumerate().filter(|(i, _)| (before + i) % most == lane) {
                tally.take(sum, block);
            }
        });
        before += batch.len();
        Ok(())
    })?;
    let mut lanes = lanes.into_iter();
    let mut sum = lanes.next().unwrap_or_else(|| tally.begin());
    lanes.for_each(|more| tally.join(&mut sum, more));
    Ok(sum)
}

impl<T: Tally> Tally for &T {
    type Sum = T::Sum;

    fn bytes(&self) -> usize {
        T::bytes(self)
    }

    fn begin(&self) -> T::Sum {
        T::begin(self)
    }

    fn take(&self, sum: &mut T::Sum, block: &Block<'_>) {
        T::take(self, sum, block);
    }

    fn join(&self, sum: &mut T::Sum, more: T::Sum) {
        T::join(self, sum, more);
    }
}

impl<A: Tally, B: Tally> Tally for (A, B) {
    type Sum = (A::Sum, B::Sum);

    fn bytes(&self) -> usize {
        self.0.bytes() + self.1.bytes()
    }

    fn begin(&self) -> Self::Sum {
        (self.0.begin(), self.1.begin())
    }

    fn take(&self, (a, b): &mut Self::Sum, block: &Block<'_>) {
        self.0.take(a, block);
        self.1.take(b, block);
    }

    fn join(&self, (a, b): &mut Self::Sum, more: Self::Sum) {
        self.0.join(a, more.0);
        self.1.join(b, more.1);
    }
}

impl<T: Tally> Tally for Option<T> {
    type Sum = Option<T::Sum>;

    fn bytes(&self) -> usize {
        self.as_ref().map_or(0, T::bytes)
    }

    fn begin(&self) -> Self::Sum {
        self.as_ref().map(T::begin)
    }

    fn take(&self, sum: &mut Self::Sum, block: &Block<'_>) {
        if let (Some(tally), Some(sum)) = (self, sum) {
            tally.take(sum, block);
        }
    }

    fn join(&self, sum: &mut Self::Sum, more: Self::Sum) {
        if let (Some(tally), Some(sum), Some(more)) = (self, sum, more) {
            tally.join(sum, more);
        }
    }
}
