//! The enclosure of an A of any number of rows that is seen a block at a time.
//!
//! Of B = A V the last steps of [`super::enclosure`] need the norms of the columns and the inner products of their directions, both sums
//! over rows, and a bound of the rounding in B, for which the norms of A's columns suffice. So nothing of the length of A is kept.
//!
//! # Rounding
//! - Inner products are taken in f64 within [`BLOCK_ROWS`] rows and added up in double-double: for K blocks the error is at most
//!   gamma_(depth of a block) + K 2^-102 relative to ||n_i|| ||n_j|| (Cauchy & Schwarz), so that for K < 2^48 one more rounding pays for all
//!   additions and another for the result in f64.
//! - The direction n_j is column j of B times a power of two that is chosen before B is known, from R of A = Q R. Where that choice is so
//!   bad that the length of n_j leaves 2^-200 ... 2^200, nothing is claimed of the column but an upper bound.
//!
//! # Rotation without another pass
//! Let N L = B with the powers of two in L. For any W the columns of B W have the inner products S'(N'N)S with S = L W, a computation
//! with q x q matrices, here in double-double, whose error is that of N'N, relative to t_i t_j with t_j = sum_k ||n_k|| |s_kj|. With W
//! the rotations that make L N'N L diagonal, the columns of A (V W) are orthogonal to rounding although no row was looked at again, and V
//! W is as good a V as any: its departure from orthogonality is at most (1 + alpha_V)(1 + alpha_W) - 1.

mod frame;
mod judged;

pub use frame::Frame;

use judged::Judged;

use super::Enclosure;
use super::departure::UNDERFLOW;
use super::enclosure::{Bounds, departure_from_orthogonality, departures_of_leading_blocks};
use super::leading::{Column, Leading, Weights};
use super::rounding::up;
use crate::linalg::{
    Cholesky, Columns, Dd, LANES, Scalar, as_padded, dot, exponent, one_sided_jacobi, padded_dot, padded_rows, product,
    scale_by_power_of_two, tiled_product, upper_gram, vectorized,
};
use crate::matrix::Matrix;

/// Rows whose inner products are summed in f64.
const BLOCK_ROWS: usize = 256;

/// What the rows seen so far contribute to the certificate of X V.
#[derive(Clone, Debug)]
pub struct RowBlocks<T> {
    frame: Frame,
    /// q x q.
    v: Columns<T>,
    /// N'N on and above the diagonal.
    gram: Columns<Dd>,
    /// Squared norms of the columns of A, each scaled by its exponent.
    squares: Vec<Dd>,
    rows: usize,
}

/// Singular values of X, the largest first, with what is certain about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Norms of the columns of X V.
    pub sigma: Vec<f64>,
    /// Contains the exact singular values of X.
    pub enclosure: Enclosure,
}

impl<T: Scalar> RowBlocks<T> {
    /// Of no rows yet. `v` is q x q of f64 or better, of any quality.
    pub fn new(frame: &Frame, v: &Columns<T>) -> Self {
        debug_assert!(T::UNIT_ROUNDOFF <= f64::UNIT_ROUNDOFF, "A has the range of f64");
        let q = v.cols();
        Self { frame: frame.clone(), v: v.clone(), gram: Columns::zeros(q, q), squares: vec![Dd::ZERO; q], rows: 0 }
    }

    /// Takes in consecutive rows, m x q.
    pub fn take(&mut self, x: &Matrix) {
        for first in (0..x.rows()).step_by(BLOCK_ROWS) {
            let count = BLOCK_ROWS.min(x.rows() - first);
            vectorized(
                #[inline(always)]
                || self.take_block(x, first, count),
            );
        }
    }

    #[inline(always)]
    fn take_block(&mut self, x: &Matrix, first: usize, count: usize) {
        let q = self.v.cols();
        let mut a = Columns::zeros(count.next_multiple_of(LANES), q);
        for i in 0..count {
            for (j, &entry) in x.row(first + i).iter().enumerate() {
                a[(i, j)] = entry;
            }
        }
        for (k, square) in self.squares.iter_mut().enumerate() {
            let mut own = a.column(k).to_vec();
            scale_by_power_of_two(&mut own, self.frame.shift - self.frame.columns[k].unwrap_or(0));
            *square += Dd::from_f64(padded_dot(&own, &own));
        }
        scale_by_power_of_two(a.as_mut_slice(), self.frame.shift);
        let mut n = tiled_product(&a.as_scalar::<T>(), &self.v).into_scalar::<f64>();
        for (j, &lift) in self.frame.lifts.iter().enumerate() {
            scale_by_power_of_two(n.column_mut(j), -lift);
        }
        let gram = upper_gram(&n);
        for j in 0..q {
            let sums = self.gram.column_mut(j);
            for (sum, &product) in sums[..=j].iter_mut().zip(gram.column(j)) {
                *sum += Dd::from_f64(product);
            }
        }
        self.rows += count;
    }

    /// Takes in the rows that `other`, begun alike, has seen.
    pub fn join(&mut self, other: &Self) {
        for j in 0..self.gram.cols() {
            for (sum, &more) in self.gram.column_mut(j).iter_mut().zip(other.gram.column(j)) {
                *sum += more;
            }
        }
        for (square, &more) in self.squares.iter_mut().zip(&other.squares) {
            *square += more;
        }
        self.rows += other.rows;
    }

