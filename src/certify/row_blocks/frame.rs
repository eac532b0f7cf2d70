//! The powers of two that keep squares in the range of f64.

use crate::linalg::{Columns, Scalar, exponent, norm, product, scale_by_power_of_two};

/// The powers of two by which X and X V are scaled, so that no square leaves the range of f64.
#[derive(Clone, Debug)]
pub struct Frame {
    /// A = 2^shift X.
    pub(super) shift: i32,
    /// Column k of A times 2^-`columns[k]` has its largest entry between 1 and 2; nothing for a column of zeros.
    pub(super) columns: Vec<Option<i32>>,
    /// Column j of A V times 2^-`lifts[j]` is the direction n_j.
    pub(super) lifts: Vec<i32>,
}

impl Frame {
    /// For X = Q `r` D, where D are the powers of two with `exponents`, column k of X having its largest entry between 2^`exponents[k]` and
    /// twice that, or being 0. `v` is q x q. A wrong `r` costs width, never truth.
    pub fn new(r: &Columns<f64>, exponents: &[Option<i32>], v: &Columns<f64>) -> Self {
        let shift = exponents.iter().flatten().max().map_or(0, |k| f64::LARGEST_EXPONENT - 1 - k);
        let columns: Vec<Option<i32>> = exponents.iter().map(|exponent| exponent.map(|k| k + shift)).collect();
        let mut a = r.clone();
        for (k, exponent) in columns.iter().enumerate() {
            scale_by_power_of_two(a.column_mut(k), exponent.unwrap_or(0));
        }
        let b = product(&a, v);
        let sizes: Vec<i32> = b.iter().map(|column| exponent(norm(column)).unwrap_or(0)).collect();
        // If r says less than A makes of the column, by rounding, squares still do not overflow.
        let least = sizes.iter().max().map_or(0, |largest| largest - 500);
        Self { shift, columns, lifts: sizes.into_iter().map(|size| size.max(least)).collect() }
    }
}
