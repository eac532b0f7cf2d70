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
//! Only the eigenvalues are a chain of operations that wait for each other: they are found for several matrices side by side.

use super::correction::Correction;
use super::svd::{by_jacobi, refine};
use crate::engine::{Convergence, Factors, GramSpectrum, Route, Vectors};
use crate::linalg::{
    Columns, NotConverged, Scalar, Tridiagonal, eigenvalues, exponent, max_abs, padded_tall, power_of_two,
    tiled_product, upper_gram, vectorized,
};
use crate::matrix::Matrix;

/// Largest ratio of squared norms of columns that go this way: norms of up to 8 times the smallest.
const NORM_RATIO_SQUARED: f64 = 64.0;

/// Least ratio of the eigenvalues of A'A that goes this way: kappa up to 1e3.
const EIGENVALUE_RATIO: f64 = 1e-6;

/// Factors with V and the spectrum of the Gram matrix, for each of up to [`crate::linalg::ITERATIONS_TOGETHER`] matrices of one shape
/// (finite, no dimension 0).
pub(super) fn factors_and_spectra(matrices: &[&Matrix]) -> Vec<(Factors, GramSpectrum)> {
    let scaled: Vec<Scaled> = matrices.iter().map(|x| Scaled::of(x)).collect();
    let grams: Vec<Gram> = scaled.iter().map(Gram::of).collect();
    let both = |((x, scaled), (gram, values)): ((&&Matrix, &Scaled), (&Gram, Eigenvalues))| {
        let factors = values.as_ref().ok().and_then(|values| gram.factors(x, scaled, values));
        (factors.unwrap_or_else(|| by_jacobi(x, Vectors::Right)), gram.spectrum(values))
    };
    matrices.iter().zip(&scaled).zip(grams.iter().zip(eigenvalues_of(&grams))).map(both).collect()
}

/// The spectrum of the Gram matrix alone, as [`factors_and_spectra`].
pub(super) fn spectra(matrices: &[&Matrix]) -> Vec<GramSpectrum> {
    let grams: Vec<Gram> = matrices.iter().map(|x| Gram::of(&Scaled::of(x))).collect();
    grams.iter().zip(eigenvalues_of(&grams)).map(|(gram, values)| gram.spectrum(values)).collect()
}

/// Eigenvalues of a reduced Gram matrix, nonincreasing.
type Eigenvalues = Result<Vec<f64>, NotConverged>;

fn eigenvalues_of(grams: &[Gram]) -> Vec<Eigenvalues> {
    eigenvalues(&grams.iter().map(|gram| &gram.reduced).collect::<Vec<_>>())
}

/// Matrices whose largest entry is of this size, up or down, as a power of two, stay as they are: squares of it leave enough room.
const SAFE_EXPONENT: i32 = 100;

/// A = 2^shift X or its transpose, whichever is tall.
struct Scaled {
    /// p x q, padded.
    a: Columns<f64>,
    shift: i32,
}

impl Scaled {
    fn of(x: &Matrix) -> Self {
        vectorized(
            #[inline(always)]
            || {
                let size = exponent(max_abs(x.as_slice())).unwrap_or(0);
                let shift = if size.abs() <= SAFE_EXPONENT { 0 } else { -size };
                Self { a: padded_tall(x, shift), shift }
            },
        )
    }
}

/// A'A, reduced to tridiagonal form.
pub(super) struct Gram {
    /// Of 2^-`size` A'A, whose largest entry is about 1.
    reduced: Tridiagonal,
    size: i32,
    /// A = 2^`shift` X.
    shift: i32,
    /// Of the columns of A: the largest squared norm over the smallest.
    norm_ratio_squared: f64,
}

impl Gram {
    fn of(Scaled { a, shift }: &Scaled) -> Self {
        vectorized(
            #[inline(always)]
            || Self::reduced(upper_gram(a), *shift),
        )
    }

    /// Of the Gram matrix of 2^`shift` X, whose upper triangle is given.
    #[inline(always)]
    pub(super) fn reduced(mut gram: Columns<f64>, shift: i32) -> Self {
        let (mut smallest, mut largest) = (f64::INFINITY, 0.0_f64);
        for j in 0..gram.cols() {
            smallest = smallest.min(gram[(j, j)]);
            largest = largest.max(gram[(j, j)]);
        }
        // No entry is larger than the largest on the diagonal.
        let size = exponent(largest).unwrap_or(0);
        let scale = power_of_two(-size);
        for entry in gram.as_mut_slice() {
            *entry *= scale;
        }
        Self { reduced: Tridiagonal::new(gram), size, shift, norm_ratio_squared: largest / smallest }
    }

    /// [`Gram::spectrum`] of this matrix by itself.
    pub(super) fn spectrum_alone(&self) -> GramSpectrum {
        self.spectrum(eigenvalues(&[&self.reduced]).pop().unwrap_or(Err(NotConverged)))
    }

    /// The spectrum of X'X. An eigenvalue below 0 is 0 but for rounding, and as large as that. All NaN should the iteration not
    /// have converged, which finite entries give it no reason for.
    fn spectrum(&self, eigenvalues: Eigenvalues) -> GramSpectrum {
        let mut squares = eigenvalues.unwrap_or_else(|_| vec![f64::NAN; self.reduced.order()]);
        // A power of two that has a root.
        let (half, odd) = (self.size.div_euclid(2), self.size.rem_euclid(2));
        for square in &mut squares {
            *square = square.abs().times_power_of_two(odd);
        }
        squares.sort_unstable_by(|a, b| b.total_cmp(a));
        let roots = squares.iter().map(|square| square.sqrt().times_power_of_two(half - self.shift)).collect();
        GramSpectrum { roots, route: Route::CpuF64 }
    }

