//! Samples -> one row a point.

use super::operations::{F64_BYTES, Operations, operations};
use super::part::{Part, Path, Phase};
use super::plan::Shape;
use super::probe::{FMA_FLOPS, TRIAD_BYTES};
use super::rows::{SampleRow, SummaryRow};
use super::statistics::{change, median, median_interval, ratio_interval, trend};
use crate::engine::Clock;

/// What tells points apart.
#[derive(Clone, Copy, PartialEq)]
struct Key {
    n: Option<usize>,
    d: Option<usize>,
    batch: Option<u32>,
    threads: usize,
    path: Path,
    part: Part,
}

fn key(row: &SampleRow) -> Key {
    let SampleRow { n, d, batch, threads, path, part, .. } = *row;
    Key { n, d, batch, threads, path, part }
}

/// All samples of one point, in the order in which they were taken.
struct Point<'a> {
    first: &'a SampleRow,
    cold: Option<f64>,
    /// What the statistics are over.
    seconds: Vec<f64>,
    repeats: u32,
    /// Whose clock all of them are by; `None` while there is none.
    clock: Option<Clock>,
}

/// One row a point, in the order in which the points first appear in `samples`. `gpu_real_bytes` are those of a real of the
/// GPU's arithmetic.
pub(super) fn summarize(samples: &[SampleRow], gpu_real_bytes: f64) -> Vec<SummaryRow> {
    let points = points(samples);
    let limits = limits(&points);
    points.iter().map(|point| point.row(&points, &limits, gpu_real_bytes)).collect()
}

fn points(samples: &[SampleRow]) -> Vec<Point<'_>> {
    let mut points: Vec<Point<'_>> = Vec::new();
    for row in samples {
        // Points are few, and their samples close together: the last ones are the likeliest.
        let at = points.iter().rposition(|point| key(point.first) == key(row)).unwrap_or_else(|| {
            points.push(Point { first: row, cold: None, seconds: Vec::new(), repeats: row.repeats, clock: None });
            points.len() - 1
        });
        let point = &mut points[at];
        if row.phase == Phase::Cold && row.sample == 0 {
            point.cold = Some(row.seconds);
        }
        // Opening a device cannot be warmed up: all its samples count.
        if row.phase == Phase::Measured || row.part == Part::Open {
            point.seconds.push(row.seconds);
            point.repeats = row.repeats;
            point.clock = Some(point.clock.map_or(row.clock, |clock| clock.of_sum(row.clock)));
        }
    }
    points
}

/// What the probes attained, by number of threads.
struct Limit {
    threads: usize,
    flops_per_second: f64,
    bytes_per_second: f64,
}

