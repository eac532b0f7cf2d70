//! The thin SVD of a trial's X, in the form the tables use.

mod basis;
mod refinement;

use basis::{orthonormalized, split};

pub use basis::Split;
pub use refinement::{Fit, Means, Shrinkage, Solution, Spectral};

use crate::certify::Certified;
use crate::engine::{Factors, Vectors, cpu};
use crate::linalg::{Columns, as_padded, axpy, exponent, norm, padded_tall, tiled_product, vectorized};
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

    /// ||X - U Sigma V'||_F / ||X||_F over the leading `rank` triples, X being `x` (n x d, the matrix that was decomposed) and `x_norm` its
    /// Frobenius norm; 0 for X = 0. Costs n d rank multiplications.
    pub fn reconstruction_residual(&self, x: &Matrix, x_norm: f64) -> f64 {
        if x_norm == 0.0 { 0.0 } else { self.reconstruction_error(x) / x_norm }
    }

    /// ||X - U Sigma V'||_F over the leading `rank` triples.
    fn reconstruction_error(&self, x: &Matrix) -> f64 {
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

#[cfg(test)]
mod tests;
