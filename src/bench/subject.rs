//! The jobs of one case: what is timed, in terms of engines and certificates.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use super::BenchError;
use super::part::{Part, Path, Phase};
use super::plan::{Case, Plan, Shape};
use super::rows::SampleRow;
use super::sampler::{Job, Outcome, Sample};
use crate::certify::{Ladder, certify};
use crate::design;
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::Preference;
use crate::engine::select::{SelectError, Selected, select_preferring};
use crate::engine::{Clock, Device, Engine, Factored, Precision, Vectors};
use crate::grid::Trial;
use crate::matrix::Matrix;

/// An engine is opened so many times: what is first done for a process is slower than the rest.
const OPENINGS: usize = 3;

/// One of the two paths, ready.
pub struct Side {
    /// Which.
    pub path: Path,
    /// What factors on it.
    pub engine: Arc<dyn Engine>,
    /// The report of its adapter; `null` for the CPU.
    pub adapter: serde_json::Value,
}

impl Side {
    /// Whether the "GPU" is a program on the CPU, whose times say nothing about GPUs.
    pub fn is_software(&self) -> bool {
        self.adapter["kind"] == "software"
    }
}

/// The paths that are compared.
pub struct Sides {
    /// The CPU path, always there.
    pub cpu: Side,
    /// The GPU path, where one was asked for or found.
    pub gpu: Option<Side>,
    /// Why there is no GPU path, where one might have been expected.
    pub note: Option<String>,
    /// Seconds of each opening of the GPU engine.
    openings: Vec<f64>,
}

impl Sides {
    /// The CPU path, and beside it the GPU path: that of a real GPU for `auto`, of the adapter asked for by `gpu`, none for
    /// `cpu`; with `preference` among the GPU's kernels.
    ///
    /// # Errors
    /// [`SelectError`] if the device or the precision asked for cannot be had.
    pub fn open(device: Device, precision: Precision, preference: Preference) -> Result<Self, SelectError> {
        let select = || select_preferring(device, precision, preference);
        let cpu = Side { path: Path::Cpu, engine: Arc::new(CpuEngine), adapter: serde_json::Value::Null };
        let alone = |cpu, note| Self { cpu, gpu: None, note, openings: Vec::new() };
        if device == Device::Cpu {
            select()?;
            return Ok(alone(cpu, None));
        }
        let mut openings = Vec::new();
        let Selected { mut engine, mut adapter, note } = timed(&mut openings, select)?;
        if adapter.is_null() {
            return Ok(alone(cpu, note));
        }
        while openings.len() < OPENINGS {
            Selected { engine, adapter, .. } = timed(&mut openings, select)?;
        }
        Ok(Self { cpu, gpu: Some(Side { path: Path::Gpu, engine, adapter }), note, openings })
    }

    /// Whether the GPU path runs on a software adapter.
    pub fn gpu_is_software(&self) -> bool {
        self.gpu.as_ref().is_some_and(Side::is_software)
    }

    /// Both paths, the CPU's first.
    pub fn all(&self) -> impl Iterator<Item = &Side> {
        std::iter::once(&self.cpu).chain(&self.gpu)
    }

    /// The GPU kernels that serve matrices of `shape` with V; `None` without a GPU path.
    pub fn kernels_for(&self, shape: Shape) -> Option<String> {
        self.gpu.as_ref()?.engine.kernels_for(shape.n, shape.d)
    }

    /// What it took to open the GPU engine.
    pub(super) fn opening_rows(&self) -> Vec<SampleRow> {
        let row = |(number, &seconds): (usize, &f64)| {
            let sample = Sample {
                path: Path::Gpu,
                threads: 1,
                part: Part::Open,
                phase: Phase::Cold,
                number,
                repeats: 1,
                seconds,
                clock: Clock::Host,
                jacobi_sweeps: None,
                served_by_cpu: None,
            };
            SampleRow::new(None, sample)
        };
        self.openings.iter().enumerate().map(row).collect()
    }
}

fn timed<T>(seconds: &mut Vec<f64>, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    seconds.push(start.elapsed().as_secs_f64());
    result
}

/// The matrices of one case.
pub(super) struct Subject<'a> {
    plan: &'a Plan,
    case: &'a Case,
    matrices: Vec<Matrix>,
}

impl<'a> Subject<'a> {
    /// Draws the matrices of `case`, as a run would.
    pub(super) fn draw(plan: &'a Plan, case: &'a Case) -> Result<Self, BenchError> {
        Ok(Self { plan, case, matrices: draw(plan, case)? })
    }

