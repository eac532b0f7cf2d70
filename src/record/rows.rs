//! Values -> CSV bytes.
//!
//! Bytes are appended straight to a `Vec<u8>`; `docs/record.md` has the measurement against `csv::Writer`, and a test
//! holds the two to the same bytes.

use super::encoding::{Field, Fields, Malformed};
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Schema, Value};

/// The header line of a table: [`TRIAL_KEY`], then the table's own columns.
pub fn csv_header(schema: &Schema) -> String {
    let names: Vec<&str> = TRIAL_KEY.iter().chain(schema.columns).map(|column| column.name).collect();
    names.join(",") + "\n"
}

/// One line of fields, which ends in LF.
pub fn csv_line(values: &[Value]) -> Vec<u8> {
    let mut line = Vec::new();
    for value in values {
        push_field(&mut line, value.into());
        line.push(b',');
    }
    end_line(&mut line);
    line
}

/// Lines of one table, trial after trial.
///
/// Floats are the shortest decimal that reads back to the same bits (`0.1`, `1e-12`, `NaN`, `inf`, `-inf`), a missing
/// value is an empty field. Same trials, same bytes.
#[derive(Debug)]
pub(crate) struct TableText {
    /// The lines, each of which ends in LF.
    pub(crate) bytes: Vec<u8>,
    /// How many.
    pub(crate) rows: u64,
    /// How the lines of the trial at hand begin.
    prefix: Vec<u8>,
    /// The keys that every row begins with.
    keys: usize,
    /// By row of a trial: nearly always the next trial has the same keys there.
    known: Vec<KeyText>,
    /// By column behind the keys.
    above: Vec<FloatAbove>,
}

/// The keys of a row.
#[derive(Debug, Default)]
struct KeyText {
    /// As a payload has them.
    encoded: Vec<u8>,
    /// As a line has them.
    text: Vec<u8>,
}

/// A float of the row above, which is often the same: what does not depend on lambda, infinities.
#[derive(Clone, Copy, Debug)]
struct FloatAbove {
    bits: u64,
    /// Where in the lines its text lies.
    start: usize,
    length: usize,
}

const NOTHING_ABOVE: FloatAbove = FloatAbove { bits: 0, start: 0, length: 0 };

/// Rows whose keys are remembered; what lies behind them is formatted again for every trial.
const MOST_KNOWN: usize = 1 << 10;

impl TableText {
    /// No line yet of the table `schema`.
    pub(crate) fn new(schema: &Schema) -> Self {
        let keys = schema.leading_keys();
        Self {
            bytes: Vec::new(),
            rows: 0,
            prefix: Vec::new(),
            keys,
            known: Vec::new(),
            above: vec![NOTHING_ABOVE; schema.columns.len() - keys],
        }
    }

    /// Appends the lines of a trial: each is `key` followed by the row's own values.
    pub(crate) fn push(&mut self, key: &[Field<'_>], mut fields: Fields<'_>) -> Result<(), Malformed> {
        self.prefix.clear();
        for field in key {
            push_field(&mut self.prefix, *field);
            self.prefix.push(b',');
        }
        let mut row = 0;
        while !fields.is_empty() {
            push_short(&mut self.bytes, &self.prefix);
            self.push_keys(row, &mut fields)?;
            for column in 0..self.above.len() {
                match fields.float() {
                    Some(value) => self.push_float(column, value),
                    None => push_field(&mut self.bytes, fields.read()?),
                }
                self.bytes.push(b',');
            }
            end_line(&mut self.bytes);
            row += 1;
        }
        self.rows += row as u64;
        Ok(())
    }

    /// Forgets the lines; the memory stays, and so do the keys, which the next trials have too.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.rows = 0;
        self.above.fill(NOTHING_ABOVE);
    }

