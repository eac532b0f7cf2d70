//! Reference lines, each with its label where it hides nothing.

use super::super::chart::Line;
use super::super::color::{RULE, RULE_INK};
use super::super::label::Label;
use super::super::scene::{Anchor, Item, Rectangle};
use super::block::Block;
use super::canvas::Canvas;
use super::clip::{self, Place};
use super::shapes;

/// Labels are this share of the type of ticks.
const TYPE: f64 = 0.9;

/// A reference line in a panel.
pub(super) struct Drawn {
    /// Its pieces inside the frame; none if it runs elsewhere.
    pieces: Vec<Vec<Place>>,
}

impl Drawn {
    pub(super) fn new(canvas: &Canvas, line: &Line) -> Self {
        let Rectangle { x, y, width, height } = canvas.frame;
        let inside = |share: f64| (0.0..=1.0).contains(&share);
        let pieces = match line {
            Line::X(value) => {
                let share = canvas.extents.x.share(*value);
                let at = canvas.across(share);
                if inside(share) { vec![vec![[at, y + height], [at, y]]] } else { Vec::new() }
            }
            Line::Y(value) => {
                let share = canvas.extents.y.share(*value);
                let at = canvas.up(share);
                if inside(share) { vec![vec![[x, at], [x + width, at]]] } else { Vec::new() }
            }
            Line::Curve(points) => {
                let pieces = canvas.pieces(points.iter().copied().filter(|[x, _]| x.is_finite()));
                pieces.iter().flat_map(|piece| clip::line(piece, &canvas.frame)).collect()
            }
        };
        Self { pieces }
    }

    /// The line itself, to be painted below the data.
    pub(super) fn item(&self, canvas: &Canvas) -> Option<Item> {
        let line = || shapes::stroked(&self.pieces, RULE, 1.2 * canvas.style.thin, &[]);
        (!self.pieces.is_empty()).then(line)
    }

    /// The label beside the line, as near to its end as it covers the least data, clear of the other `words` and within the
    /// frame, and what it covers. `None` if the line is not seen, or every place beside it is taken.
    pub(super) fn label(&self, canvas: &Canvas, label: &Label, words: &[Rectangle]) -> Option<(Vec<Item>, Rectangle)> {
        let block = Block::new(label, TYPE * canvas.style.tick, 0.6 * canvas.frame.width);
        let gap = 0.5 * canvas.style.gap;
        let room = clip::grown(&canvas.frame, -gap);
        let free = |rectangle: &Rectangle| {
            clip::within(rectangle, &room)
                && !words.iter().any(|other| clip::overlap(&clip::grown(rectangle, gap), other))
        };
        let mut best: Option<(usize, Rectangle)> = None;
        for place in self.places(&block, gap).into_iter().filter(free) {
            let own = self.pieces.iter().flat_map(|piece| piece.windows(2));
            let crossed = own.filter(|pair| clip::segment(pair[0], pair[1], &place).is_some()).count();
            let cost = canvas.ink.covered(&clip::grown(&place, gap)) + crossed;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, place));
            }
        }
        best.map(|(_, place)| (block.level(place.x, place.y, Anchor::Start, RULE_INK), place))
    }

    /// Places for the label: beside points of the line, from its end backwards.
    fn places(&self, block: &Block, gap: f64) -> Vec<Rectangle> {
        let (width, height) = (block.width(), block.height());
        let mut places = Vec::new();
        for share in [1.0, 0.9, 0.8, 0.65, 0.5, 0.35, 0.2, 0.1, 0.0] {
            let Some([x, y]) = self.point(share) else { continue };
            // Left and above, right and above, left and below, right and below.
            for (left, top) in [
                (x - width - gap, y - height - gap),
                (x + gap, y - height - gap),
                (x - width - gap, y + gap),
                (x + gap, y + gap),
            ] {
                places.push(Rectangle { x: left, y: top, width, height });
            }
        }
        places
    }

    /// The point at a share of the line's length.
    fn point(&self, share: f64) -> Option<Place> {
        let length = |pair: &[Place]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        let pairs = || self.pieces.iter().flat_map(|piece| piece.windows(2));
        let mut left = share * pairs().map(length).sum::<f64>();
        for pair in pairs() {
            let here = length(pair);
            if left <= here && here > 0.0 {
                let t = left / here;
                return Some([pair[0][0] + t * (pair[1][0] - pair[0][0]), pair[0][1] + t * (pair[1][1] - pair[0][1])]);
            }
            left -= here;
        }
        self.pieces.last().and_then(|piece| piece.last()).copied()
    }
}