fn limits(points: &[Point<'_>]) -> Vec<Limit> {
    let of = |part: Part, threads: usize| {
        points.iter().find(|point| point.first.part == part && point.first.threads == threads).and_then(Point::best)
    };
    points
        .iter()
        .filter(|point| point.first.part == Part::Fma)
        .filter_map(|point| {
            let threads = point.first.threads;
            Some(Limit {
                threads,
                flops_per_second: FMA_FLOPS * threads as f64 / of(Part::Fma, threads)?,
                bytes_per_second: TRIAD_BYTES / of(Part::Triad, threads)?,
            })
        })
        .collect()
}

impl Point<'_> {
    fn best(&self) -> Option<f64> {
        self.seconds.iter().copied().min_by(f64::total_cmp)
    }

    fn row(&self, all: &[Point<'_>], limits: &[Limit], gpu_real_bytes: f64) -> SummaryRow {
        let SampleRow { n, d, batch, threads, path, part, jacobi_sweeps, served_by_cpu, .. } = *self.first;
        let median_seconds = median(&self.seconds).unwrap_or(f64::NAN);
        let interval = median_interval(&self.seconds);
        let work = self.operations(gpu_real_bytes);
        let per_second = |amount: Option<f64>| amount.map(|amount| amount / median_seconds);
        let rival = (path == Path::Gpu).then(|| self.rival(all)).flatten();
        let speedup_interval = rival.and_then(|rival| ratio_interval(&rival.seconds, &self.seconds));
        SummaryRow {
            n,
            d,
            batch,
            threads,
            path,
            part,
            samples: self.seconds.len(),
            median_seconds,
            median_lo: interval.map(|interval| interval.lo),
            median_hi: interval.map(|interval| interval.hi),
            best_seconds: self.best().unwrap_or(f64::NAN),
            cold_seconds: self.cold,
            seconds_per_matrix: batch.map(|batch| median_seconds / f64::from(batch)),
            flops_formula: work.formula,
            flops_executed: work.executed,
            flops_per_second: per_second(work.executed),
            bytes_per_second: per_second(work.bytes),
            roofline_share: self.roofline_share(limits, work, median_seconds),
            speedup: rival.and_then(|rival| Some(median(&rival.seconds)? / median_seconds)),
            speedup_lo: speedup_interval.map(|interval| interval.lo),
            speedup_hi: speedup_interval.map(|interval| interval.hi),
            drift: trend(&self.seconds).map(super::statistics::Trend::name),
            drift_change: change(&self.seconds),
            jacobi_sweeps,
            served_by_cpu,
            repeats: self.repeats,
            clock: self.clock.unwrap_or(self.first.clock),
        }
    }

    /// The same point on the CPU path.
    fn rival<'p, 'a>(&self, all: &'p [Point<'a>]) -> Option<&'p Point<'a>> {
        let cpu = Key { path: Path::Cpu, ..key(self.first) };
        all.iter().find(|point| key(point.first) == cpu)
    }

    /// What the whole batch takes.
    fn operations(&self, gpu_real_bytes: f64) -> Operations {
        let threads = self.first.threads as f64;
        if self.first.part == Part::Fma {
            return Operations { executed: Some(FMA_FLOPS * threads), ..Operations::default() };
        }
        if self.first.part == Part::Triad {
            return Operations { bytes: Some(TRIAD_BYTES), ..Operations::default() };
        }
        let Some(((n, d), batch)) = self.first.n.zip(self.first.d).zip(self.first.batch) else {
            return Operations::default();
        };
        let SampleRow { part, path, jacobi_sweeps, .. } = *self.first;
        let real_bytes = if path == Path::Cpu { F64_BYTES } else { gpu_real_bytes };
        let one = operations(part, path, Shape { n, d }, jacobi_sweeps, real_bytes);
        let all = |amount: Option<f64>| amount.map(|amount| amount * f64::from(batch));
        Operations { formula: all(one.formula), executed: all(one.executed), bytes: all(one.bytes) }
    }

    /// See the column.
    fn roofline_share(&self, limits: &[Limit], work: Operations, seconds: f64) -> Option<f64> {
        if self.first.path != Path::Cpu {
            return None;
        }
        let limit = limits.iter().find(|limit| limit.threads == self.first.threads)?;
        let (flops, bytes) = work.executed.zip(work.bytes)?;
        let attainable = limit.flops_per_second.min(limit.bytes_per_second * flops / bytes);
        Some(flops / seconds / attainable)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// A batch of 10 matrices of 8x4 that took `seconds`.
    fn sample(path: Path, part: Part, phase: Phase, sample: usize, seconds: f64) -> SampleRow {
        SampleRow {
            n: Some(8),
            d: Some(4),
            batch: Some(10),
            threads: 2,
            path,
            part,
            phase,
            sample,
            seconds,
            jacobi_sweeps: Some(3.0),
            served_by_cpu: Some(0),
            repeats: 4,
            clock: Clock::Host,
        }
    }

    fn probe(part: Part, sample: usize, seconds: f64) -> SampleRow {
        SampleRow { n: None, d: None, batch: None, ..self::sample(Path::Cpu, part, Phase::Measured, sample, seconds) }
    }

    /// Both paths in six rounds, the GPU at a third of the CPU's time.
    fn rounds() -> Vec<SampleRow> {
        let mut samples = vec![probe(Part::Fma, 0, 1.0), probe(Part::Triad, 0, 1.0)];
        samples.push(sample(Path::Gpu, Part::Factor, Phase::Cold, 0, 99.0));
        samples.push(sample(Path::Gpu, Part::Factor, Phase::WarmUp, 0, 50.0));
        for round in 0..6_u32 {
            let slow = 1.0 + 0.1 * f64::from(round);
            samples.push(sample(Path::Cpu, Part::Factor, Phase::Measured, round as usize, 3.0 * slow));
            samples.push(sample(Path::Gpu, Part::Factor, Phase::Measured, round as usize, slow));
        }
        samples
    }

    fn find(rows: &[SummaryRow], path: Path, part: Part) -> &SummaryRow {
        rows.iter().find(|row| (row.path, row.part) == (path, part)).unwrap()
    }

    #[test]
    fn statistics_are_over_measured_samples_alone() {
        let rows = summarize(&rounds(), 4.0);
        assert_eq!(rows.len(), 4, "fma, triad and two paths");
        let gpu = find(&rows, Path::Gpu, Part::Factor);
        assert_eq!((gpu.samples, gpu.best_seconds, gpu.cold_seconds), (6, 1.0, Some(99.0)));
        assert_eq!((gpu.median_seconds, gpu.seconds_per_matrix), (1.25, Some(0.125)));
        assert_eq!(gpu.drift, Some("rising"));
        assert!((gpu.drift_change.unwrap() - 1.45 / 1.05 + 1.0).abs() < 1e-12);
    }

    #[test]
    fn paths_are_compared_round_by_round() {
        let rows = summarize(&rounds(), 4.0);
        let gpu = find(&rows, Path::Gpu, Part::Factor);
        for ratio in [gpu.speedup, gpu.speedup_lo, gpu.speedup_hi] {
            assert!((ratio.unwrap() - 3.0).abs() < 1e-12, "slow rounds are slow on both paths");
        }
        assert_eq!(find(&rows, Path::Cpu, Part::Factor).speedup, None);
    }

    #[test]
    fn rates_and_the_share_of_the_roofline_follow_from_the_probes() {
        let rows = summarize(&rounds(), 4.0);
        let cpu = find(&rows, Path::Cpu, Part::Factor);
        // See the test of `operations`; a batch of 10.
        let flops = 10.0 * (576.0 + 32.0 * 20.0 / 3.0);
        let bytes = 10.0 * 8.0 * (32.0 + 16.0 + 4.0);
        assert!((cpu.flops_executed.unwrap() / flops - 1.0).abs() < 1e-12);
        assert!((cpu.bytes_per_second.unwrap() / (bytes / 3.75) - 1.0).abs() < 1e-12);
        let attainable = f64::min(2.0 * FMA_FLOPS, TRIAD_BYTES * flops / bytes);
        assert!((cpu.roofline_share.unwrap() / (flops / 3.75 / attainable) - 1.0).abs() < 1e-12);
        assert_eq!(find(&rows, Path::Gpu, Part::Factor).roofline_share, None, "no probe has run there");
        assert_eq!(find(&rows, Path::Cpu, Part::Fma).flops_per_second, Some(2.0 * FMA_FLOPS));
    }

    #[test]
    fn few_samples_give_a_median_and_no_interval() {
        let samples: Vec<SampleRow> = rounds().into_iter().filter(|row| row.sample < 2).collect();
        let rows = summarize(&samples, 4.0);
        let gpu = find(&rows, Path::Gpu, Part::Factor);
        assert_eq!((gpu.samples, gpu.median_lo, gpu.speedup_lo, gpu.drift), (2, None, None, None));
        assert!(gpu.speedup.is_some());
    }
}
