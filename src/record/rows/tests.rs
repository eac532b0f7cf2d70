use proptest::prelude::*;

use super::super::encoding::{TrialRows, encode};
use super::super::text::push_float;
use super::*;
use crate::measure::table::{Column, Role};

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Missing),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
        prop::sample::select(vec!["ok", "gpu-f32+f64", "a,b", "say \"no\"", "two\nlines", ""]).prop_map(Value::Text),
    ]
}

/// The same lines by the csv crate.
fn reference(key: &[Value], rows: &[Vec<Value>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        for value in key.iter().chain(row) {
            match value {
                Value::Missing => writer.write_field("").unwrap(),
                Value::Int(value) => writer.write_field(value.to_string()).unwrap(),
                Value::Float(value) => writer.write_field(float(*value)).unwrap(),
                Value::Text(text) => writer.write_field(text).unwrap(),
                Value::Words(words) => writer.write_field(words).unwrap(),
            }
        }
        writer.write_record(None::<&[u8]>).unwrap();
    }
    writer.into_inner().unwrap()
}

fn float(value: f64) -> String {
    let mut text = Vec::new();
    push_float(&mut text, value);
    String::from_utf8(text).unwrap()
}

/// `{:?}` has the shortest digits too, with exponents from 1e16 on and below 1e-4 rather than 1e-5.
fn notation(value: f64) -> String {
    let text = format!("{value:?}");
    if (1e-5..1e-4).contains(&value.abs()) { format!("{value}") } else { text }
}

/// The lines of `trials` in a table of `columns` columns, the first `keys` of which are keys.
fn lines(trials: &[([Value; 4], Vec<Vec<Value>>)], keys: usize, columns: usize) -> Result<Vec<u8>, Malformed> {
    let column =
        |at| Column { name: "", role: if at < keys { Role::Key } else { Role::Result }, unit: "", meaning: "" };
    let columns: Vec<Column> = (0..columns).map(column).collect();
    let mut text = TableText::new(&Schema { name: "", row: "", columns: columns.leak(), types: &[] });
    for (key, rows) in trials {
        let payload = encode(key, [rows]);
        let trial = TrialRows::decode(&payload, 1)?;
        text.push(&trial.key, trial.table(0)?)?;
    }
    assert_eq!(text.rows(), trials.iter().map(|(_, rows)| rows.len() as u64).sum::<u64>());
    Ok(text.bytes().to_vec())
}

/// Few different values, so that they come again.
fn frequent() -> impl Strategy<Value = Value> {
    prop_oneof![prop::sample::select(vec![0.0, -0.0, 0.1, f64::NAN, f64::INFINITY]).prop_map(Value::Float), value()]
}

/// Trials with `columns` columns.
fn trials(columns: usize) -> impl Strategy<Value = Vec<([Value; 4], Vec<Vec<Value>>)>> {
    let key = [frequent(), frequent(), frequent(), frequent()];
    let rows = prop::collection::vec(prop::collection::vec(frequent(), columns), 0..5);
    prop::collection::vec((key, rows), 0..5)
}

proptest! {
    #[test]
    fn same_bytes_as_the_csv_crate(
        (keys, columns, trials) in (1_usize..5).prop_flat_map(|columns| (0..=columns, Just(columns), trials(columns))),
    ) {
        let expected: Vec<u8> = trials.iter().flat_map(|(key, rows)| reference(key, rows)).collect();
        prop_assert_eq!(lines(&trials, keys, columns).unwrap(), expected);
        // The crate quotes the only field of a line if it is empty; our lines have more.
        for row in trials.iter().flat_map(|(_, rows)| rows).filter(|row| row.len() > 1) {
            prop_assert_eq!(csv_line(row), reference(&[], std::slice::from_ref(row)));
        }
    }

    #[test]
    fn floats_have_the_shortest_digits_and_read_back_to_the_same_bits(bits in any::<u64>(), exponent in -30..30_i32) {
        for value in [f64::from_bits(bits), (bits as f64) * 10_f64.powi(exponent)] {
            let text = float(value);
            let back: f64 = text.parse().unwrap();
            prop_assert!(back.to_bits() == value.to_bits() || (back.is_nan() && value.is_nan()), "{}", text);
            // Of two shortest texts that are equally near, `{:?}` may choose the other.
            let places = |text: &str| text.replace(|digit: char| digit.is_ascii_digit(), "0");
            prop_assert_eq!(places(&text), places(&notation(value)), "{}", text);
        }
    }
}

#[test]
fn lines_do_not_depend_on_what_was_cleared() {
    let columns: Vec<Column> = [("lambda", Role::Key), ("w", Role::Result)]
        .map(|(name, role)| Column { name, role, unit: "", meaning: "" })
        .to_vec();
    let schema = Schema { name: "", row: "", columns: columns.leak(), types: &[] };
    let push = |text: &mut TableText, lambda: f64| {
        let rows = vec![vec![Value::Float(lambda), Value::Float(0.25)]; 2];
        let payload = encode(&[1_u32, 2, 3, 4].map(Value::from), [&rows]);
        let trial = TrialRows::decode(&payload, 1).unwrap();
        text.push(&trial.key, trial.table(0).unwrap()).unwrap();
    };
    let mut used = TableText::new(&schema);
    push(&mut used, 0.5);
    used.clear();
    for lambda in [0.5, 0.75] {
        let mut new = TableText::new(&schema);
        push(&mut new, lambda);
        used.clear();
        push(&mut used, lambda);
        assert_eq!((used.bytes(), used.rows()), (new.bytes(), new.rows()));
    }
}

#[test]
fn a_line_reads_as_documented() {
    let key = [Value::Int(50), Value::Int(5), Value::Missing, Value::Int(0)];
    let row = vec![
        Value::Float(1e-12),
        Value::Float(f64::NAN),
        Value::Float(f64::NEG_INFINITY),
        Value::Missing,
        Value::Float(0.1),
        Value::Float(1e20),
        Value::Float(-0.0),
        Value::Float(2.0),
        Value::Text("unresolved"),
    ];
    let text = lines(&[(key, vec![row])], 1, 9).unwrap();
    assert_eq!(text, b"50,5,,0,1e-12,NaN,-inf,,0.1,1e20,-0.0,2.0,unresolved\n");
}

#[test]
fn a_row_that_ends_early_is_no_row() {
    let trial = ([1_u32, 2, 3, 4].map(Value::from), vec![vec![Value::Int(1), Value::Int(2)]]);
    for keys in 0..=3 {
        assert_eq!(lines(std::slice::from_ref(&trial), keys, 3), Err(Malformed::CutShort), "{keys} keys");
    }
}
