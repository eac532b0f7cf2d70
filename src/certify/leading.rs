//! B = A V, column by column: a direction, a size and how far both may be from those of the exact product.

use std::borrow::Cow;

use super::departure::UNDERFLOW;
use super::rounding::{Inflation, gamma, up};
use crate::linalg::{
    Columns, LANES, Scalar, dot_depth, exponent, max_abs, padded_dot, power_of_two, product_depth,
    scale_by_power_of_two,
};

/// The columns of the computed B, largest first: how long they are, and how far from those of the exact B.
pub(super) struct Leading {
    /// The place in B of each.
    pub(super) order: Vec<usize>,
    /// Upper bound of 1 / the computed norm of n_j, which is column j of B times a power of two, often 1.
    pub(super) inverse_length: Vec<f64>,
    /// d_j: the computed norm of column j of B, nonincreasing.
    pub(super) d: Vec<f64>,
    /// e_j / d_j, an upper bound.
    pub(super) eta: Vec<f64>,
    /// Upper bound of the norm of column j of the exact B.
    pub(super) size_up: Vec<f64>,
    /// What the relative error of an inner product with column j has to be multiplied by, at least 1.
    pub(super) spread: Vec<f64>,
}

/// What is known of a column of the computed B.
pub(super) struct Column {
    pub(super) d: f64,
    /// Norm of the direction n: d is about 2^lift times it.
    pub(super) length: f64,
    pub(super) eta: f64,
    pub(super) size_up: f64,
    pub(super) spread: f64,
}

impl Leading {
    /// Sorts what is known of the columns of B.
    #[inline(always)]
    pub(super) fn new(columns: &[Column]) -> Self {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by(|&x, &y| columns[y].d.total_cmp(&columns[x].d));
        let sorted = || order.iter().map(|&j| &columns[j]);
        Self {
            inverse_length: sorted().map(|column| up(1.0 / column.length)).collect(),
            d: sorted().map(|column| column.d).collect(),
            eta: sorted().map(|column| column.eta).collect(),
            size_up: sorted().map(|column| column.size_up).collect(),
            spread: sorted().map(|column| column.spread).collect(),
            order,
        }
    }
}

/// Norms of columns that may serve as directions as they are: no product of two underflows harmfully, nor overflows, nor does
/// that of the inverse norms.
const PLAIN: std::ops::Range<f64> = 1.0..power_of_two(500);

/// The columns of `b`, which was computed in the arithmetic of `T` from an A (`b.rows()` rows) whose columns have norms of at most
/// `norms` and from `v`, and stored in f64; and, in the same order, their directions: the columns themselves where all their norms
/// are in [`PLAIN`], else scaled to entries of at most 2.
#[inline(always)]
pub(super) fn leading_columns<'b, T: Scalar>(
    b: &'b Columns<f64>,
    norms: &[f64],
    v: &Columns<T>,
) -> (Leading, Cow<'b, Columns<f64>>) {
    let (p, q) = (b.rows(), b.cols());
    let length_error = gamma::<f64>(dot_depth(p) + 4);
    let product = ProductError::new::<T>(p, q);
    let weights = Weights::new(norms);
    // Entries of a direction that became subnormal, against its length of at least 1.
    let lost_in_scaling = up((p as f64).sqrt() * UNDERFLOW);
    let mut columns = Vec::with_capacity(q);
    let mut lifts = Vec::with_capacity(q);
    for at in 0..q {
        let Size { d, lift, length } = Size::of(b.column(at));
        let size = up(up(d * up(1.0 + length_error)) + UNDERFLOW);
        let error = product.of(weights.of_column(&v.column(at)[..q]), size);
        // d itself is rounded where it is subnormal; length and lift say it exactly, the ratio is bounded alike.
        let exactly = d.times_power_of_two(-lift) == length;
        let eta = if d > 0.0 && exactly { up(up(error / d) + lost_in_scaling) } else { f64::INFINITY };
        columns.push(Column { d, length, eta, size_up: up(size + error), spread: 1.0 });
        lifts.push(lift);
    }
    let plain = columns.iter().all(|column| PLAIN.contains(&column.d));
    if plain {
        // A direction times a power of two says the same: the length that goes with it is the norm itself.
        for column in &mut columns {
            column.length = column.d;
        }
    }
    let leading = Leading::new(&columns);
    if plain && leading.order.is_sorted() {
        return (leading, Cow::Borrowed(b));
    }
    let mut n = b.permuted(&leading.order);
    if !plain {
        for (j, &at) in leading.order.iter().enumerate() {
            scale_by_power_of_two(n.column_mut(j), -lifts[at]);
        }
    }
    (leading, Cow::Owned(n))
}

