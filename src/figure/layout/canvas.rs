//! A panel while it is drawn: where values stand in it, and what is painted below and above what.

use super::super::chart::Scale;
use super::super::scale::Extent;
use super::super::scene::{Item, Rectangle};
use super::clip::{self, Place};
use super::extents::Extents;
use super::ink::Ink;
use super::style::Style;

/// The inside of a frame.
pub(super) struct Canvas<'a> {
    pub(super) frame: Rectangle,
    pub(super) style: Style,
    pub(super) extents: &'a Extents,
    /// What covers the paper, for those who look for a free place.
    pub(super) ink: Ink,
    areas: Vec<Item>,
    lines: Vec<Item>,
    markers: Vec<Item>,
    theory: Vec<Item>,
}

/// In the order of painting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// Bands, bars and cells.
    Areas,
    /// Curves.
    Lines,
    /// Above all lines, and whole where the frame would cut them.
    Markers,
    /// Theory, to be seen against the data.
    Theory,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(frame: Rectangle, style: Style, extents: &'a Extents) -> Self {
        let (areas, lines, markers, theory) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { frame, style, extents, ink: Ink::default(), areas, lines, markers, theory }
    }

    /// Where a point of the data stands; far outside of the page at the most, never nowhere.
    pub(super) fn place(&self, [x, y]: [f64; 2]) -> Place {
        [self.across(self.extents.x.share(x)), self.up(self.extents.y.share(y))]
    }

    /// Where a share of the abscissa stands.
    pub(super) fn across(&self, share: f64) -> f64 {
        self.frame.x + share * self.frame.width
    }

    /// Where a share of the ordinate stands.
    pub(super) fn up(&self, share: f64) -> f64 {
        self.frame.y + (1.0 - share) * self.frame.height
    }

    /// Height on the page from which bars and areas rise: 0, or the lower end of a logarithmic axis.
    pub(super) fn ground(&self) -> f64 {
        match self.extents.y.scale() {
            Scale::Linear => self.up(self.extents.y.share(0.0)),
            Scale::Log2 | Scale::Log10 => self.up(0.0),
        }
    }

    /// Slightly more than the frame: what is cut there geometrically is cut at the frame when it is painted, so that no round
    /// end of a line shows.
    pub(super) fn reach(&self) -> Rectangle {
        clip::grown(&self.frame, 2.0 * self.style.line)
    }

    /// Points with finite coordinates, in pieces between those without.
    pub(super) fn pieces(&self, points: impl Iterator<Item = [f64; 2]>) -> Vec<Vec<Place>> {
        let y: &Extent = &self.extents.y;
        let drawn = |point: [f64; 2]| {
            let has_place =
                point[0].is_finite() && point[1].is_finite() && (y.scale() == Scale::Linear || point[1] > 0.0);
            has_place.then(|| self.place(point))
        };
        let places: Vec<Option<Place>> = points.map(drawn).collect();
        places.split(Option::is_none).map(|piece| piece.iter().copied().flatten().collect()).collect()
    }

    pub(super) fn add(&mut self, layer: Layer, item: Item) {
        match layer {
            Layer::Areas => self.areas.push(item),
            Layer::Lines => self.lines.push(item),
            Layer::Markers => self.markers.push(item),
            Layer::Theory => self.theory.push(item),
        }
    }

    /// Everything that was added, in the order of painting.
    pub(super) fn into_items(self) -> Vec<Item> {
        let below: Vec<Item> = self.areas.into_iter().chain(self.lines).collect();
        let clip = |items: Vec<Item>| (!items.is_empty()).then_some(Item::Clip { to: self.frame, items });
        clip(below).into_iter().chain(self.markers).chain(clip(self.theory)).collect()
    }
}
