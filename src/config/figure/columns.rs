//! Of a `[[figure]]`: the table, and the expressions over its columns.

use crate::config::columns::{Names, refuse_syntax};
use crate::config::reader::{Item, Section};
use crate::expression::{Formula, Kind, Variable, Vocabulary};
use crate::figure::spec::FigureKind;
use crate::measure::TableId;

/// What a figure shows.
pub(super) struct Columns {
    pub(super) table: String,
    pub(super) x: String,
    pub(super) y: Vec<String>,
    pub(super) value: Option<String>,
    pub(super) by: Vec<String>,
    pub(super) facet: Option<String>,
    pub(super) filter: Option<String>,
}

impl Columns {
    /// Of a figure of this `kind` in a run that writes `tables`; `None` after a report.
    pub(super) fn read(section: &Section<'_>, kind: FigureKind, tables: &[TableId]) -> Option<Self> {
        let mut names = Names::new(section, tables);
        let x = section.require("x", "the column along the abscissa, or an expression of columns");
        let x = x.and_then(|item| names.formula(&item));
        let y = match kind {
            FigureKind::Ecdf | FigureKind::Histogram => Some(Vec::new()),
            FigureKind::Line | FigureKind::Scatter | FigureKind::Heatmap => {
                let y = section.require("y", "the column along the ordinate, or an expression of columns");
                y.and_then(|item| ordinates(&item, kind, &mut names))
            }
        };
        let value = if kind == FigureKind::Heatmap {
            let value = section.require("value", "the column that colours the cells");
            value.and_then(|item| names.formula(&item)).map(Some)
        } else {
            Some(None)
        };
        let filter = super::optional(section, "where", true, |item| names.condition(item));
        let by = super::optional(section, "by", kind != FigureKind::Heatmap, |item| {
            if item.is_list() { item.set_of(|item| names.column(item)) } else { Some(vec![names.column(item)?]) }
        });
        let facet = super::optional(section, "facet", true, |item| names.column(item));
        let table = names.table();
        Some(Self {
            x: x?,
            y: y?,
            value: value?,
            filter: filter?,
            by: by?.unwrap_or_default(),
            facet: facet?,
            table: table?,
        })
    }
}

/// One expression, or several in a list.
fn ordinates<'a>(item: &Item<'a>, kind: FigureKind, names: &mut Names<'_, 'a>) -> Option<Vec<String>> {
    if !item.is_list() {
        return Some(vec![names.formula(item)?]);
    }
    if kind == FigureKind::Heatmap {
        item.refuse("a heatmap has one column along its ordinate", "choose one, and let `value` be the colours");
        return None;
    }
    item.set_of(|item| names.formula(item))
}

/// The text of `lines.f`.
pub(super) fn function_of_x(item: &Item<'_>) -> Option<String> {
    let vocabulary = Vocabulary { noun: "x", variables: vec![Variable { name: "x", kind: Kind::Number }] };
    match Formula::parse(item.text()?, &vocabulary) {
        Ok(_) => item.text().map(str::to_owned),
        Err(error) => refuse_syntax(item, &error, "f is y as an expression of x, such as 1.1e-16 * x^2"),
    }
}
