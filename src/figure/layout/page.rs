//! Where the panels stand: frames as large as what is written around them leaves room for.

use super::super::chart::Chart;
use super::super::render::LARGEST_SIDE;
use super::super::scene::Rectangle;
use super::super::ticks::{Along, Room, Ticks, Values, ticks};
use super::LayoutError;
use super::block::Block;
use super::extents::Extents;
use super::style::{NARROWEST, Style};
use super::words::Words;

/// The frames of a page, and what is written around them.
pub(super) struct Page {
    pub(super) style: Style,
    pub(super) width: f64,
    pub(super) title: Option<Block>,
    pub(super) frames: Vec<Frame>,
    /// From the first frame to the last, without what stands around them.
    pub(super) grid: Rectangle,
    /// Panels beside each other.
    pub(super) columns: usize,
    pub(super) x: Ticks,
    pub(super) y: Ticks,
    pub(super) x_label: Option<Block>,
    pub(super) y_label: Option<Block>,
    pub(super) bar: Option<Bar>,
    /// Below the grid: from its lower edge to the lower edge of the ticks' labels.
    pub(super) below: f64,
    /// Between frames beside each other.
    pub(super) between: f64,
}

/// Where one panel stands.
pub(super) struct Frame {
    pub(super) inside: Rectangle,
    pub(super) title: Option<Block>,
    /// Whether the ordinate is labelled here: the first of a row.
    pub(super) labels_y: bool,
    /// Whether the abscissa is labelled here: no panel below.
    pub(super) labels_x: bool,
}

/// The bar that says what colours mean.
pub(super) struct Bar {
    pub(super) inside: Rectangle,
    pub(super) ticks: Ticks,
    pub(super) label: Option<Block>,
    /// Left end of the label.
    pub(super) label_x: f64,
}

/// What stands beside the frames, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Margins {
    left: f64,
    between: f64,
    right: f64,
    /// Above the bar of colours.
    above_bar: f64,
}

/// Height of the line above a frame with what its labels have in common, and of the one above a bar of colours, in sizes of
/// the type.
pub(super) const COMMON: f64 = 1.3;
pub(super) const BAR_COMMON: f64 = 1.9;

/// Margins are multiples of this.
const STEP: f64 = 0.25;

/// Height of a frame over its width, at the utmost.
const ASPECTS: std::ops::RangeInclusive<f64> = 0.05..=10.0;

/// Widths of a page in points, at the utmost: 20 mm to 5 m.
const WIDTHS: std::ops::RangeInclusive<f64> = 56.0..=LARGEST_SIDE;

impl Page {
    pub(super) fn of(chart: &Chart, words: &Words, extents: &Extents, style: Style) -> Result<Self, LayoutError> {
        let width = chart.width.points();
        if !WIDTHS.contains(&width) {
            let millimetres = width * 25.4 / 72.0;
            return Err(LayoutError::Size(format!("a width of {millimetres} mm is not between 20 mm and 5 m")));
        }
        if !ASPECTS.contains(&chart.aspect) {
            return Err(LayoutError::Size(format!(
                "aspect {}: a frame's height over its width must be between 0.05 and 10",
                chart.aspect
            )));
        }
        if chart.panels.is_empty() {
            return Err(LayoutError::Empty);
        }
        // Ticks depend on the frames' size, margins on the ticks, and the frames' size on the margins: margins only grow, by whole
        // steps, until they hold what they must.
        let mut margins = Margins::default();
        loop {
            let page = Self::with(chart, words, extents, style, margins)?;
            let needed = page.needed();
            let grow = |has: f64, needs: f64| if needs > has + 1e-6 { (needs / STEP).ceil() * STEP } else { has };
            let grown = Margins {
                left: grow(margins.left, needed.left),
                between: grow(margins.between, needed.between),
                right: grow(margins.right, needed.right),
                above_bar: grow(margins.above_bar, needed.above_bar),
            };
            if grown == margins {
                return Ok(page);
            }
            margins = grown;
        }
    }

