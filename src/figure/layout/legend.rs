//! What the looks of series mean.

use super::super::chart::{Chart, Mark, Series};
use super::super::color::{INK, RULE, Rgb, THEORY};
use super::super::label::Label;
use super::super::look::{Look, Marker, theory_dash};
use super::super::scene::{Anchor, Item, Rectangle};
use super::block::Block;
use super::style::Style;
use super::words::Words;
use super::{extents, marks, shapes};

/// Names with samples of their looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Legend {
    title: Option<Label>,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    /// Data before laws, and data in the order of their looks, whichever panel comes first.
    order: (bool, usize),
    sample: Sample,
    name: Label,
}

/// How a series looks, in small.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sample {
    Line { rgb: Rgb, dash: &'static [f64], marker: Option<Marker> },
    Marker { rgb: Rgb, marker: Marker },
    Area { rgb: Rgb },
    Theory { rgb: Rgb, law: usize },
    Rule,
}

/// A legend that was given a shape.
pub(super) struct Arranged {
    pub(super) width: f64,
    pub(super) height: f64,
    title: Option<(Block, [f64; 2])>,
    /// With the left ends and the first baselines of their places.
    entries: Vec<(Sample, Block, [f64; 2])>,
    style: Style,
}

/// Length of a sample, its distance from the name, and between entries side by side, in sizes of the type.
const SAMPLE: f64 = 2.6;
const TO_NAME: f64 = 0.5;
const APART: f64 = 1.4;
/// Between entries one below the other.
const BETWEEN: f64 = 0.2;

impl Legend {
    /// Every name once, in the order of appearance. Theory of one name is one entry, in black where its curves have several
    /// colours.
    pub(super) fn of(chart: &Chart, words: &Words) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        let panels = chart.panels.iter().zip(&words.panels);
        let series = panels.flat_map(|(panel, words)| panel.series.iter().zip(&words.series));
        for (series, name) in series {
            let (Some(name), Some(sample)) = (name, sample(series)) else { continue };
            let is_known = |entry: &&mut Entry| {
                entry.name == *name
                    && (entry.sample == sample
                        || matches!((entry.sample, sample), (Sample::Theory { .. }, Sample::Theory { .. })))
            };
            if let Some(entry) = entries.iter_mut().find(is_known) {
                if let (Sample::Theory { rgb: known, .. }, Sample::Theory { rgb, .. }) = (&mut entry.sample, sample)
                    && *known != rgb
                {
                    *known = THEORY;
                }
            } else {
                let is_theory = matches!(sample, Sample::Theory { .. });
                let place = if is_theory { 0 } else { series.look.unwrap_or(0) };
                entries.push(Entry { order: (is_theory, place), sample, name: name.clone() });
            }
        }
        entries.sort_by_key(|entry| entry.order);
        Self { title: words.legend_title.clone(), entries }
    }

    /// A reference line whose label found no place beside it.
    pub(super) fn add_rule(&mut self, name: &Label) {
        let entry = Entry { order: (true, usize::MAX), sample: Sample::Rule, name: name.clone() };
        if !self.entries.contains(&entry) {
            self.entries.push(entry);
        }
    }

    /// Names in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &Label> {
        self.entries.iter().map(|entry| &entry.name)
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Entries one below the other, within `room`.
    pub(super) fn column(&self, style: Style, room: f64) -> Arranged {
        self.arranged(style, room, 1)
    }

    /// Entries in as many columns as `room` has space for, all equally filled.
    pub(super) fn strip(&self, style: Style, room: f64) -> Arranged {
        let most = (1..=self.entries.len()).rev().find(|&columns| {
            let fits = self.widths(style, columns).iter().sum::<f64>() + APART * style.tick * (columns - 1) as f64;
            fits <= room
        });
        let rows = self.entries.len().div_ceil(most.unwrap_or(1));
        self.arranged(style, room, self.entries.len().div_ceil(rows.max(1)).max(1))
    }

    /// Widths of columns, filled row by row.
    fn widths(&self, style: Style, columns: usize) -> Vec<f64> {
        let mut widths = vec![0.0; columns];
        for (index, entry) in self.entries.iter().enumerate() {
            let width = (SAMPLE + TO_NAME) * style.tick + entry.name.width(style.tick);
            widths[index % columns] = f64::max(widths[index % columns], width);
        }
        widths
    }

    fn arranged(&self, style: Style, room: f64, columns: usize) -> Arranged {
        let size = style.tick;
        let apart = APART * size;
        let widest = (room - apart * (columns - 1) as f64) / columns as f64;
        let widths: Vec<f64> = match columns {
            1 => self.widths(style, 1).into_iter().map(|width| width.min(widest)).collect(),
            _ => self.widths(style, columns),
        };
        let starts: Vec<f64> = widths
            .iter()
            .scan(0.0, |left, width| {
                let start = *left;
                *left += width + apart;
                Some(start)
            })
            .collect();
        let all: f64 = widths.iter().sum::<f64>() + apart * (columns - 1) as f64;

        // Beside the entries where they are one row, else above them.
        let title = self.title.as_ref().map(|title| Block::new(title, size, room));
        let rows = self.entries.len().div_ceil(columns);
        let beside = title.as_ref().filter(|title| rows == 1 && columns > 1 && title.width() + apart + all <= room);
        let (left, mut top) = match (beside, &title) {
            (Some(title), _) => (title.width() + apart, 0.0),
            (None, Some(title)) => (0.0, title.height() + BETWEEN * size),
            (None, None) => (0.0, 0.0),
        };
        let width = f64::max(left + all, title.as_ref().map_or(0.0, Block::width));
        let inset = if left == 0.0 { (width - all) / 2.0 } else { left };

        let mut entries = Vec::with_capacity(self.entries.len());
        for row in self.entries.chunks(columns) {
            let blocks: Vec<Block> = row
                .iter()
                .zip(&widths)
                .map(|(entry, width)| Block::new(&entry.name, size, width - (SAMPLE + TO_NAME) * size + 1e-9))
                .collect();
            let ascent = blocks.iter().map(Block::ascent).fold(0.0, f64::max);
            let below = blocks.iter().map(|block| block.height() - block.ascent()).fold(0.0, f64::max);
            for ((entry, block), start) in row.iter().zip(blocks).zip(&starts) {
                entries.push((entry.sample, block, [inset + start, top + ascent]));
            }
            top += ascent + below + BETWEEN * size;
        }
        let title = title.map(|title| {
            let at = if left == 0.0 { [(width - title.width()) / 2.0, 0.0] } else { [0.0, 0.0] };
            (title, at)
        });
        Arranged { width, height: top - BETWEEN * size, title, entries, style }
    }
}

