//! Singular values and V through the Gram matrix, for matrices that this does not harm.
//!
//! The eigenvectors of A'A, computed in f64, leave cosines of about u kappa^2 between the columns of B = A V. While kappa
//! is moderate that is small enough for one correction of first order, all pairs at once, to make them orthogonal to
//! working precision, as one quadratically convergent Jacobi sweep would. In all this takes some 10 q^3 operations, most
//! of them products of whole matrices, against some 30 q^3 in rotations of pairs.
//!
//! The singular values are the norms of the columns of B, not roots of eigenvalues, so that their error is that of B:
//! about u kappa relative to each. Jacobi's, which is u times the condition of A with scaled columns, is no better while
//! the columns have similar norms; where they have not, or kappa is large, this room says so and leaves the matrix to
//! Jacobi.
//!
//! Source of the correction: Davies & Modi 1986, "A direct method for completing eigenproblem solutions on a parallel
//! computer"; Ogita & Aishima 2018 analyse its convergence.

use crate::engine::Convergence;
use crate::linalg::{
    Columns, JacobiReport, Scalar, Tridiagonal, dot_depth, exponent, max_abs, one_sided_jacobi, padded_dot,
    scale_by_power_of_two, tiled_product, upper_gram,
};

/// Largest ratio of squared norms of columns that go this way: norms of up to 8 times the smallest.
const NORM_RATIO_SQUARED: f64 = 64.0;

/// Least ratio of the eigenvalues of A'A that goes this way, against a bound of the largest: kappa up to 1e3.
const EIGENVALUE_RATIO: f64 = 1e-6;

/// Largest squared Frobenius norm of a correction E: it departs from orthogonal by that much, a tenth of u.
const CORRECTION_SQUARED: f64 = 1e-17;

/// What the Gram matrix gave.
pub(super) struct ThroughGram {
    /// Singular values. 0 sweeps, unless a cluster needed some, and the largest |cosine| that is left: as measured where
    /// none was too large, an estimate from above where there was a correction.
    pub(super) report: JacobiReport<f64>,
    /// V, q x q, padded, in the order of the values.
    pub(super) v: Columns<f64>,
    /// Eigenvalues of A'A as computed, in no order, bit for bit those of the reduction without vectors.
    pub(super) eigenvalues: Vec<f64>,
}

/// Factors `a` (p x q, padded, largest entry about 1); nothing where this is no way to go.
#[inline(always)]
pub(super) fn factor_through_gram(a: &Columns<f64>) -> Option<ThroughGram> {
    let (eigenvalues, v) = eigenvectors_of_gram(a)?;
    let (report, v) = corrected(a, v);
    Some(ThroughGram { report, v, eigenvalues })
}

/// Singular values and V from the eigenvectors `v` that A'A gave.
#[inline(always)]
fn corrected(a: &Columns<f64>, v: Columns<f64>) -> (JacobiReport<f64>, Columns<f64>) {
    let b = tiled_product(a, &v);
    let squares = squared_norms(&b);
    let correction = Correction::of(&b, &squares);
    // Written so that a NaN goes on to the rotations, which end with it.
    let small = correction.squared_norm <= CORRECTION_SQUARED;
    if !small {
        return rotated(b, v);
    }
    let mut order: Vec<usize> = (0..squares.len()).collect();
    order.sort_by(|&i, &j| squares[j].total_cmp(&squares[i]));
    let sigma = order.iter().map(|&j| squares[j].sqrt()).collect();
    let report = JacobiReport { sigma, sweeps: 0, max_cos: correction.left(), convergence: Convergence::Converged };
    let mut v = correction.applied_to(&v).permuted(&order);
    make_signs_definite(&mut v);
    (report, v)
}

/// Makes the largest entry of every column positive, so that no rounding on the way decides its sign.
#[inline(always)]
fn make_signs_definite(v: &mut Columns<f64>) {
    for j in 0..v.cols() {
        let column = v.column_mut(j);
        let largest = column.iter().fold(0.0, |largest: f64, &x| if x.abs() > largest.abs() { x } else { largest });
        if largest < 0.0 {
            for x in column {
                *x = -*x;
            }
        }
    }
}

/// Eigenvalues and eigenvectors of A'A; nothing where its columns differ too much in norm or its eigenvalues in size.
#[inline(always)]
fn eigenvectors_of_gram(a: &Columns<f64>) -> Option<(Vec<f64>, Columns<f64>)> {
    let diagonal = squared_norms(a);
    let largest = diagonal.iter().copied().fold(0.0, f64::max);
    let smallest = diagonal.iter().copied().fold(f64::INFINITY, f64::min);
    let similar = largest <= NORM_RATIO_SQUARED * smallest && smallest > 0.0;
    if !similar {
        return None;
    }
    let mut gram = gram_with_diagonal(a, &diagonal);
    let size = exponent(max_abs(gram.as_slice()))?;
    scale_by_power_of_two(gram.as_mut_slice(), -size);
    let reduced = Tridiagonal::new(gram);
    if reduced.count_below(EIGENVALUE_RATIO * reduced.norm_up()) > 0 {
        return None;
    }
    let (mut eigenvalues, v) = reduced.eigenvectors().ok()?;
    scale_by_power_of_two(&mut eigenvalues, size);
    Some((eigenvalues, v))
}

