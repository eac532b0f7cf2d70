//! Laws over the measurement: at the keys of every point of a curve, and between them, so that the curve is smooth.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Source;
use super::axis::{spaced, widened};
use super::curves::Ordered;
use super::groups::{Grouped, Groups};
use super::select::Selection;
use crate::expression::{Condition, Formula, Point};
use crate::figure::chart::{Axis, Mark, Panel, Series};
use crate::figure::error::FigureError;
use crate::figure::spec::FigureKind;
use crate::theory::{self, Claim, Keys, Law, Relation};

/// About how many points a law's curve has.
const POINTS: usize = 240;
/// How far beyond the data a distribution is drawn, as a share of their extent.
const BEYOND: f64 = 0.1;
/// The keys of a law, in the order of [`values`].
const KEYS: [&str; 6] = ["n", "d", "epsilon", "lambda", "delta", "alpha"];

/// What a law is evaluated at, for one curve.
#[derive(Default)]
struct Cells {
    /// The keys by x.
    keys: BTreeMap<Ordered, Keys>,
    /// The first x at which rows of different keys meet.
    meeting: Option<f64>,
    /// By law: whether it is silent about some row.
    silent: Vec<bool>,
}

/// A law that a figure asks for.
struct Asked {
    law: &'static Law,
    filter: Option<Condition>,
    /// The place of its quantity among the figure's expressions.
    y: usize,
}

/// Adds the laws that the figure asks for to its panels.
///
/// A law is drawn over every curve of its quantity of which it speaks of all rows.
///
/// # Errors
/// [`FigureError::Rows`] where a law has nothing to say of any curve, or not one thing of each point.
pub(super) fn overlay(
    selection: &Selection<'_>,
    source: &Source<'_>,
    x_axis: &Axis,
    panels: &mut [Panel],
) -> Result<(), FigureError> {
    if selection.spec.theory.is_empty() {
        return Ok(());
    }
    let laws = selection.spec.theory.iter().map(|name| asked(selection, name)).collect::<Result<Vec<_>, _>>()?;
    let grouped = gather(selection, source, &laws)?;
    let names: Vec<String> = laws.iter().map(|asked| name(asked.law)).collect();
    for (at, asked) in laws.iter().enumerate() {
        let mut is_drawn = false;
        for (panel, (_, curves)) in panels.iter_mut().zip(&grouped.panels) {
            for (place, cells) in curves {
                let of_this = selection.spec.kind == FigureKind::Ecdf || grouped.curves[*place].y == asked.y;
                if !of_this || cells.silent[at] {
                    continue;
                }
                let points = match asked.law.claim {
                    Claim::Mean(_) => mean(selection, source, asked.law, cells)?,
                    Claim::Distribution(_) => distribution(selection, source, asked.law, cells, x_axis)?,
                };
                if points.iter().any(|[_, y]| y.is_finite()) {
                    is_drawn = true;
                    let name = Some(name(asked.law));
                    if asked.law.relation == Relation::Equals {
                        estimate(panel, *place);
                    }
                    // Laws of one name share a place in the legend, and so their dash.
                    let law = names.iter().position(|other| Some(other) == name.as_ref()).unwrap_or(at);
                    panel.series.push(Series { name, look: Some(*place), mark: Mark::Theory { law, points } });
                }
            }
        }
        if !is_drawn {
            return Err(silent(selection, asked.law));
        }
    }
    Ok(())
}

/// The curve with this look is an estimate of what a law says: the law is the line.
fn estimate(panel: &mut Panel, look: usize) {
    for series in panel.series.iter_mut().filter(|series| series.look == Some(look)) {
        if let Mark::Curve(points) = &mut series.mark {
            series.mark = Mark::Estimates(std::mem::take(points));
        }
    }
}

