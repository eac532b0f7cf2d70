//! From which batch size on the GPU path is ahead of the CPU path.

use serde::Serialize;

use super::part::{Part, Path};
use super::plan::Shape;
use super::rows::SummaryRow;

/// Where the paths cross, for one shape and one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crossover {
    /// Rows of every matrix.
    pub n: usize,
    /// Columns of every matrix.
    pub d: usize,
    /// `factor` (the engines alone) or `certified` (with what every row of a run needs).
    pub part: &'static str,
    /// Smallest measured batch from which on the GPU path is ahead at every larger one as well; absent if there is none.
    pub gpu_ahead_from: Option<u32>,
    /// Largest measured batch up to which the CPU path is ahead at every smaller one as well; absent if there is none.
    pub cpu_ahead_to: Option<u32>,
    /// Batches that were measured, ascending.
    pub batches: Vec<u32>,
}

/// Who is ahead at one batch size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ahead {
    Cpu,
    Gpu,
    /// The interval of the ratio contains 1, or there are too few samples for one.
    Open,
}

/// The crossovers of `factor` and `certified` for every shape in `rows`, in their order; none without a GPU path.
pub(super) fn crossovers(rows: &[SummaryRow]) -> Vec<Crossover> {
    let mut found = Vec::new();
    for part in [Part::Factor, Part::Certified] {
        let of_gpu = |row: &&SummaryRow| row.path == Path::Gpu && row.part == part;
        let mut shapes: Vec<Shape> = Vec::new();
        for row in rows.iter().filter(of_gpu) {
            let Some((n, d)) = row.n.zip(row.d) else { continue };
            if !shapes.contains(&Shape { n, d }) {
                shapes.push(Shape { n, d });
            }
        }
        for Shape { n, d } in shapes {
            let mut points: Vec<(u32, Ahead)> = rows
                .iter()
                .filter(of_gpu)
                .filter(|row| (row.n, row.d) == (Some(n), Some(d)))
                .filter_map(|row| Some((row.batch?, ahead(row))))
                .collect();
            points.sort_unstable_by_key(|&(batch, _)| batch);
            found.push(Crossover {
                n,
                d,
                part: part.name(),
                gpu_ahead_from: run(points.iter().rev(), Ahead::Gpu),
                cpu_ahead_to: run(points.iter(), Ahead::Cpu),
                batches: points.iter().map(|&(batch, _)| batch).collect(),
            });
        }
    }
    found
}

fn ahead(row: &SummaryRow) -> Ahead {
    match row.speedup_lo.zip(row.speedup_hi) {
        Some((lo, _)) if lo > 1.0 => Ahead::Gpu,
        Some((_, hi)) if hi < 1.0 => Ahead::Cpu,
        _ => Ahead::Open,
    }
}

/// The last batch of the unbroken run of `who` with which `points` begin.
fn run<'a>(points: impl Iterator<Item = &'a (u32, Ahead)>, who: Ahead) -> Option<u32> {
    points.take_while(|(_, ahead)| *ahead == who).last().map(|&(batch, _)| batch)
}

#[cfg(test)]
mod tests {
    use super::super::part::Phase;
    use super::super::rows::SampleRow;
    use super::super::summary::summarize;
    use super::*;
    use crate::engine::Clock;

    /// Eight rounds of both paths at each batch, the CPU `ratio` times as long as the GPU.
    fn crossover(points: &[(u32, f64)]) -> Crossover {
        let mut samples = Vec::new();
        for &(batch, ratio) in points {
            for round in 0..8 {
                // The ratio wavers by 2 % around its value.
                let waver = if round % 2 == 0 { 0.99 } else { 1.01 };
                for (path, seconds) in [(Path::Cpu, ratio * waver), (Path::Gpu, 1.0)] {
                    samples.push(SampleRow {
                        n: Some(8),
                        d: Some(4),
                        batch: Some(batch),
                        threads: 1,
                        path,
                        part: Part::Factor,
                        phase: Phase::Measured,
                        sample: round,
                        seconds,
                        jacobi_sweeps: None,
                        served_by_cpu: None,
                        repeats: 1,
                        clock: Clock::Host,
                    });
                }
            }
        }
        let mut found = crossovers(&summarize(&samples, 4.0));
        assert_eq!(found.len(), 1, "no certified samples were given");
        found.remove(0)
    }

    #[test]
    fn the_gpu_takes_over_where_it_stays_ahead() {
        let found = crossover(&[(256, 4.0), (1, 0.1), (32, 1.5), (8, 0.8)]);
        assert_eq!((found.cpu_ahead_to, found.gpu_ahead_from), (Some(8), Some(32)));
        assert_eq!(found.batches, [1, 8, 32, 256]);
    }

    #[test]
    fn what_noise_decides_belongs_to_nobody() {
        let found = crossover(&[(1, 0.5), (8, 1.0), (32, 2.0)]);
        assert_eq!((found.cpu_ahead_to, found.gpu_ahead_from), (Some(1), Some(32)));
        let found = crossover(&[(1, 2.0), (8, 0.5)]);
        assert_eq!((found.cpu_ahead_to, found.gpu_ahead_from), (None, None), "ahead once, then behind");
    }

    #[test]
    fn one_path_may_be_ahead_everywhere() {
        assert_eq!(crossover(&[(1, 3.0), (8, 3.0)]).gpu_ahead_from, Some(1));
        assert_eq!(crossover(&[(1, 0.3), (8, 0.3)]).cpu_ahead_to, Some(8));
    }
}
