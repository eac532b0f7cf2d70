//! The part of lines and areas inside a rectangle: what runs out of a frame ends there, however far it runs.

use super::super::scene::Rectangle;

/// A place on the page.
pub(super) type Place = [f64; 2];

/// The part of the segment from `a` to `b` inside `to`.
/// Source: Liang & Barsky, ACM Transactions on Graphics 3 (1984).
pub(super) fn segment(a: Place, b: Place, to: &Rectangle) -> Option<[Place; 2]> {
    let [low, high] = corners(to);
    let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
    for k in 0..2 {
        let along = b[k] - a[k];
        if along.is_nan() {
            return None;
        }
        if along == 0.0 {
            if !(low[k]..=high[k]).contains(&a[k]) {
                return None;
            }
            continue;
        }
        let (first, second) = ((low[k] - a[k]) / along, (high[k] - a[k]) / along);
        enters = enters.max(first.min(second));
        leaves = leaves.min(first.max(second));
    }
    (enters <= leaves).then(|| {
        let at = |t: f64| {
            let place = |k: usize| (a[k] + t * (b[k] - a[k])).clamp(low[k], high[k]);
            [place(0), place(1)]
        };
        // An end inside stays what it is; one so far away that it seems to be at 0 or 1 is moved to the rectangle.
        let held = |p: Place| [0, 1].map(|k| p[k].clamp(low[k], high[k]));
        [if enters == 0.0 { held(a) } else { at(enters) }, if leaves == 1.0 { held(b) } else { at(leaves) }]
    })
}

/// The pieces of a line through `points` inside `to`, in order.
pub(super) fn line(points: &[Place], to: &Rectangle) -> Vec<Vec<Place>> {
    let mut pieces: Vec<Vec<Place>> = Vec::new();
    let mut end = None;
    for pair in points.windows(2) {
        let Some([a, b]) = segment(pair[0], pair[1], to) else {
            end = None;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if end == Some(a) => piece.push(b),
            _ => pieces.push(vec![a, b]),
        }
        // Goes on only from a point of the line itself, not from where it left.
        end = (b == pair[1]).then_some(b);
    }
    pieces
}

/// The part of an area inside `to`; its boundary may run along the rectangle's where the area falls apart.
/// Source: Sutherland & Hodgman, Communications of the ACM 17 (1974).
pub(super) fn area(boundary: &[Place], to: &Rectangle) -> Vec<Place> {
    let [low, high] = corners(to);
    let mut boundary = boundary.to_vec();
    for (k, limit, sign) in [(0, low[0], 1.0), (0, high[0], -1.0), (1, low[1], 1.0), (1, high[1], -1.0)] {
        let depth = |p: &Place| (p[k] - limit) * sign;
        let mut kept = Vec::with_capacity(boundary.len() + 4);
        for (index, b) in boundary.iter().enumerate() {
            let a = &boundary[(index + boundary.len() - 1) % boundary.len()];
            let (before, here) = (depth(a), depth(b));
            if (before < 0.0) != (here < 0.0) {
                let t = before / (before - here);
                let other = a[1 - k] + t * (b[1 - k] - a[1 - k]);
                kept.push(if k == 0 { [limit, other] } else { [other, limit] });
            }
            if here >= 0.0 {
                kept.push(*b);
            }
        }
        boundary = kept;
    }
    boundary
}

/// `rectangle` with `by` more on every side.
pub(super) fn grown(rectangle: &Rectangle, by: f64) -> Rectangle {
    Rectangle {
        x: rectangle.x - by,
        y: rectangle.y - by,
        width: (rectangle.width + 2.0 * by).max(0.0),
        height: (rectangle.height + 2.0 * by).max(0.0),
    }
}

/// Whether two rectangles have an inner point in common.
pub(super) fn overlap(a: &Rectangle, b: &Rectangle) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/// Whether `inner` lies within `outer`.
pub(super) fn within(inner: &Rectangle, outer: &Rectangle) -> bool {
    let ([a, b], [c, d]) = (corners(inner), corners(outer));
    (0..2).all(|k| a[k] >= c[k] - 1e-6 && b[k] <= d[k] + 1e-6)
}

/// Whether a point lies within it.
pub(super) fn contains(rectangle: &Rectangle, point: Place) -> bool {
    let [low, high] = corners(rectangle);
    (0..2).all(|k| (low[k] - 1e-6..=high[k] + 1e-6).contains(&point[k]))
}

fn corners(r: &Rectangle) -> [Place; 2] {
    [[r.x, r.y], [r.x + r.width, r.y + r.height]]
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Rectangle = Rectangle { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };

    #[test]
    fn segments_end_at_the_rectangle() {
        assert_eq!(segment([0.2, 0.2], [0.8, 0.8], &UNIT), Some([[0.2, 0.2], [0.8, 0.8]]));
        assert_eq!(segment([-1.0, 0.5], [2.0, 0.5], &UNIT), Some([[0.0, 0.5], [1.0, 0.5]]));
        assert_eq!(segment([-1.0, 0.0], [0.0, 2.0], &UNIT), None);
        assert_eq!(segment([2.0, 0.5], [2.0, 0.6], &UNIT), None);
        assert_eq!(segment([f64::NAN, 0.5], [2.0, 0.6], &UNIT), None);
    }

    #[test]
    fn what_runs_far_away_leaves_where_it_should() {
        let [a, b] = segment([0.5, 0.5], [1e102, 0.5 + 1e102], &UNIT).unwrap_or_default();
        assert_eq!(a, [0.5, 0.5]);
        assert!((b[0] - 1.0).abs() < 1e-12 && (b[1] - 1.0).abs() < 1e-12, "{b:?}");
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two_pieces() {
        let pieces = line(&[[0.1, 0.5], [0.3, 0.5], [0.5, 3.0], [0.7, 0.5], [0.9, 0.5]], &UNIT);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[0].len(), 3);
        assert_eq!(pieces[1].last(), Some(&[0.9, 0.5]));
    }

    #[test]
    fn an_area_is_cut_on_all_sides() {
        let cut = area(&[[-1.0, -1.0], [3.0, -1.0], [3.0, 3.0], [-1.0, 3.0]], &UNIT);
        assert_eq!(cut.len(), 4);
        assert!(cut.iter().all(|p| contains(&UNIT, *p)));
        assert!(area(&[[2.0, 2.0], [3.0, 2.0], [3.0, 3.0]], &UNIT).is_empty());
    }
}