fn asked(selection: &Selection<'_>, name: &str) -> Result<Asked, FigureError> {
    let wrong = |what: String| FigureError::spec(&selection.spec.id, what);
    let law = theory::find(name).ok_or_else(|| wrong(format!("there is no law {name}")))?;
    let quantity = Formula::parse(law.quantity, &selection.vocabulary).map_err(|error| wrong(error.message))?;
    let filter = law.filter.map(|text| Condition::parse(text, &selection.vocabulary));
    let filter = filter.transpose().map_err(|error| wrong(error.message))?;
    let ordinates =
        if selection.spec.kind == FigureKind::Ecdf { std::slice::from_ref(&selection.x) } else { &selection.y };
    let y = ordinates.iter().position(|formula| formula.number() == quantity.number());
    let y = y.ok_or_else(|| wrong(format!("the law {name} speaks of {}, which is not drawn", law.quantity)))?;
    Ok(Asked { law, filter, y })
}

/// For the legend: whose law, and whether it is a bound.
fn name(law: &Law) -> String {
    match law.relation {
        Relation::Equals => law.short.to_owned(),
        Relation::AtMost => format!("{}, upper bound", law.short),
        Relation::AtLeast => format!("{}, lower bound", law.short),
    }
}

/// Reads the table again, for the keys of the rows that are drawn.
fn gather(selection: &Selection<'_>, source: &Source<'_>, laws: &[Asked]) -> Result<Grouped<Cells>, FigureError> {
    let mut reading = Selection::new(selection.spec, source.tables)?;
    let columns = KEYS.map(|key| reading.column(key));
    let of_filters = laws.iter().filter_map(|asked| asked.filter.as_ref()).flat_map(Condition::mentions);
    reading.also_read(columns.into_iter().flatten().chain(of_filters.map(|mention| mention.variable)));
    let mut groups: Groups<Cells> = Groups::new();
    reading.visit(source.dir, |row| {
        let x = reading.x.value(row);
        let keys = keys(columns.map(|column| column.map(|column| row.number(column)).filter(|key| !key.is_nan())));
        let speaks: Vec<bool> =
            laws.iter().map(|asked| asked.filter.as_ref().is_none_or(|filter| filter.holds(row))).collect();
        for y in 0..reading.y.len().max(1) {
            if !x.is_finite() || reading.y.get(y).is_some_and(|formula| !formula.value(row).is_finite()) {
                continue;
            }
            let cells = groups.at(row, &reading, y)?;
            cells.silent.resize(laws.len(), false);
            for (silent, speaks) in cells.silent.iter_mut().zip(&speaks) {
                *silent |= !speaks;
            }
            let known = *cells.keys.entry(Ordered::new(x)).or_insert(keys);
            if known != keys && cells.meeting.is_none() {
                cells.meeting = Some(x);
            }
        }
        Ok(())
    })?;
    Ok(groups.finish(&reading))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "n and d are counts of at most 2^31")]
fn keys([n, d, epsilon, lambda, delta, alpha]: [Option<f64>; 6]) -> Keys {
    Keys { n: n.unwrap_or(0.0) as usize, d: d.unwrap_or(0.0) as usize, epsilon, lambda, delta, alpha }
}

/// In the order of [`KEYS`].
fn values(keys: &Keys) -> [Option<f64>; 6] {
    [Some(keys.n as f64), Some(keys.d as f64), keys.epsilon, keys.lambda, keys.delta, keys.alpha]
}

