//! The CPU engine in f64. Values alone by bidiagonalization, with V through the Gram matrix, in both cases small matrices of one shape side by
//! side; where either may do harm, preconditioned one-sided Jacobi.

mod correction;
mod gram;
mod gram_route;
mod gram_sum;
mod groups;
mod jacobi;
mod lockstep;
mod one_by_one;
mod refine;
mod signs;
mod storage;
mod svd;
mod values;

use std::time::Instant;

use rayon::prelude::*;

use gram_route::Room;
pub use gram_sum::GramSum;
use groups::groups_of_one_shape;
pub use refine::{Refined, refine};
pub use svd::{factor, factor_with_gram, gram_spectrum};

use super::{Clock, Engine, EngineError, EngineSeconds, Factored, Factors, GramSpectrum, Route, Vectors};
use crate::linalg::{ITERATIONS_TOGETHER, instruction_set};
use crate::matrix::Matrix;

/// Runs on all threads of the current rayon pool. Which instructions it uses is decided when it is called, and does
/// not change a bit of the result: sums run in fixed lanes, and the source says what is fused.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuEngine;

/// Bytes of matrices per batch for each thread: enough to keep it busy, little enough to stop and report often.
const BATCH_BYTES_PER_THREAD: usize = 8 << 20;

impl Engine for CpuEngine {
    fn describe(&self) -> String {
        let threads = rayon::current_num_threads();
        let noun = if threads == 1 { "thread" } else { "threads" };
        format!("cpu ({}, {threads} {noun})", instruction_set())
    }

    fn route(&self) -> Route {
        Route::CpuF64
    }

    fn batch_bytes(&self) -> usize {
        BATCH_BYTES_PER_THREAD * rayon::current_num_threads()
    }

    fn factor(&self, batch: &[&Matrix], vectors: Vectors) -> Result<Factored, EngineError> {
        let start = Instant::now();
        let factors = match vectors {
            Vectors::None => values::values_of_batch(batch),
            Vectors::Right => with_spectra(batch).into_iter().map(|(factors, _)| factors).collect(),
        };
        let seconds = host_seconds(start);
        Ok(Factored { factors, seconds })
    }

    fn factor_with_gram(&self, batch: &[&Matrix]) -> Result<(Factored, Vec<GramSpectrum>), EngineError> {
        let start = Instant::now();
        let (factors, spectra) = with_spectra(batch).into_iter().unzip();
        let seconds = host_seconds(start);
        Ok((Factored { factors, seconds }, spectra))
    }

    fn gram_spectra(&self, batch: &[&Matrix]) -> Result<Vec<GramSpectrum>, EngineError> {
        let groups = groups_of_one_shape(batch, ITERATIONS_TOGETHER);
        Ok(groups.par_iter().map_init(Room::default, |room, group| room.spectra(group)).flatten_iter().collect())
    }
}

/// Factors with V and spectra of each of `batch`, the same numbers as one by one, on all threads of the current rayon pool.
fn with_spectra(batch: &[&Matrix]) -> Vec<(Factors, GramSpectrum)> {
    let groups = groups_of_one_shape(batch, ITERATIONS_TOGETHER);
    groups.par_iter().map_init(Room::default, |room, group| room.factors_and_spectra(group)).flatten_iter().collect()
}

/// The seconds since `start`, all of them computing.
fn host_seconds(start: Instant) -> EngineSeconds {
    EngineSeconds { kernel: start.elapsed().as_secs_f64(), kernel_clock: Some(Clock::Host), ..EngineSeconds::default() }
}
