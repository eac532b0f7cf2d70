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

use super::signs::make_signs_definite;
use super::storage::Storage;
use crate::engine::{Convergence, Factors, Route};
use crate::linalg::{Columns, LANES, Scalar, dot_depth, sum, tiled_product_in, upper_gram_in};

/// Largest squared Frobenius norm of a correction E: it departs from orthogonality by that much, a tenth of u.
const SQUARED_NORM: f64 = 1e-17;

/// E, and what it was found from.
pub(super) struct Correction {
    /// q x q, padded.
    e: Columns<f64>,
    /// The q lambda.
    squares: Vec<f64>,
    found: Remainder,
}

/// How much there was to correct.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remainder {
    /// Of E, in the Frobenius norm.
    pub(super) squared_norm: f64,
    /// Largest |cosine| between two columns of B, t in place of their inner product, and of V.
    pub(super) max_cos: f64,
    /// Largest error of a |cosine| by the rounding of its sum.
    pub(super) rounding: f64,
}

/// Largest |cosine| between two columns of B with `rows` rows that is left as it is: what Jacobi calls orthogonal enough, the rounding of a sum in
/// [`LANES`] chains.
pub(super) fn orthogonal_enough(rows: usize) -> f64 {
    dot_depth(rows) as f64 * f64::UNIT_ROUNDOFF
}

impl Remainder {
    /// Whether the square of E does not count. A NaN does.
    pub(super) fn is_small(self) -> bool {
        self.squared_norm <= SQUARED_NORM
    }

    /// Factors of X, of which 2^`shift` was worked on, from the q lambda and the columns of V + V E, which `corrected` writes.
    #[inline(always)]
    pub(super) fn factors(self, squares: &[f64], shift: i32, corrected: impl Fn(usize, &mut [f64])) -> Factors {
        let q = squares.len();
        let mut order: Vec<usize> = (0..q).collect();
        order.sort_by(|&i, &j| squares[j].total_cmp(&squares[i]));
        let sigma = order.iter().map(|&j| squares[j].sqrt().times_power_of_two(-shift)).collect();
        let mut v = Columns::zeros(q, q);
        for (k, &j) in order.iter().enumerate() {
            corrected(j, v.column_mut(k));
        }
        make_signs_definite(&mut v);
        Factors {
            sigma,
            v: Some(v),
            route: Route::CpuF64,
            jacobi_sweeps: 0,
            max_cos: self.left(squares),
            convergence: Convergence::Converged,
        }
    }

    /// The largest |cosine| after the correction, estimated from above: what the rounding of V leaves, kappa times more beside the smallest
    /// column than beside the largest, and what is of second order, a sum over q other columns and the part within a cluster.
    fn left(self, squares: &[f64]) -> f64 {
        let (mut smallest, mut largest) = (f64::INFINITY, 0.0_f64);
        for &square in squares {
            smallest = smallest.min(square);
            largest = largest.max(square);
        }
        self.rounding * (largest / smallest).sqrt()
            + self.max_cos * (squares.len() as f64 * self.max_cos + 2.0 * self.squared_norm.sqrt())
    }
}

impl Correction {
    /// Of `v`, q x q, and B = A V = `b`, p x q, both padded.
    #[inline(always)]
    pub(super) fn of(b: &Columns<f64>, v: &Columns<f64>, storage: &mut Storage) -> Self {
        let q = b.cols();
        let tolerance = orthogonal_enough(b.rows());
        let mut e = upper_gram_in(storage.take(), b);
        let grams = upper_gram_in(storage.take(), v);
        let (mut squares, mut inverse_norms) = (Vec::with_capacity(q), Vec::with_capacity(q));
        for j in 0..q {
            let length = grams[(j, j)];
            let square = e[(j, j)] / length;
            squares.push(square);
            inverse_norms.push(1.0 / square.sqrt());
            e[(j, j)] = 0.5 * (1.0 - length);
        }
        let mut sums = Sums { squares: [0.0; LANES], max_cos: [0.0; LANES], tolerance };
        for j in 0..q {
            let own = Pairs { square: squares[j], inverse_norm: inverse_norms[j] };
            let (of_squares, rest_of_squares) = squares[..j].as_chunks::<LANES>();
            let (of_norms, rest_of_norms) = inverse_norms[..j].as_chunks::<LANES>();
            let (of_grams, rest_of_grams) = grams.column(j)[..j].as_chunks::<LANES>();
            let (entries, rest) = e.column_mut(j)[..j].as_chunks_mut::<LANES>();
            let others = of_squares.iter().zip(of_norms).zip(of_grams);
            for (entries, ((squares, inverse_norms), grams)) in entries.iter_mut().zip(others) {
                own.solve(entries, grams, squares, inverse_norms, &mut sums);
            }
            own.solve(rest, rest_of_grams, rest_of_squares, rest_of_norms, &mut sums);
            sums.squares[0] += e[(j, j)] * e[(j, j)];
            for i in 0..j {
                let (angle, half) = (e[(i, j)], 0.5 * grams[(i, j)]);
                e[(i, j)] = angle - half;
                e[(j, i)] = -angle - half;
            }
        }
        let max_cos = sums.max_cos.into_iter().fold(0.0, f64::max);
        let squared_norm = sum(&sums.squares);
        storage.give(grams);
        Self { e, squares, found: Remainder { squared_norm, max_cos, rounding: tolerance } }
    }

