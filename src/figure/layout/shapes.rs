//! Outlines of markers, lines and areas.

use super::super::color::Rgb;
use super::super::look::Marker;
use super::super::scene::{Item, Paint, Path, Rectangle, Segment, Stroke};
use super::clip::Place;

pub(super) fn paint(rgb: Rgb, opacity: f64) -> Paint {
    Paint { rgb, opacity }
}

/// A line along pieces.
pub(super) fn stroked(pieces: &[Vec<Place>], rgb: Rgb, width: f64, dash: &[f64]) -> Item {
    let segments = pieces.iter().flat_map(|piece| open(piece)).collect();
    // Dashes are given in widths of the line.
    let dash = dash.iter().map(|length| length * width).collect();
    Item::Path(Path { segments, fill: None, stroke: Some(Stroke { paint: paint(rgb, 1.0), width, dash }) })
}

/// A filled area.
pub(super) fn filled(boundary: &[Place], rgb: Rgb, opacity: f64) -> Item {
    let mut segments: Vec<Segment> = open(boundary).collect();
    segments.push(Segment::Close);
    Item::Path(Path { segments, fill: Some(paint(rgb, opacity)), stroke: None })
}

/// A filled rectangle.
pub(super) fn block(r: &Rectangle, rgb: Rgb) -> Item {
    filled(&corners(r), rgb, 1.0)
}

/// The outline of a rectangle.
pub(super) fn outline(r: &Rectangle, rgb: Rgb, width: f64) -> Item {
    let mut segments: Vec<Segment> = open(&corners(r)).collect();
    segments.push(Segment::Close);
    Item::Path(Path { segments, fill: None, stroke: Some(Stroke { paint: paint(rgb, 1.0), width, dash: Vec::new() }) })
}

pub(super) fn corners(r: &Rectangle) -> [Place; 4] {
    [[r.x, r.y], [r.x + r.width, r.y], [r.x + r.width, r.y + r.height], [r.x, r.y + r.height]]
}

fn open(points: &[Place]) -> impl Iterator<Item = Segment> {
    points
        .iter()
        .enumerate()
        .map(|(index, &point)| if index == 0 { Segment::Move(point) } else { Segment::Line(point) })
}

/// Markers of one kind, as one path.
pub(super) fn markers(marker: Marker, at: &[Place], radius: f64, paint: Paint, line: f64) -> Item {
    let segments = at.iter().flat_map(|&centre| shape(marker, centre, radius)).collect();
    match marker {
        Marker::Cross | Marker::Plus => {
            Item::Path(Path { segments, fill: None, stroke: Some(Stroke { paint, width: line, dash: Vec::new() }) })
        }
        _ => Item::Path(Path { segments, fill: Some(paint), stroke: None }),
    }
}

/// The outline of a marker; shapes with corners are larger than a disc's radius says, so that all have about its area.
fn shape(marker: Marker, [x, y]: Place, radius: f64) -> Vec<Segment> {
    let polygon = |corners: &[[f64; 2]]| {
        let at: Vec<Place> = corners.iter().map(|[dx, dy]| [x + dx * radius, y + dy * radius]).collect();
        open(&at).chain([Segment::Close]).collect()
    };
    let strokes = |ends: [[f64; 2]; 4]| {
        let [a, b, c, d] = ends.map(|[dx, dy]| [x + dx * radius, y + dy * radius]);
        vec![Segment::Move(a), Segment::Line(b), Segment::Move(c), Segment::Line(d)]
    };
    match marker {
        Marker::Circle => circle([x, y], radius),
        Marker::Square => polygon(&[[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]),
        Marker::TriangleUp => polygon(&[[0.0, -1.3], [1.15, 0.75], [-1.15, 0.75]]),
        Marker::TriangleDown => polygon(&[[0.0, 1.3], [-1.15, -0.75], [1.15, -0.75]]),
        Marker::Diamond => polygon(&[[0.0, -1.3], [1.3, 0.0], [0.0, 1.3], [-1.3, 0.0]]),
        Marker::Cross => strokes([[-0.95, -0.95], [0.95, 0.95], [-0.95, 0.95], [0.95, -0.95]]),
        Marker::Plus => strokes([[-1.25, 0.0], [1.25, 0.0], [0.0, -1.25], [0.0, 1.25]]),
    }
}

/// Four cubic curves, whose distance from the centre errs by 0.03 %.
fn circle([x, y]: Place, radius: f64) -> Vec<Segment> {
    // 4/3 (sqrt 2 - 1): the control points' distance along the tangent.
    const KAPPA: f64 = 0.552_284_749_830_793_4;
    let at = |dx: f64, dy: f64| [x + dx * radius, y + dy * radius];
    vec![
        Segment::Move(at(1.0, 0.0)),
        Segment::Cubic([at(1.0, KAPPA), at(KAPPA, 1.0), at(0.0, 1.0)]),
        Segment::Cubic([at(-KAPPA, 1.0), at(-1.0, KAPPA), at(-1.0, 0.0)]),
        Segment::Cubic([at(-1.0, -KAPPA), at(-KAPPA, -1.0), at(0.0, -1.0)]),
        Segment::Cubic([at(KAPPA, -1.0), at(1.0, -KAPPA), at(1.0, 0.0)]),
        Segment::Close,
    ]
}