/// How far a column of a computed and stored product A V may be from the exact one.
pub(super) struct ProductError {
    /// Relative to sum_k |v_k| ||a_k||.
    relative: f64,
    /// Relative to the column itself.
    storing: f64,
    absolute: f64,
}

impl ProductError {
    /// For A p x q, the product taken in the arithmetic of `T`.
    #[inline(always)]
    pub(super) fn new<T: Scalar>(p: usize, q: usize) -> Self {
        Self {
            relative: gamma::<T>(product_depth::<T>(q)),
            storing: if T::UNIT_ROUNDOFF < f64::UNIT_ROUNDOFF { f64::UNIT_ROUNDOFF } else { 0.0 },
            // Subnormal entries of A and B, subnormal products, also those of the weights: at most this in the norm of a column.
            absolute: up(up((5 * q + 5) as f64 * (p as f64).sqrt()) * UNDERFLOW),
        }
    }

    /// Of a column of at most `size`, its weight sum_k |v_k| ||a_k|| at most `weight`.
    #[inline(always)]
    pub(super) fn of(&self, weight: f64, size: f64) -> f64 {
        up(up(up(self.relative * weight) + up(self.storing * size)) + self.absolute)
    }
}

/// Norm of a column as d, and as 2^lift times a length of at least 1.
struct Size {
    d: f64,
    lift: i32,
    length: f64,
}

impl Size {
    #[inline(always)]
    fn of(column: &[f64]) -> Self {
        let squares = padded_dot(column, column);
        // What underflows beside such a sum, at most 2^-1074 a square, is less than one rounding of it.
        if squares > power_of_two(-900) && squares < power_of_two(1000) {
            let d = squares.sqrt();
            let lift = exponent(d).unwrap_or(0);
            return Self { d, lift, length: d.times_power_of_two(-lift) };
        }
        let mut n = column.to_vec();
        let lift = exponent(max_abs(&n)).unwrap_or(0);
        scale_by_power_of_two(&mut n, -lift);
        let length = padded_dot(&n, &n).sqrt();
        Self { d: length.times_power_of_two(lift), lift, length }
    }
}

/// Sizes that columns of V are weighed with.
pub(super) struct Weights<'a> {
    sizes: &'a [f64],
    inflation: Inflation,
}

impl<'a> Weights<'a> {
    /// q `sizes` that are not negative.
    #[inline(always)]
    pub(super) fn new(sizes: &'a [f64]) -> Self {
        // Beside those of the sum: the rounding of v to f64, and those of the lanes added one after the other.
        Self { sizes, inflation: Inflation::of(dot_depth(sizes.len()) + LANES + 1) }
    }

    /// An upper bound of sum_k |v_k| `sizes[k]`, but for q subnormal numbers.
    #[inline(always)]
    pub(super) fn of_column<T: Scalar>(&self, v: &[T]) -> f64 {
        debug_assert_eq!(v.len(), self.sizes.len());
        let mut sums = [0.0_f64; LANES];
        let (v_chunks, v_rest) = v.as_chunks::<LANES>();
        let (size_chunks, size_rest) = self.sizes.as_chunks::<LANES>();
        for (v, sizes) in v_chunks.iter().zip(size_chunks) {
            for lane in 0..LANES {
                sums[lane] += v[lane].abs().to_f64() * sizes[lane];
            }
        }
        for (sum, (v, size)) in sums.iter_mut().zip(v_rest.iter().zip(size_rest)) {
            *sum += v.abs().to_f64() * size;
        }
        self.inflation.times(sums.iter().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_of_a_weight_counts() {
        for q in 1..20_u32 {
            let norms: Vec<f64> = (1..=q).map(f64::from).collect();
            let v: Vec<f64> = (0..q).map(|k| if k % 2 == 0 { 1.0 } else { -1.0 }).collect();
            let exact = f64::from(q * (q + 1) / 2);
            let found = Weights::new(&norms).of_column(&v);
            assert!(found >= exact && found < exact * (1.0 + 1e-14), "{q}: {found}");
        }
    }

    /// Sizes agree with the norm, also where squares leave the range of f64.
    #[test]
    fn sizes_are_norms_over_the_whole_range() {
        for scale in [1.0, 1e-140, 1e-200, 1e-300, 1e140, 1e150] {
            let mut column = [0.0; 8];
            (column[1], column[6]) = (3.0 * scale, -4.0 * scale);
            let Size { d, lift, length } = Size::of(&column);
            assert!((d / scale - 5.0).abs() < 1e-14, "{scale:e}: {d:e}");
            assert!((1.0..4.0).contains(&length) && length.times_power_of_two(lift) == d, "{scale:e}: {length}");
        }
        assert_eq!(Size::of(&[0.0; 8]).d, 0.0);
    }
}
