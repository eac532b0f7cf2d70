//! Text that is safe inside a page, and numbers that can be read.

use std::fmt::Write;

/// A page being written.
#[derive(Default)]
pub(super) struct Html {
    text: String,
}

impl Html {
    /// Appends markup as it is.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    /// Appends words.
    pub(super) fn words(&mut self, words: &str) -> &mut Self {
        for letter in words.chars() {
            match letter {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#39;"),
                // A page has no control characters but these.
                _ if letter.is_control() && !matches!(letter, '\n' | '\t') => self.text.push('\u{fffd}'),
                _ => self.text.push(letter),
            }
        }
        self
    }

    /// `<tag>words</tag>`; the tag may have attributes.
    pub(super) fn element(&mut self, tag: &str, words: &str) -> &mut Self {
        let name = tag.split_ascii_whitespace().next().unwrap_or(tag);
        let _ = write!(self.text, "<{tag}>");
        self.words(words);
        let _ = write!(self.text, "</{name}>");
        self
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// At most five significant digits: enough to compare, and the file has the others.
pub(super) fn short(x: f64) -> String {
    let magnitude = x.abs();
    if x == 0.0 || !x.is_finite() || (magnitude < 1e5 && x == x.trunc()) {
        return format!("{x}");
    }
    if (1e-3..1e5).contains(&magnitude) {
        // One digit less behind the point for each before it, one more for each zero.
        let behind = [1e4, 1e3, 1e2, 1e1, 1e0, 1e-1, 1e-2].iter().take_while(|power| magnitude < **power).count();
        let text = format!("{x:.behind$}");
        let trimmed = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        return trimmed.to_owned();
    }
    let text = format!("{x:.4e}");
    text.split_once('e').map_or(text.clone(), |(mantissa, exponent)| {
        format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_leave_their_element() {
        let mut page = Html::default();
        page.element("td class=\"word\"", "</td><script>alert('\"&')</script>\u{0}");
        assert_eq!(
            page.finish(),
            "<td class=\"word\">&lt;/td&gt;&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;\u{fffd}</td>"
        );
    }

    #[test]
    fn numbers_have_at_most_five_digits() {
        let cases = [
            (0.0, "0"),
            (3.0, "3"),
            (-0.25, "-0.25"),
            (1.234_567, "1.2346"),
            (0.001_234_567, "0.0012346"),
            (98_765.4, "98765"),
            (99_999.99, "100000"),
            (123_456.0, "1.2346e5"),
            (4.614_9e-9, "4.6149e-9"),
            (1e-20, "1e-20"),
            (-2.14e7, "-2.14e7"),
            (f64::INFINITY, "inf"),
        ];
        for (x, text) in cases {
            assert_eq!(short(x), text, "{x:e}");
        }
    }
}
