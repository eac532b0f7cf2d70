//! What happens to a chunk of trials before and after it leaves the engine.

use std::time::Instant;

use rayon::prelude::*;

use super::trial::{Factored, Finisher, Solved};
use super::{Cause, RunError};
use crate::config::{Config, OnError};
use crate::design::{self, DesignError, Problem};
use crate::engine::{Engine, EngineError, EngineSeconds, GramSpectrum, Route, Vectors};
use crate::grid::Trial;
use crate::matrix::Matrix;
use crate::record::{TimingRow, TrialRecord};

/// One trial on its way through a chunk: everything known of it so far, or why it failed.
type Step<T> = (Trial, Result<T, DesignError>);

/// The stages of one run.
pub(super) struct Stages<'a> {
    config: &'a Config,
    engine: &'a dyn Engine,
    finisher: Finisher<'a>,
}

/// A chunk that the engine has answered.
pub(super) struct Begun {
    steps: Vec<Step<Factored>>,
    generate_seconds: f64,
    engine_seconds: EngineSeconds,
}

/// A chunk with its rows.
pub(super) struct Finished {
    pub(super) records: Vec<TrialRecord>,
    device: Route,
    matrices: usize,
    generate_seconds: f64,
    engine_seconds: EngineSeconds,
    certify_seconds: f64,
    measure_seconds: f64,
}

impl<'a> Stages<'a> {
    pub(super) fn new(config: &'a Config, engine: &'a dyn Engine) -> Self {
        Self { config, engine, finisher: Finisher::new(config) }
    }

    /// Draws the problems of `trials` and hands all their matrices to the engine at once.
    pub(super) fn begin(&self, trials: &[Trial]) -> Result<Begun, RunError> {
        let (drawn, generate_seconds) = timed(|| generate(self.config, trials));
        let (steps, engine_seconds) = factor(self.config, self.engine, drawn?)?;
        Ok(Begun { steps, generate_seconds, engine_seconds })
    }

    /// Certifies what the engine answered and computes the rows.
    pub(super) fn finish(&self, chunk: Begun) -> Result<Finished, RunError> {
        let Begun { steps, generate_seconds, engine_seconds } = chunk;
        let finisher = &self.finisher;
        let matrices = steps.iter().filter(|(_, step)| step.is_ok()).count();
        let (solved, certify_seconds) = timed(|| {
            let solve = |(trial, step): Step<Factored>| (trial, step.map(|factored| finisher.solve(&trial, factored)));
            steps.into_par_iter().map(solve).collect::<Vec<Step<Solved>>>()
        });
        if self.config.on_error == OnError::Stop {
            let unsolved = solved.iter().find(|(_, step)| step.as_ref().is_ok_and(Solved::has_failed));
            if let Some(&(trial, _)) = unsolved {
                return Err(RunError::Trial { trial, cause: Cause::Unsolved });
            }
        }
        let (records, measure_seconds) =
            timed(|| solved.into_par_iter().map(|(trial, step)| finisher.record(trial, step.as_ref().ok())).collect());
        let device = self.engine.route();
        Ok(Finished { records, device, matrices, generate_seconds, engine_seconds, certify_seconds, measure_seconds })
    }
}

impl Finished {
    pub(super) fn timing(&self, attempt: usize, chunk: usize, write_seconds: f64) -> TimingRow {
        TimingRow {
            attempt,
            chunk,
            device: self.device.name(),
            trials: self.records.len(),
            matrices: self.matrices,
            generate_seconds: self.generate_seconds,
            upload_seconds: self.engine_seconds.upload,
            kernel_seconds: self.engine_seconds.kernel,
            readback_seconds: self.engine_seconds.readback,
            certify_seconds: self.certify_seconds,
            measure_seconds: self.measure_seconds,
            write_seconds,
        }
    }
}

/// The result of `work`, and its seconds by the wall clock.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}

/// Draws the problems of `trials`.
fn generate(config: &Config, trials: &[Trial]) -> Result<Vec<Step<Problem>>, RunError> {
    let draw = |&trial: &Trial| (trial, design::build(&config.design, &config.target, config.grid.seeding, &trial));
    let problems: Vec<Step<Problem>> = trials.par_iter().map(draw).collect();
    if config.on_error == OnError::Stop {
        for (trial, problem) in &problems {
            if let Err(error) = problem {
                return Err(RunError::Trial { trial: *trial, cause: Cause::Design(error.clone()) });
            }
        }
    }
    Ok(problems)
}

/// Hands all matrices of the chunk to the engine at once and gives each trial what is its own.
fn factor(
    config: &Config,
    engine: &dyn Engine,
    problems: Vec<Step<Problem>>,
) -> Result<(Vec<Step<Factored>>, EngineSeconds), RunError> {
    let matrices: Vec<&Matrix> = problems.iter().filter_map(|(_, problem)| Some(&problem.as_ref().ok()?.x)).collect();
    let answer = engine.factor(&matrices, Vectors::Right)?;
    let mut seconds = answer.seconds;
    let grams: Vec<Option<GramSpectrum>> = if config.tables.iter().any(|table| table.needs_gram()) {
        let (spectra, gram_seconds) = timed(|| engine.gram_spectra(&matrices));
        // Transfers included: an engine does not tell them apart for this.
        seconds.kernel += gram_seconds;
        spectra?.into_iter().map(Some).collect()
    } else {
        vec![None; matrices.len()]
    };
    let mut answers = answer.factors.into_iter().zip(grams);
    let steps: Option<Vec<Step<Factored>>> = problems
        .into_iter()
        .map(|(trial, problem)| {
            let step = match problem {
                Ok(problem) => {
                    let (factors, gram) = answers.next()?;
                    Ok(Factored { problem, factors, gram })
                }
                Err(error) => Err(error),
            };
            Some((trial, step))
        })
        .collect();
    let missing = || EngineError { message: format!("{} returned fewer answers than matrices", engine.describe()) };
    Ok((steps.ok_or_else(missing)?, seconds))
}
