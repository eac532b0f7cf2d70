//! The worked examples: their numbers against NumPy's, their text against snapshots.
//!
//! `tests/fixtures/examples.json` holds what NumPy gives for the expression beside each number, recorded by
//! `examples.py` from the very scripts that the reports end with.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use nullsweep::example::{Example, Number, Part, Report, Row, Value};

/// Relative agreement with NumPy where NumPy is right.
const RTOL: f64 = 1e-12;

/// Expressions of which NumPy itself has fewer digits. It forms Z'Z and loses kappa^2 u = 4e-10 by that. It finds the
/// weight of years, 674/54665, as a small part of a long vector; `the_minimum_norm_weights_are_exact` is stricter.
const ROUGH: [(&str, f64); 2] = [("cond(Z.T @ Z)", 1e-8), ("w[1]", 1e-9)];

fn recorded(example: Example) -> serde_json::Map<String, serde_json::Value> {
    let all: serde_json::Value = serde_json::from_str(include_str!("fixtures/examples.json")).unwrap();
    all[example.name()].as_object().unwrap().clone()
}

/// The number with this label in the section with this title.
fn number(report: &Report, title: &str, label: &str) -> Value {
    let section = report.sections.iter().find(|section| section.title.starts_with(title)).expect(title);
    let numbers = section.parts.iter().filter_map(|part| match part {
        Part::Numbers { numbers } => Some(numbers),
        _ => None,
    });
    numbers.flatten().find(|number| number.label == label).expect(label).value
}

fn real(value: Value) -> f64 {
    match value {
        Value::Real { value } | Value::Noise { value } => value,
        other => panic!("{other:?}"),
    }
}

fn count(value: Value) -> usize {
    match value {
        Value::Count { value } => value,
        other => panic!("{other:?}"),
    }
}

fn enclosed(value: Value) -> (f64, f64, f64) {
    match value {
        Value::Enclosed { value, lo, hi } => (value, lo, hi),
        other => panic!("{other:?}"),
    }
}

fn row<'a>(report: &'a Report, label: &str) -> &'a Row {
    let parts = report.sections.iter().flat_map(|section| &section.parts);
    let rows = parts.filter_map(|part| match part {
        Part::Table { rows, .. } => Some(rows),
        _ => None,
    });
    rows.flatten().find(|row| row.label == label).expect(label)
}

#[track_caller]
fn close(actual: f64, expected: f64, rtol: f64) {
    assert!((actual - expected).abs() <= rtol * expected.abs(), "{actual:?} is not {expected:?}");
}

/// Whether a number says nothing but that rounding happened: far below the data, or a condition number beyond 1/u.
fn is_noise(x: f64) -> bool {
    x.abs() < 1e-8 || x.abs() > 1e15
}

fn agrees(Number { label, value, numpy }: &Number, theirs: f64) -> bool {
    let expression = numpy.unwrap();
    let rtol = ROUGH.iter().find(|(rough, _)| *rough == expression).map_or(RTOL, |(_, rtol)| *rtol);
    let close = |ours: f64, slack: f64| (ours - theirs).abs() <= rtol * ours.abs() + slack;
    match *value {
        Value::Count { value } => value as f64 == theirs,
        Value::Real { value } => close(value, 0.0),
        // NumPy promises u sigma_max or so: inside the enclosure widened by that.
        Value::Enclosed { value, lo, hi } => {
            assert!(lo <= value && value <= hi, "{label}: {value} outside [{lo}, {hi}]");
            close(value, 0.0)
        }
        Value::Noise { value } => is_noise(value) && is_noise(theirs) && (value.abs() < 1.0) == (theirs.abs() < 1.0),
        Value::Unresolved { hi } => hi < 1e-20 && is_noise(theirs),
        Value::AtLeast { lo } => lo > 1e20 && is_noise(theirs),
    }
}

#[test]
fn every_number_agrees_with_numpys_expression_for_it() {
    for example in Example::ALL {
        let report = example.work();
        let recorded = recorded(example);
        for number in report.numbers().filter(|number| number.numpy.is_some()) {
            let expression = number.numpy.unwrap();
            let theirs = recorded.get(expression).expect(expression).as_f64().expect(expression);
            assert!(agrees(number, theirs), "{}: {number:?} but {expression} = {theirs:?}", example.name());
        }
    }
}

#[test]
fn the_record_and_the_reports_list_the_same_expressions() {
    for example in Example::ALL {
        let report = example.work();
        let shown: BTreeSet<&str> = report.numbers().filter_map(|number| number.numpy).collect();
        let recorded = recorded(example);
        assert_eq!(shown, recorded.keys().map(String::as_str).collect(), "{}", example.name());
    }
}

