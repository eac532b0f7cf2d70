//! What is wrong with a design matrix of one's own: which columns depend on others, exactly or nearly, what its singular values and
//! rank are for certain, which weights fit a target and how many of their digits can be trusted, what ridge would buy.
//!
//! ```text
//! files -> input (FileRows) -> in memory: Problem -> engine -> certify -> Report -> text or JSON
//!                           -> in passes: triangle -> passes           -> Report
//!
//! Report = certificate, null_space, fit, Analysis, findings
//! Analysis: outline (facts, scaled -> collinearity, leverage, digits; triangle -> vif, explained, ridge), rows gone through for it
//! finding: the numbers in words, most important first;  out: tables and figures;  fail_on: conditions for pipelines
//! ```
//! [`diagnose`] serves a batch of problems, [`each_file`] any number of files in bounded memory. A finding is a part of
//! [`Report`] with its evidence; [`Report::to_text`] and [`json_line`] show it.

mod analysis;
mod centring;
mod collinearity;
mod digits;
mod equation;
mod explained;
mod facts;
mod fail_on;
mod file_rows;
mod files;
mod finding;
mod fit;
mod input;
mod json;
mod lanes;
mod leverage;
mod moments;
mod null_space;
pub mod out;
mod outline;
mod passes;
mod preparation;
mod report;
mod ridge;
pub mod rows;
mod scaled;
mod text;
pub mod triangle;
mod vif;
mod watch;
mod words;

pub use analysis::{Analysis, Known};
pub use collinearity::{Collinearity, HIGH_INDEX, HIGH_PROPORTION, Near};
pub use digits::Digits;
pub use facts::Facts;
pub use fail_on::{Condition, Met};
pub use file_rows::FileRows;
pub use files::each_file;
pub use finding::{Finding, Kind, Severity, Verdict};
pub use fit::{Fit, Solution};
pub use input::{HELD_ENTRIES, Memory, Problem, Source, Target, TargetRef};
pub use json::{error_line, json_line};
pub use leverage::Leverage;
pub use null_space::{NullSpace, Relation};
pub use passes::diagnose_rows;
pub use preparation::{INTERCEPT, Intercept, Preparation, Scale};
pub use report::{Report, Sigma};
pub use ridge::{Best, Grid, Place, RidgeAdvice, RidgePoint, RidgeSettings};
pub use scaled::Scaled;
pub use vif::Vif;
pub use watch::{Unwatched, Watch};

use rayon::prelude::*;

use crate::engine::{Engine, EngineError, Factors, GramSpectrum, Precision, Vectors};
use crate::matrix::Matrix;

/// What is asked of every problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How far the ladder of precisions may be climbed.
    pub precision: Precision,
    /// Wanted relative half-width of sigma_min's enclosure.
    pub rtol: f64,
    /// Ridge penalties to solve for, at least 0 and finite; 0 is the minimum-norm least-squares solution.
    pub lambdas: Vec<f64>,
    /// What is asked of ridge beside them.
    pub ridge: RidgeSettings,
}

/// Diagnoses every problem, in the order given. Matrices must be finite and without a dimension of 0, as every reader of
/// [`crate::data`] returns them; together they should not exceed [`Engine::batch_bytes`].
///
/// # Errors
/// If the engine as a whole is lost.
pub fn diagnose(problems: &[&Problem], engine: &dyn Engine, settings: &Settings) -> Result<Vec<Report>, EngineError> {
    let matrices: Vec<&Matrix> = problems.iter().map(|problem| &problem.x).collect();
    let answers = engine.factor(&matrices, Vectors::Right)?.factors;
    // For n < d the answer is known without computing: X'X is singular.
    let tall: Vec<&Matrix> = matrices.iter().copied().filter(|x| x.rows() >= x.cols()).collect();
    let mut grams = engine.gram_spectra(&tall)?.into_iter();
    let grams: Vec<_> = matrices.iter().map(|x| if x.rows() >= x.cols() { grams.next() } else { None }).collect();
    if answers.len() != problems.len() {
        return Err(EngineError { message: format!("{} returned fewer answers than matrices", engine.describe()) });
    }
    let report = |((problem, factors), gram): ((&&Problem, Factors), Option<GramSpectrum>)| {
        Report::new(problem, factors, gram.as_ref(), settings)
            .map_err(|error| EngineError { message: error.to_string() })
    };
    problems.par_iter().zip(answers).zip(grams).map(report).collect()
}
