//! A page as a list of things to paint, the first undermost. Lengths are points of 1/72 in; the origin is the upper left
//! corner, y goes down. What svg, pdf and png paint from: they look alike because nothing is left for them to decide.

use super::label::Label;

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Of the page.
    pub width: f64,
    /// Of the page.
    pub height: f64,
    /// What it shows, for those who cannot see it: a title, and what there is to say more on the lines behind it.
    pub description: String,
    /// In the order of painting.
    pub items: Vec<Item>,
}

/// Something to paint.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A shape or a line.
    Path(Path),
    /// A line of text.
    Text(Text),
    /// Items of which only the part inside a rectangle is seen.
    Clip {
        /// The rectangle.
        to: Rectangle,
        /// What is clipped.
        items: Vec<Item>,
    },
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rectangle {
    /// Left end.
    pub x: f64,
    /// Upper end.
    pub y: f64,
    /// At least 0.
    pub width: f64,
    /// At least 0.
    pub height: f64,
}

/// A shape: filled, stroked, or both (the stroke above the fill).
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Begins with [`Segment::Move`].
    pub segments: Vec<Segment>,
    /// Inside (nonzero winding).
    pub fill: Option<Paint>,
    /// Along the outline; joins and caps are round.
    pub stroke: Option<Stroke>,
}

/// A piece of an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Segment {
    /// Begins a new outline.
    Move([f64; 2]),
    /// Straight on to a point.
    Line([f64; 2]),
    /// A cubic Bezier curve: two control points and its end.
    Cubic([[f64; 2]; 3]),
    /// Back to the outline's beginning.
    Close,
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// Red, green, blue of sRGB.
    pub rgb: [u8; 3],
    /// From 0 (unseen) to 1.
    pub opacity: f64,
}

/// How a line is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub paint: Paint,
    /// Its thickness.
    pub width: f64,
    /// Lengths of dashes and gaps in turn; empty: a solid line.
    pub dash: Vec<f64>,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Where the baseline begins, has its middle or ends, as `anchor` says.
    pub at: [f64; 2],
    /// Which point of the line is put there.
    pub anchor: Anchor,
    /// In which direction it is read.
    pub direction: Direction,
    /// Size of its type.
    pub size: f64,
    /// Its colour.
    pub rgb: [u8; 3],
    /// The words.
    pub label: Label,
}

/// A point of a line of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Where it begins.
    Start,
    /// Its middle.
    Middle,
    /// Where it ends.
    End,
}

/// The direction of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    Right,
    /// From the bottom to the top: the label of an ordinate.
    Up,
}
