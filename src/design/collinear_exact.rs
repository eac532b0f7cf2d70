//! The textbook's "near-collinear" column x_1 + epsilon x_2. It lies in the span of the first two for every epsilon, so X is
//! exactly rank deficient but for the rounding of the last column's entries, and what NumPy prints as its condition
//! number, about 4e16, is noise.
//!
//! ```python
//! X = G
//! X[:, -1] = X[:, 0] + epsilon * X[:, 1]
//! ```

use crate::matrix::Matrix;

/// X from `g`, the n x d normals, d at least 3.
pub(super) fn build(mut g: Matrix, epsilon: f64) -> Matrix {
    let last = g.cols() - 1;
    for i in 0..g.rows() {
        g[(i, last)] = g[(i, 0)] + epsilon * g[(i, 1)];
    }
    g
}
