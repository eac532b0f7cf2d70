//! Two figures of a benchmark: what a matrix costs, by shape and batch, and where the GPU path overtakes the CPU path.

use super::part::{Part, Path};
use super::plan::Shape;
use super::rows::SummaryRow;
use crate::figure::chart::{Axis, Chart, Line, Mark, Panel, Point, Rule, Scale, Series};
use crate::figure::spec::Width;

/// Stem of the files of the figure of costs.
const COST: &str = "bench-cost";
/// Stem of the files of the figure of crossovers.
const CROSSOVER: &str = "bench-crossover";
/// Height of a frame over its width.
const ASPECT: f64 = 0.75;

/// The figures that `rows` can fill: the cost of a certified matrix always, the crossover where there is a GPU path. One of an
/// adapter that is a `software` one says so.
pub(super) fn charts(rows: &[SummaryRow], software: bool) -> Vec<Chart> {
    let title = software.then(|| "The adapter is a program on the CPU: no GPU was measured".to_owned());
    let titled = |chart| Chart { title: title.clone(), ..chart };
    [cost(rows), crossover(rows)].into_iter().flatten().map(titled).collect()
}

/// Time a matrix against the batch: a panel for each path, a curve for each shape.
fn cost(rows: &[SummaryRow]) -> Option<Chart> {
    let point = |row: &SummaryRow| {
        let batch = f64::from(row.batch?);
        let band = row.median_lo.zip(row.median_hi).map(|(lo, hi)| [1e6 * lo / batch, 1e6 * hi / batch]);
        Some(Point { x: batch, y: 1e6 * row.seconds_per_matrix?, band, count: row.samples })
    };
    let panels = [(Path::Cpu, "CPU path"), (Path::Gpu, "GPU path")];
    let panels = panels.map(|(path, title)| panel(rows, title, path, Part::Certified, point));
    chart(COST, "microseconds a certified matrix", Scale::Log10, panels.into_iter().flatten().collect())
}

/// How many times as fast the GPU path is, against the batch: a panel for the engines alone and one for certified matrices.
fn crossover(rows: &[SummaryRow]) -> Option<Chart> {
    let point = |row: &SummaryRow| {
        let band = row.speedup_lo.zip(row.speedup_hi).map(|(lo, hi)| [lo, hi]);
        Some(Point { x: f64::from(row.batch?), y: row.speedup?, band, count: row.samples })
    };
    let even = || Rule { line: Line::Y(1.0), label: Some("even".to_owned()) };
    let panels = [(Part::Factor, "engines alone"), (Part::Certified, "certified")];
    let panels = panels.map(|(part, title)| panel(rows, title, Path::Gpu, part, point));
    let panels = panels.into_iter().flatten().map(|panel| Panel { rules: vec![even()], ..panel });
    chart(CROSSOVER, "CPU time over GPU time", Scale::Log2, panels.collect())
}

fn chart(id: &str, label: &str, scale: Scale, panels: Vec<Panel>) -> Option<Chart> {
    let axis = |label: &str, scale| Axis { label: label.to_owned(), scale, range: None };
    (!panels.is_empty()).then(|| Chart {
        id: id.to_owned(),
        title: None,
        width: Width::IeeeDouble,
        aspect: ASPECT,
        x: axis("matrices in a batch", Scale::Log2),
        y: axis(label, scale),
        color: None,
        legend_title: Some("$n \\times d$".to_owned()),
        panels,
    })
}

/// A curve for each shape of `rows` that has points for this path and part; `None` without any.
fn panel(
    rows: &[SummaryRow],
    title: &str,
    path: Path,
    part: Part,
    point: impl Fn(&SummaryRow) -> Option<Point>,
) -> Option<Panel> {
    let shape = |row: &SummaryRow| row.n.zip(row.d).map(|(n, d)| Shape { n, d });
    let mut shapes: Vec<Shape> = Vec::new();
    for of_row in rows.iter().filter_map(shape) {
        if !shapes.contains(&of_row) {
            shapes.push(of_row);
        }
    }
    let mut series = Vec::new();
    for (look, of_series) in shapes.into_iter().enumerate() {
        let of_curve = |row: &&SummaryRow| (row.path, row.part, shape(row)) == (path, part, Some(of_series));
        let drawable = |point: &Point| point.y.is_finite() && point.y > 0.0;
        let mut points: Vec<Point> = rows.iter().filter(of_curve).filter_map(&point).filter(drawable).collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        if !points.is_empty() {
            let name = Some(format!("${} \\times {}$", of_series.n, of_series.d));
            series.push(Series { name, look: Some(look), mark: Mark::Curve(points) });
        }
    }
    (!series.is_empty()).then(|| Panel { title: Some(title.to_owned()), series, rules: Vec::new() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::bench::part::Phase;
    use crate::bench::rows::SampleRow;
    use crate::bench::summary::summarize;
    use crate::engine::Clock;
    use crate::figure::draw::Picture;

    /// Six rounds of batches of 8x4 and 16x4; a GPU takes as long for any batch, the CPU a second a matrix.
    fn rows(paths: &[Path]) -> Vec<SummaryRow> {
        let mut samples = Vec::new();
        for (n, batch) in [(8, 16), (8, 1), (16, 4)] {
            for (path, part) in paths.iter().flat_map(|path| [(*path, Part::Factor), (*path, Part::Certified)]) {
                let seconds = if path == Path::Cpu { f64::from(batch) } else { 4.0 };
                samples.extend((0..6).map(|sample| SampleRow {
                    n: Some(n),
                    d: Some(4),
                    batch: Some(batch),
                    threads: 1,
                    path,
                    part,
                    phase: Phase::Measured,
                    sample,
                    seconds,
                    jacobi_sweeps: None,
                    served_by_cpu: None,
                    repeats: 1,
                    clock: Clock::Host,
                }));
            }
        }
        summarize(&samples, 4.0)
    }

    /// `x, y` of the points of a curve.
    fn points(series: &Series) -> Vec<[f64; 2]> {
        match &series.mark {
            Mark::Curve(points) => points.iter().map(|point| [point.x, point.y]).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_shape_is_a_curve_in_the_order_of_the_batches() {
        let charts = charts(&rows(&[Path::Cpu, Path::Gpu]), true);
        let [cost, crossover] = charts.as_slice() else { panic!("{} figures", charts.len()) };
        let [cpu, gpu] = cost.panels.as_slice() else { panic!("{} panels", cost.panels.len()) };
        assert_eq!(points(&cpu.series[0]), [[1.0, 1e6], [16.0, 1e6]]);
        assert_eq!(points(&gpu.series[0]), [[1.0, 4e6], [16.0, 0.25e6]]);
        assert_eq!(gpu.series[1].name.as_deref(), Some("$16 \\times 4$"));
        assert_eq!(points(&crossover.panels[1].series[0]), [[1.0, 0.25], [16.0, 4.0]]);
        assert_eq!(crossover.panels[0].rules.len(), 1, "where they are even");
        for chart in &charts {
            let svg = Picture::new(chart).svg().unwrap();
            assert!(svg.contains("no GPU was measured"), "{svg}");
        }
    }

    #[test]
    fn without_a_gpu_path_nothing_crosses() {
        let charts = charts(&rows(&[Path::Cpu]), false);
        assert_eq!(charts.iter().map(|chart| chart.id.as_str()).collect::<Vec<_>>(), [COST]);
        assert_eq!((charts[0].panels.len(), &charts[0].title), (1, &None));
        assert!(super::charts(&[], false).is_empty());
    }
}
