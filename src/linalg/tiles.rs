//! Products of whole matrices, in tiles that stay in registers.
//!
//! Every column is padded with zeros to a multiple of [`LANES`] rows ([`padded_rows`]), so that no loop has a remainder.
//! Multiplications and additions of f64 are fused: one rounding instead of two, and the same bits on every machine. One
//! without such an instruction computes them in software, slowly.

use super::vector::{LANES, joined};
use super::{Columns, Scalar, scale_by_power_of_two};
use crate::matrix::Matrix;

/// Columns of a tile of f64: with two AVX2 registers each they occupy half of the sixteen. A column of double-double fills
/// twice as many and stays alone.
const TILE: usize = 4;

/// The least multiple of [`LANES`] that is not below `rows`.
pub fn padded_rows(rows: usize) -> usize {
    rows.next_multiple_of(LANES)
}

/// The tall form of `x` (x itself if it has at least as many rows as columns, else its transpose) times 2^`shift`, its
/// columns padded with zeros.
#[inline(always)]
pub fn padded_tall(x: &Matrix, shift: i32) -> Columns<f64> {
    let (p, q) = (x.rows().max(x.cols()), x.rows().min(x.cols()));
    let mut a = Columns::zeros(padded_rows(p), q);
    if x.rows() < x.cols() {
        for j in 0..q {
            a.column_mut(j)[..p].copy_from_slice(x.row(j));
        }
    } else {
        // As many rows at a time as fill a cache line of a column.
        let whole = p - p % LANES;
        for i in (0..whole).step_by(LANES) {
            let rows: [&[f64]; LANES] = std::array::from_fn(|k| &x.row(i + k)[..q]);
            for j in 0..q {
                a.column_mut(j)[i..i + LANES].copy_from_slice(&rows.map(|row| row[j]));
            }
        }
        for i in whole..p {
            for (j, &entry) in x.row(i).iter().enumerate() {
                a[(i, j)] = entry;
            }
        }
    }
    scale_by_power_of_two(a.as_mut_slice(), shift);
    a
}

/// The columns of `a`, padded with zeros.
#[inline(always)]
pub fn padded<T: Scalar>(a: &Columns<T>) -> Columns<T> {
    let mut out = Columns::zeros(padded_rows(a.rows()), a.cols());
    for j in 0..a.cols() {
        out.column_mut(j)[..a.rows()].copy_from_slice(a.column(j));
    }
    out
}

/// A V for `a` p x q, p a multiple of [`LANES`], and `v`, whose first q rows count: p x r. Each entry is a chain of q products
/// and additions in the order of the columns of `a`, fused where [`Scalar::times_plus`] is.
#[inline(always)]
pub fn tiled_product<T: Scalar>(a: &Columns<T>, v: &Columns<T>) -> Columns<T> {
    if T::UNIT_ROUNDOFF < f64::UNIT_ROUNDOFF { in_tiles::<T, 1>(a, v) } else { in_tiles::<T, TILE>(a, v) }
}

/// Longest chain of roundings that a term of [`tiled_product`] goes through, `a` having `q` columns: q, and one for its own product
/// where that is not fused.
pub fn product_depth<T: Scalar>(q: usize) -> usize {
    if T::UNIT_ROUNDOFF < f64::UNIT_ROUNDOFF { q + 1 } else { q }
}

/// From columns of this length on, [`LANES`] rows of all of them are laid side by side before they are multiplied: far apart they
/// would share a few places of the cache.
const SIDE_BY_SIDE_FROM: usize = 256;

/// [`tiled_product`], `N` columns at a time.
#[inline(always)]
fn in_tiles<T: Scalar, const N: usize>(a: &Columns<T>, v: &Columns<T>) -> Columns<T> {
    let (p, q) = (a.rows(), a.cols());
    debug_assert!(p.is_multiple_of(LANES) && v.rows() >= q, "{p} rows, {q} columns, {} weights", v.rows());
    let mut b = Columns::zeros(p, v.cols());
    if p < SIDE_BY_SIDE_FROM {
        for row in (0..p).step_by(LANES) {
            rows_of_product::<T, N>(
                q,
                #[inline(always)]
                |k| *lanes(&a.column(k)[row..]),
                v,
                &mut b,
                row,
            );
        }
        return b;
    }
    let mut panel = vec![[T::ZERO; LANES]; q];
    for row in (0..p).step_by(LANES) {
        for (side_by_side, column) in panel.iter_mut().zip(a.as_slice().chunks_exact(p)) {
            *side_by_side = *lanes(&column[row..]);
        }
        rows_of_product::<T, N>(
            q,
            #[inline(always)]
            |k| panel[k],
            v,
            &mut b,
            row,
        );
    }
    b
}

