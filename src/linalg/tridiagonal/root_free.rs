//! The QL iteration on a tridiagonal matrix, without square roots in its recurrence.
//!
//! A step is a chain in which every number waits for the one before, so that its length in operations that take long decides:
//! one division, where rotations by their sines and cosines have a root and a division. Where the rotations themselves are
//! wanted, for eigenvectors, they follow beside the chain from the squares of their sines and cosines.
//!
//! Source: Reinsch 1973 (TQLRAT) in the form of LAPACK's dsterf.

use super::{NotConverged, STEP_LIMIT, negligible};

/// Who is told of the rotations.
pub(super) trait Rotations {
    /// Columns i and i + 1 of eigenvectors become c z_i - s z_(i+1) and s z_i + c z_(i+1) for c^2 = `cos_squared`, of the given
    /// sign, and s^2 = `sin_squared`, s >= 0.
    fn rotate(&mut self, i: usize, cos_squared: f64, sin_squared: f64, sign: f64);
    /// Column `i` changes its sign.
    fn negate(&mut self, i: usize);
    /// A step is over.
    fn end_of_step(&mut self);
}

/// Nobody.
impl Rotations for () {
    #[inline(always)]
    fn rotate(&mut self, _: usize, _: f64, _: f64, _: f64) {}
    #[inline(always)]
    fn negate(&mut self, _: usize) {}
    #[inline(always)]
    fn end_of_step(&mut self) {}
}

/// A tridiagonal matrix by its diagonal and the squares of its off-diagonal, whose entries are not negative, on the way to a
/// diagonal one.
pub(super) struct RootFree {
    d: Vec<f64>,
    squares: Vec<f64>,
    /// Steps that are left.
    steps: usize,
}

impl RootFree {
    pub(super) fn new(diagonal: Vec<f64>, off_diagonal: Vec<f64>) -> Self {
        let steps = STEP_LIMIT * diagonal.len();
        Self { d: diagonal, squares: off_diagonal.into_iter().map(|e| e * e).collect(), steps }
    }

    /// The eigenvalues, in no order. Every block is turned round where that brings the smaller end of its diagonal to the front:
    /// it converges first and, in graded matrices, keeps more digits than it would at the other end.
    pub(super) fn eigenvalues(mut self) -> Result<Vec<f64>, NotConverged> {
        let mut start = 0;
        while start < self.d.len() {
            let end = self.end_of_block(start, self.d.len() - 1);
            if self.d[end].abs() < self.d[start].abs() {
                self.d[start..=end].reverse();
                self.squares[start..end].reverse();
            }
            self.solve(start, end, &mut ())?;
            start = end + 1;
        }
        self.finite()
    }

    /// The eigenvalues, eigenvalue k belonging to column k of eigenvectors that `rotations` has been told of.
    #[inline(always)]
    pub(super) fn eigenvectors(mut self, rotations: &mut impl Rotations) -> Result<Vec<f64>, NotConverged> {
        if let Some(end) = self.d.len().checked_sub(1) {
            self.solve(0, end, rotations)?;
        }
        self.finite()
    }

    fn finite(self) -> Result<Vec<f64>, NotConverged> {
        if self.d.iter().all(|d| d.is_finite()) { Ok(self.d) } else { Err(NotConverged) }
    }

    /// The last index, up to `end`, of the block from `start` on that nothing negligible divides.
    #[inline(always)]
    fn end_of_block(&self, start: usize, end: usize) -> usize {
        (start..end).find(|&i| negligible(self.squares[i], self.d[i], self.d[i + 1])).unwrap_or(end)
    }

    /// Makes the block `start` ..= `end` diagonal, from the front.
    #[inline(always)]
    fn solve(&mut self, start: usize, end: usize, rotations: &mut impl Rotations) -> Result<(), NotConverged> {
        for first in start..end {
            loop {
                let last = self.end_of_block(first, end);
                if last == first {
                    break;
                }
                self.steps = self.steps.checked_sub(1).ok_or(NotConverged)?;
                self.step(first, last, rotations);
                rotations.end_of_step();
            }
        }
        Ok(())
    }

    /// One QL step on the block `first` ..= `last` with Wilkinson's shift. In dsterf's words c, s and p are squares: of the
    /// cosine, of the sine, and of what the next rotation turns into the off-diagonal.
    #[inline(always)]
    fn step(&mut self, first: usize, last: usize, rotations: &mut impl Rotations) {
        let root = self.squares[first].sqrt();
        let half_gap = (self.d[first + 1] - self.d[first]) / (2.0 * root);
        let distance = (half_gap * half_gap + 1.0).sqrt();
        let shift = self.d[first] - root / (half_gap + distance.copysign(half_gap));
        let (mut c, mut s) = (1.0, 0.0);
        let mut gamma = self.d[last] - shift;
        let mut p = gamma * gamma;
        // Signs of the last two cosines and of the root of p.
        let (mut sign_of_c, mut sign_of_p) = (1.0_f64, 1.0_f64.copysign(gamma));
        let d = &mut self.d[first..=last];
        let squares = &mut self.squares[first..last];
        for i in (0..last - first).rev() {
            let square = squares[i];
            let sum = p + square;
            if i + 1 < squares.len() {
                squares[i + 1] = s * sum;
            }
            let (old_c, old_p, old_gamma, old_sign) = (c, p, gamma, sign_of_c);
            c = p / sum;
            s = square / sum;
            sign_of_c = sign_of_p;
            rotations.rotate(first + i, c, s, sign_of_c);
            gamma = c * (d[i] - shift) - s * old_gamma;
            d[i + 1] = old_gamma + (d[i] - gamma);
            if c == 0.0 {
                p = old_c * square;
                sign_of_p = -old_sign;
            } else {
                // gamma^2 / c, the quotient beside that of c instead of behind it.
                p = gamma * gamma * (sum / old_p);
                sign_of_p = sign_of_c.copysign(sign_of_c * gamma);
            }
        }
        squares[0] = s * p;
        d[0] = shift + gamma;
        // The new off-diagonal entry has the sign of the root of p; what follows counts on entries that are not negative.
        if sign_of_p < 0.0 {
            rotations.negate(first);
        }
    }
}
