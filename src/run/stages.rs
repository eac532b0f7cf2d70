//! What happens to a chunk of trials before and after it leaves the engine.

use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::guard::guarded;
use super::trial::{Factored, Finisher, Solved};
use super::{Cause, RunError};
use crate::config::{Config, OnError};
use crate::design::{self, Problem};
use crate::engine::{Engine, EngineError, EngineSeconds, Factors, GramSpectrum, Route, Vectors};
use crate::grid::Trial;
use crate::matrix::Matrix;
use crate::record::{FramePool, Frames, TimingRow};

/// Trials that one thread finishes into one buffer at a time, at most; fewer where a chunk has few.
const TRIALS_PER_PIECE: usize = 64;
/// Pieces of a chunk for each thread: trials of one chunk may cost more or less.
const PIECES_PER_THREAD: usize = 8;

/// One trial on its way through a chunk: everything known of it so far, or why it failed.
type Step<T> = (Trial, Result<T, Cause>);

/// The stages of one run.
pub(super) struct Stages<'a> {
    config: &'a Config,
    engine: &'a dyn Engine,
    finisher: Finisher<'a>,
    pool: FramePool,
}

/// A chunk that the engine has answered.
pub(super) struct Begun {
    steps: Vec<Step<Factored>>,
    generate_seconds: f64,
    engine_seconds: EngineSeconds,
}

/// A chunk with its rows.
pub(super) struct Finished {
    pub(super) frames: Vec<Frames>,
    pub(super) failures: Vec<(Trial, Cause)>,
    device: Route,
    matrices: usize,
    generate_seconds: f64,
    engine_seconds: EngineSeconds,
    certify_seconds: f64,
    measure_seconds: f64,
}

/// Successive trials of a chunk with their rows.
struct Piece {
    frames: Frames,
    failures: Vec<(Trial, Cause)>,
    /// What certifying and measuring took on this thread.
    solving: Duration,
    measuring: Duration,
}

impl<'a> Stages<'a> {
    /// For the run whose rows go into buffers of `pool`.
    pub(super) fn new(config: &'a Config, engine: &'a dyn Engine, pool: FramePool) -> Self {
        Self { config, engine, finisher: Finisher::new(config), pool }
    }

    /// Draws the problems of `trials` and hands all their matrices to the engine at once.
    pub(super) fn begin(&self, trials: &[Trial]) -> Result<Begun, RunError> {
        let (drawn, generate_seconds) = timed(|| generate(self.config, trials));
        let (steps, engine_seconds) = factor(self.config, self.engine, drawn)?;
        Ok(Begun { steps, generate_seconds, engine_seconds })
    }

    /// Certifies what the engine answered and computes the rows.
    pub(super) fn finish(&self, chunk: Begun) -> Result<Finished, RunError> {
        let Begun { steps, generate_seconds, engine_seconds } = chunk;
        let matrices = steps.iter().filter(|(_, step)| step.is_ok()).count();
        let length = steps.len().div_ceil(PIECES_PER_THREAD * rayon::current_num_threads()).clamp(1, TRIALS_PER_PIECE);
        let (pieces, seconds) =
            timed(|| steps.into_par_iter().chunks(length).map(|piece| self.finish_piece(piece)).collect::<Vec<_>>());
        let solving: Duration = pieces.iter().map(|piece| piece.solving).sum();
        let measuring: Duration = pieces.iter().map(|piece| piece.measuring).sum();
        let certify_seconds = seconds * share(solving, measuring);
        let (frames, failures): (Vec<Frames>, Vec<_>) =
            pieces.into_iter().map(|piece| (piece.frames, piece.failures)).unzip();
        let failures: Vec<(Trial, Cause)> = failures.into_iter().flatten().collect();
        if self.config.on_error == OnError::Stop
            && let Some((trial, cause)) = failures.first().cloned()
        {
            return Err(RunError::Trial { trial, cause });
        }
        let device = self.engine.route();
        Ok(Finished {
            frames,
            failures,
            device,
            matrices,
            generate_seconds,
            engine_seconds,
            certify_seconds,
            measure_seconds: seconds - certify_seconds,
        })
    }

    /// Certifies and measures the trials of `piece`, one after the other: a trial's matrices are in the caches for both, and
    /// the next one's take their memory.
    fn finish_piece(&self, piece: Vec<Step<Factored>>) -> Piece {
        let (mut solving, mut measuring) = (Duration::ZERO, Duration::ZERO);
        let mut frames = self.pool.take();
        let mut failures = Vec::new();
        for (trial, step) in piece {
            let start = Instant::now();
            let solved = step.and_then(|factored| guarded(|| self.finisher.solve(&trial, factored)));
            let between = Instant::now();
            failures.extend(rows(&self.finisher, &(trial, solved), &mut frames));
            solving += between - start;
            measuring += between.elapsed();
        }
        Piece { frames, failures, solving, measuring }
    }

    /// Takes the buffers of a chunk that is in the journal, for another chunk.
    pub(super) fn take_back(&self, frames: Vec<Frames>) {
        self.pool.give_back(frames);
    }
}

impl Finished {
    /// Its trials.
    pub(super) fn trials(&self) -> usize {
        self.frames.iter().map(Frames::count).sum()
    }

    pub(super) fn timing(&self, attempt: usize, chunk: usize, write_seconds: f64) -> TimingRow {
        TimingRow {
            attempt,
            chunk,
            device: self.device.name(),
            trials: self.trials(),
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

/// Which part of both `one` is; 0 where both are nothing.
fn share(one: Duration, other: Duration) -> f64 {
    let both = (one + other).as_secs_f64();
    if both > 0.0 { one.as_secs_f64() / both } else { 0.0 }
}

/// The result of `work`, and its seconds by the wall clock.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
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
    let wants_gram = config.tables.iter().any(|table| table.needs_gram());
    let (answer, grams) = if wants_gram {
        let (answer, spectra) = engine.factor_with_gram(batch)?;
        (answer, spectra.into_iter().map(Some).collect())
    } else {
        (engine.factor(batch, Vectors::Right)?, vec![None; batch.len()])
    };
    let answers: Vec<Answer> = answer.factors.into_iter().zip(grams).collect();
    if answers.len() != batch.len() {
        let message = format!("{} gave {} answers for {} matrices", engine.describe(), answers.len(), batch.len());
        return Err(EngineError { message });
    }
    Ok((answers, answer.seconds))
}

/// Appends the rows of a trial to `frames`, and says why it failed if it did.
fn rows(finisher: &Finisher<'_>, (trial, step): &Step<Solved>, frames: &mut Frames) -> Option<(Trial, Cause)> {
    let cause = match step {
        Ok(solved) => match guarded(|| finisher.record(*trial, Some(solved), frames)) {
            Ok(()) => return solved.has_failed().then_some((*trial, Cause::Unsolved)),
            Err(cause) => cause,
        },
        Err(cause) => cause.clone(),
    };
    finisher.record(*trial, None, frames);
    Some((*trial, cause))
}