/// The [`LANES`] rows from `row` on of A V = `b`, A having `q` columns whose entries there `lanes` gives.
#[inline(always)]
fn rows_of_product<T: Scalar, const N: usize>(
    q: usize,
    lanes: impl Fn(usize) -> [T; LANES],
    v: &Columns<T>,
    b: &mut Columns<T>,
    row: usize,
) {
    let (height, p) = (v.rows(), b.rows());
    let mut weights = v.as_slice().chunks_exact(height * N);
    let mut out = b.as_mut_slice().chunks_exact_mut(p * N);
    for (weights, out) in weights.by_ref().zip(out.by_ref()) {
        let columns: [&[T]; N] = std::array::from_fn(|n| &weights[n * height..][..q]);
        for (n, sum) in combinations(&lanes, columns).iter().enumerate() {
            out[n * p + row..][..LANES].copy_from_slice(sum);
        }
    }
    let rest = weights.remainder().chunks_exact(height);
    for (weights, out) in rest.zip(out.into_remainder().chunks_exact_mut(p)) {
        let [sum] = combinations(&lanes, [&weights[..q]]);
        out[row..row + LANES].copy_from_slice(&sum);
    }
}

/// The sums of `weights[n][k]` times lanes k.
#[inline(always)]
fn combinations<T: Scalar, const N: usize>(
    lanes: &impl Fn(usize) -> [T; LANES],
    weights: [&[T]; N],
) -> [[T; LANES]; N] {
    let mut sums = [[T::ZERO; LANES]; N];
    for k in 0..weights[0].len() {
        let x = lanes(k);
        for (sum, weights) in sums.iter_mut().zip(&weights) {
            for (sum, x) in sum.iter_mut().zip(&x) {
                *sum = weights[k].times_plus(*x, *sum);
            }
        }
    }
    sums
}

/// The strict upper triangle of A'A for `a` p x q, p a multiple of [`LANES`]: q rows padded to a multiple of it, q columns, the
/// rest 0. A term of an inner product goes through no more roundings than in [`super::dot`].
#[inline(always)]
pub fn upper_gram<T: Scalar>(a: &Columns<T>) -> Columns<T> {
    let q = a.cols();
    let mut gram = Columns::zeros(padded_rows(q), q);
    // A column's inner products before their lanes are joined: were they joined at once, the compiler would transpose every tile
    // to do so in vectors, at three times the cost.
    let mut unjoined = vec![[[T::ZERO; LANES]; 2]; q];
    for j in (0..q).step_by(2) {
        if j + 1 == q {
            products_with::<T, 1>(a, j, j, &mut unjoined);
        } else {
            products_with::<T, 2>(a, j, j, &mut unjoined);
            [[unjoined[j][1]]] = inner_products(a, j, j + 1);
        }
        for side in 0..(q - j).min(2) {
            for (out, lanes) in gram.column_mut(j + side).iter_mut().zip(&unjoined[..j + side]) {
                *out = joined(lanes[side]);
            }
        }
    }
    gram
}

/// Columns of a tile of inner products: with two columns to multiply them by, 6 sums and 5 numbers fill their registers best.
const GRAM_TILE: usize = 3;

/// The inner products of the first `count` columns of `a` with `N` columns from `first` on, lane by lane.
#[inline(always)]
fn products_with<T: Scalar, const N: usize>(a: &Columns<T>, count: usize, first: usize, out: &mut [[[T; LANES]; 2]]) {
    let whole = count - count % GRAM_TILE;
    for i in (0..whole).step_by(GRAM_TILE) {
        let tile: [[[T; LANES]; GRAM_TILE]; N] = inner_products(a, i, first);
        for n in 0..N {
            for k in 0..GRAM_TILE {
                out[i + k][n] = tile[n][k];
            }
        }
    }
    for (k, out) in out[whole..count].iter_mut().enumerate() {
        let tile: [[[T; LANES]; 1]; N] = inner_products(a, whole + k, first);
        for n in 0..N {
            out[n] = tile[n][0];
        }
    }
}

