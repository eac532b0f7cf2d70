//! The null space of X as relations among its columns, each as short and as round as the data bear.
//!
//! Singular vectors mix all relations there are. Complete pivoting on a basis of the null space takes them apart: every
//! relation gets a column of its own that no other has, so that two pairs of equal columns give two relations of two
//! terms. What is then dropped or rounded is kept only if X maps the result as close to 0 as before.

use super::equation::DEPENDENT;
use crate::decomposition::{ThinSvd, rank_tolerance};
use crate::linalg::{Pivoting, Qr, norm};
use crate::matrix::Matrix;

/// Weights of all relations together; a longer list (a wide X has d - n relations and more) says nothing to a reader.
const MOST_WEIGHTS: usize = 1 << 14;

/// {z: X z = 0}, up to the rank rule.
#[derive(Clone, Debug, PartialEq)]
pub struct NullSpace {
    /// Its dimension, d - rank.
    pub nullity: usize,
    /// A basis, shortest relation first; nothing where nullity * d exceeds 2^14.
    pub relations: Option<Vec<Relation>>,
    /// Columns that take part where `relations` does not say so; else empty.
    unlisted: Vec<usize>,
}

/// One combination of columns that vanishes: sum of `weights[j]` * column j = 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// d weights z. Small whole numbers or short decimals where X z stays as close to 0; else the largest is 1 in size.
    /// The first that is not 0 is positive.
    pub weights: Vec<f64>,
    /// ||X z|| over the largest ||z_j x_j||, as evaluated in f64: 0 or about 1e-16 where the columns depend on each other,
    /// about 1 where z is lost beside much larger columns. NaN where that overflows.
    pub relative_residual: f64,
}

impl NullSpace {
    pub(super) fn of(x: &Matrix, svd: &ThinSvd) -> Self {
        Self::of_rows(x, x.rows(), svd)
    }

    /// The null space of an X with `rows` rows from its triangle `x`, d x d. The residuals are those of the triangle.
    pub(super) fn of_rows(x: &Matrix, rows: usize, svd: &ThinSvd) -> Self {
        let nullity = svd.nullity();
        let short = nullity.saturating_mul(x.cols()) <= MOST_WEIGHTS;
        if short {
            return Self { nullity, relations: Some(relations(x, rows, svd)), unlisted: Vec::new() };
        }
        Self { nullity, relations: None, unlisted: outside_the_row_space(svd) }
    }

    /// Columns that take part in it, from 0, ascending: the weights that are not identifiable. Without those of relations that hold only
    /// beside much larger columns.
    pub fn dependent(&self) -> Vec<usize> {
        let Some(relations) = &self.relations else { return self.unlisted.clone() };
        let exact = |relation: &&Relation| relation.relative_residual <= DEPENDENT;
        let d = relations.first().map_or(0, |relation| relation.weights.len());
        (0..d).filter(|&j| relations.iter().filter(exact).any(|relation| relation.weights[j] != 0.0)).collect()
    }
}

/// Columns whose unit vector has a part in the null space: 1 minus its squared length in the row space, beyond rounding.
fn outside_the_row_space(svd: &ThinSvd) -> Vec<usize> {
    const ROUNDING: f64 = 1e-10;
    let inside = |j: usize| (0..svd.rank).map(|k| svd.right[(j, k)].powi(2)).sum::<f64>();
    (0..svd.right.rows()).filter(|&j| 1.0 - inside(j) > ROUNDING).collect()
}

impl Relation {
    /// Number of columns that take part.
    pub fn terms(&self) -> usize {
        self.weights.iter().filter(|&&weight| weight != 0.0).count()
    }
}

fn relations(x: &Matrix, rows: usize, svd: &ThinSvd) -> Vec<Relation> {
    if svd.nullity() == 0 {
        return Vec::new();
    }
    let columns = ColumnsOfX { x, rows, sizes: sizes(x) };
    let largest = svd.sigma.first().copied().unwrap_or(0.0);
    let noise = rank_tolerance(rows, x.cols()) * largest;
    let mut found: Vec<Relation> = taken_apart(basis(svd)).into_iter().map(|z| columns.relation(&z, noise)).collect();
    found.sort_by_key(Relation::terms);
    found
}

/// Norm of every column.
fn sizes(x: &Matrix) -> Vec<f64> {
    (0..x.cols()).map(|j| norm(&x.column(j))).collect()
}

/// Orthonormal vectors of length d that span the complement of the row space.
fn basis(svd: &ThinSvd) -> Vec<Vec<f64>> {
    let leading: Vec<usize> = (0..svd.rank).collect();
    let rows = Qr::new(svd.right.permuted(&leading), Pivoting::None);
    (svd.rank..svd.right.rows())
        .map(|j| {
            let mut z = vec![0.0; svd.right.rows()];
            z[j] = 1.0;
            rows.apply_q(&mut z);
            z
        })
        .collect()
}