    /// [`Remainder::factors`] from the `v` that this is the correction of; nothing where the square of E would count.
    #[inline(always)]
    pub(super) fn factors(self, v: &Columns<f64>, shift: i32, storage: &mut Storage) -> Option<Factors> {
        if !self.found.is_small() {
            storage.give(self.e);
            return None;
        }
        let change = tiled_product_in(storage.take(), v, &self.e);
        let corrected = |j: usize, out: &mut [f64]| {
            for (out, (v, change)) in out.iter_mut().zip(v.column(j).iter().zip(change.column(j))) {
                *out = v + change;
            }
        };
        let factors = self.found.factors(&self.squares, shift, corrected);
        storage.give(change);
        storage.give(self.e);
        Some(factors)
    }
}

/// Sums over the pairs seen so far, side by side.
struct Sums {
    /// Of E.
    squares: [f64; LANES],
    max_cos: [f64; LANES],
    tolerance: f64,
}

/// The pairs of one column with those before.
struct Pairs {
    square: f64,
    inverse_norm: f64,
}

impl Pairs {
    /// With up to [`LANES`] columns: `entries`, inner products of columns of B on entry, become t_ij / (lambda_j - lambda_i), or 0 where the columns are
    /// orthogonal.
    #[inline(always)]
    fn solve(&self, entries: &mut [f64], grams: &[f64], squares: &[f64], inverse_norms: &[f64], sums: &mut Sums) {
        let others = grams.iter().zip(squares.iter().zip(inverse_norms));
        let lanes = sums.squares.iter_mut().zip(&mut sums.max_cos);
        for ((entry, (&gram, (&square, &inverse_norm))), (sum, max_cos)) in entries.iter_mut().zip(others).zip(lanes) {
            let coupling = (-0.5 * (self.square + square)).mul_add(gram, *entry);
            let cos = (coupling * (inverse_norm * self.inverse_norm)).abs();
            *max_cos = if cos > *max_cos { cos } else { *max_cos };
            *max_cos = if gram.abs() > *max_cos { gram.abs() } else { *max_cos };
            let angle = coupling / (self.square - square);
            // A NaN counts, so that it ends the correction.
            *entry = if cos <= sums.tolerance { 0.0 } else { angle };
            *sum += 2.0 * (*entry * *entry + 0.25 * gram * gram);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::Vectors;
    use crate::engine::cpu::{factor, lockstep};
    use crate::linalg::{padded, padded_dot, padded_tall, tiled_product};
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

    /// Of B = A V and `v`, alone and in lanes.
    fn corrections(a: &Columns<f64>, v: &Columns<f64>) -> [Option<Factors>; 2] {
        let storage = &mut Storage::default();
        let alone = Correction::of(&tiled_product(a, v), v, storage).factors(v, 0, storage);
        let matrix = |columns: &Columns<f64>, rows| Matrix::from_fn(rows, columns.cols(), |i, j| columns[(i, j)]);
        [alone, lockstep::corrected(&matrix(a, 40), &matrix(v, 12))]
    }

    #[test]
    fn it_repairs_directions_and_orthogonality_at_once() {
        for noise in [0.0, 1e-14, 1e-12, 1e-10] {
            let (a, v, sigma) = disturbed(noise);
            let before = departures(&a, &v);
            assert!(noise < 1e-12 || (before.0 > 0.1 * noise && before.1 > 0.1 * noise), "{noise:e}: {before:?}");
            for corrected in corrections(&a, &v) {
                let Factors { sigma: found, v, max_cos, .. } = corrected.unwrap();
                let after = departures(&a, &padded(&v.unwrap()));
                assert!(after.0 < 5e-15 && after.1 < 5e-15, "{noise:e}: {after:?}");
                assert!(after.0 <= max_cos, "{noise:e}: {max_cos} claimed, {} left", after.0);
                for (found, sigma) in found.iter().zip(&sigma) {
                    assert!((found / sigma - 1.0).abs() < 1e-14, "{noise:e}: {found} against {sigma}");
                }
            }
        }
    }

    #[test]
    fn what_is_beyond_first_order_is_refused() {
        for noise in [1e-7, 1e-3, 1.0, f64::NAN] {
            let (a, v, _) = disturbed(noise);
            assert!(corrections(&a, &v).iter().all(Option::is_none), "noise of {noise:e}");
        }
        let (a, v, _) = disturbed(0.0);
        let twice = v.permuted(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
        assert!(corrections(&a, &twice).iter().all(Option::is_none), "a vector twice");
    }
}