    /// The page with these margins, whether or not they hold what they must.
    fn with(
        chart: &Chart,
        words: &Words,
        extents: &Extents,
        style: Style,
        margins: Margins,
    ) -> Result<Self, LayoutError> {
        let width = chart.width.points();
        let room = width - 2.0 * style.margin - margins.left - margins.right;
        let count = chart.panels.len();
        let columns = columns(count, room, margins.between, style.panel);
        let frame_width = (room - margins.between * (columns - 1) as f64) / columns as f64;
        if frame_width < NARROWEST * style.tick {
            return Err(LayoutError::Size(format!(
                "a width of {:.0} mm leaves no room for a panel beside its labels: make the figure wider or the labels shorter",
                width * 25.4 / 72.0
            )));
        }
        let frame_height = frame_width * chart.aspect;
        let rows = count.div_ceil(columns);

        let x = ticks(&extents.x, Room { length: frame_width, size: style.tick, along: Along::Width }, extents.along_x);
        let y_room = Room { length: frame_height, size: style.tick, along: Along::Height };
        let y = ticks(&extents.y, y_room, extents.along_y);
        let title = words.title.as_ref().map(|title| Block::new(title, style.label, width - 2.0 * style.margin));
        let block =
            |index: usize| words.panels[index].title.as_ref().map(|title| Block::new(title, style.tick, frame_width));
        let titles: Vec<Option<Block>> = (0..count).map(block).collect();

        let mut top = style.margin + title.as_ref().map_or(0.0, |title| title.height() + 2.0 * style.gap);
        let mut frames = Vec::with_capacity(count);
        let mut titles = titles.into_iter();
        for row in 0..rows {
            let members = columns.min(count - row * columns);
            let in_row: Vec<Option<Block>> = titles.by_ref().take(members).collect();
            let header = in_row.iter().flatten().map(|title| title.height() + style.gap).fold(0.0, f64::max);
            let common = if y.common.is_some() { COMMON * style.tick + style.gap } else { 0.0 };
            let common = if row == 0 { common.max(margins.above_bar) } else { common };
            // Half of the uppermost label of the ordinate stands above the frame.
            let least = if row == 0 { 0.6 * style.tick } else { 1.6 * style.tick };
            top += (header + common).max(least) + if row == 0 { 0.0 } else { 2.0 * style.gap };
            for (column, title) in in_row.into_iter().enumerate() {
                let left = style.margin + margins.left + (frame_width + margins.between) * column as f64;
                frames.push(Frame {
                    inside: Rectangle { x: left, y: top, width: frame_width, height: frame_height },
                    title,
                    labels_y: column == 0,
                    labels_x: row * columns + column + columns >= count,
                });
            }
            top += frame_height;
        }
        if top > LARGEST_SIDE {
            return Err(LayoutError::Size(format!(
                "{count} panels below each other make a page of {:.1} m: fewer panels, a wider figure or a smaller aspect",
                top * 0.0254 / 72.0
            )));
        }
        let first = frames.first().map_or(0.0, |frame| frame.inside.y);
        let grid = Rectangle {
            x: style.margin + margins.left,
            y: first,
            width: frame_width * columns as f64 + margins.between * (columns - 1) as f64,
            height: top - first,
        };
        let bar = extents.color.as_ref().map(|color| {
            let inside = Rectangle {
                x: grid.x + grid.width + overhang(&x, frame_width, style).1.max(2.0 * style.gap),
                y: grid.y,
                width: 1.2 * style.tick,
                height: grid.height,
            };
            let bar_room = Room { length: inside.height, size: style.tick, along: Along::Height };
            let ticks = ticks(color, bar_room, Values::Any);
            let label = words.color.as_ref().map(|label| Block::new(label, style.label, grid.height));
            let label_x = inside.x + inside.width + style.mark + style.gap + widest(&ticks, style) + style.gap;
            Bar { inside, ticks, label, label_x }
        });
        let highest = x.major.iter().map(|tick| tick.label.ascent(style.tick) + tick.label.descent(style.tick));
        let below = style.mark + style.gap + highest.fold(0.0, f64::max);
        Ok(Self {
            x_label: words.x.as_ref().map(|label| Block::new(label, style.label, grid.width)),
            y_label: words.y.as_ref().map(|label| Block::new(label, style.label, grid.height)),
            style,
            width,
            title,
            frames,
            grid,
            columns,
            x,
            y,
            bar,
            below,
            between: margins.between,
        })
    }

