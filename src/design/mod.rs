//! Trial -> problem (X, y, w): one file per kind of design matrix (stub to be filled by its owner).

mod spec;

pub use spec::{DesignSpec, Gallery, Spacing, TargetSpec, Weights};

use crate::matrix::Matrix;

/// What one trial solves: y = X w + noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The design matrix, n x d. This stored f64 matrix is the one that every certificate speaks of.
    pub x: Matrix,
    /// Targets, n long.
    pub y: Vec<f64>,
    /// True weights, d long; `None` where y is measured data and nobody knows them.
    pub w: Option<Vec<f64>>,
    /// Standard deviation of the noise in y; `None` where y is measured data.
    pub noise: Option<f64>,
}
