//! Matrices whose columns fill registers through their Gram matrices: products one after the other, reductions while they are small and
//! eigenvalues together.

use super::correction::Correction;
use super::gram::{Eigenvalues, Gram, Scaling, Way};
use super::gram_route::factors;
use super::storage::Storage;
use crate::engine::{Factors, GramSpectrum};
use crate::linalg::{
    Columns, ReductionRoom, Tridiagonal, eigenvalues, max_abs, padded_tall_in, tiled_product_in, upper_gram_in,
    vectorized,
};
use crate::matrix::Matrix;

/// Room for up to [`crate::linalg::ITERATIONS_TOGETHER`] matrices of one shape. What it holds between two calls means nothing.
#[derive(Default)]
pub(super) struct Room {
    /// Of p x q matrices.
    tall: Storage,
    /// Of q x q matrices.
    square: Storage,
    reductions: ReductionRoom,
}

impl Room {
    /// Factors with V and the spectrum of the Gram matrix, for each of `matrices`.
    pub(super) fn factors_and_spectra(&mut self, matrices: &[&Matrix]) -> Vec<(Factors, GramSpectrum)> {
        let scaled: Vec<Scaled> = matrices.iter().map(|x| Scaled::of(x, self.tall.take())).collect();
        let grams = self.grams(&scaled);
        let values = eigenvalues_of(&grams);
        let mut out = Vec::with_capacity(matrices.len());
        for (((x, scaled), gram), values) in matrices.iter().zip(scaled).zip(grams).zip(values) {
            let way = gram.scaling.way(&values);
            let eigenvalues = values.as_deref().unwrap_or_default();
            let factors = factors(x, way, || self.corrected(&scaled, &gram.reduced, eigenvalues, way));
            out.push((factors, gram.scaling.spectrum(values)));
            self.tall.give(scaled.a);
            self.square.give(gram.reduced.into_reflectors());
        }
        out
    }

    /// The spectrum of the Gram matrix alone, as [`Room::factors_and_spectra`].
    pub(super) fn spectra(&mut self, matrices: &[&Matrix]) -> Vec<GramSpectrum> {
        let mut grams = Vec::with_capacity(matrices.len());
        for x in matrices {
            let scaled = Scaled::of(x, self.tall.take());
            grams.push(scaled.gram(self.square.take()));
            self.tall.give(scaled.a);
        }
        let grams = Gram::reduced(grams, &mut self.reductions);
        let values = eigenvalues_of(&grams);
        let mut out = Vec::with_capacity(matrices.len());
        for (gram, values) in grams.into_iter().zip(values) {
            out.push(gram.scaling.spectrum(values));
            self.square.give(gram.reduced.into_reflectors());
        }
        out
    }

    fn grams(&mut self, scaled: &[Scaled]) -> Vec<Gram> {
        let grams = scaled.iter().map(|scaled| scaled.gram(self.square.take())).collect();
        Gram::reduced(grams, &mut self.reductions)
    }

    /// What `x` is judged by.
    #[cfg(test)]
    pub(super) fn scaling_and_eigenvalues(&mut self, x: &Matrix) -> (Scaling, Eigenvalues) {
        let grams = self.grams(&[Scaled::of(x, Vec::new())]);
        (grams[0].scaling, eigenvalues_of(&grams).remove(0))
    }

    /// Factors from the eigenvectors for `values`, corrected; those eigenvectors, q x q, where that is not enough.
    fn corrected(
        &mut self,
        Scaled { a, shift }: &Scaled,
        reduced: &Tridiagonal,
        values: &[f64],
        way: Way,
    ) -> Result<Factors, Columns<f64>> {
        vectorized(
            #[inline(always)]
            || {
                let v = reduced.eigenvectors_in(self.square.take(), values);
                if way != Way::Correction {
                    let start = v.leading_rows(v.cols());
                    self.square.give(v);
                    return Err(start);
                }
                let b = tiled_product_in(self.tall.take(), a, &v);
                let found = Correction::of(&b, &v, &mut self.square).factors(&v, *shift, &mut self.square);
                let found = found.ok_or_else(|| v.leading_rows(v.cols()));
                self.tall.give(b);
                self.square.give(v);
                found
            },
        )
    }
}

/// A = 2^shift X or its transpose, whichever is tall.
struct Scaled {
    /// p x q, padded.
    a: Columns<f64>,
    shift: i32,
}

impl Scaled {
    /// Of `x`, in the memory of `storage`.
    fn of(x: &Matrix, storage: Vec<f64>) -> Self {
        vectorized(
            #[inline(always)]
            || {
                let shift = Scaling::shift_of(max_abs(x.as_slice()));
                Self { a: padded_tall_in(storage, x, shift), shift }
            },
        )
    }

    /// The upper triangle of A'A, in the memory of `storage`, beside the shift that it was formed with.
    fn gram(&self, storage: Vec<f64>) -> (Columns<f64>, i32) {
        (upper_gram_in(storage, &self.a), self.shift)
    }
}

fn eigenvalues_of(grams: &[Gram]) -> Vec<Eigenvalues> {
    eigenvalues(&grams.iter().map(|gram| gram.reduced.entries()).collect::<Vec<_>>())
}
