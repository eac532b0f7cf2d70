//! The one orchestrator: trials -> chunks -> engine -> certificate -> tables -> journal. Only this room knows everybody.
//!
//! Three chunks are under way beside each other, one in each stage:
//!
//! ```text
//! begin: draw X, y; engine      finish: certify, measure      append: journal
//!        chunk k + 1                    chunk k                    chunk k - 1
//! ```
//! While a device computes, the processor certifies what it returned before, and the disk takes what is finished. Chunks reach
//! the journal in their order, so that an error in one of them leaves everything before it recorded.

mod chunks;
mod guard;
pub mod settings;
mod stages;
mod trial;

pub use chunks::{Budget, count as count_chunks};
pub use guard::{is_caught as panic_is_caught, message as panic_message};

use std::fmt;

use crate::config::Config;
use crate::design::DesignError;
use crate::engine::{Engine, EngineError};
use crate::grid::Trial;
use crate::record::{RecordError, RunFolder};

use guard::unguarded;
use stages::{Begun, Finished, Stages, timed};

/// Version of the mathematics that makes the rows. Raised whenever a change may alter a byte of a table, so that old
/// journals are not continued with new numbers.
pub const KERNEL_VERSION: u32 = 6;

/// Who watches a run: a progress bar, a signal handler, a test.
pub trait Watch: Sync {
    /// `trials` more are recorded.
    fn advance(&self, trials: usize);
    /// Whether to begin no further chunk.
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

/// Computes every trial of `config` that `folder` is to hold and does not hold yet, chunk by chunk. Memory is bounded by the
/// three chunks under way (and 8 bytes a trial in `folder`).
///
/// # Errors
/// [`RunError`]; every chunk before the one that failed is recorded and stays so.
pub fn run(
    config: &Config,
    engine: &dyn Engine,
    folder: &mut RunFolder,
    budget: Budget,
    watch: &dyn Watch,
) -> Result<Ended, RunError> {
    // On a thread of the pool: from outside, every chunk would be handed over to one and waited for.
    rayon::scope(|_| run_chunks(config, engine, folder, budget, watch))
}

fn run_chunks(
    config: &Config,
    engine: &dyn Engine,
    folder: &mut RunFolder,
    budget: Budget,
    watch: &dyn Watch,
) -> Result<Ended, RunError> {
    let stages = Stages::new(config, engine, folder.frame_pool());
    let mut line = Line::default();
    let mut recorder = Recorder { folder, watch, number: 0 };
    let mut at = 0;
    let ended = loop {
        // From `at` on: what is recorded below changes nothing behind it.
        let todo = recorder.folder.missing_from(at).map(|index| config.grid.trial(index));
        let trials = chunks::first(config, todo, budget);
        let Some(last) = trials.last() else { break Ended::Complete };
        if watch.stop_asked() {
            break Ended::Stopped;
        }
        at = last.index + 1;
        line.advance(Some(trials), &stages, &mut recorder)?;
        if line.failure.is_some() {
            break Ended::Stopped;
        }
    };
    while line.is_busy() {
        line.advance(None, &stages, &mut recorder)?;
    }
    line.failure.map_or(Ok(ended), Err)
}

/// The chunks under way.
#[derive(Default)]
struct Line {
    begun: Option<Begun>,
    finished: Option<Finished>,
    /// What ended the run; the chunks before the one that failed may still be under way.
    failure: Option<RunError>,
}

impl Line {
    fn is_busy(&self) -> bool {
        self.begun.is_some() || self.finished.is_some()
    }

    /// Takes every chunk one stage further, all at the same time, and lets `trials` in.
    ///
    /// # Errors
    /// Of the journal, which makes the chunks behind worthless. Other failures wait in `failure` until those are recorded.
    fn advance(
        &mut self,
        trials: Option<Vec<Trial>>,
        stages: &Stages<'_>,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), RunError> {
        let (begun, finished) = (self.begun.take(), self.finished.take());
        let ((entering, leaving), recorded) = rayon::join(
            || {
                rayon::join(
                    || trials.map(|trials| stages.begin(&trials)).transpose(),
                    || begun.map(|chunk| stages.finish(chunk)).transpose(),
                )
            },
            || {
                unguarded(|| {
                    finished.map_or(Ok(()), |chunk| recorder.record(&chunk).map(|()| stages.take_back(chunk.frames)))
                })
            },
        );
        recorded?;
        match (entering, leaving) {
            (Ok(entering), Ok(leaving)) => (self.begun, self.finished) = (entering, leaving),
            // The chunk before the failed one goes on.
            (Err(error), Ok(leaving)) => (self.finished, self.failure) = (leaving, Some(error)),
            // The chunk behind the failed one is not recorded without it.
            (_, Err(error)) => self.failure = Some(error),
        }
        Ok(())
    }
}

/// The end of the line: the journal, and whoever watches.
struct Recorder<'a> {
    folder: &'a mut RunFolder,
    watch: &'a dyn Watch,
    /// Of the next chunk.
    number: usize,
}

impl Recorder<'_> {
    fn record(&mut self, chunk: &Finished) -> Result<(), RunError> {
        for (trial, cause) in &chunk.failures {
            self.watch.failed(trial, cause);
        }
        let (appended, write_seconds) = timed(|| self.folder.append_frames(&chunk.frames));
        appended?;
        self.folder.time(chunk.timing(self.folder.attempt(), self.number, write_seconds))?;
        self.watch.advance(chunk.trials());
        self.number += 1;
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
