//! What this CPU can do at best, measured: fused multiply-adds in registers, and STREAM's triad in memory. They are the
//! two limits of the roofline model (Williams, Waterman & Patterson 2009).

use std::hint::black_box;
use std::time::Instant;

use rayon::prelude::*;

use super::BenchError;
use super::part::{Part, Path};
use super::rows::SampleRow;
use super::sampler::{self, Job, Outcome};
use crate::linalg::vectorized;

/// Independent chains of vectors of a thread: more than hide a latency of four cycles on two units, and with the two
/// constants fewer than there are registers.
const CHAINS: usize = 12;

/// Links of each chain, counted in scalars: about a millisecond.
const LINKS: usize = 1 << 20;

/// Flops of one call of the FMA probe on each thread.
pub(super) const FMA_FLOPS: f64 = 2.0 * CHAINS as f64 * LINKS as f64;

/// Entries of each of the triad's three vectors: 32 MiB, beyond any cache of one core.
const ENTRIES: usize = 1 << 22;

/// Bytes that one triad moves, as STREAM counts them: two vectors read, one written.
pub(super) const TRIAD_BYTES: f64 = 3.0 * 8.0 * ENTRIES as f64;

/// Entries that a thread takes at a time.
const SHARE: usize = 1 << 15;

/// Samples both probes on one thread and on all of them.
pub(super) fn sample(rounds: usize, rows: &mut Vec<SampleRow>) -> Result<(), BenchError> {
    let mut counts = vec![1, rayon::current_num_threads()];
    counts.dedup();
    for threads in counts {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| BenchError::Threads(error.to_string()))?;
        let mut triad = Triad::new(&pool);
        let fma = || Ok(timed(Part::Fma, || drop(pool.broadcast(|_| black_box(fma_chains())))));
        let mut jobs = [
            Job { path: Path::Cpu, threads, work: Box::new(fma) },
            Job { path: Path::Cpu, threads, work: Box::new(|| Ok(timed(Part::Triad, || triad.run(&pool)))) },
        ];
        sampler::sample(&mut jobs, rounds, |sample| rows.push(SampleRow::new(None, sample)))?;
    }
    Ok(())
}

fn timed(part: Part, work: impl FnOnce()) -> Outcome {
    let start = Instant::now();
    work();
    Outcome { seconds: vec![(part, start.elapsed().as_secs_f64())], ..Outcome::default() }
}

/// x <- x a + b in [`CHAINS`] independent vectors; the sum, so that nothing can be left out. Written with explicit vectors:
/// the compiler makes scalar code of the same loop over an array.
struct FmaChains;

impl pulp::WithSimd for FmaChains {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> f64 {
        let (a, b) = (simd.splat_f64s(black_box(0.999_999)), simd.splat_f64s(black_box(1e-6)));
        let mut x = [simd.splat_f64s(1.0); CHAINS];
        for _ in 0..LINKS / S::F64_LANES {
            for x in &mut x {
                // Fused where the machine can, else the fastest that it has.
                *x = simd.mul_add_e_f64s(*x, a, b);
            }
        }
        x.iter().map(|&x| simd.reduce_sum_f64s(x)).sum::<f64>() / (CHAINS * S::F64_LANES) as f64
    }
}

fn fma_chains() -> f64 {
    pulp::Arch::new().dispatch(FmaChains)
}

/// Three vectors, first touched by the threads that use them.
struct Triad {
    a: Vec<f64>,
    b: Vec<f64>,
    c: Vec<f64>,
}

impl Triad {
    fn new(pool: &rayon::ThreadPool) -> Self {
        let vector = |value| pool.install(|| (0..ENTRIES).into_par_iter().map(|_| value).collect());
        Self { a: vector(0.0), b: vector(1.0), c: vector(2.0) }
    }

    /// a = b + s c.
    fn run(&mut self, pool: &rayon::ThreadPool) {
        let scale = black_box(3.0);
        let shares = self.a.par_chunks_mut(SHARE).zip(self.b.par_chunks(SHARE)).zip(self.c.par_chunks(SHARE));
        pool.install(|| {
            shares.for_each(|((a, b), c)| {
                vectorized(
                    #[inline(always)]
                    || {
                        for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                            *a = b + scale * c;
                        }
                    },
                );
            });
        });
        black_box(&self.a);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_chains_are_really_computed() {
        // The fixed point of x a + b is 1, where every chain begins.
        assert!((fma_chains() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_triad_is_really_computed() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let mut triad = Triad::new(&pool);
        triad.run(&pool);
        assert!(triad.a.iter().all(|&a| a == 7.0));
    }
}