    /// Everything that is timed of this case. A job reads its matrices, and writes nothing that another one reads.
    pub(super) fn jobs<'s>(&'s self, sides: &'s Sides) -> Vec<Job<'s>> {
        let job = |path, work| Job { path, threads: rayon::current_num_threads(), work };
        let mut jobs = vec![job(Path::Cpu, Box::new(|| self.generate()) as Box<dyn FnMut() -> _>)];
        for side in sides.all() {
            jobs.push(job(side.path, Box::new(|| self.values(side))));
            jobs.push(job(side.path, Box::new(|| self.certified(side))));
            jobs.push(job(side.path, Box::new(|| self.gram(side))));
        }
        jobs
    }

    fn batch(&self) -> Vec<&Matrix> {
        self.matrices.iter().collect()
    }

    fn generate(&self) -> Result<Outcome, BenchError> {
        let start = Instant::now();
        black_box(draw(self.plan, self.case)?);
        Ok(Outcome { seconds: vec![(Part::Generate, start.elapsed().as_secs_f64())], ..Outcome::default() })
    }

    fn values(&self, side: &Side) -> Result<Outcome, BenchError> {
        let batch = self.batch();
        let start = Instant::now();
        let answer = side.engine.factor(&batch, Vectors::None)?;
        let seconds = vec![(Part::Values, start.elapsed().as_secs_f64())];
        Ok(Outcome { seconds, ..about(&answer, side) })
    }

    fn certified(&self, side: &Side) -> Result<Outcome, BenchError> {
        let batch = self.batch();
        let start = Instant::now();
        let answer = side.engine.factor(&batch, Vectors::Right)?;
        let factor = start.elapsed().as_secs_f64();
        let outcome = about(&answer, side);
        let engine = answer.seconds;

        // The CPU path has the precision that it always has.
        let precision = if side.path == Path::Cpu { Precision::Auto } else { self.plan.precision };
        let (ladder, rtol) = (Ladder::of(precision, self.plan.rtol), self.plan.rtol);
        let start = Instant::now();
        let certificates: Vec<_> = self
            .matrices
            .par_iter()
            .zip(answer.factors)
            .map(|(x, factors)| certify(x, factors, ladder, rtol))
            .collect();
        let certify = start.elapsed().as_secs_f64();
        black_box(certificates);

        let mut seconds = vec![(Part::Factor, factor)];
        if side.path == Path::Gpu {
            seconds.extend([
                (Part::Upload, engine.upload),
                (Part::Kernel, engine.kernel),
                (Part::Readback, engine.readback),
            ]);
        }
        seconds.extend([(Part::Certify, certify), (Part::Certified, factor + certify)]);
        Ok(Outcome { seconds, kernel_clock: engine.kernel_clock, ..outcome })
    }

    fn gram(&self, side: &Side) -> Result<Outcome, BenchError> {
        let batch = self.batch();
        let start = Instant::now();
        let spectra = side.engine.gram_spectra(&batch)?;
        let seconds = vec![(Part::Gram, start.elapsed().as_secs_f64())];
        let route = side.engine.route();
        let served_by_cpu = Some(spectra.iter().filter(|spectrum| spectrum.route != route).count());
        Ok(Outcome { seconds, served_by_cpu, ..Outcome::default() })
    }
}

/// What the answers say beside their times.
fn about(answer: &Factored, side: &Side) -> Outcome {
    let route = side.engine.route();
    let sweeps: f64 = answer.factors.iter().map(|factors| f64::from(factors.jacobi_sweeps)).sum();
    Outcome {
        jacobi_sweeps: Some(sweeps / answer.factors.len() as f64),
        served_by_cpu: Some(answer.factors.iter().filter(|factors| factors.route != route).count()),
        ..Outcome::default()
    }
}

/// The matrices of `case`: replicates 0, 1, ... of its cell.
fn draw(plan: &Plan, case: &Case) -> Result<Vec<Matrix>, BenchError> {
    let Case { shape, epsilon, batch } = *case;
    (0..batch)
        .into_par_iter()
        .map(|replicate| {
            let trial = Trial { index: 0, cell: 0, n: shape.n, d: shape.d, epsilon, replicate };
            let problem = design::build(&plan.design, &plan.target, plan.seeding, &trial);
            problem.map(|problem| problem.x).map_err(|error| BenchError::Design { case: *case, error })
        })
        .collect()
}
