//! The GPU engine: one-sided Jacobi and Gram matrices in WGSL, through wgpu; nothing else in the crate knows wgpu.
//!
//! A device may lie, stall or vanish. Every matrix therefore carries a marker that only a finished kernel writes, every
//! answer is checked for what rotations preserve, and whatever fails is tried once more where that can help and then goes
//! to a CPU engine, whose route the matrix carries: a lost device costs time, never correctness.
//!
//! | file | what it does |
//! |---|---|
//! | `adapter` | finds adapters, chooses one |
//! | `binding` | which GPUs an engine such as Slurm gave this process |
//! | `selftest`, `report` | what an adapter can be trusted with |
//! | `device`, `fault` | buffers, pipelines, dispatches; how drivers say no |
//! | `clock` | what passes took, by the device's own clock |
//! | `precision`, `scale`, `pack`, `unpack`, `wire` | how matrices travel |
//! | `kernels`, `choice`, `preference` | what there is, which serves a matrix, which was asked for |
//! | `loops` | how long each kernel's loops are, and which are too long for drivers |
//! | `layout`, `plan` | where matrices lie, and which share a chunk |
//! | `jacobi` | the iteration: Jacobi sweeps, states, what is finished |
//! | `jacobi_thread`, `jacobi_workgroup`, `tournament`, `triangle`, `gram` | what drives each shader |
//! | `chunk` | the way of one chunk over the device |
//! | `serve`, `session` | a batch chunk by chunk; what is tried again, and how a lost device is opened again |

mod adapter;
mod binding;
mod choice;
mod chunk;
mod clock;
mod device;
mod fault;
mod gram;
mod jacobi;
mod jacobi_thread;
mod jacobi_workgroup;
mod kernels;
mod layout;
mod loops;
mod pack;
mod plan;
mod precision;
mod preference;
mod report;
#[cfg(test)]
mod sabotage;
mod scale;
mod selftest;
mod serve;
mod session;
#[cfg(test)]
mod tests;
mod tournament;
mod triangle;
mod unpack;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use adapter::{OpenError, Selection};
pub use kernels::shader_digest;
pub use precision::Precision;
pub use preference::Preference;
pub use report::{AdapterReport, DeviceKind, FeaturesReport, LimitsReport, PairSums, PrecisionReport, Verdict};

use self::choice::Choice;
use self::chunk::{factor as factor_chunk, gram_spectra as gram_chunk};
use self::device::Device;
use self::kernels::Kernels;
use self::layout::TallShape;
use self::plan::{Chunk, Job, plan};
use self::precision::with_word;
use self::serve::by_chunks;
use self::session::Session;
use super::{Engine, EngineError, EngineSeconds, Factored, Factors, GramSpectrum, Incidents, Route, Vectors};
use crate::matrix::Matrix;

/// Every adapter of this machine, tested in every type; empty where there is no driver.
pub fn adapters() -> Vec<AdapterReport> {
    adapter::enumerate()
        .iter()
        .enumerate()
        .map(|(index, adapter)| {
            let mut report = AdapterReport::of(index, adapter);
            match Device::open(adapter) {
                Ok(device) => selftest::complete(&mut report, &device),
                Err(fault) => {
                    report.precisions = Precision::ALL
                        .map(|precision| PrecisionReport {
                            precision,
                            verdict: Verdict::Refused { reason: fault.message.clone() },
                        })
                        .into();
                }
            }
            report
        })
        .collect()
}

/// A batch engine on one GPU, in one scalar type, with a CPU engine behind it.
pub struct GpuEngine {
    /// Locked while a batch is served: batches share the device's memory.
    session: Mutex<Session>,
    choice: Choice,
    precision: Precision,
    report: AdapterReport,
    fallback: Arc<dyn Engine>,
    batch_bytes: usize,
}

