//! Values -> CSV bytes.
//!
//! Bytes are appended straight to memory; `docs/record.md` has the measurement against `csv::Writer`, and a test
//! holds the two to the same bytes.

use super::encoding::{Field, Fields, Malformed};
use super::text::{Place, Text};
use crate::measure::TRIAL_KEY;
use crate::measure::table::{Schema, Value};

/// The header line of a table: [`TRIAL_KEY`], then the table's own columns.
pub fn csv_header(schema: &Schema) -> String {
    let names: Vec<&str> = TRIAL_KEY.iter().chain(schema.columns).map(|column| column.name).collect();
    names.join(",") + "\n"
}

/// One line of fields, which ends in LF.
pub fn csv_line(values: &[Value]) -> Vec<u8> {
    let mut line = Text::default();
    for value in values {
        line.field(value.into());
        line.comma();
    }
    line.end_line();
    line.into_bytes()
}

/// Lines of one table, trial after trial.
///
/// Floats are the shortest decimal that reads back to the same bits (`0.1`, `1e-12`, `NaN`, `inf`, `-inf`), a missing
/// value is an empty field. Same trials, same bytes.
#[derive(Debug)]
pub(crate) struct TableText {
    /// The lines, each of which ends in LF.
    lines: Text,
    /// How many.
    rows: u64,
    /// How the lines of the trial at hand begin.
    prefix: Text,
    /// The keys that every row begins with.
    keys: usize,
    /// By row of a trial: nearly always the next trial has the same keys there.
    known: Vec<KeyText>,
    /// By column behind the keys.
    above: Vec<Option<FloatAbove>>,
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
    place: Place,
}

/// Rows whose keys are remembered; what lies behind them is formatted again for every trial.
const MOST_KNOWN: usize = 1 << 10;

impl TableText {
    /// No line yet of the table `schema`.
    pub(crate) fn new(schema: &Schema) -> Self {
        let keys = schema.leading_keys();
        Self {
            lines: Text::default(),
            rows: 0,
            prefix: Text::default(),
            keys,
            known: Vec::new(),
            above: vec![None; schema.columns.len() - keys],
        }
    }

    /// The lines, each of which ends in LF.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.lines.as_bytes()
    }

    /// How many lines.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends the lines of a trial: each is `key` followed by the row's own values.
    pub(crate) fn push(&mut self, key: &[Field<'_>], mut fields: Fields<'_>) -> Result<(), Malformed> {
        self.prefix.clear();
        for field in key {
            self.prefix.field(*field);
            self.prefix.comma();
        }
        let mut row = 0;
        while !fields.is_empty() {
            self.lines.push(self.prefix.as_bytes());
            self.push_keys(row, &mut fields)?;
            for above in &mut self.above {
                match fields.float() {
                    Some(value) => FloatAbove::push(above, value, &mut self.lines),
                    None => self.lines.field(fields.read()?),
                }
                self.lines.comma();
            }
            self.lines.end_line();
            row += 1;
        }
        self.rows += row as u64;
        Ok(())
    }

    /// Makes room for `times` what is there.
    pub(crate) fn reserve(&mut self, times: usize) {
        self.lines.reserve(self.lines.as_bytes().len() * times);
    }

    /// Forgets the lines; the memory stays, and so do the keys, which the next trials have too.
    pub(crate) fn clear(&mut self) {
        self.lines.clear();
        self.rows = 0;
        self.above.fill(None);
    }

    /// Appends the keys of row number `row` of its trial.
    #[inline]
    fn push_keys(&mut self, row: usize, fields: &mut Fields<'_>) -> Result<(), Malformed> {
        match self.known.get(row) {
            Some(known) if fields.skip(&known.encoded) => self.lines.push(&known.text),
            _ => self.push_new_keys(row, fields)?,
        }
        Ok(())
    }

    fn push_new_keys(&mut self, row: usize, fields: &mut Fields<'_>) -> Result<(), Malformed> {
        let (mut encoded, mut text) = (Vec::new(), Text::default());
        for _ in 0..self.keys {
            let (field, bytes) = fields.read_with_bytes()?;
            encoded.extend_from_slice(bytes);
            text.field(field);
            text.comma();
        }
        self.lines.push(text.as_bytes());
        let known = KeyText { encoded, text: text.into_bytes() };
        if row < self.known.len() {
            self.known[row] = known;
        } else if row < MOST_KNOWN {
            self.known.push(known);
        }
        Ok(())
    }
}

impl FloatAbove {
    /// Appends `value`, which stands below `above`, to `lines` and takes its place.
    #[inline]
    fn push(above: &mut Option<Self>, value: f64, lines: &mut Text) {
        let bits = value.to_bits();
        let place = match above {
            Some(above) if above.bits == bits => lines.float_again(above.place),
            _ => lines.float(value),
        };
        *above = Some(Self { bits, place });
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
