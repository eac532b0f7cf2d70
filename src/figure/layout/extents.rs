//! How far the axes of a chart reach, and whether its values have a place on them.

use super::super::chart::{Axis, Chart, Line, Mark, Panel, Scale};
use super::super::scale::Extent;
use super::super::ticks::Values;
use super::{AxisName, LayoutError};

/// The axes of a chart with their ends.
pub(super) struct Extents {
    pub(super) x: Extent,
    pub(super) y: Extent,
    /// Where panels have cells.
    pub(super) color: Option<Extent>,
    /// What stands along x: whole where every mark that is no theory does.
    pub(super) along_x: Values,
    /// What stands along y: whole where there are cells, and all rows are.
    pub(super) along_y: Values,
}

/// Room between the data and the ends of an axis, as a share of it.
const PADDING_X: f64 = 0.03;
const PADDING_Y: f64 = 0.05;

/// Theory that leaves the data's range makes the axis longer by at most this share of it: a risk that diverges must not
/// flatten what was measured.
const THEORY_BEYOND_DATA: f64 = 0.25;

impl Extents {
    pub(super) fn of(chart: &Chart) -> Result<Self, LayoutError> {
        for (number, panel) in chart.panels.iter().enumerate() {
            check(chart, number + 1, panel)?;
        }
        let x = abscissa(chart)?;
        // What a given range of x hides must not stretch y.
        let shown = |value: f64| chart.x.range.is_none() || (0.0..=1.0).contains(&x.share(value));
        let y = ordinate(chart, &shown)?;
        let has_cells = marks(chart).any(|mark| matches!(mark, Mark::Cells { .. }));
        let color = if has_cells { Some(colors(chart)?) } else { None };
        let whole = |whole: bool| if whole { Values::Whole } else { Values::Any };
        let mut data = marks(chart).filter(|mark| !matches!(mark, Mark::Theory { .. })).flat_map(points).peekable();
        let along_x = whole(data.peek().is_some() && data.all(|[x, _]| x.fract() == 0.0));
        let along_y = whole(has_cells && marks(chart).flat_map(points).all(|[_, y]| y.fract() == 0.0));
        Ok(Self { x, y, color, along_x, along_y })
    }
}

fn marks(chart: &Chart) -> impl Iterator<Item = &Mark> {
    chart.panels.iter().flat_map(|panel| &panel.series).map(|series| &series.mark)
}

fn lines(chart: &Chart) -> impl Iterator<Item = &Line> {
    chart.panels.iter().flat_map(|panel| &panel.rules).map(|rule| &rule.line)
}

/// Padding that no cell and no bar standing on 0 wants.
struct Padding {
    below: f64,
    above: f64,
}

fn abscissa(chart: &Chart) -> Result<Extent, LayoutError> {
    let data = marks(chart).filter(|mark| !matches!(mark, Mark::Cells { .. })).flat_map(points).map(|[x, _]| x);
    let levels = lines(chart).filter_map(|line| if let Line::X(x) = line { Some(*x) } else { None });
    let grids =
        marks(chart).filter_map(|mark| if let Mark::Cells { x, .. } = mark { Some(x.as_slice()) } else { None });
    let around = Extent::of(chart.x.scale, data.chain(levels));
    ends(&chart.x, AxisName::X, around, grids, &Padding { below: PADDING_X, above: PADDING_X })
}

fn ordinate(chart: &Chart, shown: &dyn Fn(f64) -> bool) -> Result<Extent, LayoutError> {
    let scale = chart.y.scale;
    let from_zero =
        scale == Scale::Linear && marks(chart).any(|mark| matches!(mark, Mark::Bars { .. } | Mark::Steps(_)));
    let zero = from_zero.then_some(0.0);
    let of = |theory: bool| {
        let wanted = marks(chart).filter(move |mark| matches!(mark, Mark::Theory { .. }) == theory);
        let points = wanted.filter(|mark| !matches!(mark, Mark::Cells { .. })).flat_map(points);
        points.filter(|&[x, _]| shown(x)).map(|[_, y]| y)
    };
    let levels = lines(chart).filter_map(|line| if let Line::Y(y) = line { Some(*y) } else { None });
    let data = Extent::of(scale, of(false).chain(zero));
    let theory = Extent::of(scale, of(true));
    let both = match (data, theory) {
        (Some(data), Some(theory)) => Some(data.stretched_towards(theory, THEORY_BEYOND_DATA)),
        (data, theory) => data.or(theory),
    };
    let levels = Extent::of(scale, levels);
    let around = match (both, levels) {
        (Some(both), Some(levels)) => Some(both.joined(levels)),
        (both, levels) => both.or(levels),
    };
    let stands_on_zero = from_zero && around.is_some_and(|extent| extent.ends()[0] == 0.0);
    let padding = Padding { below: if stands_on_zero { 0.0 } else { PADDING_Y }, above: PADDING_Y };
    let grids =
        marks(chart).filter_map(|mark| if let Mark::Cells { y, .. } = mark { Some(y.as_slice()) } else { None });
    ends(&chart.y, AxisName::Y, around, grids, &padding)
}

