//! Line and scatter: y over x.

use std::collections::BTreeMap;

use super::axis::{Along, Extent, Place};
use super::groups::Groups;
use super::select::Selection;
use super::{Parts, Source, labels, panels, refuse_nothing};
use crate::figure::chart::{Axis, Mark, Point, Series};
use crate::figure::error::FigureError;
use crate::figure::spec::{Band, FigureSpec, Statistic};
use crate::statistics::order::FEWEST_FOR_MEDIAN;
use crate::statistics::{Summariser, Summary};

/// A number by which maps are sorted; -0 is 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ordered(f64);

impl Ordered {
    pub(super) fn new(value: f64) -> Self {
        Self(value + 0.0)
    }

    pub(super) fn value(self) -> f64 {
        self.0
    }
}

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A curve through the statistic of the rows at each x.
pub(super) fn line(selection: &Selection<'_>, source: &Source<'_>) -> Result<Parts, FigureError> {
    let spec = selection.spec;
    let (mut x_extent, mut y_extent) = (Extent::new(), Extent::new());
    let mut groups: Groups<BTreeMap<Ordered, Vec<f64>>> = Groups::new();
    let mut left_out = 0;
    selection.visit(source.dir, |row| {
        let x = selection.x.value(row);
        for (at, formula) in selection.y.iter().enumerate() {
            let y = formula.value(row);
            if !(x.is_finite() && y.is_finite()) {
                left_out += 1;
                continue;
            }
            if y <= 0.0 && spec.statistic == Statistic::GeometricMean {
                return Err(FigureError::rows(
                    &spec.id,
                    format!(
                        "y: {} is {y:?} at {}, and has no geometric mean",
                        spec.y[at],
                        super::select::row_key(source.dir, spec, source.tables, row.line())
                    ),
                    "take stat = \"median\" or \"mean\", or leave such rows out by `where`",
                ));
            }
            x_extent.see(x, || Place::Line(row.line()));
            groups.at(row, selection, at)?.entry(Ordered::new(x)).or_default().push(y);
        }
        Ok(())
    })?;
    let grouped = groups.finish(selection);
    refuse_nothing(selection, !grouped.panels.is_empty(), left_out)?;
    let legend_title = grouped.legend_title.clone();
    let mut summariser = Summariser::new(spec.statistic, spec.band);
    let (mut points, mut without_band, mut most_rows) = (0_u64, 0_u64, 0);
    let panels = panels(grouped, |look, name, samples: BTreeMap<Ordered, Vec<f64>>| {
        let point = |(x, mut values): (Ordered, Vec<f64>)| {
            let (x, count) = (x.value(), values.len());
            let Summary { value: y, band } = summariser.summarise(&mut values);
            for end in [y].into_iter().chain(band.into_iter().flatten()) {
                y_extent.see(end, || Place::Point(place(spec, end == y, x, name.as_deref())));
            }
            points += 1;
            without_band += u64::from(band.is_none() && spec.band != Band::None);
            most_rows = most_rows.max(count);
            Point { x, y, band, count }
        };
        let curve = samples.into_iter().map(point).collect();
        Series { name: name.clone(), look: Some(look), mark: Mark::Curve(curve) }
    });
    if without_band == points && points > 0 {
        return Err(no_band(spec, most_rows));
    }
    let (x, y) = axes(selection, source, &x_extent, &y_extent)?;
    Ok(Parts { x, y, color: None, legend_title, panels, left_out, without_band })
}

/// A point a row.
pub(super) fn scatter(selection: &Selection<'_>, source: &Source<'_>) -> Result<Parts, FigureError> {
    let (mut x_extent, mut y_extent) = (Extent::new(), Extent::new());
    let mut groups: Groups<Vec<[f64; 2]>> = Groups::new();
    let mut left_out = 0;
    selection.visit(source.dir, |row| {
        let x = selection.x.value(row);
        for (at, formula) in selection.y.iter().enumerate() {
            let y = formula.value(row);
            if x.is_finite() && y.is_finite() {
                x_extent.see(x, || Place::Line(row.line()));
                y_extent.see(y, || Place::Line(row.line()));
                groups.at(row, selection, at)?.push([x, y]);
            } else {
                left_out += 1;
            }
        }
        Ok(())
    })?;
    let grouped = groups.finish(selection);
    refuse_nothing(selection, !grouped.panels.is_empty(), left_out)?;
    let legend_title = grouped.legend_title.clone();
    let panels = panels(grouped, |look, name, points| Series { name, look: Some(look), mark: Mark::Points(points) });
    let (x, y) = axes(selection, source, &x_extent, &y_extent)?;
    Ok(Parts { x, y, color: None, legend_title, panels, left_out, without_band: 0 })
}

/// The axes of y over x, which show the reference lines too.
pub(super) fn axes(
    selection: &Selection<'_>,
    source: &Source<'_>,
    x_extent: &Extent,
    y_extent: &Extent,
) -> Result<(Axis, Axis), FigureError> {
    let spec = selection.spec;
    let (upright, level) = (spec.upright_lines(), spec.level_lines());
    let x_label = labels::of_formula(&selection.x, &selection.vocabulary);
    let y_label: Vec<String> =
        selection.y.iter().map(|formula| labels::of_formula(formula, &selection.vocabulary)).collect();
    let y_expression = spec.y.join(", ");
    Ok((
        x_extent.axis(&spec.x_axis, Along { key: "x", expression: &spec.x }, x_label, &upright, spec, source)?,
        y_extent.axis(
            &spec.y_axis,
            Along { key: "y", expression: &y_expression },
            y_label.join(", "),
            &level,
            spec,
            source,
        )?,
    ))
}

/// A point of a curve in words, for an error.
fn place(spec: &FigureSpec, is_value: bool, x: f64, curve: Option<&str>) -> String {
    let statistic = match spec.statistic {
        Statistic::Median => "median",
        Statistic::Mean => "mean",
        Statistic::GeometricMean => "geometric mean",
        Statistic::Min => "smallest",
        Statistic::Max => "largest",
    };
    let y = spec.y.join(", ");
    let what = if is_value { format!("the {statistic} of {y}") } else { format!("an end of the band of {y}") };
    let curve = curve.map_or_else(String::new, |name| format!(" (curve {name})"));
    format!("{what} at {} = {x:?}{curve}", spec.x)
}

fn no_band(spec: &FigureSpec, most_rows: usize) -> FigureError {
    let (fewest, remedy) = match spec.statistic {
        Statistic::Median => {
            (FEWEST_FOR_MEDIAN, "stat = \"mean\" needs 2, band = \"range\" one; or set more replicates")
        }
        _ => (2, "set more replicates, or leave `band` out"),
    };
    FigureError::rows(
        &spec.id,
        format!("band = \"interval\" needs {fewest} rows at an x, and no x has more than {most_rows}"),
        remedy,
    )
}
