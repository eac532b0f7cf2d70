//! Table `null_space`: steps w0 + alpha z from the minimum-norm solution along two vectors that are easily confused.
//!
//! A true null vector leaves every prediction alone. The last right singular vector of the thin SVD (the last row of
//! NumPy's `Vt`) is one only where X is rank deficient: otherwise it moves the predictions by alpha * sigma_min.

use super::table::table;
use super::{Observation, claimed};
use crate::grid::Stream;
use crate::linalg::norm;

table! {
    "null_space", "trial x alpha x vector";
    /// One step from the minimum-norm solution w0.
    pub struct NullSpaceRow {
        /// Length of the step along the unit vector z.
        key "y/x" alpha: f64,
        /// null (z is a random unit vector of the null space of X) or thin-last (z is the last right singular vector of the
        /// thin SVD). The entry of z that is largest in magnitude is positive.
        key "name" vector: &'static str,
        /// Dimension of the null space of X, d - rank; where it is 0 the null row is empty.
        result "1" nullity: usize,
        /// ||X (w0 + alpha z) - X w0|| as computed: on a null row nothing but rounding.
        result "y" prediction_change: Option<f64>,
        /// What the mathematics says: 0 for null, |alpha| sigma_min for thin-last (0 where sigma_min does not count towards
        /// the rank; empty where it counts but is unresolved).
        result "y" predicted_change: Option<f64>,
        /// ||w0||.
        result "y/x" w_norm_before: Option<f64>,
        /// ||w0 + alpha z||.
        result "y/x" w_norm_after: Option<f64>,
        /// Change of the expected squared error at a new x with uncorrelated entries of mean 0 and variance 1:
        /// ||w0 + alpha z - true w||^2 - ||w0 - true w||^2; empty where the true weights are unknown.
        result "y^2" test_mse_change: Option<f64>,
    }
}

/// For each alpha of the cell, ascending, the null row and the thin-last row.
pub fn rows(seen: &Observation<'_>) -> Vec<NullSpaceRow> {
    let w0 = seen.fit().solution(0.0).w;
    let null = null_vector(seen);
    let thin_last = thin_last(seen);
    let sigma_last = last_singular_value(seen);
    seen.cell
        .alpha
        .iter()
        .flat_map(|&alpha| {
            [
                step(seen, &w0, alpha, "null", null.as_deref(), Some(0.0)),
                step(seen, &w0, alpha, "thin-last", thin_last.as_deref(), sigma_last.map(|sigma| sigma * alpha.abs())),
            ]
        })
        .collect()
}

fn step(
    seen: &Observation<'_>,
    w0: &[f64],
    alpha: f64,
    vector: &'static str,
    z: Option<&[f64]>,
    predicted_change: Option<f64>,
) -> NullSpaceRow {
    let nullity = seen.svd.nullity();
    let Some(z) = z else {
        return NullSpaceRow {
            alpha,
            vector,
            nullity,
            prediction_change: None,
            predicted_change: None,
            w_norm_before: None,
            w_norm_after: None,
            test_mse_change: None,
        };
    };
    let x = &seen.problem.x;
    let w1: Vec<f64> = w0.iter().zip(z).map(|(w, z)| w + alpha * z).collect();
    let moved: Vec<f64> = x.times(&w1).iter().zip(x.times(w0)).map(|(after, before)| after - before).collect();
    NullSpaceRow {
        alpha,
        vector,
        nullity,
        prediction_change: Some(norm(&moved)),
        predicted_change,
        w_norm_before: Some(norm(w0)),
        w_norm_after: Some(norm(&w1)),
        test_mse_change: seen.problem.w.as_deref().map(|truth| {
            // alpha^2 ||z||^2 + 2 alpha z'(w0 - w*): the difference of the two squares would cancel.
            let slope: f64 = z.iter().zip(w0.iter().zip(truth)).map(|(z, (w, truth))| z * (w - truth)).sum();
            let length: f64 = z.iter().map(|z| z * z).sum();
            // Adding 0 makes a -0 of alpha = 0 a 0.
            alpha * (alpha * length + 2.0 * slope) + 0.0
        }),
    }
}

