//! Curves with bands, points, theory, steps and bars.

use super::super::chart::{Mark, Point, Scale, Series};
use super::super::color;
use super::super::look::{Look, Marker, theory_dash};
use super::canvas::{Canvas, Layer};
use super::cells;
use super::clip::{self, Place};
use super::{shapes, thin};

/// Of bands, so that several can be told apart where they overlap.
const BAND_OPACITY: f64 = 0.2;
/// Of bars.
pub(super) const BAR_OPACITY: f64 = 0.3;

/// Markers on a curve are at least this many of their widths apart.
const MARKERS_APART: f64 = 1.5;

/// More points than these are drawn smaller and let through what lies below: their density shows.
const MANY: usize = 300;
const CROWD: usize = 3000;

/// Draws `series`.
pub(super) fn draw(canvas: &mut Canvas, series: &Series) {
    let look = Look::of(series.look.unwrap_or(0));
    match &series.mark {
        Mark::Curve(points) => curve(canvas, &look, points),
        Mark::Points(points) => scatter(canvas, &look, points),
        Mark::Estimates(points) => estimates(canvas, &look, points),
        Mark::Theory { law, points } => theory(canvas, theory_color(series.look), theory_dash(*law), points),
        Mark::Steps(points) => steps(canvas, &look, points),
        Mark::Bars { edges, heights } => bars(canvas, &look, edges, heights),
        Mark::Cells { x, y, values } => cells::draw(canvas, x, y, values),
    }
}

/// A darker shade of the series that the law is about, or black.
pub(super) fn theory_color(look: Option<usize>) -> color::Rgb {
    look.map_or(color::THEORY, |number| color::darkened(Look::of(number).rgb))
}

fn curve(canvas: &mut Canvas, look: &Look, points: &[Point]) {
    for stretch in points.split(|p| p.band.is_none() || !p.x.is_finite()) {
        band(canvas, look, stretch);
    }
    let pieces = canvas.pieces(points.iter().map(|p| [p.x, p.y]));
    let lines: Vec<Vec<Place>> =
        pieces.iter().flat_map(|piece| clip::line(&thin::curve(piece.clone()), &canvas.reach())).collect();
    line(canvas, Layer::Lines, &lines, look.rgb, canvas.style.line, look.marked_dash);
    let places: Vec<Place> = pieces.into_iter().flatten().collect();
    let radius = canvas.style.marker;
    let seen = within(canvas, places);
    markers(canvas, look, &thin::spaced(&seen, MARKERS_APART * 2.0 * radius), radius, 1.0);
}

/// Markers with bars for their bands; no line joins them.
fn estimates(canvas: &mut Canvas, look: &Look, points: &[Point]) {
    for point in points {
        band(canvas, look, std::slice::from_ref(point));
    }
    let places: Vec<Place> = canvas.pieces(points.iter().map(|p| [p.x, p.y])).into_iter().flatten().collect();
    let radius = canvas.style.marker;
    let seen = within(canvas, places);
    markers(canvas, look, &seen, radius, 1.0);
}

/// The area between the ends of neighbouring bands; around a single point, a bar.
fn band(canvas: &mut Canvas, look: &Look, points: &[Point]) {
    // An end that a logarithmic axis cannot show lies at the frame.
    let lowest = canvas.up(0.0);
    let end = |x: f64, y: f64| {
        let [across, up] = canvas.place([x, y]);
        [across, if y > 0.0 || canvas.extents.y.scale() == Scale::Linear { up } else { lowest }]
    };
    let ends: Vec<[Place; 2]> = points
        .iter()
        .filter_map(|p| p.band.filter(|band| band.iter().all(|end| !end.is_nan())).map(|band| (p.x, band)))
        .map(|(x, [lo, hi])| [end(x, lo), end(x, hi)])
        .collect();
    match ends.as_slice() {
        [] => {}
        [[low, high]] => {
            let bar = clip::line(&[*low, *high], &canvas.reach());
            line(canvas, Layer::Areas, &bar, look.rgb, canvas.style.thin, &[]);
        }
        _ => {
            let boundary: Vec<Place> =
                ends.iter().map(|[low, _]| *low).chain(ends.iter().rev().map(|[_, high]| *high)).collect();
            let area = clip::area(&boundary, &canvas.reach());
            if area.len() > 2 {
                canvas.add(Layer::Areas, shapes::filled(&area, look.rgb, BAND_OPACITY));
                canvas.ink.area(area);
            }
        }
    }
}

