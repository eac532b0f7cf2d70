//! A V in tiles of whole registers.

use super::super::instructions::widest;
use super::super::{Columns, Scalar};
use crate::linalg::vector::LANES;

/// A V for `a` p x q, p a multiple of [`LANES`], and `v`, whose first q rows count: p x r. Each entry is a chain of q products
/// and additions in the order of the columns of `a`, fused where [`Scalar::times_plus`] is.
pub fn tiled_product<T: Scalar>(a: &Columns<T>, v: &Columns<T>) -> Columns<T> {
    tiled_product_in(Vec::new(), a, v)
}

/// [`tiled_product`] in the memory of `storage`.
pub(crate) fn tiled_product_in<T: Scalar>(storage: Vec<T>, a: &Columns<T>, v: &Columns<T>) -> Columns<T> {
    debug_assert!(a.rows().is_multiple_of(LANES) && v.rows() >= a.cols(), "{} rows, {} weights", a.rows(), v.rows());
    if a.as_slice().is_empty() || v.as_slice().is_empty() {
        return Columns::zeros_in(storage, a.rows(), v.cols());
    }
    // A tile has eight chains and more, as many as hide the latency of a fused operation on two units, and leaves some registers
    // to the operands. A number of double-double fills two of them, and its own operations need more.
    widest(
        (storage, a, v),
        #[inline(always)]
        |(b, a, v)| if const { is_pair::<T>() } { in_tiles::<T, 1, 1>(b, a, v) } else { in_tiles::<T, 1, 4>(b, a, v) },
        #[inline(always)]
        |(b, a, v)| if const { is_pair::<T>() } { in_tiles::<T, 1, 2>(b, a, v) } else { in_tiles::<T, 2, 8>(b, a, v) },
    )
}

/// Whether a number is two of f64. As a constant it keeps the tiles of one kind out of the code for the other.
pub(super) const fn is_pair<T: Scalar>() -> bool {
    T::UNIT_ROUNDOFF < f64::UNIT_ROUNDOFF
}

/// Longest chain of roundings that a term of [`tiled_product`] goes through, `a` having `q` columns: q, and one for its own product
/// where that is not fused.
pub fn product_depth<T: Scalar>(q: usize) -> usize {
    if is_pair::<T>() { q + 1 } else { q }
}

/// From columns of this length on, the rows of a tile of all of them are laid side by side before they are multiplied: far apart they
/// would share a few places of the cache.
const SIDE_BY_SIDE_FROM: usize = 256;

/// A V in tiles of `R` [`LANES`] rows and `N` columns, in the memory of `storage`.
#[inline(always)]
fn in_tiles<T: Scalar, const R: usize, const N: usize>(storage: Vec<T>, a: &Columns<T>, v: &Columns<T>) -> Columns<T> {
    let mut b = Columns::zeros_in(storage, a.rows(), v.cols());
    let groups = a.rows() / LANES;
    let whole = groups - groups % R;
    let mut panel = Vec::new();
    for group in (0..whole).step_by(R) {
        rows_of_product::<T, R, N>(a, v, &mut b, group, &mut panel);
    }
    for group in whole..groups {
        rows_of_product::<T, 1, N>(a, v, &mut b, group, &mut panel);
    }
    b
}

/// The rows of `R` groups of [`LANES`] from `group` on. `panel` is scratch space.
#[inline(always)]
fn rows_of_product<T: Scalar, const R: usize, const N: usize>(
    a: &Columns<T>,
    v: &Columns<T>,
    b: &mut Columns<T>,
    group: usize,
    panel: &mut Vec<[T; LANES]>,
) {
    let groups = a.rows() / LANES;
    let lanes = a.as_slice().as_chunks::<LANES>().0;
    let rows = if a.rows() < SIDE_BY_SIDE_FROM {
        Rows { lanes: &lanes[group..], stride: groups, count: a.cols() }
    } else {
        panel.clear();
        for column in lanes.chunks_exact(groups) {
            panel.extend_from_slice(&column[group..group + R]);
        }
        Rows { lanes: panel, stride: R, count: a.cols() }
    };
    let first = rows.times::<R, N>(v, b, group, 0);
    let first = if N > 4 { rows.times::<R, 4>(v, b, group, first) } else { first };
    let first = if N > 2 { rows.times::<R, 2>(v, b, group, first) } else { first };
    rows.times::<R, 1>(v, b, group, first);
}

/// Some rows of A: those of column k from `lanes[k * stride]` on, for `count` columns.
#[derive(Clone, Copy)]
struct Rows<'a, T> {
    lanes: &'a [[T; LANES]],
    stride: usize,
    count: usize,
}

