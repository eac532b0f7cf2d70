//! The thin SVD of a trial's X, in the form the tables use.

mod refinement;

use std::borrow::Cow;

pub use refinement::{Fit, Means, Shrinkage, Solution, Spectral};

use crate::certify::Certified;
use crate::engine::{Factors, Vectors, cpu};
use crate::linalg::{
    Columns, as_padded, axpy, exponent, inner_products, norm, padded_tall, subtract_combination, tiled_product,
    vectorized,
};
use crate::matrix::Matrix;

/// X = U Sigma V' with k = min(n, d) singular values, nonincreasing, and the numerical rank decided.
///
/// Singular values beyond `rank` count as 0 wherever a solution is formed, so that the solution for a penalty of 0 is
/// the minimum-norm one and is the limit of the ridge solutions.
#[derive(Clone, Debug)]
pub struct ThinSvd {
    /// k values, nonincreasing.
    pub sigma: Vec<f64>,
    /// U, n x k: orthonormal columns up to `rank`. Beyond it, where X has more rows than columns, a column is zero.
    pub left: Columns<f64>,
    /// V, d x k: orthonormal columns up to `rank`. Beyond it, where X has more columns than rows, a column is zero.
    pub right: Columns<f64>,
    /// Number of sigma above max(n, d) * 2^-52 * sigma_max, NumPy's rule.
    pub rank: usize,
}

impl ThinSvd {
    /// Decomposes `x` (n x d, finite, no dimension 0) in f64 on the CPU ([`cpu::factor`]).
    pub fn of(x: &Matrix) -> Self {
        let factors = cpu::factor(x, Vectors::Right);
        let v = factors.v.expect("V is returned where it is asked for");
        Self::from_factors(x, &factors.sigma, &v)
    }

    /// Completes an engine's answer. `x` is n x d, `sigma` holds k = min(n, d) values, nonincreasing, and `v` is the
    /// k x k orthogonal factor of the tall form A (X if n >= d, else X').
    ///
    /// The other factor is B = A V with its columns scaled to unit length by their own norms, not by `sigma`: a wrong
    /// sigma then shows in [`ThinSvd::reconstruction_residual`] instead of cancelling out of it. Rounding, of B and of V
    /// itself, leaves u sigma_1 of u_1 in the column b_j, which is much of it where sigma_j is small; such columns are
    /// made orthogonal to those before them. Without that U'y / sigma would err by u kappa^2 even for a y = X w; with it
    /// X + E = U Sigma V' for orthonormal factors and ||E|| of a few u ||X||, for every V that is orthonormal to u and
    /// diagonalises A'A to that. Costs n d k multiplications, and four more n k for each column that is made orthogonal.
    pub fn from_factors(x: &Matrix, sigma: &[f64], v: &Columns<f64>) -> Self {
        let b = vectorized(
            #[inline(always)]
            || {
                // Entries of about 1, so that no product overflows.
                let shift = exponent(x.max_abs()).map_or(0, |k| -k);
                tiled_product(&padded_tall(x, shift), v)
            },
        );
        Self::from_product(x, x.rows(), sigma, v, &b)
    }

    /// [`ThinSvd::from_factors`] of the triangle `r` (d x d) of an X = Q R with `rows` rows: its rank is that of X by the rule for X.
    pub fn of_triangle(r: &Matrix, rows: usize, sigma: &[f64], v: &Columns<f64>) -> Self {
        let b = vectorized(
            #[inline(always)]
            || tiled_product(&padded_tall(r, exponent(r.max_abs()).map_or(0, |k| -k)), v),
        );
        Self::from_product(r, rows, sigma, v, &b)
    }

    /// [`ThinSvd::from_factors`] of the factors that carry a certificate, from the product that the certificate needed, which is
    /// taken out of it; nothing where they come without V.
    pub fn of_certified(x: &Matrix, certified: &mut Certified) -> Option<Self> {
        let product = certified.product.take();
        let Factors { sigma, v: Some(v), .. } = &certified.factors else { return None };
        Some(match product {
            Some(b) => Self::from_product(x, x.rows(), sigma, v, &b),
            None => Self::from_factors(x, sigma, v),
        })
    }

