//! Markup of labels: words, and mathematics between dollars, as in LaTeX.
//!
//! The markup is a subset of LaTeX that pdfLaTeX with amsmath sets as it stands: one label serves SVG, PDF, PNG and TikZ.
//!
//! | in words | |
//! |---|---|
//! | `\$ \% \_ \& \# \{ \}` | the sign itself; `{}` is nothing |
//! | `~` `\,` `\;` | a space, a sixth and five eighteenths of the type's size |
//! | `--` `---` `'` | en dash, em dash, apostrophe |
//! | `\textbackslash{}` `\textasciitilde{}` `\textasciicircum{}` | the signs \\ ~ ^ |
//!
//! | in mathematics | |
//! |---|---|
//! | `a` `B` `7` `3.5` | letters are italic, numbers upright |
//! | `\alpha` ... `\omega`, `\varepsilon`, `\Gamma` ... | Greek, by LaTeX's names |
//! | `x_1` `x^{-2}` `\sigma_{\min}^2` | lowered and raised, twice nested at most; both on one letter stand above one another |
//! | `\log \min \mathrm{rank} \operatorname{tr} \text{of size }` | upright words |
//! | `+ - * / = < >` `\cdot \times \pm \le \ge \approx \ne \to` | spaces around binary signs and relations, none after a leading minus |
//! | `\frac{a}{b}` | on one line: a/b, (a + b)/(2c) |
//! | `\sqrt{x}` | on one line: √x, √(x + 1) |
//! | `\ell \infty \partial \dagger \ldots` `\|` `x'` `\,` `\;` `~` | as in LaTeX |
//!
//! What has no sign in the bundled font, or needs a second line, is refused by name. docs/labels.md lists every name.

mod parser;
mod setting;
mod symbols;

use std::fmt;

use setting::{SUPERSCRIPT, Setter};

/// Words and mathematics, ready to be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// In the order of reading.
    pub runs: Vec<Run>,
}

/// Letters of one face and size.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What is written.
    pub text: String,
    /// In which face.
    pub face: Face,
    /// Size as a share of the label's.
    pub scale: f64,
    /// How far above the label's baseline, in shares of the label's size; below it if negative.
    pub rise: f64,
    /// Gap between the end of the run before and the beginning of this one, in shares of the label's size. Negative where
    /// a superscript goes back to stand above a subscript.
    pub kern: f64,
}

/// The faces of the bundled font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// Upright.
    Roman,
    /// Slanted: variables.
    Italic,
}

/// What is wrong with a label's markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelError {
    /// Byte where the fault begins.
    pub offset: usize,
    /// The fault and its remedy.
    pub message: String,
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.message)
    }
}

impl std::error::Error for LabelError {}

impl Label {
    /// The label that `markup` describes.
    ///
    /// # Errors
    ///
    /// If `markup` is not of the kind described at the top of this page, is longer than 1000 bytes, nests groups more than
    /// 8 deep, or asks for a letter that the bundled font lacks.
    pub fn parse(markup: &str) -> Result<Self, LabelError> {
        let mut setter = Setter::default();
        for piece in parser::parse(markup)? {
            setter.piece(&piece);
        }
        Ok(setter.into_label())
    }

    /// Plain text that no user wrote as markup: numbers, values of columns. In numbers a hyphen becomes a minus sign; a
    /// letter that is neither of words nor of mathematics is written as its number, such as U+4E2D.
    pub fn words(text: &str) -> Self {
        let mut setter = Setter::default();
        setter.words(&in_letters_of_labels(text));
        setter.into_label()
    }

    /// `base` with a raised `exponent`, as beside the ticks of a logarithmic axis.
    pub fn power(base: u32, exponent: i32) -> Self {
        let sign = if exponent < 0 { "\u{2212}" } else { "" };
        let run = |text, scale, rise| Run { text, face: Face::Roman, scale, rise, kern: 0.0 };
        Self {
            runs: vec![
                run(base.to_string(), 1.0, 0.0),
                run(format!("{sign}{}", exponent.unsigned_abs()), setting::SCRIPT_SCALE, SUPERSCRIPT),
            ],
        }
    }
}

/// Markup of which [`Label::parse`] makes what [`Label::words`] makes of `text` itself. Only what LaTeX has its own ways with
/// differs: letters of mathematics become mathematics (κ is `$\kappa$`), apostrophes are curled, spaces in a row are one.
///
/// Markup can be several times as long as the text, and [`Label::parse`] takes 1000 bytes.
pub fn escape(text: &str) -> String {
    let mut markup = String::new();
    for letter in in_letters_of_labels(text).chars() {
        match letter {
            '$' | '%' | '_' | '&' | '#' | '{' | '}' => markup.extend(['\\', letter]),
            '\u{2212}' => markup.push_str("$-$"),
            '<' | '>' | '|' => markup.extend(['$', letter, '$']),
            '~' => markup.push_str("\\textasciitilde{}"),
            '^' => markup.push_str("\\textasciicircum{}"),
            '\\' => markup.push_str("\\textbackslash{}"),
            '-' if markup.ends_with('-') => markup.push_str("{}-"),
            _ => match symbols::named_by_letter(letter) {
                Some(name) => markup.extend(["$\\", name, "$"]),
                None => markup.push(letter),
            },
        }
    }
    markup
}

/// `text` with every letter that labels do not have written as its number.
fn in_letters_of_labels(text: &str) -> String {
    let is_number = text.trim().parse::<f64>().is_ok();
    let mut letters = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '-' if is_number => letters.push('\u{2212}'),
            _ if letter.is_whitespace() => letters.push(' '),
            '\u{2212}' => letters.push(letter),
            _ if symbols::is_of_words(letter) || symbols::named_by_letter(letter).is_some() => letters.push(letter),
            _ => letters.extend(["U+", &format!("{:04X}", u32::from(letter))]),
        }
    }
    letters
}

#[cfg(test)]
mod tests;
