//! Numbers and lines as a terminal shows them.

use crate::certify::Bounds;

/// Columns of the terminal.
const WIDTH: usize = 100;

/// A blank at which no line is broken.
const UNBROKEN: char = '\u{a0}';

/// `text` in lines of at most [`WIDTH`], broken at blanks that may break; the first begins with `indent`, the others two blanks further.
pub(super) fn wrapped(indent: &str, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = indent.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, format!("{indent}  ")));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
    lines.into_iter().map(|line| line.replace(UNBROKEN, " ")).collect()
}

/// `text` cut to `width` characters.
pub(super) fn fitting(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 3).chain("...".chars()).collect()
}

/// `digits` without zeros at the end of a fraction.
fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// Six significant digits, plain where that is short.
pub(super) fn short(x: f64) -> String {
    const DIGITS: i32 = 6;
    let scientific = format!("{x:.5e}");
    let exponent = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    let Some(exponent) = exponent.filter(|_| x != 0.0) else { return format!("{x}") };
    if (-4..DIGITS).contains(&exponent) {
        let decimals = usize::try_from(DIGITS - 1 - exponent).unwrap_or(0);
        return trimmed(&format!("{x:.decimals$}")).to_owned();
    }
    scientific.split_once('e').map_or(scientific.clone(), |(digits, _)| format!("{}e{exponent}", trimmed(digits)))
}

/// [`short`], never above `x`, which is at least 0.
pub(super) fn at_least(x: f64) -> String {
    let text = short(x);
    if text.parse().is_ok_and(|shown: f64| shown <= x) { text } else { neighbour(x, -1.0) }
}

/// [`short`], never below `x`, which is at least 0.
pub(super) fn at_most(x: f64) -> String {
    let text = short(x);
    if text.parse().is_ok_and(|shown: f64| shown >= x) { text } else { neighbour(x, 1.0) }
}

/// The six-digit number nearest to `x`, a unit in its last digit further down (`direction` -1) or up (1).
fn neighbour(x: f64, direction: f64) -> String {
    let shown = format!("{x:.5e}");
    let number = shown.split_once('e').and_then(|(digits, exponent)| {
        Some((digits.replace('.', "").parse::<f64>().ok()?, exponent.parse::<i32>().ok()?))
    });
    // As text, for which no power of ten has to be computed.
    let moved = number.and_then(|(digits, exponent)| format!("{}e{}", digits + direction, exponent - 5).parse().ok());
    // What is no number has no neighbour.
    short(moved.unwrap_or(x))
}

pub(super) fn interval(bounds: Bounds) -> String {
    match (bounds.lo, bounds.hi) {
        (Some(lo), Some(hi)) if hi.is_finite() => format!("between {} and {}", at_least(lo), at_most(hi)),
        (Some(lo), _) => format!("at least {}", at_least(lo)),
        _ => "undefined".to_owned(),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{} %", short(100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_plain_where_that_is_short() {
        for (x, text) in [
            (12.0, "12"),
            (2.54, "2.54"),
            (-0.5, "-0.5"),
            (0.0, "0"),
            (123_456.7, "123457"),
            (1e6, "1e6"),
            (0.000_123_456_78, "0.000123457"),
            (1.5e-7, "1.5e-7"),
            (999_999.9, "1e6"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(short(x), text);
        }
    }

    #[test]
    fn bounds_stay_bounds_when_they_are_shortened() {
        let mut x = 1.234_567_89e-7;
        for _ in 0..200 {
            assert!(at_least(x).parse::<f64>().is_ok_and(|shown| shown <= x && shown > x * 0.999_989), "{x}");
            assert!(at_most(x).parse::<f64>().is_ok_and(|shown| shown >= x && shown < x * 1.000_011), "{x}");
            x *= 1.37;
        }
        // No looser than six digits: the next one outside.
        assert_eq!((at_least(4.801_359).as_str(), at_most(4.801_361).as_str()), ("4.80135", "4.80137"));
        assert_eq!((at_least(99.999_96).as_str(), at_most(99.999_96).as_str()), ("99.999", "100"));
    }

    #[test]
    fn long_lines_are_wrapped_and_long_names_cut() {
        let lines = wrapped("  ", &"word ".repeat(60));
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        assert!(lines[1].starts_with("    word"));
        assert_eq!(fitting("a rather long name", 10), "a rathe...");
    }
}
