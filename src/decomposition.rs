//! The thin SVD of a trial's X, in the form the tables use.

use crate::linalg::Columns;

/// X = U Sigma V' with k = min(n, d) singular values, nonincreasing, and the numerical rank decided.
#[derive(Clone, Debug)]
pub struct ThinSvd {
    /// k values, nonincreasing.
    pub sigma: Vec<f64>,
    /// U, n x k: orthonormal columns up to `rank`. Beyond it, where X has more rows than columns, a column may be zero.
    pub left: Columns<f64>,
    /// V, d x k: orthonormal columns up to `rank`. Beyond it, where X has more columns than rows, a column may be zero.
    pub right: Columns<f64>,
    /// Number of sigma above max(n, d) * 2^-52 * sigma_max, NumPy's rule.
    pub rank: usize,
}
