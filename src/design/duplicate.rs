//! Repeated columns: the last `copies` equal the first, so the rank is at most d - copies, with nothing left to rounding.
//!
//! ```python
//! X = G
//! X[:, d - copies:] = X[:, [0]]
//! ```

use crate::matrix::Matrix;

/// X from `g`, the n x d normals, with `copies` below d.
pub(super) fn build(mut g: Matrix, copies: usize) -> Matrix {
    let kept = g.cols() - copies;
    for i in 0..g.rows() {
        let row = g.row_mut(i);
        let first = row[0];
        row[kept..].fill(first);
    }
    g
}
