//! Ecdf and histogram: how the rows are spread along x.

use super::axis::{Along, Extent, Place, spaced};
use super::groups::{Grouped, Groups};
use super::select::Selection;
use super::{Parts, Source, labels, panels, refuse_nothing};
use crate::figure::chart::{Axis, Mark, Scale, Series};
use crate::figure::error::FigureError;
use crate::figure::spec::FigureSpec;
use crate::statistics::order::quantile;

/// Most steps of a cumulative distribution; of more values only the steps that are furthest from each other are drawn, none
/// further from the others than 1 / MOST_STEPS.
const MOST_STEPS: usize = 4000;
/// Most bins that are made without being asked for.
const MOST_BINS: usize = 200;

/// What is gathered along x.
struct Values {
    grouped: Grouped<Vec<f64>>,
    x: Axis,
    extent: Extent,
    left_out: u64,
}

fn gather(selection: &Selection<'_>, source: &Source<'_>) -> Result<Values, FigureError> {
    let spec = selection.spec;
    let mut extent = Extent::new();
    let mut groups: Groups<Vec<f64>> = Groups::new();
    let mut left_out = 0;
    selection.visit(source.dir, |row| {
        let x = selection.x.value(row);
        if x.is_finite() {
            extent.see(x, || Place::Line(row.line()));
            groups.at(row, selection, 0)?.push(x);
        } else {
            left_out += 1;
        }
        Ok(())
    })?;
    let mut grouped = groups.finish(selection);
    refuse_nothing(selection, !grouped.panels.is_empty(), left_out)?;
    for values in grouped.panels.iter_mut().flat_map(|(_, curves)| curves).map(|(_, values)| values) {
        values.sort_unstable_by(f64::total_cmp);
    }
    let label = labels::of_formula(&selection.x, &selection.vocabulary);
    let along = Along { key: "x", expression: &spec.x };
    let x = extent.axis(&spec.x_axis, along, label, &spec.upright_lines(), spec, source)?;
    Ok(Values { grouped, x, extent, left_out })
}

fn y_axis(spec: &FigureSpec, label: &str) -> Axis {
    let label = spec.y_axis.label.clone().unwrap_or_else(|| label.to_owned());
    Axis { label, scale: Scale::Linear, range: spec.y_axis.range }
}

/// The share of rows at or below each x.
pub(super) fn ecdf(selection: &Selection<'_>, source: &Source<'_>) -> Result<Parts, FigureError> {
    let Values { grouped, x, left_out, .. } = gather(selection, source)?;
    let legend_title = grouped.legend_title.clone();
    let panels = panels(grouped, |look, name, values: Vec<f64>| Series {
        name,
        look: Some(look),
        mark: Mark::Steps(steps(&values, MOST_STEPS)),
    });
    let y = y_axis(selection.spec, "share at or below");
    Ok(Parts { x, y, color: None, legend_title, panels, left_out, without_band: 0 })
}

/// (x, share at or below x) for the values `sorted`, at most about `most` of them.
fn steps(sorted: &[f64], most: usize) -> Vec<[f64; 2]> {
    let count = sorted.len();
    let stride = count.div_ceil(most).max(1);
    let (mut steps, mut drawn) = (Vec::new(), 0);
    for (at, &x) in sorted.iter().enumerate() {
        let below = at + 1;
        let is_last_of_its_value = sorted.get(below) != Some(&x);
        // Whatever lies between two strides goes with the next.
        if is_last_of_its_value && (drawn == 0 || below - drawn >= stride || below == count) {
            steps.push([x, below as f64 / count as f64]);
            drawn = below;
        }
    }
    steps
}

/// The density of rows along x: shares over widths of bins in the spacing of the axis.
pub(super) fn histogram(selection: &Selection<'_>, source: &Source<'_>) -> Result<Parts, FigureError> {
    let spec = selection.spec;
    let Values { grouped, x, extent, left_out } = gather(selection, source)?;
    let legend_title = grouped.legend_title.clone();
    let place = |value: f64| match x.scale {
        Scale::Linear => value,
        Scale::Log2 => value.log2(),
        Scale::Log10 => value.log10(),
    };
    let samples = || grouped.panels.iter().flat_map(|(_, curves)| curves).map(|(_, values)| values);
    let mut all: Vec<f64> = samples().flatten().map(|value| place(*value)).collect();
    all.sort_unstable_by(f64::total_cmp);
    let bins = spec.bins.unwrap_or_else(|| freedman_diaconis(&all, samples().count()));
    let edges = edges(&extent, x.scale, bins);
    let panels = panels(grouped, |look, name, values: Vec<f64>| {
        let heights = heights(&values, &edges, place);
        Series { name, look: Some(look), mark: Mark::Bars { edges: edges.clone(), heights } }
    });
    let label = match x.scale {
        Scale::Linear => "density",
        Scale::Log2 => "density per doubling",
        Scale::Log10 => "density per decade",
    };
    let y = y_axis(spec, label);
    Ok(Parts { x, y, color: None, legend_title, panels, left_out, without_band: 0 })
}

