//! The two tables of a benchmark: every sample as it was taken, and one row a point.

use super::part::{Part, Path, Phase};
use super::plan::Case;
use super::sampler::Sample;
use crate::engine::Clock;
use crate::measure::table::table;

table! {
    "bench", "sample, in the order in which they were taken";
    /// One part in one sample.
    pub struct SampleRow {
        /// Rows of every matrix; empty, as d and batch are, for what has no matrices.
        key "1" n: Option<usize>,
        /// Columns of every matrix.
        key "1" d: Option<usize>,
        /// Matrices in one call.
        key "1" batch: Option<u32>,
        /// Threads that share the CPU's work.
        key "1" threads: usize,
        /// cpu, or gpu, whose certificates are the CPU's as well.
        key "name" path: Path,
        /// fma and triad (what this CPU can do: multiplications fused with additions, a = b + s c in memory), open (adapter, device and
        /// self-test), generate (X, y and w), values (singular values only), factor (with V, from memory to memory), of which
        /// on a gpu upload, kernel and readback; certify (enclosures, with the ladder), certified (factor
        /// and certify together), gram (spectrum of X'X).
        key "name" part: Part,
        /// cold (first call, which compiles shaders), warm-up, or measured.
        key "name" phase: Phase,
        /// Within its phase, from 0; measured samples of one number were taken in the same round.
        key "1" sample: usize,
        /// Time of the whole batch, once.
        result "s" seconds: f64,
        /// Mean number of Jacobi sweeps over the batch; empty where none are counted.
        result "1" jacobi_sweeps: Option<f64>,
        /// Matrices of the batch that the engine handed on to the CPU, whose time is then in this row.
        result "1" served_by_cpu: Option<usize>,
        /// Times that the batch was repeated in this sample; seconds is the mean over them.
        provenance "1" repeats: u32,
        /// Whose clock seconds are by: host (wall clock, from call to return) or device (kernel alone: its passes without the gaps
        /// between them). A kernel by the host's clock, because the device has none or because its time stamps made no sense in
        /// at least one of the repetitions, includes the waiting for the driver.
        provenance "name" clock: Clock,
    }
}

impl SampleRow {
    /// A sample of `case`, or of something without matrices.
    pub(super) fn new(case: Option<&Case>, sample: Sample) -> Self {
        let Sample { path, threads, part, phase, number, repeats, seconds, clock, jacobi_sweeps, served_by_cpu } =
            sample;
        Self {
            n: case.map(|case| case.shape.n),
            d: case.map(|case| case.shape.d),
            batch: case.map(|case| case.batch),
            threads,
            path,
            part,
            phase,
            sample: number,
            seconds,
            jacobi_sweeps,
            served_by_cpu,
            repeats,
            clock,
        }
    }
}

table! {
    "bench-summary", "point: n x d x batch x threads x path x part";
    /// All samples of one point.
    pub struct SummaryRow {
        /// Rows of every matrix; empty, as d and batch are, for what has no matrices.
        key "1" n: Option<usize>,
        /// Columns of every matrix.
        key "1" d: Option<usize>,
        /// Matrices in one call.
        key "1" batch: Option<u32>,
        /// Threads that share the CPU's work.
        key "1" threads: usize,
        /// As in bench.csv.
        key "name" path: Path,
        /// As in bench.csv.
        key "name" part: Part,
        /// Measured samples; for open all there are. All statistics are over these.
        result "1" samples: usize,
        /// Median time of the whole batch.
        result "s" median_seconds: f64,
        /// Lower end of the 95 % bootstrap interval of the median; empty below 6 samples, as all intervals and drift are.
        result "s" median_lo: Option<f64>,
        /// Upper end of that interval.
        result "s" median_hi: Option<f64>,
        /// Shortest sample.
        result "s" best_seconds: f64,
        /// First call, before any warm-up.
        result "s" cold_seconds: Option<f64>,
        /// median_seconds / batch.
        result "s" seconds_per_matrix: Option<f64>,
        /// Operations that the usual dense algorithm takes for the batch; the formulas are in docs/bench.md.
        result "flop" flops_formula: Option<f64>,
        /// Operations of the way that was taken: Jacobi sweeps, as if every pair of columns had been rotated in each, QR included; or
        /// through the Gram matrix. CPU path only.
        result "flop" flops_executed: Option<f64>,
        /// flops_executed / median_seconds.
        result "flop/s" flops_per_second: Option<f64>,
        /// Bytes that must be read and written for the batch, over median_seconds.
        result "B/s" bytes_per_second: Option<f64>,
        /// flops_per_second over what this CPU attains at the same intensity on as many threads, by the probes fma and triad;
        /// CPU path only.
        result "1" roofline_share: Option<f64>,
        /// Median of the CPU path over that of this row; empty on the CPU path.
        result "1" speedup: Option<f64>,
        /// Lower end of the 95 % bootstrap interval of speedup, rounds drawn as pairs.
        result "1" speedup_lo: Option<f64>,
        /// Upper end of that interval.
        result "1" speedup_hi: Option<f64>,
        /// none, rising or falling: Mann-Kendall test of the samples in their order, two-sided, at 1 %.
        result "name" drift: Option<&'static str>,
        /// Median of the last third of the samples over that of the first third, minus 1.
        result "1" drift_change: Option<f64>,
        /// Mean number of Jacobi sweeps over the batch; empty where none are counted.
        result "1" jacobi_sweeps: Option<f64>,
        /// Matrices of the batch that the engine handed on to the CPU.
        result "1" served_by_cpu: Option<usize>,
        /// Times that the batch was repeated in a sample.
        provenance "1" repeats: u32,
        /// device if all samples are by the device's clock, else host; see bench.csv.
        provenance "name" clock: Clock,
    }
}
