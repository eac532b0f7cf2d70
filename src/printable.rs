//! Words of others on their way to a terminal: from a config, a manifest, a journal, a lock. Whoever wrote them must neither
//! drive the terminal nor fill it.

/// Characters of one field of a line: nearly as many as a line of a terminal has.
const FIELD_CHARS: usize = 60;
/// Characters of a sentence that quotes others.
const SENTENCE_CHARS: usize = 200;
/// Characters that two texts have in common and that are shown before the first that they have not.
const CONTEXT_CHARS: usize = 20;

/// The text with every control character but line ends replaced by a space.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && drives(c) { ' ' } else { c }).collect()
}

/// As [`printable`], as part of a line: line ends are replaced too, so that no line is forged, and what is longer than 60
/// characters is cut.
pub(crate) fn field(text: &str) -> String {
    cut(text, FIELD_CHARS)
}

/// As [`field`], for a whole sentence that quotes them: what is longer than 200 characters is cut.
pub(crate) fn sentence(text: &str) -> String {
    cut(text, SENTENCE_CHARS)
}

fn cut(text: &str, most: usize) -> String {
    let line = |c| if drives(c) { ' ' } else { c };
    match text.char_indices().nth(most) {
        None => text.chars().map(line).collect(),
        Some(_) => text.chars().take(most - 3).map(line).chain("...".chars()).collect(),
    }
}

/// Both texts as [`field`]s. If one of them is too long to be shown whole, they begin shortly before the first character in which
/// they differ.
pub(crate) fn fields_apart(one: &str, other: &str) -> [String; 2] {
    let texts = [one, other];
    if texts.iter().all(|text| text.chars().nth(FIELD_CHARS).is_none()) {
        return texts.map(field);
    }
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let skipped = same.saturating_sub(CONTEXT_CHARS);
    if skipped == 0 {
        return texts.map(field);
    }
    texts.map(|text| field(&"...".chars().chain(text.chars().skip(skipped)).collect::<String>()))
}

/// Whether the character does something to a terminal instead of being seen: control characters, and those that end a line or
/// turn the direction of what follows, so that it reads as something else (Boucher & Anderson 2021, "Trojan Source").
fn drives(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_one_short_line_that_drives_nothing() {
        assert_eq!(printable("a\u{1b}[2J\nb\u{202e}c"), "a [2J\nb c");
        assert_eq!(field("a\u{1b}[2J\r\nb\u{2028}c\u{9b}d"), "a [2J  b c d");
        assert_eq!(field(&"é".repeat(60)), "é".repeat(60));
        assert_eq!(field(&"é".repeat(61)), format!("{}...", "é".repeat(57)));
    }

    #[test]
    fn long_texts_are_shown_where_they_differ() {
        assert_eq!(fields_apart("a\tb", "a b"), ["a b", "a b"]);
        let long = "x".repeat(1000);
        let [one, other] = fields_apart(&format!("{long}1{long}"), &format!("{long}2"));
        let common = format!("...{}", "x".repeat(20));
        assert_eq!(other, format!("{common}2"));
        assert!(one.starts_with(&format!("{common}1x")) && one.ends_with("x..."), "{one}");
        assert_eq!(one.chars().count(), 60);
        assert_eq!(fields_apart("a", &long), ["a".to_owned(), field(&long)]);
    }
}
