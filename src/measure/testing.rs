//! A trial by hand, for the tests of the tables.

use std::cell::OnceCell;

use serde_json::Value as Json;

use super::{Arithmetic, Observation, Perturbed, SelectionSettings, Settings, Solver, Verification};
use crate::certify::{Certified, Enclosure, Status};
use crate::decomposition::ThinSvd;
use crate::design::{DesignSpec, Problem};
use crate::engine::{Convergence, Factors, GramSpectrum, Route};
use crate::grid::{Cell, Seeding, Trial};
use crate::linalg::{normal_matrix, one_sided_jacobi};
use crate::matrix::Matrix;

/// Everything an observation borrows; a test changes what it is about.
pub(super) struct Case {
    pub(super) problem: Problem,
    pub(super) cell: Cell,
    pub(super) svd: ThinSvd,
    pub(super) certified: Certified,
    pub(super) gram: Option<GramSpectrum>,
    pub(super) verification: Option<Verification>,
    pub(super) settings: Settings,
    pub(super) design: Option<DesignSpec>,
}

impl Case {
    /// Measured targets `y` for the X with these rows; enclosures of relative half-width 1e-13.
    pub(super) fn new(rows: &[&[f64]], y: &[f64]) -> Self {
        let x = Matrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j]);
        let svd = ThinSvd::of(&x);
        let sigma = svd.sigma.clone();
        let enclosure = Enclosure {
            lo: sigma.iter().map(|sigma| sigma * (1.0 - 1e-13)).collect(),
            hi: sigma.iter().map(|sigma| sigma * (1.0 + 1e-13)).collect(),
        };
        let factors = Factors {
            sigma,
            v: None,
            route: Route::CpuF64,
            jacobi_sweeps: 3,
            max_cos: 0.0,
            convergence: Convergence::Converged,
        };
        let eigenvalues = one_sided_jacobi(&mut normal_matrix::<f64>(&x), None).sigma;
        let roots = eigenvalues.iter().map(|value| value.sqrt()).collect();
        Self {
            cell: Cell {
                n: x.rows(),
                d: x.cols(),
                epsilon: None,
                lambda: Vec::new(),
                delta: Vec::new(),
                alpha: Vec::new(),
            },
            problem: Problem { x, y: y.to_vec(), w: None, noise: None },
            svd,
            certified: Certified { factors, enclosure, status: Status::Ok, product: None },
            gram: Some(GramSpectrum { roots, route: Route::CpuF64 }),
            verification: None,
            design: None,
            settings: Settings {
                solvers: vec![Solver::Svd, Solver::Qr, Solver::NormalEquations, Solver::Ridge],
                perturbed: vec![Perturbed::Y, Perturbed::X],
                arithmetic: vec![Arithmetic::F64],
                iterations: Vec::new(),
                step: 1.0,
                weight_decay: 0.0,
                selection: SelectionSettings::default(),
            },
        }
    }

    /// With known weights and noise.
    pub(super) fn with_truth(mut self, w: &[f64], noise: f64) -> Self {
        self.problem.w = Some(w.to_vec());
        self.problem.noise = Some(noise);
        self
    }

    /// Replicate 0 of seed 7.
    pub(super) fn observation(&self) -> Observation<'_> {
        let Cell { n, d, epsilon, .. } = self.cell;
        Observation {
            trial: Trial { index: 0, cell: 0, n, d, epsilon, replicate: 0 },
            cell: &self.cell,
            seeding: Seeding::Keyed(7),
            design: self.design.as_ref(),
            problem: &self.problem,
            certified: &self.certified,
            svd: &self.svd,
            gram: self.gram.as_ref(),
            verification: self.verification,
            settings: &self.settings,
            fit: OnceCell::new(),
        }
    }
}

/// A problem with what NumPy found for it (`tests/fixtures/measure.py`): tall, wide or duplicate.
pub(super) fn recorded(name: &str) -> (Case, Json) {
    let all: Json = serde_json::from_str(include_str!("../../tests/fixtures/measure.json")).unwrap();
    let recorded = all[name].clone();
    let numbers =
        |json: &Json| -> Vec<f64> { json.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect() };
    let rows: Vec<Vec<f64>> = recorded["x"].as_array().unwrap().iter().map(numbers).collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let case = Case::new(&rows, &numbers(&recorded["y"]));
    let mut case = case.with_truth(&numbers(&recorded["w"]), recorded["noise"].as_f64().unwrap());
    case.cell.lambda =
        recorded["ridge"].as_array().unwrap().iter().map(|row| row["lambda"].as_f64().unwrap()).collect();
    (case, recorded)
}

/// Asserts |actual - expected| <= tolerance |expected|; NaN is never close.
#[track_caller]
pub(super) fn close(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual - expected).abs() <= tolerance * expected.abs(), "{actual:e} is not {expected:e}");
}