/// Vectors of the same span, each with a 1 in a place where all others have 0: Gauss-Jordan elimination, the largest
/// entry that is left as the next pivot.
fn taken_apart(mut basis: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for done in 0..basis.len() {
        let Some((row, column)) = largest_entry(&basis[done..]) else { break };
        basis.swap(done, done + row);
        let mut pivot = basis[done].clone();
        let divisor = pivot[column];
        for entry in &mut pivot {
            *entry /= divisor;
        }
        for (k, other) in basis.iter_mut().enumerate() {
            let share = other[column];
            if k != done {
                for (entry, pivot) in other.iter_mut().zip(&pivot) {
                    *entry -= share * pivot;
                }
                other[column] = 0.0;
            }
        }
        basis[done] = pivot;
    }
    basis
}

/// Row and column of the largest entry in magnitude; nothing if all are 0.
fn largest_entry(rows: &[Vec<f64>]) -> Option<(usize, usize)> {
    let mut best = None;
    let mut largest = 0.0;
    for (i, row) in rows.iter().enumerate() {
        for (j, entry) in row.iter().enumerate() {
            if entry.abs() > largest {
                largest = entry.abs();
                best = Some((i, j));
            }
        }
    }
    best
}

struct ColumnsOfX<'a> {
    x: &'a Matrix,
    /// Rows that count for the rank rule.
    rows: usize,
    /// Norms of the columns.
    sizes: Vec<f64>,
}

impl ColumnsOfX<'_> {
    /// The roundest multiple of `z` whose residual is no worse: whole numbers, short decimals, all digits without the
    /// terms that are rounding, or all of it. `noise` is what counts as 0 beside sigma_max.
    fn relation(&self, z: &[f64], noise: f64) -> Relation {
        let full = largest_to_one(z);
        let of_full = self.relative_residual(&full);
        let allowed = (2.0 * of_full).max(rank_tolerance(self.rows, self.x.cols()));
        let short = self.without_noise(&full, noise);
        let (whole, decimal) = (whole(&short, NEARLY_WHOLE), short_decimals(&short));
        [whole, Some(decimal), Some(largest_to_one(&short))]
            .into_iter()
            .flatten()
            .map(|weights| Relation { relative_residual: self.relative_residual(&weights), weights })
            .find(|relation| relation.relative_residual <= allowed)
            .unwrap_or(Relation { weights: full, relative_residual: of_full })
    }

    /// `z` without the terms that are too small to tell from rounding, of the relation or of X beside sigma_max.
    fn without_noise(&self, z: &[f64], noise: f64) -> Vec<f64> {
        const OF_THE_RELATION: f64 = 1e-12;
        let term = |(z, size): (&f64, &f64)| (z * size).abs();
        let largest = z.iter().zip(&self.sizes).map(term).fold(0.0, f64::max);
        let threshold = (OF_THE_RELATION * largest).max(32.0 * noise);
        // Beside a huge column even the terms of a relation are noise; what is left is then its largest weights.
        if largest <= threshold {
            return z.iter().map(|&z| if z.abs() > OF_THE_RELATION { z } else { 0.0 }).collect();
        }
        z.iter().zip(&self.sizes).map(|(z, size)| if term((z, size)) > threshold { *z } else { 0.0 }).collect()
    }

    fn relative_residual(&self, z: &[f64]) -> f64 {
        let taking_part: Vec<usize> = (0..z.len()).filter(|&j| z[j] != 0.0).collect();
        let largest = taking_part.iter().map(|&j| (z[j] * self.sizes[j]).abs()).fold(0.0, f64::max);
        if largest == 0.0 {
            return 0.0;
        }
        let product: Vec<f64> = (0..self.x.rows())
            .map(|i| {
                let row = self.x.row(i);
                taking_part.iter().map(|&j| z[j] * row[j]).sum()
            })
            .collect();
        norm(&product) / largest
    }
}

/// `z` scaled so that its entry of largest magnitude is 1 in size and its first is positive.
fn largest_to_one(z: &[f64]) -> Vec<f64> {
    scaled_by(z, z.iter().fold(0.0, |largest, z| largest.max(z.abs())))
}

/// `z` over `unit` in size, with the sign that makes its first entry positive.
pub(super) fn scaled_by(z: &[f64], unit: f64) -> Vec<f64> {
    let first = z.iter().copied().find(|&z| z != 0.0).unwrap_or(1.0);
    // + 0.0 turns -0 into 0.
    z.iter().map(|z| z / unit.copysign(first) + 0.0).collect()
}

/// The smallest magnitude among the entries that are not 0.
pub(super) fn smallest(z: &[f64]) -> f64 {
    z.iter().filter(|&&z| z != 0.0).fold(f64::INFINITY, |smallest, z| smallest.min(z.abs()))
}

/// Rounding leaves no more in the weights of an exact relation.
const NEARLY_WHOLE: f64 = 1e-9;

