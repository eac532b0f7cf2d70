//! The one orchestrator: trials -> chunks -> engine -> certificate -> tables -> journal. Only this room knows everybody.

mod chunks;
mod guard;
#[cfg(test)]
mod tests;
mod trial;

pub use chunks::{Budget, count as count_chunks};
pub use guard::{is_caught as panic_is_caught, message as panic_message};

use std::fmt;
use std::time::Instant;

use rayon::prelude::*;

use crate::config::{Config, OnError};
use crate::design::{self, DesignError, Problem};
use crate::engine::{Engine, EngineError, EngineSeconds, Factors, GramSpectrum, Vectors};
use crate::grid::Trial;
use crate::matrix::Matrix;
use crate::record::{RecordError, RunFolder, TimingRow, TrialRecord};

use guard::guarded;
use trial::{Factored, Finisher, Solved};

/// Version of the mathematics that makes the rows. Raised whenever a change may alter a byte of a table, so that old
/// journals are not continued with new numbers.
pub const KERNEL_VERSION: u32 = 2;

/// Who watches a run: a progress bar, a signal handler, a test.
pub trait Watch: Sync {
    /// `trials` more are recorded.
    fn advance(&self, trials: usize);
    /// Whether to stop after the current chunk.
    fn stop_asked(&self) -> bool;
    /// A trial failed; its row will say so, and nothing but this says why.
    fn failed(&self, trial: &Trial, cause: &Cause);
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
    /// The engine answered with more or fewer singular values than the matrix has, or with vectors of another shape.
    Misshapen,
    /// A bug of this program, in its own words.
    Panic(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Design(error) => error.fmt(f),
            Self::Unsolved => f.write_str(
                "no singular values: sigma_max is beyond the range of f64, or the iteration did not converge",
            ),
            Self::Misshapen => f.write_str("the engine's answer does not have the shape of the matrix"),
            Self::Panic(words) => {
                write!(f, "a bug of nullsweep, please report it with the config and these words: {words}")
            }
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
        for (trial, cause) in &chunk.failures {
            watch.failed(trial, cause);
        }
        folder.append(&chunk.records)?;
        folder.time(chunk.timing(folder.attempt(), number, engine, start.elapsed().as_secs_f64()))?;
        watch.advance(trials.len());
        number += 1;
    }
}

/// The trials that are computed together, and where their seconds went.
struct Chunk {
    records: Vec<TrialRecord>,
    failures: Vec<(Trial, Cause)>,
    matrices: usize,
    generate_seconds: f64,
    engine_seconds: EngineSeconds,
    certify_seconds: f64,
    measure_seconds: f64,
}

/// One trial on its way through a chunk: everything known of it so far, or why it failed.
type Step<T> = (Trial, Result<T, Cause>);