    /// [`ThinSvd::from_factors`] with `b`, A V times any number, its columns padded; the rank is that of a matrix with `rows` rows.
    fn from_product(x: &Matrix, rows: usize, sigma: &[f64], v: &Columns<f64>, b: &Columns<f64>) -> Self {
        let rank = numerical_rank(rows, x.cols(), sigma);
        let longest = x.rows().max(x.cols());
        let other = vectorized(
            #[inline(always)]
            || orthonormalized(b, longest, rank),
        );
        let (left, right) = if x.rows() >= x.cols() { (other, v.clone()) } else { (v.clone(), other) };
        Self { sigma: sigma.to_vec(), left, right, rank }
    }

    /// Dimension of the null space {z: X z = 0}: d - rank.
    pub fn nullity(&self) -> usize {
        self.right.rows() - self.rank
    }

    /// Dimension of the left null space {r: X' r = 0}: n - rank.
    pub fn left_nullity(&self) -> usize {
        self.left.rows() - self.rank
    }

    /// `y` (n values) as U c and a rest in the left null space: c is U'y, the rest is the residual of least squares,
    /// which no weights remove.
    pub fn split_left(&self, y: &[f64]) -> Split {
        split(&self.left, self.rank, y)
    }

    /// `w` (d values) as V b and a rest in the null space of X, which X w does not see.
    pub fn split_right(&self, w: &[f64]) -> Split {
        split(&self.right, self.rank, w)
    }

    /// c = U'y, `rank` values: `y` (n values) in the basis of the column space.
    pub fn project_left(&self, y: &[f64]) -> Vec<f64> {
        self.split_left(y).coordinates
    }

    /// b = V'w, `rank` values: `w` (d values) in the basis of the row space.
    pub fn project_right(&self, w: &[f64]) -> Vec<f64> {
        self.split_right(w).coordinates
    }

    /// The part of `w` (d values) in the null space of X.
    pub fn null_component(&self, w: &[f64]) -> Vec<f64> {
        self.split_right(w).rest
    }

    /// The part of `y` (n values) in the left null space of X. Formed as a vector, because ||y||^2 - ||c||^2 loses a
    /// small residual to cancellation.
    pub fn left_null_component(&self, y: &[f64]) -> Vec<f64> {
        self.split_left(y).rest
    }

    /// Coordinates in the row space of the ridge solution for penalty `lambda`: sigma c / (sigma^2 + lambda), `rank`
    /// values, from c = U'y. A penalty of 0 gives the minimum-norm least-squares solution.
    pub fn ridge_coordinates(&self, c: &[f64], lambda: f64) -> Vec<f64> {
        // c / (sigma + lambda / sigma) has no square to overflow or underflow.
        self.sigma.iter().zip(c).map(|(sigma, c)| c / (sigma + lambda / sigma)).collect()
    }

    /// V f for `rank` coordinates f: d weights in the row space.
    pub fn weights(&self, coordinates: &[f64]) -> Vec<f64> {
        let mut w = vec![0.0; self.right.rows()];
        for (j, &f) in coordinates.iter().enumerate() {
            axpy(f, self.right.column(j), &mut w);
        }
        w
    }

    /// The ridge solution for `y` (n values) and penalty `lambda`: d weights; of minimum norm where `lambda` is 0.
    ///
    /// Backward stable: the error is what a relative change of X by a few u makes of w, u kappa ||w|| + u kappa^2
    /// ||residual|| / sigma_1 (see [`Fit`], which does better where that is not enough).
    pub fn solve(&self, y: &[f64], lambda: f64) -> Vec<f64> {
        self.weights(&self.ridge_coordinates(&self.project_left(y), lambda))
    }

    /// ||X - U Sigma V'||_F / ||X||_F over the leading `rank` triples; 0 for X = 0. Costs n d rank multiplications.
    pub fn reconstruction_residual(&self, x: &Matrix) -> f64 {
        let total = x.frobenius_norm();
        if total == 0.0 { 0.0 } else { self.reconstruction_error(x) / total }
    }

    /// ||X - U Sigma V'||_F over the leading `rank` triples, X being `x` (n x d, the matrix that was decomposed).
    pub fn reconstruction_error(&self, x: &Matrix) -> f64 {
        let (long, short) = if x.rows() >= x.cols() { (&self.left, &self.right) } else { (&self.right, &self.left) };
        vectorized(
            #[inline(always)]
            || {
                // Of the tall form, A = L Sigma S': the columns behind the rank have no weight.
                let mut weights = Columns::zeros(long.cols(), short.rows());
                for (k, &sigma) in self.sigma[..self.rank].iter().enumerate() {
                    for (j, &s) in short.column(k).iter().enumerate() {
                        weights[(k, j)] = sigma * s;
                    }
                }
                let mut rest = padded_tall(x, 0);
                let product = tiled_product(&as_padded(long), &weights);
                for (rest, product) in rest.as_mut_slice().iter_mut().zip(product.as_slice()) {
                    *rest -= product;
                }
                norm(rest.as_slice())
            },
        )
    }
}

