//! Orthonormal bases, and vectors taken apart along them.

use std::borrow::Cow;

use crate::linalg::{Columns, inner_products, norm, subtract_combination, vectorized};

/// Where sigma_j is below this share of sigma_1, a column of B = A V is made orthogonal to those before it. Above it the columns are
/// orthogonal to about 16 u as they come, which leaves at most 16^2 u in the predictions of a wide X's solution, where others leave 16 u.
const GRADED: f64 = 1.0 / 16.0;

/// The first `rank` columns of `b`, whose first `rows` rows count, orthonormalized; the rest 0.
#[inline(always)]
pub(super) fn orthonormalized(b: &Columns<f64>, rows: usize, rank: usize) -> Columns<f64> {
    let mut out = Columns::zeros(rows, b.cols());
    let mut largest = 0.0;
    for j in 0..rank {
        let mut column = Cow::Borrowed(&b.column(j)[..rows]);
        let mut length = norm(&column);
        largest = f64::max(largest, length);
        if length < GRADED * largest {
            remove_span(&out, column.to_mut(), &mut vec![0.0; j]);
            length = norm(&column);
        }
        if length > 0.0 {
            for (out, x) in out.column_mut(j).iter_mut().zip(&*column) {
                *out = x / length;
            }
        }
    }
    out
}

/// A vector in two parts: Q c for a basis Q, and what is orthogonal to Q.
#[derive(Clone, Debug)]
pub struct Split {
    /// c, one value per basis vector.
    pub coordinates: Vec<f64>,
    /// The orthogonal part, as long as the vector.
    pub rest: Vec<f64>,
}

/// `x` as Q c for the leading `rank` columns Q of `basis`, and the rest.
pub(super) fn split(basis: &Columns<f64>, rank: usize, x: &[f64]) -> Split {
    let (mut coordinates, mut rest) = (vec![0.0; rank], x.to_vec());
    vectorized(
        #[inline(always)]
        || remove_span(basis, &mut rest, &mut coordinates),
    );
    Split { coordinates, rest }
}

/// Takes the part in the span of the leading columns of `basis` out of `x` and adds its coordinates to `coordinates`,
/// one per column, by classical Gram-Schmidt. The second pass removes what rounding left of that part in the first: without it a
/// small rest is not orthogonal to the basis ("twice is enough", Parlett after Kahan). With it the classical form, whose inner
/// products do not wait for one another, is as good as the modified one (Giraud, Langou & Rozloznik 2005).
#[inline(always)]
fn remove_span(basis: &Columns<f64>, x: &mut [f64], coordinates: &mut [f64]) {
    let mut found = vec![0.0; coordinates.len()];
    for _ in 0..2 {
        inner_products(basis, x, &mut found);
        subtract_combination(basis, 0, &found, x);
        for (coordinate, found) in coordinates.iter_mut().zip(&found) {
            *coordinate += found;
        }
    }
}