impl Arranged {
    /// What the legend covers where its upper left corner is at `[x, y]`.
    pub(super) fn rectangle(&self, [x, y]: [f64; 2]) -> Rectangle {
        Rectangle { x, y, width: self.width, height: self.height }
    }

    pub(super) fn items(&self, [x, y]: [f64; 2]) -> Vec<Item> {
        let size = self.style.tick;
        let mut items = Vec::new();
        if let Some((title, at)) = &self.title {
            items.extend(title.level(x + at[0], y + at[1], Anchor::Start, INK));
        }
        for (sample, name, at) in &self.entries {
            let [left, baseline] = [x + at[0], y + at[1]];
            // In the middle of the first line's small letters.
            let middle = baseline - 0.26 * size;
            items.extend(sample.items([left, middle], SAMPLE * size, self.style));
            let top = baseline - name.ascent();
            items.extend(name.level(left + (SAMPLE + TO_NAME) * size, top, Anchor::Start, INK));
        }
        items
    }
}

/// `None` for what needs no explanation, or has nothing to show.
fn sample(series: &Series) -> Option<Sample> {
    if extents::points(&series.mark).is_empty() {
        return None;
    }
    let Look { rgb, marker, marked_dash, bare_dash } = Look::of(series.look.unwrap_or(0));
    Some(match series.mark {
        Mark::Curve(_) => Sample::Line { rgb, dash: marked_dash, marker: Some(marker) },
        Mark::Points(_) | Mark::Estimates(_) => Sample::Marker { rgb, marker },
        Mark::Theory { law, .. } => Sample::Theory { rgb: marks::theory_color(series.look), law },
        Mark::Steps(_) => Sample::Line { rgb, dash: bare_dash, marker: None },
        Mark::Bars { .. } => Sample::Area { rgb },
        Mark::Cells { .. } => return None,
    })
}

impl Sample {
    /// Level with `middle`, from there to the right.
    fn items(self, [left, middle]: [f64; 2], length: f64, style: Style) -> Vec<Item> {
        let line =
            |rgb, width, dash| shapes::stroked(&[vec![[left, middle], [left + length, middle]]], rgb, width, dash);
        let dot = |rgb, marker| {
            let at = [left + length / 2.0, middle];
            shapes::markers(marker, &[at], style.marker, shapes::paint(rgb, 1.0), style.line)
        };
        match self {
            Self::Line { rgb, dash, marker } => {
                let line = line(rgb, style.line, dash);
                std::iter::once(line).chain(marker.map(|marker| dot(rgb, marker))).collect()
            }
            Self::Marker { rgb, marker } => vec![dot(rgb, marker)],
            Self::Area { rgb } => {
                let height = 0.6 * style.tick;
                let shape = Rectangle { x: left, y: middle - height / 2.0, width: length, height };
                let fill = shapes::filled(&shapes::corners(&shape), rgb, marks::BAR_OPACITY);
                vec![fill, shapes::outline(&shape, rgb, style.line)]
            }
            Self::Theory { rgb, law } => vec![line(rgb, style.theory, theory_dash(law))],
            Self::Rule => vec![line(RULE, 1.2 * style.thin, &[])],
        }
    }
}
