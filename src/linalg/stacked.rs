//! Rows added to a triangle: R of [R; B] for many rows B, a block at a time, as a reduction of tall data needs it.
//!
//! Householder reflectors whose vectors are 1 in one row of R and arbitrary in B, eight at a time in compact form, I - V T V'
//! (Schreiber & Van Loan 1989; the shape is that of LAPACK's dtpqrt). Each column behind a panel is then read twice for eight
//! reflectors, not eight times, and B of a few hundred rows stays in the cache.

use super::Columns;
use super::vector::{LANES, joined, norm};

/// Reflectors that are applied together.
const PANEL: usize = 8;

/// Replaces `r` (q x q, upper triangular) by R of [R; B] and destroys `b` (a multiple of [`LANES`] rows, q columns): R'R + B'B
/// becomes R'R. Entries should be of moderate size; rows of zeros change nothing.
#[inline(always)]
pub fn fold_rows(r: &mut Columns<f64>, b: &mut Columns<f64>) {
    debug_assert!(b.rows().is_multiple_of(LANES) && b.cols() == r.cols(), "{} rows", b.rows());
    let q = r.cols();
    let whole = q - q % PANEL;
    for first in (0..whole).step_by(PANEL) {
        fold_panel::<PANEL>(r, b, first);
    }
    for first in whole..q {
        fold_panel::<1>(r, b, first);
    }
}

/// Eliminates columns `first` .. `first + N` of B and applies the reflectors to the columns behind.
#[inline(always)]
fn fold_panel<const N: usize>(r: &mut Columns<f64>, b: &mut Columns<f64>, first: usize) {
    let p = b.rows();
    let t = factor_panel::<N>(r, b, first);
    let (before, behind) = b.as_mut_slice().split_at_mut((first + N) * p);
    let panel: [&[f64]; N] = std::array::from_fn(|k| &before[(first + k) * p..][..p]);
    for (offset, column) in behind.chunks_exact_mut(p.max(1)).enumerate() {
        let j = first + N + offset;
        let products = inner_products(&panel, column);
        let mut shares = [0.0; N];
        for k in 0..N {
            for i in 0..=k {
                shares[k] += t[i][k] * (products[i] + r[(first + i, j)]);
            }
        }
        for (k, share) in shares.iter().enumerate() {
            r[(first + k, j)] -= share;
        }
        subtract(&panel, &shares, column);
    }
}

/// Reflector k of the panel is left in its column of B, its row's R in `r`; returns T, upper triangular.
#[inline(always)]
fn factor_panel<const N: usize>(r: &mut Columns<f64>, b: &mut Columns<f64>, first: usize) -> [[f64; N]; N] {
    let mut t = [[0.0; N]; N];
    for k in 0..N {
        let at = first + k;
        let head = r[(at, at)];
        let below = norm(b.column(at));
        if below == 0.0 {
            // Nothing to eliminate; the reflector is the identity.
            continue;
        }
        let length = head.hypot(below);
        let beta = if head > 0.0 { -length } else { length };
        let tau = (beta - head) / beta;
        let divisor = head - beta;
        for entry in b.column_mut(at) {
            *entry /= divisor;
        }
        r[(at, at)] = beta;
        for j in at + 1..first + N {
            let (reflector, target) = b.pair_mut(at, j);
            let share = tau * (r[(at, j)] + inner_products(&[&*reflector], target)[0]);
            r[(at, j)] -= share;
            subtract(&[&*reflector], &[share], target);
        }
        t[k][k] = tau;
        let mut products = [0.0; N];
        for (i, product) in products.iter_mut().enumerate().take(k) {
            *product = inner_products(&[b.column(first + i)], b.column(at))[0];
        }
        for (i, row) in t.iter_mut().enumerate().take(k) {
            let sum: f64 = row[i..k].iter().zip(&products[i..k]).map(|(t, product)| t * product).sum();
            row[k] = -tau * sum;
        }
    }
    t
}

/// The inner product of each of `a` with `b`.
#[inline(always)]
fn inner_products<const N: usize>(a: &[&[f64]; N], b: &[f64]) -> [f64; N] {
    let mut sums = [[0.0_f64; LANES]; N];
    let a: [&[[f64; LANES]]; N] = a.map(|column| &column.as_chunks().0[..b.len() / LANES]);
    for (row, y) in b.as_chunks::<LANES>().0.iter().enumerate() {
        for (sum, column) in sums.iter_mut().zip(&a) {
            for lane in 0..LANES {
                sum[lane] = column[row][lane].mul_add(y[lane], sum[lane]);
            }
        }
    }
    sums.map(joined)
}

/// `b` -= the sum of `shares[k]` `a[k]`.
#[inline(always)]
fn subtract<const N: usize>(a: &[&[f64]; N], shares: &[f64; N], b: &mut [f64]) {
    let a: [&[[f64; LANES]]; N] = a.map(|column| &column.as_chunks().0[..b.len() / LANES]);
    for (row, y) in b.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        for (column, share) in a.iter().zip(shares) {
            for lane in 0..LANES {
                y[lane] = (-share).mul_add(column[row][lane], y[lane]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Pivoting, Qr, vectorized};

    fn sample(rows: usize, cols: usize) -> Columns<f64> {
        let g = crate::rng::Generator::from_entropy(&[rows as u64, cols as u64]).normals(rows * cols);
        Columns::from_fn(rows, cols, |i, j| g[i * cols + j] * 10f64.powi(-i32::try_from(j % 5).unwrap_or(0)))
    }

    /// R, its rows signed so that the diagonal is positive: then it is the only one.
    fn signed(r: &Columns<f64>) -> Columns<f64> {
        Columns::from_fn(r.rows(), r.cols(), |i, j| r[(i, j)] * if r[(i, i)] < 0.0 { -1.0 } else { 1.0 })
    }

    #[test]
    fn rows_folded_block_by_block_give_the_triangle_of_all() {
        for q in [1, 3, 8, 9, 20] {
            let a = sample(48, q);
            let whole = signed(&Qr::new(a.clone(), Pivoting::None).r());
            let mut r = Columns::zeros(q, q);
            for first in [0, 24, 32] {
                let rows = if first == 0 {
                    24
                } else if first == 24 {
                    8
                } else {
                    16
                };
                let mut block = Columns::from_fn(rows, q, |i, j| a[(first + i, j)]);
                vectorized(
                    #[inline(always)]
                    || fold_rows(&mut r, &mut block),
                );
            }
            let r = signed(&r);
            for (j, (found, expected)) in r.iter().zip(whole.iter()).enumerate() {
                let size = norm(expected);
                for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
                    // Relative to the column: small columns keep their digits.
                    assert!((found - expected).abs() <= 1e-14 * size, "q={q} ({i}, {j}): {found:e} {expected:e}");
                }
            }
        }
    }

    #[test]
    fn zero_columns_and_zero_rows_are_no_trouble() {
        let mut a = sample(16, 9);
        a.column_mut(2).fill(0.0);
        let mut r = Columns::zeros(9, 9);
        fold_rows(&mut r, &mut a);
        let before = r.clone();
        fold_rows(&mut r, &mut Columns::zeros(8, 9));
        assert_eq!(r, before);
        assert!(r.column(2).iter().all(|&x| x == 0.0) && r.as_slice().iter().all(|x| x.is_finite()));
    }
}