/// The number of bins of width 2 (interquartile range) / (values of a curve)^(1/3) that cover `sorted`, the values of
/// `curves` curves together (Freedman & Diaconis 1981).
fn freedman_diaconis(sorted: &[f64], curves: usize) -> usize {
    let spread = sorted[sorted.len() - 1] - sorted[0];
    let of_curve = sorted.len() as f64 / curves.max(1) as f64;
    let width = 2.0 * (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / of_curve.cbrt();
    let bins = (spread / width).ceil();
    if bins.is_nan() {
        return 1;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped; all values alike are infinite"
    )]
    let bins = bins.clamp(1.0, MOST_BINS as f64) as usize;
    bins
}

/// The ends of `bins` bins, from the smallest to the largest value; around the only value if there is one.
fn edges(extent: &Extent, scale: Scale, bins: usize) -> Vec<f64> {
    let (low, high) = (extent.low, extent.high);
    // Between values that only rounding tells apart there may be fewer numbers than edges.
    let differ = high - low > 1e-12 * low.abs().max(high.abs());
    let bins = if differ { bins } else { 1 };
    let ends = match scale {
        _ if differ => [low, high],
        Scale::Linear => [low - low.abs().max(1.0) / 2.0, high + high.abs().max(1.0) / 2.0],
        Scale::Log2 | Scale::Log10 => [low / 2.0, high * 2.0],
    };
    let mut edges = spaced(ends, scale, bins + 1);
    // The exponential of a logarithm may miss the end by a rounding, and a value with it.
    edges[0] = ends[0];
    edges[bins] = ends[1];
    edges
}

/// Densities of `values` between `edges`: each bin has its lower end, the last both.
fn heights(values: &[f64], edges: &[f64], place: impl Fn(f64) -> f64) -> Vec<f64> {
    let bins = edges.len() - 1;
    let mut counts = vec![0_usize; bins];
    for value in values {
        let bin = edges.partition_point(|edge| edge <= value).clamp(1, bins) - 1;
        counts[bin] += 1;
    }
    let total = values.len() as f64;
    let density = |(bin, count): (usize, usize)| count as f64 / total / (place(edges[bin + 1]) - place(edges[bin]));
    counts.into_iter().enumerate().map(density).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_at_one_and_ties_are_one_step() {
        assert_eq!(steps(&[1.0, 2.0, 2.0, 5.0], 100), [[1.0, 0.25], [2.0, 0.75], [5.0, 1.0]]);
        let many: Vec<f64> = (0..100_000).map(f64::from).collect();
        let thinned = steps(&many, 1000);
        assert!((900..=1100).contains(&thinned.len()), "{}", thinned.len());
        assert_eq!(thinned.last().unwrap(), &[99_999.0, 1.0]);
        for pair in thinned.windows(2) {
            assert!(pair[1][1] - pair[0][1] <= 1.1e-3, "{pair:?}");
            assert!(((pair[1][0] + 1.0) / 1e5 - pair[1][1]).abs() < 1e-12, "a true step: {pair:?}");
        }
    }

    #[test]
    fn bars_cover_every_value_and_their_area_is_one() {
        let values: Vec<f64> = (0..1000).map(|i| (f64::from(i) / 100.0).exp()).collect();
        let mut extent = Extent::new();
        for &value in &values {
            extent.see(value, || Place::Line(0));
        }
        for (scale, place) in [(Scale::Linear, (|x| x) as fn(f64) -> f64), (Scale::Log10, f64::log10)] {
            let edges = edges(&extent, scale, 7);
            let heights = heights(&values, &edges, place);
            let area: f64 = heights.iter().zip(edges.windows(2)).map(|(h, e)| h * (place(e[1]) - place(e[0]))).sum();
            assert!((area - 1.0).abs() < 1e-12, "{scale:?}: {area}");
            assert!(edges.windows(2).all(|pair| pair[0] < pair[1]), "{edges:?}");
        }
    }

    #[test]
    fn values_that_only_rounding_tells_apart_have_one_bin() {
        let mut extent = Extent::new();
        for value in [1.0 - 2.0 * f64::EPSILON, 1.0, 1.0 + 3.0 * f64::EPSILON] {
            extent.see(value, || Place::Line(0));
        }
        for scale in [Scale::Linear, Scale::Log2, Scale::Log10] {
            let edges = edges(&extent, scale, 7);
            assert_eq!(edges.len(), 2, "{scale:?}");
            assert!(edges[0] < extent.low && extent.high < edges[1], "{scale:?}: {edges:?}");
        }
    }

    #[test]
    fn the_number_of_bins_follows_the_spread() {
        let uniform: Vec<f64> = (0..1000).map(f64::from).collect();
        // 999 / (2 * 499.5 / 10)
        assert_eq!(freedman_diaconis(&uniform, 1), 10);
        assert_eq!(freedman_diaconis(&[3.0; 50], 1), 1);
        let mut outlier = vec![0.0; 99];
        outlier.push(1.0);
        assert_eq!(freedman_diaconis(&outlier, 1), MOST_BINS, "no spread between the quartiles");
    }
}
