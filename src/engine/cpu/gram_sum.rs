//! The Gram matrix of an X that comes in blocks of rows.

use super::gram::Gram;
use super::jacobi::shift_of;
use crate::engine::{GramSpectrum, Route};
use crate::linalg::{Columns, ReductionRoom, Scalar, padded_tall, upper_gram, vectorized};
use crate::matrix::Matrix;

/// X'X as f64 adds it up, block by block; for X as a whole, the smaller Gram matrix of the two.
#[derive(Clone, Debug)]
pub struct GramSum {
    shift: i32,
    /// Of 2^shift X, the upper triangle.
    gram: Option<Columns<f64>>,
}

impl GramSum {
    /// Of no rows yet; no entry will be larger than twice `largest`.
    pub fn new(largest: f64) -> Self {
        // Inner products of at most 2^LARGEST_EXPONENT, and none that underflows beside them.
        Self { shift: shift_of(largest) - f64::LARGEST_EXPONENT / 2 - 20, gram: None }
    }

    /// Takes in rows: all of them, or a block of those of a tall X.
    pub fn take(&mut self, x: &Matrix) {
        vectorized(
            #[inline(always)]
            || {
                let a = padded_tall(x, self.shift);
                self.add(upper_gram(&a));
            },
        );
    }

    /// Takes in the rows that `other`, begun alike, has seen.
    pub fn join(&mut self, other: Self) {
        other.gram.into_iter().for_each(|gram| self.add(gram));
    }

    fn add(&mut self, more: Columns<f64>) {
        match &mut self.gram {
            None => self.gram = Some(more),
            Some(gram) => {
                for (sum, more) in gram.as_mut_slice().iter_mut().zip(more.as_slice()) {
                    *sum += more;
                }
            }
        }
    }

    /// The spectrum of the sum; empty before the first row.
    pub fn spectrum(self) -> GramSpectrum {
        let empty = || GramSpectrum { roots: Vec::new(), route: Route::CpuF64 };
        let Some(gram) = self.gram else { return empty() };
        let reduced = Gram::reduced(vec![(gram, self.shift)], &mut ReductionRoom::default());
        reduced.first().map_or_else(empty, Gram::spectrum_alone)
    }
}
