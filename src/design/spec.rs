//! What a config may ask of a design: plain, already checked data.

use std::path::PathBuf;

use crate::matrix::Matrix;

/// The kind of design matrix with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum DesignSpec {
    /// Independent standard normal entries.
    Gaussian,
    /// Gaussian, then the last column becomes x_1 + epsilon x_d. Uses the epsilon axis.
    Collinear,
    /// Gaussian, then the last column becomes x_1 + epsilon x_2: exactly dependent for every epsilon. Uses the
    /// epsilon axis.
    CollinearExact,
    /// Gaussian, then the last `copies` columns become `multiple` times x_1.
    Duplicate {
        /// How many columns repeat the first, at least 1, less than d.
        copies: usize,
        /// What they multiply it by, finite and not 0: 12 for months beside years.
        multiple: f64,
    },
    /// L R / sqrt(rank) + epsilon G with L n x rank, R rank x d and G n x d Gaussian. Uses the epsilon axis (absent: 0).
    LowRank {
        /// At least 1.
        rank: usize,
    },
    /// Random orthogonal factors around prescribed singular values, from 1 down to epsilon: kappa = 1/epsilon.
    /// Uses the epsilon axis.
    Spectrum {
        /// How the values between 1 and epsilon are spaced.
        spacing: Spacing,
    },
    /// Correlated columns: x_1 = g_1, x_j = rho x_(j-1) + sqrt(1 - rho^2) g_j.
    Ar1 {
        /// Correlation of neighbouring columns, in (-1, 1).
        rho: f64,
    },
    /// A named matrix without randomness.
    Gallery(Gallery),
    /// Entries written in the config.
    Matrix {
        /// The entries.
        x: Matrix,
        /// Names of the columns, d of them, if given.
        names: Option<Vec<String>>,
    },
    /// Entries read from a file when the config was checked.
    File {
        /// Where they came from.
        path: PathBuf,
        /// The entries.
        x: Matrix,
        /// Names of the columns, if the file has a header.
        names: Option<Vec<String>>,
    },
}

/// Spacing of prescribed singular values between 1 and epsilon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Equal ratios.
    Geometric,
    /// Equal differences.
    Arithmetic,
    /// All 1 but the last, which is epsilon.
    OneSmall,
    /// The first 1, all others epsilon.
    Clustered,
}

/// Test matrices of the literature (Higham, "The Test Matrix Toolbox"; Hansen for lauchli).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gallery {
    /// 1 / (i + j - 1).
    Hilbert,
    /// Rows 1, t, t^2, ... at n equally spaced points t of [0, 1].
    Vandermonde,
    /// Upper triangular, s^i (1 on the diagonal, -c right of it), s = sin(theta), c = cos(theta).
    Kahan {
        /// Angle in radians, in (0, pi/2).
        theta: f64,
    },
    /// A row of ones above epsilon times the identity: (d + 1) x d. Uses the epsilon axis.
    Lauchli,
    /// Binomial coefficients (symmetric Pascal matrix).
    Pascal,
    /// Upper Hessenberg with determinant 1.
    Frank,
    /// Symmetric Toeplitz, extremely ill conditioned for a small bandwidth.
    Prolate {
        /// Half bandwidth, in (0, 0.5).
        w: f64,
    },
    /// 1 / (x_i + y_j) with x_i = i, y_j = j.
    Cauchy,
}

/// Where y comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetSpec {
    /// y = X w + Z v + noise, where the last D - d of `features` D make Z.
    Model {
        /// The true weights.
        weights: Weights,
        /// Standard deviation of the noise, at least 0.
        noise: f64,
        /// D, the number of features that y is made of, at least d: the model sees the first d as X, and never the others, which
        /// are independent standard normals. `None`: d, y is made of X alone.
        features: Option<usize>,
    },
    /// Measured data: n values read from a column or a file, or written in the config.
    Given(Vec<f64>),
}

/// The true weights of a target model, (w, v) where some features are hidden. The generator always draws d normals for w and
/// n for the noise after X, and D - d for v if there are any, whatever is asked for here, so that one choice never changes
/// another.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// The normals drawn for them.
    Normal,
    /// All 1.
    Ones,
    /// The first `nonzeros` of the normals, the rest 0.
    Sparse {
        /// At least 1; capped at the number of features.
        nonzeros: usize,
    },
    /// One value per feature as written, those of X first.
    List(Vec<f64>),
}
