//! A report as plain text, at most [`WIDTH`] columns wide unless a script's own line is wider.

use std::fmt::{self, Write};

use super::report::{Number, Part, Report, Row, Value};

/// Longest line.
const WIDTH: usize = 96;

impl Report {
    /// The report for a person: prose, numbers with their NumPy expressions, tables, and last the script.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = write_report(&mut text, self);
        text
    }
}

fn write_report(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "{}: {}", report.example, report.about)?;
    for section in &report.sections {
        writeln!(out, "\n{}", section.title)?;
        for (i, part) in section.parts.iter().enumerate() {
            if i > 0 {
                writeln!(out)?;
            }
            match part {
                Part::Prose { text } => write_prose(out, text)?,
                Part::Numbers { numbers } => write_numbers(out, numbers)?,
                Part::Table { columns, rows } => write_table(out, columns, rows)?,
            }
        }
    }
    writeln!(out, "\nHow to read the numbers")?;
    write_prose(
        out,
        "`in [a, b]` is proved to contain the exact value for the stored matrix; where it reaches 0 or infinity, no digit is \
         claimed. `~` marks what is rounding error alone: one digit is shown, and another machine or library prints another. \
         On the right stands NumPy's expression for the number, in the names of the script below.",
    )?;
    writeln!(out, "\nThe same in NumPy\n\n{}", report.numpy.trim_end())
}

/// A paragraph, indented by two and wrapped between words.
fn write_prose(out: &mut String, text: &str) -> fmt::Result {
    let mut line = String::from(" ");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(out, "{line}")
}

/// Label, value and NumPy's expression in columns; bounds on a line of their own.
fn write_numbers(out: &mut String, numbers: &[Number]) -> fmt::Result {
    let label_width = numbers.iter().map(|number| number.label.chars().count()).max().unwrap_or(0);
    let values: Vec<String> = numbers.iter().map(|number| shown(number.value)).collect();
    let value_width = values.iter().map(|value| value.chars().count()).max().unwrap_or(0);
    for (Number { label, value, numpy }, shown) in numbers.iter().zip(&values) {
        let line = format!("    {label:<label_width$}  {shown:<value_width$}  {}", numpy.unwrap_or(""));
        writeln!(out, "{}", line.trim_end())?;
        if let Some(interval) = interval(*value) {
            writeln!(out, "    {:label_width$}  {interval}", "")?;
        }
    }
    Ok(())
}

fn shown(value: Value) -> String {
    match value {
        Value::Count { value } => value.to_string(),
        Value::Real { value } => significant(value, 7),
        Value::Noise { value: 0.0 } => "~0".to_owned(),
        Value::Noise { value } => format!("~{value:.0e}"),
        Value::Enclosed { value, .. } => significant(value, 10),
        Value::Unresolved { .. } | Value::AtLeast { .. } => "unresolved".to_owned(),
    }
}

/// Where the exact value is proved to be, if that is known.
fn interval(value: Value) -> Option<String> {
    match value {
        Value::Enclosed { lo, hi, .. } => Some(format!("in [{}, {}]", bound(lo), bound(hi))),
        Value::Unresolved { hi } => Some(format!("in [0, {}]", bound(hi))),
        Value::AtLeast { lo } => Some(format!("in [{}, inf)", bound(lo))),
        Value::Count { .. } | Value::Real { .. } | Value::Noise { .. } => None,
    }
}

/// Shortest decimal that reads back as `x`: shortening it further would have to round outward.
fn bound(x: f64) -> String {
    if is_plain(x) { format!("{x}") } else { format!("{x:e}") }
}

/// `digits` significant digits, less trailing zeros after the point.
fn significant(x: f64, digits: usize) -> String {
    let scientific = format!("{:.*e}", digits - 1, x);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    if is_plain(x) {
        let exponent: isize = exponent.parse().unwrap_or(0);
        let decimals = usize::try_from(digits.cast_signed() - 1 - exponent).unwrap_or(0);
        without_trailing_zeros(&format!("{x:.decimals$}")).to_owned()
    } else {
        format!("{}e{exponent}", without_trailing_zeros(mantissa))
    }
}

/// Whether a number reads better without an exponent.
fn is_plain(x: f64) -> bool {
    x == 0.0 || (1e-4..1e8).contains(&x.abs())
}

fn without_trailing_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// Columns aligned to the right under their names; whole numbers without decimals.
fn write_table(out: &mut String, columns: &[String], rows: &[Row]) -> fmt::Result {
    let whole = rows.iter().flat_map(|row| &row.values).all(|value| value.fract() == 0.0);
    let decimals = if whole { 0 } else { 3 };
    // Adding 0 turns the -0.000 of a small negative number into 0.000.
    let round = |value: f64| if value.abs() < 0.5e-3 { 0.0 } else { value };
    let entries: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.values.iter().map(|&value| format!("{:.decimals$}", round(value))).collect())
        .collect();
    let label_width = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let width = |j: usize| {
        let entries = entries.iter().filter_map(|row| row.get(j)).map(String::len);
        entries.chain([columns[j].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |label: &str, cells: &[String]| {
        let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, &width)| format!("  {cell:>width$}")).collect();
        format!("    {label:<label_width$}{}", cells.concat()).trim_end().to_owned()
    };
    if columns.iter().any(|name| !name.is_empty()) {
        writeln!(out, "{}", line("", columns))?;
    }
    for (row, cells) in rows.iter().zip(&entries) {
        writeln!(out, "{}", line(&row.label, cells))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_asked_for() {
        assert_eq!(significant(4.637_126_950_043_969, 7), "4.637127");
        assert_eq!(significant(546.0, 7), "546");
        assert_eq!(significant(-0.165_517_241_379, 7), "-0.1655172");
        assert_eq!(significant(2.219_9e33, 7), "2.2199e33");
        assert_eq!(significant(3_446_967.347, 7), "3446967");
        assert_eq!(significant(0.0, 7), "0");
        assert_eq!(significant(1e-5, 7), "1e-5");
        // Rounding to a further digit before the point costs none behind it.
        assert_eq!(significant(99_999_999.9, 3), "100000000");
    }

    #[test]
    fn noise_shows_one_digit_and_bounds_all() {
        assert_eq!(shown(Value::Noise { value: 9.155e-15 }), "~9e-15");
        assert_eq!(shown(Value::Noise { value: 0.0 }), "~0");
        let unresolved = Value::Unresolved { hi: 3.25e-31 };
        assert_eq!(
            (shown(unresolved).as_str(), interval(unresolved).as_deref()),
            ("unresolved", Some("in [0, 3.25e-31]"))
        );
        assert_eq!(interval(Value::AtLeast { lo: 0.1 + 0.2 }).as_deref(), Some("in [0.30000000000000004, inf)"));
    }

    #[test]
    fn prose_wraps_before_the_margin() {
        let mut out = String::new();
        assert!(write_prose(&mut out, &"word ".repeat(60)).is_ok());
        assert!(out.lines().count() > 3);
        assert!(out.lines().all(|line| line.len() <= WIDTH && line.starts_with("  word")));
    }

    #[test]
    fn tables_align_and_show_no_negative_zero() {
        let rows = vec![Row { label: "b".to_owned(), values: vec![-1e-17, 12.5] }];
        let mut out = String::new();
        assert!(write_table(&mut out, &["x".to_owned(), "long".to_owned()], &rows).is_ok());
        assert_eq!(out, "           x    long\n    b  0.000  12.500\n");
    }
}
