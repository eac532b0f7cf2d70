//! Eigenvectors of tridiagonal matrices by twisted factorizations, a lane each: several of one matrix, or one of several.
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

use crate::linalg::lanes::{Lanes, blend, mask};
use crate::linalg::power_of_two;

/// Smallest pivot, in size: what it changes is nothing beside the rounding of T, whose norm is about 1, and quotients stay within
/// range.
const PIVOT: f64 = power_of_two(-120);

/// The multipliers of the two factorizations of T - lambda I, for the matrices and eigenvalues in the lanes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Twisted<const W: usize> {
    /// e_i over pivot i from the top.
    from_top: Vec<Lanes<W>>,
    /// e_i over pivot i + 1 from the bottom.
    from_bottom: Vec<Lanes<W>>,
}

/// Diagonals, q long, and off-diagonals, q - 1 long, of the matrices in the lanes.
#[derive(Clone, Copy)]
pub(super) struct InLanes<'a, const W: usize> {
    pub(super) d: &'a [Lanes<W>],
    pub(super) e: &'a [Lanes<W>],
}

impl<const W: usize> Twisted<W> {
    /// Unit eigenvectors of `matrices` for the eigenvalues `lambda`: `z[i]` holds their entries i.
    #[inline(always)]
    pub(super) fn eigenvectors(&mut self, matrices: InLanes<'_, W>, lambda: &Lanes<W>, z: &mut [Lanes<W>]) {
        self.from_top.resize(z.len(), [0.0; W]);
        self.from_bottom.resize(z.len(), [0.0; W]);
        self.factor(matrices, lambda);
        let twist = self.twist(matrices, lambda);
        self.substitute(&twist, z);
    }

    #[inline(always)]
    fn factor(&mut self, InLanes { d, e }: InLanes<'_, W>, lambda: &Lanes<W>) {
        let last = e.len();
        // Times the 0 behind the off-diagonal, and times the 0 behind the last row: no factor of theirs, so that neither may be
        // what another matrix left here.
        self.from_bottom[last] = [0.0; W];
        self.from_top[last] = [0.0; W];
        let (mut top, mut bottom) = ([0.0; W], [0.0; W]);
        for lane in 0..W {
            top[lane] = d[0][lane] - lambda[lane];
            bottom[lane] = d[last][lane] - lambda[lane];
        }
        for i in 0..last {
            let mirrored = last - 1 - i;
            let (quotients, own, below) = (&mut self.from_top[i], e[i], d[i + 1]);
            for lane in 0..W {
                quotients[lane] = own[lane] / guarded(top[lane]);
                top[lane] = (-own[lane]).mul_add(quotients[lane], below[lane] - lambda[lane]);
            }
            let (quotients, own, above) = (&mut self.from_bottom[mirrored], e[mirrored], d[mirrored]);
            for lane in 0..W {
                quotients[lane] = own[lane] / guarded(bottom[lane]);
                bottom[lane] = (-own[lane]).mul_add(quotients[lane], above[lane] - lambda[lane]);
            }
        }
    }

    /// The k of the smallest |gamma| of every lane.
    #[inline(always)]
    fn twist(&self, InLanes { d, e }: InLanes<'_, W>, lambda: &Lanes<W>) -> Lanes<W> {
        let (mut smallest, mut twist) = ([f64::INFINITY; W], [0.0; W]);
        let (mut before, mut before_quotients) = (&[0.0_f64; W], &[0.0; W]);
        for (i, d) in d.iter().enumerate() {
            let (behind, quotients) = (e.get(i).unwrap_or(&[0.0; W]), &self.from_bottom[i]);
            for lane in 0..W {
                let gamma = (-before[lane]).mul_add(before_quotients[lane], d[lane] - lambda[lane]);
                let gamma = (-behind[lane]).mul_add(quotients[lane], gamma).abs();
                let smaller = mask(gamma < smallest[lane]);
                smallest[lane] = blend(smaller, gamma, smallest[lane]);
                twist[lane] = blend(smaller, i as f64, twist[lane]);
            }
            (before, before_quotients) = (behind, &self.from_top[i]);
        }
        twist
    }

    #[inline(always)]
    fn substitute(&self, twist: &Lanes<W>, z: &mut [Lanes<W>]) {
        let last = z.len() - 1;
        let (mut entry, mut squares) = ([0.0; W], [0.0; W]);
        for i in (0..=last).rev() {
            for lane in 0..W {
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
            for lane in 0..W {
                let below = mask(i as f64 >= twist[lane]);
                entry[lane] = blend(below, -self.from_bottom[i][lane] * entry[lane], own[lane]);
                squares[lane] = blend(below, entry[lane].mul_add(entry[lane], squares[lane]), squares[lane]);
            }
            *own = entry;
        }
        let mut inverse = [0.0; W];
        for lane in 0..W {
            inverse[lane] = 1.0 / squares[lane].sqrt();
        }
        for entry in z {
            for lane in 0..W {
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
