//! Mathematics between dollars -> atoms: signs, groups and scripts.

use super::super::symbols::{Class, named_by_letter};
use super::super::{Face, LabelError};
use super::{Atom, Nucleus, Parser, Piece};

/// Groups within groups.
const DEEPEST: usize = 8;
/// Scripts on scripts: letters of a third would be too small to read in print.
const SCRIPTS: usize = 2;

/// What ends a list of atoms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Dollar,
    Brace,
}

impl Parser<'_> {
    /// From a dollar to the next.
    pub(super) fn mathematics(&mut self) -> Result<Piece, LabelError> {
        let begin = self.at;
        self.take();
        let atoms = self.atoms(End::Dollar, begin)?;
        if atoms.is_empty() {
            return Err(self.error_at(begin, "nothing between two $: write \\$ for the sign itself"));
        }
        Ok(Piece::Mathematics(atoms))
    }

    /// Atoms up to `end`, which is left behind; what it ends began at `begin`.
    fn atoms(&mut self, end: End, begin: usize) -> Result<Vec<Atom>, LabelError> {
        let mut atoms = Vec::new();
        loop {
            self.skip_spaces();
            let at = self.at;
            match (self.peek(), end) {
                (None, End::Dollar) => {
                    return Err(self.error_at(
                        begin,
                        "this $ has no partner: close the mathematics, or write \\$ for the sign itself",
                    ));
                }
                (None, End::Brace) => return Err(self.error_at(begin, "this group is not closed: add }")),
                (Some('$'), End::Dollar) | (Some('}'), End::Brace) => {
                    self.take();
                    return Ok(atoms);
                }
                (Some('$'), End::Brace) => {
                    return Err(self.error_at(begin, "this group is not closed before the next $: add }"));
                }
                (Some('}'), End::Dollar) => {
                    return Err(self.error_at(at, "} closes no group: write \\} for the sign itself"));
                }
                (Some('_' | '^'), _) => {
                    return Err(
                        self.error_at(at, "a script without a letter before it: write {}_1 for one that stands alone")
                    );
                }
                (Some(_), _) => {
                    let mut atom = self.atom()?;
                    self.scripts_of(&mut atom)?;
                    atoms.push(atom);
                }
            }
        }
    }

    /// The scripts and primes behind an atom.
    fn scripts_of(&mut self, atom: &mut Atom) -> Result<(), LabelError> {
        loop {
            self.skip_spaces();
            let begin = self.at;
            match self.peek() {
                Some('\'') => {
                    self.take();
                    add_prime(atom);
                }
                Some(sign @ ('_' | '^')) => {
                    self.take();
                    let script = self.script(sign, begin)?;
                    if sign == '^' && script.as_slice() == [Atom::roman(Class::Ordinary, "′")] {
                        add_prime(atom);
                        continue;
                    }
                    let place = if sign == '_' { &mut atom.subscript } else { &mut atom.superscript };
                    if place.is_some() {
                        let message =
                            format!("a second {sign} on one letter: join them in one group, as in x{sign}{{i, j}}");
                        return Err(self.error_at(begin, message));
                    }
                    *place = Some(script);
                }
                _ => return Ok(()),
            }
        }
    }

    /// The script behind a `_` or `^`, which is at `begin`.
    fn script(&mut self, sign: char, begin: usize) -> Result<Vec<Atom>, LabelError> {
        if self.scripts == SCRIPTS {
            return Err(self.error_at(
                begin,
                "a script on a script on a script: nothing so small can be read; write it on the line",
            ));
        }
        self.scripts += 1;
        let script = self.argument(sign, begin)?;
        self.scripts -= 1;
        Ok(script)
    }

    /// A group in braces, or the one sign or command that LaTeX takes as the argument of what is at `begin`.
    pub(super) fn argument(&mut self, of: impl std::fmt::Display, begin: usize) -> Result<Vec<Atom>, LabelError> {
        self.skip_spaces();
        match self.peek() {
            Some('{') => {
                let brace = self.at;
                self.take();
                self.group(brace)
            }
            None | Some('$' | '}' | '_' | '^' | '\'') => {
                Err(self.error_at(begin, format!("{of} has nothing behind it: write {of}{{...}}")))
            }
            Some('\\') => Ok(vec![self.atom()?]),
            Some(letter) => {
                self.take();
                let atom = self.sign(letter)?;
                // LaTeX raises the 1 of x^10 alone, which is never what was meant.
                if (letter.is_ascii_digit() || letter == '-') && self.peek().is_some_and(|next| next.is_ascii_digit()) {
                    let message =
                        format!("{of}{letter} takes {letter} alone and leaves the digits behind it: write {of}{{...}}");
                    return Err(self.error_at(begin, message));
                }
                Ok(vec![atom])
            }
        }
    }

    /// The inside of a group; its brace, at `begin`, is behind us.
    fn group(&mut self, begin: usize) -> Result<Vec<Atom>, LabelError> {
        if self.groups == DEEPEST {
            return Err(
                self.error_at(begin, format!("groups are nested more than {DEEPEST} deep: leave some braces out"))
            );
        }
        self.groups += 1;
        let atoms = self.atoms(End::Brace, begin)?;
        self.groups -= 1;
        Ok(atoms)
    }

    /// One atom without its scripts.
    fn atom(&mut self) -> Result<Atom, LabelError> {
        let begin = self.at;
        if let Some(width) = self.space_command() {
            return Ok(Atom::new(Class::Ordinary, Nucleus::Space(width)));
        }
        match self.take() {
            Some('{') => Ok(Atom::new(Class::Ordinary, Nucleus::Group(self.group(begin)?))),
            Some('\\') => self.command(begin),
            Some(digit) if digit.is_ascii_digit() => {
                let mut number = String::from(digit);
                while let Some(next) = self.peek().filter(|next| next.is_ascii_digit() || *next == '.') {
                    number.push(next);
                    self.take();
                }
                Ok(Atom::roman(Class::Ordinary, number))
            }
            Some(letter) => self.sign(letter),
            None => Err(self.error_at(begin, "mathematics ends here: add what is missing and $")),
        }
    }

    /// A sign that is written as it is; it is behind us.
    fn sign(&self, letter: char) -> Result<Atom, LabelError> {
        let class = match letter {
            'a'..='z' | 'A'..='Z' => return Ok(Atom::letters(Class::Ordinary, letter, Face::Italic)),
            '0'..='9' | '.' | '/' | '|' | '"' | '@' => Class::Ordinary,
            '-' => return Ok(Atom::roman(Class::Binary, "\u{2212}")),
            '~' => return Ok(Atom::roman(Class::Ordinary, " ")),
            '+' | '*' => Class::Binary,
            '=' | '<' | '>' | ':' => Class::Relation,
            '(' | '[' => Class::Open,
            ')' | ']' | '!' | '?' => Class::Close,
            ',' | ';' => Class::Punctuation,
            _ => {
                let begin = self.at - letter.len_utf8();
                let message = match (named_by_letter(letter), letter) {
                    (Some(name), _) => format!("{letter} has a name in LaTeX: write \\{name}"),
                    (None, '%' | '&' | '#') => format!("{letter} has a meaning of its own in LaTeX: write \\{letter}"),
                    (None, _) => format!(
                        "{letter:?} is no sign of mathematics: write words outside of $...$, or in \\text{{...}}"
                    ),
                };
                return Err(self.error_at(begin, message));
            }
        };
        Ok(Atom::roman(class, letter))
    }
}

/// A prime, which the font has at the height of a superscript already.
fn add_prime(atom: &mut Atom) {
    let body = std::mem::replace(&mut atom.nucleus, Nucleus::Group(Vec::new()));
    let prime = Atom::roman(Class::Ordinary, "′");
    atom.nucleus = match body {
        Nucleus::Group(mut line) => {
            line.push(prime);
            Nucleus::Group(line)
        }
        body => Nucleus::Group(vec![Atom::new(Class::Ordinary, body), prime]),
    };
}
