//! One-sided Jacobi: rotate pairs of columns until all are orthogonal.
//!
//! Source: Hestenes 1958; columns sorted by norm before every sweep, after de Rijk 1989; norms are carried along and
//! corrected as in LAPACK's dgesvj (Drmac & Veselic 2008, "New fast and accurate Jacobi SVD algorithm I, II").
//!
//! A rotation waits longer for its angle, a chain of divisions and roots, than for its columns. Therefore disjoint
//! pairs go together: eight angles side by side take hardly longer than one.

use std::ops::Range;

use super::{Columns, Scalar, dot, dot_depth, norm, power_of_two, rotate};
use crate::engine::Convergence;

/// Jacobi sweeps after which the iteration gives up; convergent runs need 3 to 12.
const SWEEP_LIMIT: u32 = 30;

/// Pairs whose angles are computed together, so that their divisions and roots run side by side.
const LANES: usize = 8;

/// Most columns of a block. All pairs between two blocks meet before the next block is looked at, while both are in the
/// first-level cache.
const BLOCK: usize = 16;

/// How a Jacobi iteration ended.
#[derive(Clone, Debug)]
pub struct JacobiReport<T> {
    /// Norms of the columns, nonincreasing: the singular values.
    pub sigma: Vec<T>,
    /// Passes over all pairs, the last one included, which found nothing to rotate.
    pub sweeps: u32,
    /// Largest |cosine| seen in the last pass.
    pub max_cos: f64,
    /// Whether the last pass found nothing to rotate.
    pub convergence: Convergence,
}

/// Rotates the columns of `b` (p x q) in place until every |cosine| between two of them is at most
/// [`orthogonal_enough`], and sorts them by norm, nonincreasing.
///
/// `passengers` (any number of rows, q columns) is rotated and sorted along but takes part in no inner product: the
/// identity becomes V with B_in V = B_out. Entries of `b` must be finite and at most 2^`LARGEST_EXPONENT`. The threshold
/// is relative, so that small columns are as orthogonal as large ones; columns below 2^-`LARGEST_EXPONENT`, which underflow
/// in products and rotation angles keeps from ever becoming orthogonal, become 0.
#[inline(always)]
pub fn one_sided_jacobi<T: Scalar>(b: &mut Columns<T>, passengers: Option<&mut Columns<T>>) -> JacobiReport<T> {
    let mut iteration = Iteration::new(b, passengers);
    let mut sweeps = 0;
    let mut convergence = Convergence::SweepLimit;
    while convergence == Convergence::SweepLimit && sweeps < SWEEP_LIMIT {
        sweeps += 1;
        if iteration.sweep() == 0 {
            convergence = Convergence::Converged;
        }
    }
    iteration.sort();
    JacobiReport { sigma: iteration.sigma, sweeps, max_cos: iteration.max_cos, convergence }
}

/// Largest |cosine| between columns of length `len` that count as orthogonal: as good as inner products can tell, but no
/// better than 2^-70. A singular value is off by half the squares of its cosines at most, and an enclosure, whose inner
/// products are f64, cannot see the difference.
fn orthogonal_enough<T: Scalar>(len: usize) -> f64 {
    (dot_depth(len) as f64 * T::UNIT_ROUNDOFF).max(power_of_two(-70))
}

struct Iteration<'a, T> {
    b: &'a mut Columns<T>,
    passengers: Option<&'a mut Columns<T>>,
    /// Norms of the columns of `b`, as they are at any moment.
    sigma: Vec<T>,
    tolerance: f64,
    /// Columns with a smaller norm count as 0.
    lost: T,
    max_cos: f64,
}

impl<'a, T: Scalar> Iteration<'a, T> {
    #[inline(always)]
    fn new(b: &'a mut Columns<T>, passengers: Option<&'a mut Columns<T>>) -> Self {
        let sigma = vec![T::ZERO; b.cols()];
        let tolerance = orthogonal_enough::<T>(b.rows());
        let lost = T::ONE.times_power_of_two(-T::LARGEST_EXPONENT);
        Self { b, passengers, sigma, tolerance, lost, max_cos: 0.0 }
    }

