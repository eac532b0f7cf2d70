//! Coloured cells, and the bar that says what their colours mean.

use super::super::color::{FRAME, INK, viridis};
use super::super::label::Label;
use super::super::scene::{Anchor, Direction, Item, Rectangle, Text};
use super::axes::HALF_DIGIT;
use super::canvas::{Canvas, Layer};
use super::page::{BAR_COMMON, Bar, COMMON, Page};
use super::shapes;

/// Slices of the bar, one for each colour that 8 bits tell apart.
const SLICES: usize = 256;

/// Neighbours overlap by this much, in points: where they only touched, viewers would show paper between them.
const OVERLAP: f64 = 0.3;

/// `values` row by row from the lowest y; cells without one stay white.
pub(super) fn draw(canvas: &mut Canvas, x: &[f64], y: &[f64], values: &[Option<f64>]) {
    let extents = canvas.extents;
    let Some(colors) = &extents.color else { return };
    let sides: Vec<f64> = extents.x.edges(x).into_iter().map(|share| canvas.across(share.clamp(0.0, 1.0))).collect();
    let ends: Vec<f64> = extents.y.edges(y).into_iter().map(|share| canvas.up(share.clamp(0.0, 1.0))).collect();
    let color = |column: usize, row: usize| {
        let value = values.get(row * x.len() + column).copied().flatten();
        value.filter(|value| value.is_finite()).map(|value| viridis(colors.share(value)))
    };
    for row in 0..y.len() {
        let mut column = 0;
        while column < x.len() {
            let first = column;
            let rgb = color(first, row);
            column += 1;
            // Neighbours of one colour are one rectangle.
            while column < x.len() && color(column, row) == rgb {
                column += 1;
            }
            let Some(rgb) = rgb else { continue };
            // Over what is painted later: it covers the overlap.
            let right = if column < x.len() && color(column, row).is_some() { OVERLAP } else { 0.0 };
            let covered_above = row + 1 < y.len() && (first..column).all(|column| color(column, row + 1).is_some());
            let above = if covered_above { OVERLAP } else { 0.0 };
            let cell = Rectangle {
                x: sides[first],
                y: ends[row + 1] - above,
                width: sides[column] - sides[first] + right,
                height: ends[row] - ends[row + 1] + above,
            };
            if cell.width > right && cell.height > above {
                canvas.add(Layer::Areas, shapes::block(&cell, rgb));
                canvas.ink.rectangle(cell);
            }
        }
    }
}

/// The bar with its ticks and its label.
pub(super) fn bar(page: &Page, bar: &Bar) -> Vec<Item> {
    let style = page.style;
    let Rectangle { x, y, width, height } = bar.inside;
    let slice = height / SLICES as f64;
    let mut items: Vec<Item> = (0..SLICES)
        .map(|index| {
            // From the bottom, each over the lower edge of the next.
            let top = y + height - slice * (index + 1) as f64;
            let above = if index + 1 < SLICES { OVERLAP } else { 0.0 };
            let shape = Rectangle { x, y: top - above, width, height: slice + above };
            shapes::block(&shape, viridis(index as f64 / (SLICES - 1) as f64))
        })
        .collect();
    items.push(shapes::outline(&bar.inside, FRAME, style.thin));
    let right = x + width;
    for (share, length) in bar
        .ticks
        .minor
        .iter()
        .map(|&share| (share, 0.6 * style.mark))
        .chain(bar.ticks.major.iter().map(|tick| (tick.share, style.mark)))
    {
        let level = y + (1.0 - share) * height;
        items.push(shapes::stroked(&[vec![[right, level], [right + length, level]]], FRAME, style.thin, &[]));
    }
    let text = |at, label: &Label| {
        let (anchor, direction) = (Anchor::Start, Direction::Right);
        Item::Text(Text { at, anchor, direction, size: style.tick, rgb: INK, label: label.clone() })
    };
    for tick in &bar.ticks.major {
        let baseline = y + (1.0 - tick.share) * height + HALF_DIGIT * style.tick;
        items.push(text([right + style.mark + style.gap, baseline], &tick.label));
    }
    if let Some(common) = &bar.ticks.common {
        let above = (BAR_COMMON - COMMON) * style.tick + style.gap;
        items.push(text([x, y - above - common.descent(style.tick)], common));
    }
    if let Some(label) = &bar.label {
        items.extend(label.upright(bar.label_x, y + height / 2.0));
    }
    items
}
