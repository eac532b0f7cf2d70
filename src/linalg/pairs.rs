//! Matrices in double-double whose first words are side by side, and so are their second words: what registers hold is a row's.
//!
//! Long sums and updates in [`super::Dd`] spend most of their time on keeping every partial result normalized. Here a sum does so
//! once, at its end, and an update takes the short addition: relative to the sizes of what is added their errors are a few u^2
//! (u = 2^-53), but not relative to a result that cancels. That is all that the error analysis of orthogonal transformations asks
//! for (Higham, Accuracy and Stability, 2nd ed., section 19.3).
//!
//! Source of the sums: Ogita, Rump & Oishi 2005, "Accurate sum and dot product" (SIAM J. Sci. Comput. 26, 1955-1988),
//! algorithm 5.3, with the second words of the factors in the correction.
//!
//! Explicit vectors, because the compiler lays the lanes of such a loop side by side or gathers them from rows far apart, as it likes.

use std::ops::Range;

use pulp::Simd;

use super::double_word::two_sum;
use super::vector::LANES;
use super::{Dd, Scalar, exponent};

/// A dense matrix, row major, rows padded with zeros to a multiple of [`LANES`] entries.
#[derive(Clone, Debug)]
pub(super) struct Pairs {
    hi: Vec<f64>,
    lo: Vec<f64>,
    /// Entries of a row, a multiple of [`LANES`].
    width: usize,
    /// Entries from one row to the next: an odd multiple, so that rows as long as a power of two do not share a few places of the cache.
    stride: usize,
}

/// A row or a part of it, its first and its second words.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    hi: &'a [f64],
    lo: &'a [f64],
}

impl Row<'_> {
    /// The entries at `places`.
    pub(super) fn part(self, places: Range<usize>) -> Self {
        Self { hi: &self.hi[places.clone()], lo: &self.lo[places] }
    }
}

impl Pairs {
    pub(super) fn zeros(rows: usize, cols: usize) -> Self {
        let blocks = cols.div_ceil(LANES);
        let (width, stride) = (blocks * LANES, (blocks | 1) * LANES);
        Self { hi: vec![0.0; rows * stride], lo: vec![0.0; rows * stride], width, stride }
    }

    pub(super) fn get(&self, i: usize, j: usize) -> Dd {
        Dd { hi: self.hi[i * self.stride + j], lo: self.lo[i * self.stride + j] }
    }

    pub(super) fn set(&mut self, i: usize, j: usize, x: Dd) {
        self.hi[i * self.stride + j] = x.hi;
        self.lo[i * self.stride + j] = x.lo;
    }

