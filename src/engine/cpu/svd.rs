//! One matrix on the CPU: cold, from a given V, and through X'X.
//!
//! Source of the preconditioning: Drmac & Veselic 2008 (LAPACK's dgejsv). Rows are sorted by size, columns pivoted,
//! A P = Q R, and the rotations work on L = R'. From L W = B and A P = Q W' ... follows V = P U with U the normalized
//! columns of B, so that V costs nothing beyond the singular values. The error of every singular value is then a small
//! multiple of u times the smallest kappa(A D) over diagonal D, where bidiagonalization gives u kappa(A).

use std::cmp::Ordering;

use super::gram_route::{Gram, factors_and_spectra, spectra};
use super::values::values_alone;
use crate::engine::{Factors, GramSpectrum, Route, Vectors};
use crate::linalg::{
    Columns, JacobiReport, Pivoting, Qr, Scalar, exponent, norm, one_sided_jacobi, padded_tall, product,
    scale_by_power_of_two, upper_gram, vectorized,
};
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
    factors_and_spectra(&[x]).remove(0)
}

/// By preconditioned one-sided Jacobi, whatever `x` is like.
pub(super) fn by_jacobi(x: &Matrix, vectors: Vectors) -> Factors {
    vectorized(
        #[inline(always)]
        || {
            let (a, shift) = scaled_tall::<f64>(x);
            let (report, v) = precondition_and_rotate(&a, vectors);
            factors(&report, v, shift, Route::CpuF64)
        },
    )
}

/// Factors with V in the precision it was computed in.
#[derive(Clone, Debug)]
pub struct Refined<T> {
    /// As any engine returns them; V rounded to f64.
    pub factors: Factors,
    /// V, q x q, in full.
    pub v: Columns<T>,
}

/// Finishes a factorization of `x` in the arithmetic of `T`, starting from `v` (q x q): V is made orthogonal to the
/// precision of `T`, B = A V is formed in `T` and rotated until orthogonal. From a good f32 V this takes 3 to 7 Jacobi
/// sweeps, from an f64 V 1 to 3; from a useless one it takes longer and is right all the same.
pub fn refine<T: Scalar>(x: &Matrix, v: &Columns<f64>, route: Route) -> Refined<T> {
    vectorized(
        #[inline(always)]
        || {
            let (a, shift) = scaled_tall::<T>(x);
            let mut v = orthogonal_start::<T>(v);
            let mut b = product(&a, &v);
            if b.rows() > b.cols() {
                // Q does not change inner products, and q x q columns are cheaper to rotate than p x q.
                b = Qr::new(b, Pivoting::None).r();
            }
            let report = one_sided_jacobi(&mut b, Some(&mut v));
            Refined { factors: factors(&report, Some(v.convert()), shift, route), v }
        },
    )
}

/// Singular values of the smaller Gram matrix of `x` (X'X if n >= d, else XX') as f64 computes them: inner products, a
/// reduction to tridiagonal form and its eigenvalues, each with an error of a small multiple of u ||X'X||. All NaN should
/// the iteration not converge, which finite entries give it no reason for.
pub fn gram_spectrum(x: &Matrix) -> GramSpectrum {
    spectra(&[x]).remove(0)
}

/// X'X as f64 adds it up, block by block; for X as a whole, the smaller Gram matrix of the two.
#[derive(Clone, Debug)]
pub struct GramSum {
    shift: i32,
    /// Of 2^shift X, the upper triangle.
    gram: Option<Columns<f64>>,
}

impl GramSum {
    /// Of no rows yet; no entry will be larger than twice `largest`.
    pub fn new(largest: f64) -> Self {
        // Inner products of at most 2^LARGEST_EXPONENT, and none that underflows beside them.
        Self { shift: shift_of(largest) - f64::LARGEST_EXPONENT / 2 - 20, gram: None }
    }

    /// Takes in rows: all of them, or a block of those of a tall X.
    pub fn take(&mut self, x: &Matrix) {
        vectorized(
            #[inline(always)]
            || {
                let a = padded_tall(x, self.shift);
                self.add(upper_gram(&a));
            },
        );
    }

    /// Takes in the rows that `other`, begun alike, has seen.
    pub fn join(&mut self, other: Self) {
        other.gram.into_iter().for_each(|gram| self.add(gram));
    }

    fn add(&mut self, more: Columns<f64>) {
        match &mut self.gram {
            None => self.gram = Some(more),
            Some(gram) => {
                for (sum, more) in gram.as_mut_slice().iter_mut().zip(more.as_slice()) {
                    *sum += more;
                }
            }
        }
    }

