//! Values -> CSV bytes. Pure functions: called for every trial from the threads that measure it.
//!
//! Bytes are appended straight to a `Vec<u8>`; `docs/record.md` has the measurement against `csv::Writer`, and a test
//! holds the two to the same bytes.

use std::io::Write as _;

use crate::measure::TRIAL_KEY;
use crate::measure::table::{Schema, Value};

/// The header line of a table: [`TRIAL_KEY`], then the table's own columns.
pub fn csv_header(schema: &Schema) -> String {
    let names: Vec<&str> = TRIAL_KEY.iter().chain(schema.columns).map(|column| column.name).collect();
    names.join(",") + "\n"
}

/// The CSV lines of one trial in one table: each row is `key` followed by the row's own values, and ends in LF.
///
/// Floats are the shortest decimal that reads back to the same bits (`0.1`, `1e-12`, `NaN`, `inf`, `-inf`), a missing
/// value is an empty field. Same arguments, same bytes.
pub fn csv_rows(key: &[Value], rows: &[Vec<Value>]) -> Vec<u8> {
    let mut prefix = Vec::with_capacity(16 * key.len());
    for value in key {
        push_value(&mut prefix, value);
        prefix.push(b',');
    }
    let fields: usize = rows.iter().map(Vec::len).sum();
    let mut out = Vec::with_capacity(rows.len() * (prefix.len() + 1) + fields * 20);
    for row in rows {
        out.extend_from_slice(&prefix);
        for value in row {
            push_value(&mut out, value);
            out.push(b',');
        }
        // Every field left a comma behind it; the line's last one becomes its end.
        out.pop();
        out.push(b'\n');
    }
    out
}

/// Appends a float as every file of a run writes it.
pub(crate) fn push_float(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(ryu::Buffer::new().format(value).as_bytes());
}

fn push_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Missing => {}
        Value::Int(value) => {
            // Writing to memory cannot fail.
            let _ = write!(out, "{value}");
        }
        Value::Float(value) => push_float(out, *value),
        Value::Text(text) => push_text(out, text),
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

    /// The same line by the csv crate.
    fn reference(key: &[Value], rows: &[Vec<Value>]) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            for value in key.iter().chain(row) {
                match value {
                    Value::Missing => writer.write_field("").unwrap(),
                    Value::Int(value) => writer.write_field(value.to_string()).unwrap(),
                    Value::Float(value) => writer.write_field(ryu::Buffer::new().format(*value)).unwrap(),
                    Value::Text(text) => writer.write_field(text).unwrap(),
                }
            }
            writer.write_record(None::<&[u8]>).unwrap();
        }
        writer.into_inner().unwrap()
    }

    proptest! {
        #[test]
        fn same_bytes_as_the_csv_crate(
            key in prop::collection::vec(value(), 2..4),
            rows in (0_usize..5).prop_flat_map(|width| prop::collection::vec(prop::collection::vec(value(), width), 0..6)),
        ) {
            prop_assert_eq!(csv_rows(&key, &rows), reference(&key, &rows));
        }

        #[test]
        fn floats_read_back_to_the_same_bits(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            let mut text = Vec::new();
            push_float(&mut text, value);
            let back: f64 = std::str::from_utf8(&text).unwrap().parse().unwrap();
            prop_assert!(back.to_bits() == bits || (back.is_nan() && value.is_nan()));
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
            Value::Text("unresolved"),
        ];
        assert_eq!(csv_rows(&key, &[row]), b"50,5,,0,1e-12,NaN,-inf,,0.1,unresolved\n");
    }
}
