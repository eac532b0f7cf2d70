//! What stands around the data: frame, grid, ticks, titles and the labels of the axes.

use super::super::color::{FRAME, GRID, INK};
use super::super::label::Label;
use super::super::scene::{Anchor, Direction, Item, Rectangle, Text};
use super::page::{COMMON, Frame, Page};
use super::shapes;

/// From the baseline of digits to their middle, in sizes of the type.
pub(super) const HALF_DIGIT: f64 = 0.36;

/// The grid behind the data.
pub(super) fn grid(page: &Page, frame: &Rectangle) -> Item {
    let upright = page.x.major.iter().map(|tick| {
        let x = frame.x + tick.share * frame.width;
        vec![[x, frame.y], [x, frame.y + frame.height]]
    });
    let level = page.y.major.iter().map(|tick| {
        let y = frame.y + (1.0 - tick.share) * frame.height;
        vec![[frame.x, y], [frame.x + frame.width, y]]
    });
    shapes::stroked(&upright.chain(level).collect::<Vec<_>>(), GRID, page.style.thin, &[])
}

/// The frame, its ticks and their labels, and the panel's title.
pub(super) fn around(page: &Page, frame: &Frame) -> Vec<Item> {
    let style = page.style;
    let inside = &frame.inside;
    let bottom = inside.y + inside.height;
    let across = |share: f64| inside.x + share * inside.width;
    let up = |share: f64| inside.y + (1.0 - share) * inside.height;

    let below = |share: f64, length: f64| vec![[across(share), bottom], [across(share), bottom + length]];
    let beside = |share: f64, length: f64| vec![[inside.x - length, up(share)], [inside.x, up(share)]];
    let (major, minor) = (style.mark, 0.6 * style.mark);
    let marks: Vec<_> = (page.x.major.iter().map(|tick| below(tick.share, major)))
        .chain(page.x.minor.iter().map(|&share| below(share, minor)))
        .chain(page.y.major.iter().map(|tick| beside(tick.share, major)))
        .chain(page.y.minor.iter().map(|&share| beside(share, minor)))
        .collect();
    let mut items = vec![shapes::outline(inside, FRAME, style.thin)];
    if !marks.is_empty() {
        items.push(shapes::stroked(&marks, FRAME, style.thin, &[]));
    }

    if frame.labels_x {
        let ascent = page.x.major.iter().map(|tick| tick.label.ascent(style.tick)).fold(0.0, f64::max);
        let baseline = bottom + style.mark + style.gap + ascent;
        let labels = page.x.major.iter();
        items.extend(labels.map(|tick| text(page, [across(tick.share), baseline], Anchor::Middle, &tick.label)));
    }
    if frame.labels_y {
        let end = inside.x - style.mark - style.gap;
        let baseline = |share: f64| up(share) + HALF_DIGIT * style.tick;
        let labels = page.y.major.iter();
        items.extend(labels.map(|tick| text(page, [end, baseline(tick.share)], Anchor::End, &tick.label)));
        if let Some(common) = &page.y.common {
            let baseline = inside.y - style.gap - common.descent(style.tick);
            items.push(text(page, [inside.x, baseline], Anchor::Start, common));
        }
    }
    if let Some(title) = &frame.title {
        let common = if page.y.common.is_some() { COMMON * style.tick + style.gap } else { 0.0 };
        let top = inside.y - common - style.gap - title.height();
        items.extend(title.level(inside.x + inside.width / 2.0, top, Anchor::Middle, INK));
    }
    items
}

/// The headline, and the labels of both axes, once for all panels.
pub(super) fn labels(page: &Page) -> Vec<Item> {
    let style = page.style;
    let grid = &page.grid;
    let mut items = Vec::new();
    if let Some(title) = &page.title {
        items.extend(title.level(page.width / 2.0, style.margin, Anchor::Middle, INK));
    }
    if let Some(label) = &page.y_label {
        items.extend(label.upright(style.margin, grid.y + grid.height / 2.0));
    }
    let mut top = grid.y + grid.height + page.below;
    if let Some(common) = &page.x.common {
        let baseline = top + style.gap + common.ascent(style.tick);
        items.push(text(page, [grid.x + grid.width, baseline], Anchor::End, common));
        top += page.common_line();
    }
    if let Some(label) = &page.x_label {
        items.extend(label.level(grid.x + grid.width / 2.0, top + style.gap, Anchor::Middle, INK));
    }
    items
}

fn text(page: &Page, at: [f64; 2], anchor: Anchor, label: &Label) -> Item {
    let (direction, size) = (Direction::Right, page.style.tick);
    Item::Text(Text { at, anchor, direction, size, rgb: INK, label: label.clone() })
}
