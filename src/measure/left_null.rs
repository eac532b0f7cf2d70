//! Table `left_null`: the part of y that no weights can fit.

use super::Observation;
use super::table::table;
use crate::linalg::norm;

table! {
    "left_null", "trial";
    /// y split into the column space of X and its orthogonal complement, the left null space {r: X'r = 0}.
    pub struct LeftNullRow {
        /// Norm of y.
        result "y" y_norm: f64,
        /// Norm of the part of y in the column space, U U'y: what least squares fits.
        result "y" fitted_norm: f64,
        /// Norm of the rest, y - U U'y: the error that stays whatever the weights are.
        result "y" residual_norm: f64,
        /// residual_norm^2 / y_norm^2; empty for y = 0.
        result "1" irreducible_fraction: Option<f64>,
        /// Dimension of the left null space, n - rank.
        result "1" left_nullity: usize,
    }
}

/// The trial's row.
pub fn row(seen: &Observation<'_>) -> LeftNullRow {
    let y = &seen.problem.y;
    let y_norm = norm(y);
    let residual = seen.fit().solution(0.0).residual;
    let fitted: Vec<f64> = y.iter().zip(&residual).map(|(y, residual)| y - residual).collect();
    let residual_norm = norm(&residual);
    LeftNullRow {
        y_norm,
        fitted_norm: norm(&fitted),
        residual_norm,
        irreducible_fraction: (y_norm > 0.0).then(|| (residual_norm / y_norm).powi(2)),
        left_nullity: seen.svd.left_nullity(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::testing::{Case, close, recorded};

    #[test]
    fn a_small_residual_keeps_its_digits() {
        // y is 1e-9 off the column space: ||y||^2 - ||U'y||^2 would show 0.
        let row = row(&Case::new(&[&[3.0], &[4.0]], &[3.0 - 4e-9, 4.0 + 3e-9]).observation());
        close(row.residual_norm, 5e-9, 1e-6);
        close(row.fitted_norm, 5.0, 1e-15);
        assert_eq!(row.left_nullity, 1);
    }

    #[test]
    fn a_y_of_zeros_has_no_fraction() {
        let row = row(&Case::new(&[&[3.0], &[4.0]], &[0.0, 0.0]).observation());
        assert_eq!((row.residual_norm, row.irreducible_fraction), (0.0, None));
    }

    #[test]
    fn every_column_agrees_with_numpy() {
        for name in ["tall", "wide", "duplicate"] {
            let (case, recorded) = recorded(name);
            let row = row(&case.observation());
            let expected = &recorded["left_null"];
            let number = |column: &str| expected[column].as_f64().unwrap();
            close(row.fitted_norm, number("fitted_norm"), 1e-13);
            close(row.residual_norm + 1.0, number("residual_norm") + 1.0, 1e-13);
            assert_eq!(row.left_nullity as u64, expected["left_nullity"].as_u64().unwrap());
        }
    }
}