    /// What V itself tells.
    pub fn as_given(&self) -> Found {
        let judged = self.judge();
        self.found(&judged.columns, &judged, &self.gram, &self.frame.lifts, departure_of(&self.v))
    }

    /// What V W tells, W being the rotations that make the columns of X V orthogonal; nothing where their inner products are not those of
    /// independent columns.
    pub fn rotated(&self) -> Option<Found> {
        let q = self.gram.cols();
        let judged = self.judge();
        let symmetric = Columns::from_fn(q, q, |i, j| self.gram[(i.min(j), i.max(j))]);
        let (w, lifts) = self.rotations(&symmetric)?;
        let s = Columns::from_fn(q, q, |k, j| w[(k, j)].times_power_of_two(self.frame.lifts[k] - lifts[j]));
        let rotated = vectorized(
            #[inline(always)]
            || {
                let p = product(&symmetric, &s);
                let mut rotated = Columns::zeros(q, q);
                for j in 0..q {
                    for i in 0..=j {
                        rotated[(i, j)] = dot(s.column(i), p.column(j));
                    }
                }
                rotated
            },
        );
        let lengths: Vec<f64> = judged.columns.iter().map(|column| up(column.length * (1.0 + 1e-9))).collect();
        let (by_length, by_error) = (Weights::new(&lengths), Weights::new(&judged.errors));
        let columns: Vec<Column> = (0..q)
            .map(|j| {
                // Below 0, or not a number, where rounding is all there is.
                let square = rotated[(j, j)].to_f64();
                let length = if square > 0.0 { square.sqrt() } else { 0.0 };
                let spread = up(by_length.of_column(s.column(j)) / length);
                // NaN stays what it is, and nothing is claimed.
                let spread = if spread < 1.0 { 1.0 } else { spread };
                let error = up(by_error.of_column(w.column(j)) + up(q as f64 * UNDERFLOW));
                self.column(length, lifts[j], error, spread, &judged.products)
            })
            .collect();
        let (of_v, of_w) = (departure_of(&self.v), departure_of(&w));
        let alpha = up(up(of_v + of_w) + up(of_v * of_w));
        Some(self.found(&columns, &judged, &rotated, &lifts, alpha))
    }

    /// Rotations W that make the columns of N L W orthogonal, and the exponents of their sizes.
    fn rotations(&self, gram: &Columns<Dd>) -> Option<(Columns<Dd>, Vec<i32>)> {
        let q = gram.cols();
        let largest = self.frame.lifts.iter().copied().max().unwrap_or(0);
        vectorized(
            #[inline(always)]
            || {
                // N'N = K K': the columns of K'L have the inner products of those of N L.
                let k = Cholesky::new(gram).ok()?;
                let mut columns = Columns::from_fn(q, q, |i, j| if i <= j { k.l()[(j, i)] } else { Dd::ZERO });
                for (j, lift) in self.frame.lifts.iter().enumerate() {
                    scale_by_power_of_two(columns.column_mut(j), lift - largest);
                }
                let mut w = Columns::identity(q);
                let sigma = one_sided_jacobi(&mut columns, Some(&mut w)).sigma;
                let lifts = sigma.iter().map(|sigma| largest + exponent(sigma.to_f64()).unwrap_or(-500)).collect();
                Some((w, lifts))
            },
        )
    }

    /// The enclosure of X from these columns, whose directions have the inner products `gram` on and above the diagonal.
    fn found(&self, columns: &[Column], judged: &Judged, gram: &Columns<Dd>, lifts: &[i32], alpha: f64) -> Found {
        let q = columns.len();
        if judged.norms.iter().all(|&norm| norm == 0.0) {
            let zeros = vec![0.0; q];
            return Found { sigma: zeros.clone(), enclosure: Enclosure { lo: zeros.clone(), hi: zeros } };
        }
        let mut bounds = Bounds::from_norms(&judged.norms);
        // NaN must not pass.
        if alpha < 1.0 {
            let leading = Leading::new(columns);
            let mut ordered = Columns::zeros(padded_rows(q), q);
            for j in 0..q {
                for i in 0..j {
                    let (a, b) = (leading.order[i], leading.order[j]);
                    ordered[(i, j)] = gram[(a.min(b), a.max(b))].to_f64();
                }
            }
            vectorized(
                #[inline(always)]
                || {
                    let phi = departures_of_leading_blocks(&leading, &ordered, &judged.products);
                    bounds.take_splits(&leading, &phi, alpha);
                },
            );
        }
        let lengths = columns.iter().zip(lifts).map(|(column, lift)| column.length.times_power_of_two(*lift));
        let mut sigma: Vec<f64> = lengths.map(|d| d.times_power_of_two(-self.frame.shift)).collect();
        sigma.sort_by(|a, b| b.total_cmp(a));
        Found { sigma, enclosure: bounds.scaled_back(self.frame.shift) }
    }
}

/// An upper bound of ||V'V - I||_2.
fn departure_of<T: Scalar>(v: &Columns<T>) -> f64 {
    vectorized(
        #[inline(always)]
        || departure_from_orthogonality(&as_padded(v)),
    )
}

#[cfg(test)]
mod tests;