    /// The spectrum of the sum; empty before the first row.
    pub fn spectrum(self) -> GramSpectrum {
        let Some(gram) = self.gram else { return GramSpectrum { roots: Vec::new(), route: Route::CpuF64 } };
        let gram = vectorized(
            #[inline(always)]
            || Gram::reduced(gram, self.shift),
        );
        gram.spectrum_alone()
    }
}

/// The orthogonal factor of `v`; the identity if `v` holds anything but finite numbers.
#[inline(always)]
fn orthogonal_start<T: Scalar>(v: &Columns<f64>) -> Columns<T> {
    let mut q = Columns::identity(v.cols());
    if v.as_slice().iter().all(|x| x.is_finite()) {
        let qr = Qr::new(v.convert::<T>(), Pivoting::None);
        for j in 0..v.cols() {
            qr.apply_q(q.column_mut(j));
        }
    }
    q
}

/// The tall form of `x` times 2^shift, so that its largest entry is just below 2^`LARGEST_EXPONENT`.
#[inline(always)]
fn scaled_tall<T: Scalar>(x: &Matrix) -> (Columns<T>, i32) {
    let mut a = Columns::<T>::tall(x);
    let shift = shift_of(x.max_abs());
    scale_by_power_of_two(a.as_mut_slice(), shift);
    (a, shift)
}

fn shift_of(largest: f64) -> i32 {
    exponent(largest).map_or(0, |k| f64::LARGEST_EXPONENT - 1 - k)
}

/// Sorts, pivots, reduces to a triangle and rotates its transpose.
#[inline(always)]
fn precondition_and_rotate(a: &Columns<f64>, vectors: Vectors) -> (JacobiReport<f64>, Option<Columns<f64>>) {
    let qr = Qr::new(rows_sorted(a), Pivoting::Columns);
    let mut l = qr.r_transposed();
    let report = one_sided_jacobi(&mut l, None);
    let v = match vectors {
        Vectors::None => None,
        Vectors::Right => Some(rows_unpermuted(&orthonormalized(l, &report.sigma), qr.order())),
    };
    (report, v)
}

/// The rows of `a`, largest first: with this order Householder QR is stable row by row (Cox & Higham 1998).
#[inline(always)]
fn rows_sorted(a: &Columns<f64>) -> Columns<f64> {
    let mut size = vec![0.0_f64; a.rows()];
    for column in a.iter() {
        for (size, x) in size.iter_mut().zip(column) {
            *size = f64::max(*size, x.abs());
        }
    }
    let mut order: Vec<usize> = (0..a.rows()).collect();
    order.sort_by(|&i, &j| size[j].partial_cmp(&size[i]).unwrap_or(Ordering::Equal));
    Columns::from_fn(a.rows(), a.cols(), |i, j| a[(order[i], j)])
}

/// Normalizes the orthogonal columns of `b`; where a column is 0, the basis is completed.
#[inline(always)]
fn orthonormalized(mut b: Columns<f64>, sigma: &[f64]) -> Columns<f64> {
    let q = b.cols();
    let rank = sigma.iter().take_while(|&&s| s > 0.0).count();
    for (j, &sigma) in sigma.iter().enumerate().take(rank) {
        // A column near the underflow threshold is first brought back to where its norm has all digits.
        let column = b.column_mut(j);
        let lift = exponent(sigma).map_or(0, |k| -k);
        scale_by_power_of_two(column, lift);
        let length = norm(column);
        for x in column {
            *x /= length;
        }
    }
    if rank < q {
        let leading: Vec<usize> = (0..rank).collect();
        let basis = Qr::new(b.permuted(&leading), Pivoting::None);
        for j in rank..q {
            let column = b.column_mut(j);
            column.fill(0.0);
            column[j] = 1.0;
            basis.apply_q(column);
        }
    }
    b
}

/// P `u`: row k of `u` becomes row `order[k]`.
#[inline(always)]
fn rows_unpermuted(u: &Columns<f64>, order: &[usize]) -> Columns<f64> {
    let mut out = Columns::zeros(u.rows(), u.cols());
    for j in 0..u.cols() {
        let target = out.column_mut(j);
        for (&value, &row) in u.column(j).iter().zip(order) {
            target[row] = value;
        }
    }
    out
}

#[inline(always)]
fn factors<T: Scalar>(report: &JacobiReport<T>, v: Option<Columns<f64>>, shift: i32, route: Route) -> Factors {
    Factors {
        sigma: report.sigma.iter().map(|s| s.to_f64().times_power_of_two(-shift)).collect(),
        v,
        route,
        jacobi_sweeps: report.sweeps,
        max_cos: report.max_cos,
        convergence: report.convergence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Convergence;
    use crate::linalg::{Dd, dot};

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
