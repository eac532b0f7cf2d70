//! First call, warm-up, then rounds in which all jobs take turns.

use std::time::Instant;

use super::BenchError;
use super::part::{Part, Path, Phase};
use crate::engine::Clock;

/// A sample repeats its work until it takes this long: ten thousand times what the clock resolves.
const LEAST_SECONDS: f64 = 1e-3;

/// Something that is timed, in one call together with its parts.
pub(super) struct Job<'a> {
    pub(super) path: Path,
    /// Threads that share the work.
    pub(super) threads: usize,
    pub(super) work: Box<dyn FnMut() -> Result<Outcome, BenchError> + 'a>,
}

/// What one call of a job says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    /// Seconds of each part, in the order of the table.
    pub(super) seconds: Vec<(Part, f64)>,
    /// Whose clock [`Part::Kernel`] is by, where it is among them; all others are by the host's.
    pub(super) kernel_clock: Option<Clock>,
    /// Mean over the matrices, where the engine counts them.
    pub(super) jacobi_sweeps: Option<f64>,
    /// Matrices that the engine handed on to the CPU, where there is an engine.
    pub(super) served_by_cpu: Option<usize>,
}

/// One part in one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) path: Path,
    pub(super) threads: usize,
    pub(super) part: Part,
    pub(super) phase: Phase,
    /// Within its phase, from 0.
    pub(super) number: usize,
    /// How often the work was done; `seconds` are those of once.
    pub(super) repeats: u32,
    pub(super) seconds: f64,
    /// Whose clock `seconds` are by.
    pub(super) clock: Clock,
    pub(super) jacobi_sweeps: Option<f64>,
    pub(super) served_by_cpu: Option<usize>,
}

/// Calls every job once cold, warms it up, then takes `rounds` samples of each: A B C, A B C, ... `keep` gets all of them.
pub(super) fn sample(jobs: &mut [Job<'_>], rounds: usize, mut keep: impl FnMut(Sample)) -> Result<(), BenchError> {
    let mut repeats = vec![1; jobs.len()];
    for (job, repeats) in jobs.iter_mut().zip(&mut repeats) {
        take(job, Phase::Cold, 0, 1, &mut keep)?;
        let mut number = 0;
        while take(job, Phase::WarmUp, number, *repeats, &mut keep)? < LEAST_SECONDS {
            *repeats *= 2;
            number += 1;
        }
    }
    for round in 0..rounds {
        for (job, &repeats) in jobs.iter_mut().zip(&repeats) {
            take(job, Phase::Measured, round, repeats, &mut keep)?;
        }
    }
    Ok(())
}

/// One sample. Returns the seconds that all of it took.
fn take(
    job: &mut Job<'_>,
    phase: Phase,
    number: usize,
    repeats: u32,
    keep: &mut impl FnMut(Sample),
) -> Result<f64, BenchError> {
    let start = Instant::now();
    let mut whole = (job.work)()?;
    for _ in 1..repeats {
        let once = (job.work)()?;
        for ((_, sum), (_, seconds)) in whole.seconds.iter_mut().zip(once.seconds) {
            *sum += seconds;
        }
        whole.kernel_clock = whole.kernel_clock.zip(once.kernel_clock).map(|(clock, other)| clock.of_sum(other));
    }
    let elapsed = start.elapsed().as_secs_f64();
    let Outcome { seconds, kernel_clock, jacobi_sweeps, served_by_cpu } = whole;
    for (part, seconds) in seconds {
        let seconds = seconds / f64::from(repeats);
        keep(Sample {
            path: job.path,
            threads: job.threads,
            part,
            phase,
            number,
            repeats,
            seconds,
            clock: kernel_clock.filter(|_| part == Part::Kernel).unwrap_or(Clock::Host),
            jacobi_sweeps,
            served_by_cpu,
        });
    }
    Ok(elapsed)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use super::*;
    use crate::engine::EngineError;

    /// A job that writes its name down and takes `milliseconds` by its own word and by the clock.
    fn job(log: &RefCell<String>, name: char, part: Part, milliseconds: u64) -> Job<'_> {
        let work = move || {
            log.borrow_mut().push(name);
            let length = Duration::from_millis(milliseconds);
            std::thread::sleep(length);
            Ok(Outcome { seconds: vec![(part, length.as_secs_f64())], ..Outcome::default() })
        };
        Job { path: Path::Cpu, threads: 1, work: Box::new(work) }
    }

    #[test]
    fn jobs_take_turns_and_every_call_is_kept() {
        let log = RefCell::new(String::new());
        let mut jobs = [job(&log, 'a', Part::Values, 2), job(&log, 'b', Part::Factor, 3)];
        let mut kept = Vec::new();
        sample(&mut jobs, 3, |sample| kept.push(sample)).unwrap();
        assert_eq!(*log.borrow(), "aabb ababab".replace(' ', ""), "cold and warm-up, then rounds");
        assert_eq!(kept.len(), log.borrow().len());
        let measured: Vec<_> = kept.iter().filter(|sample| sample.phase == Phase::Measured).collect();
        assert_eq!(measured.iter().map(|sample| sample.number).collect::<Vec<_>>(), [0, 0, 1, 1, 2, 2]);
        assert!(measured.iter().all(|sample| sample.repeats == 1));
        assert_eq!((measured[0].seconds, measured[1].seconds), (0.002, 0.003));
    }

    #[test]
    fn short_work_is_repeated_and_reported_as_once() {
        let calls = RefCell::new(0_u32);
        let work = || {
            *calls.borrow_mut() += 1;
            Ok(Outcome { seconds: vec![(Part::Kernel, 0.25)], ..Outcome::default() })
        };
        let mut jobs = [Job { path: Path::Cpu, threads: 1, work: Box::new(work) }];
        let mut kept = Vec::new();
        sample(&mut jobs, 1, |sample| kept.push(sample)).unwrap();
        let last = kept.last().unwrap();
        assert!(last.repeats > 1 && last.seconds == 0.25);
        drop(jobs);
        assert_eq!(kept.iter().map(|sample| sample.repeats).sum::<u32>(), *calls.borrow(), "warm-up is kept as well");
    }

    #[test]
    fn a_lost_engine_ends_the_sampling() {
        let lost = || Err(BenchError::Engine(EngineError { message: "gone".to_owned() }));
        let mut jobs = [Job { path: Path::Gpu, threads: 1, work: Box::new(lost) }];
        assert!(sample(&mut jobs, 1, |_| {}).is_err());
    }
}
