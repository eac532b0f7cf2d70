//! Symmetric matrices: reduction to a tridiagonal one by reflections, its eigenvalues and eigenvectors.
//!
//! Reduction and eigenvalues are backward stable: the eigenvalues are exact for a matrix that differs from the given one by a
//! small multiple of u in norm. Small ones therefore have no digits of their own, unlike those of Jacobi's method, which costs some
//! 30 q^3 operations where this costs 4/3 q^3 + O(q^2). Eigenvectors cost 2 q^3 more, but are orthogonal only as far as
//! their eigenvalues are apart.
//!
//! Source: Golub & Van Loan 2013, section 8.3.

mod back;
mod root_free;
mod twisted;

use super::tiles::{padded_dot, padded_rows};
use super::vector::LANES;
use super::{Columns, power_of_two, vectorized};
use back::Reflections;
use root_free::RootFree;
use twisted::Twisted;

/// H_2 ... H_(q-1) G H_(q-1) ... H_2 = T for a symmetric G (q x q): T tridiagonal, each H a reflection.
#[derive(Clone, Debug)]
pub struct Tridiagonal {
    /// Diagonal of T, q long.
    diagonal: Vec<f64>,
    /// Off-diagonal of T, q - 1 long.
    off_diagonal: Vec<f64>,
    /// Column m holds the v of H_m in its first m rows, and zeros below, where tau is not 0.
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
                g.column_mut(m).copy_from_slice(&v);
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

    /// q.
    pub fn order(&self) -> usize {
        self.diagonal.len()
    }

    /// Unit eigenvectors of G for its eigenvalues `values`, in the columns of a q x q matrix, its rows padded: up to a residual of
    /// a small multiple of u ||G||, and orthogonal up to that over the distance of their eigenvalues. Those of a multiple eigenvalue may
    /// all be the same one. Of no meaning, NaN included, for `values` that are no eigenvalues.
    #[inline(always)]
    pub fn eigenvectors(&self, values: &[f64]) -> Columns<f64> {
        let q = self.diagonal.len();
        debug_assert_eq!(values.len(), q, "as many eigenvalues as rows");
        let mut out = Columns::zeros(padded_rows(q), q);
        let (mut twisted, reflections) = (Twisted::new(q), Reflections::of(self));
        let mut z = vec![[0.0; LANES]; q];
        for first in (0..q).step_by(LANES) {
            let mut lambda = [values[first]; LANES];
            lambda.iter_mut().zip(&values[first..]).for_each(|(lambda, value)| *lambda = *value);
            twisted.eigenvectors(self, &lambda, &mut z);
            reflections.apply(&mut z);
            for lane in 0..LANES.min(q - first) {
                for (entry, row) in out.column_mut(first + lane).iter_mut().zip(&z) {
                    *entry = row[lane];
                }
            }
        }
        out
    }
}

/// How many matrices [`eigenvalues`] takes at a time: with four registers of AVX2 for each number as much is under way
/// as fits into the time that a quotient takes.
pub const ITERATIONS_TOGETHER: usize = LANES;

/// The eigenvalues, in no order, of up to [`ITERATIONS_TOGETHER`] matrices of one order: for each the same bits, whatever the others.
///
/// # Errors
/// [`NotConverged`] for a matrix with entries that are not finite.
pub fn eigenvalues(matrices: &[&Tridiagonal]) -> Vec<Result<Vec<f64>, NotConverged>> {
    debug_assert!(matrices.len() <= ITERATIONS_TOGETHER, "{} matrices", matrices.len());
    if matrices.iter().any(|matrix| matrix.diagonal.is_empty()) {
        return vec![Ok(Vec::new()); matrices.len()];
    }
    vectorized(
        #[inline(always)]
        || match matrices.len() {
            0 => Vec::new(),
            1 => in_lanes::<1>(matrices),
            2..=4 => in_lanes::<4>(matrices),
            5..=LANES => in_lanes::<LANES>(matrices),
            _ => in_lanes::<ITERATIONS_TOGETHER>(matrices),
        },
    )
}

/// [`eigenvalues`] in `W` lanes.
#[inline(always)]
fn in_lanes<const W: usize>(matrices: &[&Tridiagonal]) -> Vec<Result<Vec<f64>, NotConverged>> {
    let values = RootFree::<W>::new(matrices).eigenvalues();
    let of_lane = |lane: usize| values.iter().map(move |value| value[lane]);
    let finite = |lane: usize| of_lane(lane).all(f64::is_finite).then(|| of_lane(lane).collect()).ok_or(NotConverged);
    (0..matrices.len()).map(finite).collect()
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