/// A unit vector of the null space: the null component of d normals. Each direction of the null space is as likely as
/// any other, and none is singled out by how an SVD happens to complete V.
fn null_vector(seen: &Observation<'_>) -> Option<Vec<f64>> {
    if seen.svd.nullity() == 0 {
        return None;
    }
    let g = seen.seeding.stream(&seen.trial, Stream::NullSpace).normals(seen.problem.x.cols());
    unit(seen.svd.null_component(&g))
}

/// The last right singular vector of the thin SVD; nothing where the thin SVD of a wide, rank-deficient X leaves it
/// undetermined.
fn thin_last(seen: &Observation<'_>) -> Option<Vec<f64>> {
    let last = seen.svd.right.cols().checked_sub(1)?;
    unit(seen.svd.right.column(last).to_vec())
}

/// sigma_min as the tables count it: 0 beyond the rank, nothing where it is unresolved.
fn last_singular_value(seen: &Observation<'_>) -> Option<f64> {
    let (&sigma, &lo) = seen.svd.sigma.last().zip(seen.certified.enclosure.lo.last())?;
    if seen.svd.rank < seen.svd.sigma.len() { Some(0.0) } else { claimed(sigma, lo) }
}

/// `z` scaled to unit length, with the sign that makes its largest entry in magnitude positive; nothing for z = 0.
pub(super) fn unit(mut z: Vec<f64>) -> Option<Vec<f64>> {
    let length = norm(&z);
    if length.is_nan() || length == 0.0 {
        return None;
    }
    let largest = z.iter().fold(0.0, |largest: f64, z| largest.max(z.abs()));
    // Entries of equal size come out a rounding apart: the first of them decides, not the luckiest.
    let decides = z.iter().find(|z| z.abs() >= largest * (1.0 - 1e-9)).copied().unwrap_or(1.0);
    let scale = length.copysign(decides);
    for z in &mut z {
        *z /= scale;
    }
    Some(z)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::testing::{Case, close};

    #[test]
    fn the_null_line_of_two_equal_columns() {
        // Null space spanned by (1, -1) / sqrt 2; the minimum-norm solution of y = (2, 4) is (1, 1).
        let mut case = Case::new(&[&[1.0, 1.0], &[2.0, 2.0]], &[2.0, 4.0]).with_truth(&[2.0, 0.0], 0.0);
        case.cell.alpha = vec![-3.0];
        let rows = rows(&case.observation());
        assert_eq!(rows.iter().map(|row| row.vector).collect::<Vec<_>>(), ["null", "thin-last"]);
        for row in &rows {
            assert_eq!(row.nullity, 1);
            assert!(row.prediction_change.unwrap() < 1e-14);
            assert_eq!(row.predicted_change, Some(0.0));
            close(row.w_norm_before.unwrap(), 2f64.sqrt(), 1e-14);
            close(row.w_norm_after.unwrap(), 11f64.sqrt(), 1e-14);
            // w0 - w* = (-1, 1), z = (1, -1) / sqrt 2: 9 - 6 * (-sqrt 2).
            close(row.test_mse_change.unwrap(), 9.0 + 6.0 * 2f64.sqrt(), 1e-14);
        }
    }

    #[test]
    fn without_a_null_space_the_null_row_is_empty_and_thin_last_moves_predictions() {
        let mut case = Case::new(&[&[3.0, 0.0], &[0.0, 0.5], &[0.0, 0.0]], &[1.0, 1.0, 1.0]);
        case.cell.alpha = vec![2.0];
        let rows = rows(&case.observation());
        assert_eq!((rows[0].nullity, rows[0].prediction_change, rows[0].w_norm_after), (0, None, None));
        close(rows[1].prediction_change.unwrap(), 1.0, 1e-14);
        close(rows[1].predicted_change.unwrap(), 1.0, 1e-14);
    }

    #[test]
    fn the_sign_is_decided_by_the_first_of_the_largest() {
        let z = unit(vec![-3.0, 3.0 + 1e-15, 1.0]).unwrap();
        assert!(z[0] > 0.0 && z[1] < 0.0);
        assert_eq!(unit(vec![0.0, 0.0]), None);
    }
}
