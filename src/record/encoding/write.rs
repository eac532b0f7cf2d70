//! Rows -> payload.

use super::{FLOAT, INT, MISSING, TEXT};
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Sink, Value};

/// A payload being written at the end of a buffer: the trial's key first, then the tables of the run, in their order.
pub struct Payload<'a>(&'a mut Vec<u8>);

/// The rows of one table of a payload being written.
pub struct Section<'a>(&'a mut Vec<u8>);

impl<'a> Payload<'a> {
    pub(crate) fn begin(out: &'a mut Vec<u8>, key: &[Value; TRIAL_KEY.len()]) -> Self {
        for value in key {
            push(out, value);
        }
        Self(out)
    }

    /// Appends the next table, whose rows `write` gives, possibly none.
    pub fn table(&mut self, write: impl FnOnce(&mut Section<'_>)) {
        let length_at = self.0.len();
        self.0.extend_from_slice(&[0; 8]);
        write(&mut Section(self.0));
        let bytes = (self.0.len() - length_at - 8) as u64;
        self.0[length_at..length_at + 8].copy_from_slice(&bytes.to_le_bytes());
    }
}

impl Sink for Section<'_> {
    #[inline]
    fn take(&mut self, value: Value) {
        // Nearly all are floats: these are written where the row is made, the others by a call.
        match value {
            Value::Float(value) => push_float(self.0, value),
            other => push(self.0, &other),
        }
    }
}

/// The payload of a trial with the key `key` and, for each table of the run in its order, the rows `tables`.
pub(crate) fn encode(
    key: &[Value; TRIAL_KEY.len()],
    tables: impl IntoIterator<Item = impl AsRef<[Vec<Value>]>>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let mut payload = Payload::begin(&mut out, key);
    for rows in tables {
        payload.table(|section| rows.as_ref().iter().flatten().for_each(|value| push(section.0, value)));
    }
    out
}

pub(super) fn push(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Missing => out.push(MISSING),
        Value::Int(value) => push_int(out, *value),
        Value::Float(value) => push_float(out, *value),
        Value::Text(text) => push_text(out, text),
        Value::Words(words) => push_text(out, words),
    }
}

#[inline]
fn push_float(out: &mut Vec<u8>, value: f64) {
    let mut bytes = [FLOAT; 9];
    bytes[1..].copy_from_slice(&value.to_le_bytes());
    out.extend_from_slice(&bytes);
}

fn push_int(out: &mut Vec<u8>, value: i64) {
    out.push(INT);
    // Zigzag: small magnitudes become small numbers, whatever their sign.
    push_leb128(out, (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned());
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(TEXT);
    push_leb128(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Seven bits a byte, lowest first; the high bit says that more follow.
fn push_leb128(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = value.to_le_bytes()[0] & 0x7F;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}
