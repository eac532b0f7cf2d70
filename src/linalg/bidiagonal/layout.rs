//! Two ways to put matrices into blocks of as many numbers as there are lanes.
//!
//! Columns are sequences of blocks. A number that belongs to a whole matrix (a norm, an inner
//! product) fills a block too, as a factor of blocks must: each lane its own matrix's, or all of them the same.

use super::Lanes;
use crate::linalg::vector::{LANES, joined};

/// Where a matrix's rows are.
pub(super) trait Layout<const W: usize> {
    /// Number of blocks of a column of `rows` rows.
    fn blocks(rows: usize) -> usize;
    /// The block of a column that `row` is in.
    fn block(row: usize) -> usize;
    /// The entry of `row`, `block` being the one that it is in.
    fn entry(block: &Lanes<W>, row: usize) -> Lanes<W>;
    /// `block` with `entry` in `row` and 0 in the rows before.
    fn beginning_with(entry: Lanes<W>, block: &Lanes<W>, row: usize) -> Lanes<W>;
    /// `block` with `entry` in `row`.
    fn with_entry(entry: Lanes<W>, block: &Lanes<W>, row: usize) -> Lanes<W>;
    /// `block` with 0 in the rows behind `row`.
    fn ending_with(row: usize, block: &Lanes<W>) -> Lanes<W>;
    /// The sum over all rows from the `sum` over all blocks.
    fn total(sum: Lanes<W>) -> Lanes<W>;
}

/// Lane k holds matrix k, a block holds the same row of all.
pub(super) enum MatrixPerLane {}

impl<const W: usize> Layout<W> for MatrixPerLane {
    #[inline(always)]
    fn blocks(rows: usize) -> usize {
        rows
    }
    #[inline(always)]
    fn block(row: usize) -> usize {
        row
    }
    #[inline(always)]
    fn entry(block: &Lanes<W>, _: usize) -> Lanes<W> {
        *block
    }
    #[inline(always)]
    fn beginning_with(entry: Lanes<W>, _: &Lanes<W>, _: usize) -> Lanes<W> {
        entry
    }
    #[inline(always)]
    fn with_entry(entry: Lanes<W>, _: &Lanes<W>, _: usize) -> Lanes<W> {
        entry
    }
    #[inline(always)]
    fn ending_with(_: usize, block: &Lanes<W>) -> Lanes<W> {
        *block
    }
    #[inline(always)]
    fn total(sum: Lanes<W>) -> Lanes<W> {
        sum
    }
}

/// One matrix, a block holds [`LANES`] rows of a column, those that pad the last one 0.
pub(super) enum RowsInLanes {}

impl Layout<LANES> for RowsInLanes {
    #[inline(always)]
    fn blocks(rows: usize) -> usize {
        rows.div_ceil(LANES)
    }
    #[inline(always)]
    fn block(row: usize) -> usize {
        row / LANES
    }
    #[inline(always)]
    fn entry(block: &Lanes<LANES>, row: usize) -> Lanes<LANES> {
        [block[row % LANES]; LANES]
    }
    #[inline(always)]
    fn beginning_with(entry: Lanes<LANES>, block: &Lanes<LANES>, row: usize) -> Lanes<LANES> {
        let mut out = *block;
        out[..row % LANES].fill(0.0);
        out[row % LANES] = entry[0];
        out
    }
    #[inline(always)]
    fn with_entry(entry: Lanes<LANES>, block: &Lanes<LANES>, row: usize) -> Lanes<LANES> {
        let mut out = *block;
        out[row % LANES] = entry[0];
        out
    }
    #[inline(always)]
    fn ending_with(row: usize, block: &Lanes<LANES>) -> Lanes<LANES> {
        let mut out = *block;
        out[row % LANES + 1..].fill(0.0);
        out
    }
    #[inline(always)]
    fn total(sum: Lanes<LANES>) -> Lanes<LANES> {
        [joined(sum); LANES]
    }
}