/// The upper triangle of A'A, whose diagonal are the `squares` of the norms of A's columns.
#[inline(always)]
pub(super) fn gram_with_diagonal(a: &Columns<f64>, squares: &[f64]) -> Columns<f64> {
    let mut gram = upper_gram(a);
    for (j, &square) in squares.iter().enumerate() {
        gram[(j, j)] = square;
    }
    gram
}

#[inline(always)]
pub(super) fn squared_norms(b: &Columns<f64>) -> Vec<f64> {
    let mut squares = Vec::with_capacity(b.cols());
    for column in b.iter() {
        squares.push(padded_dot(column, column));
    }
    squares
}

/// Clusters, whose eigenvectors A'A mixes: rotations find their way from where it left them.
#[inline(always)]
fn rotated(mut b: Columns<f64>, mut v: Columns<f64>) -> (JacobiReport<f64>, Columns<f64>) {
    let report = one_sided_jacobi(&mut b, Some(&mut v));
    (report, v)
}

/// E, antisymmetric, such that the columns of B (I + E) are orthogonal up to its square: e_ij = b_i'b_j / (||b_j||^2 - ||b_i||^2)
/// where the cosine counts, 0 where it is rounding.
struct Correction {
    /// q x q, padded.
    e: Columns<f64>,
    squared_norm: f64,
    max_cos: f64,
    tolerance: f64,
}

impl Correction {
    /// For `b`, padded, with the `squares` of its norms.
    #[inline(always)]
    fn of(b: &Columns<f64>, squares: &[f64]) -> Self {
        let q = b.cols();
        // What Jacobi calls orthogonal enough.
        let tolerance = dot_depth(b.rows()) as f64 * f64::UNIT_ROUNDOFF;
        let mut inverse_norms = Vec::with_capacity(q);
        for square in squares {
            inverse_norms.push(1.0 / square.sqrt());
        }
        let mut e = upper_gram(b);
        let (mut squared_norm, mut max_cos) = (0.0, 0.0_f64);
        for j in 1..q {
            let (own_square, own_inverse) = (squares[j], inverse_norms[j]);
            let others = squares.iter().zip(&inverse_norms);
            for (entry, (&square, &inverse)) in e.column_mut(j)[..j].iter_mut().zip(others) {
                let cos = (*entry * (inverse * own_inverse)).abs();
                max_cos = if cos > max_cos { cos } else { max_cos };
                let angle = *entry / (own_square - square);
                // A NaN counts, so that it ends the correction.
                *entry = if cos <= tolerance { 0.0 } else { angle };
                squared_norm += 2.0 * *entry * *entry;
            }
            for i in 0..j {
                e[(j, i)] = -e[(i, j)];
            }
        }
        Self { e, squared_norm, max_cos, tolerance }
    }

    /// V + V E.
    #[inline(always)]
    fn applied_to(&self, v: &Columns<f64>) -> Columns<f64> {
        let mut out = v.clone();
        if self.squared_norm > 0.0 {
            let change = tiled_product(v, &self.e);
            for (out, change) in out.as_mut_slice().iter_mut().zip(change.as_slice()) {
                *out += change;
            }
        }
        out
    }

    /// The largest |cosine| after the correction: of second order, a sum over q other columns and the part within a cluster.
    fn left(&self) -> f64 {
        if self.squared_norm == 0.0 {
            return self.max_cos;
        }
        let columns = self.e.cols() as f64;
        self.tolerance + self.max_cos * (columns * self.max_cos + 2.0 * self.squared_norm.sqrt())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::Vectors;
    use crate::engine::cpu::{factor, factor_with_gram, gram_spectrum};
    use crate::linalg::{Dd, Scalar, padded_tall};
    use crate::matrix::Matrix;
    use crate::rng::Generator;

    fn normal(n: usize, d: usize) -> Matrix {
        Matrix::new(n, d, Generator::from_entropy(&[11, n as u64, d as u64]).normals(n * d))
    }

    fn through_gram(x: &Matrix) -> Option<(JacobiReport<f64>, Columns<f64>)> {
        factor_through_gram(&padded_tall(x, 0)).map(|through| (through.report, through.v))
    }

    /// Values against a double-double Jacobi, over u kappa, and the largest cosine between columns of A V.
    fn errors(x: &Matrix) -> (f64, f64) {
        let (report, v) = through_gram(x).unwrap();
        let exact = one_sided_jacobi(&mut Columns::<Dd>::tall(x), None).sigma;
        let kappa = exact[0].to_f64() / exact[exact.len() - 1].to_f64();
        let relative = report.sigma.iter().zip(&exact).map(|(s, e)| ((Dd::from_f64(*s) - *e) / *e).abs().to_f64());
        let b = tiled_product(&padded_tall(x, 0), &v);
        let norms: Vec<f64> = squared_norms(&b).iter().map(|square| square.sqrt()).collect();
        let gram = upper_gram(&b);
        let pairs = (0..norms.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let cosines = pairs.map(|(i, j)| (gram[(i, j)] / norms[i] / norms[j]).abs());
        assert!(report.sigma.windows(2).all(|pair| pair[0] >= pair[1]), "{:?}", report.sigma);
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
        let orthonormal =
            through_gram(&x).map(|(report, v)| (tiled_product(&padded_tall(&x, 0), &v), report.sigma)).unwrap();
        let (b, sigma) = orthonormal;
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
            assert!(relative < 40.0 && cosine < 1e-13, "{gap:e}: {relative}, {cosine:e}");
        }
    }
}
