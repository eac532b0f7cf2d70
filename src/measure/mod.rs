//! Factors -> rows: one file per table.
//!
//! A table sees an [`Observation`]: the trial, its problem, its certified decomposition. It never sees an engine, a
//! config or a file. A new table is one new file and one line in [`TableId`].

pub mod arithmetic;
pub mod descent;
pub mod dictionary;
pub mod left_null;
pub mod null_space;
pub mod perturbation;
pub mod ridge;
pub mod selection;
pub mod sigmas;
mod solvers;
pub mod spectrum;
pub mod table;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod testing;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use crate::certify::{Certified, Status};
use crate::decomposition::{Fit, ThinSvd};
use crate::design::{DesignSpec, Problem};
use crate::engine::GramSpectrum;
use crate::grid::{Cell, Seeding, Trial};
pub use selection::{Chooser, SelectionSettings};
use table::{Column, Kind, Role, Schema, Sink, Type, Value};

/// nalgebra's opinion of one trial, where it was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verification {
    /// max over i of |sigma_i - nalgebra's sigma_i| / sigma_max.
    pub rel_diff: f64,
    /// Whether that is within what both promise.
    pub agrees: bool,
}

/// Settings of the tables that have any (`[perturbation]`, `[descent]`, `[selection]`).
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Which least-squares solvers the perturbation table compares, in the order of their rows.
    pub solvers: Vec<Solver>,
    /// What is perturbed, in the order of the rows.
    pub perturbed: Vec<Perturbed>,
    /// In which arithmetics the solvers' own rounding is shown, in the order of the rows.
    pub arithmetic: Vec<Arithmetic>,
    /// Iterations at which the descent table looks, ascending.
    pub iterations: Vec<u64>,
    /// Step size of gradient descent as a share of 1 / (sigma_max^2 + weight decay); below 2 it converges.
    pub step: f64,
    /// Weight decay of gradient descent: the penalty lambda of the ridge problem that is descended.
    pub weight_decay: f64,
    /// Which solutions the selection table compares, and how they are found.
    pub selection: SelectionSettings,
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

/// The arithmetic that a least-squares solver works in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// IEEE double precision.
    F64,
    /// IEEE single precision; X and y are rounded to it as well.
    F32,
}

/// All that a table may look at.
pub struct Observation<'a> {
    /// Which trial this is.
    pub trial: Trial,
    /// Its cell: the lambdas, deltas and alphas to measure.
    pub cell: &'a Cell,
    /// How its generators are seeded.
    pub seeding: Seeding,
    /// What X was drawn from; `None` where it was given as it is.
    pub design: Option<&'a DesignSpec>,
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
    /// Behind [`Observation::fit`]; empty at first.
    pub fit: OnceCell<Fit<'a>>,
}

impl<'a> Observation<'a> {
    /// The least-squares problem of the trial, with y split into what X fits and the rest. Made when a table first asks, and
    /// then the same for all of them.
    pub fn fit(&self) -> &Fit<'a> {
        self.fit.get_or_init(|| Fit::new(self.svd, &self.problem.x, &self.problem.y))
    }
}

/// Columns that precede those of every table: which trial a row belongs to.
pub const TRIAL_KEY: [Column; 4] = [
    Column { name: "n", role: Role::Key, unit: "1", meaning: "Observations: rows of X." },
    Column { name: "d", role: Role::Key, unit: "1", meaning: "Features: columns of X." },
    Column {
        name: "epsilon",
        role: Role::Key,
        unit: "1",
        meaning: "Size of the independent part of a nearly dependent column; empty where the grid has no such axis.",
    },
    Column { name: "replicate", role: Role::Key, unit: "1", meaning: "Redraw index of the cell, from 0." },
];

/// What the columns of [`TRIAL_KEY`] hold.
pub const TRIAL_KEY_TYPES: [Type; TRIAL_KEY.len()] = [
    Type::always(Kind::Integer),
    Type::always(Kind::Integer),
    Type::sometimes(Kind::Number),
    Type::always(Kind::Integer),
];

/// The values of [`TRIAL_KEY`].
pub fn key_values(trial: &Trial) -> [Value; TRIAL_KEY.len()] {
    [trial.n.into(), trial.d.into(), trial.epsilon.into(), trial.replicate.into()]
}

/// The tables that are measured from a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableId {
    /// Singular values, condition numbers, what the Gram path loses, how it all came about.
    Spectrum,
    /// Every singular value with its enclosure.
    Sigmas,
    /// Ridge solutions over lambda.
    Ridge,
    /// Sensitivity and rounding error of least-squares solvers.
    Perturbation,
    /// Steps along null vectors.
    NullSpace,
    /// What no weights can fit.
    LeftNull,
    /// Gradient descent in closed form.
    Descent,
    /// What sigma_min comes out as in f32, pairs of f32, f64 and through X'X.
    Arithmetic,
    /// Which of the many solutions each method ends at.
    Selection,
}