fn scatter(canvas: &mut Canvas, look: &Look, points: &[[f64; 2]]) {
    let places: Vec<Place> = canvas.pieces(points.iter().copied()).into_iter().flatten().collect();
    let seen = within(canvas, places);
    let (share, opacity) = match seen.len() {
        count if count <= MANY => (0.85, 0.9),
        count if count <= CROWD => (0.55, 0.6),
        _ => (0.4, 0.35),
    };
    let crowd = seen.len() > CROWD;
    let kept = thin::scattered(seen);
    // Of a point below 1 pt nobody sees the corners; a square is a quarter of a disc's bytes.
    let look = Look { marker: if crowd { Marker::Square } else { look.marker }, ..*look };
    // One by one, so that points which overlap are darker.
    for place in kept {
        markers(canvas, &look, &[place], canvas.style.marker * share, opacity);
    }
}

fn theory(canvas: &mut Canvas, rgb: color::Rgb, dash: &[f64], points: &[[f64; 2]]) {
    let pieces = canvas.pieces(points.iter().copied());
    let lines: Vec<Vec<Place>> =
        pieces.into_iter().flat_map(|piece| clip::line(&thin::curve(piece), &canvas.reach())).collect();
    line(canvas, Layer::Theory, &lines, rgb, canvas.style.theory, dash);
}

/// From 0 at the left side of the frame to the last height at the right.
fn steps(canvas: &mut Canvas, look: &Look, points: &[[f64; 2]]) {
    let ends = canvas.reach();
    let mut height = canvas.up(canvas.extents.y.share(0.0));
    let mut corners = vec![[ends.x, height]];
    let finite = points.iter().filter(|point| point.iter().all(|along| along.is_finite()));
    for [across, up] in finite.map(|&point| canvas.place(point)) {
        corners.extend([[across, height], [across, up]]);
        height = up;
    }
    corners.push([ends.x + ends.width, height]);
    let lines = clip::line(&without_crumbs(corners), &ends);
    line(canvas, Layer::Lines, &lines, look.rgb, canvas.style.line, look.bare_dash);
}

/// Corners that are closer than print shows to the one before and the one after are left out.
fn without_crumbs(corners: Vec<Place>) -> Vec<Place> {
    const CRUMB: f64 = 0.05;
    let last = corners.len().saturating_sub(1);
    let mut kept: Vec<Place> = Vec::with_capacity(corners.len().min(10_000));
    for (index, corner) in corners.into_iter().enumerate() {
        let near = kept.last().is_some_and(|k| (k[0] - corner[0]).abs() < CRUMB && (k[1] - corner[1]).abs() < CRUMB);
        if !near || index == last {
            kept.push(corner);
        }
    }
    kept
}

fn bars(canvas: &mut Canvas, look: &Look, edges: &[f64], heights: &[f64]) {
    let ground = canvas.ground();
    let mut outline = Vec::with_capacity(2 * heights.len() + 2);
    for (sides, &height) in edges.windows(2).zip(heights) {
        // Nothing to show, or nothing that the axis could show, is a bar of no height.
        let [_, top] = canvas.place([sides[0], height]);
        let has_top = height.is_finite() && (height > 0.0 || canvas.extents.y.scale() == Scale::Linear);
        let top = if has_top { top } else { ground };
        outline.extend(sides.iter().map(|&side| [canvas.place([side, 1.0])[0], top]));
    }
    let (Some(&first), Some(&last)) = (outline.first(), outline.last()) else { return };
    let boundary: Vec<Place> =
        std::iter::once([first[0], ground]).chain(outline).chain(std::iter::once([last[0], ground])).collect();
    let area = clip::area(&boundary, &canvas.reach());
    if area.len() > 2 {
        canvas.add(Layer::Areas, shapes::filled(&area, look.rgb, BAR_OPACITY));
        canvas.ink.area(area);
    }
    let lines = clip::line(&boundary, &canvas.reach());
    line(canvas, Layer::Lines, &lines, look.rgb, canvas.style.line, look.bare_dash);
}

fn line(canvas: &mut Canvas, layer: Layer, pieces: &[Vec<Place>], rgb: color::Rgb, width: f64, dash: &[f64]) {
    if pieces.is_empty() {
        return;
    }
    canvas.add(layer, shapes::stroked(pieces, rgb, width, dash));
    for piece in pieces {
        canvas.ink.line(piece);
    }
}

fn markers(canvas: &mut Canvas, look: &Look, at: &[Place], radius: f64, opacity: f64) {
    if at.is_empty() {
        return;
    }
    let paint = shapes::paint(look.rgb, opacity);
    canvas.add(Layer::Markers, shapes::markers(look.marker, at, radius, paint, canvas.style.line));
    for &place in at {
        canvas.ink.dot(place, radius);
    }
}

/// Places inside the frame: a marker outside would be taken for one.
fn within(canvas: &Canvas, places: Vec<Place>) -> Vec<Place> {
    places.into_iter().filter(|&place| clip::contains(&canvas.frame, place)).collect()
}
