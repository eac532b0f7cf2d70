//! R^2 as textbooks mean it: the share of the variation of y around its mean that the columns and an intercept explain.
//!
//! The irreducible fraction of a report is a share of ||y||^2 in the span of X as it stands: 1 - R^2 only where the mean of y is 0.

use super::triangle::{Column, Triangle};
use crate::decomposition::ThinSvd;
use crate::linalg::{Columns, norm};
use crate::matrix::Matrix;

/// 1 - ||y - [1 X] w||^2 / ||y - mean||^2 for the triangle of [1 X y] with n > d; nothing for a constant y. The columns are taken at unit length, so
/// that no scale of one hides another, and what depends on others is left out by the rank.
pub(super) fn r_squared(triangle: &Triangle) -> Option<f64> {
    let around_mean = triangle.of_columns(&[Column::One, Column::Y]);
    let (mean, total) = (around_mean[(0, 1)].abs(), around_mean[(1, 1)].abs());
    // What centring leaves of a constant is rounding.
    if total <= f64::EPSILON * (triangle.n as f64).sqrt() * mean || total == 0.0 {
        return None;
    }
    let d = triangle.d;
    let chosen: Vec<Column> = [Column::One].into_iter().chain((0..d).map(Column::X)).chain([Column::Y]).collect();
    let r = triangle.of_columns(&chosen);
    let (columns, _) = super::scaled::unit_columns(Columns::from_fn(d + 2, d + 1, |i, j| r[(i, j)]));
    let svd = ThinSvd::of(&Matrix::from_fn(d + 2, d + 1, |i, j| columns[(i, j)]));
    let rest = norm(&svd.left_null_component(r.column(d + 1)));
    Some((1.0 - (rest / total).powi(2)).max(0.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::{Problem, Target};

    fn of(columns: &[&[f64]], y: &[f64]) -> Option<f64> {
        let x = Matrix::from_fn(y.len(), columns.len(), |i, j| columns[j][i]);
        let names = columns.iter().map(|_| String::new()).collect();
        let target = Some(Target { name: "y".to_owned(), y: y.to_vec() });
        r_squared(&Triangle::of(&Problem { names, x, target }).unwrap())
    }

    #[test]
    fn a_line_has_the_square_of_the_correlation_whether_or_not_a_constant_column_is_there() {
        let (t, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]);
        let expected = (29.0_f64 / 35.0).powi(2);
        let twice = t.map(|t| 2.0 * t);
        for columns in [vec![&t[..]], vec![&[7.0; 6][..], &t], vec![&t, &twice], vec![&[0.0; 6][..], &t]] {
            let found = of(&columns, &y).unwrap();
            assert!((found / expected - 1.0).abs() < 1e-13, "{} columns: {found}", columns.len());
        }
        assert_eq!(of(&[&t], &[3.1; 6]), None);
        assert_eq!(of(&[&t], &[0.0; 6]), None);
    }
}
