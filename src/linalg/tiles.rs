//! Products of whole matrices, in tiles that stay in registers.
//!
//! Every column is padded with zeros to a multiple of [`LANES`] rows ([`padded_rows`]), so that no loop has a remainder.
//! Multiplications and additions of f64 are fused: one rounding instead of two, and the same bits on every machine. One
//! without such an instruction computes them in software, slowly.

mod gram;
mod product;

pub(crate) use gram::upper_gram_in;
pub use gram::{padded_dot, upper_gram};
pub(crate) use product::tiled_product_in;
pub use product::{product_depth, tiled_product};

use std::borrow::Cow;

use super::vector::LANES;
use super::{Columns, Scalar, scale_by_power_of_two};
use crate::matrix::Matrix;

/// The least multiple of [`LANES`] that is not below `rows`.
pub fn padded_rows(rows: usize) -> usize {
    rows.next_multiple_of(LANES)
}

/// The tall form of `x` (x itself if it has at least as many rows as columns, else its transpose) times 2^`shift`, its
/// columns padded with zeros.
#[inline(always)]
pub fn padded_tall(x: &Matrix, shift: i32) -> Columns<f64> {
    padded_tall_in(Vec::new(), x, shift)
}

/// [`padded_tall`] in the memory of `storage`.
#[inline(always)]
pub(crate) fn padded_tall_in(storage: Vec<f64>, x: &Matrix, shift: i32) -> Columns<f64> {
    let (p, q) = (x.rows().max(x.cols()), x.rows().min(x.cols()));
    let height = padded_rows(p);
    let mut a = Columns::zeros_in(storage, height, q);
    if x.rows() < x.cols() {
        for j in 0..q {
            a.column_mut(j)[..p].copy_from_slice(x.row(j));
        }
    } else {
        // As many rows at a time as fill a cache line of a column.
        let whole = p - p % LANES;
        for i in (0..whole).step_by(LANES) {
            let mut rows: [&[f64]; LANES] = [&[]; LANES];
            for (k, row) in rows.iter_mut().enumerate() {
                *row = &x.row(i + k)[..q];
            }
            for (j, column) in a.as_mut_slice().chunks_exact_mut(height).enumerate() {
                for (entry, row) in column[i..i + LANES].iter_mut().zip(&rows) {
                    *entry = row[j];
                }
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

/// [`padded`]; `a` itself where it needs no padding.
pub fn as_padded<T: Scalar>(a: &Columns<T>) -> Cow<'_, Columns<T>> {
    if a.rows().is_multiple_of(LANES) { Cow::Borrowed(a) } else { Cow::Owned(padded(a)) }
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
    fn the_gram_matrix_is_that_of_plain_loops_down_to_its_diagonal() {
        for (p, q) in [(1, 1), (5, 2), (8, 9), (30, 14), (16, 21)] {
            let a = Columns::<f64>::from_fn(p, q, |i, j| integers(p, q)[(i, j)]);
            let (expected, found) = (gram(&a), upper_gram(&padded(&a)));
            for j in 0..q {
                for i in 0..padded_rows(q) {
                    assert_eq!(found[(i, j)], if i <= j { expected[(i, j)] } else { 0.0 }, "{p}x{q} ({i}, {j})");
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
