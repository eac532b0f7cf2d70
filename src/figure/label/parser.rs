//! Markup -> words and atoms of mathematics. Nothing here knows where they will stand.

mod commands;
mod mathematics;

use super::symbols::{Class, is_of_words, named, named_by_letter, refusal};
use super::{Face, LabelError};

/// Bytes of the longest label: a few lines of type, of which a label is one.
const LONGEST: usize = 1000;

/// LaTeX's spaces of mathematics, in shares of the type's size (The TeXbook, chapter 18).
pub(super) const THIN: f64 = 3.0 / 18.0;
/// Around binary signs.
pub(super) const MEDIUM: f64 = 4.0 / 18.0;
/// Around relations.
pub(super) const THICK: f64 = 5.0 / 18.0;

/// A stretch of a label.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    /// Outside dollars.
    Words(String),
    /// A space between words, in shares of the type's size.
    Space(f64),
    /// Between dollars.
    Mathematics(Vec<Atom>),
}

/// What carries scripts, and how it stands among its neighbours.
#[derive(Debug, PartialEq)]
pub(super) struct Atom {
    pub(super) class: Class,
    pub(super) nucleus: Nucleus,
    pub(super) subscript: Option<Vec<Self>>,
    pub(super) superscript: Option<Vec<Self>>,
}

/// The body of an atom.
#[derive(Debug, PartialEq)]
pub(super) enum Nucleus {
    /// Letters of one face.
    Letters(String, Face),
    /// Several atoms as one.
    Group(Vec<Atom>),
    /// Nothing, as wide as this share of the type's size.
    Space(f64),
}

impl Atom {
    fn new(class: Class, nucleus: Nucleus) -> Self {
        Self { class, nucleus, subscript: None, superscript: None }
    }

    fn letters(class: Class, text: impl Into<String>, face: Face) -> Self {
        Self::new(class, Nucleus::Letters(text.into(), face))
    }

    fn roman(class: Class, text: impl Into<String>) -> Self {
        Self::letters(class, text, Face::Roman)
    }
}

/// The pieces of a label.
pub(super) fn parse(markup: &str) -> Result<Vec<Piece>, LabelError> {
    let mut parser = Parser { markup, at: 0, groups: 0, scripts: 0 };
    if markup.len() > LONGEST {
        return Err(parser.error_at(LONGEST, format!("a label has at most {LONGEST} bytes, this one {}", markup.len())));
    }
    let mut pieces = Vec::new();
    while let Some(letter) = parser.peek() {
        pieces.push(match letter {
            '$' => parser.mathematics()?,
            _ => parser.words(None)?,
        });
    }
    Ok(pieces)
}

/// Where the reading has come to.
struct Parser<'a> {
    markup: &'a str,
    /// Byte of the next letter.
    at: usize,
    /// Groups that are open.
    groups: usize,
    /// Scripts that are open.
    scripts: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<char> {
        self.markup[self.at..].chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.take();
        }
    }

    fn error_at(&self, offset: usize, message: impl Into<String>) -> LabelError {
        let offset = (0..=offset.min(self.markup.len())).rev().find(|&byte| self.markup.is_char_boundary(byte));
        LabelError { offset: offset.unwrap_or(0), message: message.into() }
    }

    /// Words up to a dollar, the `end` sign, a wider space or the end; or one such space.
    fn words(&mut self, end: Option<char>) -> Result<Piece, LabelError> {
        let mut words = String::new();
        while let Some(letter) = self.peek() {
            let begin = self.at;
            if letter == '$' || Some(letter) == end {
                break;
            }
            if let Some(width) = self.space_command() {
                if words.is_empty() {
                    return Ok(Piece::Space(width));
                }
                self.at = begin;
                break;
            }
            self.take();
            match letter {
                '\\' => words.push_str(self.sign_among_words(begin)?),
                '~' => words.push(' '),
                '{' if self.take_if('}') => {}
                '-' if self.take_if('-') => words.push(if self.take_if('-') { '—' } else { '–' }),
                '\'' => words.push('’'),
                '{' | '}' | '%' | '_' | '&' | '#' => {
                    let remedy = format!("write \\{letter}, or put mathematics between $");
                    return Err(self.error_at(begin, format!("{letter} has a meaning of its own in LaTeX: {remedy}")));
                }
                '^' => {
                    return Err(self.error_at(begin, "^ outside mathematics: put the letter and its script between $"));
                }
                '<' | '>' | '|' => {
                    return Err(self.error_at(begin, format!("{letter} outside mathematics: write ${letter}$")));
                }
                _ if letter.is_whitespace() => {
                    if !words.ends_with(' ') {
                        words.push(' ');
                    }
                }
                _ => words.push(self.letter_of_words(letter, begin)?),
            }
        }
        Ok(Piece::Words(words))
    }

    fn letter_of_words(&self, letter: char, begin: usize) -> Result<char, LabelError> {
        if let Some(name) = named_by_letter(letter) {
            return Err(self.error_at(begin, format!("{letter} is mathematics: write $\\{name}$")));
        }
        if letter == '\u{2212}' {
            return Err(self.error_at(begin, "a minus sign is mathematics: write $-$"));
        }
        if !is_of_words(letter) {
            let code = u32::from(letter);
            let message = format!(
                "labels have no letter {letter:?} (U+{code:04X}): write it in other letters, or as mathematics"
            );
            return Err(self.error_at(begin, message));
        }
        Ok(letter)
    }

    /// The sign that a command among words stands for; the backslash at `begin` is behind us.
    fn sign_among_words(&mut self, begin: usize) -> Result<&'static str, LabelError> {
        let name = self.command_name();
        let sign = match name {
            "$" => "$",
            "%" => "%",
            "_" => "_",
            "&" => "&",
            "#" => "#",
            "{" => "{",
            "}" => "}",
            " " => " ",
            "textbackslash" => "\\",
            "textasciitilde" => "~",
            "textasciicircum" => "^",
            "" => return Err(self.error_at(begin, "a backslash at the end: write \\textbackslash{}")),
            _ if named(name).is_some() || matches!(name, "frac" | "sqrt" | "mathrm" | "operatorname" | "text") => {
                return Err(
                    self.error_at(begin, format!("\\{name} is mathematics: write it between $, as in $\\{name}$"))
                );
            }
            _ => {
                let message = refusal(name).unwrap_or_else(|| {
                    format!(
                        "\\{name} is not known among words: they have \\$ \\% \\_ \\& \\# \\{{ \\}} \\textbackslash{{}}"
                    )
                });
                return Err(self.error_at(begin, message));
            }
        };
        if name.len() > 1 {
            // LaTeX takes the spaces behind a command's name as its end, and a pair of braces keeps them.
            self.skip_spaces();
        }
        Ok(sign)
    }

    /// The width of the space that a command asks for, if one is next; then it is behind us.
    fn space_command(&mut self) -> Option<f64> {
        let width = match self.markup[self.at..].strip_prefix('\\')?.chars().next()? {
            ',' => THIN,
            ':' => MEDIUM,
            ';' => THICK,
            _ => return None,
        };
        self.at += 2;
        Some(width)
    }

    /// What is behind a backslash: letters, or one sign; empty at the end.
    fn command_name(&mut self) -> &'a str {
        let rest = &self.markup[self.at..];
        let letters = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).len();
        let length = if letters > 0 { letters } else { rest.chars().next().map_or(0, char::len_utf8) };
        self.at += length;
        &rest[..length]
    }
}
