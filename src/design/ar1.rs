//! Correlated columns: along each row an autoregressive process of order 1, so that columns j and k have correlation
//! rho^|j - k| and every column variance 1.
//!
//! ```python
//! X = G
//! s = np.sqrt(1 - rho * rho)
//! for j in range(1, d):
//!     X[:, j] = rho * X[:, j - 1] + s * X[:, j]
//! ```

use crate::matrix::Matrix;

/// X from `g`, the n x d normals, with `rho` in (-1, 1).
pub(super) fn build(mut g: Matrix, rho: f64) -> Matrix {
    let innovation = (1.0 - rho * rho).sqrt();
    for i in 0..g.rows() {
        let row = g.row_mut(i);
        for j in 1..row.len() {
            row[j] = rho * row[j - 1] + innovation * row[j];
        }
    }
    g
}
