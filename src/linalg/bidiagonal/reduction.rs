//! Reflections from both sides that leave a matrix upper bidiagonal, in either layout.

use std::marker::PhantomData;

use super::Lanes;
use super::layout::Layout;
use super::passes::{Reflection, Trailing};
use crate::linalg::vector::filled;

/// Reflections that are applied to a few columns at a time while both are in the first level of the cache.
const PANEL: usize = 4;

/// A matrix, or one in each lane, on its way to a bidiagonal one.
pub(super) struct Reduction<const W: usize, L> {
    rows: usize,
    cols: usize,
    /// Blocks of a column, those that keep columns apart not counted.
    height: usize,
    blocks: Vec<Lanes<W>>,
    layout: PhantomData<L>,
}

impl<const W: usize, L: Layout<W>> Reduction<W, L> {
    /// 0, `rows` x `cols` with rows >= cols.
    pub(super) fn zeros(rows: usize, cols: usize) -> Self {
        debug_assert!(rows >= cols, "{rows} x {cols}");
        let height = L::blocks(rows);
        Self { rows, cols, height, blocks: filled([0.0; W], stride(height) * cols), layout: PhantomData }
    }

    /// The blocks of column `j`.
    pub(super) fn column_mut(&mut self, j: usize) -> &mut [Lanes<W>] {
        &mut self.blocks[j * stride(self.height)..][..self.height]
    }

    /// The smallest and the largest squared norm of a column.
    #[inline(always)]
    pub(super) fn extreme_squares(&self) -> (Lanes<W>, Lanes<W>) {
        let (mut smallest, mut largest) = ([f64::INFINITY; W], [0.0; W]);
        for column in self.blocks.chunks_exact(stride(self.height)) {
            let square = L::total(sum_of_squares(&column[..self.height]));
            for lane in 0..W {
                smallest[lane] = if square[lane] < smallest[lane] { square[lane] } else { smallest[lane] };
                largest[lane] = if square[lane] > largest[lane] { square[lane] } else { largest[lane] };
            }
        }
        (smallest, largest)
    }

    /// Diagonal, q long, and what is right of it, q - 1 long.
    #[inline(always)]
    pub(super) fn bidiagonal(mut self) -> (Vec<Lanes<W>>, Vec<Lanes<W>>) {
        // LAPACK's crossover: 2 p q^2 + 2 q^3 operations instead of 4 p q^2 - 4/3 q^3, on a smaller matrix.
        if 5 * self.rows >= 8 * self.cols && self.rows > self.cols {
            self.keep_triangle();
        }
        let (q, height, stride) = (self.cols, self.height, stride(self.height));
        let (mut diagonal, mut off_diagonal) = (Vec::with_capacity(q), Vec::with_capacity(q));
        let (mut v, mut y) = (filled([0.0; W], height), filled([0.0; W], height));
        // The reflection from the right of the step before still has to take `weights[j]` y from column j.
        let (mut weights, mut shares): (Vec<Lanes<W>>, Vec<Lanes<W>>) = (filled([0.0; W], q), filled([0.0; W], q));
        for k in 0..q {
            let from = L::block(k);
            let (own, rest) = self.blocks[k * stride..].split_at_mut(stride);
            let (v, y) = (&mut v[from..], &mut y[from..]);
            for (v, (own, y)) in v.iter_mut().zip(own[from..height].iter().zip(y.iter())) {
                for lane in 0..W {
                    v[lane] = (-weights[k][lane]).mul_add(y[lane], own[lane]);
                }
            }
            if k + 1 == self.rows {
                diagonal.push(L::entry(&v[0], k));
                break;
            }
            let (tau, beta) = reflector::<W, L>(v, k);
            diagonal.push(beta);
            if k + 1 == q {
                break;
            }
            let (weights, shares) = (&mut weights[k + 1..], &mut shares[k + 1..]);
            let mut rest = Trailing { blocks: rest, stride, from };
            rest.subtract_and_dot(weights, y, v, shares);
            for (j, (weight, share)) in weights.iter_mut().zip(shares.iter_mut()).enumerate() {
                let total = L::total(*share);
                let entry = L::entry(&rest.blocks[j * stride + from], k);
                for lane in 0..W {
                    share[lane] = total[lane] * tau[lane];
                    // Entry j of the row that the reflection from the left leaves.
                    weight[lane] = entry[lane] - share[lane];
                }
            }
            off_diagonal.push(row_reflector(weights));
            rest.subtract_and_add(shares, v, weights, y);
        }
        (diagonal, off_diagonal)
    }