impl<T: Scalar> Rows<'_, T> {
    /// `R` groups of rows times the columns of `v` from `first` on, as many as fill tiles of `N`, into the rows of `b` from `group` on.
    /// Returns the first column that is left.
    #[inline(always)]
    fn times<const R: usize, const N: usize>(
        self,
        v: &Columns<T>,
        b: &mut Columns<T>,
        group: usize,
        first: usize,
    ) -> usize {
        let (height, p) = (v.rows(), b.rows());
        let mut weights = v.as_slice()[first * height..].chunks_exact(height * N);
        let out = b.as_mut_slice()[first * p..].chunks_exact_mut(p * N);
        for (weights, out) in weights.by_ref().zip(out) {
            let mut columns: [&[T]; N] = [&[]; N];
            for (n, column) in columns.iter_mut().enumerate() {
                *column = &weights[n * height..][..self.count];
            }
            let tile = self.tile::<R, N>(columns);
            for n in 0..N {
                let out = &mut out[n * p..][..p].as_chunks_mut::<LANES>().0[group..][..R];
                out.copy_from_slice(&tile[n]);
            }
        }
        v.cols() - weights.remainder().len() / height.max(1)
    }

    /// The sums of `weights[n][k]` times the rows of column k.
    #[expect(
        clippy::needless_range_loop,
        reason = "iterators over the tile's columns make scalar code of double-double"
    )]
    #[inline(always)]
    fn tile<const R: usize, const N: usize>(self, weights: [&[T]; N]) -> [[[T; LANES]; R]; N] {
        let mut sums = [[[T::ZERO; LANES]; R]; N];
        for k in 0..weights[0].len() {
            let rows: &[[T; LANES]; R] = self.lanes[k * self.stride..].first_chunk().expect("R groups");
            for n in 0..N {
                for (sum, x) in sums[n].as_flattened_mut().iter_mut().zip(rows.as_flattened()) {
                    *sum = weights[n][k].times_plus(*x, *sum);
                }
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::vectorized;
    use super::*;
    use crate::linalg::{Dd, padded};

    /// Entries whose sums round differently in every order.
    fn sample<T: Scalar>(rows: usize, cols: usize) -> Columns<T> {
        let third = T::ONE / T::from_f64(3.0);
        Columns::from_fn(rows, cols, |i, j| third * T::from_f64(((i * 7 + j * 13) % 29) as f64 - 11.3))
    }

    /// The product in one shape of tiles, on portable code, AVX2 and AVX-512 as far as the machine has them.
    fn on_every_instruction_set<T: Scalar, const R: usize, const N: usize>(
        a: &Columns<T>,
        v: &Columns<T>,
    ) -> [Columns<T>; 3] {
        let narrow = vectorized(
            #[inline(always)]
            || in_tiles::<T, R, N>(Vec::new(), a, v),
        );
        let wide = widest(
            (a, v),
            |(a, v)| in_tiles::<T, R, N>(Vec::new(), a, v),
            #[inline(always)]
            |(a, v)| in_tiles::<T, R, N>(Vec::new(), a, v),
        );
        [in_tiles::<T, R, N>(Vec::new(), a, v), narrow, wide]
    }

    fn bits_are_those_of_one_chain_an_entry<T: Scalar>() {
        for (p, q, r) in [(1, 1, 1), (9, 5, 4), (40, 17, 23), (264, 6, 15)] {
            let (a, v) = (padded(&sample::<T>(p, q)), sample::<T>(q + 1, r));
            let chain = |i, j| (0..q).fold(T::ZERO, |sum, k| v[(k, j)].times_plus(a[(i, k)], sum));
            let expected = Columns::from_fn(a.rows(), r, chain);
            assert_eq!(tiled_product(&a, &v), expected, "{p}x{q}x{r}");
            let shapes = if const { is_pair::<T>() } {
                [on_every_instruction_set::<T, 1, 1>(&a, &v), on_every_instruction_set::<T, 1, 2>(&a, &v)]
            } else {
                [on_every_instruction_set::<T, 1, 4>(&a, &v), on_every_instruction_set::<T, 2, 8>(&a, &v)]
            };
            for (shape, found) in shapes.iter().enumerate() {
                assert!(found.iter().all(|found| *found == expected), "{p}x{q}x{r}, shape {shape}");
            }
        }
    }

    #[test]
    fn neither_tiles_nor_instructions_change_a_bit() {
        bits_are_those_of_one_chain_an_entry::<f64>();
        bits_are_those_of_one_chain_an_entry::<f32>();
        bits_are_those_of_one_chain_an_entry::<Dd>();
    }
}
