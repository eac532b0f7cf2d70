//! A place in the text of an expression, and the tokens that begin there.

use super::SyntaxError;

/// A place in a text.
pub(super) struct Cursor<'t> {
    text: &'t str,
    pub(super) at: usize,
    /// What errors call the text: `condition`, `expression`.
    what: &'static str,
}

pub(super) fn error(start: usize, end: usize, message: impl Into<String>) -> SyntaxError {
    SyntaxError { offset: start, length: (end - start).max(1), message: message.into() }
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, what: &'static str) -> Self {
        Self { text, at: 0, what }
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The identifier that comes next; may be empty.
    pub(super) fn word(&self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Takes `token` if it comes next; a word only as a whole word.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        self.skip_space();
        let is_word = token.starts_with(|c: char| c.is_ascii_alphabetic());
        let found = if is_word { self.word() == token } else { self.rest().starts_with(token) };
        if found {
            self.at += token.len();
        }
        found
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), SyntaxError> {
        if self.eat(token) { Ok(()) } else { Err(self.unexpected(&format!("`{token}`"))) }
    }

    /// Takes the number that begins here: digits, points, `_` and an exponent.
    pub(super) fn number(&mut self) -> Result<f64, SyntaxError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start;
        while let Some(&byte) = bytes.get(end) {
            let signed_exponent = matches!(byte, b'+' | b'-') && matches!(bytes[end - 1], b'e' | b'E') && end > start;
            if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || signed_exponent) {
                break;
            }
            end += 1;
        }
        let written = &self.text[start..end];
        let value = written.replace('_', "").parse().ok().filter(|value: &f64| value.is_finite());
        let value = value.ok_or_else(|| error(start, end, format!("`{written}` is not a number")))?;
        self.at = end;
        Ok(value)
    }

    /// Takes the word in quotes that begins here.
    pub(super) fn quoted(&mut self, quote: char) -> Result<&'t str, SyntaxError> {
        let start = self.at;
        let inside = &self.rest()[quote.len_utf8()..];
        let Some(length) = inside.find(quote) else {
            return Err(error(start, self.text.len(), format!("the word that begins here has no closing {quote}")));
        };
        self.at += length + 2 * quote.len_utf8();
        Ok(&inside[..length])
    }

    /// Refuses whatever is left.
    pub(super) fn expect_end(&mut self) -> Result<(), SyntaxError> {
        self.skip_space();
        if self.at < self.text.len() { Err(self.unexpected("the end")) } else { Ok(()) }
    }

    pub(super) fn unexpected(&self, wanted: &str) -> SyntaxError {
        let found = match (self.word(), self.rest().chars().next()) {
            (_, None) => {
                return error(self.at, self.at, format!("expected {wanted}, but the {} ends here", self.what));
            }
            ("", Some(c)) => c.to_string(),
            (word, _) => word.to_owned(),
        };
        error(self.at, self.at + found.len(), format!("expected {wanted}, found `{found}`"))
    }
}
