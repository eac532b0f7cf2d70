//! The figures of a diagnosis, from its numbers.

use crate::diagnose::{Analysis, Report, RidgeAdvice, RidgePoint};
use crate::figure::chart::{Axis, Chart, Line, Mark, Panel, Point, Rule, Scale, Series};
use crate::figure::label::escape;
use crate::figure::spec::Width;

/// Weights that a ridge trace shows: more curves cannot be told apart.
const MOST_CURVES: usize = 12;
/// Columns whose names fit under an axis.
const MOST_NAMES: usize = 16;

/// Stems of the files of the figures, in their order.
pub(super) const IDS: [&str; 4] = ["spectrum", "proportions", "ridge_trace", "leave_one_out"];

/// Every figure by the stem of its files; nothing where the diagnosis does not have its numbers.
pub(super) fn charts(report: &Report) -> [(&'static str, Option<Chart>); IDS.len()] {
    let analysis = report.analysis.as_ref();
    let ridge = analysis.and_then(|analysis| Some((analysis, analysis.ridge.as_ref()?)));
    let [of_spectrum, of_proportions, of_trace, of_errors] = IDS;
    [
        (of_spectrum, spectrum(report)),
        (of_proportions, analysis.and_then(|analysis| proportions(report, analysis))),
        (of_trace, ridge.and_then(|(analysis, ridge)| ridge_trace(report, analysis, ridge))),
        (of_errors, ridge.and_then(|(_, ridge)| leave_one_out(ridge))),
    ]
}

/// One panel, as wide as the text of a paper.
fn chart(id: &str, x: Axis, y: Axis, panel: Panel) -> Chart {
    Chart {
        id: id.to_owned(),
        title: None,
        width: Width::Neurips,
        aspect: 0.6,
        x,
        y,
        color: None,
        legend_title: None,
        panels: vec![panel],
    }
}

fn axis(label: &str, scale: Scale) -> Axis {
    Axis { label: label.to_owned(), scale, range: None }
}

/// Singular values with their enclosures; of those that may be 0 the upper bounds.
fn spectrum(report: &Report) -> Option<Chart> {
    let numbered = || report.sigmas.iter().enumerate().map(|(i, sigma)| ((i + 1) as f64, sigma));
    let resolved: Vec<Point> = numbered()
        .filter(|(_, sigma)| sigma.lo > 0.0 && sigma.hi.is_finite())
        .filter_map(|(x, sigma)| Some(Point { x, y: sigma.value?, band: Some([sigma.lo, sigma.hi]), count: 1 }))
        .collect();
    let bounded: Vec<[f64; 2]> = numbered()
        .filter(|(_, sigma)| sigma.lo == 0.0 && sigma.hi > 0.0 && sigma.hi.is_finite())
        .map(|(x, sigma)| [x, sigma.hi])
        .collect();
    let mut series = Vec::new();
    if !resolved.is_empty() {
        let name = Some("with its enclosure".to_owned());
        series.push(Series { name, look: Some(0), mark: Mark::Curve(resolved) });
    }
    if !bounded.is_empty() {
        let name = Some("upper bound; may be 0".to_owned());
        series.push(Series { name, look: Some(4), mark: Mark::Points(bounded) });
    }
    let panel = Panel { series, ..Panel::default() };
    let (x, y) = (axis("$i$", Scale::Linear), axis("singular value $\\sigma_i$ of $X$", Scale::Log10));
    (!panel.series.is_empty()).then(|| chart("spectrum", x, y, panel))
}

/// The table of Belsley, Kuh & Welsch as a map.
fn proportions(report: &Report, analysis: &Analysis) -> Option<Chart> {
    let table = analysis.collinearity.as_ref()?;
    let d = report.d;
    let centres: Vec<f64> = (1..=d).map(|number| number as f64).collect();
    let values = (0..d)
        .flat_map(|k| (0..d).map(move |j| (k, j)))
        .map(|at| Some(table.proportions[at]).filter(|share| !share.is_nan()))
        .collect();
    let names: Vec<String> =
        report.names.iter().enumerate().map(|(j, name)| format!("{} {}", j + 1, escape(name))).collect();
    let label = if d <= MOST_NAMES { format!("column: {}", names.join(", ")) } else { "column".to_owned() };
    let mark = Mark::Cells { x: centres.clone(), y: centres, values };
    let panel = Panel { series: vec![Series { name: None, look: None, mark }], ..Panel::default() };
    let y = axis("singular value of the columns at unit length", Scale::Linear);
    let mut chart = chart("proportions", axis(&label, Scale::Linear), y, panel);
    chart.aspect = 0.85;
    chart.color = Some(Axis { range: Some([0.0, 1.0]), ..axis("share of the variance of the weight", Scale::Linear) });
    Some(chart)
}

/// Weights along the path, each times the spread of its column: what a standard deviation of it moves.
fn ridge_trace(report: &Report, analysis: &Analysis, ridge: &RidgeAdvice) -> Option<Chart> {
    let root = (report.n as f64).sqrt();
    let spread = |j: usize| match &analysis.vif {
        Some(vif) if ridge.intercept.is_some() => vif[j].sd,
        _ => analysis.scaled.norms[j] / root,
    };
    let path: Vec<&RidgePoint> = ridge.path.iter().filter(|point| !point.w.is_empty()).collect();
    let size = |j: usize| path.iter().map(|point| (point.w[j] * spread(j)).abs()).fold(0.0, f64::max);
    let mut columns: Vec<usize> = (0..report.d).filter(|&j| Some(j) != ridge.intercept && size(j) > 0.0).collect();
    columns.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
    columns.truncate(MOST_CURVES);
    columns.sort_unstable();
    let series: Vec<Series> = columns
        .iter()
        .enumerate()
        .map(|(look, &j)| {
            let point =
                |point: &&RidgePoint| Point { x: point.lambda, y: point.w[j] * spread(j), band: None, count: report.n };
            let points = path.iter().map(point).filter(|point| point.y.is_finite()).collect();
            Series { name: Some(escape(&report.names[j])), look: Some(look), mark: Mark::Curve(points) }
        })
        .collect();
    let unit = if ridge.intercept.is_some() { "standard deviation" } else { "root mean square" };
    let y = axis(&format!("weight times the {unit} of its column"), Scale::Linear);
    let panel = Panel { title: None, series, rules: rules(ridge) };
    (!panel.series.is_empty() && !path.is_empty()).then(|| chart("ridge_trace", lambda(), y, panel))
}

/// Leave-one-out and generalised cross-validation errors along the path.
fn leave_one_out(ridge: &RidgeAdvice) -> Option<Chart> {
    let curve = |name: &str, look: usize, error: fn(&RidgePoint) -> Option<f64>| {
        let point = |point: &RidgePoint| Some(Point { x: point.lambda, y: error(point)?, band: None, count: 1 });
        let points: Vec<Point> = ridge.path.iter().filter_map(point).collect();
        let series = Series { name: Some(name.to_owned()), look: Some(look), mark: Mark::Curve(points.clone()) };
        (!points.is_empty()).then_some(series)
    };
    let series: Vec<Series> =
        [curve("leave-one-out", 0, |point| point.loo), curve("generalised cross-validation", 1, |point| point.gcv)]
            .into_iter()
            .flatten()
            .collect();
    let panel = Panel { title: None, series, rules: rules(ridge) };
    let y = axis("root mean square error of prediction", Scale::Linear);
    (!panel.series.is_empty()).then(|| chart("leave_one_out", lambda(), y, panel))
}

fn lambda() -> Axis {
    axis("$\\lambda$", Scale::Log10)
}

/// The chosen penalties, where a logarithmic axis has a place for them.
fn rules(ridge: &RidgeAdvice) -> Vec<Rule> {
    let best = ridge.best.as_ref().map(|best| (best.point.lambda, "least leave-one-out error"));
    let bounded = (ridge.bounded.lambda, "$\\kappa_{\\lambda}$ at its bound");
    let chosen = best.into_iter().chain([bounded]).filter(|(lambda, _)| *lambda > 0.0);
    chosen.map(|(lambda, label)| Rule { line: Line::X(lambda), label: Some(label.to_owned()) }).collect()
}