impl GpuEngine {
    /// Opens the best adapter that `selection` allows and that passes the self-test in `precision`. Matrices that the
    /// device fails on go to `fallback`.
    ///
    /// # Errors
    /// [`OpenError`]; with several adapters to choose from, that of the last one tried.
    #[expect(clippy::needless_pass_by_value, reason = "the engine keeps a share of its fallback")]
    pub fn open(selection: Selection, precision: Precision, fallback: Arc<dyn Engine>) -> Result<Self, OpenError> {
        let mut last = OpenError::NoAdapter { software: 0 };
        for (index, adapter) in adapter::candidates(selection)? {
            match Self::on(index, &adapter, precision, Arc::clone(&fallback)) {
                Ok(engine) => return Ok(engine),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn on(
        index: usize,
        adapter: &wgpu::Adapter,
        precision: Precision,
        fallback: Arc<dyn Engine>,
    ) -> Result<Self, OpenError> {
        let mut report = AdapterReport::of(index, adapter);
        let failed = |reason| OpenError::SelfTestFailed { adapter: adapter.get_info().name, reason };
        let device = Device::open(adapter).map_err(|fault| failed(fault.message))?;
        let mut kernels = Kernels::new(precision);
        let (finding, facts) = selftest::run(&device, &mut kernels);
        match &finding.verdict {
            Verdict::Usable => {}
            Verdict::Unavailable => return Err(OpenError::PrecisionUnavailable { adapter: report.name, precision }),
            Verdict::Refused { reason } => return Err(failed(reason.clone())),
        }
        report.precisions.push(finding);
        let pair_sums = facts.map_or(PairSums::WorkgroupMemory, |facts| {
            facts.note(&mut report);
            facts.pair_sums
        });
        Ok(Self {
            choice: Choice::new(&device, precision, pair_sums),
            batch_bytes: usize::try_from(device.chunk_bytes()).unwrap_or(usize::MAX),
            session: Mutex::new(Session::new(device, kernels, report.clone())),
            precision,
            report,
            fallback,
        })
    }

    /// The same engine with the kernel of `preference` for every matrix that it can hold.
    pub fn preferring(self, preference: Preference) -> Self {
        Self { choice: self.choice.preferring(preference), ..self }
    }

    /// The adapter in use, with the self-test of this engine's type.
    pub fn report(&self) -> &AdapterReport {
        &self.report
    }

    /// Working type of the device's arithmetic.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Destroys the device under the engine, as a driver reset would: fault injection for tests. The engine opens it
    /// again when it is needed next.
    pub fn destroy_device(&self) {
        self.session().device.destroy();
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        // A panic elsewhere leaves the session whole: kernels are inserted when complete, counts are just numbers.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes(&self, reals: usize) -> u64 {
        (reals * self.precision.bytes_per_real()) as u64
    }

    /// The chunks of a batch. Matrices without entries and those that are too large or too long for the device are in none,
    /// which is one more way of not being answered.
    fn chunks(session: &Session, batch: &[&Matrix], job: impl Fn(usize, &Matrix) -> Job) -> Vec<Chunk> {
        let jobs = batch
            .iter()
            .enumerate()
            .filter(|(_, x)| x.rows() > 0 && x.cols() > 0)
            .map(|(index, x)| job(index, x))
            .filter(|job| job.way.ends(job.shape))
            .collect();
        plan(jobs, session.chunk_bytes, session.device.buffer_bytes()).0
    }

    /// Fills the gaps of `results` from the fallback engine.
    fn fill_gaps<T>(
        &self,
        batch: &[&Matrix],
        mut results: Vec<Option<T>>,
        serve: impl FnOnce(&[&Matrix]) -> Result<Vec<T>, EngineError>,
    ) -> Result<Vec<T>, EngineError> {
        let gaps: Vec<usize> = (0..batch.len()).filter(|&index| results[index].is_none()).collect();
        if !gaps.is_empty() {
            self.session().incidents.by_fallback += gaps.len() as u64;
            let left: Vec<&Matrix> = gaps.iter().map(|&index| batch[index]).collect();
            for (index, answer) in gaps.into_iter().zip(serve(&left)?) {
                results[index] = Some(answer);
            }
        }
        results
            .into_iter()
            .collect::<Option<Vec<T>>>()
            .ok_or_else(|| EngineError { message: format!("{} left matrices unanswered", self.fallback.describe()) })
    }
}

impl Engine for GpuEngine {
    fn describe(&self) -> String {
        format!("gpu: {} ({}, {})", self.report.name, self.report.backend, self.precision)
    }

    fn route(&self) -> Route {
        self.precision.route()
    }

    fn batch_bytes(&self) -> usize {
        self.batch_bytes
    }

    fn kernels_for(&self, n: usize, d: usize) -> Option<String> {
        Some(self.choice.way(TallShape::with_vectors(n, d)).to_string())
    }

    fn incidents(&self) -> Incidents {
        self.session().incidents
    }

    fn factor(&self, batch: &[&Matrix], vectors: Vectors) -> Result<Factored, EngineError> {
        let mut seconds = EngineSeconds::default();
        let job = |index, x: &Matrix| {
            let shape = TallShape::of(x, vectors);
            let way = self.choice.way(shape);
            Job { index, way, bytes: self.bytes(way.reals(shape)), shape }
        };
        let results: Vec<Option<Factors>> = {
            let session = &mut *self.session();
            let chunks = Self::chunks(session, batch, job);
            by_chunks(session, batch, chunks, |device, kernels, way, members| {
                let answers = with_word!(self.precision, factor_chunk(device, kernels, way, members, vectors))?;
                seconds += answers.seconds;
                Ok(answers.factors)
            })
        };
        let factors = self.fill_gaps(batch, results, |left| {
            let answers = self.fallback.factor(left, vectors)?;
            seconds += answers.seconds;
            Ok(answers.factors)
        })?;
        Ok(Factored { factors, seconds })
    }

    fn gram_spectra(&self, batch: &[&Matrix]) -> Result<Vec<GramSpectrum>, EngineError> {
        let job = |index, x: &Matrix| {
            let shape = TallShape::gram(x);
            Job { index, way: self.choice.way(shape), bytes: self.bytes(x.rows() * x.cols()), shape }
        };
        let route = self.route();
        let results = {
            let session = &mut *self.session();
            let chunks = Self::chunks(session, batch, job);
            by_chunks(session, batch, chunks, |device, kernels, way, members| {
                let spectra = with_word!(self.precision, gram_chunk(device, kernels, way, members))?;
                Ok(spectra.into_iter().map(|roots| Ok(GramSpectrum { roots: roots?, route })).collect())
            })
        };
        self.fill_gaps(batch, results, |left| self.fallback.gram_spectra(left))
    }
}
