//! A chart as a file of some format.

use std::cell::OnceCell;
use std::fmt::Display;

use super::chart::Chart;
use super::error::FigureError;
use super::scene::Scene;
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

/// A chart that is drawn in several formats. Its page is laid out once, when the first of them asks for it.
pub struct Picture<'a> {
    chart: &'a Chart,
    page: OnceCell<Scene>,
}

impl<'a> Picture<'a> {
    /// Of `chart`; nothing is drawn yet.
    pub fn new(chart: &'a Chart) -> Self {
        Self { chart, page: OnceCell::new() }
    }

    /// The bytes of the file: the same for the same chart, whenever and wherever they are made.
    ///
    /// # Errors
    /// [`FigureError::Drawing`] where the chart has no place on a page.
    pub fn draw(&self, format: Format) -> Result<Vec<u8>, FigureError> {
        match format {
            Format::Csv => Ok(csv::render(self.chart)),
            Format::Tikz => tikz::render(self.chart).map(String::into_bytes).map_err(|error| self.failed(&error)),
            Format::Svg => self.svg().map(String::into_bytes),
            Format::Pdf => pdf::render(self.page()?).map_err(|error| self.failed(&error)),
            Format::Png => png::render(self.page()?, DOTS_PER_INCH).map_err(|error| self.failed(&error)),
        }
    }

    /// The same as SVG, in characters.
    ///
    /// # Errors
    /// As [`Picture::draw`].
    pub fn svg(&self) -> Result<String, FigureError> {
        svg::render(self.page()?, &self.chart.id).map_err(|error| self.failed(&error))
    }

    fn page(&self) -> Result<&Scene, FigureError> {
        if let Some(page) = self.page.get() {
            return Ok(page);
        }
        let page = layout::lay_out(self.chart).map_err(|error| self.failed(&error))?;
        Ok(self.page.get_or_init(|| page))
    }

    fn failed(&self, error: &dyn Display) -> FigureError {
        FigureError::Drawing { figure: self.chart.id.clone(), what: error.to_string() }
    }
}
