//! What a field that is no number looks like, so that the error can say what to do.

/// What is to be done about a field that is no number; nothing where it is text like any other.
pub(super) fn remedy(field: &str, delimiter: u8) -> Option<&'static str> {
    if is_grouped(field) && field.matches(',').count() == 1 {
        return Some("has a comma: leave it out if it sets thousands apart, write a point if it is decimal");
    }
    if is_decimal_comma(field) {
        return Some("has a decimal comma: write decimal points, in pandas with to_csv(decimal='.')");
    }
    if is_date(field) {
        return Some("is a date: give a number, such as days since a first day, or choose other columns");
    }
    if is_grouped(field) {
        return Some("has thousands apart: write the digits of a number together");
    }
    let bare = field.trim_matches(['%', '$', '\u{20ac}', '\u{a3}', ' ']);
    if bare != field && bare.parse::<f64>().is_ok() {
        return Some("has a unit: give the number alone");
    }
    let other = [b';', b'\t', b'|', b' ', b','].into_iter().filter(|&byte| byte != delimiter);
    let splits = |byte: u8| {
        let parts: Vec<&str> = field.split(char::from(byte)).collect();
        parts.len() > 1 && parts.iter().all(|part| part.trim().parse::<f64>().is_ok())
    };
    other.into_iter().any(splits).then_some("is not a number: is another delimiter meant?")
}

/// `3,14`: digits, one comma, digits.
fn is_decimal_comma(field: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match field.trim_start_matches(['+', '-']).split_once(',') {
        Some((whole, fraction)) => digits(whole) && digits(fraction.split(['e', 'E']).next().unwrap_or("")),
        None => false,
    }
}

/// `1,234,567.8`: groups of three.
fn is_grouped(field: &str) -> bool {
    let whole = field.trim_start_matches(['+', '-']).split('.').next().unwrap_or("");
    let mut groups = whole.split([',', '\'', '\u{a0}', ' ']);
    let head = groups.next().unwrap_or("");
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut rest = 0;
    let three = groups.all(|group| {
        rest += 1;
        group.len() == 3 && all_digits(group)
    });
    rest > 0 && three && (1..=3).contains(&head.len()) && all_digits(head)
}

/// `2024-03-31`, `31.3.2024`, `3/31/24`, with or without a time behind.
fn is_date(field: &str) -> bool {
    let day = field.split(['T', ' ']).next().unwrap_or("");
    ['-', '/', '.'].into_iter().any(|separator| {
        let parts: Vec<&str> = day.split(separator).collect();
        parts.len() == 3
            && parts.iter().all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_field_looks_like_decides_what_is_advised() {
        for (field, words) in [
            ("3,14", "decimal comma"),
            ("-1,5e3", "decimal comma"),
            ("2024-03-31", "date"),
            ("2024-03-31 12:00:00", "date"),
            ("31.3.2024", "date"),
            ("3/31/24", "date"),
            ("1,234,567.8", "thousands"),
            ("1,234", "leave it out if it sets thousands apart, write a point if it is decimal"),
            ("1'234", "thousands"),
            ("12%", "unit"),
            ("$3.50", "unit"),
            ("1;2;3", "delimiter"),
            ("1 2", "delimiter"),
        ] {
            let found = remedy(field, b',').unwrap_or("nothing");
            assert!(found.contains(words), "{field}: {found}");
        }
        for field in ["male", "a,b", "", "x-1-2", "1.2.3.4", "--"] {
            assert_eq!(remedy(field, b','), None, "{field}");
        }
    }
}
