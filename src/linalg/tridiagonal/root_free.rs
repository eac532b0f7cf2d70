//! The QL iteration on tridiagonal matrices without square roots in its recurrence, a lane each.
//!
//! A step is a chain in which every number waits for the one before, so that its length in operations that take long decides:
//! one division, where rotations by their sines and cosines have a root and a division. While it waits, the same step is taken
//! on other matrices. Every lane has its own blocks, its own shift and its own ends; what a step does to a lane that it does not
//! concern is put back, so that the numbers of a lane are those that it would have alone.
//!
//! Source: Reinsch 1973 (TQLRAT) in the form of LAPACK's dsterf.

use super::Entries;
use crate::linalg::lanes::{Lanes, blend, index, mask};
use crate::linalg::vector::filled;
use crate::linalg::{Scalar, power_of_two};

/// QL steps per eigenvalue after which the iteration gives up; it takes less than two.
const STEP_LIMIT: usize = 30;

/// Tridiagonal matrices by their diagonals and the squares of their off-diagonals, on the way to diagonal ones.
pub(super) struct RootFree<const W: usize> {
    d: Vec<Lanes<W>>,
    squares: Vec<Lanes<W>>,
}

/// Where a step works in each lane: the first block that is not diagonal yet.
struct Blocks<const W: usize> {
    first: Lanes<W>,
    /// 0 in lanes that are done.
    last: Lanes<W>,
}

