//! Factors -> rows: one file per table.
//!
//! A table sees an [`Observation`]: the trial, its problem, its certified decomposition. It never sees an engine, a
//! config or a file. A new table is one new file and one line in [`TableId`].

pub mod table;

use crate::certify::Certified;
use crate::decomposition::ThinSvd;
use crate::design::Problem;
use crate::engine::GramSpectrum;
use crate::grid::{Cell, Seeding, Trial};

/// nalgebra's opinion of one trial, where it was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verification {
    /// max over i of |sigma_i - nalgebra's sigma_i| / sigma_max.
    pub rel_diff: f64,
    /// Whether that is within what both promise.
    pub agrees: bool,
}

/// Settings of the tables that have any (`[perturbation]`, `[descent]`).
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Which least-squares solvers the perturbation table compares, in the order of their rows.
    pub solvers: Vec<Solver>,
    /// What is perturbed, in the order of the rows.
    pub perturbed: Vec<Perturbed>,
    /// Iterations at which the descent table looks, ascending.
    pub iterations: Vec<u64>,
    /// Step size of gradient descent as a share of 1 / sigma_max^2; below 2 it converges.
    pub step: f64,
    /// Weight decay of gradient descent: the penalty lambda of the ridge problem that is descended.
    pub weight_decay: f64,
}

/// A least-squares solver of the perturbation table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solver {
    /// Minimum-norm solution by the SVD.
    Svd,
    /// Householder QR.
    Qr,
    /// Cholesky factorization of X'X.
    NormalEquations,
    /// Ridge by the SVD, one row per lambda of the cell.
    Ridge,
}

/// Which datum of a least-squares problem is perturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Perturbed {
    /// y + delta ||y|| g / ||g||.
    Y,
    /// X + delta ||X||_F G / ||G||_F.
    X,
}

/// All that a table may look at.
pub struct Observation<'a> {
    /// Which trial this is.
    pub trial: Trial,
    /// Its cell: the lambdas, deltas and alphas to measure.
    pub cell: &'a Cell,
    /// How its generators are seeded.
    pub seeding: Seeding,
    /// X, y, w.
    pub problem: &'a Problem,
    /// Singular values with their enclosures, route and status.
    pub certified: &'a Certified,
    /// Thin SVD of X with the rank decided.
    pub svd: &'a ThinSvd,
    /// Spectrum of X'X as formed; `None` where it was not asked for.
    pub gram: Option<&'a GramSpectrum>,
    /// nalgebra's opinion, for the trials it was asked about.
    pub verification: Option<Verification>,
    /// Settings of the tables.
    pub settings: &'a Settings,
}