impl TableId {
    /// In the order in which they are documented.
    pub const ALL: [Self; 9] = [
        Self::Spectrum,
        Self::Sigmas,
        Self::Ridge,
        Self::Perturbation,
        Self::NullSpace,
        Self::LeftNull,
        Self::Descent,
        Self::Arithmetic,
        Self::Selection,
    ];

    /// The name that configs and file names use.
    pub fn name(self) -> &'static str {
        self.schema().name
    }

    /// The table called `name`, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Name and columns, without [`TRIAL_KEY`].
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::Spectrum => &spectrum::SpectrumRow::SCHEMA,
            Self::Sigmas => &sigmas::SigmasRow::SCHEMA,
            Self::Ridge => &ridge::RidgeRow::SCHEMA,
            Self::Perturbation => &perturbation::PerturbationRow::SCHEMA,
            Self::NullSpace => &null_space::NullSpaceRow::SCHEMA,
            Self::LeftNull => &left_null::LeftNullRow::SCHEMA,
            Self::Descent => &descent::DescentRow::SCHEMA,
            Self::Arithmetic => &arithmetic::ArithmeticRow::SCHEMA,
            Self::Selection => &selection::SelectionRow::SCHEMA,
        }
    }

    /// Whether the table reads [`Observation::gram`]; its columns are empty where that is `None`.
    pub fn needs_gram(self) -> bool {
        self == Self::Spectrum
    }

    /// Gives the trial's rows to `sink` in key order, without [`TRIAL_KEY`]. A trial that failed has a row in the spectrum
    /// table, which says so, and none elsewhere.
    pub fn measure(self, seen: &Observation<'_>, sink: &mut impl Sink) {
        if seen.certified.status == Status::Failed && self != Self::Spectrum {
            return;
        }
        match self {
            Self::Spectrum => spectrum::row(seen).push_into(sink),
            Self::Sigmas => sigmas::rows(seen).for_each(|row| row.push_into(sink)),
            Self::Ridge => ridge::rows(seen).into_iter().for_each(|row| row.push_into(sink)),
            Self::Perturbation => perturbation::rows(seen).into_iter().for_each(|row| row.push_into(sink)),
            Self::NullSpace => null_space::rows(seen).into_iter().for_each(|row| row.push_into(sink)),
            Self::LeftNull => left_null::row(seen).push_into(sink),
            Self::Descent => descent::rows(seen).into_iter().for_each(|row| row.push_into(sink)),
            Self::Arithmetic => arithmetic::rows(seen).into_iter().for_each(|row| row.push_into(sink)),
            Self::Selection => selection::rows(seen).into_iter().for_each(|row| row.push_into(sink)),
        }
    }

    /// How many rows a trial of `cell` has.
    pub fn rows_per_trial(self, cell: &Cell, settings: &Settings) -> usize {
        match self {
            Self::Spectrum | Self::LeftNull => 1,
            Self::Sigmas => cell.n.min(cell.d),
            Self::Ridge => cell.lambda.len(),
            Self::Perturbation => {
                let rows = |solver: &Solver| if *solver == Solver::Ridge { cell.lambda.len() } else { 1 };
                let methods: usize = settings.solvers.iter().map(rows).sum();
                let changes = cell.delta.iter().filter(|&&delta| delta > 0.0).count() * settings.perturbed.len();
                let rounding = if cell.delta.contains(&0.0) { settings.arithmetic.len() } else { 0 };
                methods * (rounding + changes)
            }
            // A step along a true null vector and one along the last vector of the thin SVD.
            Self::NullSpace => 2 * cell.alpha.len(),
            // From zero and from a random start.
            Self::Descent => 2 * settings.iterations.len(),
            // f32, df32, f64 and f64-gram.
            Self::Arithmetic => 4,
            Self::Selection => settings.selection.rows(cell),
        }
    }
}

impl Solver {
    /// The name that configs and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Svd => "svd",
            Self::Qr => "qr",
            Self::NormalEquations => "normal-equations",
            Self::Ridge => "ridge",
        }
    }
}

impl Arithmetic {
    /// The name that configs and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
        }
    }
}

impl Perturbed {
    /// The name that configs and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Y => "y",
            Self::X => "X",
        }
    }
}

/// `value` where `lo`, the lower end of its enclosure, is above 0: an enclosure that contains 0 supports no digit of it.
fn claimed(value: f64, lo: f64) -> Option<f64> {
    (lo > 0.0).then_some(value)
}
