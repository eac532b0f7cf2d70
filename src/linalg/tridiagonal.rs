//! Symmetric matrices: reduction to a tridiagonal one by reflections, its eigenvalues and eigenvectors.
//!
//! Both steps are backward stable: the eigenvalues are exact for a matrix that differs from the given one by a small
//! multiple of u in norm. Small ones therefore have no digits of their own, unlike those of Jacobi's method, which costs some
//! 30 q^3 operations where this costs 4/3 q^3 + O(q^2).
//!
//! Source: Golub & Van Loan 2013, section 8.3.

mod root_free;
mod vectors;

use super::tiles::{padded_dot, padded_rows};
use super::vector::LANES;
use super::{Columns, Scalar, power_of_two};
use root_free::RootFree;
use vectors::{AS_THEY_COME, AtOnce, Panels};

/// QL and QR steps per eigenvalue after which the iteration gives up; it takes less than two.
const STEP_LIMIT: usize = 30;

/// H_2 ... H_(q-1) G H_(q-1) ... H_2 = T for a symmetric G (q x q): T tridiagonal, each H a reflection.
#[derive(Clone, Debug)]
pub struct Tridiagonal {
    /// Diagonal of T, q long.
    diagonal: Vec<f64>,
    /// Off-diagonal of T, q - 1 long.
    off_diagonal: Vec<f64>,
    /// Column m holds the v of H_m in its first m rows, padded with zeros, where tau is not 0.
    reflectors: Columns<f64>,
    /// H_m = I - tau v v', q long; 0 stands for the identity.
    tau: Vec<f64>,
}

/// The QL iteration met its limit of steps, which only NaN or infinite entries make it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotConverged;

impl Tridiagonal {
    /// Reduces the symmetric matrix whose upper triangle `g` holds, overwriting it: q columns of q rows padded with zeros
    /// ([`padded_rows`]). Entries should be at most about 1 in size: below 2^-450 they count as 0, which is nothing beside
    /// rounding, and beyond 2^500 they overflow.
    ///
    /// Rows and columns are eliminated from the last to the second, so that what is left of a column always begins at its
    /// first row and whole registers can be used; what they reach beyond it is never read again.
    #[inline(always)]
    pub fn new(mut g: Columns<f64>) -> Self {
        let q = g.cols();
        debug_assert_eq!(g.rows(), padded_rows(q), "columns that are not padded");
        for j in 0..q {
            for i in 0..j {
                g[(j, i)] = g[(i, j)];
            }
        }
        let (mut off_diagonal, mut taus) = (vec![0.0; q.saturating_sub(1)], vec![0.0; q]);
        let (mut v, mut w) = (vec![0.0; g.rows()], vec![0.0; g.rows()]);
        let mut diagonal = vec![0.0; q];
        for m in (1..q).rev() {
            diagonal[m] = g[(m, m)];
            let length = padded_rows(m);
            v[..m].copy_from_slice(&g.column(m)[..m]);
            v[m..].fill(0.0);
            let (reflector, beta) = reflector(&mut v[..length], m - 1);
            off_diagonal[m - 1] = beta;
            if let Some(tau) = reflector {
                taus[m] = tau;
                g.column_mut(m)[..length].copy_from_slice(&v[..length]);
                let (v, w) = (&v[..length], &mut w[..length]);
                times_leading_block(&g, v, w, m);
                for w in w.iter_mut() {
                    *w *= tau;
                }
                let half = -0.5 * tau * padded_dot(v, w);
                for (w, &v) in w.iter_mut().zip(v) {
                    *w = half.mul_add(v, *w);
                }
                subtract_both_products(&mut g, v, w, m);
            }
        }
        if q > 0 {
            diagonal[0] = g[(0, 0)];
        }
        Self { diagonal, off_diagonal, reflectors: g, tau: taus }
    }

    /// The q eigenvalues, in no order.
    ///
    /// # Errors
    /// [`NotConverged`], for entries that are not finite.
    #[inline(always)]
    pub fn eigenvalues(self) -> Result<Vec<f64>, NotConverged> {
        RootFree::new(self.diagonal, self.off_diagonal).eigenvalues()
    }

    /// The q eigenvalues of G, in no order, and their eigenvectors in the columns of a q x q orthogonal matrix, its rows padded.
    ///
    /// # Errors
    /// As [`Tridiagonal::eigenvalues`].
    #[inline(always)]
    pub fn eigenvectors(self) -> Result<(Vec<f64>, Columns<f64>), NotConverged> {
        let mut z = self.basis();
        let iteration = RootFree::new(self.diagonal, self.off_diagonal);
        let values = if z.cols() <= AS_THEY_COME {
            iteration.eigenvectors(&mut AtOnce(&mut z))?
        } else {
            let mut panels = Panels::of(&z);
            let values = iteration.eigenvectors(&mut panels)?;
            panels.write_to(&mut z);
            values
        };
        Ok((values, z))
    }

    /// An upper bound, but for rounding, of the size of every eigenvalue: the largest sum of sizes in a row (Gershgorin).
    pub fn norm_up(&self) -> f64 {
        let off_diagonal = |i: Option<usize>| i.and_then(|i| self.off_diagonal.get(i)).map_or(0.0, |e| e.abs());
        let row = |(i, d): (usize, &f64)| d.abs() + off_diagonal(i.checked_sub(1)) + off_diagonal(Some(i));
        self.diagonal.iter().enumerate().map(row).fold(0.0, f64::max)
    }

