//! Commands of mathematics: names of signs, fractions, roots and words.

use super::super::symbols::{Class, named, refusal};
use super::super::{Face, LabelError};
use super::{Atom, Nucleus, Parser, Piece};

impl Parser<'_> {
    /// What a command stands for; its backslash, at `begin`, is behind us.
    pub(super) fn command(&mut self, begin: usize) -> Result<Atom, LabelError> {
        let name = self.command_name();
        if let Some(symbol) = named(name) {
            return Ok(Atom::letters(symbol.class, symbol.text, symbol.face));
        }
        match name {
            "frac" => {
                let numerator = self.braced("\\frac", begin)?;
                let denominator = self.braced("\\frac", begin)?;
                let mut line = in_brackets_if(numerator.iter().any(splits_a_fraction), numerator);
                line.push(Atom::roman(Class::Ordinary, "/"));
                let alone = denominator.len() == 1 && !denominator.iter().any(splits_a_fraction);
                line.extend(in_brackets_if(!alone, denominator));
                Ok(Atom::new(Class::Ordinary, Nucleus::Group(line)))
            }
            "sqrt" => {
                let of = self.braced("\\sqrt", begin)?;
                let mut line = vec![Atom::roman(Class::Ordinary, "√")];
                let alone = of.len() == 1 && !of.iter().any(splits_a_fraction);
                line.extend(in_brackets_if(!alone, of));
                Ok(Atom::new(Class::Ordinary, Nucleus::Group(line)))
            }
            "mathrm" => Ok(Atom::roman(Class::Ordinary, self.upright_letters("\\mathrm", begin)?)),
            "operatorname" => Ok(Atom::roman(Class::Operator, self.upright_letters("\\operatorname", begin)?)),
            "text" | "textrm" => self.text(name, begin),
            " " => Ok(Atom::roman(Class::Ordinary, " ")),
            "" => Err(self.error_at(begin, "a backslash at the end: write the command behind it")),
            _ => {
                let message = refusal(name).unwrap_or_else(|| {
                    format!("\\{name} is not known: Greek letters, \\log, \\min, \\cdot, \\le, \\frac, \\sqrt, \\mathrm and others are; docs/labels.md lists all")
                });
                Err(self.error_at(begin, message))
            }
        }
    }

    /// The argument in braces of the command at `begin`.
    fn braced(&mut self, command: &str, begin: usize) -> Result<Vec<Atom>, LabelError> {
        self.skip_spaces();
        if self.peek() != Some('{') {
            let remedy = if self.peek() == Some('[') {
                "roots other than the square root are written as powers"
            } else {
                "add one"
            };
            return Err(self.error_at(begin, format!("{command} wants a group in braces: {remedy}")));
        }
        let atoms = self.argument(command, begin)?;
        if atoms.is_empty() {
            return Err(self.error_at(begin, format!("{command} has an empty group: fill it")));
        }
        Ok(atoms)
    }

    /// The letters and digits of a word in braces; spaces between them count for nothing, as in LaTeX.
    fn upright_letters(&mut self, command: &str, begin: usize) -> Result<String, LabelError> {
        self.skip_spaces();
        if !self.take_if('{') {
            return Err(self.error_at(begin, format!("{command} wants a word in braces: {command}{{rank}}")));
        }
        let mut word = String::new();
        loop {
            let at = self.at;
            match self.take() {
                Some('}') if word.is_empty() => {
                    return Err(self.error_at(begin, format!("{command} has an empty word: fill it")));
                }
                Some('}') => return Ok(word),
                Some(letter) if letter.is_ascii_alphanumeric() => word.push(letter),
                Some(letter) if letter.is_whitespace() => {}
                None => return Err(self.error_at(begin, "this group is not closed: add }")),
                Some(letter) => {
                    let message = format!(
                        "{command} sets letters and digits, not {letter:?}: write \\text{{...}} for other signs"
                    );
                    return Err(self.error_at(at, message));
                }
            }
        }
    }

    /// Words within mathematics: the argument of the command at `begin`.
    fn text(&mut self, name: &str, begin: usize) -> Result<Atom, LabelError> {
        self.skip_spaces();
        if !self.take_if('{') {
            return Err(self.error_at(begin, format!("\\{name} wants words in braces: \\{name}{{of size}}")));
        }
        let mut line = Vec::new();
        loop {
            match self.peek() {
                Some('}') => {
                    self.take();
                    return Ok(Atom::new(Class::Ordinary, Nucleus::Group(line)));
                }
                None | Some('$') => {
                    return Err(self.error_at(
                        begin,
                        format!("the words of \\{name} are not closed: add }}; they hold no mathematics"),
                    ));
                }
                Some(_) => line.push(match self.words(Some('}'))? {
                    Piece::Space(width) => Atom::new(Class::Ordinary, Nucleus::Space(width)),
                    Piece::Words(words) => Atom::roman(Class::Ordinary, words),
                    Piece::Mathematics(atoms) => Atom::new(Class::Ordinary, Nucleus::Group(atoms)),
                }),
            }
        }
    }
}

/// Whether an atom of a numerator would be read as ending before the stroke, or beginning behind it.
fn splits_a_fraction(atom: &Atom) -> bool {
    match (&atom.class, &atom.nucleus) {
        (Class::Binary | Class::Relation | Class::Punctuation | Class::Operator, _) => true,
        (_, Nucleus::Group(line)) => line.iter().any(splits_a_fraction) || line.iter().any(is_a_stroke),
        _ => is_a_stroke(atom),
    }
}

fn is_a_stroke(atom: &Atom) -> bool {
    matches!(&atom.nucleus, Nucleus::Letters(letters, Face::Roman) if letters == "/")
}

fn in_brackets_if(wanted: bool, atoms: Vec<Atom>) -> Vec<Atom> {
    if !wanted {
        return atoms;
    }
    let mut line = vec![Atom::roman(Class::Open, "(")];
    line.extend(atoms);
    line.push(Atom::roman(Class::Close, ")"));
    line
}
