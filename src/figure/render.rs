//! What painting a scene asks of it: finite numbers, a page that paper has. Checked once for svg, pdf and png, which then
//! have nothing to refuse.

use std::fmt;

use super::scene::{Item, Path, Rectangle, Scene, Segment, Stroke, Text};

/// The largest side of a page, 200 in: more than this PDF readers need not show.
pub const LARGEST_SIDE: f64 = 14_400.0;
/// Clips within clips.
const DEEPEST: usize = 16;

/// Why a scene cannot be painted.
#[derive(Clone, Debug, PartialEq)]
pub enum RenderError {
    /// A side of the page, in points, is not between 0 and [`LARGEST_SIDE`].
    Page {
        /// Width.
        width: f64,
        /// Height.
        height: f64,
    },
    /// A number that is not finite, is negative where it must not be, or has no place on any page.
    Number {
        /// Which one.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// An outline that does not begin with a move.
    Outline,
    /// Clips are nested too deep.
    Clips,
    /// More pixels than a page is worth.
    Pixels {
        /// Across.
        width: f64,
        /// Down.
        height: f64,
    },
    /// The library that writes the file refused, with its words.
    Library {
        /// `pdf` or `png`.
        format: &'static str,
        /// What it said.
        message: String,
    },
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page { width, height } => {
                write!(f, "a page of {width} x {height} pt: both sides must be above 0 and at most {LARGEST_SIDE} pt")
            }
            Self::Number { what, value } => write!(f, "{what} of {value} cannot be drawn"),
            Self::Outline => f.write_str("an outline begins without a point"),
            Self::Clips => write!(f, "clips are nested more than {DEEPEST} deep"),
            Self::Pixels { width, height } => {
                write!(
                    f,
                    "a page of {width} x {height} pixels is too large for PNG: ask for fewer dots per inch, or for svg or pdf"
                )
            }
            Self::Library { format, message } => write!(f, "{format} could not be written: {message}"),
        }
    }
}

impl std::error::Error for RenderError {}

/// What a page is called where there is room for one line: the first line of its description.
pub(super) fn title(scene: &Scene) -> &str {
    scene.description.lines().next().unwrap_or_default().trim()
}

/// Whether `scene` can be painted.
pub(super) fn check(scene: &Scene) -> Result<(), RenderError> {
    let side = |length: f64| length > 0.0 && length <= LARGEST_SIDE;
    if !side(scene.width) || !side(scene.height) {
        return Err(RenderError::Page { width: scene.width, height: scene.height });
    }
    items(&scene.items, 0)
}

fn items(list: &[Item], depth: usize) -> Result<(), RenderError> {
    list.iter().try_for_each(|item| match item {
        Item::Path(path) => check_path(path),
        Item::Text(text) => check_text(text),
        Item::Clip { .. } if depth == DEEPEST => Err(RenderError::Clips),
        Item::Clip { to, items: inside } => {
            check_rectangle(to)?;
            items(inside, depth + 1)
        }
    })
}

fn check_path(path: &Path) -> Result<(), RenderError> {
    if path.segments.first().is_some_and(|first| !matches!(first, Segment::Move(_))) {
        return Err(RenderError::Outline);
    }
    for segment in &path.segments {
        match segment {
            Segment::Move(point) | Segment::Line(point) => coordinates(point)?,
            Segment::Cubic(points) => coordinates(points.as_flattened())?,
            Segment::Close => {}
        }
    }
    if let Some(fill) = path.fill {
        number("an opacity", fill.opacity, 0.0, 1.0)?;
    }
    path.stroke.as_ref().map_or(Ok(()), check_stroke)
}

fn check_stroke(stroke: &Stroke) -> Result<(), RenderError> {
    number("an opacity", stroke.paint.opacity, 0.0, 1.0)?;
    number("a line's thickness", stroke.width, 0.0, LARGEST_SIDE)?;
    stroke.dash.iter().try_for_each(|&dash| number("a dash", dash, 0.0, LARGEST_SIDE))?;
    match stroke.dash.iter().sum::<f64>() {
        // No length at all would be repeated without end.
        sum if !stroke.dash.is_empty() && sum < 1e-3 => {
            Err(RenderError::Number { what: "a sum of dashes", value: sum })
        }
        _ => Ok(()),
    }
}

fn check_text(text: &Text) -> Result<(), RenderError> {
    coordinates(&text.at)?;
    number("a size of type", text.size, 0.0, LARGEST_SIDE)?;
    text.label.runs.iter().try_for_each(|run| {
        number("a share of the size of type", run.scale, 0.0, 100.0)?;
        number("a rise", run.rise, -100.0, 100.0)?;
        number("a kern", run.kern, -LARGEST_SIDE, LARGEST_SIDE)
    })
}

fn check_rectangle(to: &Rectangle) -> Result<(), RenderError> {
    coordinates(&[to.x, to.y])?;
    number("a width", to.width, 0.0, FARTHEST)?;
    number("a height", to.height, 0.0, FARTHEST)
}

/// The farthest from the page that a coordinate may be: f32, in which pdf and png are drawn, is good to 0.1 pt there.
const FARTHEST: f64 = 1e6;

fn coordinates(values: &[f64]) -> Result<(), RenderError> {
    values.iter().try_for_each(|&value| number("a coordinate", value, -FARTHEST, FARTHEST))
}

/// Refuses what is outside of `least..=most`, NaN among it.
fn number(what: &'static str, value: f64, least: f64, most: f64) -> Result<(), RenderError> {
    if value >= least && value <= most { Ok(()) } else { Err(RenderError::Number { what, value }) }
}

/// The single precision in which pdf and png are drawn.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked numbers are far within its range; 24 bits place a point to 0.1 pt"
)]
pub(super) fn single(value: f64) -> f32 {
    value as f32
}
