//! From matrices to the device's words: scaled, in tall form, column major, with their passengers.

use rayon::prelude::*;

use super::precision::Word;
use super::scale::PowerOfTwo;
use super::wire::{JacobiDims, word};
use crate::engine::Vectors;
use crate::linalg::Columns;
use crate::matrix::Matrix;

/// log2 of a scaled matrix's largest entry. Squares then reach 2^(80 + log2 p), far from f32's 2^128, and columns down to
/// 2^-90 of the largest keep squares above the kernels' NEGLIGIBLE.
const FACTOR_TARGET: i32 = 40;
/// The same for the Gram path, whose products are squared once more.
const GRAM_TARGET: i32 = 16;

/// A matrix's shape on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TallShape {
    pub(super) p: usize,
    pub(super) q: usize,
    pub(super) rows: usize,
}

impl TallShape {
    pub(super) fn of(x: &Matrix, vectors: Vectors) -> Self {
        let (p, q) = (x.rows().max(x.cols()), x.rows().min(x.cols()));
        let passengers = match vectors {
            Vectors::None => 0,
            Vectors::Right => q,
        };
        Self { p, q, rows: p + passengers }
    }

    /// The d x d Gram matrix, values only.
    pub(super) fn gram(x: &Matrix) -> Self {
        Self { p: x.cols(), q: x.cols(), rows: x.cols() }
    }

    pub(super) fn reals(self) -> usize {
        self.rows * self.q
    }
}

/// Where matrices of these shapes lie, one after the other.
pub(super) fn jacobi_dims(shapes: impl IntoIterator<Item = TallShape>) -> Vec<JacobiDims> {
    let mut entries = 0;
    shapes
        .into_iter()
        .map(|shape| {
            let dims =
                JacobiDims { entries: word(entries), p: word(shape.p), q: word(shape.q), rows: word(shape.rows) };
            entries += shape.reals();
            dims
        })
        .collect()
}

/// What the host must remember of a matrix to read its results.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) scale: PowerOfTwo,
    /// ||A||_F of the scaled matrix, or NaN where there is nothing to check against.
    pub(super) frobenius: f64,
}

/// Tall forms A with the identity as passengers where V is wanted: `[matrix][column][row]`. Columns go by falling norm,
/// which keeps small singular values of graded matrices accurate (de Rijk 1989); the identity's columns go with them, so
/// that V comes back in the caller's order of rows.
pub(super) fn pack_tall<W: Word>(batch: &[&Matrix], vectors: Vectors) -> (Vec<W>, Vec<Sent>) {
    let shapes: Vec<_> = batch.iter().map(|x| TallShape::of(x, vectors)).collect();
    pack(
        batch,
        FACTOR_TARGET,
        |i| shapes[i].reals(),
        |i, scale, words| {
            let shape = shapes[i];
            let mut a = Columns::<f64>::tall(batch[i]);
            for entry in a.as_mut_slice() {
                *entry = scale.times(*entry);
            }
            let squares: Vec<f64> = a.iter().map(|column| column.iter().map(|x| x * x).sum()).collect();
            let mut order: Vec<usize> = (0..shape.q).collect();
            order.sort_by(|&i, &j| squares[j].total_cmp(&squares[i]));
            for (place, &j) in words.chunks_exact_mut(shape.rows).zip(&order) {
                for (word, &entry) in place.iter_mut().zip(a.column(j)) {
                    *word = W::from_f64(entry);
                }
                if shape.rows > shape.p {
                    place[shape.p + j] = W::from_f64(1.0);
                }
            }
            squares.iter().sum::<f64>().sqrt()
        },
    )
}

/// X itself, n x d: `[matrix][column][row]`.
pub(super) fn pack_columns<W: Word>(batch: &[&Matrix]) -> (Vec<W>, Vec<Sent>) {
    pack(
        batch,
        GRAM_TARGET,
        |i| batch[i].rows() * batch[i].cols(),
        |i, scale, words| {
            let x = batch[i];
            for (j, column) in words.chunks_exact_mut(x.rows()).enumerate() {
                for (row, place) in column.iter_mut().enumerate() {
                    *place = W::from_f64(scale.times(x[(row, j)]));
                }
            }
            // trace(X'X) = ||X||_F^2 is no norm of G: nothing to check against.
            f64::NAN
        },
    )
}

/// Lays the matrices out one after the other; `fill` writes matrix i's words and returns ||A||_F.
fn pack<W: Word>(
    batch: &[&Matrix],
    target: i32,
    reals: impl Fn(usize) -> usize,
    fill: impl Fn(usize, PowerOfTwo, &mut [W]) -> f64 + Sync,
) -> (Vec<W>, Vec<Sent>) {
    let total = (0..batch.len()).map(&reals).sum();
    let mut words = vec![W::zeroed(); total];
    let mut rest = words.as_mut_slice();
    let mut places = Vec::with_capacity(batch.len());
    for i in 0..batch.len() {
        let (place, tail) = rest.split_at_mut(reals(i));
        places.push(place);
        rest = tail;
    }
    let sent = places
        .into_par_iter()
        .enumerate()
        .map(|(i, place)| {
            let scale = PowerOfTwo::bringing(batch[i].max_abs(), target);
            Sent { scale, frobenius: fill(i, scale, place) }
        })
        .collect();
    (words, sent)
}
