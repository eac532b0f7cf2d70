//! [`super::super::correction`] in lanes of matrices: the same formulas and the same limits, sums in one chain.

use crate::engine::Factors;
use crate::engine::cpu::correction::{Remainder, orthogonal_enough};
use crate::linalg::{Lockstep, Scalar};

/// What is found of E for matrices side by side.
#[derive(Default)]
pub(super) struct Correction<const W: usize> {
    /// q x q: inner products of the columns of V.
    grams: Lockstep<W>,
    /// The q lambda.
    squares: Vec<[f64; W]>,
    inverse_norms: Vec<[f64; W]>,
    found: Found<W>,
}

/// What the formulas say of each lane.
struct Found<const W: usize> {
    squared_norm: [f64; W],
    max_cos: [f64; W],
    rounding: f64,
}

impl<const W: usize> Default for Found<W> {
    fn default() -> Self {
        Self { squared_norm: [0.0; W], max_cos: [0.0; W], rounding: 0.0 }
    }
}

impl<const W: usize> Correction<W> {
    /// Of `v`, q x q, and B = A V = `b`, p x q, which becomes V E. What `e` holds on entry is lost; on exit it is E.
    #[inline(always)]
    pub(super) fn find(&mut self, v: &Lockstep<W>, b: &mut Lockstep<W>, e: &mut Lockstep<W>) {
        let q = v.cols();
        let tolerance = orthogonal_enough(b.rows());
        // The bound of a sum in one chain; the tolerance above stays at its likely size.
        let rounding = b.rows() as f64 * f64::UNIT_ROUNDOFF;
        b.upper_gram(e);
        v.upper_gram(&mut self.grams);
        self.squares.resize(q, [0.0; W]);
        self.inverse_norms.resize(q, [0.0; W]);
        for j in 0..q {
            let (entry, length) = (&mut e[(j, j)], self.grams[(j, j)]);
            for lane in 0..W {
                let square = entry[lane] / length[lane];
                self.squares[j][lane] = square;
                self.inverse_norms[j][lane] = 1.0 / square.sqrt();
                entry[lane] = 0.5 * (1.0 - length[lane]);
            }
        }
        let (mut squared_norm, mut max_cos) = ([0.0; W], [0.0; W]);
        for j in 0..q {
            let (own_square, own_inverse) = (self.squares[j], self.inverse_norms[j]);
            for i in 0..j {
                let (square, inverse, gram) = (self.squares[i], self.inverse_norms[i], self.grams[(i, j)]);
                let (mut above, mut below) = (e[(i, j)], [0.0; W]);
                for lane in 0..W {
                    let coupling = (-0.5 * (own_square[lane] + square[lane])).mul_add(gram[lane], above[lane]);
                    let cos = (coupling * (inverse[lane] * own_inverse[lane])).abs();
                    max_cos[lane] = if cos > max_cos[lane] { cos } else { max_cos[lane] };
                    let size = gram[lane].abs();
                    max_cos[lane] = if size > max_cos[lane] { size } else { max_cos[lane] };
                    let angle = coupling / (own_square[lane] - square[lane]);
                    // A NaN counts, so that it ends the correction.
                    let angle = if cos <= tolerance { 0.0 } else { angle };
                    let half = 0.5 * gram[lane];
                    squared_norm[lane] += 2.0 * (angle * angle + half * half);
                    above[lane] = angle - half;
                    below[lane] = -angle - half;
                }
                (e[(i, j)], e[(j, i)]) = (above, below);
            }
            let own = e[(j, j)];
            for lane in 0..W {
                squared_norm[lane] += own[lane] * own[lane];
            }
        }
        self.found = Found { squared_norm, max_cos, rounding };
        v.product(e, b);
    }

    /// Factors of the matrix in `lane`, 2^`shift` times which was worked on, with V + V E of it, V E being the `change`; nothing where the square of E would count.
    #[inline(always)]
    pub(super) fn factors(&self, lane: usize, v: &Lockstep<W>, change: &Lockstep<W>, shift: i32) -> Option<Factors> {
        let Found { squared_norm, max_cos, rounding } = &self.found;
        let found = Remainder { squared_norm: squared_norm[lane], max_cos: max_cos[lane], rounding: *rounding };
        let squares: Vec<f64> = self.squares.iter().map(|square| square[lane]).collect();
        let corrected = |j: usize, out: &mut [f64]| {
            let sums = v.column(j).iter().zip(change.column(j));
            for (out, (v, change)) in out.iter_mut().zip(sums) {
                *out = v[lane] + change[lane];
            }
        };
        found.is_small().then(|| found.factors(&squares, shift, corrected))
    }
}
