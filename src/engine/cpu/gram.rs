//! The Gram matrix of one X, reduced to tridiagonal form, and what its eigenvalues tell.

use crate::engine::{GramSpectrum, Route};
use crate::linalg::{Columns, NotConverged, ReductionRoom, Scalar, Tridiagonal, eigenvalues, exponent, power_of_two};

/// Largest ratio of squared norms of columns that may go through the Gram matrix: norms of up to 8 times the smallest.
const NORM_RATIO_SQUARED: f64 = 64.0;

/// Least ratio of the eigenvalues of A'A that may: kappa up to 1e3.
const EIGENVALUE_RATIO: f64 = 1e-6;

/// Matrices whose largest entry is of this size, up or down, as a power of two, stay as they are: squares of it leave enough room.
const SAFE_EXPONENT: i32 = 100;

/// Closest distance of two eigenvalues, as a share of the largest, whose eigenvectors are worth a correction: theirs are orthogonal up to u over this
/// distance, so that nearer ones are beyond it ([`super::correction`]) but for luck.
const CLOSEST: f64 = 1e-9;

/// What is done with a matrix whose Gram matrix is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Its eigenvectors are corrected, all at once.
    Correction,
    /// Its eigenvectors are where rotations begin.
    Rotations,
    /// Cold Jacobi: it may do harm.
    Jacobi,
}

/// Eigenvalues of a reduced Gram matrix, nonincreasing.
pub(super) type Eigenvalues = Result<Vec<f64>, NotConverged>;

/// What a Gram matrix was formed from, and by which powers of two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scaling {
    /// q.
    pub(super) order: usize,
    /// A = 2^`shift` X.
    pub(super) shift: i32,
    /// 2^-`size` A'A was reduced, whose largest entry is about 1.
    pub(super) size: i32,
    /// Of the columns of A: the largest squared norm over the smallest.
    pub(super) norm_ratio_squared: f64,
}

impl Scaling {
    /// The `shift` of an X whose largest entry has the size `largest`: 0 while squares of it leave enough room, else what brings it near 1,
    /// within 2^75 at the ends of the range.
    pub(super) fn shift_of(largest: f64) -> i32 {
        let size = exponent(largest).unwrap_or(0);
        if size.abs() <= SAFE_EXPONENT { 0 } else { (-size).clamp(-1000, 1000) }
    }

    /// Of a Gram matrix whose diagonal has this `smallest` and `largest` entry.
    pub(super) fn new(order: usize, shift: i32, smallest: f64, largest: f64) -> Self {
        // No entry is larger than the largest on the diagonal.
        Self { order, shift, size: exponent(largest).unwrap_or(0), norm_ratio_squared: largest / smallest }
    }

    /// Where a matrix goes whose Gram matrix has these eigenvalues.
    pub(super) fn way(&self, eigenvalues: &Eigenvalues) -> Way {
        let Ok(values) = eigenvalues else { return Way::Jacobi };
        let Some((&largest, &smallest)) = values.first().zip(values.last()) else { return Way::Jacobi };
        let harmless =
            self.norm_ratio_squared <= NORM_RATIO_SQUARED && smallest > 0.0 && smallest >= EIGENVALUE_RATIO * largest;
        let apart = |pair: &[f64]| pair[0] - pair[1] >= CLOSEST * largest;
        match (harmless, values.windows(2).all(apart)) {
            (true, true) => Way::Correction,
            (true, false) => Way::Rotations,
            (false, _) => Way::Jacobi,
        }
    }

    /// The spectrum of X'X. An eigenvalue below 0 is 0 but for rounding, and as large as that. All NaN should the iteration not
    /// have converged, which finite entries give it no reason for.
    pub(super) fn spectrum(&self, eigenvalues: Eigenvalues) -> GramSpectrum {
        let mut squares = eigenvalues.unwrap_or_else(|_| vec![f64::NAN; self.order]);
        // A power of two that has a root.
        let (half, odd) = (self.size.div_euclid(2), self.size.rem_euclid(2));
        for square in &mut squares {
            *square = square.abs().times_power_of_two(odd);
        }
        squares.sort_unstable_by(|a, b| b.total_cmp(a));
        let roots = squares.into_iter().map(|square| square.sqrt().times_power_of_two(half - self.shift)).collect();
        GramSpectrum { roots, route: Route::CpuF64 }
    }
}

/// A'A, reduced.
pub(super) struct Gram {
    pub(super) reduced: Tridiagonal,
    pub(super) scaling: Scaling,
}

impl Gram {
    /// Of Gram matrices of one order, each of 2^shift X for the shift beside it, whose upper triangles are given.
    pub(super) fn reduced(grams: Vec<(Columns<f64>, i32)>, room: &mut ReductionRoom) -> Vec<Self> {
        let (mut scaled, mut scalings) = (Vec::with_capacity(grams.len()), Vec::with_capacity(grams.len()));
        for (mut gram, shift) in grams {
            let (mut smallest, mut largest) = (f64::INFINITY, 0.0_f64);
            for j in 0..gram.cols() {
                smallest = smallest.min(gram[(j, j)]);
                largest = largest.max(gram[(j, j)]);
            }
            let scaling = Scaling::new(gram.cols(), shift, smallest, largest);
            let scale = power_of_two(-scaling.size);
            for entry in gram.as_mut_slice() {
                *entry *= scale;
            }
            scaled.push(gram);
            scalings.push(scaling);
        }
        room.reduced(scaled).into_iter().zip(scalings).map(|(reduced, scaling)| Self { reduced, scaling }).collect()
    }

    /// [`Scaling::spectrum`] of this matrix by itself.
    pub(super) fn spectrum_alone(&self) -> GramSpectrum {
        let values = eigenvalues(&[self.reduced.entries()]).pop().unwrap_or(Err(NotConverged));
        self.scaling.spectrum(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_close_or_harmed_goes_other_ways() {
        let way = |values: &[f64]| Scaling::new(values.len(), 0, 1.0, 4.0).way(&Ok(values.to_vec()));
        assert_eq!(way(&[2.0, 1.0, 0.5]), Way::Correction);
        assert_eq!(way(&[2.0]), Way::Correction);
        assert_eq!(way(&[2.0, 1.0 + 4e-9, 1.0]), Way::Correction);
        assert_eq!(way(&[2.0, 1.0 + 1e-9, 1.0]), Way::Rotations);
        assert_eq!(way(&[1.0; 5]), Way::Rotations);
        for smallest in [1e-7, 0.0, -1e-17] {
            assert_eq!(way(&[1.0, smallest]), Way::Jacobi, "{smallest:e}");
        }
        assert_eq!(Scaling::new(2, 0, 1.0, 65.0).way(&Ok(vec![2.0, 1.0])), Way::Jacobi);
        assert_eq!(Scaling::new(2, 0, 1.0, 1.0).way(&Err(NotConverged)), Way::Jacobi);
    }
}
