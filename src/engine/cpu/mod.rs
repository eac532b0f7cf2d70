//! The CPU engine: preconditioned one-sided Jacobi in f64, one matrix a task.

mod svd;

use rayon::prelude::*;

pub use svd::{Refined, factor, gram_spectrum, refine};

use super::{Clock, Engine, EngineError, EngineSeconds, Factored, GramSpectrum, Route, Vectors};
use crate::linalg::instruction_set;
use crate::matrix::Matrix;

/// Runs on all threads of the current rayon pool. Which instructions it uses is decided when it is called, and does
/// not change a bit of the result: sums run in fixed lanes and nothing is contracted.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuEngine;

/// Bytes of matrices per batch for each thread: enough to keep it busy, little enough to stop and report often.
const BATCH_BYTES_PER_THREAD: usize = 8 << 20;

impl Engine for CpuEngine {
    fn describe(&self) -> String {
        format!("cpu ({}, {} threads)", instruction_set(), rayon::current_num_threads())
    }

    fn route(&self) -> Route {
        Route::CpuF64
    }

    fn batch_bytes(&self) -> usize {
        BATCH_BYTES_PER_THREAD * rayon::current_num_threads()
    }

    fn factor(&self, batch: &[&Matrix], vectors: Vectors) -> Result<Factored, EngineError> {
        let start = std::time::Instant::now();
        let factors = batch.par_iter().map(|x| factor(x, vectors)).collect();
        let seconds = EngineSeconds {
            kernel: start.elapsed().as_secs_f64(),
            kernel_clock: Some(Clock::Host),
            ..EngineSeconds::default()
        };
        Ok(Factored { factors, seconds })
    }

    fn gram_spectra(&self, batch: &[&Matrix]) -> Result<Vec<GramSpectrum>, EngineError> {
        Ok(batch.par_iter().map(|x| gram_spectrum(x)).collect())
    }
}
