//! Products of matrices that lie side by side, in tiles that stay in registers.

use super::Lockstep;
use crate::linalg::instructions::widest;
use crate::linalg::lanes::Lanes;

impl<const W: usize> Lockstep<W> {
    /// A V into `out`, p x r, for this A, p x q, and `v`, q x r: each entry a chain of q fused products and additions.
    #[inline(always)]
    pub(crate) fn product(&self, v: &Self, out: &mut Self) {
        out.reshape(self.rows, v.cols);
        widest(
            (self, v, out),
            #[inline(always)]
            |(a, v, out)| product_in_tiles::<W, 2>(a, v, out),
            #[inline(always)]
            |(a, v, out)| product_in_tiles::<W, 4>(a, v, out),
        );
    }

    /// A'A into `out`, q x q, its diagonal and what is above it, for this A, p x q: each entry a chain of p fused products and additions.
    /// What is below is arbitrary.
    #[inline(always)]
    pub(crate) fn upper_gram(&self, out: &mut Self) {
        out.reshape(self.cols, self.cols);
        widest(
            (self, out),
            #[inline(always)]
            |(a, out)| gram_in_tiles::<W, 2>(a, out),
            #[inline(always)]
            |(a, out)| gram_in_tiles::<W, 4>(a, out),
        );
    }
}

/// [`Lockstep::product`] in tiles of `N` x `N`.
#[inline(always)]
fn product_in_tiles<const W: usize, const N: usize>(a: &Lockstep<W>, v: &Lockstep<W>, out: &mut Lockstep<W>) {
    let whole = v.cols - v.cols % N;
    for j in (0..whole).step_by(N) {
        columns_of_product::<W, N, N>(a, v, out, j);
    }
    for j in whole..v.cols {
        columns_of_product::<W, N, 1>(a, v, out, j);
    }
}

/// `C` columns from `j` on, `R` rows at a time.
#[inline(always)]
fn columns_of_product<const W: usize, const R: usize, const C: usize>(
    a: &Lockstep<W>,
    v: &Lockstep<W>,
    out: &mut Lockstep<W>,
    j: usize,
) {
    let mut weights: [&[Lanes<W>]; C] = [&[]; C];
    for (c, weights) in weights.iter_mut().enumerate() {
        *weights = &v.column(j + c)[..a.cols];
    }
    let out = out.columns_mut::<C>(j);
    let whole = a.rows - a.rows % R;
    for i in (0..whole).step_by(R) {
        let tile = tile_of_product::<W, R, C>(a, &weights, i);
        for c in 0..C {
            out[c][i..i + R].copy_from_slice(&tile[c]);
        }
    }
    for i in whole..a.rows {
        let tile = tile_of_product::<W, 1, C>(a, &weights, i);
        for c in 0..C {
            out[c][i..=i].copy_from_slice(&tile[c]);
        }
    }
}

#[inline(always)]
fn tile_of_product<const W: usize, const R: usize, const C: usize>(
    a: &Lockstep<W>,
    weights: &[&[Lanes<W>]; C],
    first: usize,
) -> [[Lanes<W>; R]; C] {
    let mut sums = [[[0.0; W]; R]; C];
    for (k, column) in a.data.chunks_exact(a.stride()).enumerate() {
        let rows: &[Lanes<W>; R] = column[first..].first_chunk().expect("R rows");
        for c in 0..C {
            let weight = weights[c][k];
            for r in 0..R {
                for lane in 0..W {
                    sums[c][r][lane] = rows[r][lane].mul_add(weight[lane], sums[c][r][lane]);
                }
            }
        }
    }
    sums
}

/// [`Lockstep::upper_gram`] in tiles of `N` x `N`.
#[inline(always)]
fn gram_in_tiles<const W: usize, const N: usize>(a: &Lockstep<W>, out: &mut Lockstep<W>) {
    let whole = a.cols - a.cols % N;
    for j in (0..whole).step_by(N) {
        columns_of_gram::<W, N, N>(a, out, j);
    }
    for j in whole..a.cols {
        columns_of_gram::<W, N, 1>(a, out, j);
    }
}

/// `C` columns from `j` on, down to the block on the diagonal, which is whole.
#[inline(always)]
fn columns_of_gram<const W: usize, const R: usize, const C: usize>(a: &Lockstep<W>, out: &mut Lockstep<W>, j: usize) {
    let out = out.columns_mut::<C>(j);
    let whole = j - j % R;
    for i in (0..whole).step_by(R) {
        let tile = tile_of_gram::<W, R, C>(a, i, j);
        for c in 0..C {
            out[c][i..i + R].copy_from_slice(&tile[c]);
        }
    }
    for i in whole..j + C {
        let tile = tile_of_gram::<W, 1, C>(a, i, j);
        for c in 0..C {
            out[c][i..=i].copy_from_slice(&tile[c]);
        }
    }
}