    pub(super) fn row(&self, i: usize) -> Row<'_> {
        let place = i * self.stride..i * self.stride + self.width;
        Row { hi: &self.hi[place.clone()], lo: &self.lo[place] }
    }

    /// A <- (I - `tau` v v') A for the rows from `first` on, as many as `v` has entries, and the columns from the register on that holds
    /// column `from`; those before `from` become useless if they are not 0.
    #[inline(always)]
    pub(super) fn reflect<S: Simd>(&mut self, simd: S, first: usize, from: usize, v: Row<'_>, tau: Dd) {
        let place = first * self.stride..(first + v.hi.len()) * self.stride;
        let (hi, _) = S::as_mut_simd_f64s(&mut self.hi[place.clone()]);
        let (lo, _) = S::as_mut_simd_f64s(&mut self.lo[place]);
        let apart = self.stride / S::F64_LANES;
        let tau = Pair::filled(simd, -tau.hi, -tau.lo);
        for at in from / LANES * LANES / S::F64_LANES..self.width / S::F64_LANES {
            let mut sum = Sum::zero(simd);
            for ((hi, lo), (&v_hi, &v_lo)) in
                hi.chunks_exact(apart).zip(lo.chunks_exact(apart)).zip(v.hi.iter().zip(v.lo))
            {
                sum.add_product(simd, Pair { hi: hi[at], lo: lo[at] }, Pair::filled(simd, v_hi, v_lo));
            }
            let share = sum.normalized(simd).times(simd, tau);
            for ((hi, lo), (&v_hi, &v_lo)) in
                hi.chunks_exact_mut(apart).zip(lo.chunks_exact_mut(apart)).zip(v.hi.iter().zip(v.lo))
            {
                let sum = Pair { hi: hi[at], lo: lo[at] }.plus_product(simd, share, Pair::filled(simd, v_hi, v_lo));
                (hi[at], lo[at]) = (sum.hi, sum.lo);
            }
        }
    }

    /// A <- A (I - `tau` w w') for the rows from `first` on and the columns from the register on that holds column `from`. `w` is a row of as
    /// many entries as A has, 0 in the columns before `from`.
    #[inline(always)]
    pub(super) fn reflect_rows<S: Simd>(&mut self, simd: S, first: usize, from: usize, w: Row<'_>, tau: Dd) {
        let from = from / LANES * LANES;
        let w = w.part(from..self.width);
        let (w_hi, w_lo) = (S::as_simd_f64s(w.hi).0, S::as_simd_f64s(w.lo).0);
        let place = first * self.stride..;
        let rows =
            self.hi[place.clone()].chunks_exact_mut(self.stride).zip(self.lo[place].chunks_exact_mut(self.stride));
        for (hi, lo) in rows {
            let (hi, lo) = (&mut hi[from..self.width], &mut lo[from..self.width]);
            let share = -(tau * dot(simd, Row { hi, lo }, w));
            let share = Pair::filled(simd, share.hi, share.lo);
            let (hi, lo) = (S::as_mut_simd_f64s(hi).0, S::as_mut_simd_f64s(lo).0);
            for ((hi, lo), (&w_hi, &w_lo)) in hi.iter_mut().zip(lo).zip(w_hi.iter().zip(w_lo)) {
                let sum = Pair { hi: *hi, lo: *lo }.plus_product(simd, share, Pair { hi: w_hi, lo: w_lo });
                (*hi, *lo) = (sum.hi, sum.lo);
            }
        }
    }

    /// Turns row `i`, 0 before column `head`, into the v of the reflection with (I - tau v v') x = beta e, x being what the row was and e 1 in
    /// column `head`, where v is 1 too. Returns tau and beta; both are 0 for x = 0.
    #[inline(always)]
    pub(super) fn reflector<S: Simd>(&mut self, simd: S, i: usize, head: usize) -> (Dd, Dd) {
        let place = i * self.stride + head / LANES * LANES..i * self.stride + self.width;
        let (hi, lo) = (&mut self.hi[place.clone()], &mut self.lo[place]);
        // Exactly, so that no square leaves the range.
        let largest = hi.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let Some(size) = exponent(largest) else { return (Dd::ZERO, Dd::ZERO) };
        for x in hi.iter_mut().chain(lo.iter_mut()) {
            *x = x.times_power_of_two(-size);
        }
        let length = dot(simd, Row { hi, lo }, Row { hi, lo }).sqrt();
        let lane = head % LANES;
        let head = Dd { hi: hi[lane], lo: lo[lane] };
        let beta = if head > Dd::ZERO { -length } else { length };
        let inverse = Dd::ONE / (head - beta);
        let inverse = Pair::filled(simd, inverse.hi, inverse.lo);
        for (hi, lo) in S::as_mut_simd_f64s(hi).0.iter_mut().zip(S::as_mut_simd_f64s(lo).0) {
            let product = Pair { hi: *hi, lo: *lo }.times(simd, inverse);
            (*hi, *lo) = (product.hi, product.lo);
        }
        (hi[lane], lo[lane]) = (1.0, 0.0);
        ((beta - head) / beta, beta.times_power_of_two(size))
    }
}

