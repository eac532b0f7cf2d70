//! Singular values alone: through bidiagonal matrices where that costs no digits, neighbours of one shape side by side.

use rayon::prelude::*;

use super::groups::groups_of_one_shape;
use super::jacobi::by_jacobi;
use crate::engine::{Convergence, Factors, Route, Vectors};
use crate::linalg::{Scalar, TOGETHER, bidiagonal_values, dot_depth};
use crate::matrix::Matrix;

/// Values alone of `x`, n x d, finite, no dimension 0.
pub(super) fn values_alone(x: &Matrix) -> Factors {
    from_values(x, bidiagonal_values(&[x]).pop().flatten())
}

/// [`values_alone`] of each of `batch`, the same numbers to the bit, on all threads of the current rayon pool.
pub(super) fn values_of_batch<'a>(batch: &'a [&'a Matrix]) -> Vec<Factors> {
    let groups = groups_of_one_shape(batch, TOGETHER);
    let of_group = |group: &&[&Matrix]| {
        let found = group.iter().zip(bidiagonal_values(group));
        found.map(|(x, sigma)| from_values(x, sigma)).collect::<Vec<Factors>>()
    };
    groups.par_iter().flat_map_iter(of_group).collect()
}

/// Factors with the values `sigma`, or with Jacobi's where there are none.
fn from_values(x: &Matrix, sigma: Option<Vec<f64>>) -> Factors {
    let Some(sigma) = sigma else { return by_jacobi(x, Vectors::None) };
    let kappa = sigma[0] / sigma[sigma.len() - 1];
    // What the vectors of such values leave between the columns of A V: rounding beside the largest, kappa times that beside the
    // smallest.
    let max_cos = dot_depth(x.rows().max(x.cols())) as f64 * f64::UNIT_ROUNDOFF * kappa;
    Factors { sigma, v: None, route: Route::CpuF64, jacobi_sweeps: 0, max_cos, convergence: Convergence::Converged }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Generator;

    /// Shapes in runs and one by one, matrices that are left to Jacobi among them.
    fn mixed_batch() -> Vec<Matrix> {
        let shapes = [(6, 12), (6, 12), (12, 6), (3, 3), (6, 12), (90, 80), (90, 80), (1, 4)];
        let mut batch: Vec<Matrix> = (0..60)
            .map(|k| {
                let (n, d) = if k < 25 { (6, 12) } else { shapes[k % shapes.len()] };
                Matrix::new(n, d, Generator::from_entropy(&[3, k as u64]).normals(n * d))
            })
            .collect();
        batch[5] = Matrix::zeros(6, 12);
        batch[6] = Matrix::from_fn(6, 12, |i, j| batch[7][(i.min(4), j)]);
        batch
    }

    #[test]
    fn a_batch_of_mixed_shapes_has_the_values_of_each_alone_on_any_number_of_threads() {
        let matrices = mixed_batch();
        let batch: Vec<&Matrix> = matrices.iter().collect();
        let alone: Vec<Vec<f64>> = batch.iter().map(|x| values_alone(x).sigma).collect();
        assert!(alone.iter().zip(&matrices).all(|(sigma, x)| sigma.len() == x.rows().min(x.cols())));
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let found = pool.install(|| values_of_batch(&batch));
            let found: Vec<Vec<f64>> = found.into_iter().map(|factors| factors.sigma).collect();
            assert_eq!(found, alone, "{threads} threads");
        }
    }
}
