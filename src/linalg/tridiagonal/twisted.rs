//! Eigenvectors of a tridiagonal matrix by twisted factorizations, a lane each.
//!
//! T - lambda I is factored from the top down to row k and from the bottom up to it; what is left at the twist k, gamma, belongs to
//! a z with (T - lambda I) z = gamma e_k and z_k = 1, which two recurrences of products give. At the k with the smallest
//! |gamma|, z is an eigenvector up to a residual of about the error of lambda. That takes O(q) operations a vector, nearly all of them
//! alike for all lambda, where rotating a matrix of eigenvectors along with the QL iteration takes some 6 q^2.
//!
//! The price: vectors to eigenvalues that are close are only orthogonal up to u ||T|| over their distance.
//!
//! Sources: Fernando 1997 ("On computing an eigenvector of a tridiagonal matrix"); Dhillon & Parlett 2004 ("Multiple
//! representations to compute orthogonal eigenvectors of symmetric tridiagonal matrices"), getvec.

use super::Tridiagonal;
use crate::linalg::lanes::{Lanes, blend, mask};
use crate::linalg::power_of_two;
use crate::linalg::vector::{LANES, filled};

/// Smallest pivot, in size: what it changes is nothing beside the rounding of T, whose norm is about 1, and quotients stay within
/// range.
const PIVOT: f64 = power_of_two(-120);

/// The multipliers of the two factorizations of T - lambda I, for the eigenvalues in the lanes.
pub(super) struct Twisted {
    /// e_i over pivot i from the top.
    from_top: Vec<Lanes<LANES>>,
    /// e_i over pivot i + 1 from the bottom.
    from_bottom: Vec<Lanes<LANES>>,
}

impl Twisted {
    /// Room for matrices of order `q`.
    pub(super) fn new(q: usize) -> Self {
        Self { from_top: filled([0.0; LANES], q), from_bottom: filled([0.0; LANES], q) }
    }

    /// Unit eigenvectors of `matrix` for the eigenvalues `lambda`: `z[i]` holds their entries i.
    #[inline(always)]
    pub(super) fn eigenvectors(&mut self, matrix: &Tridiagonal, lambda: &Lanes<LANES>, z: &mut [Lanes<LANES>]) {
        self.factor(matrix, lambda);
        let twist = self.twist(matrix, lambda);
        self.substitute(&twist, z);
    }

    #[inline(always)]
    fn factor(&mut self, Tridiagonal { diagonal: d, off_diagonal: e, .. }: &Tridiagonal, lambda: &Lanes<LANES>) {
        let last = e.len();
        let (mut top, mut bottom) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            top[lane] = d[0] - lambda[lane];
            bottom[lane] = d[last] - lambda[lane];
        }
        for i in 0..last {
            let mirrored = last - 1 - i;
            let (quotients, below) = (&mut self.from_top[i], d[i + 1]);
            for lane in 0..LANES {
                quotients[lane] = e[i] / guarded(top[lane]);
                top[lane] = (-e[i]).mul_add(quotients[lane], below - lambda[lane]);
            }
            let (quotients, above) = (&mut self.from_bottom[mirrored], d[mirrored]);
            for lane in 0..LANES {
                quotients[lane] = e[mirrored] / guarded(bottom[lane]);
                bottom[lane] = (-e[mirrored]).mul_add(quotients[lane], above - lambda[lane]);
            }
        }
    }

    /// The k of the smallest |gamma| of every lane.
    #[inline(always)]
    fn twist(
        &self,
        Tridiagonal { diagonal: d, off_diagonal: e, .. }: &Tridiagonal,
        lambda: &Lanes<LANES>,
    ) -> Lanes<LANES> {
        let (mut smallest, mut twist) = ([f64::INFINITY; LANES], [0.0; LANES]);
        let (mut before, mut before_quotients) = (0.0_f64, &[0.0; LANES]);
        for (i, d) in d.iter().enumerate() {
            let (behind, quotients) = (e.get(i).copied().unwrap_or(0.0), &self.from_bottom[i]);
            for lane in 0..LANES {
                let gamma = (-before).mul_add(before_quotients[lane], d - lambda[lane]);
                let gamma = (-behind).mul_add(quotients[lane], gamma).abs();
                let smaller = mask(gamma < smallest[lane]);
                smallest[lane] = blend(smaller, gamma, smallest[lane]);
                twist[lane] = blend(smaller, i as f64, twist[lane]);
            }
            (before, before_quotients) = (behind, &self.from_top[i]);
        }
        twist
    }

    #[inline(always)]
    fn substitute(&self, twist: &Lanes<LANES>, z: &mut [Lanes<LANES>]) {
        let last = z.len() - 1;
        let (mut entry, mut squares) = ([0.0; LANES], [0.0; LANES]);
        for i in (0..=last).rev() {
            for lane in 0..LANES {
                // 0 below the twist, where nothing has begun yet.
                let own = -self.from_top[i][lane] * entry[lane];
                entry[lane] = blend(mask(i as f64 == twist[lane]), 1.0, own);
                squares[lane] = entry[lane].mul_add(entry[lane], squares[lane]);
            }
            z[i] = entry;
        }
        entry = z[0];
        for i in 0..last {
            let own = &mut z[i + 1];
            for lane in 0..LANES {
                let below = mask(i as f64 >= twist[lane]);
                entry[lane] = blend(below, -self.from_bottom[i][lane] * entry[lane], own[lane]);
                squares[lane] = blend(below, entry[lane].mul_add(entry[lane], squares[lane]), squares[lane]);
            }
            *own = entry;
        }
        let mut inverse = [0.0; LANES];
        for lane in 0..LANES {
            inverse[lane] = 1.0 / squares[lane].sqrt();
        }
        for entry in z {
            for lane in 0..LANES {
                entry[lane] *= inverse[lane];
            }
        }
    }
}

/// `pivot`, or one of size [`PIVOT`] where it is smaller.
#[inline(always)]
fn guarded(pivot: f64) -> f64 {
    blend(mask(pivot.abs() < PIVOT), -PIVOT, pivot)
}