    /// Sorts the columns and meets every pair once, block by block; returns the number of rotations.
    #[inline(always)]
    fn sweep(&mut self) -> usize {
        self.measure();
        self.sort();
        self.max_cos = 0.0;
        let q = self.sigma.len();
        let blocks = q.div_ceil(BLOCK).max(1);
        let width = q.div_ceil(blocks).max(1);
        let block = |start: usize| start..(start + width).min(q);
        let mut rotations = 0;
        for first in (0..q).step_by(width) {
            for second in (first..q).step_by(width) {
                rotations += self.meet_all(&block(first), &block(second));
            }
        }
        rotations
    }

    /// Meets all pairs (i, j) with i < j, i of the first block and j of the second, which is the same one or lies behind.
    ///
    /// The pairs of one antidiagonal i + j have no column in common and form rounds. Two pairs that do have one meet in the same
    /// order as they would row by row, so that the result is that of the row-cyclic order, bit for bit; a round-robin
    /// tournament, which fills the lanes better, needs a fifth to a half more sweeps for graded matrices.
    #[inline(always)]
    fn meet_all(&mut self, first: &Range<usize>, second: &Range<usize>) -> usize {
        let mut rotations = 0;
        for antidiagonal in first.start + second.start..first.end + second.end - 1 {
            let from = first.start.max((antidiagonal + 1).saturating_sub(second.end));
            let to = first.end.min(antidiagonal + 1 - second.start).min(antidiagonal.div_ceil(2));
            let mut round = Round::default();
            for i in from..to {
                rotations += self.meet(&mut round, i, antidiagonal - i);
            }
            rotations += self.rotate(&mut round);
        }
        rotations
    }

    /// Computes all norms anew and clears the columns that have become too small.
    #[inline(always)]
    fn measure(&mut self) {
        for (j, sigma) in self.sigma.iter_mut().enumerate() {
            *sigma = norm(self.b.column(j));
            if *sigma < self.lost {
                self.b.column_mut(j).fill(T::ZERO);
                *sigma = T::ZERO;
            }
        }
    }

    /// Sorts the columns by norm, nonincreasing.
    #[inline(always)]
    fn sort(&mut self) {
        for i in 0..self.sigma.len() {
            let mut largest = i;
            for j in i + 1..self.sigma.len() {
                if self.sigma[j] > self.sigma[largest] {
                    largest = j;
                }
            }
            if largest != i {
                self.sigma.swap(i, largest);
                self.b.swap_columns(i, largest);
                if let Some(passengers) = &mut self.passengers {
                    passengers.swap_columns(i, largest);
                }
            }
        }
    }

    /// Adds columns `i` and `j` to a round, which is rotated when that fills its lanes. Returns the rotations.
    #[inline(always)]
    fn meet(&mut self, round: &mut Round, i: usize, j: usize) -> usize {
        let (large, small) = if self.sigma[i] < self.sigma[j] { (j, i) } else { (i, j) };
        // What a rotation has just left of a dependent column waits for the next sweep to become 0.
        if self.sigma[small] < self.lost {
            return 0;
        }
        round.pairs[round.count] = (large, small);
        round.count += 1;
        if round.count == LANES { self.rotate(round) } else { 0 }
    }

