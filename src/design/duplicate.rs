//! Repeated columns, in the same units or in others: the last `copies` are `multiple` times the first, so the rank is at most
//! d - copies. For a power of 2 nothing is left to rounding; else each entry of a copy is rounded once.
//!
//! ```python
//! X = G
//! X[:, d - copies:] = multiple * X[:, [0]]
//! ```

use crate::matrix::Matrix;

/// X from `g`, the n x d normals, with `copies` below d.
pub(super) fn build(mut g: Matrix, copies: usize, multiple: f64) -> Matrix {
    let kept = g.cols() - copies;
    for i in 0..g.rows() {
        let row = g.row_mut(i);
        let copy = multiple * row[0];
        row[kept..].fill(copy);
    }
    g
}
