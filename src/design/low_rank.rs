//! A rank-`rank` signal in full-rank noise: L R / sqrt(rank) + epsilon G, whose signal entries have variance 1.
//! Draws L, then R, after the noise of y. The product is a sum of rank-one terms in order, which NumPy repeats
//! to the bit and `L @ R` does not.
//!
//! ```python
//! L, R = rng.normal(size=(n, rank)), rng.normal(size=(rank, d))
//! P = np.zeros((n, d))
//! for k in range(rank):
//!     P += np.outer(L[:, k], R[k])
//! X = P / np.sqrt(rank) + epsilon * G
//! ```

use crate::matrix::Matrix;
use crate::rng::Generator;

/// X from `g`, the n x d normals, and `rng` standing after the noise of y; `rank` is at least 1.
pub(super) fn build(g: Matrix, rank: usize, epsilon: f64, rng: &mut Generator) -> Matrix {
    let (n, d) = (g.rows(), g.cols());
    let left = Matrix::new(n, rank, rng.normals(n * rank));
    let right = Matrix::new(rank, d, rng.normals(rank * d));
    combine(g, &left, &right, epsilon)
}

/// L R / sqrt(rank) + epsilon G for `g` n x d, `left` n x rank, `right` rank x d.
pub(super) fn combine(mut g: Matrix, left: &Matrix, right: &Matrix, epsilon: f64) -> Matrix {
    let scale = (right.rows() as f64).sqrt();
    let mut product = vec![0.0; g.cols()];
    for i in 0..g.rows() {
        product.fill(0.0);
        for (k, &l) in left.row(i).iter().enumerate() {
            for (p, &r) in product.iter_mut().zip(right.row(k)) {
                *p += l * r;
            }
        }
        for (x, p) in g.row_mut(i).iter_mut().zip(&product) {
            *x = p / scale + epsilon * *x;
        }
    }
    g
}