    /// Makes the pairs of a round orthogonal, those that are not yet, and empties it. Returns the rotations.
    #[inline(always)]
    fn rotate(&mut self, round: &mut Round) -> usize {
        let pairs = &round.pairs[..std::mem::take(&mut round.count)];
        let mut angles = Angles::default();
        for (lane, &(large, small)) in pairs.iter().enumerate() {
            angles.large[lane] = self.sigma[large];
            angles.small[lane] = self.sigma[small];
            angles.cos[lane] = dot(self.b.column(large), self.b.column(small));
        }
        angles.divide_by_norms();
        let mut orthogonal = [true; LANES];
        for (orthogonal, cos) in orthogonal.iter_mut().zip(&angles.cos[..pairs.len()]) {
            let size = cos.abs().to_f64();
            // A NaN stays, and counts as not orthogonal, so that it can never pass for convergence.
            self.max_cos = if size > self.max_cos || size.is_nan() { size } else { self.max_cos };
            *orthogonal = size <= self.tolerance;
        }
        if orthogonal == [true; LANES] {
            return 0;
        }
        angles.solve();
        let mut rotations = 0;
        for (lane, &(large, small)) in pairs.iter().enumerate() {
            if orthogonal[lane] {
                continue;
            }
            rotations += 1;
            let (c, s) = (angles.c[lane], angles.s[lane]);
            rotate_columns(self.b, large, small, c, s);
            if let Some(passengers) = &mut self.passengers {
                rotate_columns(passengers, large, small, c, s);
            }
            self.sigma[large] = angles.large[lane];
            // Where most of the column has cancelled, the norm that was carried along has no digit left.
            let cancelled = angles.left[lane].to_f64() <= T::UNIT_ROUNDOFF.sqrt();
            self.sigma[small] = if cancelled { norm(self.b.column(small)) } else { angles.small[lane] };
        }
        rotations
    }
}

/// (x, y) <- (c x - s y, s x + c y) for x column `large` and y column `small`.
#[inline(always)]
fn rotate_columns<T: Scalar>(columns: &mut Columns<T>, large: usize, small: usize, c: T, s: T) {
    if large < small {
        let (x, y) = columns.pair_mut(large, small);
        rotate(x, y, c, s);
    } else {
        let (y, x) = columns.pair_mut(small, large);
        rotate(x, y, c, s);
    }
}

/// Disjoint pairs of columns, (larger, smaller).
#[derive(Default)]
struct Round {
    pairs: [(usize, usize); LANES],
    count: usize,
}

/// One rotation a lane: norms and cosine of its pair on entry, the angle and the new norms on exit.
struct Angles<T> {
    large: [T; LANES],
    small: [T; LANES],
    /// The inner product until [`Angles::divide_by_norms`].
    cos: [T; LANES],
    c: [T; LANES],
    s: [T; LANES],
    /// Share of the smaller column's squared norm that the rotation leaves, down to 0 where all of it cancels.
    left: [T; LANES],
}

impl<T: Scalar> Default for Angles<T> {
    /// Lanes without a pair hold orthogonal unit vectors.
    #[inline(always)]
    fn default() -> Self {
        let (zero, one) = ([T::ZERO; LANES], [T::ONE; LANES]);
        Self { large: one, small: one, cos: zero, c: one, s: zero, left: one }
    }
}

impl<T: Scalar> Angles<T> {
    #[inline(always)]
    fn divide_by_norms(&mut self) {
        for lane in 0..LANES {
            // One after the other: the product of the norms may underflow.
            self.cos[lane] = self.cos[lane] / self.large[lane] / self.small[lane];
        }
    }

    /// The rotation by the smaller of the two angles that make a pair orthogonal. With a >= b the norms, g the cosine, r = b / a:
    ///
    /// t = s / c = -2 g r / (h + (h^2 + 4 g^2 r^2)^(1/2)), h = 1 - r^2; a^2 grows to a^2 (1 - t g r), b^2 shrinks to b^2 (1 + t g / r).
    ///
    /// Nothing here branches, so that all lanes run side by side, and nothing overflows, r being at most 1.
    #[inline(always)]
    fn solve(&mut self) {
        for lane in 0..LANES {
            let (a, b, cos) = (self.large[lane], self.small[lane], self.cos[lane]);
            let ratio = b / a;
            let gap = (T::ONE + ratio) * (T::ONE - ratio);
            let double = cos + cos;
            let coupling = double * ratio;
            // t / r, which stays accurate where t underflows.
            let slope = double / (gap + (gap * gap + coupling * coupling).sqrt());
            let t = slope * ratio;
            let c = T::ONE / (T::ONE + t * t).sqrt();
            let left = T::ONE - cos * slope;
            self.c[lane] = c;
            self.s[lane] = -(c * t);
            self.left[lane] = left;
            self.large[lane] = a * (T::ONE + cos * ratio * t).sqrt();
            self.small[lane] = b * left.max(T::ZERO).sqrt();
        }
    }
}

#[cfg(test)]
mod tests;
