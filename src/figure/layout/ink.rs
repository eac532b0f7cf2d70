//! Where a panel has data, so that words find a place without.

use super::super::scene::Rectangle;
use super::clip::{self, Place};

/// What a panel shows, in places of the page.
#[derive(Clone, Debug, Default)]
pub(super) struct Ink {
    lines: Vec<[Place; 2]>,
    /// Markers with half their widths.
    dots: Vec<(Place, f64)>,
    boxes: Vec<Rectangle>,
    areas: Vec<Vec<Place>>,
}

impl Ink {
    pub(super) fn line(&mut self, points: &[Place]) {
        self.lines.extend(points.windows(2).map(|pair| [pair[0], pair[1]]));
    }

    pub(super) fn dot(&mut self, at: Place, radius: f64) {
        self.dots.push((at, radius));
    }

    pub(super) fn rectangle(&mut self, rectangle: Rectangle) {
        self.boxes.push(rectangle);
    }

    /// A filled area, by its boundary.
    pub(super) fn area(&mut self, boundary: Vec<Place>) {
        if let (Some(&first), Some(&last)) = (boundary.first(), boundary.last()) {
            self.line(&boundary);
            self.line(&[last, first]);
        }
        self.areas.push(boundary);
    }

    /// How many marks a rectangle would cover.
    pub(super) fn covered(&self, rectangle: &Rectangle) -> usize {
        let lines = self.lines.iter().filter(|[a, b]| clip::segment(*a, *b, rectangle).is_some());
        let dots = self.dots.iter().filter(|(at, radius)| clip::contains(&clip::grown(rectangle, *radius), *at));
        let boxes = self.boxes.iter().filter(|other| clip::overlap(rectangle, other));
        let middle = [rectangle.x + rectangle.width / 2.0, rectangle.y + rectangle.height / 2.0];
        let areas = self.areas.iter().filter(|boundary| inside(boundary, middle));
        lines.count() + dots.count() + boxes.count() + areas.count()
    }
}

/// Whether a point lies inside a boundary: a ray from it crosses the boundary an odd number of times.
fn inside(boundary: &[Place], [x, y]: Place) -> bool {
    let next = boundary.iter().cycle().skip(1);
    let crossings = boundary
        .iter()
        .zip(next)
        .filter(|(a, b)| (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
    crossings.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Rectangle = Rectangle { x: 4.0, y: 4.0, width: 2.0, height: 2.0 };

    #[test]
    fn every_kind_of_mark_is_noticed() {
        let cover = |draw: &dyn Fn(&mut Ink)| {
            let mut ink = Ink::default();
            draw(&mut ink);
            ink.covered(&HERE) > 0
        };
        assert!(!cover(&|_| {}));
        assert!(cover(&|ink| ink.line(&[[0.0, 0.0], [10.0, 10.0]])));
        assert!(!cover(&|ink| ink.line(&[[0.0, 0.0], [10.0, 0.0]])));
        assert!(cover(&|ink| ink.dot([3.5, 5.0], 1.0)));
        assert!(!cover(&|ink| ink.dot([2.5, 5.0], 1.0)));
        assert!(cover(&|ink| ink.rectangle(Rectangle { x: 0.0, y: 0.0, width: 5.0, height: 5.0 })));
        // Around the rectangle, without a line through it.
        let around = vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];
        assert!(cover(&|ink| ink.area(around.clone())));
        let beside = vec![[0.0, 0.0], [3.0, 0.0], [3.0, 10.0], [0.0, 10.0]];
        assert!(!cover(&|ink| ink.area(beside.clone())));
    }
}
