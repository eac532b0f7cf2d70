//! The reduction itself: one pass over what is left of the matrix for each reflection.
//!
//! A reflection makes G - v w' - w v' of G, where w takes a product G v. The pass that multiplies by one v subtracts what the reflection
//! before has left to subtract, so that every entry is read and written once a step. Of two equal entries g_ij = g_ji only the one above the
//! diagonal is kept up to date, and gives its share to row i and to row j of the product; blocks of [`LANES`] rows and columns on the diagonal
//! are kept in full.

use super::Tridiagonal;
use crate::linalg::lanes::Lanes;
use crate::linalg::vector::{LANES, filled, joined};
use crate::linalg::{Columns, padded_dot, padded_rows, power_of_two};

/// What one reflection has left to subtract: v w' + w v'.
struct Pending<'a> {
    v: &'a mut [f64],
    w: &'a mut [f64],
}

/// [`Tridiagonal::new`], `N` columns of a block at a time, which N must divide. The bits do not depend on it.
#[inline(always)]
pub(super) fn reduce<const N: usize>(mut g: Columns<f64>) -> Tridiagonal {
    let (q, rows) = (g.cols(), g.rows());
    debug_assert_eq!(rows, padded_rows(q), "columns that are not padded");
    fill_diagonal_blocks(&mut g);
    let (mut diagonal, mut off_diagonal, mut taus) = (filled(0.0, q), filled(0.0, q.saturating_sub(1)), filled(0.0, q));
    let mut space = filled(0.0, 4 * rows);
    let (of_pending, of_next) = space.split_at_mut(2 * rows);
    let (pending_v, pending_w) = of_pending.split_at_mut(rows);
    let mut pending = Pending { v: pending_v, w: pending_w };
    let (mut v, mut w) = of_next.split_at_mut(rows);
    for m in (1..q).rev() {
        pending.subtract_from(&mut g, m);
        diagonal[m] = g[(m, m)];
        v[..m].copy_from_slice(&g.column(m)[..m]);
        v[m..].fill(0.0);
        let length = padded_rows(m);
        let (tau, beta) = reflector(&mut v[..length], m - 1);
        (off_diagonal[m - 1], taus[m]) = (beta, tau);
        g.column_mut(m).copy_from_slice(v);
        {
            let (v, w) = (&v[..length], &mut w[..length]);
            pending.subtract_and_multiply::<N>(&mut g, m, v, w);
            for w in w.iter_mut() {
                *w *= tau;
            }
            let half = -0.5 * tau * padded_dot(v, w);
            for (w, &v) in w.iter_mut().zip(v) {
                *w = half.mul_add(v, *w);
            }
        }
        std::mem::swap(&mut pending.v, &mut v);
        std::mem::swap(&mut pending.w, &mut w);
    }
    if q > 0 {
        diagonal[0] = g[(0, 0)];
    }
    Tridiagonal { diagonal, off_diagonal, reflectors: g, tau: taus }
}

/// Mirrors the upper triangle within the blocks on the diagonal.
#[inline(always)]
fn fill_diagonal_blocks(g: &mut Columns<f64>) {
    for j in 0..g.cols() {
        for i in j - j % LANES..j {
            g[(j, i)] = g[(i, j)];
        }
    }
}

/// Turns x (`v` up to `last`, zeros behind) into the v of the reflection H = I - tau v v', `v[last]` = 1, with
/// H x = beta e_last. Returns tau and beta; tau = 0 and v = 0 where there is nothing to eliminate, x being such a multiple already.
#[inline(always)]
fn reflector(v: &mut [f64], last: usize) -> (f64, f64) {
    let head = v[last];
    v[last] = 0.0;
    let rest = padded_dot(v, v);
    if rest < power_of_two(-900) {
        v.fill(0.0);
        return (0.0, head);
    }
    let length = head.mul_add(head, rest).sqrt();
    let beta = if head > 0.0 { -length } else { length };
    let scale = 1.0 / (head - beta);
    for v in v.iter_mut() {
        *v *= scale;
    }
    v[last] = 1.0;
    ((beta - head) / beta, beta)
}

