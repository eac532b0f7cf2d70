//! Where the legend stands: where it covers no data.

use super::super::color::PAPER;
use super::super::scene::{Item, Rectangle};
use super::legend::{Arranged, Legend};
use super::page::Page;
use super::{Drawn, clip, shapes};

/// A legend with its place.
pub(super) struct Placed {
    legend: Arranged,
    /// Its upper left corner.
    at: [f64; 2],
    /// Within which panel it stands; `None`: beside or below them all.
    pub(super) panel: Option<usize>,
}

/// A legend with more entries stands below the panels.
const MOST_INSIDE: usize = 8;

/// Of a panel's frame, at the most, that a legend may cover.
const SHARE_INSIDE: f64 = 0.7;

impl Placed {
    pub(super) fn new(page: &Page, legend: &Legend, panels: &[Drawn]) -> Option<Self> {
        if legend.len() == 0 {
            return None;
        }
        Self::inside(page, legend, panels).or_else(|| Self::in_empty_place(page, legend)).or_else(|| {
            let style = page.style;
            let strip = legend.strip(style, page.width - 2.0 * style.margin);
            // Below the middle of the panels, as far as the page allows.
            let middle = page.grid.x + page.grid.width / 2.0;
            let most = page.width - style.margin - strip.width;
            let left = (middle - strip.width / 2.0).min(most).max(style.margin);
            Some(Self { legend: strip, at: [left, page.bottom() + 2.0 * style.gap], panel: None })
        })
    }

    /// In the first corner of a panel where it covers neither data nor words.
    fn inside(page: &Page, legend: &Legend, panels: &[Drawn]) -> Option<Self> {
        let gap = 1.5 * page.style.gap;
        let frame = page.frames.first()?.inside;
        let column = legend.column(page.style, SHARE_INSIDE * frame.width);
        if legend.len() > MOST_INSIDE || column.height + 2.0 * gap > SHARE_INSIDE * frame.height {
            return None;
        }
        panels.iter().enumerate().find_map(|(panel, drawn)| {
            let Rectangle { x, y, width, height } = drawn.canvas.frame;
            let (left, right) = (x + gap, x + width - gap - column.width);
            let (top, bottom) = (y + gap, y + height - gap - column.height);
            let corners = [[right, top], [left, top], [right, bottom], [left, bottom]];
            let free = |at: &[f64; 2]| {
                let rectangle = clip::grown(&column.rectangle(*at), 0.5 * gap);
                drawn.canvas.ink.covered(&rectangle) == 0
                    && !drawn.words.iter().any(|words| clip::overlap(words, &rectangle))
            };
            let at = corners.into_iter().find(free)?;
            Some(Self { legend: legend.column(page.style, SHARE_INSIDE * frame.width), at, panel: Some(panel) })
        })
    }

    /// Where the last row has fewer panels than the others.
    fn in_empty_place(page: &Page, legend: &Legend) -> Option<Self> {
        let count = page.frames.len();
        let empty = (page.columns - count % page.columns) % page.columns;
        let (last, above) = (page.frames.last()?, page.frames.get(count.checked_sub(page.columns)?)?);
        if empty == 0 {
            return None;
        }
        let left = last.inside.x + last.inside.width + page.between + page.style.gap;
        let top = above.inside.y + above.inside.height + page.below + 2.0 * page.style.gap;
        let right = page.grid.x + page.grid.width;
        let bottom = page.grid.y + page.grid.height;
        let column = legend.column(page.style, right - left);
        let fits = column.width <= right - left && column.height <= bottom - top;
        fits.then(|| {
            let at =
                [f64::midpoint(left, right) - column.width / 2.0, f64::midpoint(top, bottom) - column.height / 2.0];
            Self { legend: column, at, panel: None }
        })
    }

    /// Its lower end.
    pub(super) fn bottom(&self) -> f64 {
        self.at[1] + self.legend.height
    }

    pub(super) fn items(&self) -> Vec<Item> {
        // Inside a panel on paper, not on the grid.
        let paper = self.panel.map(|_| shapes::block(&clip::grown(&self.legend.rectangle(self.at), 1.0), PAPER));
        paper.into_iter().chain(self.legend.items(self.at)).collect()
    }
}
