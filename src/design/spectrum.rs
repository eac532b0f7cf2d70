//! Prescribed singular values between random orthogonal factors: X = U diag(s) V' with k = min(n, d) values from 1 down
//! to epsilon, so that kappa = 1 / epsilon up to the rounding of X's entries (about 2^-53 in absolute terms: a sigma
//! below that is not what was asked for, which the enclosures show).
//!
//! U (n x k) and V (d x k) are distributed uniformly (Haar): the Q of a Gaussian matrix, made unique by a positive
//! diagonal of R. V takes d * d further draws. They agree with NumPy's to rounding, not to the bit.
//! Source: F. Mezzadri, "How to generate random matrices from the classical compact groups", Notices AMS 54, 2007.
//!
//! ```python
//! def haar(A):
//!     Q, R = np.linalg.qr(A)
//!     return Q * np.sign(np.diag(R))
//! U, V = haar(G[:, :k]), haar(rng.normal(size=(d, d))[:, :k])
//! X = (U * s) @ V.T
//! # s, with i = np.arange(k) and k > 1 (a single value is 1):
//! # geometric   epsilon ** (i / (k - 1))
//! # arithmetic  1 - i / (k - 1) * (1 - epsilon), the last exactly epsilon
//! # one-small   1, ..., 1, epsilon
//! # clustered   1, epsilon, ..., epsilon
//! ```

use super::orthogonal;
use super::spec::Spacing;
use crate::linalg::Columns;
use crate::matrix::Matrix;
use crate::rng::Generator;

/// X from `g`, the n x d normals, and `rng` standing after the noise of y.
pub(super) fn build(g: &Matrix, spacing: Spacing, epsilon: f64, rng: &mut Generator) -> Matrix {
    let (n, d) = (g.rows(), g.cols());
    let k = n.min(d);
    let h = Matrix::new(d, d, rng.normals(d * d));
    let u = orthogonal::factor(Columns::from_fn(n, k, |i, j| g[(i, j)]));
    let v = orthogonal::factor(Columns::from_fn(d, k, |i, j| h[(i, j)]));
    let sigma = singular_values(spacing, epsilon, k);
    let mut x = Matrix::zeros(n, d);
    for i in 0..n {
        let row = x.row_mut(i);
        for (j, s) in sigma.iter().enumerate() {
            let scale = u[(i, j)] * s;
            for (x, v) in row.iter_mut().zip(v.column(j)) {
                *x += scale * v;
            }
        }
    }
    x
}

/// The k prescribed values, nonincreasing from 1 to epsilon.
fn singular_values(spacing: Spacing, epsilon: f64, k: usize) -> Vec<f64> {
    (0..k)
        .map(|i| match spacing {
            _ if i == 0 => 1.0,
            _ if i == k - 1 => epsilon,
            Spacing::Geometric => epsilon.powf(i as f64 / (k - 1) as f64),
            Spacing::Arithmetic => 1.0 - i as f64 / (k - 1) as f64 * (1.0 - epsilon),
            Spacing::OneSmall => 1.0,
            Spacing::Clustered => epsilon,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prescribed_and_found(n: usize, d: usize, spacing: Spacing, epsilon: f64) -> (Vec<f64>, Vec<f64>) {
        let mut rng = Generator::from_entropy(&[17, n as u64, d as u64]);
        let g = Matrix::new(n, d, rng.normals(n * d));
        let x = build(&g, spacing, epsilon, &mut rng);
        let mut found: Vec<f64> =
            nalgebra::DMatrix::from_row_slice(n, d, x.as_slice()).singular_values().iter().copied().collect();
        found.sort_by(|a, b| b.total_cmp(a));
        (singular_values(spacing, epsilon, n.min(d)), found)
    }

    #[test]
    fn x_has_the_prescribed_singular_values() {
        for spacing in [Spacing::Geometric, Spacing::Arithmetic, Spacing::OneSmall, Spacing::Clustered] {
            for (n, d) in [(1, 1), (1, 7), (7, 1), (2, 2), (30, 12), (12, 30), (64, 64)] {
                let (prescribed, found) = prescribed_and_found(n, d, spacing, 1e-6);
                assert_eq!(prescribed.len(), found.len());
                for (p, f) in prescribed.iter().zip(&found) {
                    assert!((p - f).abs() < 1e-14, "{spacing:?} {n} x {d}: {p} became {f}");
                }
            }
        }
    }

    #[test]
    fn values_run_from_one_to_epsilon_as_named() {
        assert_eq!(singular_values(Spacing::Geometric, 1e-4, 3), [1.0, 1e-2, 1e-4]);
        assert_eq!(singular_values(Spacing::Arithmetic, 0.5, 3), [1.0, 0.75, 0.5]);
        assert_eq!(singular_values(Spacing::OneSmall, 0.5, 3), [1.0, 1.0, 0.5]);
        assert_eq!(singular_values(Spacing::Clustered, 0.5, 3), [1.0, 0.5, 0.5]);
        assert_eq!(singular_values(Spacing::Clustered, 0.5, 1), [1.0]);
    }
}