/// The inner products of `N` columns of `a` from `first` on with each of `M` from `second` on, lane by lane.
#[inline(always)]
fn inner_products<T: Scalar, const N: usize, const M: usize>(
    a: &Columns<T>,
    first: usize,
    second: usize,
) -> [[[T; LANES]; N]; M] {
    let rows = a.rows() / LANES;
    let mut sums = [[[T::ZERO; LANES]; N]; M];
    let x: [&[[T; LANES]]; N] = std::array::from_fn(|n| &a.column(first + n).as_chunks().0[..rows]);
    let y: [&[[T; LANES]]; M] = std::array::from_fn(|m| &a.column(second + m).as_chunks().0[..rows]);
    for row in 0..rows {
        for m in 0..M {
            for n in 0..N {
                for lane in 0..LANES {
                    sums[m][n][lane] = x[n][row][lane].times_plus(y[m][row][lane], sums[m][n][lane]);
                }
            }
        }
    }
    sums
}

/// a'b for padded columns, the same bits as in [`upper_gram`].
#[inline(always)]
pub fn padded_dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    let mut sum = [T::ZERO; LANES];
    for (x, y) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            sum[lane] = x[lane].times_plus(y[lane], sum[lane]);
        }
    }
    joined(sum)
}

/// The first [`LANES`] entries of a slice that has them.
#[inline(always)]
fn lanes<T>(x: &[T]) -> &[T; LANES] {
    x.first_chunk().expect("columns are padded")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{dot, gram, product};

    /// Small integers, so that every product and sum is exact.
    fn integers(rows: usize, cols: usize) -> Matrix {
        Matrix::from_fn(rows, cols, |i, j| ((i * 7 + j * 5 + i * j) % 11) as f64 - 5.0)
    }

    #[test]
    fn tiles_give_the_products_of_plain_loops_in_every_shape() {
        for (p, q, r) in [(1, 1, 1), (7, 3, 2), (8, 8, 8), (9, 5, 4), (40, 17, 23), (64, 33, 6)] {
            let a = Columns::<f64>::from_fn(p, q, |i, j| integers(p, q)[(i, j)]);
            let v = Columns::<f64>::from_fn(q, r, |i, j| integers(q, r)[(i, j)]);
            let expected = product(&a, &v);
            let found = tiled_product(&padded(&a), &v);
            assert_eq!((found.rows(), found.cols()), (padded_rows(p), r));
            for j in 0..r {
                assert_eq!(&found.column(j)[..p], expected.column(j), "{p}x{q}x{r}");
                assert!(found.column(j)[p..].iter().all(|&x| x == 0.0));
            }
            // What pads V is never looked at.
            let v = Columns::from_fn(padded_rows(q), r, |i, j| if i < q { v[(i, j)] } else { f64::NAN });
            assert_eq!(tiled_product(&padded(&a), &v), found);
        }
    }

    #[test]
    fn the_gram_matrix_is_that_of_plain_loops_above_its_diagonal() {
        for (p, q) in [(1, 1), (5, 2), (8, 9), (30, 14), (16, 21)] {
            let a = Columns::<f64>::from_fn(p, q, |i, j| integers(p, q)[(i, j)]);
            let (expected, found) = (gram(&a), upper_gram(&padded(&a)));
            for j in 0..q {
                for i in 0..padded_rows(q) {
                    assert_eq!(found[(i, j)], if i < j { expected[(i, j)] } else { 0.0 }, "{p}x{q} ({i}, {j})");
                }
                let padded = padded(&a);
                assert_eq!(padded_dot(padded.column(0), padded.column(j)), dot(a.column(0), a.column(j)));
            }
        }
    }

    #[test]
    fn both_orientations_become_tall_scaled_and_padded() {
        for p in [5, 8, 19] {
            let x = integers(p, 3);
            for tall in [padded_tall(&x, -2), padded_tall(&x.transposed(), -2)] {
                assert_eq!((tall.rows(), tall.cols()), (padded_rows(p), 3));
                for (i, j) in (0..tall.rows()).flat_map(|i| (0..3).map(move |j| (i, j))) {
                    assert_eq!(tall[(i, j)], if i < p { x[(i, j)] / 4.0 } else { 0.0 });
                }
            }
        }
    }
}