    /// The number of eigenvalues below `shift`, or so close that rounding decides: negative pivots of T - shift I (Sylvester).
    pub fn count_below(&self, shift: f64) -> usize {
        let mut count = 0;
        let mut pivot = 1.0;
        for (i, d) in self.diagonal.iter().enumerate() {
            let e = if i == 0 { 0.0 } else { self.off_diagonal[i - 1] };
            pivot = (d - shift) - e * e / pivot;
            if pivot.abs() < f64::MIN_POSITIVE {
                // As dstebz does: close to an eigenvalue of the leading block, either side will do.
                pivot = -f64::MIN_POSITIVE;
            }
            count += usize::from(pivot < 0.0);
        }
        count
    }

    /// H_(q-1) ... H_2 D for the signs D that leave no entry of the off-diagonal of D T D negative. From the right, so that at step m
    /// nothing but the leading m x m block is not that of a diagonal matrix.
    #[inline(always)]
    fn basis(&self) -> Columns<f64> {
        let q = self.diagonal.len();
        let mut z = Columns::zeros(padded_rows(q), q);
        let mut sign = 1.0;
        for j in 0..q {
            z[(j, j)] = sign;
            if self.off_diagonal.get(j).is_some_and(|&e| e < 0.0) {
                sign = -sign;
            }
        }
        for (m, &tau) in self.tau.iter().enumerate().skip(2) {
            if tau == 0.0 {
                continue;
            }
            let v = &self.reflectors.column(m)[..padded_rows(m)];
            for j in 0..m {
                let column = &mut z.column_mut(j)[..v.len()];
                let share = -tau * padded_dot(v, column);
                for (z, v) in column.as_chunks_mut::<LANES>().0.iter_mut().zip(v.as_chunks::<LANES>().0) {
                    let mut sum = *z;
                    for lane in 0..LANES {
                        sum[lane] = share.mul_add(v[lane], sum[lane]);
                    }
                    *z = sum;
                }
            }
        }
        z
    }
}

/// Whether an off-diagonal entry with this square is lost in the rounding of its neighbours on the diagonal, or of the
/// norm of the matrix, which is about 1.
#[inline(always)]
fn negligible(square: f64, above: f64, below: f64) -> bool {
    const FLOOR: f64 = power_of_two(-300);
    let roundoff = f64::UNIT_ROUNDOFF * f64::UNIT_ROUNDOFF;
    square <= roundoff * (above * below).abs() || square < FLOOR
}

/// Turns x (`v` up to `last`, zeros behind) into the v of the reflection H = I - tau v v', `v[last]` = 1, with
/// H x = beta e_last. Returns tau and beta; no tau where there is nothing to eliminate, x being such a multiple already.
#[inline(always)]
fn reflector(v: &mut [f64], last: usize) -> (Option<f64>, f64) {
    let head = v[last];
    v[last] = 0.0;
    let rest = padded_dot(v, v);
    if rest < power_of_two(-900) {
        return (None, head);
    }
    let length = head.mul_add(head, rest).sqrt();
    let beta = if head > 0.0 { -length } else { length };
    let scale = 1.0 / (head - beta);
    for v in v.iter_mut() {
        *v *= scale;
    }
    v[last] = 1.0;
    (Some((beta - head) / beta), beta)
}

/// w = G v for the leading `m` x `m` block of `g`; `v` and `w` are `m` long, padded with zeros.
#[inline(always)]
fn times_leading_block(g: &Columns<f64>, v: &[f64], w: &mut [f64], m: usize) {
    w.fill(0.0);
    let whole = m - m % TOGETHER;
    for j in (0..whole).step_by(TOGETHER) {
        add_columns::<TOGETHER>(g, j, v, w);
    }
    for j in whole..m {
        add_columns::<1>(g, j, v, w);
    }
    w[m..].fill(0.0);
}

/// Columns that are added together, so that the sum is read and written once for all of them.
const TOGETHER: usize = 4;

/// w += `v[j]` times column j of `g`, for `N` columns from `first` on.
#[inline(always)]
fn add_columns<const N: usize>(g: &Columns<f64>, first: usize, v: &[f64], w: &mut [f64]) {
    let columns: [&[[f64; LANES]]; N] = std::array::from_fn(|k| g.column(first + k)[..v.len()].as_chunks::<LANES>().0);
    let weights: [f64; N] = std::array::from_fn(|k| v[first + k]);
    for (row, w) in w.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut sum = *w;
        for (column, weight) in columns.iter().zip(weights) {
            for (sum, x) in sum.iter_mut().zip(&column[row]) {
                *sum = weight.mul_add(*x, *sum);
            }
        }
        *w = sum;
    }
}

/// G <- G - v w' - w v' for the leading `m` x `m` block of `g`.
#[inline(always)]
fn subtract_both_products(g: &mut Columns<f64>, v: &[f64], w: &[f64], m: usize) {
    for j in 0..m {
        let (vj, wj) = (-v[j], -w[j]);
        let column = g.column_mut(j)[..v.len()].as_chunks_mut::<LANES>().0;
        let pairs = v.as_chunks::<LANES>().0.iter().zip(w.as_chunks::<LANES>().0);
        for (x, (v, w)) in column.iter_mut().zip(pairs) {
            let mut rest = *x;
            for lane in 0..LANES {
                rest[lane] = vj.mul_add(w[lane], wj.mul_add(v[lane], rest[lane]));
            }
            *x = rest;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
