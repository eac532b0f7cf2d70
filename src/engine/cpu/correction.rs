//! One correction of first order, all pairs of columns at once, of a V that nearly diagonalises A'A and is nearly orthogonal.
//!
//! With B = A V, the columns of B (I + E) are orthogonal, and those of V (I + E) orthonormal, up to ||E||^2 for
//!
//! ```text
//! e_ij = t_ij / (lambda_j - lambda_i) - g_ij / 2,   t_ij = b_i'b_j - (lambda_i + lambda_j) / 2 g_ij,   i /= j,
//! e_jj = (1 - g_jj) / 2,                            g_ij = v_i'v_j,   lambda_j = ||b_j||^2 / ||v_j||^2.
//! ```
//!
//! It does what one quadratically convergent Jacobi sweep would.
//!
//! Sources: Davies & Modi 1986 ("A direct method for completing eigenproblem solutions on a parallel computer"), for an orthogonal V;
//! Ogita & Aishima 2018 ("Iterative refinement for symmetric eigenvalue decomposition").

use crate::linalg::{Columns, Scalar, dot_depth, padded_dot, tiled_product, upper_gram};

/// Largest squared Frobenius norm of a correction E: it departs from orthogonality by that much, a tenth of u.
const SQUARED_NORM: f64 = 1e-17;

/// E, and what it was found from.
pub(super) struct Correction {
    /// q x q, padded.
    e: Columns<f64>,
    /// The q lambda.
    squares: Vec<f64>,
    squared_norm: f64,
    /// Largest |cosine| between two columns of B, t in place of their inner product, and of V.
    max_cos: f64,
    /// What Jacobi calls orthogonal enough.
    tolerance: f64,
}

impl Correction {
    /// Of `v`, q x q, and B = A V = `b`, p x q, both padded. Nothing where its square would count.
    #[inline(always)]
    pub(super) fn of(b: &Columns<f64>, v: &Columns<f64>) -> Option<Self> {
        let q = b.cols();
        let tolerance = dot_depth(b.rows()) as f64 * f64::UNIT_ROUNDOFF;
        let (mut e, grams) = (upper_gram(b), upper_gram(v));
        let (mut squares, mut inverse_norms) = (Vec::with_capacity(q), Vec::with_capacity(q));
        for (j, (b, v)) in b.iter().zip(v.iter()).enumerate() {
            let length = padded_dot(v, v);
            let square = padded_dot(b, b) / length;
            squares.push(square);
            inverse_norms.push(1.0 / square.sqrt());
            e[(j, j)] = 0.5 * (1.0 - length);
        }
        let (mut squared_norm, mut max_cos) = (0.0, 0.0_f64);
        for j in 0..q {
            let (own_square, own_inverse) = (squares[j], inverse_norms[j]);
            let others = squares.iter().zip(&inverse_norms).zip(grams.column(j));
            for (entry, ((&square, &inverse), &gram)) in e.column_mut(j)[..j].iter_mut().zip(others) {
                let coupling = (-0.5 * (own_square + square)).mul_add(gram, *entry);
                let cos = (coupling * (inverse * own_inverse)).abs();
                max_cos = if cos > max_cos { cos } else { max_cos };
                max_cos = if gram.abs() > max_cos { gram.abs() } else { max_cos };
                let angle = coupling / (own_square - square);
                // A NaN counts, so that it ends the correction.
                *entry = if cos <= tolerance { 0.0 } else { angle };
                squared_norm += 2.0 * (*entry * *entry + 0.25 * gram * gram);
            }
            squared_norm += e[(j, j)] * e[(j, j)];
            for i in 0..j {
                let (angle, half) = (e[(i, j)], 0.5 * grams[(i, j)]);
                e[(i, j)] = angle - half;
                e[(j, i)] = -angle - half;
            }
        }
        (squared_norm <= SQUARED_NORM).then_some(Self { e, squares, squared_norm, max_cos, tolerance })
    }

    /// The squared norms that the columns of B will have.
    pub(super) fn squares(&self) -> &[f64] {
        &self.squares
    }