    /// The margins that hold what is written beside the frames.
    fn needed(&self) -> Margins {
        let style = self.style;
        let frame_width = self.frames.first().map_or(0.0, |frame| frame.inside.width);
        let (before, after) = overhang(&self.x, frame_width, style);
        let label = self.y_label.as_ref().map_or(0.0, |label| label.height() + style.gap);
        let right = match &self.bar {
            None => after,
            Some(bar) => {
                let common = bar.ticks.common.as_ref().map_or(0.0, |common| bar.inside.x + common.width(style.tick));
                let label = bar.label.as_ref().map_or(bar.label_x - style.gap, |label| bar.label_x + label.height());
                common.max(label) - (self.grid.x + self.grid.width)
            }
        };
        let bar_has_common = self.bar.as_ref().is_some_and(|bar| bar.ticks.common.is_some());
        Margins {
            // Above the uppermost label of the bar.
            above_bar: if bar_has_common { BAR_COMMON * style.tick + style.gap } else { 0.0 },
            left: (label + widest(&self.y, style) + style.gap + style.mark).max(before),
            between: (before + after + 0.9 * style.tick).max(1.2 * style.tick),
            right,
        }
    }

    /// Where the next thing below the frames, their ticks and the label of the abscissa can stand.
    pub(super) fn bottom(&self) -> f64 {
        let label = self.x_label.as_ref().map_or(0.0, |label| self.style.gap + label.height());
        self.grid.y + self.grid.height + self.below + label + self.common_line()
    }

    /// Height of the line with what the labels of the abscissa have in common, if it does not stand beside the abscissa's label.
    pub(super) fn common_line(&self) -> f64 {
        let style = self.style;
        let Some(common) = &self.x.common else { return 0.0 };
        let beside = common.width(style.tick) + 2.0 * style.tick;
        let stands_beside = self.x_label.as_ref().is_some_and(|label| label.width() + 2.0 * beside <= self.grid.width);
        if stands_beside { 0.0 } else { style.gap + common.ascent(style.tick) + common.descent(style.tick) }
    }
}

/// The most panels beside each other that are no narrower than `least`, and no more than make the rows equally long.
fn columns(count: usize, room: f64, between: f64, least: f64) -> usize {
    let mut most = 1;
    while most < count && room - between * most as f64 >= least * (most + 1) as f64 {
        most += 1;
    }
    count.div_ceil(count.div_ceil(most))
}

/// How far the labels of an abscissa reach beyond the frame to the left and to the right.
fn overhang(ticks: &Ticks, width: f64, style: Style) -> (f64, f64) {
    let reach = |share: f64, label: f64| (label / 2.0 - share * width).max(0.0);
    let each = ticks.major.iter().map(|tick| (tick.share, tick.label.width(style.tick)));
    each.fold((0.0, 0.0), |(before, after), (share, label)| {
        (f64::max(before, reach(share, label)), f64::max(after, reach(1.0 - share, label)))
    })
}

/// The widest label of an ordinate.
fn widest(ticks: &Ticks, style: Style) -> f64 {
    ticks.major.iter().map(|tick| tick.label.width(style.tick)).fold(0.0, f64::max)
}