/// a'b, both of the same multiple of [`LANES`] entries.
#[inline(always)]
fn dot<S: Simd>(simd: S, a: Row<'_>, b: Row<'_>) -> Dd {
    let per_block = LANES / S::F64_LANES;
    let blocks = |x| S::as_simd_f64s(x).0.chunks_exact(per_block);
    let mut sums = [Sum::zero(simd); LANES];
    let sums = &mut sums[..per_block];
    for ((a_hi, a_lo), (b_hi, b_lo)) in blocks(a.hi).zip(blocks(a.lo)).zip(blocks(b.hi).zip(blocks(b.lo))) {
        for (k, sum) in sums.iter_mut().enumerate() {
            sum.add_product(simd, Pair { hi: a_hi[k], lo: a_lo[k] }, Pair { hi: b_hi[k], lo: b_lo[k] });
        }
    }
    let (mut lanes, mut errors) = ([0.0; LANES], [0.0; LANES]);
    let registers = S::as_mut_simd_f64s(&mut lanes).0.iter_mut().zip(S::as_mut_simd_f64s(&mut errors).0);
    for ((lanes, errors), sum) in registers.zip(sums) {
        (*lanes, *errors) = (sum.sum, sum.errors);
    }
    // Always in this order.
    for half in [4, 2, 1] {
        for lane in 0..half {
            let (sum, rest) = two_sum(lanes[lane], lanes[lane + half]);
            lanes[lane] = sum;
            errors[lane] += errors[lane + half] + rest;
        }
    }
    Dd::new(lanes[0], errors[0])
}

/// Double-double numbers in two registers.
#[derive(Clone, Copy)]
struct Pair<S: Simd> {
    hi: S::f64s,
    lo: S::f64s,
}

impl<S: Simd> Pair<S> {
    /// hi + lo in every lane.
    #[inline(always)]
    fn filled(simd: S, hi: f64, lo: f64) -> Self {
        Self { hi: simd.splat_f64s(hi), lo: simd.splat_f64s(lo) }
    }

    /// self b without the product of their second words, not normalized.
    #[inline(always)]
    fn product(self, simd: S, b: Self) -> Self {
        let hi = simd.mul_f64s(self.hi, b.hi);
        let error = simd.mul_add_f64s(self.hi, b.hi, simd.neg_f64s(hi));
        let cross = simd.mul_add_f64s(self.hi, b.lo, error);
        Self { hi, lo: simd.mul_add_f64s(self.lo, b.hi, cross) }
    }

    /// self b.
    #[inline(always)]
    fn times(self, simd: S, b: Self) -> Self {
        let product = self.product(simd, b);
        let (hi, lo) = exact_sum(simd, product.hi, product.lo);
        Self { hi, lo }
    }

    /// self + a b.
    #[inline(always)]
    fn plus_product(self, simd: S, a: Self, b: Self) -> Self {
        let product = a.product(simd, b);
        let (sum, rest) = exact_sum(simd, self.hi, product.hi);
        let lo = simd.add_f64s(self.lo, simd.add_f64s(rest, product.lo));
        let hi = simd.add_f64s(sum, lo);
        Self { hi, lo: simd.sub_f64s(lo, simd.sub_f64s(hi, sum)) }
    }
}

/// A sum of products in every lane, with the sum of its rounding errors.
#[derive(Clone, Copy)]
struct Sum<S: Simd> {
    sum: S::f64s,
    errors: S::f64s,
}

impl<S: Simd> Sum<S> {
    #[inline(always)]
    fn zero(simd: S) -> Self {
        Self { sum: simd.splat_f64s(0.0), errors: simd.splat_f64s(0.0) }
    }

    /// self += a b.
    #[inline(always)]
    fn add_product(&mut self, simd: S, a: Pair<S>, b: Pair<S>) {
        let product = a.product(simd, b);
        let (sum, rest) = exact_sum(simd, self.sum, product.hi);
        self.sum = sum;
        self.errors = simd.add_f64s(self.errors, simd.add_f64s(rest, product.lo));
    }

    #[inline(always)]
    fn normalized(self, simd: S) -> Pair<S> {
        let (hi, lo) = exact_sum(simd, self.sum, self.errors);
        Pair { hi, lo }
    }
}

/// The sum in every lane and its rounding error (Knuth).
#[inline(always)]
fn exact_sum<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> (S::f64s, S::f64s) {
    let sum = simd.add_f64s(a, b);
    let b_part = simd.sub_f64s(sum, a);
    let a_part = simd.sub_f64s(sum, b_part);
    (sum, simd.add_f64s(simd.sub_f64s(a, a_part), simd.sub_f64s(b, b_part)))
}

#[cfg(test)]
mod tests;