#[test]
fn a_wrong_number_does_not_agree() {
    let number = |value| Number { label: "x".to_owned(), value, numpy: Some("x") };
    assert!(!agrees(&number(Value::Real { value: 1.0 }), 1.0 + 1e-11));
    assert!(!agrees(&number(Value::Real { value: f64::NAN }), f64::NAN));
    assert!(!agrees(&number(Value::Noise { value: 1e-15 }), 1e-3));
    assert!(!agrees(&number(Value::Noise { value: 1e-15 }), 1e16));
    assert!(!agrees(&number(Value::Unresolved { hi: 1e-3 }), 1e-16));
    assert!(!agrees(&number(Value::Count { value: 1 }), 2.0));
}

#[test]
fn the_thin_step_moves_the_prediction_and_the_null_step_does_not() {
    let report = Example::NullSpace.work();
    let thin = "The last row of the thin V'";
    close(real(number(&report, thin, "||X (w0 + 5 z) - X w0||")), 4.637_126_950_043_969, RTOL);
    let (sigma_min, lo, hi) = enclosed(number(&report, thin, "sigma_min"));
    close(5.0 * sigma_min, 4.637_126_950_043_969, RTOL);
    assert!(hi - lo < 1e-12);
    assert!(real(number(&report, "A true null vector", "||X (w0 + 10 z) - X w0||")) < 1e-13);
    let equations = "Six equations";
    assert_eq!(count(number(&report, equations, "rank")), 6);
    assert_eq!(count(number(&report, equations, "rank, proved at least")), 6);
    assert_eq!(count(number(&report, equations, "nullity = columns - rank")), 6);
}

#[test]
fn the_two_parts_of_w_add_up() {
    let report = Example::NullSpace.work();
    let mut product = 0.0;
    for j in 1..=12 {
        let &[whole, seen, unseen] = row(&report, &format!("w_{j}")).values.as_slice() else { panic!("three columns") };
        assert!((seen + unseen - whole).abs() < 1e-14);
        product += seen * unseen;
    }
    assert!(product.abs() < 1e-14, "the parts are orthogonal: {product:e}");
}

#[test]
fn the_second_value_of_the_two_by_two_is_unresolved_and_its_rank_is_proved() {
    let report = Example::NullVector.work();
    let values = "One of the two";
    let (_, lo, hi) = enclosed(number(&report, values, "sigma_1"));
    assert!(lo <= 10f64.sqrt() && 10f64.sqrt() <= hi && hi - lo < 1e-13);
    assert!(matches!(number(&report, values, "sigma_2"), Value::Unresolved { hi } if hi < 1e-25));
    assert_eq!(count(number(&report, values, "rank, proved at least")), 1);
    assert_eq!(count(number(&report, values, "rank, proved at most")), 1);
    let z = &row(&report, "z").values;
    close(z[0], 0.5f64.sqrt(), 1e-15);
    close(z[1], -(0.5f64.sqrt()), 1e-15);
}

#[test]
fn the_residual_is_that_of_the_hand_calculation() {
    let report = Example::LeftNull.work();
    let split = "b splits";
    close(real(number(&report, split, "||r||^2")), 75.0 / 14.0, 1e-13);
    close(real(number(&report, split, "share of ||b||^2")), 75.0 / 14.0 / 546.0, 1e-13);
    for (b_hat, i) in row(&report, "b_hat").values.iter().zip([1.0, 2.0, 3.0]) {
        close(*b_hat, 87.0 / 14.0 * i, 1e-14);
    }
    // Along the null vector the error stays, off it it grows, and nowhere is it smaller.
    let error = |label: &str| row(&report, label).values[2];
    close(error("w0 + 40 (2, -1)"), 75.0 / 14.0, 1e-10);
    assert!(error("w0 + (0.1, 0)") > 5.4 && error("all 0") == 546.0);
}

#[test]
fn the_dependent_matrix_is_noise_in_f64_and_certified_in_double_double() {
    let report = Example::Conditioning.work();
    let truth = "What is true";
    // From mpmath's eigsy(X.T * X) of the stored matrix in 80 decimal digits.
    let (exact, exact_squared) = (46_774_639_923_287_057.996, 2_187_866_939_953_159_514_758_554_661_088_138.08);
    let (kappa, lo, hi) = enclosed(number(&report, truth, "kappa(X)"));
    assert!(lo <= exact && exact <= hi && hi / lo - 1.0 < 1e-6, "[{lo:e}, {hi:e}]");
    close(kappa, exact, 1e-10);
    let (squared, lo, hi) = enclosed(number(&report, truth, "kappa(X'X) = kappa(X)^2"));
    assert!(lo <= exact_squared && exact_squared <= hi, "[{lo:e}, {hi:e}]");
    close(squared, exact_squared, 1e-10);
    let gram = real(number(&report, "What plain f64 prints", "cond(X'X)"));
    assert!(gram < 1e-12 * squared, "{gram:e}");
}