impl Pending<'_> {
    /// Brings column `m` of `g` up to date, down to its diagonal entry.
    #[inline(always)]
    fn subtract_from(&self, g: &mut Columns<f64>, m: usize) {
        let (own_v, own_w) = (-self.v[m], -self.w[m]);
        let length = padded_rows(m + 1);
        for (x, (v, w)) in g.column_mut(m)[..length].iter_mut().zip(self.v.iter().zip(self.w.iter())) {
            *x = own_v.mul_add(*w, own_w.mul_add(*v, *x));
        }
    }

    /// Brings the leading `m` x `m` block of `g` up to date and multiplies it: `y` = G `v`, both padded with zeros from row `m` on.
    #[inline(always)]
    fn subtract_and_multiply<const N: usize>(&self, g: &mut Columns<f64>, m: usize, v: &[f64], y: &mut [f64]) {
        y.fill(0.0);
        let rows = g.rows();
        for first in (0..m).step_by(LANES) {
            let mut sums = [[0.0; LANES]; LANES];
            let mut sum = sums.iter_mut();
            let last = m.min(first + LANES);
            let mut tiles = g.as_mut_slice()[first * rows..last * rows].chunks_exact_mut(N * rows);
            let mut j = first;
            for tile in tiles.by_ref() {
                let found = self.columns::<N>(tile, j, v, y);
                found.iter().zip(sum.by_ref()).for_each(|(found, sum)| *sum = *found);
                j += N;
            }
            for column in tiles.into_remainder().chunks_exact_mut(rows) {
                let found = self.columns::<1>(column, j, v, y);
                found.iter().zip(sum.by_ref()).for_each(|(found, sum)| *sum = *found);
                j += 1;
            }
            for (y, sum) in y[first..first + LANES].iter_mut().zip(sums) {
                *y += joined(sum);
            }
        }
        y[m..].fill(0.0);
    }

    /// The same for `tile`, `N` columns of one block from `first` on. Returns, lane by lane, what the entries above their block give to the
    /// rows of `y` that have their numbers.
    #[inline(always)]
    fn columns<const N: usize>(&self, tile: &mut [f64], first: usize, v: &[f64], y: &mut [f64]) -> [Lanes<LANES>; N] {
        let above = first / LANES;
        let (pending_v, pending_w) = (blocks(self.v, above), blocks(self.w, above));
        let v_of_rows = blocks(v, above);
        let y = &mut y.as_chunks_mut::<LANES>().0[..=above];
        let stride = tile.len() / LANES / N;
        // Filled in a loop: the closure of `std::array::from_fn` is not inlined.
        let mut columns = [(); N].map(|()| -> &mut [Lanes<LANES>] { &mut [] });
        for (column, own) in columns.iter_mut().zip(tile.as_chunks_mut().0.chunks_exact_mut(stride)) {
            *column = &mut own[..=above];
        }
        let (mut own_v, mut own_w, mut weight) = ([0.0_f64; N], [0.0_f64; N], [0.0_f64; N]);
        for n in 0..N {
            (own_v[n], own_w[n], weight[n]) = (-self.v[first + n], -self.w[first + n], v[first + n]);
        }
        let mut sums = [[0.0; LANES]; N];
        for row in 0..=above {
            let (v, w, of_rows, mut sum) = (pending_v[row], pending_w[row], v_of_rows[row], y[row]);
            // Entries in a block on the diagonal have both of their places.
            let of_rows = if row < above { of_rows } else { [0.0; LANES] };
            for n in 0..N {
                let mut x = columns[n][row];
                for lane in 0..LANES {
                    x[lane] = own_v[n].mul_add(w[lane], own_w[n].mul_add(v[lane], x[lane]));
                    sum[lane] = weight[n].mul_add(x[lane], sum[lane]);
                    sums[n][lane] = of_rows[lane].mul_add(x[lane], sums[n][lane]);
                }
                columns[n][row] = x;
            }
            y[row] = sum;
        }
        sums
    }
}

/// The blocks of rows up to the one of number `last`.
#[inline(always)]
fn blocks(x: &[f64], last: usize) -> &[Lanes<LANES>] {
    &x.as_chunks().0[..=last]
}
