//! Words and atoms -> runs: sizes, rises and gaps. Lengths are shares of the label's size.

use super::parser::{Atom, MEDIUM, Nucleus, Piece, THICK, THIN};
use super::symbols::Class;
use super::{Face, Label, Run};
use crate::figure::font::Font;

/// Size of a script, as a share of what it stands on.
pub(super) const SCRIPT_SCALE: f64 = 0.7;
/// How far a superscript stands above the line, in shares of the size of what it stands on. Computer Modern (The TeXbook,
/// appendix G) has 0.36 for sup2, 0.41 for sup1, 0.15 for sub1 and 0.25 for sub2; Arimo's larger small letters want a subscript
/// a little lower.
pub(super) const SUPERSCRIPT: f64 = 0.36;
/// How far a subscript stands below the line.
const SUBSCRIPT: f64 = 0.18;
/// The same where one letter has both, which must not touch.
const SUPERSCRIPT_OF_TWO: f64 = 0.41;
const SUBSCRIPT_OF_TWO: f64 = 0.25;
/// Free space behind scripts, in shares of the size of what they stand on: TeX's \scriptspace of 0.5 pt in type of 10 pt.
const BEHIND_SCRIPTS: f64 = 0.05;

/// Sets pieces one after the other.
#[derive(Default)]
pub(super) struct Setter {
    runs: Vec<Run>,
    /// Where the last run ends.
    end: f64,
    /// Where the next letter begins.
    pen: f64,
}

/// How letters stand in a script, or on the line.
#[derive(Clone, Copy)]
struct Style {
    scale: f64,
    rise: f64,
}

impl Style {
    const LINE: Self = Self { scale: 1.0, rise: 0.0 };

    fn raised_by(self, rise: f64) -> Self {
        Self { scale: self.scale * SCRIPT_SCALE, rise: self.rise + rise * self.scale }
    }
}

impl Setter {
    pub(super) fn into_label(self) -> Label {
        Label { runs: self.runs }
    }

    pub(super) fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Words(words) => self.words(words),
            Piece::Space(width) => self.space(*width, Style::LINE),
            Piece::Mathematics(atoms) => self.atoms(atoms, Style::LINE),
        }
    }

    pub(super) fn words(&mut self, words: &str) {
        self.letters(words, Face::Roman, Style::LINE);
    }

    /// Atoms side by side, with the spaces that their classes ask for. In scripts there is no room for spaces.
    fn atoms(&mut self, atoms: &[Atom], style: Style) {
        let mut before: Option<Class> = None;
        for atom in atoms {
            let class = match (atom.class, before) {
                // A sign without a first operand: -1, or = -x, or (+2.
                (
                    Class::Binary,
                    None | Some(Class::Binary | Class::Relation | Class::Open | Class::Operator | Class::Punctuation),
                ) => Class::Ordinary,
                (class, _) => class,
            };
            if let Nucleus::Space(width) = atom.nucleus {
                self.space(width, style);
                continue;
            }
            if style.scale == 1.0
                && let Some(width) = before.and_then(|before| space_between(before, class))
            {
                self.space(width, style);
            }
            self.atom(atom, style);
            before = Some(class);
        }
    }

    fn atom(&mut self, atom: &Atom, style: Style) {
        match &atom.nucleus {
            Nucleus::Letters(letters, face) => self.letters(letters, *face, style),
            Nucleus::Group(atoms) => self.atoms(atoms, style),
            Nucleus::Space(width) => self.space(*width, style),
        }
        match (&atom.subscript, &atom.superscript) {
            (None, None) => return,
            (Some(below), None) => self.atoms(below, style.raised_by(-SUBSCRIPT)),
            (None, Some(above)) => {
                self.make_room_for_slant();
                self.atoms(above, style.raised_by(SUPERSCRIPT));
            }
            (Some(below), Some(above)) => {
                let begin = self.pen;
                let slant = self.slant();
                self.atoms(below, style.raised_by(-SUBSCRIPT_OF_TWO));
                let end_below = self.pen;
                self.pen = begin + slant;
                self.atoms(above, style.raised_by(SUPERSCRIPT_OF_TWO));
                self.pen = self.pen.max(end_below);
            }
        }
        self.pen += BEHIND_SCRIPTS * style.scale;
    }

    /// A blank: a space in a size that makes it this wide, so that it is copied and read aloud as one.
    fn space(&mut self, width: f64, style: Style) {
        let scale = width / Font::of(Face::Roman).width(" ");
        self.letters(" ", Face::Roman, Style { scale: style.scale * scale, ..style });
    }

    fn letters(&mut self, text: &str, face: Face, style: Style) {
        if text.is_empty() {
            return;
        }
        let is_lowered = self.runs.last().is_some_and(|last| style.rise < last.rise);
        if face == Face::Roman && !is_lowered && !text.starts_with(' ') {
            self.make_room_for_slant();
        }
        let kern = self.pen - self.end;
        let alike =
            |last: &&mut Run| (last.face, last.scale, last.rise) == (face, style.scale, style.rise) && kern == 0.0;
        match self.runs.last_mut().filter(alike) {
            Some(last) => last.text.push_str(text),
            None => self.runs.push(Run { text: text.to_owned(), face, scale: style.scale, rise: style.rise, kern }),
        }
        self.pen += Font::of(face).width(text) * style.scale;
        self.end = self.pen;
    }

    /// Moves the pen to where the letter before, if it leans over, leaves room for an upright one or a superscript.
    fn make_room_for_slant(&mut self) {
        self.pen += self.slant();
    }

    /// How far the letter before the pen leans beyond it.
    fn slant(&self) -> f64 {
        let last = self.runs.last().filter(|last| last.face == Face::Italic && self.pen == self.end);
        last.and_then(|last| Some((last, Font::of(Face::Italic).glyph(last.text.chars().last()?)?)))
            .map_or(0.0, |(last, glyph)| glyph.overhang * last.scale)
    }
}

/// The space between neighbours of these classes (The TeXbook, chapter 18).
fn space_between(before: Class, after: Class) -> Option<f64> {
    use Class::{Binary, Close, Open, Operator, Ordinary, Punctuation, Relation};
    match (before, after) {
        (_, Close | Punctuation)
        | (Open, _)
        | (Relation, Relation)
        | (Operator | Ordinary | Close, Open)
        | (Ordinary | Close, Ordinary) => None,
        (Relation, _) | (_, Relation) => Some(THICK),
        (Binary, _) | (_, Binary) => Some(MEDIUM),
        (Punctuation, _) | (Operator, Ordinary | Operator) | (Ordinary | Close, Operator) => Some(THIN),
    }
}