impl<const W: usize> RootFree<W> {
    /// For up to `W` matrices of one order, which is not 0. One with entries that are not finite becomes a NaN that harms no other lane.
    ///
    /// Every block is turned round where that brings the smaller end of its diagonal to the front: it converges first and,
    /// in graded matrices, keeps more digits than it would at the other end.
    #[inline(always)]
    pub(super) fn new(matrices: &[Entries<'_>]) -> Self {
        let order = matrices[0].diagonal.len();
        let mut iteration = Self { d: filled([0.0; W], order), squares: filled([0.0; W], order - 1) };
        for (lane, matrix) in matrices.iter().enumerate() {
            if matrix.diagonal.iter().chain(matrix.off_diagonal).all(|x| x.is_finite()) {
                iteration.put(lane, *matrix);
            } else {
                iteration.d[0][lane] = f64::NAN;
            }
        }
        iteration
    }

    #[inline(always)]
    fn put(&mut self, lane: usize, Entries { diagonal: d, off_diagonal: e }: Entries<'_>) {
        let mut start = 0;
        while start < d.len() {
            let mut end = start;
            while end < e.len() && negligible(e[end] * e[end], d[end], d[end + 1]) == 0 {
                end += 1;
            }
            let turned = d[end].abs() < d[start].abs();
            for i in start..=end {
                self.d[i][lane] = if turned { d[start + end - i] } else { d[i] };
            }
            for i in start..end {
                let e = if turned { e[start + end - 1 - i] } else { e[i] };
                self.squares[i][lane] = e * e;
            }
            start = end + 1;
        }
    }

    /// The eigenvalues, in no order; NaN in a lane that did not end.
    #[inline(always)]
    pub(super) fn eigenvalues(mut self) -> Vec<Lanes<W>> {
        let mut begin = 0;
        for _ in 0..STEP_LIMIT * self.d.len() {
            let blocks = self.blocks(begin);
            let end = index(blocks.last.iter().fold(0.0, |end: f64, &last| end.max(last)));
            if end == 0 {
                break;
            }
            begin = begin_of_unfinished(&blocks);
            self.step(&blocks, begin, end);
        }
        let unfinished = self.blocks(begin).last;
        for d in &mut self.d {
            for lane in 0..W {
                d[lane] = if unfinished[lane] > 0.0 { f64::NAN } else { d[lane] };
            }
        }
        self.d
    }

    /// Sets what is negligible from `begin` on to 0 and finds the first block that is left.
    #[inline(always)]
    fn blocks(&mut self, begin: usize) -> Blocks<W> {
        let (mut end, mut first, mut last) = ([self.squares.len() as f64; W], [0.0; W], [0.0; W]);
        for i in (begin..self.squares.len()).rev() {
            let (above, below, here) = (self.d[i], self.d[i + 1], i as f64);
            let square = &mut self.squares[i];
            for lane in 0..W {
                let negligible = negligible(square[lane], above[lane], below[lane]);
                square[lane] = blend(negligible, 0.0, square[lane]);
                first[lane] = blend(negligible, first[lane], here);
                last[lane] = blend(negligible, last[lane], end[lane]);
                end[lane] = blend(negligible, here, end[lane]);
            }
        }
        Blocks { first, last }
    }

    /// Wilkinson's shift of every block: the eigenvalue of its first 2 x 2 block that is nearer to its first entry.
    #[inline(always)]
    fn shifts(&self, blocks: &Blocks<W>) -> Lanes<W> {
        let (mut upper, mut lower, mut square) = ([0.0; W], [0.0; W], [1.0; W]);
        for lane in 0..W {
            let first = index(blocks.first[lane]);
            if blocks.last[lane] > 0.0 {
                (upper[lane], lower[lane], square[lane]) =
                    (self.d[first][lane], self.d[first + 1][lane], self.squares[first][lane]);
            }
        }
        let mut shifts = [0.0; W];
        for lane in 0..W {
            let root = square[lane].sqrt();
            let half_gap = (lower[lane] - upper[lane]) / (2.0 * root);
            let distance = (half_gap * half_gap + 1.0).sqrt();
            shifts[lane] = upper[lane] - root / (half_gap + distance.copysign(half_gap));
        }
        shifts
    }

    /// A QL step on every block; blocks reach from `begin` to `end` at most. In dsterf's words c, s and p are squares: of the cosine, of the
    /// sine, and of what the next rotation turns into the off-diagonal.
    #[inline(always)]
    fn step(&mut self, blocks: &Blocks<W>, begin: usize, end: usize) {
        let shift = self.shifts(blocks);
        let (mut c, mut s, mut gamma, mut p) = ([1.0; W], [0.0; W], [0.0; W], [1.0; W]);
        let mut behind = self.d[end];
        let mut square_behind = self.squares.get(end).copied().unwrap_or([0.0; W]);
        for i in (begin..end).rev() {
            let here = i as f64;
            let (mut d, mut square) = (self.d[i], self.squares[i]);
            for lane in 0..W {
                let inside = mask(here >= blocks.first[lane]) & mask(here < blocks.last[lane]);
                let begins = mask(here + 1.0 == blocks.last[lane]);
                let ends = inside & mask(here == blocks.first[lane]);
                let from_end = behind[lane] - shift[lane];
                let (old_c, old_s) = (blend(begins, 1.0, c[lane]), blend(begins, 0.0, s[lane]));
                let old_gamma = blend(begins, from_end, gamma[lane]);
                let old_p = blend(begins, from_end * from_end, p[lane]);
                let sum = old_p + square[lane];
                let inverse = 1.0 / sum;
                c[lane] = old_p * inverse;
                s[lane] = square[lane] * inverse;
                gamma[lane] = c[lane] * (d[lane] - shift[lane]) - s[lane] * old_gamma;
                // gamma^2 / c, the quotient beside that of c instead of behind it.
                let quotient = gamma[lane] * gamma[lane] * (sum / old_p);
                p[lane] = blend(mask(c[lane] == 0.0), old_c * square[lane], quotient);
                square_behind[lane] = blend(inside & !begins, old_s * sum, square_behind[lane]);
                behind[lane] = blend(inside, old_gamma + (d[lane] - gamma[lane]), behind[lane]);
                d[lane] = blend(ends, shift[lane] + gamma[lane], d[lane]);
                square[lane] = blend(ends, s[lane] * p[lane], square[lane]);
            }
            self.d[i + 1] = behind;
            if let Some(own) = self.squares.get_mut(i + 1) {
                *own = square_behind;
            }
            (behind, square_behind) = (d, square);
        }
        self.d[begin] = behind;
        self.squares[begin] = square_behind;
    }
}

/// Whether an off-diagonal entry with this square is lost in the rounding of its neighbours on the diagonal, or of the
/// norm of the matrix, which is about 1: as a mask.
#[inline(always)]
fn negligible(square: f64, above: f64, below: f64) -> u64 {
    const FLOOR: f64 = power_of_two(-300);
    let roundoff = f64::UNIT_ROUNDOFF * f64::UNIT_ROUNDOFF;
    mask(square <= roundoff * (above * below).abs()) | mask(square < FLOOR)
}

#[inline(always)]
fn begin_of_unfinished<const W: usize>(blocks: &Blocks<W>) -> usize {
    let unfinished = blocks.first.iter().zip(&blocks.last).filter(|(_, last)| **last > 0.0);
    index(unfinished.fold(f64::INFINITY, |begin, (&first, _)| begin.min(first)))
}
