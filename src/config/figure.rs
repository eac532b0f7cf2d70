//! `[[figure]]`: what to draw from the tables. Checked and kept.

use super::diagnostic::allowed;
use super::keys;
use super::reader::Section;
use super::tables::ALWAYS;
use crate::measure::TableId;

/// One figure as the config describes it. Columns are named as the header of their table names them.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureSpec {
    /// How the columns are drawn.
    pub kind: FigureKind,
    /// The table that is drawn; `None`: the first asked for that has all the columns.
    pub table: Option<String>,
    /// Column along the abscissa.
    pub x: String,
    /// Column along the ordinate; `None` for an ecdf or a histogram.
    pub y: Option<String>,
    /// Column shown by colour in a heatmap.
    pub value: Option<String>,
    /// Column whose values become curves.
    pub by: Option<String>,
    /// Column whose values become panels.
    pub facet: Option<String>,
    /// Headline.
    pub title: Option<String>,
    /// Spacing of the abscissa; `None`: decided by the data.
    pub x_scale: Option<Scale>,
    /// Spacing of the ordinate; `None`: decided by the data.
    pub y_scale: Option<Scale>,
    /// What is shaded around a curve over replicates.
    pub band: Band,
    /// Name of a theoretical curve to draw along.
    pub reference: Option<String>,
}

/// Kinds of figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// A curve through the medians over replicates.
    Line,
    /// A point per row.
    Scatter,
    /// A cell per (x, y), coloured by `value`.
    Heatmap,
    /// Share of rows at or below x.
    Ecdf,
    /// Counts of rows by x.
    Histogram,
}

/// Spacing of an axis of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences.
    Linear,
    /// Equal ratios.
    Log,
}

/// What is shaded around a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// Nothing.
    None,
    /// Lower to upper quartile.
    Quartiles,
    /// 95 % interval over replicates.
    Interval,
    /// Smallest to largest.
    Range,
}

const KINDS: [(&str, FigureKind); 5] = [
    ("line", FigureKind::Line),
    ("scatter", FigureKind::Scatter),
    ("heatmap", FigureKind::Heatmap),
    ("ecdf", FigureKind::Ecdf),
    ("histogram", FigureKind::Histogram),
];
const SCALES: [(&str, Scale); 2] = [("linear", Scale::Linear), ("log", Scale::Log)];
const BANDS: [(&str, Band); 4] =
    [("none", Band::None), ("quartiles", Band::Quartiles), ("interval", Band::Interval), ("range", Band::Range)];

/// All `[[figure]]`s, or `None` after a report.
pub(super) fn read(root: &Section<'_>) -> Option<Vec<FigureSpec>> {
    let Some(item) = root.get("figure") else { return Some(Vec::new()) };
    item.list_of(|item| figure(&item.section()?))
}

fn figure(section: &Section<'_>) -> Option<FigureSpec> {
    let kind = section.require("kind", "one of line, scatter, heatmap, ecdf, histogram")?.choice(&KINDS)?;
    let x = section.require("x", "the column along the abscissa").and_then(|item| item.word().map(str::to_owned));
    let word =
        |key| section.get(key).map(|item| item.word().map(str::to_owned)).map_or(Some(None), |word| word.map(Some));
    let scale = |key| section.get(key).map(|item| item.choice(&SCALES)).map_or(Some(None), |scale| scale.map(Some));
    let needed = |key, help| section.require(key, help).and_then(|item| item.word().map(str::to_owned)).map(Some);
    let y = match kind {
        FigureKind::Line | FigureKind::Scatter | FigureKind::Heatmap => needed("y", "the column along the ordinate"),
        FigureKind::Ecdf | FigureKind::Histogram => Some(None),
    };
    let value = match kind {
        FigureKind::Heatmap => needed("value", "the column that colours the cells"),
        _ => Some(None),
    };
    let (by, facet, title, reference) = (word("by"), word("facet"), word("title"), word("reference"));
    let (x_scale, y_scale) = (scale("x_scale"), scale("y_scale"));
    let band = match kind {
        FigureKind::Line => section.get("band").map_or(Some(Band::None), |item| item.choice(&BANDS)),
        _ => Some(Band::None),
    };
    let table = section.get("table").map_or(Some(None), |item| {
        let word = item.text()?;
        let known: Vec<_> = TableId::ALL.map(TableId::name).into_iter().chain(ALWAYS).collect();
        if known.contains(&word) {
            return Some(Some(word.to_owned()));
        }
        item.refuse("no such table", allowed(word, &known));
        None
    });
    section.finish(keys::FIGURE, |key| {
        let owner = match key {
            "value" => "heatmap",
            "band" => "line",
            _ => "line, scatter and heatmap",
        };
        (format!("belongs to figures of kind {owner}"), "leave it out".to_owned())
    });
    Some(FigureSpec {
        kind,
        table: table?,
        x: x?,
        y: y?,
        value: value?,
        by: by?,
        facet: facet?,
        title: title?,
        x_scale: x_scale?,
        y_scale: y_scale?,
        band: band?,
        reference: reference?,
    })
}
