//! Singular values and V through the Gram matrix, for matrices that this does not harm, and the spectrum of the Gram matrix itself.
//!
//! The eigenvectors of A'A, computed in f64, leave cosines of about u kappa^2 between the columns of B = A V. While kappa
//! is moderate that is small enough for one correction of first order ([`super::correction`]) to make them orthogonal to working
//! precision. It repairs V as well, so that its eigenvectors need not be more orthogonal than the cheapest way to them makes them.
//! For p = 2 q all this takes some 15 q^3 operations, nearly all of them in products of whole matrices, against some 30 q^3 in
//! rotations of pairs.
//!
//! The singular values are the norms of the columns of B, not roots of eigenvalues, so that their error is that of B:
//! about u kappa relative to each. Jacobi's, which is u times the condition of A with scaled columns, is no better while
//! the columns have similar norms; where they have not, or kappa is large, this room says so and leaves the matrix to
//! Jacobi.
//!
//! Small matrices go side by side ([`super::lockstep`]), large ones one after the other ([`super::one_by_one`]) but for what is a chain of
//! operations that wait for each other: the eigenvalues, and at middle sizes the reduction.

use super::gram::Way;
use super::jacobi::by_jacobi;
use super::refine::refine;
use super::{lockstep, one_by_one};
use crate::engine::{Factors, GramSpectrum, Route, Vectors};
use crate::linalg::{Columns, LANES};
use crate::matrix::Matrix;

/// Room to work in, for one group of matrices after the other. What it holds between two calls means nothing.
#[derive(Default)]
pub(super) struct Room {
    one: lockstep::Room<1>,
    several: lockstep::Room<LANES>,
    large: one_by_one::Room,
}

impl Room {
    /// Factors with V and the spectrum of the Gram matrix, for each of up to [`crate::linalg::ITERATIONS_TOGETHER`] matrices of one shape
    /// (finite, no dimension 0): for each the same numbers, whatever the others.
    pub(super) fn factors_and_spectra(&mut self, matrices: &[&Matrix]) -> Vec<(Factors, GramSpectrum)> {
        match matrices {
            [] => Vec::new(),
            [x] if lockstep::serves(x) => self.one.factors_and_spectra(matrices),
            [x, ..] if lockstep::serves(x) => self.several.factors_and_spectra(matrices),
            _ => self.large.factors_and_spectra(matrices),
        }
    }

    /// The spectrum of the Gram matrix alone, as [`Room::factors_and_spectra`].
    pub(super) fn spectra(&mut self, matrices: &[&Matrix]) -> Vec<GramSpectrum> {
        match matrices {
            [] => Vec::new(),
            [x] if lockstep::serves(x) => self.one.spectra(matrices),
            [x, ..] if lockstep::serves(x) => self.several.spectra(matrices),
            _ => self.large.spectra(matrices),
        }
    }
}

