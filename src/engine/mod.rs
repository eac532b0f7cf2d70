//! Engines turn a batch of matrices into singular values and one orthogonal factor each.
//!
//! An engine knows matrices and nothing else: no config, no trial, no table. What it returns may be wrong (a GPU may
//! lie); [`crate::certify`] decides what can be believed.

pub mod cpu;
pub mod gpu;
mod incidents;
pub mod select;

use std::fmt;
use std::str::FromStr;
use std::time::Instant;

pub use incidents::Incidents;
use serde::Serialize;

use crate::linalg::{Columns, Scalar};
use crate::matrix::Matrix;

/// Which orthogonal factor a caller wants beside the singular values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vectors {
    /// Singular values only.
    None,
    /// The q x q factor V of the tall form A = U Sigma V' (A = X if n >= d, else X').
    Right,
}

/// How a row's numbers came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// In f64 on the CPU: one-sided Jacobi; where that does no harm, through the Gram matrix or, for values alone, a bidiagonal one.
    CpuF64,
    /// One-sided Jacobi in f32 on the GPU, taken as it is.
    GpuF32,
    /// V from the GPU in f32, finished by a warm-started f64 Jacobi on the CPU.
    GpuF32F64,
    /// One-sided Jacobi in pairs of f32 on the GPU.
    GpuDf32,
    /// One-sided Jacobi in f64 on the GPU.
    GpuF64,
    /// One-sided Jacobi in double-double on the CPU.
    CpuDd,
}

impl Route {
    /// The name that tables and manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::CpuF64 => "cpu-f64",
            Self::GpuF32 => "gpu-f32",
            Self::GpuF32F64 => "gpu-f32+f64",
            Self::GpuDf32 => "gpu-df32",
            Self::GpuF64 => "gpu-f64",
            Self::CpuDd => "cpu-dd",
        }
    }
}

impl Route {
    /// All routes.
    pub const ALL: [Self; 6] = [Self::CpuF64, Self::GpuF32, Self::GpuF32F64, Self::GpuDf32, Self::GpuF64, Self::CpuDd];

    /// The route called `name`, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.name() == name)
    }

    /// Unit roundoff of the arithmetic whose singular values the route reports, as f64 numbers.
    pub fn unit_roundoff(self) -> f64 {
        match self {
            Self::GpuF32 => f32::UNIT_ROUNDOFF,
            // Two f32 have 48 bits; a product of two pairs loses two of them.
            Self::GpuDf32 => 2f64.powi(-46),
            Self::CpuF64 | Self::GpuF32F64 | Self::GpuF64 | Self::CpuDd => f64::UNIT_ROUNDOFF,
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which device a config asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// A real GPU if there is one, else the CPU; never a software adapter.
    Auto,
    /// The CPU engine.
    Cpu,
    /// A GPU: the given adapter of `nullsweep devices`, or the best one.
    Gpu(Option<usize>),
}

impl FromStr for Device {
    /// What is allowed.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || "allowed: auto, cpu, gpu, gpu:INDEX (as `nullsweep devices` counts)".to_owned();
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu(None)),
            _ => match text.strip_prefix("gpu:").map(str::parse) {
                Some(Ok(index)) => Ok(Self::Gpu(Some(index))),
                _ => Err(refused()),
            },
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu(None) => f.write_str("gpu"),
            Self::Gpu(Some(index)) => write!(f, "gpu:{index}"),
        }
    }
}

/// Which working precision a config asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Whatever reaches `rtol` soonest.
    Auto,
    /// Single.
    F32,
    /// Pairs of singles.
    Df32,
    /// Double.
    F64,
}

impl FromStr for Precision {
    /// What is allowed.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "f32" => Ok(Self::F32),
            "df32" => Ok(Self::Df32),
            "f64" => Ok(Self::F64),
            _ => Err("allowed: auto, f32, df32, f64".to_owned()),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Df32 => "df32",
            Self::F64 => "f64",
        })
    }
}

/// How an iteration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convergence {
    /// A whole Jacobi sweep needed no rotation.
    Converged,
    /// The limit of Jacobi sweeps was reached first; `max_cos` says how far off.
    SweepLimit,
}

/// What an engine found for one matrix X (n x d), with q = min(n, d).
#[derive(Clone, Debug)]
pub struct Factors {
    /// The q singular values as this engine computed them, nonincreasing.
    pub sigma: Vec<f64>,
    /// V of the tall form, q x q, column j belonging to `sigma[j]`; present if [`Vectors::Right`] was asked for.
    pub v: Option<Columns<f64>>,
    /// Engine and precision that produced these numbers (a matrix the GPU failed on carries the CPU's route).
    pub route: Route,
    /// Passes over all column pairs, the last of which found nothing to rotate; 0 where the CPU got on without.
    pub jacobi_sweeps: u32,
    /// Largest |cosine| between two columns that was left; an estimate from above where there were no passes.
    pub max_cos: f64,
    /// Whether the iteration finished.
    pub convergence: Convergence,
}

/// Whose clock a time is by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// The device's: its compute passes alone, without the gaps between them.
    Device,
    /// The host's: around everything, waiting for the driver included.
    Host,
}

