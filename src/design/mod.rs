//! Trial -> problem (X, y, w): one file per kind of design matrix.
//!
//! Every problem is drawn from the trial's one generator in the same order, so that NumPy rebuilds it:
//!
//! ```python
//! rng = np.random.default_rng([seed, n, d, replicate])   # default_rng(seed) under `rng = { numpy = seed }`
//! G = rng.normal(size=(n, d))     # only if the design is random: a fixed X draws nothing
//! w = rng.normal(size=d)          # always drawn, whatever the weights are to be
//! g = rng.normal(size=n)          # always drawn, also without noise
//! X = ...                         # the file of each kind says how; its further draws, if any, come here
//! y = np.zeros(n)
//! for j in range(d):
//!     y += X[:, j] * w[j]
//! if features > d:                # only with features that the model does not see; the last draws of all
//!     v = rng.normal(size=features - d)
//!     Z = rng.normal(size=(n, features - d))
//!     for k in range(features - d):
//!         y += Z[:, k] * v[k]
//! y += noise * g
//! ```
//!
//! X, w and y equal NumPy's bit for bit, `spectrum` excepted, whose orthogonal factors agree to rounding. No product is
//! fused with a sum. (`X @ w` sums in an order of its own and may differ from y in the last bits.)

mod ar1;
mod check;
mod collinear;
mod collinear_exact;
mod duplicate;
mod fresh;
mod gallery;
mod gaussian;
mod literal;
mod low_rank;
mod orthogonal;
pub mod recipe;
mod spec;
mod spectrum;
mod target;

use std::fmt;

pub use fresh::Population;
pub use spec::{DesignSpec, Gallery, Spacing, TargetSpec, Weights};

use crate::grid::{Seeding, Trial};
use crate::matrix::Matrix;
use crate::rng::Generator;

/// What one trial solves: y = X w + what no function of X explains.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The design matrix, n x d. This stored f64 matrix is the one that every certificate speaks of.
    pub x: Matrix,
    /// Targets, n long.
    pub y: Vec<f64>,
    /// True weights, d long; `None` where y is measured data and nobody knows them.
    pub w: Option<Vec<f64>>,
    /// Standard deviation of each entry of y - X w given X and all weights: that of the noise, or, where y is made of features
    /// that are no columns of X, sqrt(noise^2 + ||v||^2) with their weights v. `None` where y is measured data.
    pub noise: Option<f64>,
}

/// Why a trial has no problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DesignError {
    /// The design or the target cannot have this shape or epsilon; the words say why and what to change.
    Unfit(String),
    /// An entry of X overflowed f64.
    NotFinite {
        /// Row of X, from 0.
        row: usize,
        /// Column of X, from 0.
        col: usize,
    },
    /// An entry of y overflowed f64.
    TargetNotFinite {
        /// Row of X, from 0.
        row: usize,
    },
}

impl fmt::Display for DesignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfit(why) => f.write_str(why),
            Self::NotFinite { row, col } => write!(
                f,
                "X overflows f64 in row {}, column {}: choose smaller n, d or epsilon for this design",
                row + 1,
                col + 1
            ),
            Self::TargetNotFinite { row } => {
                write!(f, "y overflows f64 in row {}: choose smaller weights or less noise", row + 1)
            }
        }
    }
}

impl std::error::Error for DesignError {}

/// Builds the problem of `trial`: X is `trial.n` x `trial.d`, every entry of X and y is finite.
///
/// # Errors
/// [`DesignError::Unfit`] where [`DesignSpec::check`] or [`TargetSpec::check`] refuse the trial (a config that was
/// checked has none), [`DesignError::NotFinite`] and [`DesignError::TargetNotFinite`] if an entry overflows.
pub fn build(
    design: &DesignSpec,
    target: &TargetSpec,
    seeding: Seeding,
    trial: &Trial,
) -> Result<Problem, DesignError> {
    let Trial { n, d, epsilon, .. } = *trial;
    design.check(n, d, epsilon).map_err(DesignError::Unfit)?;
    target.check(n, d).map_err(DesignError::Unfit)?;

    let mut rng = seeding.generator(trial);
    let normals = if design.is_random() { rng.normals(n * d) } else { Vec::new() };
    let draws = target::Draws { w: rng.normals(d), noise: rng.normals(n) };
    let x = matrix(design, trial, normals, &mut rng);
    if let Some((row, col)) = x.first_not_finite() {
        return Err(DesignError::NotFinite { row, col });
    }
    let problem = target::problem(target, x, draws, &mut rng);
    match problem.y.iter().position(|y| !y.is_finite()) {
        Some(row) => Err(DesignError::TargetNotFinite { row }),
        None => Ok(problem),
    }
}

/// X from the normals that came first (n * d of them, row by row, for a random design) and a generator that stands
/// after the noise; it leaves the generator where hidden features are drawn.
fn matrix(design: &DesignSpec, trial: &Trial, normals: Vec<f64>, rng: &mut Generator) -> Matrix {
    let Trial { n, d, epsilon, .. } = *trial;
    // Only a low-rank design goes without epsilon where it could have one; the others were refused by `check`.
    let epsilon = epsilon.unwrap_or(0.0);
    let g = || Matrix::new(n, d, normals);
    match design {
        DesignSpec::Gaussian => gaussian::build(g()),
        DesignSpec::Collinear => collinear::build(g(), epsilon),
        DesignSpec::CollinearExact => collinear_exact::build(g(), epsilon),
        DesignSpec::Duplicate { copies, multiple } => duplicate::build(g(), *copies, *multiple),
        DesignSpec::LowRank { rank } => low_rank::build(g(), *rank, epsilon, rng),
        DesignSpec::Spectrum { spacing } => spectrum::build(&g(), *spacing, epsilon, rng),
        DesignSpec::Ar1 { rho } => ar1::build(g(), *rho),
        DesignSpec::Gallery(gallery) => gallery::build(*gallery, n, d, epsilon),
        DesignSpec::Matrix { x, .. } | DesignSpec::File { x, .. } => literal::build(x),
    }
}
