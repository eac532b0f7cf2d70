//! One refusal: what is wrong, where it is written, what is allowed. Rendered like a compiler's errors.

use std::fmt;

use super::source::{Place, Texts};
use crate::printable::printable;
use crate::spelling::did_you_mean;

/// At most so many characters of a line are shown, around the underlined part.
const EXCERPT_CHARS: usize = 110;
/// At most so many errors are printed; the rest are counted.
const SHOWN: usize = 30;

/// Whether an error is among the first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    WithExcerpt,
    Counted,
}

/// A problem found while reading, its place not yet looked up.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) place: Place,
    pub(super) message: String,
    /// What is allowed, or what to do.
    pub(super) help: Option<String>,
}

/// One error of a config, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, or `--set`.
    pub origin: String,
    /// Line from 1; `None` where the whole file is meant, and for `--set`.
    pub line: Option<usize>,
    /// What is wrong, with key and value.
    pub message: String,
    /// What is allowed, or what to do.
    pub help: Option<String>,
    excerpt: Option<Excerpt>,
}

/// The line at fault, cut to a readable width, and the underlined part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    text: String,
    indent: usize,
    width: usize,
}

/// Everything that is wrong with a config, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    errors: Vec<ConfigError>,
}

impl ConfigErrors {
    /// Looks up the places of `problems` and sorts them as a reader meets them.
    pub(super) fn new(mut problems: Vec<Problem>, texts: &Texts) -> Self {
        problems.sort_by_key(|problem| problem.place);
        problems.dedup_by(|a, b| a.place == b.place && a.message == b.message);
        // Half a million wrong values on one line would each have to find their place in it.
        let shown = (0..).map(|at| if at < SHOWN { Shown::WithExcerpt } else { Shown::Counted });
        let errors = problems.into_iter().zip(shown).map(|(problem, shown)| ConfigError::new(problem, texts, shown));
        Self { errors: errors.collect() }
    }

    /// The errors, at least one, in the order of the text.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ConfigError> {
        self.errors.iter()
    }
}

impl ConfigError {
    fn new(Problem { place, message, help }: Problem, texts: &Texts, shown: Shown) -> Self {
        let text = texts.get(place);
        let position = place.span().map(|span| text.position(span.start));
        let excerpt = position.zip(place.span()).filter(|_| shown == Shown::WithExcerpt).map(|(position, span)| {
            let line = text.line(position.line);
            // A span that runs over several lines is underlined to the end of its first.
            let end = (span.end - position.line_start).min(line.len());
            Excerpt::new(line, span.start - position.line_start, end)
        });
        let line = position.filter(|_| text.is_file()).map(|position| position.line + 1);
        Self {
            origin: text.origin(),
            line,
            message: printable(&message),
            help: help.map(|help| printable(&help)),
            excerpt,
        }
    }
}

impl Excerpt {
    /// `start..end` are bytes of `line`.
    fn new(line: &str, start: usize, end: usize) -> Self {
        let start = floor_char(line, start);
        let end = floor_char(line, end).max(start);
        let before = line[..start].chars().count();
        let width = line[start..end].chars().count().clamp(1, EXCERPT_CHARS);
        let skipped =
            if before + width > EXCERPT_CHARS { before - (EXCERPT_CHARS - width).min(20).min(before) } else { 0 };
        let text: String = line.chars().skip(skipped).take(EXCERPT_CHARS).collect();
        let cut_left = if skipped > 0 { "..." } else { "" };
        let cut_right = if line.chars().count() > skipped + EXCERPT_CHARS { "..." } else { "" };
        Self {
            text: format!("{cut_left}{}{cut_right}", printable(&text)).trim_end().to_owned(),
            indent: before - skipped + cut_left.len(),
            width,
        }
    }
}

fn floor_char(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.origin, self.message)?,
            None => write!(f, "{}: {}", self.origin, self.message)?,
        }
        let number = self.line.map(|line| line.to_string()).unwrap_or_default();
        let margin = " ".repeat(number.len());
        if let Some(Excerpt { text, indent, width }) = &self.excerpt {
            write!(f, "\n{margin} |\n{number} | {text}")?;
            write!(f, "\n{margin} | {}{}", " ".repeat(*indent), "^".repeat(*width))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n{margin} = {help}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().take(SHOWN).enumerate() {
            let gap = if i == 0 { "" } else { "\n\n" };
            write!(f, "{gap}{error}")?;
        }
        match self.errors.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n\n... and {more} more errors"),
        }
    }
}

impl std::error::Error for ConfigErrors {}
impl std::error::Error for ConfigError {}

/// `allowed: a, b, c`, or the likely candidate where there is one.
pub(super) fn allowed(word: &str, candidates: &[&str]) -> String {
    match did_you_mean(word, candidates.iter().copied()) {
        Some(likely) => format!("did you mean `{likely}`? allowed: {}", candidates.join(", ")),
        None => format!("allowed: {}", candidates.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_fault() {
        let line = format!("{}x{}", " 1,".repeat(500), " 2,".repeat(500));
        let excerpt = Excerpt::new(&line, 1500, 1501);
        assert!(excerpt.text.chars().count() <= EXCERPT_CHARS + 6);
        assert_eq!(excerpt.text.chars().nth(excerpt.indent), Some('x'));
    }
}
