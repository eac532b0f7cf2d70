//! Values -> CSV bytes.
//!
//! Bytes are appended straight to a `Vec<u8>`; `docs/record.md` has the measurement against `csv::Writer`, and a test
//! holds the two to the same bytes.

use std::io::Write as _;

use super::encoding::{Field, Fields, Malformed};
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Schema, Value};

/// The header line of a table: [`TRIAL_KEY`], then the table's own columns.
pub fn csv_header(schema: &Schema) -> String {
    let names: Vec<&str> = TRIAL_KEY.iter().chain(schema.columns).map(|column| column.name).collect();
    names.join(",") + "\n"
}

/// One line of fields, which ends in LF.
pub(crate) fn csv_line(values: &[Value]) -> Vec<u8> {
    let mut line = Vec::new();
    for value in values {
        push_field(&mut line, value.into());
        line.push(b',');
    }
    end_line(&mut line);
    line
}

/// Appends the lines of one trial in a table of `columns` columns to `out` and returns how many: each is `key` followed
/// by the row's own values, and ends in LF.
///
/// Floats are the shortest decimal that reads back to the same bits (`0.1`, `1e-12`, `NaN`, `inf`, `-inf`), a missing
/// value is an empty field. Same arguments, same bytes.
pub(crate) fn push_rows(
    out: &mut Vec<u8>,
    key: &[Field<'_>],
    columns: usize,
    mut fields: Fields<'_>,
) -> Result<u64, Malformed> {
    let mut prefix = Vec::with_capacity(16 * key.len());
    for field in key {
        push_field(&mut prefix, *field);
        prefix.push(b',');
    }
    let mut rows = 0;
    while !fields.is_empty() {
        out.extend_from_slice(&prefix);
        for _ in 0..columns {
            push_field(out, fields.read()?);
            out.push(b',');
        }
        end_line(out);
        rows += 1;
    }
    Ok(rows)
}

/// Every field leaves a comma behind it; the line's last one becomes its end.
fn end_line(out: &mut Vec<u8>) {
    out.pop();
    out.push(b'\n');
}

fn push_field(out: &mut Vec<u8>, field: Field<'_>) {
    match field {
        Field::Missing => {}
        Field::Int(value) => {
            // Writing to memory cannot fail.
            let _ = write!(out, "{value}");
        }
        Field::Float(value) => push_float(out, value),
        Field::Text(text) => push_text(out, text),
    }
}

/// Appends a float as every file of a run writes it.
pub(crate) fn push_float(out: &mut Vec<u8>, value: f64) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format(value).as_bytes();
    // `1e+20` is `1e20` here: one notation in every file, without a sign that says nothing.
    match text.iter().rposition(|byte| *byte == b'+') {
        Some(sign) if value.abs() >= 1e16 => {
            out.extend_from_slice(&text[..sign]);
            out.extend_from_slice(&text[sign + 1..]);
        }
        _ => out.extend_from_slice(text),
    }
}

/// Quotes as RFC 4180 asks, which the words of our tables never need.
fn push_text(out: &mut Vec<u8>, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        out.push(b'"');
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::encoding::{TrialRows, encode};
    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Missing),
            any::<i64>().prop_map(Value::Int),
            any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
            prop::sample::select(vec!["ok", "gpu-f32+f64", "a,b", "say \"no\"", "two\nlines", ""])
                .prop_map(Value::Text),
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

    fn lines(key: &[Value; 4], rows: &[Vec<Value>]) -> Vec<u8> {
        let payload = encode(key, [rows]);
        let trial = TrialRows::decode(&payload, 1).unwrap();
        let mut out = Vec::new();
        let count = push_rows(&mut out, &trial.key, rows.first().map_or(1, Vec::len), trial.tables[0]).unwrap();
        assert_eq!(count, rows.len() as u64);
        out
    }

    proptest! {
        #[test]
        fn same_bytes_as_the_csv_crate(
            key in [value(), value(), value(), value()],
            rows in (1_usize..5).prop_flat_map(|width| prop::collection::vec(prop::collection::vec(value(), width), 0..6)),
        ) {
            prop_assert_eq!(lines(&key, &rows), reference(&key, &rows));
            // The crate quotes the only field of a line if it is empty; our lines have more.
            for row in rows.iter().filter(|row| row.len() > 1) {
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
        assert_eq!(lines(&key, &[row]), b"50,5,,0,1e-12,NaN,-inf,,0.1,1e20,-0.0,2.0,unresolved\n");
    }

    #[test]
    fn a_row_that_ends_early_is_no_row() {
        let payload = encode(&[1_u32, 2, 3, 4].map(Value::from), [vec![vec![Value::Int(1), Value::Int(2)]]]);
        let trial = TrialRows::decode(&payload, 1).unwrap();
        assert_eq!(push_rows(&mut Vec::new(), &trial.key, 3, trial.tables[0]), Err(Malformed::CutShort));
    }
}
