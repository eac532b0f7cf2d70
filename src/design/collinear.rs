//! One nearly dependent column: the last is the first plus epsilon times an independent direction, and X for every
//! epsilon comes from one draw. As epsilon -> 0, sigma_min ~ epsilon / sqrt(2) * ||(I - P) z||, with z the column drawn
//! last and P the projector onto the others.
//!
//! ```python
//! X = G
//! X[:, -1] = X[:, 0] + epsilon * X[:, -1]
//! ```

use crate::matrix::Matrix;

/// X from `g`, the n x d normals, d at least 2.
pub(super) fn build(mut g: Matrix, epsilon: f64) -> Matrix {
    let last = g.cols() - 1;
    for i in 0..g.rows() {
        g[(i, last)] = g[(i, 0)] + epsilon * g[(i, last)];
    }
    g
}