impl Chunk {
    fn compute(
        config: &Config,
        engine: &dyn Engine,
        finisher: &Finisher<'_>,
        trials: &[Trial],
    ) -> Result<Self, RunError> {
        let (drawn, generate_seconds) = timed(|| generate(config, trials));
        let (factored, engine_seconds) = factor(config, engine, drawn)?;
        let matrices = factored.iter().filter(|(_, step)| step.is_ok()).count();
        let (solved, certify_seconds) = timed(|| {
            let solve = |(trial, step): Step<Factored>| {
                (trial, step.and_then(|factored| guarded(|| finisher.solve(&trial, factored))))
            };
            factored.into_par_iter().map(solve).collect::<Vec<Step<Solved>>>()
        });
        let (finished, measure_seconds) =
            timed(|| solved.into_par_iter().map(|step| finish(finisher, step)).collect::<Vec<_>>());
        let mut failures = Vec::new();
        let mut records = Vec::with_capacity(finished.len());
        for (trial, record, failure) in finished {
            failures.extend(failure.map(|cause| (trial, cause)));
            records.push(record);
        }
        if config.on_error == OnError::Stop
            && let Some((trial, cause)) = failures.first().cloned()
        {
            return Err(RunError::Trial { trial, cause });
        }
        Ok(Self { records, failures, matrices, generate_seconds, engine_seconds, certify_seconds, measure_seconds })
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
fn generate(config: &Config, trials: &[Trial]) -> Vec<Step<Problem>> {
    let draw = |&trial: &Trial| {
        let build = || design::build(&config.design, &config.target, config.grid.seeding, &trial);
        (trial, guarded(build).and_then(|problem| problem.map_err(Cause::Design)))
    };
    trials.par_iter().map(draw).collect()
}

/// Hands all matrices of the chunk to the engine at once and gives each trial what is its own.
fn factor(
    config: &Config,
    engine: &dyn Engine,
    problems: Vec<Step<Problem>>,
) -> Result<(Vec<Step<Factored>>, EngineSeconds), RunError> {
    let matrices: Vec<&Matrix> = problems.iter().filter_map(|(_, problem)| Some(&problem.as_ref().ok()?.x)).collect();
    let mut seconds = EngineSeconds::default();
    let answers = if let Ok(answers) = guarded(|| ask(config, engine, &matrices)) {
        let (answers, of_batch) = answers?;
        seconds += of_batch;
        answers.into_iter().map(Ok).collect()
    } else {
        // Which matrix it was shows when each goes alone.
        let mut alone = Vec::with_capacity(matrices.len());
        for x in &matrices {
            match guarded(|| ask(config, engine, &[x])) {
                Ok(answers) => {
                    let (answers, of_matrix) = answers?;
                    seconds += of_matrix;
                    alone.extend(answers.into_iter().map(Ok));
                }
                Err(cause) => alone.push(Err(cause)),
            }
        }
        alone
    };
    let mut answers = answers.into_iter();
    let own = |(trial, problem): Step<Problem>| {
        let step = problem.and_then(|problem| {
            // `ask` gives one for each.
            let (factors, gram) = answers.next().unwrap_or(Err(Cause::Misshapen))?;
            if has_shape_of(&problem.x, &factors) {
                Ok(Factored { problem, factors, gram })
            } else {
                Err(Cause::Misshapen)
            }
        });
        (trial, step)
    };
    Ok((problems.into_iter().map(own).collect(), seconds))
}

/// Whether there are as many singular values as X has, and V fits them. The certificate proves what each interval
/// contains, not that none is left out.
fn has_shape_of(x: &Matrix, factors: &Factors) -> bool {
    let q = x.rows().min(x.cols());
    factors.sigma.len() == q && factors.v.as_ref().is_none_or(|v| (v.rows(), v.cols()) == (q, q))
}

/// What an engine says of one matrix.
type Answer = (Factors, Option<GramSpectrum>);

/// One answer for each matrix of `batch`.
fn ask(config: &Config, engine: &dyn Engine, batch: &[&Matrix]) -> Result<(Vec<Answer>, EngineSeconds), EngineError> {
    let answer = engine.factor(batch, Vectors::Right)?;
    let mut seconds = answer.seconds;
    let grams: Vec<Option<GramSpectrum>> = if config.tables.iter().any(|table| table.needs_gram()) {
        let (spectra, gram_seconds) = timed(|| engine.gram_spectra(batch));
        // Transfers included: an engine does not tell them apart for this.
        seconds.kernel += gram_seconds;
        spectra?.into_iter().map(Some).collect()
    } else {
        vec![None; batch.len()]
    };
    let answers: Vec<Answer> = answer.factors.into_iter().zip(grams).collect();
    if answers.len() != batch.len() {
        let message = format!("{} gave {} answers for {} matrices", engine.describe(), answers.len(), batch.len());
        return Err(EngineError { message });
    }
    Ok((answers, seconds))
}

/// The rows of a trial, and why it failed if it did.
fn finish(finisher: &Finisher<'_>, (trial, step): Step<Solved>) -> (Trial, TrialRecord, Option<Cause>) {
    let step = step.and_then(|solved| {
        let unsolved = solved.has_failed().then_some(Cause::Unsolved);
        guarded(|| finisher.record(trial, Some(&solved))).map(|record| (record, unsolved))
    });
    match step {
        Ok((record, unsolved)) => (trial, record, unsolved),
        Err(cause) => (trial, finisher.record(trial, None), Some(cause)),
    }
}
