//! Text that is broken into lines where it has no room on one.

use super::super::color::{INK, Rgb};
use super::super::label::{Face, Label, Run};
use super::super::scene::{Anchor, Direction, Item, Text};

/// Lines of text, one below the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    lines: Vec<Label>,
    size: f64,
}

/// Between lines, in sizes of the type.
const LEADING: f64 = 0.1;

impl Block {
    /// `label` in type of `size`, broken at spaces, or if a word alone is too long within it, so that no line is longer than
    /// `room`. (A single letter is never broken.)
    pub(super) fn new(label: &Label, size: f64, room: f64) -> Self {
        if label.width(size) <= room {
            return Self { lines: vec![label.clone()], size };
        }
        let mut lines: Vec<Vec<Run>> = Vec::new();
        for word in words(label).into_iter().flat_map(|word| pieces(word, size, room)) {
            if let Some(line) = lines.last_mut() {
                let mut longer = line.clone();
                longer.push(Run { text: " ".into(), face: Face::Roman, scale: 1.0, rise: 0.0, kern: 0.0 });
                longer.extend(word.iter().cloned());
                if width(&longer, size) <= room {
                    *line = longer;
                    continue;
                }
            }
            lines.push(word);
        }
        Self { lines: lines.into_iter().map(|runs| Label { runs: merged(runs) }).collect(), size }
    }

    /// Of the longest line.
    pub(super) fn width(&self) -> f64 {
        self.lines.iter().map(|line| line.width(self.size)).fold(0.0, f64::max)
    }

    /// From the top of the first line to the bottom of the last.
    pub(super) fn height(&self) -> f64 {
        let lines: f64 = self.lines.iter().map(|line| line.ascent(self.size) + line.descent(self.size)).sum();
        lines + LEADING * self.size * (self.lines.len().saturating_sub(1)) as f64
    }

    /// From the top to the first baseline.
    pub(super) fn ascent(&self) -> f64 {
        self.lines.first().map_or(0.0, |line| line.ascent(self.size))
    }

    /// Level lines below `top`, with their beginnings, middles or ends at `x`.
    pub(super) fn level(&self, x: f64, top: f64, anchor: Anchor, rgb: Rgb) -> Vec<Item> {
        self.baselines().map(|(line, below)| self.text(line, [x, top + below], anchor, Direction::Right, rgb)).collect()
    }

    /// Lines that are read upwards, the first at `left`, with their middles at the height `y`.
    pub(super) fn upright(&self, left: f64, y: f64) -> Vec<Item> {
        self.baselines()
            .map(|(line, right)| self.text(line, [left + right, y], Anchor::Middle, Direction::Up, INK))
            .collect()
    }

    /// The lines with the distances of their baselines from the top.
    fn baselines(&self) -> impl Iterator<Item = (&Label, f64)> {
        self.lines.iter().scan(0.0, |top, line| {
            let baseline = *top + line.ascent(self.size);
            *top = baseline + line.descent(self.size) + LEADING * self.size;
            Some((line, baseline))
        })
    }

    fn text(&self, line: &Label, at: [f64; 2], anchor: Anchor, direction: Direction, rgb: Rgb) -> Item {
        Item::Text(Text { at, anchor, direction, size: self.size, rgb, label: line.clone() })
    }
}

fn width(runs: &[Run], size: f64) -> f64 {
    Label { runs: runs.to_vec() }.width(size)
}

/// What stands between spaces of upright text on the baseline: formulas are not torn apart.
fn words(label: &Label) -> Vec<Vec<Run>> {
    let mut words = vec![Vec::new()];
    for run in &label.runs {
        if run.face != Face::Roman || run.rise != 0.0 {
            words.last_mut().into_iter().for_each(|word: &mut Vec<Run>| word.push(run.clone()));
            continue;
        }
        for (index, text) in run.text.split(' ').enumerate() {
            if index > 0 {
                words.push(Vec::new());
            }
            if let (Some(word), false) = (words.last_mut(), text.is_empty()) {
                let kern = if index == 0 { run.kern } else { 0.0 };
                word.push(Run { text: text.to_owned(), kern, ..run.clone() });
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A word that is longer than `room` in pieces that are not.
fn pieces(word: Vec<Run>, size: f64, room: f64) -> Vec<Vec<Run>> {
    if width(&word, size) <= room {
        return vec![word];
    }
    let letters = word.iter().flat_map(|run| {
        run.text.chars().enumerate().map(move |(index, letter)| {
            let kern = if index == 0 { run.kern } else { 0.0 };
            Run { text: letter.into(), kern, ..run.clone() }
        })
    });
    let mut pieces: Vec<Vec<Run>> = Vec::new();
    for letter in letters {
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
            if width(piece, size) > room && piece.len() > 1 {
                let letter = piece.pop();
                pieces.push(letter.into_iter().collect());
            }
        } else {
            pieces.push(vec![letter]);
        }
    }
    pieces
}

/// Neighbours of one kind as one run.
fn merged(runs: Vec<Run>) -> Vec<Run> {
    let mut merged: Vec<Run> = Vec::new();
    for run in runs {
        match merged.last_mut() {
            Some(last) if (last.face, last.scale, last.rise, 0.0) == (run.face, run.scale, run.rise, run.kern) => {
                last.text.push_str(&run.text);
            }
            _ => merged.push(run),
        }
    }
    merged
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SIZE: f64 = 8.0;

    fn texts(block: &Block) -> Vec<String> {
        block.lines.iter().map(|line| line.runs.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn breaks_at_spaces_and_only_where_it_must() {
        let label = Label::words("error of the solution");
        assert_eq!(texts(&Block::new(&label, SIZE, 500.0)), ["error of the solution"]);
        let narrow = Block::new(&label, SIZE, 50.0);
        assert_eq!(texts(&narrow), ["error of the", "solution"]);
        assert!(narrow.width() <= 50.0);
        assert!(narrow.height() > 1.9 * SIZE);
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_within() {
        let block = Block::new(&Label::words("normal-equations-with-a-long-name"), SIZE, 40.0);
        assert!(block.lines.len() > 2);
        assert!(block.width() <= 40.0);
        assert_eq!(texts(&block).concat(), "normal-equations-with-a-long-name");
    }

    #[test]
    fn formulas_stay_whole() {
        let label = Label::parse(r"relative error of $\sigma_{\min}$ against $\kappa$").unwrap();
        let block = Block::new(&label, SIZE, 70.0);
        assert!(block.lines.len() >= 2);
        assert!(texts(&block).iter().any(|line| line.contains("σmin")), "{:?}", texts(&block));
    }

    #[test]
    fn no_room_at_all_still_ends() {
        let block = Block::new(&Label::words("abc def"), SIZE, 0.0);
        assert_eq!(block.lines.len(), 6);
    }
}
