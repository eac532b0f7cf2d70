//! Small matrices of one shape through their Gram matrices, a lane each: what [`super::gram_route`] does with one after the other.
//!
//! At these sizes its loops are too short to fill registers, and the chains of roots and divisions that make reflections and
//! eigenvectors wait for themselves; here they run through all matrices at once.

mod correction;

use super::gram::{Eigenvalues, Scaling, Way};
use super::gram_route::factors;
use crate::engine::{Factors, GramSpectrum};
use crate::linalg::{
    Columns, Entries, Lockstep, ReducedTogether, Twisted, eigenvalues, max_abs, power_of_two, vectorized,
};
use crate::matrix::Matrix;
use correction::Correction;

/// Largest order and number of entries of matrices that go this way: eight of them, with V and B, are then in the second-level cache.
const LARGEST_ORDER: usize = 32;
const MOST_ENTRIES: usize = 4096;

/// Longest columns: their inner products are one chain of roundings.
const MOST_ROWS: usize = 256;

/// Whether matrices of the shape of `x` go this way.
pub(super) fn serves(x: &Matrix) -> bool {
    let (p, q) = (x.rows().max(x.cols()), x.rows().min(x.cols()));
    q <= LARGEST_ORDER && p <= MOST_ROWS && p * q <= MOST_ENTRIES
}

/// Room for up to 2 `W` matrices of a shape, `W` side by side. What it holds between two calls means nothing.
#[derive(Default)]
pub(super) struct Room<const W: usize> {
    halves: [Half<W>; 2],
    /// q x q: eigenvectors of A'A.
    v: Lockstep<W>,
    /// p x q: A V, then, q x q, what corrects V.
    b: Lockstep<W>,
    correction: Correction<W>,
    twisted: Twisted<W>,
    /// Diagonals and off-diagonals of all matrices.
    entries: Vec<f64>,
}

/// `W` matrices on their way.
#[derive(Default)]
struct Half<const W: usize> {
    /// p x q.
    a: Lockstep<W>,
    /// A'A, then the reflections that reduced it, then E.
    gram: Lockstep<W>,
    reduced: ReducedTogether<W>,
    scaling: Vec<Scaling>,
}

impl<const W: usize> Room<W> {
    /// Factors with V and the spectrum of the Gram matrix, for each of up to 2 `W` `matrices` of one shape.
    pub(super) fn factors_and_spectra(&mut self, matrices: &[&Matrix]) -> Vec<(Factors, GramSpectrum)> {
        let mut values = self.eigenvalues(matrices).into_iter();
        let mut out = Vec::with_capacity(matrices.len());
        for (of_half, matrices) in matrices.chunks(W).enumerate() {
            let values: Vec<Eigenvalues> = values.by_ref().take(W).collect();
            let scalings = &self.halves[of_half].scaling;
            let ways: Vec<Way> = scalings.iter().zip(&values).map(|(scaling, values)| scaling.way(values)).collect();
            self.find(of_half, &values, &ways);
            for (lane, (x, values)) in matrices.iter().zip(values).enumerate() {
                let (scaling, way) = (&self.halves[of_half].scaling[lane], ways[lane]);
                let factors = factors(x, way, || self.corrected(lane, scaling.shift, way));
                out.push((factors, scaling.spectrum(values)));
            }
        }
        out
    }

    /// The spectrum of the Gram matrix alone, as [`Room::factors_and_spectra`].
    pub(super) fn spectra(&mut self, matrices: &[&Matrix]) -> Vec<GramSpectrum> {
        let values = self.eigenvalues(matrices);
        let scalings = self.halves.iter().flat_map(|half| &half.scaling);
        scalings.zip(values).map(|(scaling, values)| scaling.spectrum(values)).collect()
    }

    /// Eigenvalues of all reduced Gram matrices.
    fn eigenvalues(&mut self, matrices: &[&Matrix]) -> Vec<Eigenvalues> {
        self.entries.clear();
        for half in &mut self.halves {
            half.scaling.clear();
        }
        for (half, matrices) in self.halves.iter_mut().zip(matrices.chunks(W)) {
            vectorized(
                #[inline(always)]
                || half.reduce(matrices),
            );
            for lane in 0..matrices.len() {
                half.reduced.append_entries(lane, &mut self.entries);
            }
        }
        let order = self.halves[0].gram.cols();
        let entries = self.entries.chunks_exact(2 * order - 1).map(|entries| {
            let (diagonal, off_diagonal) = entries.split_at(order);
            Entries { diagonal, off_diagonal }
        });
        eigenvalues(&entries.collect::<Vec<_>>())
    }

