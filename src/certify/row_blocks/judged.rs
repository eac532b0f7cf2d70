//! What is known of single columns, of A and of B = A V.

use super::super::enclosure::InnerProducts;
use super::super::leading::{Column, ProductError, Weights};
use super::super::rounding::{gamma, up};
use super::{BLOCK_ROWS, RowBlocks};
use crate::linalg::{Dd, Scalar, dot_depth, power_of_two};

/// Lengths of directions for which the bounds below hold.
const LENGTHS: std::ops::Range<f64> = power_of_two(-200)..power_of_two(200);

/// More than all that underflow takes from the entries and the products of directions whose lengths are in [`LENGTHS`], relative to these,
/// for less than 2^60 rows.
const LOST: f64 = power_of_two(-600);

/// What is known of one column of B, and what it is bounded with.
pub(super) struct Judged {
    pub(super) columns: Vec<Column>,
    /// e_j: bounds of the distance of each column from that of the exact B.
    pub(super) errors: Vec<f64>,
    /// Bounds of the norms of A's columns.
    pub(super) norms: Vec<f64>,
    pub(super) products: InnerProducts,
}

impl<T: Scalar> RowBlocks<T> {
    /// Bounds for the columns of A and of B = A V.
    pub(super) fn judge(&self) -> Judged {
        let q = self.gram.cols();
        // Beside a block's: for the sum over blocks, for the result in f64, and for what double-double adds in a rotation.
        let products = InnerProducts::new(dot_depth(BLOCK_ROWS) + 3, LOST);
        let norms: Vec<f64> = self.squares.iter().zip(&self.frame.columns).map(|(s, &k)| self.norm_up(*s, k)).collect();
        let product = ProductError::new::<T>(self.rows, q);
        let weights = Weights::new(&norms);
        let mut errors = Vec::with_capacity(q);
        let columns = (0..q)
            .map(|j| {
                let length = self.gram[(j, j)].to_f64().sqrt();
                let lift = self.frame.lifts[j];
                let error =
                    product.of(weights.of_column(&self.v.column(j)[..q]), self.size_up(length, lift, 1.0, &products));
                errors.push(error);
                self.column(length, lift, error, 1.0, &products)
            })
            .collect();
        Judged { columns, errors, norms, products }
    }

    /// What is known of a column of 2^`lift` times a direction of this computed `length`, the exact one being within `error`.
    pub(super) fn column(&self, length: f64, lift: i32, error: f64, spread: f64, products: &InnerProducts) -> Column {
        let d = length.times_power_of_two(lift);
        let exactly = d.times_power_of_two(-lift) == length;
        let judgeable = LENGTHS.contains(&length) && exactly && spread.is_finite();
        let eta = if judgeable { up(up(error / d) + up(LOST * spread)) } else { f64::INFINITY };
        let size_up = up(self.size_up(length, lift, spread, products) + error);
        // NaN is no size: nothing is known of such a column.
        let size_up = if size_up.is_nan() { f64::INFINITY } else { size_up };
        Column { d: if judgeable { d } else { 0.0 }, length, eta, size_up, spread }
    }

    /// An upper bound of the norm of a column of the computed B.
    fn size_up(&self, length: f64, lift: i32, spread: f64, products: &InnerProducts) -> f64 {
        let error = up(up(products.diagonal * spread) * spread);
        let length = up(up(length * up(up(1.0 + error).sqrt())) + self.lost_squares());
        up(length.times_power_of_two(lift))
    }

    /// An upper bound of the norm of a column of A from its scaled squared norm.
    fn norm_up(&self, square: Dd, size: Option<i32>) -> f64 {
        if size.is_none() && square == Dd::ZERO {
            return 0.0;
        }
        let size = size.unwrap_or(0);
        let relative = up(1.0 + gamma::<f64>(dot_depth(BLOCK_ROWS) + 8));
        let length = up(up(up(square.to_f64().sqrt()) * relative) + self.lost_squares());
        up(length.times_power_of_two(size))
    }

    /// More than underflow takes from a norm: at most 2^-1074 from every square and from every entry.
    fn lost_squares(&self) -> f64 {
        up(up((self.rows as f64).sqrt()) * power_of_two(-530))
    }
}
