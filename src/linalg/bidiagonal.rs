//! Singular values through a bidiagonal matrix: reduction by reflections from both sides, then implicit QR steps.
//!
//! Both are backward stable: the singular values are exact for a matrix that differs from the given one by a small multiple of u
//! in norm, so that the error of `sigma_i` is about u `sigma_1 / sigma_i` relative to it. Values alone take 4 p q^2 - 4/3 q^3
//! operations and O(q^2) this way, where rotations of pairs of columns take some 30 q^3.
//!
//! A QR step is a chain of roots and divisions in which every number waits for the one before; so it runs for several matrices
//! side by side, a lane each. The reduction does so too while that many matrices fit into the cache, and otherwise takes one
//! after the other with its rows in the lanes: one algorithm in two layouts. Nothing in a lane depends on the others, nor
//! on how many there are, so that a matrix has the same singular values in any company, to the bit.
//!
//! Sources: Golub & Van Loan 2013, sections 5.4 and 8.6; Howell, Demmel, Fulton, Hammarling & Marmol 2008 ("Cache efficient
//! bidiagonalization using BLAS 2.5 operators") for the two passes that the reduction makes for a column.

mod layout;
mod passes;
mod reduction;
mod steps;

use super::lanes::Lanes;
use super::vector::{LANES, filled};
use super::{Scalar, exponent, padded_tall, power_of_two, vectorized};
use crate::matrix::Matrix;
use layout::{Layout, MatrixPerLane, RowsInLanes};
use reduction::Reduction;
use steps::Steps;

/// How many matrices [`bidiagonal_values`] takes at a time: with four registers of AVX2 for each number as much is under way
/// as fits into the time that a root takes.
pub const TOGETHER: usize = 2 * LANES;

/// From this order on matrices are reduced one by one, their rows in the lanes. Measured: at 64 lanes of matrices take four fifths of
/// the time, at 32 two thirds.
const ALONE_FROM: usize = 72;

/// From this number of matrices on a reduction of all lanes is faster than one lane for each.
const FEW: usize = 3;

/// Largest ratio of squared norms of columns that go this way: norms of up to 8 times the smallest.
const NORM_RATIO_SQUARED: f64 = 64.0;

/// Largest kappa that goes this way.
const KAPPA: f64 = 1e3;

/// The singular values of up to [`TOGETHER`] matrices of one shape (n x d, finite, no dimension 0), nonincreasing. Nothing for
/// a matrix to which this may do harm that Jacobi's method does not: its columns are of different size, or kappa is beyond 1e3.
pub fn bidiagonal_values(matrices: &[&Matrix]) -> Vec<Option<Vec<f64>>> {
    debug_assert!(matrices.len() <= TOGETHER, "{} matrices", matrices.len());
    vectorized(
        #[inline(always)]
        || match matrices.len() {
            0 => Vec::new(),
            1 => values_in_lanes::<1>(matrices),
            2..=4 => values_in_lanes::<4>(matrices),
            _ => values_in_lanes::<TOGETHER>(matrices),
        },
    )
}

/// [`bidiagonal_values`] with QR steps in `W` lanes.
#[inline(always)]
fn values_in_lanes<const W: usize>(matrices: &[&Matrix]) -> Vec<Option<Vec<f64>>> {
    let order = matrices[0].rows().min(matrices[0].cols());
    let shifts: Vec<i32> = matrices.iter().map(|x| shift_of(x)).collect();
    let mut bidiagonals = Bidiagonals::<W>::zeros(order);
    for first in (0..matrices.len()).step_by(LANES) {
        let group = first..matrices.len().min(first + LANES);
        if order < ALONE_FROM && group.len() >= FEW {
            bidiagonals.take_together::<LANES>(&matrices[group.clone()], &shifts[group], first);
            continue;
        }
        for lane in group {
            if order < ALONE_FROM {
                bidiagonals.take_together::<1>(&[matrices[lane]], &[shifts[lane]], lane);
            } else {
                bidiagonals.take_alone(matrices[lane], shifts[lane], lane);
            }
        }
    }
    let values = bidiagonals.values();
    let of_lane = |(lane, shift): (usize, &i32)| in_order(values.iter().map(|value| value[lane]), *shift);
    shifts.iter().enumerate().map(of_lane).collect()
}

/// The exponent of the power of two that brings the largest entry near 1: within 2^75 where it is at the ends of the range.
#[inline(always)]
fn shift_of(x: &Matrix) -> i32 {
    exponent(x.max_abs()).map_or(0, |k| -k).clamp(-1000, 1000)
}

