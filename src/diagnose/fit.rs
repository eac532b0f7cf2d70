//! What the columns say of a target: minimum-norm and ridge solutions, and the part that no weights explain.

use super::Target;
use crate::decomposition::{self, ThinSvd};
use crate::linalg::norm;
use crate::matrix::Matrix;

/// The solutions for one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// What the target is called.
    pub target: String,
    /// ||y||.
    pub y_norm: f64,
    /// Norm of the part of y in the left null space of X: the error that stays whatever the weights are.
    pub irreducible_norm: f64,
    /// `irreducible_norm`^2 / ||y||^2; nothing for y = 0 and where ||y|| exceeds f64.
    pub irreducible_fraction: Option<f64>,
    /// One per penalty, in the order asked for.
    pub solutions: Vec<Solution>,
}

/// The w that minimises ||X w - y||^2 + lambda ||w||^2, of minimum norm where lambda is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The penalty.
    pub lambda: f64,
    /// d weights, with all digits that the stored problem determines ([`decomposition::Fit::refined`]).
    pub w: Vec<f64>,
    /// ||y - X w||, of the solution before it was rounded to f64.
    pub residual_norm: f64,
}

impl Fit {
    pub(super) fn of(x: &Matrix, svd: &ThinSvd, target: &Target, lambdas: &[f64]) -> Self {
        let y = &target.y;
        let (y_norm, irreducible_norm) = (norm(y), norm(&svd.left_null_component(y)));
        let problem = decomposition::Fit::new(svd, x, y);
        let solve = |&lambda: &f64| {
            let decomposition::Solution { w, residual, .. } = problem.refined(lambda);
            Solution { lambda, w, residual_norm: norm(&residual) }
        };
        Self {
            target: target.name.clone(),
            y_norm,
            irreducible_norm,
            irreducible_fraction: (y_norm > 0.0 && y_norm.is_finite()).then(|| (irreducible_norm / y_norm).powi(2)),
            solutions: lambdas.iter().map(solve).collect(),
        }
    }
}