#[inline(always)]
fn tile_of_gram<const W: usize, const R: usize, const C: usize>(
    a: &Lockstep<W>,
    first: usize,
    second: usize,
) -> [[Lanes<W>; R]; C] {
    let (mut x, mut y): ([&[Lanes<W>]; R], [&[Lanes<W>]; C]) = ([&[]; R], [&[]; C]);
    for (r, x) in x.iter_mut().enumerate() {
        *x = a.column(first + r);
    }
    for (c, y) in y.iter_mut().enumerate() {
        *y = a.column(second + c);
    }
    let mut sums = [[[0.0; W]; R]; C];
    for row in 0..a.rows {
        for c in 0..C {
            let y = y[c][row];
            for r in 0..R {
                for lane in 0..W {
                    sums[c][r][lane] = x[r][row][lane].mul_add(y[lane], sums[c][r][lane]);
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Columns, gram, product, vectorized};
    use crate::matrix::Matrix;

    /// Small integers, so that every product and sum is exact, other ones in every lane.
    fn integers(rows: usize, cols: usize, lane: usize) -> Matrix {
        Matrix::from_fn(rows, cols, |i, j| ((i * 7 + j * 5 + i * j + 3 * lane) % 11) as f64 - 5.0)
    }

    fn side_by_side<const W: usize>(matrices: &[Matrix]) -> Lockstep<W> {
        let mut out = Lockstep::default();
        out.take_tall(&matrices.iter().collect::<Vec<_>>(), &[1.0; W]);
        out
    }

    #[test]
    fn products_and_gram_matrices_are_those_of_plain_loops_in_every_lane_and_shape() {
        for (p, q) in [(1, 1), (3, 2), (7, 5), (12, 6), (9, 9), (33, 17)] {
            let (a, v): (Vec<Matrix>, Vec<Matrix>) = (0..5).map(|k| (integers(p, q, k), integers(q, q, k + 9))).unzip();
            let (together, weights) = (side_by_side::<8>(&a), side_by_side::<8>(&v));
            let (mut b, mut g) = (Lockstep::default(), Lockstep::default());
            together.product(&weights, &mut b);
            together.upper_gram(&mut g);
            for lane in 0..5 {
                let (a, v) = (Columns::<f64>::tall(&a[lane]), Columns::<f64>::tall(&v[lane]));
                let (expected_b, expected_g) = (product(&a, &v), gram(&a));
                for j in 0..q {
                    assert!(b.column_of(lane, j).eq(expected_b.column(j).iter().copied()), "{p}x{q}");
                    let above = g.column_of(lane, j).take(j + 1);
                    assert!(above.eq(expected_g.column(j)[..=j].iter().copied()), "{p}x{q}");
                }
            }
        }
    }

    #[test]
    fn wide_matrices_lie_as_their_transposes_and_lanes_without_one_hold_the_first() {
        let wide = [integers(3, 7, 0), integers(3, 7, 1)];
        let tall = wide.each_ref().map(Matrix::transposed);
        let mut scaled = Lockstep::<4>::default();
        scaled.take_tall(&wide.each_ref(), &[0.5, 2.0, 0.5, 4.0]);
        for (lane, (x, scale)) in
            [(&tall[0], 0.5), (&tall[1], 2.0), (&tall[0], 0.5), (&tall[0], 4.0)].iter().enumerate()
        {
            for j in 0..3 {
                assert!(scaled.column_of(lane, j).eq(x.column(j).iter().map(|x| x * scale)), "lane {lane}");
            }
        }
    }

    /// Entries whose sums round differently in every order.
    fn thirds(rows: usize, cols: usize, lane: usize) -> Matrix {
        Matrix::from_fn(rows, cols, |i, j| (((i * 7 + j * 13 + lane) % 29) as f64 - 11.3) / 3.0)
    }

    #[test]
    fn neither_tiles_nor_lanes_nor_instructions_change_a_bit() {
        for (p, q) in [(1, 1), (12, 6), (33, 17)] {
            let x: Vec<Matrix> = (0..8).map(|lane| thirds(p, q, lane)).collect();
            let (a, v) = (side_by_side::<8>(&x), side_by_side::<8>(&[thirds(q, q, 1)]));
            let (mut b, mut g) = (Lockstep::default(), Lockstep::default());
            a.product(&v, &mut b);
            a.upper_gram(&mut g);
            for lane in 0..8 {
                let (alone, v) = (side_by_side::<1>(&x[lane..=lane]), side_by_side::<1>(&[thirds(q, q, 1)]));
                let (mut plain_b, mut plain_g) = (Lockstep::default(), Lockstep::default());
                plain_b.reshape(p, q);
                plain_g.reshape(q, q);
                product_in_tiles::<1, 1>(&alone, &v, &mut plain_b);
                vectorized(
                    #[inline(always)]
                    || gram_in_tiles::<1, 2>(&alone, &mut plain_g),
                );
                for j in 0..q {
                    assert!(b.column_of(lane, j).eq(plain_b.column_of(0, j)), "{p}x{q}");
                    assert!(g.column_of(lane, j).take(j + 1).eq(plain_g.column_of(0, j).take(j + 1)), "{p}x{q}");
                }
            }
        }
    }
}
