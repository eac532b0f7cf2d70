//! What a figure asks for, and the tables -> [`Chart`].
//!
//! ```text
//! select: rows for which `where` holds, x and y of each  ->  groups: panels and curves  ->  curves, cells, shares, bars
//!                                                            axis: extent, scale; labels     + theory, reference lines
//! ```
//! A table is read row by row; what is kept are the numbers that are drawn, and for a statistic those it is taken of. Rows
//! whose x or y is empty, NaN or infinite are left out and counted.

mod axis;
mod cells;
mod curves;
mod distribution;
mod groups;
mod labels;
mod rules;
mod select;
#[cfg(test)]
mod tests;
mod theory;

use std::path::Path;

use super::chart::{Axis, Chart, Panel, Series};
use super::error::FigureError;
use super::spec::{FigureKind, FigureSpec};
use crate::measure::TableId;
use crate::theory::World;
use groups::{Grouped, GroupedPanel};
use select::Selection;

/// A finished run, as far as figures are drawn from it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The run's folder.
    pub dir: &'a Path,
    /// The tables that the run writes.
    pub tables: &'a [TableId],
    /// What laws are told of the run.
    pub world: &'a World<'a>,
}

/// A chart, and what of the selected rows is not in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// What is drawn.
    pub chart: Chart,
    /// Numbers left out because they, or their x, are empty, NaN or infinite.
    pub left_out: u64,
    /// Points whose band is not drawn because too few rows support one.
    pub without_band: u64,
}

/// Axes, colours and panels: all that depends on the kind of figure.
struct Parts {
    x: Axis,
    y: Axis,
    color: Option<Axis>,
    legend_title: Option<String>,
    panels: Vec<Panel>,
    left_out: u64,
    without_band: u64,
}

/// Makes the chart that `spec` describes.
///
/// # Errors
/// [`FigureError::Rows`] where the rows do not fit what is asked for, [`FigureError::Record`] where they cannot be read.
pub fn chart(spec: &FigureSpec, source: &Source<'_>) -> Result<Drawn, FigureError> {
    let selection = Selection::new(spec, source.tables)?;
    let mut parts = match spec.kind {
        FigureKind::Line => curves::line(&selection, source)?,
        FigureKind::Scatter => curves::scatter(&selection, source)?,
        FigureKind::Heatmap => cells::heatmap(&selection, source)?,
        FigureKind::Ecdf => distribution::ecdf(&selection, source)?,
        FigureKind::Histogram => distribution::histogram(&selection, source)?,
    };
    theory::overlay(&selection, source, &parts.x, &mut parts.panels)?;
    rules::draw(spec, &parts.x.clone(), &parts.y.clone(), &mut parts.panels)?;
    let Parts { x, y, color, legend_title, panels, left_out, without_band } = parts;
    let aspect = spec.aspect.unwrap_or(match (spec.kind, panels.len()) {
        (FigureKind::Heatmap, _) => 0.85,
        (_, 1) => 0.7,
        _ => 0.85,
    });
    let chart = Chart {
        id: spec.id.clone(),
        title: spec.title.clone(),
        width: spec.width,
        aspect,
        x,
        y,
        color,
        legend_title,
        panels,
    };
    Ok(Drawn { chart, left_out, without_band })
}

/// The panels of `grouped`, each curve drawn as `series` says from its place among all curves, its name and what was
/// gathered for it.
fn panels<T>(grouped: Grouped<T>, mut series: impl FnMut(usize, Option<String>, T) -> Series) -> Vec<Panel> {
    let Grouped { panels, curves, .. } = grouped;
    let panel = |(title, of_panel): GroupedPanel<T>| {
        let drawn = of_panel.into_iter().map(|(place, gathered)| series(place, curves[place].name.clone(), gathered));
        Panel { title, series: drawn.collect(), rules: Vec::new() }
    };
    panels.into_iter().map(panel).collect()
}

/// Says why nothing is drawn, if that is so.
fn refuse_nothing(selection: &Selection<'_>, drawn: bool, left_out: u64) -> Result<(), FigureError> {
    if drawn {
        return Ok(());
    }
    let spec = selection.spec;
    let table = &spec.table;
    Err(match (&spec.filter, left_out) {
        (Some(filter), 0) => FigureError::rows(
            &spec.id,
            format!("where = \"{filter}\" leaves no row of table {table}"),
            "loosen the condition; a comparison with an empty field never holds",
        ),
        (None, 0) => FigureError::rows(&spec.id, format!("table {table} has no rows"), "choose another table"),
        (_, left_out) => {
            let shown = [&spec.x].into_iter().chain(&spec.y).chain(&spec.value).map(String::as_str).collect::<Vec<_>>();
            FigureError::rows(
                &spec.id,
                format!(
                    "none of the {left_out} selected rows of table {table} has finite numbers for {}",
                    shown.join(", ")
                ),
                "columns.json beside the table says when a field is empty; choose other columns or rows",
            )
        }
    })
}