/// Factors of `x`, which goes `way`: those that `corrected` finds, or what Jacobi makes of `x`, from the eigenvectors, q x q, that it fails with.
pub(super) fn factors(x: &Matrix, way: Way, corrected: impl FnOnce() -> Result<Factors, Columns<f64>>) -> Factors {
    match way {
        Way::Jacobi => by_jacobi(x, Vectors::Right),
        Way::Correction | Way::Rotations => corrected().unwrap_or_else(|v| refine::<f64>(x, &v, Route::CpuF64).factors),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::engine::cpu::{CpuEngine, factor, factor_with_gram, gram_spectrum};
    use crate::linalg::{Dd, Scalar, one_sided_jacobi, padded_dot, padded_tall, tiled_product, upper_gram};
    use crate::rng::Generator;

    fn normal(n: usize, d: usize) -> Matrix {
        Matrix::new(n, d, Generator::from_entropy(&[11, n as u64, d as u64]).normals(n * d))
    }

    fn scaled(x: &Matrix, scale: f64) -> Matrix {
        Matrix::new(x.rows(), x.cols(), x.as_slice().iter().map(|x| x * scale).collect())
    }

    /// One after the other, and side by side where that serves the shape; nothing where both leave the matrix to Jacobi.
    fn through_gram(x: &Matrix) -> Option<[Factors; 2]> {
        let (scaling, values) = one_by_one::Room::default().scaling_and_eigenvalues(x);
        let both = [one_by_one::Room::default().factors_and_spectra(&[x]), Room::default().factors_and_spectra(&[x])];
        (scaling.way(&values) != Way::Jacobi).then(|| both.map(|mut found| found.remove(0).0))
    }

    fn squared_norms(b: &Columns<f64>) -> Vec<f64> {
        b.iter().map(|column| padded_dot(column, column)).collect()
    }

    /// Values against a double-double Jacobi, over u kappa, and the largest cosine between columns of A V, on either way.
    fn errors(x: &Matrix) -> (f64, f64) {
        let exact = one_sided_jacobi(&mut Columns::<Dd>::tall(x), None).sigma;
        let kappa = exact[0].to_f64() / exact[exact.len() - 1].to_f64();
        let (mut worst, mut largest_cosine) = (0.0, 0.0);
        for Factors { sigma, v, .. } in through_gram(x).unwrap() {
            let relative = sigma.iter().zip(&exact).map(|(s, e)| ((Dd::from_f64(*s) - *e) / *e).abs().to_f64());
            let b = tiled_product(&padded_tall(x, 0), &v.unwrap());
            let norms: Vec<f64> = squared_norms(&b).iter().map(|square| square.sqrt()).collect();
            let gram = upper_gram(&b);
            let pairs = (0..norms.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
            let cosines = pairs.map(|(i, j)| (gram[(i, j)] / norms[i] / norms[j]).abs());
            assert!(sigma.windows(2).all(|pair| pair[0] >= pair[1]), "{sigma:?}");
            worst = relative.fold(worst, Scalar::max);
            largest_cosine = cosines.fold(largest_cosine, Scalar::max);
        }
        (worst / (f64::UNIT_ROUNDOFF * kappa), largest_cosine)
    }

    #[test]
    fn values_and_orthogonality_are_those_of_jacobi_up_to_kappa_1e3() {
        for (n, d) in [(1, 1), (12, 6), (6, 12), (33, 20), (64, 32), (130, 100)] {
            for epsilon in [1.0, 0.1, 0.01] {
                let mut x = normal(n, d);
                for i in 0..if n > d { n } else { 0 } {
                    x[(i, d - 1)] = if d > 1 { x[(i, 0)] + epsilon * x[(i, d - 1)] } else { x[(i, 0)] };
                }
                let (relative, cosine) = errors(&x);
                assert!(relative < 10.0 * (n.min(d) as f64).sqrt(), "{n}x{d}, {epsilon}: {relative} u kappa");
                // B itself is only known to u kappa.
                assert!(cosine < 1e-12, "{n}x{d}, {epsilon}: {cosine:e}");
            }
        }
    }

    #[test]
    fn the_shared_spectrum_is_bit_for_bit_that_of_the_reduction_alone() {
        for (n, d) in [(1, 1), (6, 12), (32, 16), (90, 33), (150, 120)] {
            for scale in [1.0, 3e-170, 7e150] {
                let g = normal(n, d);
                let x = scaled(&g, scale);
                assert!(through_gram(&g).is_some(), "{n}x{d} goes this way");
                let (factors, spectrum) = factor_with_gram(&x);
                assert_eq!(spectrum.roots, gram_spectrum(&x).roots, "{n}x{d}, {scale:e}");
                assert_eq!(factors.sigma, factor(&x, Vectors::Right).sigma);
            }
        }
    }

    #[test]
    fn what_a_room_held_before_changes_nothing() {
        let small: Vec<Matrix> = (0..8).map(|k| normal(12 + 6 * (k % 2), 6)).collect();
        let large: Vec<Matrix> = (0..3).map(|k| scaled(&normal(24, 20), 10f64.powi(100 * (k - 1)))).collect();
        let mut used = Room::default();
        for (rows, shape) in [(24, &large[..]), (12, &small[..]), (18, &small[..]), (24, &large[..])] {
            let group: Vec<&Matrix> = shape.iter().filter(|x| x.rows() == rows).collect();
            for (found, x) in used.factors_and_spectra(&group).into_iter().zip(&group) {
                let (alone, spectrum) = Room::default().factors_and_spectra(&[x]).remove(0);
                assert_eq!((found.0.sigma, found.0.v), (alone.sigma, alone.v), "{rows} rows");
                assert_eq!(
                    (found.0.jacobi_sweeps, found.1.roots),
                    (alone.jacobi_sweeps, spectrum.roots),
                    "{rows} rows"
                );
            }
        }
    }

    #[test]
    fn what_the_gram_matrix_harms_is_left_to_jacobi() {
        let x = normal(20, 8);
        let last_column =
            |scale: f64| Matrix::from_fn(20, 8, |i, j| if j == 7 { scale * x[(i, j)] } else { x[(i, j)] });
        assert!(through_gram(&last_column(0.5)).is_some());
        for scale in [0.0, 1e-300, 1e-2, 1e2] {
            assert!(through_gram(&last_column(scale)).is_none(), "a column of {scale:e} times the size");
        }
        for epsilon in [0.0, 1e-14, 1e-8, 1e-4] {
            let collinear =
                Matrix::from_fn(20, 8, |i, j| if j == 7 { x[(i, 0)] + epsilon * x[(i, 7)] } else { x[(i, j)] });
            assert!(through_gram(&collinear).is_none(), "collinear up to {epsilon:e}");
        }
        assert!(through_gram(&Matrix::zeros(4, 3)).is_none());
    }

    /// A cluster that is nearly one value: the eigenvectors in it are arbitrary, and rotations take over or nothing is left to do.
    #[test]
    fn clusters_end_orthogonal() {
        let x = normal(40, 12);
        let [Factors { sigma, v, .. }, _] = through_gram(&x).unwrap();
        let b = tiled_product(&padded_tall(&x, 0), &v.unwrap());
        for gap in [0.0, 1e-14, 1e-11, 1e-8, 1e-5] {
            let mixed = Matrix::from_fn(40, 12, |i, j| {
                let entry = |k: usize| b[(i, k)] / sigma[k] * (1.0 + gap * k as f64);
                if j == 0 {
                    (entry(0) + entry(1)) * 0.5_f64.sqrt()
                } else {
                    entry(j) - if j == 1 { entry(0) } else { 0.0 }
                }
            });
            let (relative, cosine) = errors(&mixed);
            // Rotations for what one value mixes, a correction for what only nearly does.
            for found in through_gram(&mixed).unwrap() {
                assert_eq!(found.jacobi_sweeps > 0, gap < 1e-6, "{gap:e}");
            }
            assert!(relative < 40.0 && cosine < 1e-13, "{gap:e}: {relative}, {cosine:e}");
        }
    }

    #[test]
    fn a_batch_of_mixed_shapes_has_the_numbers_of_each_alone_on_any_number_of_threads() {
        let shapes = [(6, 12), (6, 12), (12, 6), (3, 3), (40, 30), (40, 30), (1, 4)];
        let mut matrices: Vec<Matrix> = (0..50)
            .map(|k| {
                let (n, d) = if k < 20 { (6, 12) } else { shapes[k % shapes.len()] };
                Matrix::new(n, d, Generator::from_entropy(&[5, k as u64]).normals(n * d))
            })
            .collect();
        // Left to Jacobi, by their columns and by their eigenvalues, and a cluster, among the others.
        matrices[3] = Matrix::zeros(6, 12);
        matrices[4] = Matrix::from_fn(6, 12, |i, j| matrices[5][(i.min(4), j)]);
        matrices[6] = Matrix::from_fn(6, 12, |i, j| if i == j { 1.0 } else { 0.0 });
        let batch: Vec<&Matrix> = matrices.iter().collect();
        let numbers = |(factors, spectrum): (Factors, GramSpectrum)| (factors.sigma, factors.v, spectrum.roots);
        let alone: Vec<_> = batch.iter().map(|x| numbers(factor_with_gram(x))).collect();
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (factored, spectra) = pool.install(|| CpuEngine.factor_with_gram(&batch)).unwrap();
            let found: Vec<_> = factored.factors.into_iter().zip(spectra).map(numbers).collect();
            assert_eq!(found, alone, "{threads} threads");
            let spectra = pool.install(|| CpuEngine.gram_spectra(&batch)).unwrap();
            assert!(spectra.iter().zip(&alone).all(|(spectrum, alone)| spectrum.roots == alone.2), "{threads} threads");
        }
    }
}
