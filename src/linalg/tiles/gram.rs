//! Inner products of all columns with each other, in tiles of whole registers.

use super::super::instructions::widest;
use super::super::{Columns, Scalar};
use super::padded_rows;
use super::product::is_pair;
use crate::linalg::vector::{LANES, joined};

/// The upper triangle of A'A, diagonal included, for `a` p x q, p a multiple of [`LANES`]: q rows padded to a multiple of it, q
/// columns, the rest 0. A term of an inner product goes through no more roundings than in [`crate::linalg::dot`].
pub fn upper_gram<T: Scalar>(a: &Columns<T>) -> Columns<T> {
    upper_gram_in(Vec::new(), a)
}

/// [`upper_gram`] in the memory of `storage`.
pub(crate) fn upper_gram_in<T: Scalar>(storage: Vec<T>, a: &Columns<T>) -> Columns<T> {
    widest(
        (storage, a),
        // Six sums of two registers each and five numbers fill sixteen registers best.
        #[inline(always)]
        |(g, a)| if const { is_pair::<T>() } { in_tiles::<T, 1, 1>(g, a) } else { in_tiles::<T, 3, 2>(g, a) },
        #[inline(always)]
        |(g, a)| if const { is_pair::<T>() } { in_tiles::<T, 2, 1>(g, a) } else { in_tiles::<T, 4, 4>(g, a) },
    )
}

/// [`upper_gram_in`] in tiles of `N` x `M` inner products.
#[inline(always)]
fn in_tiles<T: Scalar, const N: usize, const M: usize>(storage: Vec<T>, a: &Columns<T>) -> Columns<T> {
    let q = a.cols();
    let mut gram = Columns::zeros_in(storage, padded_rows(q), q);
    // A strip's inner products before their lanes are joined, which goes best eight neighbours at a time.
    let mut unjoined = vec![[[T::ZERO; LANES]; M]; q];
    let whole = q - q % M;
    for first in (0..whole).step_by(M) {
        strip::<T, N, M, M>(a, first, &mut unjoined, &mut gram);
    }
    let halved = whole + if M > 2 { (q - whole) / 2 * 2 } else { 0 };
    for first in (whole..halved).step_by(2) {
        strip::<T, N, 2, M>(a, first, &mut unjoined, &mut gram);
    }
    for first in halved..q {
        strip::<T, N, 1, M>(a, first, &mut unjoined, &mut gram);
    }
    gram
}

/// `C` columns of `gram` from `first` on, down to the diagonal.
#[inline(always)]
fn strip<T: Scalar, const N: usize, const C: usize, const M: usize>(
    a: &Columns<T>,
    first: usize,
    unjoined: &mut [[[T; LANES]; M]],
    gram: &mut Columns<T>,
) {
    let whole = first - first % N;
    for i in (0..whole).step_by(N) {
        put(&tile::<T, N, C>(a, i, first), &mut unjoined[i..]);
    }
    for i in whole..first {
        put(&tile::<T, 1, C>(a, i, first), &mut unjoined[i..]);
    }
    // What is below the diagonal of this tile is not looked at.
    put(&tile::<T, C, C>(a, first, first), &mut unjoined[first..]);
    for side in 0..C {
        let count = first + side + 1;
        let (eights, rest) = unjoined[..count].as_chunks::<LANES>();
        let (out, out_rest) = gram.column_mut(first + side)[..count].as_chunks_mut::<LANES>();
        for (out, [a, b, c, d, e, f, g, h]) in out.iter_mut().zip(eights) {
            *out = all_joined([&a[side], &b[side], &c[side], &d[side], &e[side], &f[side], &g[side], &h[side]]);
        }
        for (out, lanes) in out_rest.iter_mut().zip(rest) {
            *out = joined(lanes[side]);
        }
    }
}

/// [`joined`] of eight sums, side by side: every addition is one of whole registers.
#[inline(always)]
fn all_joined<T: Scalar>(sums: [&[T; LANES]; LANES]) -> [T; LANES] {
    let mut fours = [[T::ZERO; LANES]; 4];
    for (k, out) in fours.iter_mut().enumerate() {
        let (x, y) = (sums[2 * k], sums[2 * k + 1]);
        let low = [x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]];
        let high = [x[4], x[5], x[6], x[7], y[4], y[5], y[6], y[7]];
        *out = added(low, high);
    }
    let mut twos = [[T::ZERO; LANES]; 2];
    for (k, out) in twos.iter_mut().enumerate() {
        let (x, y) = (fours[2 * k], fours[2 * k + 1]);
        let low = [x[0], x[1], x[4], x[5], y[0], y[1], y[4], y[5]];
        let high = [x[2], x[3], x[6], x[7], y[2], y[3], y[6], y[7]];
        *out = added(low, high);
    }
    let (x, y) = (twos[0], twos[1]);
    let low = [x[0], x[2], x[4], x[6], y[0], y[2], y[4], y[6]];
    let high = [x[1], x[3], x[5], x[7], y[1], y[3], y[5], y[7]];
    added(low, high)
}

