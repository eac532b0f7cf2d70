//! The one orchestrator: trials -> chunks -> engine -> certificate -> tables -> journal. Only this room knows everybody.

mod chunks;
mod trial;

pub use chunks::{Budget, count as count_chunks};

use std::fmt;
use std::time::Instant;

use rayon::prelude::*;

use crate::config::{Config, OnError};
use crate::design::{self, DesignError, Problem};
use crate::engine::{Engine, EngineError, EngineSeconds, GramSpectrum, Vectors};
use crate::grid::Trial;
use crate::matrix::Matrix;
use crate::record::{RecordError, RunFolder, TimingRow, TrialRecord};

use trial::{Factored, Finisher, Solved};

/// Version of the mathematics that makes the rows. Raised whenever a change may alter a byte of a table, so that old
/// journals are not continued with new numbers.
pub const KERNEL_VERSION: u32 = 3;

/// Who watches a run: a progress bar, a signal handler, a test.
pub trait Watch: Sync {
    /// `trials` more are recorded.
    fn advance(&self, trials: usize);
    /// Whether to stop after the current chunk.
    fn stop_asked(&self) -> bool;
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every trial is recorded.
    Complete,
    /// Asked to stop; everything computed is recorded.
    Stopped,
}

/// Why a run could not go on.
#[derive(Debug)]
pub enum RunError {
    /// The folder.
    Record(RecordError),
    /// The engine.
    Engine(EngineError),
    /// A trial failed and the config says to stop then.
    Trial {
        /// Which.
        trial: Trial,
        /// Why.
        cause: Cause,
    },
}

/// Why a trial failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It has no X or no y.
    Design(DesignError),
    /// Its singular values could not be computed.
    Unsolved,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Design(error) => error.fmt(f),
            Self::Unsolved => f.write_str(
                "no singular values: sigma_max is beyond the range of f64, or the iteration did not converge",
            ),
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(error) => error.fmt(f),
            Self::Engine(error) => error.fmt(f),
            Self::Trial { trial, cause } => write!(
                f,
                "trial {trial}: {cause}; the chunks before this one are recorded (`on_error = \"record\"` in [run] \
                 goes on and marks such a row as failed)"
            ),
        }
    }
}

impl std::error::Error for RunError {}

impl From<RecordError> for RunError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl From<EngineError> for RunError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// Computes every trial of `config` that `folder` does not hold yet, chunk by chunk, and records each chunk before the
/// next begins. Memory is bounded by the chunk (and 8 bytes a trial in `folder`).
///
/// # Errors
/// [`RunError`]; whatever was recorded before stays recorded.
pub fn run(
    config: &Config,
    engine: &dyn Engine,
    folder: &mut RunFolder,
    budget: Budget,
    watch: &dyn Watch,
) -> Result<Ended, RunError> {
    let finisher = Finisher::new(config);
    let (mut at, mut number) = (0, 0);
    loop {
        // From `at` on: what is recorded below changes nothing behind it.
        let todo = folder.done().missing_from(at).map(|index| config.grid.trial(index));
        let trials = chunks::first(todo, budget);
        let Some(last) = trials.last() else { return Ok(Ended::Complete) };
        if watch.stop_asked() {
            return Ok(Ended::Stopped);
        }
        at = last.index + 1;
        let chunk = Chunk::compute(config, engine, &finisher, &trials)?;
        let start = Instant::now();
        folder.append(&chunk.records)?;
        folder.time(chunk.timing(folder.attempt(), number, engine, start.elapsed().as_secs_f64()))?;
        watch.advance(trials.len());
        number += 1;
    }
}

/// The trials that are computed together, and where their seconds went.
struct Chunk {
    records: Vec<TrialRecord>,
    matrices: usize,
    generate_seconds: f64,
    engine_seconds: EngineSeconds,
    certify_seconds: f64,
    measure_seconds: f64,
}

/// One trial on its way through a chunk: everything known of it so far, or why it failed.
type Step<T> = (Trial, Result<T, DesignError>);

impl Chunk {
    fn compute(
        config: &Config,
        engine: &dyn Engine,
        finisher: &Finisher<'_>,
        trials: &[Trial],
    ) -> Result<Self, RunError> {
        let (drawn, generate_seconds) = timed(|| generate(config, trials));
        let (factored, engine_seconds) = factor(config, engine, drawn?)?;
        let matrices = factored.iter().filter(|(_, step)| step.is_ok()).count();
        let (solved, certify_seconds) = timed(|| {
            let solve = |(trial, step): Step<Factored>| (trial, step.map(|factored| finisher.solve(&trial, factored)));
            factored.into_par_iter().map(solve).collect::<Vec<Step<Solved>>>()
        });
        if config.on_error == OnError::Stop {
            let unsolved = solved.iter().find(|(_, step)| step.as_ref().is_ok_and(Solved::has_failed));
            if let Some(&(trial, _)) = unsolved {
                return Err(RunError::Trial { trial, cause: Cause::Unsolved });
            }
        }
        let (records, measure_seconds) =
            timed(|| solved.into_par_iter().map(|(trial, step)| finisher.record(trial, step.as_ref().ok())).collect());
        Ok(Self { records, matrices, generate_seconds, engine_seconds, certify_seconds, measure_seconds })
    }

    fn timing(&self, attempt: usize, chunk: usize, engine: &dyn Engine, write_seconds: f64) -> TimingRow {
        TimingRow {
            attempt,
            chunk,
            device: engine.route().name(),
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

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
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