    /// Appends the keys of row number `row` of its trial.
    fn push_keys(&mut self, row: usize, fields: &mut Fields<'_>) -> Result<(), Malformed> {
        if let Some(known) = self.known.get(row)
            && fields.skip(&known.encoded)
        {
            push_short(&mut self.bytes, &known.text);
            return Ok(());
        }
        let (start, mut encoded) = (self.bytes.len(), Vec::new());
        for _ in 0..self.keys {
            let (field, bytes) = fields.read_with_bytes()?;
            encoded.extend_from_slice(bytes);
            push_field(&mut self.bytes, field);
            self.bytes.push(b',');
        }
        let known = KeyText { encoded, text: self.bytes[start..].to_vec() };
        if row < self.known.len() {
            self.known[row] = known;
        } else if row < MOST_KNOWN {
            self.known.push(known);
        }
        Ok(())
    }

    /// Appends a float of the column number `column` behind the keys.
    fn push_float(&mut self, column: usize, value: f64) {
        let above = &mut self.above[column];
        if above.length > 0 && above.bits == value.to_bits() {
            self.bytes.extend_from_within(above.start..above.start + above.length);
        } else {
            let start = self.bytes.len();
            push_float(&mut self.bytes, value);
            *above = FloatAbove { bits: value.to_bits(), start, length: self.bytes.len() - start };
        }
    }
}

/// Every field leaves a comma behind it; the line's last one becomes its end.
pub(crate) fn end_line(out: &mut Vec<u8>) {
    out.pop();
    out.push(b'\n');
}

/// Appends a field.
pub(crate) fn push_field(out: &mut Vec<u8>, field: Field<'_>) {
    match field {
        Field::Missing => {}
        Field::Int(value) => push_int(out, value),
        Field::Float(value) => push_float(out, value),
        Field::Text(text) => push_text(out, text),
    }
}

/// Appends a float as every file of a run writes it.
pub(crate) fn push_float(out: &mut Vec<u8>, value: f64) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format(value).as_bytes();
    // `1e+20` is `1e20` here, as it always was.
    let sign = if value.abs() >= 1e16 { text.iter().position(|byte| *byte == b'+') } else { None };
    match sign {
        Some(sign) => {
            out.extend_from_slice(&text[..sign]);
            out.extend_from_slice(&text[sign + 1..]);
        }
        None => push_short(out, text),
    }
}

fn push_int(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = [0; 20];
    let mut first = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10).to_le_bytes()[0];
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

/// Appends `bytes`, which are 8 to 24 more often than not: then without the call that a copy of unknown length is.
#[inline]
fn push_short(out: &mut Vec<u8>, bytes: &[u8]) {
    /// Appends the first A bytes and then, over their end, the last 8.
    #[inline]
    fn overlapped<const A: usize>(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
        let (head, tail) = (bytes.first_chunk::<A>()?, bytes.last_chunk::<8>()?);
        let end = out.len() + bytes.len();
        out.extend_from_slice(head);
        out.truncate(end - tail.len());
        out.extend_from_slice(tail);
        Some(())
    }
    let pushed = match bytes.len() {
        8..=16 => overlapped::<8>(out, bytes),
        17..=24 => overlapped::<16>(out, bytes),
        _ => None,
    };
    if pushed.is_none() {
        out.extend_from_slice(bytes);
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
    use crate::measure::table::{Column, Role};

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
        assert_eq!(text.rows, trials.iter().map(|(_, rows)| rows.len() as u64).sum::<u64>());
        Ok(text.bytes)
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
    fn the_ends_of_the_integers() {
        for value in [0, 9, 10, -1, i64::MAX, i64::MIN] {
            assert_eq!(csv_line(&[Value::Int(value)]), format!("{value}\n").into_bytes());
        }
    }

    #[test]
    fn a_short_copy_is_a_copy() {
        let bytes: Vec<u8> = (0..40).collect();
        for length in 0..=bytes.len() {
            let mut out = b"before".to_vec();
            push_short(&mut out, &bytes[..length]);
            assert_eq!(out, [b"before", &bytes[..length]].concat(), "{length} bytes");
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
            assert_eq!((&used.bytes, used.rows), (&new.bytes, new.rows));
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
}