/// x + y.
#[inline(always)]
fn added<T: Scalar>(mut x: [T; LANES], y: [T; LANES]) -> [T; LANES] {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
    x
}

/// Keeps the sums of a tile, a row of `unjoined` for each of its `N` columns.
#[inline(always)]
fn put<T: Scalar, const N: usize, const C: usize, const M: usize>(
    tile: &[[[T; LANES]; N]; C],
    unjoined: &mut [[[T; LANES]; M]],
) {
    for (i, unjoined) in unjoined[..N].iter_mut().enumerate() {
        for side in 0..C {
            unjoined[side] = tile[side][i];
        }
    }
}

/// The inner products of `N` columns of `a` from `first` on with each of `M` from `second` on, lane by lane.
#[inline(always)]
fn tile<T: Scalar, const N: usize, const M: usize>(
    a: &Columns<T>,
    first: usize,
    second: usize,
) -> [[[T; LANES]; N]; M] {
    let rows = a.rows() / LANES;
    let mut sums = [[[T::ZERO; LANES]; N]; M];
    let lanes = a.as_slice().as_chunks::<LANES>().0;
    let mut x: [&[[T; LANES]]; N] = [&[]; N];
    for (n, x) in x.iter_mut().enumerate() {
        *x = &lanes[(first + n) * rows..][..rows];
    }
    let mut y: [&[[T; LANES]]; M] = [&[]; M];
    for (m, y) in y.iter_mut().enumerate() {
        *y = &lanes[(second + m) * rows..][..rows];
    }
    for row in 0..rows {
        for m in 0..M {
            for n in 0..N {
                for (sum, (x, y)) in sums[m][n].iter_mut().zip(x[n][row].iter().zip(&y[m][row])) {
                    *sum = x.times_plus(*y, *sum);
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

#[cfg(test)]
mod tests {
    use super::super::super::vectorized;
    use super::*;
    use crate::linalg::{Dd, padded};

    /// Entries whose sums round differently in every order.
    fn sample<T: Scalar>(rows: usize, cols: usize) -> Columns<T> {
        let third = T::ONE / T::from_f64(3.0);
        padded(&Columns::from_fn(rows, cols, |i, j| third * T::from_f64(((i * 7 + j * 13) % 29) as f64 - 11.3)))
    }

    /// The inner products in one shape of tiles, on portable code, AVX2 and AVX-512 as far as the machine has them.
    fn on_every_instruction_set<T: Scalar, const N: usize, const M: usize>(a: &Columns<T>) -> [Columns<T>; 3] {
        let narrow = vectorized(
            #[inline(always)]
            || in_tiles::<T, N, M>(Vec::new(), a),
        );
        let wide = widest(
            a,
            |a| in_tiles::<T, N, M>(Vec::new(), a),
            #[inline(always)]
            |a| in_tiles::<T, N, M>(Vec::new(), a),
        );
        [in_tiles::<T, N, M>(Vec::new(), a), narrow, wide]
    }

    fn bits_are_those_of_each_inner_product_alone<T: Scalar>() {
        for (p, q) in [(1, 1), (5, 2), (8, 9), (30, 14), (16, 21), (70, 39)] {
            let a = sample::<T>(p, q);
            let alone = |i, j| if i <= j { padded_dot(a.column(i), a.column(j)) } else { T::ZERO };
            let expected = Columns::from_fn(padded_rows(q), q, alone);
            assert_eq!(upper_gram(&a), expected, "{p}x{q}");
            let shapes = if const { is_pair::<T>() } {
                [on_every_instruction_set::<T, 1, 1>(&a), on_every_instruction_set::<T, 2, 1>(&a)]
            } else {
                [on_every_instruction_set::<T, 3, 2>(&a), on_every_instruction_set::<T, 4, 4>(&a)]
            };
            for (shape, found) in shapes.iter().enumerate() {
                assert!(found.iter().all(|found| *found == expected), "{p}x{q}, shape {shape}");
            }
        }
    }

    #[test]
    fn neither_tiles_nor_instructions_change_a_bit() {
        bits_are_those_of_each_inner_product_alone::<f64>();
        bits_are_those_of_each_inner_product_alone::<f32>();
        bits_are_those_of_each_inner_product_alone::<Dd>();
    }
}
