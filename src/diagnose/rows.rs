//! The rows of a problem, block after block: from memory, or from a file that is read again for every pass.
//!
//! What a diagnosis needs of X beyond its small factors (residuals, leverages, certificates) is a sum over rows or a value per
//! row, so that it can be had from blocks, whether or not X fits into memory.

use super::Problem;
use crate::data::DataError;
use crate::matrix::Matrix;

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
        take(Block { first: 0, x: &self.x, y: self.target.as_ref().map(|target| &*target.y) })
    }
}
