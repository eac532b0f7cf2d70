//! How far a Gram matrix is from the identity: an upper bound of ||G - I||_2 that grows with G, column by column.
//!
//! For a symmetric matrix of bounds both its largest row sum and its Frobenius norm are bounds of the spectral norm. All of
//! its q^2 / 2 entries are sums and products of numbers that are not negative, in plain rounding to nearest, so that they run
//! through vector registers; the rounding is paid once, at the end. An exact result of such operations is at most
//! the computed one over (1 - u)^m, where m counts the roundings on the longest way through them, so at most (1 + gamma_m)
//! times the computed one. Here an entry goes through 3 roundings (two products, one addition), its square through 2 * 3 + 1
//! and every sum through at most q additions in a row, 3 that join lanes and q more: m <= 2 q + 10 for both.

use super::rounding::{Inflation, up};
use crate::linalg::{LANES, filled, joined, padded_rows};

/// Half the distance between subnormal numbers bounds what one underflow costs; this is twice that.
pub(super) const UNDERFLOW: f64 = f64::from_bits(1);

/// Row sums and squares of bounds of |G - I| for the columns taken in so far.
pub(super) struct Departure {
    /// One for each column, and 0 for those to come and behind them, in whole registers.
    row_sums: Vec<f64>,
    squares: f64,
    /// How many columns there are.
    count: usize,
    /// For the roundings on the longest way to a sum.
    inflation: Inflation,
}

/// The largest row sum and the sum of squares after each of up to [`LANES`] columns, a lane each.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    largest_row: [f64; LANES],
    squares: [f64; LANES],
}

impl Departure {
    /// Of no column yet; `order` of them are to come.
    pub(super) fn new(order: usize) -> Self {
        Self {
            row_sums: filled(0.0, padded_rows(order)),
            squares: 0.0,
            count: 0,
            inflation: Inflation::of(2 * order + 10),
        }
    }

    /// Takes in the column above the diagonal: G differs from 0 there by at most |`above[i]`| `scale[i]` `own_scale` +
    /// `error`, and from 1 on the diagonal by at most `diagonal`. `above` has one entry for every column before, and so has
    /// `scale` at least.
    #[inline(always)]
    pub(super) fn take_in(&mut self, above: &[f64], scale: &[f64], own_scale: f64, diagonal: f64, error: f64) {
        // What the product loses where it is subnormal.
        let error = up(error + UNDERFLOW);
        let (mut sums, mut squares) = ([0.0_f64; LANES], [0.0_f64; LANES]);
        let (above_chunks, above_rest) = above.as_chunks::<LANES>();
        let (scale_chunks, scale_rest) = scale[..above.len()].as_chunks::<LANES>();
        let (row_chunks, row_rest) = self.row_sums[..above.len()].as_chunks_mut::<LANES>();
        for (rows, (above, scale)) in row_chunks.iter_mut().zip(above_chunks.iter().zip(scale_chunks)) {
            let mut grown = *rows;
            for lane in 0..LANES {
                let entry = above[lane].abs() * (scale[lane] * own_scale) + error;
                grown[lane] += entry;
                sums[lane] += entry;
                squares[lane] += entry * entry;
            }
            *rows = grown;
        }
        for (lane, (row, (above, scale))) in row_rest.iter_mut().zip(above_rest.iter().zip(scale_rest)).enumerate() {
            let entry = above.abs() * (scale * own_scale) + error;
            *row += entry;
            sums[lane] += entry;
            squares[lane] += entry * entry;
        }
        self.squares += diagonal * diagonal + 2.0 * joined(squares);
        self.row_sums[self.count] = diagonal + joined(sums);
        self.count += 1;
    }

    /// Puts what has been taken in into a lane of `sums`.
    #[inline(always)]
    pub(super) fn put_into(&self, sums: &mut Sums, lane: usize) {
        let mut largest = [0.0_f64; LANES];
        let (chunks, _) = self.row_sums[..padded_rows(self.count)].as_chunks::<LANES>();
        for chunk in chunks {
            for (largest, &sum) in largest.iter_mut().zip(chunk) {
                *largest = if *largest < sum { sum } else { *largest };
            }
        }
        sums.largest_row[lane] = largest.into_iter().fold(0.0, |a, b| if a < b { b } else { a });
        sums.squares[lane] = self.squares;
    }

    /// Lane by lane an upper bound of ||G - I||_2 for the columns that had been taken in; NaN or infinite where an entry was.
    #[inline(always)]
    pub(super) fn norms_up(&self, sums: &Sums) -> [f64; LANES] {
        let mut norms = [0.0; LANES];
        for (norm, (&largest_row, &squares)) in norms.iter_mut().zip(sums.largest_row.iter().zip(&sums.squares)) {
            let rows = self.inflation.times(largest_row);
            let frobenius = up(self.inflation.times(squares).sqrt());
            // Comparisons drop a NaN that is in a row sum, but it is in the squares as well.
            *norm = if rows < frobenius { rows } else { frobenius };
        }
        norms
    }

    /// An upper bound of ||G - I||_2 for the columns taken in; NaN or infinite where an entry was.
    #[inline(always)]
    pub(super) fn norm_up(&self) -> f64 {
        let mut sums = Sums::default();
        self.put_into(&mut sums, 0);
        self.norms_up(&sums)[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Columns, Dd, Scalar, one_sided_jacobi};

    /// The bound is above the true norm of the matrix of bounds, which Jacobi finds in double-double, and below its row sums.
    #[test]
    fn it_bounds_the_norm_of_the_matrix_of_bounds_at_every_size() {
        let q = 21;
        let entry = |i: usize, j: usize| ((i * 7 + j * 3) % 11) as f64 * 1e-3 - 4e-3;
        let scale: Vec<f64> = (0..q).map(|i| 1.0 / (1.0 + i as f64 / 30.0)).collect();
        let (diagonal, error) = (2e-3, 1e-5);
        let mut departure = Departure::new(q);
        for k in 0..q {
            let above: Vec<f64> = (0..k).map(|i| entry(i, k)).collect();
            departure.take_in(&above, &scale, scale[k], diagonal, error);
            let mut bounds = Columns::<Dd>::from_fn(k + 1, k + 1, |i, j| {
                let (i, j) = (i.min(j), i.max(j));
                let product = Dd::from_f64(entry(i, j).abs()) * Dd::from_f64(scale[i]) * Dd::from_f64(scale[j]);
                if i == j { Dd::from_f64(diagonal) } else { product + Dd::from_f64(error) }
            });
            let exact = one_sided_jacobi(&mut bounds, None).sigma[0].to_f64();
            let found = departure.norm_up();
            assert!(found >= exact && found < 1.3 * exact, "{k}: {found:e} for {exact:e}");
        }
    }

    #[test]
    fn one_entry_that_is_not_a_number_spoils_the_bound() {
        for at in 0..12 {
            let mut departure = Departure::new(13);
            for k in 0..13 {
                let above: Vec<f64> = (0..k).map(|i| if k == 12 && i == at { f64::NAN } else { 0.0 }).collect();
                departure.take_in(&above, &[1.0; 13], 1.0, 0.0, 1e-16);
            }
            assert!(departure.norm_up().is_nan(), "{at}");
        }
    }
}