/// NumPy's `matrix_rank`: the number of singular values above max(n, d) * 2^-52 * sigma_max.
pub fn numerical_rank(n: usize, d: usize, sigma: &[f64]) -> usize {
    let largest = sigma.first().copied().unwrap_or(0.0);
    let tolerance = rank_tolerance(n, d) * largest;
    sigma.iter().filter(|&&sigma| sigma > tolerance).count()
}

/// max(n, d) * 2^-52: below this share of sigma_max a singular value of an n x d matrix counts as 0. Exact.
pub fn rank_tolerance(n: usize, d: usize) -> f64 {
    n.max(d) as f64 * f64::EPSILON
}

/// Where sigma_j is below this share of sigma_1, a column of B = A V is made orthogonal to those before it. Above it the
/// columns are orthogonal to 1000 u as they come, and what that leaves in a solution is far below what tables show.
const GRADED: f64 = 1e-3;

/// The first `rank` columns of `b`, whose first `rows` rows count, orthonormalized; the rest 0.
#[inline(always)]
fn orthonormalized(b: &Columns<f64>, rows: usize, rank: usize) -> Columns<f64> {
    let mut out = Columns::zeros(rows, b.cols());
    let mut largest = 0.0;
    for j in 0..rank {
        let mut column = Cow::Borrowed(&b.column(j)[..rows]);
        let mut length = norm(&column);
        largest = f64::max(largest, length);
        if length < GRADED * largest {
            remove_span(&out, column.to_mut(), &mut vec![0.0; j]);
            length = norm(&column);
        }
        if length > 0.0 {
            for (out, x) in out.column_mut(j).iter_mut().zip(&*column) {
                *out = x / length;
            }
        }
    }
    out
}

/// A vector in two parts: Q c for a basis Q, and what is orthogonal to Q.
#[derive(Clone, Debug)]
pub struct Split {
    /// c, one value per basis vector.
    pub coordinates: Vec<f64>,
    /// The orthogonal part, as long as the vector.
    pub rest: Vec<f64>,
}

fn split(basis: &Columns<f64>, rank: usize, x: &[f64]) -> Split {
    let (mut coordinates, mut rest) = (vec![0.0; rank], x.to_vec());
    vectorized(
        #[inline(always)]
        || remove_span(basis, &mut rest, &mut coordinates),
    );
    Split { coordinates, rest }
}

