//! CPU path against GPU path, and each against its parts: what `nullsweep bench` measures, and how.
//!
//! A *case* is one shape and one batch size. Its *jobs* (draw, factor, certify, ... on either path) take turns, round after
//! round, so that a slow moment of the machine hits all of them alike. Nothing is discarded: first calls and warm-up are rows
//! of the raw table like any other, marked by their phase. `docs/bench.md` is the method in full.
//!
//! | file | what it holds |
//! |---|---|
//! | `plan` | which cases, which matrices, how many samples |
//! | `part` | the words: paths, parts, phases |
//! | `subject` | the jobs of a case; the only file here that knows an engine |
//! | `sampler` | first call, warm-up, rounds |
//! | `probe` | what this CPU can do at best: FMA and triad |
//! | `statistics` | median, bootstrap interval, trend |
//! | `operations` | flops and bytes by formula |
//! | `rows` | the two tables |
//! | `summary` | samples -> one row a point |
//! | `crossover` | from which batch size on the GPU is ahead |
//! | `figure` | what a matrix costs, and where the paths cross, as charts |
//! | `report`, `text` | everything together, for programs and for people |

mod crossover;
mod figure;
mod operations;
mod part;
mod plan;
mod probe;
mod report;
mod rows;
mod sampler;
mod statistics;
mod subject;
mod summary;
mod text;

use std::fmt;

pub use crossover::Crossover;
pub use part::{Part, Path, Phase};
pub use plan::{Case, Extent, MOST_BYTES, MOST_SAMPLES, Plan, PlanError, Shape};
pub use report::{BENCH_FILE, Report, SAMPLES_FILE, SUMMARY_FILE};
pub use rows::{SampleRow, SummaryRow};
pub use subject::{Side, Sides};

use crate::design::DesignError;
use crate::engine::EngineError;

/// Why a benchmark could not be finished.
#[derive(Clone, Debug, PartialEq)]
pub enum BenchError {
    /// A case has no matrices.
    Design {
        /// Which case.
        case: Case,
        /// Why.
        error: DesignError,
    },
    /// An engine was lost.
    Engine(EngineError),
    /// The threads of a probe could not be started.
    Threads(String),
}

impl fmt::Display for BenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Design { case, error } => write!(f, "{case}: {error}"),
            Self::Engine(error) => error.fmt(f),
            Self::Threads(why) => write!(f, "cannot start the threads of a probe: {why}"),
        }
    }
}

impl std::error::Error for BenchError {}

impl From<EngineError> for BenchError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// Measures every case of `plan` on `sides`, after the machine's own limits. `begin` is told of each before it starts.
///
/// Returns every sample in the order in which it was taken, those of opening a device first.
///
/// # Errors
/// [`BenchError`].
pub fn run(plan: &Plan, sides: &Sides, begin: impl FnMut(&str) + Send) -> Result<Vec<SampleRow>, BenchError> {
    // From inside the pool: a call from outside wakes a thread of it and waits, which on a busy machine takes longer than a
    // small batch. A run pays that once for a chunk of thousands.
    rayon::scope(|_| measure(plan, sides, begin))
}

fn measure(plan: &Plan, sides: &Sides, mut begin: impl FnMut(&str)) -> Result<Vec<SampleRow>, BenchError> {
    let mut rows = sides.opening_rows();
    begin("the CPU's own limits: FMA and triad");
    probe::sample(plan.samples, &mut rows)?;
    for case in &plan.cases {
        begin(&case.to_string());
        let subject = subject::Subject::draw(plan, case)?;
        let mut jobs = subject.jobs(sides);
        sampler::sample(&mut jobs, plan.samples, |sample| rows.push(SampleRow::new(Some(case), sample)))?;
    }
    Ok(rows)
}
