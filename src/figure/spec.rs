//! What a `[[figure]]` asks for. Columns and expressions are text here; `data` looks them up in the tables.

use super::chart::Scale;
pub use crate::statistics::{Band, Statistic};

/// One figure as the config describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureSpec {
    /// Stem of its files' names: letters, digits, `-` and `_`; unique within the config.
    pub id: String,
    /// How the columns are drawn.
    pub kind: FigureKind,
    /// The table that is drawn.
    pub table: String,
    /// Along the abscissa: a column or an expression of columns.
    pub x: String,
    /// Along the ordinate, an expression each; several become curves of one name each. Empty for an ecdf or a histogram.
    pub y: Vec<String>,
    /// Shown by colour in a heatmap.
    pub value: Option<String>,
    /// Columns whose values become curves.
    pub by: Vec<String>,
    /// Column whose values become panels.
    pub facet: Option<String>,
    /// Which rows are drawn, as a condition on columns; `None`: all.
    pub filter: Option<String>,
    /// How replicates become one point.
    pub statistic: Statistic,
    /// What is shaded around a curve over replicates.
    pub band: Band,
    /// Bins of a histogram; `None`: decided by the data.
    pub bins: Option<usize>,
    /// Headline.
    pub title: Option<String>,
    /// Along the abscissa.
    pub x_axis: AxisSpec,
    /// Along the ordinate.
    pub y_axis: AxisSpec,
    /// Of a heatmap's colours.
    pub value_axis: AxisSpec,
    /// On paper.
    pub width: Width,
    /// Height of a panel's frame over its width; `None`: decided by kind and number of panels.
    pub aspect: Option<f64>,
    /// Laws drawn over the measurement, by name.
    pub theory: Vec<String>,
    /// Reference lines.
    pub lines: Vec<LineSpec>,
}

impl FigureSpec {
    /// Where upright reference lines stand.
    pub fn upright_lines(&self) -> Vec<f64> {
        self.lines.iter().filter_map(|line| if let LineAt::X(x) = line.at { Some(x) } else { None }).collect()
    }

    /// Where level reference lines lie.
    pub fn level_lines(&self) -> Vec<f64> {
        self.lines.iter().filter_map(|line| if let LineAt::Y(y) = line.at { Some(y) } else { None }).collect()
    }
}

/// What is stated of an axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AxisSpec {
    /// Markup; `None`: the column's own symbol or name.
    pub label: Option<String>,
    /// Spacing; `None`: logarithmic where the values are positive and span more than two decades.
    pub scale: Option<Scale>,
    /// Ends; `None`: what the data need.
    pub range: Option<[f64; 2]>,
}

/// A reference line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineSpec {
    /// Where it runs.
    pub at: LineAt,
    /// Word beside it.
    pub label: Option<String>,
}

/// Where a reference line runs.
#[derive(Clone, Debug, PartialEq)]
pub enum LineAt {
    /// Upright.
    X(f64),
    /// Level.
    Y(f64),
    /// y as an expression of `x`.
    Function(String),
}

/// Kinds of figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// A curve through a statistic over replicates.
    Line,
    /// A point per row.
    Scatter,
    /// A cell per (x, y), coloured by `value`.
    Heatmap,
    /// Share of rows at or below x.
    Ecdf,
    /// Counts of rows by x, as a density.
    Histogram,
}

/// How wide a figure is on paper. Heights follow from the number of panels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// A column of IEEE's: 3.5 in.
    Ieee,
    /// Two columns of IEEE's: 7.16 in.
    IeeeDouble,
    /// A column of Nature's: 89 mm.
    Nature,
    /// Two columns of Nature's: 183 mm.
    NatureDouble,
    /// A column of ICML's: 3.25 in.
    Icml,
    /// Two columns of ICML's: 6.75 in.
    IcmlDouble,
    /// The text block of NeurIPS: 5.5 in.
    Neurips,
    /// A slide of 16:9, 10 in wide, in larger type.
    Slide,
    /// Anything else.
    Millimetres(f64),
}

impl Width {
    /// In points of 1/72 in.
    pub fn points(self) -> f64 {
        const MILLIMETRE: f64 = 72.0 / 25.4;
        match self {
            Self::Ieee => 3.5 * 72.0,
            Self::IeeeDouble => 7.16 * 72.0,
            Self::Nature => 89.0 * MILLIMETRE,
            Self::NatureDouble => 183.0 * MILLIMETRE,
            Self::Icml => 3.25 * 72.0,
            Self::IcmlDouble => 6.75 * 72.0,
            Self::Neurips => 5.5 * 72.0,
            Self::Slide => 10.0 * 72.0,
            Self::Millimetres(width) => width * MILLIMETRE,
        }
    }
}
