//! Implicit QR steps on bidiagonal matrices, a lane each.
//!
//! Every lane has its own blocks, its own shift and its own end; what a step does to a lane that it does not concern is put back.
//! So the numbers of a lane are those that it would have alone.

use crate::linalg::Scalar;
use crate::linalg::lanes::{Lanes, blend, index, mask};

/// Steps for each singular value after which the iteration gives up; it takes about two.
const STEP_LIMIT: usize = 30;

/// Bidiagonal matrices on their way to diagonal ones.
pub(super) struct Steps<const W: usize> {
    d: Vec<Lanes<W>>,
    e: Vec<Lanes<W>>,
}

/// Where a step works in each lane: the last block that is not diagonal yet, as numbers that fill registers like all others.
struct Blocks<const W: usize> {
    first: Lanes<W>,
    /// 0 in lanes that are done.
    last: Lanes<W>,
}

impl<const W: usize> Steps<W> {
    /// For matrices with the diagonals `d` and the off-diagonals `e`, finite and of size about 1.
    pub(super) fn new(d: Vec<Lanes<W>>, e: Vec<Lanes<W>>) -> Self {
        Self { d, e }
    }

    /// The singular values, in no order; NaN in a lane that did not end.
    #[inline(always)]
    pub(super) fn singular_values(mut self) -> Vec<Lanes<W>> {
        let mut end = self.e.len();
        for _ in 0..STEP_LIMIT * self.d.len() {
            let blocks = self.blocks(end);
            end = largest(&blocks.last);
            if end == 0 {
                break;
            }
            self.step(&blocks, end);
        }
        let unfinished = self.blocks(end).last;
        for d in &mut self.d {
            for lane in 0..W {
                d[lane] = if unfinished[lane] > 0.0 { f64::NAN } else { d[lane].abs() };
            }
        }
        self.d
    }

    /// Sets what is negligible in the first `end` entries of the off-diagonals to 0 and finds the blocks that are left.
    #[inline(always)]
    fn blocks(&mut self, end: usize) -> Blocks<W> {
        let (mut start, mut first, mut last) = ([0.0; W], [0.0; W], [0.0; W]);
        for i in 0..end {
            let (above, below, behind) = (self.d[i], self.d[i + 1], (i + 1) as f64);
            let e = &mut self.e[i];
            for lane in 0..W {
                // As LAPACK and Golub & Van Loan: lost in the rounding of its neighbours.
                let negligible = e[lane].abs() <= f64::UNIT_ROUNDOFF * (above[lane].abs() + below[lane].abs());
                e[lane] = if negligible { 0.0 } else { e[lane] };
                first[lane] = if negligible { first[lane] } else { start[lane] };
                last[lane] = if negligible { last[lane] } else { behind };
                start[lane] = if negligible { behind } else { start[lane] };
            }
        }
        Blocks { first, last }
    }

    /// The first column of B'B - mu I of every block, up to a factor: mu is the eigenvalue of the last 2 x 2 block of B'B that is nearer
    /// to its last entry (Wilkinson).
    #[inline(always)]
    fn shifted(&self, blocks: &Blocks<W>) -> (Lanes<W>, Lanes<W>) {
        let (mut top, mut beside) = ([1.0; W], [0.0; W]);
        let (mut above, mut upper, mut lower, mut corner) = (beside, top, top, beside);
        for lane in 0..W {
            let (first, last) = (index(blocks.first[lane]), index(blocks.last[lane]));
            if last > 0 {
                (top[lane], beside[lane]) = (self.d[first][lane], self.e[first][lane]);
                (upper[lane], lower[lane], corner[lane]) =
                    (self.d[last - 1][lane], self.d[last][lane], self.e[last - 1][lane]);
                above[lane] = if last - 1 > first { self.e[last - 2][lane] } else { 0.0 };
            }
        }
        let (mut y, mut z) = ([0.0; W], [0.0; W]);
        for lane in 0..W {
            let end = lower[lane] * lower[lane] + corner[lane] * corner[lane];
            let half_gap = 0.5 * (upper[lane] * upper[lane] + above[lane] * above[lane] - end);
            let coupling = upper[lane] * corner[lane];
            let square = coupling * coupling;
            let distance = (half_gap * half_gap + square).sqrt();
            let mu = end - square / (half_gap + distance.copysign(half_gap));
            y[lane] = top[lane] * top[lane] - mu;
            z[lane] = top[lane] * beside[lane];
        }
        (y, z)
    }

