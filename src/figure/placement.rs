//! Where the letters of a line of text stand: computed here alone, so that layout, svg, pdf and png agree.

use super::font::{ASCENDER, DESCENDER, Font};
use super::label::{Label, Run};
use super::scene::{Anchor, Text};

/// A run in the frame of its line of text: the origin is [`Text::at`], x points in the direction of reading, y to the
/// letters' feet. Lengths are points.
pub(super) struct Placed<'a> {
    /// What is written, and how.
    pub(super) run: &'a Run,
    /// Where its first letter begins.
    pub(super) x: f64,
    /// Its baseline.
    pub(super) y: f64,
    /// Size of its type.
    pub(super) size: f64,
}

impl Label {
    /// Width from the beginning of the first letter to the end of the last, in points if `size` is.
    pub fn width(&self, size: f64) -> f64 {
        self.ends().map(|(_, end)| end).fold(0.0, f64::max) * size
    }

    /// How far the label reaches above its baseline: at least the height of b and d, so that lines of different letters keep
    /// the same distances.
    pub fn ascent(&self, size: f64) -> f64 {
        self.reach(ASCENDER, |run, top, _| run.rise + run.scale * top) * size
    }

    /// How far the label reaches below its baseline, as a positive number: at least the depth of p and q.
    pub fn descent(&self, size: f64) -> f64 {
        self.reach(DESCENDER, |run, _, bottom| -run.rise - run.scale * bottom) * size
    }

    fn reach(&self, least: f64, of: impl Fn(&Run, f64, f64) -> f64) -> f64 {
        let of = &of;
        self.runs
            .iter()
            .flat_map(|run| {
                let black = run.text.chars().filter(|letter| !letter.is_whitespace());
                black
                    .filter_map(|letter| Font::of(run.face).glyph(letter))
                    .map(move |glyph| of(run, glyph.top, glyph.bottom))
            })
            .fold(least, f64::max)
    }

    /// Where runs begin and end, in shares of the label's size.
    fn ends(&self) -> impl Iterator<Item = (f64, f64)> {
        let mut pen = 0.0;
        self.runs.iter().map(move |run| {
            let begin = pen + run.kern;
            pen = begin + run.scale * Font::of(run.face).width(&run.text);
            (begin, pen)
        })
    }
}

impl Text {
    /// Its runs, where they stand.
    pub(super) fn placed(&self) -> impl Iterator<Item = Placed<'_>> {
        let width = self.label.width(self.size);
        let begin = match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -width / 2.0,
            Anchor::End => -width,
        };
        self.label.runs.iter().zip(self.label.ends()).map(move |(run, (x, _))| Placed {
            run,
            x: begin + x * self.size,
            y: -run.rise * self.size,
            size: run.scale * self.size,
        })
    }
}