/// The given ends; else those of the cells as they are, or of the rest with padding.
fn ends<'a>(
    axis: &Axis,
    name: AxisName,
    around: Option<Extent>,
    grids: impl Iterator<Item = &'a [f64]>,
    padding: &Padding,
) -> Result<Extent, LayoutError> {
    if let Some(range) = axis.range {
        return Extent::between(axis.scale, range).ok_or(LayoutError::Range { axis: name, range });
    }
    match (around, Extent::of_cells(axis.scale, grids)) {
        (None, None) => Err(LayoutError::Empty),
        (Some(around), None) => Ok(around.padded(padding.below, padding.above)),
        (None, Some(cells)) => Ok(cells),
        (Some(around), Some(cells)) => Ok(cells.joined(around)),
    }
}

fn colors(chart: &Chart) -> Result<Extent, LayoutError> {
    let Some(axis) = &chart.color else {
        return Err(LayoutError::Malformed {
            place: "axis of colours".into(),
            message: "panels have cells, but nothing says what their colours mean".into(),
        });
    };
    if let Some(range) = axis.range {
        return Extent::between(axis.scale, range).ok_or(LayoutError::Range { axis: AxisName::Color, range });
    }
    let values =
        marks(chart).filter_map(|mark| if let Mark::Cells { values, .. } = mark { Some(values) } else { None });
    Extent::of(axis.scale, values.flatten().flatten().copied()).ok_or(LayoutError::Empty)
}

/// All finite points of a mark, the ends of bands and bins included.
pub(super) fn points(mark: &Mark) -> Vec<[f64; 2]> {
    let mut points: Vec<[f64; 2]> = match mark {
        Mark::Curve(points) | Mark::Estimates(points) => points
            .iter()
            .filter(|p| p.y.is_finite())
            .flat_map(|p| std::iter::once([p.x, p.y]).chain(p.band.into_iter().flatten().map(|end| [p.x, end])))
            .collect(),
        Mark::Points(points) | Mark::Theory { points, .. } | Mark::Steps(points) => points.clone(),
        Mark::Bars { edges, heights } => {
            let sides = edges.windows(2).zip(heights);
            sides.flat_map(|(sides, &height)| [[sides[0], height], [sides[1], height]]).collect()
        }
        Mark::Cells { x, y, .. } => x.iter().flat_map(|&x| y.iter().map(move |&y| [x, y])).collect(),
    };
    points.retain(|point| point.iter().all(|along| along.is_finite()));
    points
}

/// Whether every mark of a panel agrees with itself and has a place on the axes.
fn check(chart: &Chart, number: usize, panel: &Panel) -> Result<(), LayoutError> {
    for (index, series) in panel.series.iter().enumerate() {
        let place = || match &series.name {
            Some(name) => format!("series {} (`{name}`) of panel {number}", index + 1),
            None => format!("series {} of panel {number}", index + 1),
        };
        let malformed = |message: &str| LayoutError::Malformed { place: place(), message: message.to_owned() };
        match &series.mark {
            Mark::Curve(points) | Mark::Estimates(points) => {
                positive(&chart.x, AxisName::X, points.iter().map(|p| p.x), &place)?;
                positive(&chart.y, AxisName::Y, points.iter().map(|p| p.y), &place)?;
            }
            Mark::Points(points) => {
                positive(&chart.x, AxisName::X, points.iter().map(|p| p[0]), &place)?;
                positive(&chart.y, AxisName::Y, points.iter().map(|p| p[1]), &place)?;
            }
            // A law that falls to 0 runs out of a logarithmic axis, as steps do that begin at 0.
            Mark::Theory { points, .. } | Mark::Steps(points) => {
                positive(&chart.x, AxisName::X, points.iter().map(|p| p[0]), &place)?;
            }
            Mark::Bars { edges, heights } => {
                if edges.len() != heights.len() + 1 {
                    return Err(malformed("a histogram has one edge more than it has bars"));
                }
                ascending(edges)
                    .then_some(())
                    .ok_or_else(|| malformed("the edges of bars must be finite and ascend"))?;
                positive(&chart.x, AxisName::X, edges.iter().copied(), &place)?;
            }
            Mark::Cells { x, y, values } => {
                if x.len().checked_mul(y.len()) != Some(values.len()) {
                    return Err(malformed("cells must be as many as columns times rows"));
                }
                let ascend = ascending(x) && ascending(y);
                ascend.then_some(()).ok_or_else(|| malformed("the centres of cells must be finite and ascend"))?;
                positive(&chart.x, AxisName::X, x.iter().copied(), &place)?;
                positive(&chart.y, AxisName::Y, y.iter().copied(), &place)?;
                if let Some(color) = &chart.color {
                    positive(color, AxisName::Color, values.iter().flatten().copied(), &place)?;
                }
            }
        }
    }
    for (index, rule) in panel.rules.iter().enumerate() {
        let place = || format!("reference line {} of panel {number}", index + 1);
        match rule.line {
            Line::X(x) => positive(&chart.x, AxisName::X, [x].into_iter(), &place)?,
            Line::Y(y) => positive(&chart.y, AxisName::Y, [y].into_iter(), &place)?,
            Line::Curve(_) => {}
        }
    }
    Ok(())
}

fn ascending(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite()) && values.windows(2).all(|pair| pair[0] < pair[1])
}

/// Whether all finite values have a logarithm, where one is needed.
fn positive(
    axis: &Axis,
    name: AxisName,
    mut values: impl Iterator<Item = f64>,
    place: &dyn Fn() -> String,
) -> Result<(), LayoutError> {
    if axis.scale == Scale::Linear {
        return Ok(());
    }
    match values.find(|value| value.is_finite() && *value <= 0.0) {
        Some(value) => Err(LayoutError::NotPositive { axis: name, value, place: place() }),
        None => Ok(()),
    }
}