impl Clock {
    /// The name that tables and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Host => "host",
        }
    }

    /// Whose clock the sum of two times is by: the device's only if both are.
    pub fn of_sum(self, other: Self) -> Self {
        match (self, other) {
            (Self::Device, Self::Device) => Self::Device,
            _ => Self::Host,
        }
    }
}

/// Seconds spent on a batch, by part; all 0 but `kernel` on the CPU engine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EngineSeconds {
    /// Copying matrices to the device.
    pub upload: f64,
    /// Computing.
    pub kernel: f64,
    /// Whose clock `kernel` is by, the other two being by the host's; `None` where nothing was computed.
    pub kernel_clock: Option<Clock>,
    /// Copying results back.
    pub readback: f64,
}

impl std::ops::AddAssign for EngineSeconds {
    fn add_assign(&mut self, other: Self) {
        self.upload += other.upload;
        self.kernel += other.kernel;
        self.kernel_clock = match (self.kernel_clock, other.kernel_clock) {
            (Some(clock), Some(other)) => Some(clock.of_sum(other)),
            (clock, None) | (None, clock) => clock,
        };
        self.readback += other.readback;
    }
}

/// A batch's results, one per matrix in the order given.
#[derive(Clone, Debug)]
pub struct Factored {
    /// One per matrix.
    pub factors: Vec<Factors>,
    /// Where the time went.
    pub seconds: EngineSeconds,
}

/// The singular values of X as the Gram path sees them: square roots of the eigenvalues of the smaller Gram matrix (X'X if
/// n >= d, else XX'), which the engine formed in its working precision. Roots, because the squares of numbers that f64
/// holds may overflow.
#[derive(Clone, Debug)]
pub struct GramSpectrum {
    /// Square roots of the min(n, d) singular values of the computed Gram matrix, nonincreasing: for n >= d their squares
    /// are what `np.linalg.svd(X.T @ X)` would show.
    pub roots: Vec<f64>,
    /// Engine and precision.
    pub route: Route,
}

impl GramSpectrum {
    /// Condition number of X'X as measured, X being `n` x `d`: infinite where the smallest eigenvalue came out as 0 and for
    /// n < d, where X'X is singular whatever X is; nothing where all came out as 0.
    pub fn kappa(&self, n: usize, d: usize) -> Option<f64> {
        if n < d {
            return Some(f64::INFINITY);
        }
        let (&largest, &smallest) = self.roots.first().zip(self.roots.last())?;
        let ratio = largest / smallest;
        (largest > 0.0).then_some(ratio * ratio)
    }
}

/// Why an engine could not serve a batch at all (a single matrix never fails a batch).
#[derive(Clone, Debug, PartialEq)]
pub struct EngineError {
    /// What happened, in words that name the device and the remedy.
    pub message: String,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EngineError {}

/// Computes factors for batches of matrices of any shapes, mixed freely.
///
/// A matrix's numbers never depend on its neighbours in the batch, on the batch's size or on the thread count.
pub trait Engine: Send + Sync {
    /// One line for people: `cpu (AVX2, 2 threads)`, `gpu: NVIDIA H100 (Vulkan)`.
    fn describe(&self) -> String;

    /// The route of a matrix that this engine serves without a fallback.
    fn route(&self) -> Route;

    /// Largest number of bytes of matrices (as f64) that one call should take.
    fn batch_bytes(&self) -> usize;

    /// Names of the kernels that serve an `n` x `d` matrix with V, where an engine has several: `triangle and jacobi_thread`.
    fn kernels_for(&self, n: usize, d: usize) -> Option<String> {
        let _ = (n, d);
        None
    }

    /// What went wrong so far and was put right.
    fn incidents(&self) -> Incidents {
        Incidents::default()
    }

    /// SVD of every matrix. All entries must be finite and no dimension 0.
    ///
    /// # Errors
    /// If the engine as a whole is lost and cannot serve the batch by other means.
    fn factor(&self, batch: &[&Matrix], vectors: Vectors) -> Result<Factored, EngineError>;

    /// [`Engine::factor`] with V and [`Engine::gram_spectra`] of the same batch, the same numbers, for less than both where
    /// an engine can share the work. The spectra's time, transfers included, counts as the kernel's.
    ///
    /// # Errors
    /// As [`Engine::factor`].
    fn factor_with_gram(&self, batch: &[&Matrix]) -> Result<(Factored, Vec<GramSpectrum>), EngineError> {
        let mut factored = self.factor(batch, Vectors::Right)?;
        let start = Instant::now();
        let spectra = self.gram_spectra(batch)?;
        let kernel = start.elapsed().as_secs_f64();
        factored.seconds += EngineSeconds { kernel, kernel_clock: Some(Clock::Host), ..EngineSeconds::default() };
        Ok((factored, spectra))
    }

    /// Forms the smaller Gram matrix of every matrix in the engine's working precision and returns its spectrum.
    ///
    /// # Errors
    /// As [`Engine::factor`].
    fn gram_spectra(&self, batch: &[&Matrix]) -> Result<Vec<GramSpectrum>, EngineError>;
}
