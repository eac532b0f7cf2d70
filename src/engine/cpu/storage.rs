//! Memory of matrices that are done with, for those that come: asked for anew, large pieces would come page by page from the system.

use crate::linalg::Columns;

/// Pieces of about one size.
#[derive(Default)]
pub(super) struct Storage {
    free: Vec<Vec<f64>>,
}

impl Storage {
    /// A piece of memory, its contents arbitrary; an empty one where none is left.
    pub(super) fn take(&mut self) -> Vec<f64> {
        self.free.pop().unwrap_or_default()
    }

    /// Takes back the memory of a matrix.
    pub(super) fn give(&mut self, matrix: Columns<f64>) {
        self.free.push(matrix.into_storage());
    }
}