/// The multiple of `z` in small whole numbers, if there is one up to a relative `tolerance`.
pub(super) fn whole(z: &[f64], tolerance: f64) -> Option<Vec<f64>> {
    const MOST_MULTIPLE: u32 = 12;
    const LARGEST: f64 = 1e4;
    let units = scaled_by(z, smallest(z));
    let near = |x: f64| (x - x.round()).abs() <= tolerance * x.abs().max(1.0) && x.abs() <= LARGEST;
    (1..=MOST_MULTIPLE)
        .map(|multiple| units.iter().map(|z| z * f64::from(multiple)).collect::<Vec<_>>())
        .find(|multiple| multiple.iter().all(|&z| near(z)))
        .map(|multiple| multiple.iter().map(|z| z.round()).collect())
}

/// `z` with its smallest entry 1 and the others rounded to six digits.
fn short_decimals(z: &[f64]) -> Vec<f64> {
    let rounded = |z: f64| format!("{z:.5e}").parse().unwrap_or(z);
    scaled_by(z, smallest(z)).into_iter().map(rounded).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn found(columns: &[&[f64]]) -> Vec<Relation> {
        let x = Matrix::from_fn(columns[0].len(), columns.len(), |i, j| columns[j][i]);
        NullSpace::of(&x, &ThinSvd::of(&x)).relations.unwrap()
    }

    fn weights(columns: &[&[f64]]) -> Vec<Vec<f64>> {
        found(columns).into_iter().map(|relation| relation.weights).collect()
    }

    const A: &[f64] = &[1.0, 2.0, 3.0, 5.0, 8.0];
    const B: &[f64] = &[0.3, -1.1, 0.7, 4.0, -2.0];

    fn of_a(f: impl Fn(f64) -> f64) -> Vec<f64> {
        A.iter().map(|&a| f(a)).collect()
    }

    #[test]
    fn small_whole_numbers_are_recognised() {
        assert_eq!(weights(&[A, &of_a(|a| 12.0 * a), B]), [[12.0, -1.0, 0.0]]);
        assert_eq!(weights(&[A, B, &of_a(|a| a / 3.0)]), [[1.0, 0.0, -3.0]]);
        let sum: Vec<f64> = A.iter().zip(B).map(|(a, b)| 2.0 * a + 3.0 * b).collect();
        assert_eq!(weights(&[A, B, &sum]), [[2.0, 3.0, -1.0]]);
    }

    #[test]
    fn short_decimals_and_other_numbers_keep_what_they_need() {
        assert_eq!(weights(&[A, &of_a(|a| 2.54 * a), B]), [[2.54, -1.0, 0.0]]);
        let root = found(&[A, &of_a(|a| 2f64.sqrt() * a), B]).remove(0);
        assert!((root.weights[0] + root.weights[1] * 2f64.sqrt()).abs() < 1e-14, "{root:?}");
        assert_eq!((root.weights[0], root.weights[2]), (1.0, 0.0));
        assert!(root.relative_residual < 1e-15);
    }

    #[test]
    fn relations_are_taken_apart() {
        let weights = weights(&[A, B, A, B, &[0.0; 5]]);
        assert_eq!(weights, [[0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 0.0, -1.0, 0.0, 0.0], [0.0, 1.0, 0.0, -1.0, 0.0]]);
    }

    #[test]
    fn a_relation_that_does_not_hold_is_not_rounded_into_one() {
        // 1e-7 off: within the tolerance of no rule, so that no relation is claimed at all.
        assert!(found(&[A, &of_a(|a| 12.0 * a + 1e-7 * a * a), B]).is_empty());
        // Below the rank rule beside a column of 1e12, and still not the whole number.
        let huge: Vec<f64> = B.iter().map(|b| 1e12 * b).collect();
        let off = found(&[A, &of_a(|a| 12.0 * a + 1e-7 * a * a), &huge]).remove(0);
        assert!(off.relative_residual > 1e-10, "the evidence shows it: {off:?}");
    }

    #[test]
    fn a_column_lost_beside_larger_ones_is_told_from_a_dependent_one() {
        let tiny: Vec<f64> = B.iter().map(|b| 1e-20 * b).collect();
        let relation = found(&[A, &tiny]).remove(0);
        assert_eq!(relation.weights, [0.0, 1.0]);
        assert!((relation.relative_residual - 1.0).abs() < 1e-12);
    }

    #[test]
    fn wide_and_zero_matrices_have_their_whole_null_space() {
        let relations = found(&[&[1.0], &[2.0], &[0.0], &[-4.0]]);
        assert_eq!(relations.len(), 3);
        assert!(relations.iter().all(|relation| relation.relative_residual < 1e-15), "{relations:?}");
        assert_eq!(weights(&[&[0.0, 0.0], &[0.0, 0.0]]), [[1.0, 0.0], [0.0, 1.0]]);
        let x = Matrix::zeros(1, 200);
        let all = (0..200).collect();
        assert_eq!(NullSpace::of(&x, &ThinSvd::of(&x)), NullSpace { nullity: 200, relations: None, unlisted: all });
    }
}