    /// Eigenvectors of one half, and the correction of them, in every lane, as far as one of them needs either; of no meaning in those that do not.
    fn find(&mut self, of_half: usize, values: &[Eigenvalues], ways: &[Way]) {
        if ways.iter().all(|&way| way == Way::Jacobi) {
            return;
        }
        let Half { a, gram, reduced, .. } = &mut self.halves[of_half];
        let mut lambda = vec![[0.0; W]; a.cols()];
        for (lane, values) in values.iter().enumerate() {
            for (lambda, value) in lambda.iter_mut().zip(values.iter().flatten()) {
                lambda[lane] = *value;
            }
        }
        let (v, b, twisted, correction) = (&mut self.v, &mut self.b, &mut self.twisted, &mut self.correction);
        vectorized(
            #[inline(always)]
            || {
                reduced.eigenvectors(gram, &lambda, twisted, v);
                if ways.contains(&Way::Correction) {
                    a.product(v, b);
                    correction.find(v, b, gram);
                }
            },
        );
    }

    /// Factors of the matrix in `lane`, 2^`shift` times which was worked on; its eigenvectors, q x q, where a correction is not enough.
    fn corrected(&self, lane: usize, shift: i32, way: Way) -> Result<Factors, Columns<f64>> {
        let found = if way == Way::Correction {
            vectorized(
                #[inline(always)]
                || self.correction.factors(lane, &self.v, &self.b, shift),
            )
        } else {
            None
        };
        found.ok_or_else(|| self.v.matrix_of(lane))
    }
}

impl<const W: usize> Half<W> {
    /// Scales, multiplies and reduces up to `W` `matrices`.
    #[inline(always)]
    fn reduce(&mut self, matrices: &[&Matrix]) {
        let (mut shifts, mut scale) = ([0; W], [1.0; W]);
        for (lane, x) in matrices.iter().enumerate() {
            shifts[lane] = Scaling::shift_of(max_abs(x.as_slice()));
            scale[lane] = power_of_two(shifts[lane]);
        }
        like_the_first(&mut scale, matrices.len());
        self.a.take_tall(matrices, &scale);
        self.a.upper_gram(&mut self.gram);
        let (mut smallest, mut largest) = ([f64::INFINITY; W], [0.0; W]);
        for j in 0..self.gram.cols() {
            let square = self.gram.column(j)[j];
            for lane in 0..W {
                smallest[lane] = if square[lane] < smallest[lane] { square[lane] } else { smallest[lane] };
                largest[lane] = if square[lane] > largest[lane] { square[lane] } else { largest[lane] };
            }
        }
        for lane in 0..matrices.len() {
            let scaling = Scaling::new(self.gram.cols(), shifts[lane], smallest[lane], largest[lane]);
            scale[lane] = power_of_two(-scaling.size);
            self.scaling.push(scaling);
        }
        like_the_first(&mut scale, matrices.len());
        for j in 0..self.gram.cols() {
            for entry in &mut self.gram.column_mut(j)[..=j] {
                for lane in 0..W {
                    entry[lane] *= scale[lane];
                }
            }
        }
        self.reduced.reduce(&mut self.gram);
    }
}

/// Lanes without a matrix, from `used` on, hold the first matrix once more and are scaled like it: their numbers are looked at by nobody, but
/// an infinity among them would slow every lane down.
#[inline(always)]
fn like_the_first<const W: usize>(scale: &mut [f64; W], used: usize) {
    let first = scale[0];
    scale[used..].fill(first);
}

/// Factors of `a`, p x q, from `v`, q x q, which nearly diagonalises A'A, by a correction in one of two lanes.
#[cfg(test)]
pub(super) fn corrected(a: &Matrix, v: &Matrix) -> Option<Factors> {
    let (mut of_a, mut of_v) = (Lockstep::<2>::default(), Lockstep::default());
    let (mut b, mut e, mut correction) = (Lockstep::default(), Lockstep::default(), Correction::default());
    of_a.take_tall(&[a], &[1.0; 2]);
    of_v.take_tall(&[v], &[1.0; 2]);
    of_a.product(&of_v, &mut b);
    correction.find(&of_v, &mut b, &mut e);
    correction.factors(0, &of_v, &b, 0)
}