    /// V + V E, its first q rows: column k from column `order[k]` of `v`.
    #[inline(always)]
    pub(super) fn applied_to(&self, v: &Columns<f64>, order: &[usize]) -> Columns<f64> {
        let q = v.cols();
        let change = tiled_product(v, &self.e);
        let mut out = Columns::zeros(q, q);
        for (k, &j) in order.iter().enumerate() {
            let sums = v.column(j).iter().zip(change.column(j));
            for (out, (v, change)) in out.column_mut(k).iter_mut().zip(sums) {
                *out = v + change;
            }
        }
        out
    }

    /// The largest |cosine| after the correction, estimated from above: what the rounding of V leaves, kappa times more beside the smallest
    /// column than beside the largest, and what is of second order, a sum over q other columns and the part within a cluster.
    pub(super) fn left(&self) -> f64 {
        let (mut smallest, mut largest) = (f64::INFINITY, 0.0_f64);
        for &square in &self.squares {
            smallest = smallest.min(square);
            largest = largest.max(square);
        }
        let columns = self.e.cols() as f64;
        self.tolerance * (largest / smallest).sqrt()
            + self.max_cos * (columns * self.max_cos + 2.0 * self.squared_norm.sqrt())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::Vectors;
    use crate::engine::cpu::factor;
    use crate::linalg::{padded, padded_tall};
    use crate::matrix::Matrix;
    use crate::rng::Generator;

    fn normal(rows: usize, cols: usize, seed: u64) -> Matrix {
        Matrix::new(rows, cols, Generator::from_entropy(&[seed]).normals(rows * cols))
    }

    /// A 40 x 12 matrix, padded, and its V with normal noise of the given size in every entry, which leaves it neither
    /// diagonalising nor orthogonal.
    fn disturbed(noise: f64) -> (Columns<f64>, Columns<f64>, Vec<f64>) {
        let (x, change) = (normal(40, 12, 1), normal(12, 12, 2));
        let factors = factor(&x, Vectors::Right);
        let v = factors.v.unwrap();
        let v = padded(&Columns::from_fn(12, 12, |i, j| v[(i, j)] + noise * change[(i, j)]));
        (padded_tall(&x, 0), v, factors.sigma)
    }

    /// Largest |cosine| between columns of A V and largest entry of V'V - I.
    fn departures(a: &Columns<f64>, v: &Columns<f64>) -> (f64, f64) {
        let b = tiled_product(a, v);
        let (mut cosine, mut departure) = (0.0_f64, 0.0_f64);
        for j in 0..v.cols() {
            for i in 0..=j {
                let inner = |c: &Columns<f64>| padded_dot(c.column(i), c.column(j));
                if i < j {
                    let norms = [i, j].map(|k| padded_dot(b.column(k), b.column(k)).sqrt());
                    cosine = cosine.max((inner(&b) / (norms[0] * norms[1])).abs());
                }
                departure = departure.max((inner(v) - if i == j { 1.0 } else { 0.0 }).abs());
            }
        }
        (cosine, departure)
    }

    #[test]
    fn it_repairs_directions_and_orthogonality_at_once() {
        let order: Vec<usize> = (0..12).collect();
        for noise in [0.0, 1e-14, 1e-12, 1e-10] {
            let (a, v, sigma) = disturbed(noise);
            let before = departures(&a, &v);
            assert!(noise < 1e-12 || (before.0 > 0.1 * noise && before.1 > 0.1 * noise), "{noise:e}: {before:?}");
            let correction = Correction::of(&tiled_product(&a, &v), &v).unwrap();
            let after = departures(&a, &padded(&correction.applied_to(&v, &order)));
            assert!(after.0 < 5e-15 && after.1 < 5e-15, "{noise:e}: {after:?}");
            assert!(after.0 <= correction.left(), "{noise:e}: {} claimed, {} left", correction.left(), after.0);
            for (square, sigma) in correction.squares().iter().zip(&sigma) {
                assert!((square.sqrt() / sigma - 1.0).abs() < 1e-14, "{noise:e}: {square} against {sigma} squared");
            }
        }
    }

    #[test]
    fn what_is_beyond_first_order_is_refused() {
        for noise in [1e-7, 1e-3, 1.0, f64::NAN] {
            let (a, v, _) = disturbed(noise);
            assert!(Correction::of(&tiled_product(&a, &v), &v).is_none(), "noise of {noise:e}");
        }
        let (a, v, _) = disturbed(0.0);
        let twice = v.permuted(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
        assert!(Correction::of(&tiled_product(&a, &twice), &twice).is_none(), "a vector twice");
    }
}