/// Singular values of 2^-`shift` times the matrix that has those given, nonincreasing; nothing if kappa is beyond [`KAPPA`].
#[inline(always)]
fn in_order(values: impl Iterator<Item = f64>, shift: i32) -> Option<Vec<f64>> {
    let mut sigma: Vec<f64> = values.collect();
    sigma.sort_unstable_by(|a, b| b.total_cmp(a));
    // NaN comes first, and then nothing is below it.
    let (largest, smallest) = (*sigma.first()?, *sigma.last()?);
    let within_reach = smallest > 0.0 && largest <= KAPPA * smallest;
    within_reach.then(|| sigma.iter().map(|value| value.times_power_of_two(-shift)).collect())
}

/// Bidiagonal matrices, a lane each; 0 in lanes that are not used, or not to be.
struct Bidiagonals<const W: usize> {
    /// Diagonals, q long.
    d: Vec<Lanes<W>>,
    /// What is right of them, q - 1 long.
    e: Vec<Lanes<W>>,
}

impl<const W: usize> Bidiagonals<W> {
    fn zeros(order: usize) -> Self {
        Self { d: filled([0.0; W], order), e: filled([0.0; W], order - 1) }
    }

    /// Reduces 2^shift X for up to `N` matrices X of one shape and puts them into the lanes from `first` on.
    #[inline(always)]
    fn take_together<const N: usize>(&mut self, matrices: &[&Matrix], shifts: &[i32], first: usize) {
        let q = self.d.len();
        let p = matrices[0].as_slice().len() / q;
        let mut reduction = Reduction::<N, MatrixPerLane>::zeros(p, q);
        for (lane, (x, shift)) in matrices.iter().zip(shifts).enumerate() {
            let scale = power_of_two(*shift);
            for j in 0..q {
                let column = reduction.column_mut(j).iter_mut();
                if x.rows() < x.cols() {
                    column.zip(x.row(j)).for_each(|(block, entry)| block[lane] = scale * entry);
                } else {
                    let entries = x.as_slice()[j..].iter().step_by(q);
                    column.zip(entries).for_each(|(block, entry)| block[lane] = scale * entry);
                }
            }
        }
        let similar = similar(&reduction);
        let (d, e) = reduction.bidiagonal();
        for lane in (0..matrices.len()).filter(|&lane| similar[lane]) {
            self.put(first + lane, &d, &e, lane);
        }
    }

    /// Reduces 2^`shift` `x` and puts it into `lane`.
    #[inline(always)]
    fn take_alone(&mut self, x: &Matrix, shift: i32, lane: usize) {
        let mut reduction = Reduction::<LANES, RowsInLanes>::zeros(x.rows().max(x.cols()), self.d.len());
        for (j, column) in padded_tall(x, shift).iter().enumerate() {
            reduction.column_mut(j).copy_from_slice(column.as_chunks().0);
        }
        if similar(&reduction)[0] {
            let (d, e) = reduction.bidiagonal();
            self.put(lane, &d, &e, 0);
        }
    }

    /// `lane` <- lane `from` of the given diagonals.
    #[inline(always)]
    fn put<const N: usize>(&mut self, lane: usize, d: &[Lanes<N>], e: &[Lanes<N>], from: usize) {
        for (own, given) in self.d.iter_mut().chain(&mut self.e).zip(d.iter().chain(e)) {
            own[lane] = given[from];
        }
    }

    /// The singular values of every lane, in no order; 0 where the entries alone show that kappa is beyond [`KAPPA`].
    #[inline(always)]
    fn values(mut self) -> Vec<Lanes<W>> {
        let (mut smallest, mut largest, mut sum) = ([f64::INFINITY; W], [0.0; W], [0.0; W]);
        for block in &self.d {
            for lane in 0..W {
                // At least sigma_min: 1 / d_i is an entry of the inverse.
                let size = block[lane].abs();
                smallest[lane] = if size < smallest[lane] { size } else { smallest[lane] };
            }
        }
        for block in self.d.iter().chain(&self.e) {
            for lane in 0..W {
                // At most sigma_max.
                let size = block[lane].abs();
                largest[lane] = if size > largest[lane] { size } else { largest[lane] };
                sum[lane] += size;
            }
        }
        for lane in 0..W {
            // The comparisons above drop NaN, the sum does not.
            let within_reach = largest[lane] <= KAPPA * smallest[lane] && sum[lane].is_finite();
            if !within_reach {
                self.d.iter_mut().chain(&mut self.e).for_each(|block| block[lane] = 0.0);
            }
        }
        Steps::new(self.d, self.e).singular_values()
    }
}

/// Whether the norms of the columns are similar enough, by lane.
#[inline(always)]
fn similar<const W: usize, L: Layout<W>>(reduction: &Reduction<W, L>) -> [bool; W] {
    let (smallest, largest) = reduction.extreme_squares();
    std::array::from_fn(|lane| largest[lane] <= NORM_RATIO_SQUARED * smallest[lane])
}

#[cfg(test)]
mod tests;
