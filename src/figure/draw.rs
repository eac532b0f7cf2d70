//! A chart as a file of some format.

use super::chart::Chart;
use super::error::FigureError;
use super::{csv, layout, pdf, png, svg, tikz};

/// What a file of a figure is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For papers: vectors with embedded fonts.
    Pdf,
    /// For the web: vectors with text as text.
    Svg,
    /// For slides and chats: pixels, 300 to the inch.
    Png,
    /// For papers that set their figures in their own type: pgfplots, which reads the CSV.
    Tikz,
    /// The numbers.
    Csv,
}

/// Resolution of PNG.
const DOTS_PER_INCH: f64 = 300.0;

impl Format {
    /// In the order in which they are written. Whatever is drawn, the CSV is written with it.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Pdf, Self::Svg, Self::Png, Self::Tikz];

    /// The name that the command line uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Tikz => "tikz",
            Self::Csv => "csv",
        }
    }

    /// What its files' names end with, without the point.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Tikz => "tex",
            other => other.name(),
        }
    }

    /// The format called `name`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// The bytes of the file: the same for the same chart, whenever and wherever they are made.
///
/// # Errors
/// [`FigureError::Drawing`] where the chart has no place on a page.
pub fn draw(chart: &Chart, format: Format) -> Result<Vec<u8>, FigureError> {
    let failed = |what: String| FigureError::Drawing { figure: chart.id.clone(), what };
    let scene = || layout::lay_out(chart).map_err(|error| failed(error.to_string()));
    match format {
        Format::Csv => Ok(csv::render(chart)),
        Format::Tikz => tikz::render(chart).map(String::into_bytes).map_err(|error| failed(error.to_string())),
        Format::Svg => {
            svg::render(&scene()?, &chart.id).map(String::into_bytes).map_err(|error| failed(error.to_string()))
        }
        Format::Pdf => pdf::render(&scene()?).map_err(|error| failed(error.to_string())),
        Format::Png => png::render(&scene()?, DOTS_PER_INCH).map_err(|error| failed(error.to_string())),
    }
}