    /// Factors of `x`, which is `scaled`, from the eigenvalues of its Gram matrix; nothing where this is no way to go.
    fn factors(&self, x: &Matrix, scaled: &Scaled, eigenvalues: &[f64]) -> Option<Factors> {
        let (largest, smallest) = (*eigenvalues.first()?, *eigenvalues.last()?);
        let harmless = self.norm_ratio_squared <= NORM_RATIO_SQUARED && smallest >= EIGENVALUE_RATIO * largest;
        if !harmless || smallest <= 0.0 {
            return None;
        }
        let (v, factors) = vectorized(
            #[inline(always)]
            || {
                let v = self.reduced.eigenvectors(eigenvalues);
                let factors = corrected(scaled, &v);
                (v, factors)
            },
        );
        // Clusters, whose eigenvectors A'A mixes: rotations find their way from where it left them.
        let rotated = || refine::<f64>(x, &v.leading_rows(v.cols()), Route::CpuF64).factors;
        Some(factors.unwrap_or_else(rotated))
    }
}

/// Factors from the eigenvectors `v` that A'A gave, of decreasing eigenvalues but for rounding; nothing where a correction is not enough.
#[inline(always)]
fn corrected(Scaled { a, shift }: &Scaled, v: &Columns<f64>) -> Option<Factors> {
    let correction = Correction::of(&tiled_product(a, v), v)?;
    let squares = correction.squares();
    let mut order: Vec<usize> = (0..squares.len()).collect();
    order.sort_by(|&i, &j| squares[j].total_cmp(&squares[i]));
    let sigma = order.iter().map(|&j| squares[j].sqrt().times_power_of_two(-shift)).collect();
    let mut v = correction.applied_to(v, &order);
    make_signs_definite(&mut v);
    Some(Factors {
        sigma,
        v: Some(v),
        route: Route::CpuF64,
        jacobi_sweeps: 0,
        max_cos: correction.left(),
        convergence: Convergence::Converged,
    })
}

/// Makes the largest entry of every column positive, so that no rounding on the way decides its sign.
#[inline(always)]
fn make_signs_definite(v: &mut Columns<f64>) {
    for j in 0..v.cols() {
        let column = v.column_mut(j);
        let (mut largest, mut smallest) = (0.0, 0.0);
        for &x in column.iter() {
            largest = if x > largest { x } else { largest };
            smallest = if x < smallest { x } else { smallest };
        }
        if -smallest > largest {
            for x in column {
                *x = -*x;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::engine::cpu::{CpuEngine, factor, factor_with_gram, gram_spectrum};
    use crate::linalg::{Dd, one_sided_jacobi, padded_dot};
    use crate::rng::Generator;

    fn normal(n: usize, d: usize) -> Matrix {
        Matrix::new(n, d, Generator::from_entropy(&[11, n as u64, d as u64]).normals(n * d))
    }

    fn through_gram(x: &Matrix) -> Option<Factors> {
        let scaled = Scaled::of(x);
        let gram = Gram::of(&scaled);
        let values = eigenvalues(&[&gram.reduced]).remove(0).unwrap();
        gram.factors(x, &scaled, &values)
    }

    fn squared_norms(b: &Columns<f64>) -> Vec<f64> {
        b.iter().map(|column| padded_dot(column, column)).collect()
    }

    /// Values against a double-double Jacobi, over u kappa, and the largest cosine between columns of A V.
    fn errors(x: &Matrix) -> (f64, f64) {
        let Factors { sigma, v, .. } = through_gram(x).unwrap();
        let v = v.unwrap();
        let exact = one_sided_jacobi(&mut Columns::<Dd>::tall(x), None).sigma;
        let kappa = exact[0].to_f64() / exact[exact.len() - 1].to_f64();
        let relative = sigma.iter().zip(&exact).map(|(s, e)| ((Dd::from_f64(*s) - *e) / *e).abs().to_f64());
        let b = tiled_product(&padded_tall(x, 0), &v);
        let norms: Vec<f64> = squared_norms(&b).iter().map(|square| square.sqrt()).collect();
        let gram = upper_gram(&b);
        let pairs = (0..norms.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let cosines = pairs.map(|(i, j)| (gram[(i, j)] / norms[i] / norms[j]).abs());
        assert!(sigma.windows(2).all(|pair| pair[0] >= pair[1]), "{sigma:?}");
        (relative.fold(0.0, f64::max) / (f64::UNIT_ROUNDOFF * kappa), cosines.fold(0.0, f64::max))
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
                let x = Matrix::from_fn(n, d, |i, j| scale * g[(i, j)]);
                assert!(through_gram(&g).is_some(), "{n}x{d} goes this way");
                let (factors, spectrum) = factor_with_gram(&x);
                assert_eq!(spectrum.roots, gram_spectrum(&x).roots, "{n}x{d}, {scale:e}");
                assert_eq!(factors.sigma, factor(&x, Vectors::Right).sigma);
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
        let Factors { sigma, v, .. } = through_gram(&x).unwrap();
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
            let rotated = through_gram(&mixed).unwrap().jacobi_sweeps > 0;
            assert_eq!(rotated, gap < 1e-6, "{gap:e}");
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