    /// A = Q R: goes on with R.
    #[inline(always)]
    fn keep_triangle(&mut self) {
        let (q, height, stride) = (self.cols, self.height, stride(self.height));
        let mut panel: Vec<Reflection<W>> = Vec::with_capacity(PANEL);
        for first in (0..q).step_by(PANEL) {
            let (from, last) = (L::block(first), q.min(first + PANEL));
            panel.clear();
            for k in first..last {
                let own = &mut self.blocks[k * stride..][..stride];
                Trailing { blocks: own, stride, from }.reflect(&panel, L::total);
                let mut v = own[from..height].to_vec();
                let skipped = L::block(k) - from;
                v[..skipped].fill([0.0; W]);
                let (tau, beta) = reflector::<W, L>(&mut v[skipped..], k);
                let diagonal = &mut own[L::block(k)];
                *diagonal = L::with_entry(beta, diagonal, k);
                panel.push(Reflection { v, tau });
            }
            Trailing { blocks: &mut self.blocks[last * stride..], stride, from }.reflect(&panel, L::total);
        }
        let mut triangle = Self::zeros(q, q);
        for j in 0..q {
            let filled = L::block(j) + 1;
            let column = &mut triangle.column_mut(j)[..filled];
            column.copy_from_slice(&self.column_mut(j)[..filled]);
            column[filled - 1] = L::ending_with(j, &column[filled - 1]);
        }
        *self = triangle;
    }
}

/// Blocks from one column of `height` blocks to the next: an odd number, so that columns of as many rows as a power of two do not
/// share a few places of the cache.
const fn stride(height: usize) -> usize {
    height | 1
}

#[inline(always)]
fn sum_of_squares<const W: usize>(blocks: &[Lanes<W>]) -> Lanes<W> {
    let mut sum = [0.0; W];
    for block in blocks {
        for lane in 0..W {
            sum[lane] = block[lane].mul_add(block[lane], sum[lane]);
        }
    }
    sum
}

/// tau, beta and what v's other entries are to be multiplied by, for (I - tau v v') x = beta e_1 with x of which `head` is the first
/// entry and `rest` the sum of the squares of all others. For x = 0 all are 0.
#[inline(always)]
fn angle<const W: usize>(head: Lanes<W>, rest: Lanes<W>) -> (Lanes<W>, Lanes<W>, Lanes<W>) {
    let (mut tau, mut beta, mut scale) = ([0.0; W], [0.0; W], [0.0; W]);
    for lane in 0..W {
        let length = head[lane].mul_add(head[lane], rest[lane]).sqrt();
        beta[lane] = (-length).copysign(-head[lane]);
        let nothing = length == 0.0;
        scale[lane] = if nothing { 0.0 } else { 1.0 / (head[lane] - beta[lane]) };
        tau[lane] = if nothing { 0.0 } else { (beta[lane] - head[lane]) / beta[lane] };
    }
    (tau, beta, scale)
}

/// Turns x, of which `v` holds the rows from `row` on (the first block some before them too, which do not count), into v. Returns
/// tau and beta.
#[inline(always)]
fn reflector<const W: usize, L: Layout<W>>(v: &mut [Lanes<W>], row: usize) -> (Lanes<W>, Lanes<W>) {
    let head = L::entry(&v[0], row);
    v[0] = L::beginning_with([0.0; W], &v[0], row);
    let (tau, beta, scale) = angle(head, L::total(sum_of_squares(v)));
    for block in v.iter_mut() {
        for lane in 0..W {
            block[lane] *= scale[lane];
        }
    }
    v[0] = L::beginning_with([1.0; W], &v[0], row);
    (tau, beta)
}

/// Turns a row x into the w of the reflection I - w w' with x (I - w w') = beta e_1'. Returns beta. A row of one entry needs none: w is
/// 0 then.
#[inline(always)]
fn row_reflector<const W: usize>(row: &mut [Lanes<W>]) -> Lanes<W> {
    let [first, rest @ ..] = row else { return [0.0; W] };
    if rest.is_empty() {
        return std::mem::replace(first, [0.0; W]);
    }
    let (tau, beta, scale) = angle(*first, sum_of_squares(rest));
    let (root, mut factor) = (tau.map(f64::sqrt), [0.0; W]);
    for lane in 0..W {
        factor[lane] = scale[lane] * root[lane];
    }
    for entry in rest {
        for lane in 0..W {
            entry[lane] *= factor[lane];
        }
    }
    *first = root;
    beta
}