/// The law's mean over x; NaN where it has none.
fn mean(
    selection: &Selection<'_>,
    source: &Source<'_>,
    law: &Law,
    cells: &Cells,
) -> Result<Vec<[f64; 2]>, FigureError> {
    let spec = selection.spec;
    if let Some(x) = cells.meeting {
        return Err(FigureError::rows(
            &spec.id,
            format!(
                "theory: rows of different keys meet at {} = {x:?}, of which {} says different things",
                spec.x, law.name
            ),
            "tell them apart by `by` or `facet`, or choose some by `where`",
        ));
    }
    let columns = KEYS.map(|key| selection.column(key));
    if let Some(other) = selection.x.mentions().iter().find(|mention| !columns.contains(&Some(mention.variable))) {
        return Err(FigureError::rows(
            &spec.id,
            format!(
                "theory: x = {} has {}, which is no key",
                spec.x, selection.vocabulary.variables[other.variable].name
            ),
            format!("a law is drawn over an x made of {}", KEYS.join(", ")),
        ));
    }
    let measured: Vec<(f64, Keys)> = cells.keys.iter().map(|(x, keys)| (x.value(), *keys)).collect();
    let mut places = Vec::new();
    let between = POINTS.div_ceil(measured.len().saturating_sub(1).max(1));
    for (at, (x, keys)) in measured.iter().enumerate() {
        places.push((*x, *keys));
        let Some((next_x, next_keys)) = measured.get(at + 1) else { break };
        let mut last = *x;
        for step in 1..between {
            let keys = interpolated(keys, next_keys, step as f64 / between as f64);
            let x = selection.x.value(&KeyPoint { columns, values: values(&keys) });
            // Counts are rounded: several steps may fall on one.
            if last < x && x < *next_x {
                places.push((x, keys));
                last = x;
            }
        }
    }
    // An exact expectation over large matrices takes a while.
    let at = |(x, keys): &(f64, Keys)| [*x, law.mean(&source.world.at(*keys)).unwrap_or(f64::NAN)];
    Ok(places.par_iter().map(at).collect())
}

/// The law's probability of at most x, over the whole axis.
fn distribution(
    selection: &Selection<'_>,
    source: &Source<'_>,
    law: &Law,
    cells: &Cells,
    x_axis: &Axis,
) -> Result<Vec<[f64; 2]>, FigureError> {
    let mut settings = cells.keys.values();
    let Some(keys) = settings.next() else { return Ok(Vec::new()) };
    if cells.meeting.is_some() || settings.any(|other| other != keys) {
        return Err(FigureError::rows(
            &selection.spec.id,
            format!("theory: a curve has rows of different keys, of which {} says different things", law.name),
            "tell them apart by `by` or `facet`, or choose some by `where`",
        ));
    }
    let (Some((first, _)), Some((last, _))) = (cells.keys.first_key_value(), cells.keys.last_key_value()) else {
        return Ok(Vec::new());
    };
    let range = x_axis.range.unwrap_or_else(|| widened([first.value(), last.value()], x_axis.scale, BEYOND));
    let setting = source.world.at(*keys);
    let at = |x: f64| [x, law.probability(&setting, x).unwrap_or(f64::NAN)];
    Ok(spaced(range, x_axis.scale, POINTS).into_iter().map(at).collect())
}

/// The keys a `share` of the way from one to the other: counts in whole numbers, sizes by equal ratios where they are positive.
fn interpolated(from: &Keys, to: &Keys, share: f64) -> Keys {
    let (from, to) = (values(from), values(to));
    let at = |key: usize| {
        let (a, b) = (from[key]?, to[key]?);
        let straight = a + (b - a) * share;
        Some(match key {
            0 | 1 => straight.round(),
            _ if a > 0.0 && b > 0.0 => a * (b / a).powf(share),
            _ => straight,
        })
    };
    keys(std::array::from_fn(at))
}

/// Keys as the values of their columns.
struct KeyPoint {
    columns: [Option<usize>; 6],
    values: [Option<f64>; 6],
}

impl Point for KeyPoint {
    fn number(&self, variable: usize) -> f64 {
        let key = self.columns.iter().position(|column| *column == Some(variable));
        key.and_then(|key| self.values[key]).unwrap_or(f64::NAN)
    }

    fn word(&self, _variable: usize) -> &'static str {
        ""
    }
}

fn silent(selection: &Selection<'_>, law: &Law) -> FigureError {
    let rows = law.filter.map_or_else(String::new, |filter| format!(" of rows with {filter}"));
    FigureError::rows(
        &selection.spec.id,
        format!("theory: {} says nothing about any curve", law.name),
        format!("it speaks{rows}: {}", law.domain),
    )
}
