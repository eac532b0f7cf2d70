//! Mean and spread of every column, in double-double, from one pass.

use rayon::prelude::*;

use crate::data::{DataError, RowFile};
use crate::linalg::{Dd, Scalar, exponent, scale_by_power_of_two, vectorized};
use crate::matrix::Matrix;

/// One column, all sums taken of its entries times 2^-`shift`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    /// The largest entry is between 2^shift and twice that; nothing where all are 0.
    pub(super) shift: Option<i32>,
    pub(super) count: usize,
    pub(super) mean: Dd,
    /// Sum of squared deviations from the mean.
    deviations: Dd,
    /// Sum of squares.
    squares: Dd,
    least: f64,
    most: f64,
}

impl Moments {
    /// Of no entry.
    const NONE: Self = Self {
        shift: None,
        count: 0,
        mean: Dd::ZERO,
        deviations: Dd::ZERO,
        squares: Dd::ZERO,
        least: f64::INFINITY,
        most: f64::NEG_INFINITY,
    };

    /// Of all columns of X in `file`.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn of(file: &RowFile<'_>) -> Result<Vec<Self>, DataError> {
        let mut all = vec![Self::NONE; file.width()];
        file.each_group(&mut |chunks, _| {
            let parts: Vec<Vec<Self>> = chunks.par_iter().map(|chunk| Self::of_rows(&chunk.x)).collect();
            for part in parts {
                all.iter_mut().zip(part).for_each(|(all, part)| *all = all.joined(part));
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Of the columns of `x`.
    pub(super) fn of_rows(x: &Matrix) -> Vec<Self> {
        vectorized(
            #[inline(always)]
            || {
                let mut moments = Vec::with_capacity(x.cols());
                for j in 0..x.cols() {
                    moments.push(Self::of_column(&x.column(j)));
                }
                moments
            },
        )
    }

    #[inline(always)]
    fn of_column(column: &[f64]) -> Self {
        if column.is_empty() {
            return Self::NONE;
        }
        let shift = exponent(crate::linalg::max_abs(column));
        let mut scaled = column.to_vec();
        scale_by_power_of_two(&mut scaled, -shift.unwrap_or(0));
        let mut sum = Dd::ZERO;
        for &x in &scaled {
            sum += Dd::from_f64(x);
        }
        let mean = sum / Dd::from_f64(column.len() as f64);
        let (mut deviations, mut squares) = (Dd::ZERO, Dd::ZERO);
        for &x in &scaled {
            let (x, apart) = (Dd::from_f64(x), Dd::from_f64(x) - mean);
            deviations += apart * apart;
            squares += x * x;
        }
        let least = column.iter().copied().fold(f64::INFINITY, f64::min);
        let most = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { shift, count: column.len(), mean, deviations, squares, least, most }
    }

    /// Of the entries of both (Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance").
    fn joined(self, other: Self) -> Self {
        if self.count == 0 || other.count == 0 {
            return if self.count == 0 { other } else { self };
        }
        let shift = self.shift.max(other.shift);
        let (a, b) = (self.shifted_to(shift), other.shifted_to(shift));
        let count = |count: usize| Dd::from_f64(count as f64);
        let (of_a, of_b, of_all) = (count(a.count), count(b.count), count(a.count + b.count));
        let apart = b.mean - a.mean;
        Self {
            shift,
            count: a.count + b.count,
            mean: a.mean + apart * of_b / of_all,
            deviations: a.deviations + b.deviations + apart * apart * of_a * of_b / of_all,
            squares: a.squares + b.squares,
            least: a.least.min(b.least),
            most: a.most.max(b.most),
        }
    }

    fn shifted_to(self, shift: Option<i32>) -> Self {
        let by = self.shift.unwrap_or(0) - shift.unwrap_or(0);
        Self {
            mean: self.mean.times_power_of_two(by),
            deviations: self.deviations.times_power_of_two(2 * by),
            squares: self.squares.times_power_of_two(2 * by),
            ..self
        }
    }

    /// The value of all entries, if there is but one.
    pub(super) fn constant(&self) -> Option<f64> {
        (self.count > 0 && self.least == self.most).then_some(self.least)
    }

    /// Euclidean length, over 2^shift.
    pub(super) fn length(&self) -> Dd {
        self.squares.sqrt()
    }

    /// Standard deviation with n - 1, over 2^shift.
    pub(super) fn deviation(&self) -> Dd {
        (self.deviations / Dd::from_f64((self.count.max(2) - 1) as f64)).sqrt()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_any_size_and_scale_give_the_moments_of_the_whole() {
        for scale in [1.0, 1e300, 1e-300] {
            // Far from 0 beside its spread: naive sums of squares lose everything.
            let column: Vec<f64> = (0..100).map(|i| scale * (1.0 + f64::from(i % 10) * 1e-9)).collect();
            let whole = Moments::of_column(&column);
            let parts = [0..1, 1..4, 4..4, 4..90, 90..100].map(|range| Moments::of_column(&column[range]));
            let joined = parts.into_iter().fold(Moments::NONE, Moments::joined);
            let shift = joined.shift.unwrap();
            assert_eq!((joined.count, joined.shift, joined.constant()), (100, whole.shift, None));
            let unit = |x: Dd| x.to_f64().times_power_of_two(shift) / scale;
            assert!((unit(joined.mean) - (1.0 + 4.5e-9)).abs() < 1e-15);
            assert!((unit(joined.length()) - 10.0 * (1.0 + 4.5e-9)).abs() < 1e-14);
            // The ten deviations -4.5 ... 4.5 in steps of 1e-9: variance 8.25 * 100 / 99, up to the rounding of the entries.
            let expected = (825.0_f64 / 99.0).sqrt() * 1e-9;
            for moments in [whole, joined] {
                assert!((unit(moments.deviation()) / expected - 1.0).abs() < 1e-6, "{:e}", unit(moments.deviation()));
            }
            assert!(((joined.deviation() - whole.deviation()) / whole.deviation()).to_f64().abs() < 1e-25);
        }
    }

    #[test]
    fn constants_are_recognised() {
        assert_eq!(Moments::of_column(&[2.5; 7]).constant(), Some(2.5));
        assert_eq!(Moments::of_column(&[0.0; 7]).constant(), Some(0.0));
        assert_eq!(Moments::of_column(&[2.5, 2.5, 2.5_f64.next_up()]).constant(), None);
        assert_eq!(Moments::NONE.constant(), None);
    }
}