/// Takes the part in the span of the leading columns of `basis` out of `x` and adds its coordinates to `coordinates`,
/// one per column, by classical Gram-Schmidt. The second pass removes what rounding left of that part in the first: without it a
/// small rest is not orthogonal to the basis ("twice is enough", Parlett after Kahan). With it the classical form, whose inner
/// products do not wait for one another, is as good as the modified one (Giraud, Langou & Rozloznik 2005).
#[inline(always)]
fn remove_span(basis: &Columns<f64>, x: &mut [f64], coordinates: &mut [f64]) {
    let mut found = vec![0.0; coordinates.len()];
    for _ in 0..2 {
        inner_products(basis, x, &mut found);
        subtract_combination(basis, 0, &found, x);
        for (coordinate, found) in coordinates.iter_mut().zip(&found) {
            *coordinate += found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::dot;

    /// Entries without structure in (-0.5, 0.5).
    fn sample(n: usize, d: usize) -> Matrix {
        Matrix::new(n, d, crate::rng::Generator::from_entropy(&[5, n as u64, d as u64]).normals(n * d))
    }

    fn duplicated(n: usize, d: usize) -> Matrix {
        let g = sample(n, d);
        Matrix::from_fn(n, d, |i, j| if j + 1 == d { g[(i, 0)] } else { g[(i, j)] })
    }

    /// Largest |Q'Q - I| over the first `rank` columns.
    fn orthogonality(q: &Columns<f64>, rank: usize) -> f64 {
        let mut worst = 0.0_f64;
        for i in 0..rank {
            for j in 0..rank {
                worst = worst.max((dot(q.column(i), q.column(j)) - f64::from(u8::from(i == j))).abs());
            }
        }
        worst
    }

    #[test]
    fn both_factors_are_orthonormal_and_reproduce_x_in_every_shape() {
        for x in [sample(1, 1), sample(9, 4), sample(4, 9), sample(6, 6), duplicated(8, 4), duplicated(5, 9)] {
            let (n, d) = (x.rows(), x.cols());
            let svd = ThinSvd::of(&x);
            assert_eq!((svd.left.rows(), svd.right.rows()), (n, d));
            let worst = orthogonality(&svd.left, svd.rank).max(orthogonality(&svd.right, svd.rank));
            assert!(worst < 1e-13, "{n}x{d}: {worst:e}");
            let residual = svd.reconstruction_residual(&x);
            assert!(residual < 1e-14, "{n}x{d}: {residual:e}");
        }
    }

    #[test]
    fn small_singular_values_leave_both_factors_orthonormal() {
        for (n, d) in [(12, 5), (5, 12), (7, 7)] {
            for exponent in [2, 4, 8, 12] {
                // Columns of sizes 1 to 10^-exponent times a mixing, so that no scaling of columns repairs kappa.
                let (g, mix) = (sample(n, d), sample(d, d));
                let size = |j: usize| 10f64.powf(-f64::from(exponent) * j as f64 / (d - 1) as f64);
                let x = Matrix::from_fn(n, d, |i, j| (0..d).map(|k| g[(i, k)] * size(k) * mix[(k, j)]).sum());
                let svd = ThinSvd::of(&x);
                let worst = orthogonality(&svd.left, svd.rank).max(orthogonality(&svd.right, svd.rank));
                assert!(worst < 1e-11, "{n}x{d} 1e-{exponent}: {worst:e}");
                let residual = svd.reconstruction_residual(&x);
                assert!(residual < 1e-14, "{n}x{d} 1e-{exponent}: {residual:e}");
            }
        }
    }

    #[test]
    fn rank_and_nullities_count_what_is_lost() {
        let shape = |svd: &ThinSvd| (svd.rank, svd.nullity(), svd.left_nullity());
        assert_eq!(shape(&ThinSvd::of(&sample(9, 4))), (4, 0, 5));
        assert_eq!(shape(&ThinSvd::of(&sample(4, 9))), (4, 5, 0));
        assert_eq!(shape(&ThinSvd::of(&duplicated(8, 4))), (3, 1, 5));
        assert_eq!(shape(&ThinSvd::of(&Matrix::zeros(2, 3))), (0, 3, 2));
    }

    #[test]
    fn the_rank_rule_is_numpys() {
        let tolerance = 10.0 * f64::EPSILON;
        assert_eq!(numerical_rank(10, 2, &[1.0, tolerance]), 1, "above the tolerance, not at it");
        assert_eq!(numerical_rank(10, 2, &[1.0, tolerance.next_up()]), 2);
        assert_eq!(numerical_rank(10, 2, &[0.0, 0.0]), 0);
        assert_eq!(numerical_rank(10, 2, &[f64::NAN, 1.0]), 0);
    }

    #[test]
    fn null_components_are_orthogonal_to_what_x_sees_however_small_they_are() {
        let x = sample(4, 9);
        let svd = ThinSvd::of(&x);
        // A row of X plus a null component 1e-10 its size.
        let z = svd.null_component(sample(1, 9).row(0));
        let mut w = x.row(2).to_vec();
        axpy(1e-10, &z, &mut w);
        let null = svd.null_component(&w);
        let seen = norm(&x.times(&null)) / norm(&null);
        assert!(seen < 1e-14, "X z / z = {seen:e}");
        assert!((norm(&null) / (1e-10 * norm(&z)) - 1.0).abs() < 1e-4);
        let y = sample(9, 1).column(0);
        let x = sample(9, 4);
        let residual = ThinSvd::of(&x).left_null_component(&y);
        let seen = norm(&x.transpose_times(&residual)) / norm(&residual);
        assert!(seen < 1e-14, "X'r / r = {seen:e}");
    }

    #[test]
    fn a_penalty_of_zero_is_the_limit_of_small_ones_and_has_least_norm() {
        let x = duplicated(8, 4);
        let svd = ThinSvd::of(&x);
        let y = sample(8, 1).column(0);
        let w0 = svd.solve(&y, 0.0);
        let near = svd.solve(&y, 1e-12);
        let gap: Vec<f64> = w0.iter().zip(near).map(|(a, b)| a - b).collect();
        assert!(norm(&gap) < 1e-10 * norm(&w0));
        // Equal columns share their weight equally: any other split fits as well but is longer.
        assert!((w0[0] - w0[3]).abs() < 1e-13);
    }
}
