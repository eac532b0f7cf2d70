//! The rows of a problem, block after block: from memory, or from a file that is read again for every pass.
//!
//! What a diagnosis needs of X beyond its small factors (residuals, leverages, certificates) is a sum over rows or a value per
//! row, so that it can be had from blocks, whether or not X fits into memory.

use std::ops::Range;

use rayon::prelude::*;

use super::Problem;
use crate::data::DataError;
use crate::linalg::{Columns, LANES, padded_rows};
use crate::matrix::Matrix;

/// Bytes of X in a block of a problem in memory.
const BLOCK_BYTES: usize = 4 << 20;
/// Rows of such a block, within these.
const BLOCK_ROWS: (usize, usize) = (256, 4096);
/// Blocks that are worked on side by side.
const BATCH: usize = 16;

/// Consecutive rows.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// How many rows precede it.
    pub first: usize,
    /// m x d.
    pub x: &'a Matrix,
    /// m values of the target, where there is one.
    pub y: Option<&'a [f64]>,
}

impl Block<'_> {
    /// Its `rows`, column by column, each padded with zeros to a multiple of [`LANES`].
    #[inline(always)]
    pub(super) fn columns(&self, rows: Range<usize>) -> Columns<f64> {
        let (count, d) = (rows.len(), self.x.cols());
        let mut a = Columns::zeros(padded_rows(count), d);
        // As many rows at a time as fill a cache line of a column.
        let whole = count - count % LANES;
        for i in (0..whole).step_by(LANES) {
            let lines: [&[f64]; LANES] = std::array::from_fn(|k| &self.x.row(rows.start + i + k)[..d]);
            for j in 0..d {
                a.column_mut(j)[i..i + LANES].copy_from_slice(&lines.map(|line| line[j]));
            }
        }
        for i in whole..count {
            for (j, &entry) in self.x.row(rows.start + i).iter().enumerate() {
                a[(i, j)] = entry;
            }
        }
        a
    }

    /// Its rows in pieces of up to `count`.
    pub(super) fn pieces(&self, count: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = self.x.rows();
        (0..rows).step_by(count).map(move |first| first..rows.min(first + count))
    }
}

/// Rows that can be gone through any number of times, each time the same.
pub trait Rows: Sync {
    /// Names of the d columns of X.
    fn names(&self) -> &[String];

    /// What the target is called, where there is one.
    fn target(&self) -> Option<&str>;

    /// Hands every row to `take`, in order, in blocks of at least one row.
    ///
    /// # Errors
    /// If the rows cannot be read, and whatever error `take` returns, which ends the pass.
    fn each_block(&self, take: &mut dyn FnMut(Block<'_>) -> Result<(), DataError>) -> Result<(), DataError>;

    /// [`Rows::each_block`], several blocks at a time, so that they can be worked on side by side. How many come together means
    /// nothing, and no result may depend on it.
    ///
    /// # Errors
    /// As [`Rows::each_block`].
    fn each_batch(&self, take: &mut dyn FnMut(&[Block<'_>]) -> Result<(), DataError>) -> Result<(), DataError> {
        self.each_block(&mut |block| take(&[block]))
    }
}

impl Rows for Problem {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn target(&self) -> Option<&str> {
        self.target.as_ref().map(|target| target.name.as_str())
    }

    fn each_block(&self, take: &mut dyn FnMut(Block<'_>) -> Result<(), DataError>) -> Result<(), DataError> {
        self.each_batch(&mut |blocks| blocks.iter().try_for_each(|block| take(*block)))
    }

    fn each_batch(&self, take: &mut dyn FnMut(&[Block<'_>]) -> Result<(), DataError>) -> Result<(), DataError> {
        let (n, d) = (self.x.rows(), self.x.cols());
        let y = self.target.as_ref().map(|target| &*target.y);
        let rows = (BLOCK_BYTES / size_of::<f64>() / d.max(1)).clamp(BLOCK_ROWS.0, BLOCK_ROWS.1);
        if n <= rows {
            return take(&[Block { first: 0, x: &self.x, y }]);
        }
        let starts: Vec<usize> = (0..n).step_by(rows).collect();
        for starts in starts.chunks(BATCH) {
            let part = |&first: &usize| {
                let end = n.min(first + rows);
                (first..end, Matrix::new(end - first, d, self.x.as_slice()[first * d..end * d].to_vec()))
            };
            let parts: Vec<(Range<usize>, Matrix)> = starts.par_iter().map(part).collect();
            let blocks: Vec<Block<'_>> =
                parts.iter().map(|(rows, x)| Block { first: rows.start, x, y: y.map(|y| &y[rows.clone()]) }).collect();
            take(&blocks)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::Target;

    #[test]
    fn rows_in_memory_come_in_blocks_in_order() {
        // More than one batch, the last block shorter.
        let n = 70_001;
        let entry = |i: usize, j: usize| (3 * i + j) as f64;
        let problem = Problem {
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
            x: Matrix::from_fn(n, 3, entry),
            target: Some(Target { name: "y".to_owned(), y: (0..n).map(|i| i as f64).collect() }),
        };
        let (mut seen, mut most) = (0, 0);
        let mut take = |blocks: &[Block<'_>]| {
            most = most.max(blocks.len());
            for block in blocks {
                assert_eq!(block.first, seen);
                assert_eq!(block.y.unwrap().len(), block.x.rows());
                for i in 0..block.x.rows() {
                    assert_eq!((block.x[(i, 2)], block.y.unwrap()[i]), (entry(seen, 2), seen as f64));
                    seen += 1;
                }
            }
            Ok(())
        };
        problem.each_batch(&mut take).unwrap();
        assert!(seen == n && most > 1, "{seen} {most}");
    }

    #[test]
    fn a_piece_of_a_block_in_columns_is_padded() {
        let x = Matrix::from_fn(23, 2, |i, j| (2 * i + j) as f64);
        let block = Block { first: 5, x: &x, y: None };
        let pieces: Vec<_> = block.pieces(10).collect();
        assert_eq!(pieces, [0..10, 10..20, 20..23]);
        let columns = block.columns(10..20);
        assert_eq!((columns.rows(), columns.cols()), (padded_rows(10), 2));
        assert!((0..10).all(|i| columns[(i, 1)] == x[(10 + i, 1)]));
        assert!((10..columns.rows()).all(|i| columns[(i, 1)] == 0.0));
    }
}
