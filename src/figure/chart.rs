//! A figure as data: what is drawn, in the units of the data; nothing about where on the page.

use super::spec::Width;

/// One figure, whatever it was made from. Labels are markup, see [`super::label`].
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Stem of the files' names.
    pub id: String,
    /// Headline above all panels.
    pub title: Option<String>,
    /// How wide the whole figure is on paper.
    pub width: Width,
    /// Height of a panel's frame over its width.
    pub aspect: f64,
    /// Abscissa of every panel.
    pub x: Axis,
    /// Ordinate of every panel.
    pub y: Axis,
    /// What colours mean, where panels have [`Mark::Cells`].
    pub color: Option<Axis>,
    /// What the legend's names are values of, such as `$d$`; `None`: the names speak for themselves.
    pub legend_title: Option<String>,
    /// At least one, in reading order. All have the same axes.
    pub panels: Vec<Panel>,
}

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What is measured along it.
    pub label: String,
    /// How its values are spaced.
    pub scale: Scale,
    /// Its ends, ascending and positive where the scale is logarithmic; `None`: what the data need.
    pub range: Option<[f64; 2]>,
}

/// Spacing of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences.
    Linear,
    /// Equal ratios, marked at powers of 2.
    Log2,
    /// Equal ratios, marked at powers of 10.
    Log10,
}

/// One frame with its curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Above the frame.
    pub title: Option<String>,
    /// What is drawn, the first undermost.
    pub series: Vec<Series>,
    /// Reference lines, drawn below all series.
    pub rules: Vec<Rule>,
}

/// Marks that belong together and share a place in the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend, which shows a name once however many panels have it; `None`: not there.
    pub name: Option<String>,
    /// Which colour, marker and dash: equal numbers look alike in all panels. Theory has the look of the series with its number,
    /// or a look of its own if `None`.
    pub look: Option<usize>,
    /// What is drawn.
    pub mark: Mark,
}

/// The ways to draw. Coordinates are finite, and positive along logarithmic axes; what is missing is left out by whoever
/// makes the chart.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A curve through points, with a marker at each, in ascending x.
    Curve(Vec<Point>),
    /// Estimates of what a law says: a marker at each point and a bar from end to end of its band, not joined, since the law
    /// is the line. In ascending x.
    Estimates(Vec<Point>),
    /// Markers alone.
    Points(Vec<[f64; 2]>),
    /// A theoretical curve: thin, without markers, above the data.
    Theory {
        /// Which of the figure's laws: each has its own dash.
        law: usize,
        /// `x, y`, ascending in x; a NaN in y interrupts the curve.
        points: Vec<[f64; 2]>,
    },
    /// A cumulative distribution: from 0, up at every x (ascending) to the y beside it.
    Steps(Vec<[f64; 2]>),
    /// A histogram: heights (one fewer than edges) between ascending edges.
    Bars {
        /// Ends of the bins.
        edges: Vec<f64>,
        /// Height of each bin.
        heights: Vec<f64>,
    },
    /// Coloured cells of a rectangular grid.
    Cells {
        /// Centres of the columns, ascending.
        x: Vec<f64>,
        /// Centres of the rows, ascending.
        y: Vec<f64>,
        /// Row by row, from the lowest y; `None` is left blank.
        values: Vec<Option<f64>>,
    },
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Abscissa.
    pub x: f64,
    /// Ordinate.
    pub y: f64,
    /// Lower and upper end of the band at this x, if the curve has one.
    pub band: Option<[f64; 2]>,
    /// Rows that it was made of.
    pub count: usize,
}

/// A reference line across the whole panel, with a word beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Where it runs.
    pub line: Line,
    /// Beside it.
    pub label: Option<String>,
}

/// Where a reference line runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// Upright at an x.
    X(f64),
    /// Level at a y.
    Y(f64),
    /// Along a function that was tabulated: `x, y`, ascending in x; clipped to the frame.
    Curve(Vec<[f64; 2]>),
}
