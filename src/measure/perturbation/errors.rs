//! How far answers are from others, in w and in the predictions X w.

use crate::linalg::{ErrorBounds, Scalar, norm, vectorized};
use crate::matrix::Matrix;

/// Vectors that X is multiplied with in one pass over it.
const TOGETHER: usize = 4;

/// Rows whose sums are under way at a time: a sum waits for its own last addition.
const ROWS: usize = 4;

/// Largest relative error of the answer compared with: beyond it the norm that errors are relative to is not known either.
const KNOWN: f64 = 1.0 / 16.0;

/// Relative error of the answer compared with that matters to no answer in f64, where rounding alone may be so much more.
const NEGLIGIBLE: f64 = f64::UNIT_ROUNDOFF / 16.0;

/// An answer that others are compared with.
pub(super) struct Before {
    w_norm: f64,
    prediction_norm: f64,
}

/// Relative errors of an answer and of its predictions.
#[derive(Clone, Copy, Default)]
pub(super) struct Errors {
    pub(super) w: Option<f64>,
    pub(super) prediction: Option<f64>,
}

impl Errors {
    /// Empty where the answer `before` is itself known too little, to `bounds`, to say how far another is from it.
    pub(super) fn known(self, before: Option<&Before>, bounds: Option<ErrorBounds>) -> Self {
        let Some((before, bounds)) = before.zip(bounds) else { return Self::default() };
        Self {
            w: self.w.filter(|&error| is_known(error, bounds.w / before.w_norm)),
            prediction: self.prediction.filter(|&error| is_known(error, bounds.prediction / before.prediction_norm)),
        }
    }
}

/// Whether a relative `error` was measured against something known well enough, to `bound`: it is not that thing's own.
fn is_known(error: f64, bound: f64) -> bool {
    bound <= KNOWN && (bound <= NEGLIGIBLE || bound <= error)
}

impl Before {
    /// For each of `answers` (d weights); nothing where there is none.
    pub(super) fn all(x: &Matrix, answers: &[Option<&[f64]>]) -> Vec<Option<Self>> {
        let predictions = prediction_norms(x, answers).into_iter();
        let before = |(answer, prediction_norm): (Option<&[f64]>, f64)| {
            answer.map(|w| Self { w_norm: norm(w), prediction_norm })
        };
        answers.iter().copied().zip(predictions).map(before).collect()
    }

    /// What `changes` (d numbers each) of the answers `before` come to; empty where either is missing.
    pub(super) fn errors(before: &[Option<Self>], x: &Matrix, changes: &[Option<Vec<f64>>]) -> Vec<Errors> {
        let changes: Vec<Option<&[f64]>> = changes.iter().map(Option::as_deref).collect();
        let predictions = prediction_norms(x, &changes).into_iter();
        let errors = |((before, change), prediction): ((&Option<Self>, Option<&[f64]>), f64)| {
            let (before, change) = before.as_ref().zip(change)?;
            Some(Errors {
                w: quotient(norm(change), before.w_norm),
                prediction: quotient(prediction, before.prediction_norm),
            })
        };
        before.iter().zip(changes.iter().copied()).zip(predictions).map(errors).map(Option::unwrap_or_default).collect()
    }
}

/// Nothing for b = 0.
pub(super) fn quotient(a: f64, b: f64) -> Option<f64> {
    (b > 0.0).then(|| a / b)
}

/// ||X v|| for each of `vectors`, the bits of [`Matrix::times`]; 0 where there is none.
fn prediction_norms(x: &Matrix, vectors: &[Option<&[f64]>]) -> Vec<f64> {
    let mut norms = Vec::with_capacity(vectors.len());
    let mut side_by_side = vec![[0.0; TOGETHER]; x.cols()];
    let mut column = vec![0.0; x.rows()];
    for group in vectors.chunks(TOGETHER) {
        for (lane, vector) in group.iter().enumerate() {
            let entries = vector.unwrap_or_default().iter().copied().chain(std::iter::repeat(0.0));
            side_by_side.iter_mut().zip(entries).for_each(|(block, entry)| block[lane] = entry);
        }
        let products = vectorized(
            #[inline(always)]
            || products(x, &side_by_side),
        );
        for lane in 0..group.len() {
            column.iter_mut().zip(&products).for_each(|(entry, block)| *entry = block[lane]);
            norms.push(norm(&column));
        }
    }
    norms
}

/// X times the vectors whose entries `vectors` holds, d blocks: n blocks. Every sum runs from column 0 up.
#[inline(always)]
fn products(x: &Matrix, vectors: &[[f64; TOGETHER]]) -> Vec<[f64; TOGETHER]> {
    let mut out = vec![[0.0; TOGETHER]; x.rows()];
    let mut sums = out.chunks_exact_mut(ROWS);
    let mut first = 0;
    for sums in sums.by_ref() {
        sums.copy_from_slice(&products_of::<ROWS>(std::array::from_fn(|k| x.row(first + k)), vectors));
        first += ROWS;
    }
    for (k, sum) in sums.into_remainder().iter_mut().enumerate() {
        [*sum] = products_of([x.row(first + k)], vectors);
    }
    out
}

#[inline(always)]
fn products_of<const R: usize>(rows: [&[f64]; R], vectors: &[[f64; TOGETHER]]) -> [[f64; TOGETHER]; R] {
    let mut sums = [[0.0; TOGETHER]; R];
    for (j, vector) in vectors.iter().enumerate() {
        for (sum, row) in sums.iter_mut().zip(&rows) {
            for (sum, entry) in sum.iter_mut().zip(vector) {
                *sum += row[j] * entry;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Generator;

    #[test]
    fn norms_have_the_bits_of_one_product_at_a_time() {
        for (n, d, count) in [(1, 1, 1), (3, 5, 2), (9, 4, 4), (18, 7, 6), (64, 32, 9)] {
            let mut g = Generator::from_entropy(&[n as u64, d as u64]);
            let x = Matrix::new(n, d, g.normals(n * d));
            let vectors: Vec<Vec<f64>> = (0..count).map(|_| g.normals(d)).collect();
            // One in three is missing.
            let given: Vec<Option<&[f64]>> =
                vectors.iter().enumerate().map(|(k, vector)| (k % 3 != 2).then_some(&vector[..])).collect();
            let expected: Vec<f64> = given.iter().map(|v| v.map_or(0.0, |v| norm(&x.times(v)))).collect();
            assert_eq!(prediction_norms(&x, &given), expected, "{n}x{d}");
        }
    }

    #[test]
    fn an_error_is_known_above_the_bound_and_beside_negligible_ones() {
        for (error, bound, known) in [
            (1e-3, 1e-3, true),
            (1e-3, 1.001e-3, false),
            (0.0, NEGLIGIBLE, true),
            (0.0, 1.001 * NEGLIGIBLE, false),
            (1.0, KNOWN, true),
            (1.0, 0.07, false),
            (1.0, f64::INFINITY, false),
            (1.0, f64::NAN, false),
            (f64::NAN, 1e-3, false),
        ] {
            assert_eq!(is_known(error, bound), known, "{error:e} {bound:e}");
        }
    }
}
