//! Heatmap: a statistic of the rows at each (x, y), as a colour.

use std::collections::{BTreeMap, BTreeSet};

use super::axis::{Along, Extent, Place};
use super::curves::{Ordered, axes};
use super::groups::Groups;
use super::select::Selection;
use super::{Parts, Source, labels, panels, refuse_nothing};
use crate::figure::chart::{Mark, Series};
use crate::figure::error::FigureError;
use crate::figure::spec::{Band, Statistic};
use crate::statistics::Summariser;

/// A heatmap of more cells than this is no picture of a grid, but of measured values that hardly ever meet.
const MOST_CELLS: usize = 250_000;

/// Values by (y, x).
type Samples = BTreeMap<(Ordered, Ordered), Vec<f64>>;

pub(super) fn heatmap(selection: &Selection<'_>, source: &Source<'_>) -> Result<Parts, FigureError> {
    let spec = selection.spec;
    let (Some(value_formula), [y_formula]) = (&selection.value, &selection.y[..]) else {
        return Err(FigureError::spec(&spec.id, "a heatmap has one y and a value"));
    };
    let [mut x_extent, mut y_extent, mut value_extent] = [Extent::new(), Extent::new(), Extent::new()];
    let mut groups: Groups<Samples> = Groups::new();
    let (mut columns, mut rows) = (BTreeSet::new(), BTreeSet::new());
    let mut left_out = 0;
    selection.visit(source.dir, |row| {
        let [x, y, value] = [&selection.x, y_formula, value_formula].map(|formula| formula.value(row));
        let sound = spec.statistic != Statistic::GeometricMean || value > 0.0;
        if ![x, y, value].iter().all(|number| number.is_finite()) {
            left_out += 1;
        } else if sound {
            x_extent.see(x, || Place::Line(row.line()));
            y_extent.see(y, || Place::Line(row.line()));
            let (x, y) = (Ordered::new(x), Ordered::new(y));
            columns.insert(x);
            rows.insert(y);
            if columns.len().saturating_mul(rows.len()) > MOST_CELLS {
                return Err(FigureError::rows(
                    &spec.id,
                    format!("x = {} and y = {} make more than {MOST_CELLS} cells", spec.x, spec.y[0]),
                    "take keys of the grid for x and y, or kind = \"scatter\"",
                ));
            }
            groups.at(row, selection, 0)?.entry((y, x)).or_default().push(value);
        } else {
            let key = super::select::row_key(source.dir, spec, source.tables, row.line());
            let expression = spec.value.as_deref().unwrap_or("value");
            return Err(FigureError::rows(
                &spec.id,
                format!("value: {expression} is {value:?} at {key}, and has no geometric mean"),
                "take stat = \"median\" or \"mean\", or leave such rows out by `where`",
            ));
        }
        Ok(())
    })?;
    let grouped = groups.finish(selection);
    refuse_nothing(selection, !grouped.panels.is_empty(), left_out)?;
    let mut summariser = Summariser::new(spec.statistic, Band::None);
    let panels = panels(grouped, |_, name, samples: Samples| {
        let mut cells = BTreeMap::new();
        for ((y, x), mut values) in samples {
            let value = summariser.summarise(&mut values).value;
            value_extent.see(value, || {
                let of = spec.value.as_deref().unwrap_or("value");
                Place::Point(format!("{of} at {} = {:?}, {} = {:?}", spec.x, x.value(), spec.y[0], y.value()))
            });
            cells.insert((y, x), value);
        }
        Series { name, look: None, mark: grid(&cells) }
    });
    let (x, y) = axes(selection, source, &x_extent, &y_extent)?;
    let along = Along { key: "value", expression: spec.value.as_deref().unwrap_or("value") };
    let label = labels::of_formula(value_formula, &selection.vocabulary);
    let color = value_extent.axis(&spec.value_axis, along, label, &[], spec, source)?;
    Ok(Parts { x, y, color: Some(color), legend_title: None, panels, left_out, without_band: 0 })
}

/// The rectangle that has every x and every y; where no rows were, a cell is blank.
fn grid(cells: &BTreeMap<(Ordered, Ordered), f64>) -> Mark {
    let mut x: Vec<Ordered> = cells.keys().map(|(_, x)| *x).collect();
    let mut y: Vec<Ordered> = cells.keys().map(|(y, _)| *y).collect();
    for list in [&mut x, &mut y] {
        list.sort_unstable();
        list.dedup();
    }
    let values = y.iter().flat_map(|y| x.iter().map(|x| cells.get(&(*y, *x)).copied())).collect();
    let numbers = |list: &[Ordered]| list.iter().map(|number| number.value()).collect();
    Mark::Cells { x: numbers(&x), y: numbers(&y), values }
}