    /// A QR step on every block: rotations from the right and from the left by turns chase what is off the two diagonals to the end.
    /// Blocks end at `end` at most.
    #[inline(always)]
    fn step(&mut self, blocks: &Blocks<W>, end: usize) {
        let (first_y, first_z) = self.shifted(blocks);
        let begin = smallest_of_unfinished(blocks);
        let (mut y, mut z) = (first_y, first_z);
        for i in begin..end {
            let here = i as f64;
            let before = i.saturating_sub(1);
            let (mut e_before, mut d, mut e, mut d_behind) = (self.e[before], self.d[i], self.e[i], self.d[i + 1]);
            let mut e_behind = self.e.get(i + 1).copied().unwrap_or([0.0; W]);
            let (mut begins, mut inside, mut goes_on) = ([0; W], [0; W], [0; W]);
            for lane in 0..W {
                begins[lane] = mask(here == blocks.first[lane]);
                inside[lane] = mask(here >= blocks.first[lane]) & mask(here < blocks.last[lane]);
                goes_on[lane] = inside[lane] & mask(here + 1.0 < blocks.last[lane]);
            }
            for lane in 0..W {
                y[lane] = blend(begins[lane], first_y[lane], y[lane]);
                z[lane] = blend(begins[lane], first_z[lane], z[lane]);
            }
            let (c, s, r) = rotations(&y, &z);
            let (mut turned_e, mut behind) = ([0.0; W], [0.0; W]);
            for lane in 0..W {
                e_before[lane] = blend(inside[lane] & !begins[lane], r[lane], e_before[lane]);
                y[lane] = s[lane].mul_add(e[lane], c[lane] * d[lane]);
                z[lane] = s[lane] * d_behind[lane];
                turned_e[lane] = (-s[lane]).mul_add(d[lane], c[lane] * e[lane]);
                behind[lane] = c[lane] * d_behind[lane];
            }
            let (c, s, r) = rotations(&y, &z);
            for lane in 0..W {
                y[lane] = s[lane].mul_add(behind[lane], c[lane] * turned_e[lane]);
                z[lane] = s[lane] * e_behind[lane];
                behind[lane] = (-s[lane]).mul_add(turned_e[lane], c[lane] * behind[lane]);
                d[lane] = blend(inside[lane], r[lane], d[lane]);
                e[lane] = blend(inside[lane], y[lane], e[lane]);
                d_behind[lane] = blend(inside[lane], behind[lane], d_behind[lane]);
                e_behind[lane] = blend(goes_on[lane], c[lane] * e_behind[lane], e_behind[lane]);
            }
            if i > 0 {
                self.e[before] = e_before;
            }
            (self.d[i], self.e[i], self.d[i + 1]) = (d, e, d_behind);
            if let Some(e) = self.e.get_mut(i + 1) {
                *e = e_behind;
            }
        }
    }
}

/// c, s and r with c y + s z = r, c z - s y = 0.
#[inline(always)]
fn rotations<const W: usize>(y: &Lanes<W>, z: &Lanes<W>) -> (Lanes<W>, Lanes<W>, Lanes<W>) {
    let (mut c, mut s, mut r) = ([0.0; W], [0.0; W], [0.0; W]);
    for lane in 0..W {
        let square = z[lane].mul_add(z[lane], y[lane] * y[lane]);
        r[lane] = square.sqrt();
        // The quotient beside the root instead of behind it.
        let inverse = r[lane] * (1.0 / square);
        let nothing = mask(square == 0.0);
        c[lane] = blend(nothing, 1.0, y[lane] * inverse);
        s[lane] = blend(nothing, 0.0, z[lane] * inverse);
    }
    (c, s, r)
}

#[inline(always)]
fn largest<const W: usize>(last: &Lanes<W>) -> usize {
    index(last.iter().fold(0.0, |a: f64, &b| a.max(b)))
}

#[inline(always)]
fn smallest_of_unfinished<const W: usize>(blocks: &Blocks<W>) -> usize {
    let unfinished = blocks.first.iter().zip(&blocks.last).filter(|(_, last)| **last > 0.0);
    index(unfinished.fold(f64::INFINITY, |smallest, (&first, _)| smallest.min(first)))
}
