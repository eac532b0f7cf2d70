#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::parser::MAX_LENGTH;
use super::*;

/// n, d, epsilon, lambda, delta and alpha, then two words.
struct Here;

const NUMBERS: [f64; 6] = [50.0, 20.0, 1e-3, 0.5, f64::NAN, 5.0];

impl Point for Here {
    fn number(&self, variable: usize) -> f64 {
        NUMBERS[variable]
    }

    fn word(&self, variable: usize) -> &str {
        ["normal-equations", "none"][variable - NUMBERS.len()]
    }
}

fn vocabulary() -> Vocabulary<'static> {
    let numbers = ["n", "d", "epsilon", "lambda", "delta", "alpha"].map(|name| Variable { name, kind: Kind::Number });
    let words = ["solver", "what"].map(|name| Variable { name, kind: Kind::Word });
    Vocabulary { noun: "a column", variables: numbers.into_iter().chain(words).collect() }
}

fn parse(text: &str) -> Result<Condition, SyntaxError> {
    Condition::parse(text, &vocabulary())
}

fn holds(text: &str) -> bool {
    parse(text).unwrap().holds(&Here)
}

fn value(text: &str) -> f64 {
    Formula::parse(text, &vocabulary()).unwrap().value(&Here)
}

#[test]
fn precedence_is_that_of_school() {
    for text in [
        "n >= 2*d",
        "1 + 2 * 3 == 7",
        "2 * 3 ^ 2 == 18",
        "2^3^2 == 512",
        "-2^2 == -4",
        "2^-1 == 0.5",
        "7 - 2 - 1 == 4",
        "8 / 4 / 2 == 1",
        "n < d or d < n and n == 50",
        "not n < d && !(d > n)",
        "10 <= d < 50",
        "(n > 1) and ((d) > (1))",
        "min(n, d, 3) == 3 and max(n,d) == n",
        "abs(-3) == 3 and sqrt(9) == 3",
        "abs(log10(epsilon) + 3) < 1e-12",
        "1_000 > 1e+2",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in ["n < d", "not n > d", "50 <= d < 60", "n != 50", "n == 50 and d == 50"] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn words_are_compared_with_words() {
    for text in [
        "solver == 'normal-equations'",
        "solver != \"qr\" and what == 'none'",
        "'none' == what",
        "solver != what",
        "not solver == 'svd' and n == 50",
    ] {
        assert!(holds(text), "{text}");
    }
    assert!(!holds("solver == 'qr' or what != 'none'"));
}

#[test]
fn formulas_are_worth_numbers() {
    for (text, expected) in [
        ("d / n", 0.4),
        ("log(exp(2))", 2.0),
        ("log2(8) + log10(100)", 5.0),
        ("-sqrt(n - 1) ^ 2", -49.0),
        ("max(d, n, 3)", 50.0),
    ] {
        let found = value(text);
        assert!((found - expected).abs() < 1e-12, "{text}: {found}");
    }
    assert!(value("min(n, delta)").is_nan(), "the least of what is there is not the least of all");
    assert!(value("delta + 1").is_nan());
    let parsed = Formula::parse("(d)", &vocabulary()).unwrap();
    assert_eq!(parsed.as_variable(), Some(1));
    assert_eq!(parsed.mentions(), [Mention { variable: 1, offset: 1 }]);
    assert_eq!(Formula::parse("d + 0", &vocabulary()).unwrap().as_variable(), None);
}

#[test]
fn a_formula_is_no_condition_and_no_word() {
    for (text, part) in
        [("n > 1", "a comparison"), ("solver", "a word"), ("'qr'", "a word"), ("n +", "the expression ends")]
    {
        let error = Formula::parse(text, &vocabulary()).unwrap_err();
        assert!(error.message.contains(part), "{text}: {error:?}");
    }
}

#[test]
fn nothing_compares_with_nan() {
    for sign in ["<", "<=", "==", "!=", ">=", ">"] {
        assert!(!holds(&format!("delta {sign} 1")), "{sign}");
    }
}

#[test]
fn errors_point_at_the_fault() {
    for (text, offset, length, part) in [
        ("n >= 2*", 7, 1, "ends here"),
        ("n = 5", 2, 1, "=="),
        ("n + 5", 0, 5, "a comparison"),
        ("n >= foo", 5, 3, "no `foo`"),
        ("n > 1 and d", 10, 1, "comparisons"),
        ("n > lamda", 4, 5, "did you mean `lambda`"),
        ("(n > 1", 6, 1, "`)`"),
        ("n > 1 )", 6, 1, "the end"),
        ("(n > 1) + 2 > 1", 0, 7, "numbers around"),
        ("n ** 2 > 1", 2, 2, "written ^"),
        ("min(n) > 1", 0, 6, "at least two"),
        ("n > 1.2.3", 4, 5, "not a number"),
        ("n > é", 4, 2, "found `é`"),
        ("solver == n", 10, 1, "a word such as 'qr'"),
        ("solver < 'qr'", 0, 13, "not by <"),
        ("solver == 'qr", 10, 3, "no closing '"),
        ("1 + solver == 'qr'", 4, 6, "numbers around"),
        ("n < d == 'x'", 0, 12, "two at a time"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.offset, error.length), (offset, length), "{text}: {error:?}");
        assert!(error.message.contains(part), "{text}: {error:?}");
    }
}

#[test]
fn depth_and_length_are_limited() {
    let error = parse(&"(".repeat(500)).unwrap_err();
    assert!(error.message.contains("nested"), "{error:?}");
    assert!(parse(&"-".repeat(999)).is_err());
    assert!(parse(&format!("n > 1{}", " ".repeat(MAX_LENGTH))).is_err());
    let long = format!("0{} < n", "+0".repeat(490));
    assert!(parse(&long).unwrap().holds(&Here));
}

proptest! {
    #[test]
    fn never_panics(text in ".{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn never_panics_on_near_misses(parts in prop::collection::vec(prop::sample::select(vec![
        "n", "d", "lambda", "1", "2.5e", "(", ")", "min(", ",", "^", "*", "-", "<", "<=", "=", "==", "!", "not ",
        "and ", " or ", "solver", "'", "log(", "&&", "||", "e-", "é", ".", "_",
    ]), 0..25)) {
        if let Ok(condition) = parse(&parts.concat()) {
            condition.holds(&Here);
        }
    }
}
