//! One matrix on the CPU, by whichever way serves it.

use super::gram_route::Room;
use super::values::values_alone;
use crate::engine::{Factors, GramSpectrum, Vectors};
use crate::matrix::Matrix;

/// Factors `x` (n x d, finite, no dimension 0) in f64. Values alone: by bidiagonalization where that does no harm; with V: through
/// the Gram matrix where that does none; else by preconditioned one-sided Jacobi.
pub fn factor(x: &Matrix, vectors: Vectors) -> Factors {
    match vectors {
        Vectors::None => values_alone(x),
        Vectors::Right => factor_with_gram(x).0,
    }
}

/// [`factor`] with V and [`gram_spectrum`], the same numbers, for little more than the former alone.
pub fn factor_with_gram(x: &Matrix) -> (Factors, GramSpectrum) {
    Room::default().factors_and_spectra(&[x]).remove(0)
}

/// Singular values of the smaller Gram matrix of `x` (X'X if n >= d, else XX') as f64 computes them: inner products, a
/// reduction to tridiagonal form and its eigenvalues, each with an error of a small multiple of u ||X'X||. All NaN should
/// the iteration not converge, which finite entries give it no reason for.
pub fn gram_spectrum(x: &Matrix) -> GramSpectrum {
    Room::default().spectra(&[x]).remove(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Convergence;
    use crate::engine::Route;
    use crate::engine::cpu::refine;
    use crate::linalg::{Columns, Dd, Scalar, dot, norm, product};

    fn pseudo_random(rows: usize, cols: usize) -> Matrix {
        let mut state = 42_u64;
        Matrix::from_fn(rows, cols, |_, _| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / 2.0_f64.powi(53) - 0.5
        })
    }

    /// Largest of | |A v_j| - sigma_j | / (sigma_1 p u) and |V'V - I| / (q u).
    fn ratio(x: &Matrix) -> f64 {
        let factors = factor(x, Vectors::Right);
        assert_eq!(factors.convergence, Convergence::Converged);
        let v = factors.v.expect("asked for");
        let a = Columns::<f64>::tall(x);
        let b = product(&a, &v);
        let (p, q) = (a.rows() as f64, a.cols() as f64);
        let scale = factors.sigma[0].max(f64::MIN_POSITIVE);
        let mut worst = 0.0_f64;
        for i in 0..v.cols() {
            worst = worst.max((norm(b.column(i)) - factors.sigma[i]).abs() / (scale * p * f64::UNIT_ROUNDOFF));
            for j in 0..v.cols() {
                let expected = f64::from(u8::from(i == j));
                worst = worst.max((dot(v.column(i), v.column(j)) - expected).abs() / (q * f64::UNIT_ROUNDOFF));
                let scalar = if i == j { 0.0 } else { dot(b.column(i), b.column(j)) };
                worst = worst.max(scalar.abs() / (scale * scale * p * f64::UNIT_ROUNDOFF));
            }
        }
        worst
    }

    #[test]
    fn all_shapes_meet_lapacks_ratios() {
        for (n, d) in [(1, 1), (1, 5), (5, 1), (2, 2), (6, 12), (12, 6), (33, 33), (60, 41), (41, 60)] {
            let ratio = ratio(&pseudo_random(n, d));
            assert!(ratio < 30.0, "{n}x{d}: {ratio}");
        }
    }

    #[test]
    fn zero_matrices_and_duplicate_columns_get_an_orthogonal_v() {
        let ratio_of_zero = ratio(&Matrix::zeros(4, 3));
        assert!(ratio_of_zero < 30.0, "{ratio_of_zero}");
        let g = pseudo_random(9, 4);
        let duplicated = Matrix::from_fn(9, 6, |i, j| g[(i, j % 4)]);
        let ratio_of_duplicates = ratio(&duplicated);
        assert!(ratio_of_duplicates < 30.0, "{ratio_of_duplicates}");
    }

    #[test]
    fn extreme_scales_give_the_same_digits() {
        let x = pseudo_random(7, 4);
        let reference = factor(&x, Vectors::None).sigma;
        for k in [-900, 900, -1010] {
            let scaled = Matrix::from_fn(7, 4, |i, j| x[(i, j)].times_power_of_two(k));
            for (s, r) in factor(&scaled, Vectors::None).sigma.iter().zip(&reference) {
                let relative = (s.times_power_of_two(-k) / r - 1.0).abs();
                assert!(relative < 1e-13, "2^{k}: {relative:e}");
            }
        }
    }

    #[test]
    fn refining_a_rough_v_gives_the_same_singular_values() {
        let x = pseudo_random(10, 6);
        let cold = factor(&x, Vectors::Right);
        let rough: Columns<f64> = cold.v.expect("asked for").convert::<f32>().convert();
        let refined = refine::<Dd>(&x, &rough, Route::CpuDd);
        for (a, b) in refined.factors.sigma.iter().zip(&cold.sigma) {
            assert!((a / b - 1.0).abs() < 1e-14, "{a} against {b}");
        }
        assert!(refined.factors.jacobi_sweeps <= 7, "{} sweeps", refined.factors.jacobi_sweeps);
    }

    #[test]
    fn the_gram_spectrum_squares_the_singular_values() {
        let x = pseudo_random(12, 5);
        let sigma = factor(&x, Vectors::None).sigma;
        for scale in [0, -1000, 1000] {
            let scaled = Matrix::from_fn(12, 5, |i, j| x[(i, j)].times_power_of_two(scale));
            for (root, s) in gram_spectrum(&scaled).roots.iter().zip(&sigma) {
                let relative = (root.times_power_of_two(-scale) / s - 1.0).abs();
                assert!(relative < 1e-12, "{relative:e}");
            }
        }
        assert_eq!(gram_spectrum(&pseudo_random(3, 8)).roots.len(), 3);
    }
}
