//! The bidiagonal problem under a penalty, for as many penalties side by side as there are lanes.

use super::errors::Sensitivity;
use super::reduction::Bidiagonal;
use crate::linalg::double_word::fast_two_sum;
use crate::linalg::pairs::Pairs;
use crate::linalg::vector::LANES;
use crate::linalg::{Dd, Scalar};

/// c and s with (c s; -s c) (a, b)' = (r, 0)', and 1 / r.
struct Rotation {
    c: Dd,
    s: Dd,
    inverse: Dd,
}

impl Rotation {
    /// Not finite where the squares of both leave the range, or both numbers are 0.
    #[inline(always)]
    fn of(a: Dd, b: Dd) -> Self {
        let square = a * a + b * b;
        // As `Dd::sqrt`, without its cases, around which the lanes would part.
        let root = square.hi.sqrt();
        let residual = root.mul_add(-root, square.hi) + square.lo;
        let (hi, lo) = fast_two_sum(root, residual / (root + root));
        let inverse = Dd::ONE / Dd { hi, lo };
        Self { c: a * inverse, s: b * inverse, inverse }
    }
}

/// One number of every lane.
#[derive(Clone, Copy)]
struct Lanes {
    hi: [f64; LANES],
    lo: [f64; LANES],
}

impl Lanes {
    const ZERO: Self = Self { hi: [0.0; LANES], lo: [0.0; LANES] };

    #[inline(always)]
    fn get(&self, lane: usize) -> Dd {
        Dd { hi: self.hi[lane], lo: self.lo[lane] }
    }

    #[inline(always)]
    fn set(&mut self, lane: usize, x: Dd) {
        self.hi[lane] = x.hi;
        self.lo[lane] = x.lo;
    }
}

/// A row of the triangle T that the rotations leave, divided by its diagonal entry: z_i + f z_{i+1} = g.
#[derive(Clone, Copy)]
struct Row {
    g: Lanes,
    f: Lanes,
    /// 1 over the diagonal entry.
    inverse: [f64; LANES],
}

impl Row {
    const ZERO: Self = Self { g: Lanes::ZERO, f: Lanes::ZERO, inverse: [0.0; LANES] };
}

impl Bidiagonal {
    /// Columns `first` .. `first + LANES` of `z` <- what minimises ||B z - U'h||^2 + root^2 ||z||^2 for each of `roots`, by rotations of the
    /// rows root e_i' into those of B (Elden 1977). Returns how sensitive each is to a relative error of [B; root I], whose norm without
    /// the penalty is `norm`.
    #[inline(always)]
    pub(super) fn solve(&self, roots: &[Dd; LANES], norm: f64, z: &mut Pairs, first: usize) -> [Sensitivity; LANES] {
        let mut penalty = Lanes::ZERO;
        for (lane, &root) in roots.iter().enumerate() {
            penalty.set(lane, root);
        }
        let mut triangle = vec![Row::ZERO; self.d.len()];
        let last = triangle.len() - 1;
        let mut residual_squared = [self.rest * self.rest; LANES];
        // The row that is being taken in: `carry` in column i, and its right side.
        let (mut carry, mut carried) = (penalty, Lanes::ZERO);
        for (i, row) in triangle.iter_mut().enumerate() {
            let (d, e, h) = (self.d[i], self.e[i], self.h.get(0, i));
            for (lane, residual_squared) in residual_squared.iter_mut().enumerate() {
                let (below, right) = (carry.get(lane), carried.get(lane));
                let turn = Rotation::of(d, below);
                row.g.set(lane, (turn.c * h + turn.s * right) * turn.inverse);
                row.f.set(lane, turn.c * e * turn.inverse);
                row.inverse[lane] = turn.inverse.hi;
                // What is left of it stands in column i + 1, where the next row of the penalty takes it in; there is none behind the last.
                let (left, right) = (-(turn.s * e), turn.c * right - turn.s * h);
                let lost = if i == last {
                    right.hi
                } else {
                    let root = penalty.get(lane);
                    let turn = Rotation::of(root, left);
                    carry.set(lane, turn.c * root + turn.s * left);
                    carried.set(lane, turn.s * right);
                    turn.c.hi * right.hi
                };
                *residual_squared += lost * lost;
            }
        }
        // Row sums of |T^-1|, which for a bidiagonal T take the same recurrence as z (Higham, Accuracy and Stability, 2nd ed., 8.3).
        let (mut next, mut row_sum, mut largest, mut squares) =
            (Lanes::ZERO, [0.0_f64; LANES], [0.0_f64; LANES], [0.0_f64; LANES]);
        for (i, row) in triangle.iter().enumerate().rev() {
            for lane in 0..LANES {
                let entry = row.g.get(lane) - row.f.get(lane) * next.get(lane);
                next.set(lane, entry);
                row_sum[lane] = row.inverse[lane].abs() + row.f.hi[lane].abs() * row_sum[lane];
                largest[lane] = if row_sum[lane] > largest[lane] { row_sum[lane] } else { largest[lane] };
                squares[lane] += entry.hi * entry.hi;
            }
            for lane in 0..LANES {
                z.set(i, first + lane, next.get(lane));
            }
        }
        let dimension = self.d.len() as f64;
        std::array::from_fn(|lane| {
            let inverse_norm = dimension.sqrt() * largest[lane];
            let size = squares[lane].sqrt();
            let moved = (norm + roots[lane].hi) * (size + inverse_norm * residual_squared[lane].sqrt());
            Sensitivity { inverse_norm, moved, size }
        })
    }
}
