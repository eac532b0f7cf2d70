//! One trial from the engine's answer to its rows. A pure function of the trial, so that any thread may do it.

use std::cell::OnceCell;

use crate::certify::{Certified, Enclosure, Ladder, Status, certify};
use crate::config::Config;
use crate::decomposition::ThinSvd;
use crate::design::Problem;
use crate::engine::{Convergence, Factors, GramSpectrum, Route};
use crate::grid::Trial;
use crate::linalg::Columns;
use crate::measure::{Observation, Verification, key_values};
use crate::record::Frames;
use crate::verify;

/// A problem with the engine's answer.
pub(super) struct Factored {
    pub(super) problem: Problem,
    pub(super) factors: Factors,
    pub(super) gram: Option<GramSpectrum>,
}

/// A problem with everything the tables look at.
pub(super) struct Solved {
    problem: Problem,
    certified: Certified,
    svd: ThinSvd,
    gram: Option<GramSpectrum>,
    verification: Option<Verification>,
}

/// What the config asks of every trial.
pub(super) struct Finisher<'a> {
    config: &'a Config,
    ladder: Ladder,
}

impl<'a> Finisher<'a> {
    pub(super) fn new(config: &'a Config) -> Self {
        let ladder = Ladder::of(config.engine.precision, config.engine.rtol);
        Self { config, ladder }
    }

    /// Certifies the engine's answer, climbing where the precision is `auto`, and asks nalgebra about the chosen trials.
    pub(super) fn solve(&self, trial: &Trial, factored: Factored) -> Solved {
        let Factored { problem, factors, gram } = factored;
        let mut certified = certify(&problem.x, factors, self.ladder, self.config.engine.rtol);
        let svd = ThinSvd::of_certified(&problem.x, &mut certified).unwrap_or_else(|| ThinSvd::of(&problem.x));
        let verification = verify::is_chosen(trial, self.config.verify.fraction)
            .then(|| verify::verify(&problem.x, &certified))
            .flatten();
        Solved { problem, certified, svd, gram, verification }
    }

    /// Appends the finished rows of a trial to `frames`; `None` stands for one that failed, which has a row that says so and
    /// no other.
    pub(super) fn record(&self, trial: Trial, solved: Option<&Solved>, frames: &mut Frames) {
        let failed;
        let solved = if let Some(solved) = solved {
            solved
        } else {
            failed = Solved::failed(&trial);
            &failed
        };
        let observation = Observation {
            trial,
            cell: &self.config.grid.cells[trial.cell],
            seeding: self.config.grid.seeding,
            design: Some(&self.config.design),
            problem: &solved.problem,
            certified: &solved.certified,
            svd: &solved.svd,
            gram: solved.gram.as_ref(),
            verification: solved.verification,
            settings: &self.config.settings,
            fit: OnceCell::new(),
        };
        frames.push(trial.index, &key_values(&trial), |payload| {
            for table in &self.config.tables {
                payload.table(|rows| table.measure(&observation, rows));
            }
        });
    }
}

impl Solved {
    /// Whether there are no numbers to show.
    pub(super) fn has_failed(&self) -> bool {
        self.certified.status == Status::Failed
    }

    /// What is known of a trial whose problem could not be made: nothing.
    fn failed(trial: &Trial) -> Self {
        let factors = Factors {
            sigma: Vec::new(),
            v: None,
            route: Route::CpuF64,
            jacobi_sweeps: 0,
            max_cos: f64::NAN,
            convergence: Convergence::SweepLimit,
        };
        let enclosure = Enclosure { lo: Vec::new(), hi: Vec::new() };
        let x = crate::matrix::Matrix::zeros(trial.n, trial.d);
        let svd =
            ThinSvd { sigma: Vec::new(), left: Columns::zeros(trial.n, 0), right: Columns::zeros(trial.d, 0), rank: 0 };
        Self {
            problem: Problem { x, y: vec![0.0; trial.n], w: None, noise: None },
            certified: Certified { factors, enclosure, status: Status::Failed, product: None },
            svd,
            gram: None,
            verification: None,
        }
    }
}