#[test]
fn with_an_independent_direction_kappa_squares() {
    let report = Example::Conditioning.work();
    let nearly = "The same with an independent direction";
    let (kappa, ..) = enclosed(number(&report, nearly, "kappa(Z)"));
    close(kappa, 1_856.601_020_341_047_4, RTOL);
    let measured = real(number(&report, nearly, "cond(Z'Z), from Z'Z itself"));
    close(measured, kappa * kappa, 1e-8);
}

#[test]
fn the_minimum_norm_weights_are_exact() {
    // The slope of the regression on years is 674/377, and years and months share it as 1 to 12.
    let report = Example::Salary.work();
    let words = "The null direction";
    close(real(number(&report, words, "weight of a year in all")), 674.0 / 377.0, 1e-13);
    close(real(number(&report, words, "weight of years")), 674.0 / 377.0 / 145.0, 1e-11);
    close(real(number(&report, words, "weight of months")), 674.0 / 377.0 * 12.0 / 145.0, 1e-12);
}

#[test]
fn the_bonus_column_removes_the_error_and_not_the_ambiguity() {
    let report = Example::Salary.work();
    let people = "Six people";
    assert_eq!(count(number(&report, people, "rank")), 2);
    assert!(matches!(number(&report, people, "sigma_3"), Value::Unresolved { .. }));
    let repaired = "With a column for the bonus";
    assert!(real(number(&report, repaired, "error before, ||r||")) > 5.0);
    assert!(real(number(&report, repaired, "error after")) < 1e-12);
    close(real(number(&report, repaired, "weight of years")), 2.0 / 145.0, 1e-11);
    close(real(number(&report, repaired, "weight of months")), 24.0 / 145.0, 1e-12);
    close(real(number(&report, repaired, "weight of the bonus")), 1.0, RTOL);
    assert_eq!(count(number(&report, repaired, "rank")), 3);
    assert_eq!(count(number(&report, repaired, "nullity = columns - rank")), 1);
    let text = report.to_text();
    assert!(text.contains("12 * years - 1 * months = 0"), "{text}");
}

#[test]
fn json_holds_the_same_numbers_and_no_null_for_one() {
    for example in Example::ALL {
        let report = example.work();
        let json = report.to_json();
        assert_eq!(json["example"], example.name());
        let parts =
            json["sections"].as_array().unwrap().iter().flat_map(|section| section["parts"].as_array().unwrap());
        let numbers: Vec<_> = parts
            .filter(|part| part["kind"] == "numbers")
            .flat_map(|part| part["numbers"].as_array().unwrap())
            .collect();
        assert_eq!(numbers.len(), report.numbers().count());
        for number in numbers {
            let is_number = |key: &str| number[key].is_number();
            assert!(is_number("value") || is_number("lo") || is_number("hi"), "{number}");
        }
    }
}

/// The text of an example with the digits that are rounding replaced, so that it is the same on every machine.
fn assert_text(example: Example) {
    let text = example.work().to_text();
    assert_eq!(text, example.work().to_text(), "the same twice");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("fixtures/examples");
    // ~9e-15, ~0.
    settings.add_filter(r"~-?\d(e-?\d+)?( *)", "~[noise] ");
    // Bounds of what is unresolved.
    settings.add_filter(r"in \[0, [^\]]+\]", "in [0, tiny]");
    settings.add_filter(r"in \[\S+, inf\)", "in [huge, inf)");
    // The last digits of an enclosure depend on how V was rounded.
    settings.add_filter(r"(\d{4,}\.\d)\d{3,}", "$1..");
    settings.add_filter(r"(\d\.\d{6})\d{3,}", "$1..");
    settings.bind(|| insta::assert_snapshot!(example.name(), text));
}

#[test]
fn text_of_null_space() {
    assert_text(Example::NullSpace);
}

#[test]
fn text_of_null_vector() {
    assert_text(Example::NullVector);
}

#[test]
fn text_of_left_null() {
    assert_text(Example::LeftNull);
}

#[test]
fn text_of_conditioning() {
    assert_text(Example::Conditioning);
}

#[test]
fn text_of_salary() {
    assert_text(Example::Salary);
}
