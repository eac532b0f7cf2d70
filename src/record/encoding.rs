//! The rows of a trial as the journal holds them: typed values in a few bytes each.
//!
//! ```text
//! payload = key, then one section per table of the run, in its order
//! key     = one value per column of TRIAL_KEY
//! section = bytes of its rows, u64 little endian; then the rows
//! row     = one value per column of the table
//! value   = 00                                    missing
//!         | 01  zigzag integer, LEB128            Int
//!         | 02  f64, little endian                Float, every bit of it, NaN's too
//!         | 03  bytes, LEB128; UTF-8              Text
//! ```
//! Nothing here depends on the trial's index or on the grid around it: a trial of two runs that share its definition
//! has the same payload in both. How many tables and columns there are is part of the run's identity, which seals
//! every frame, and therefore not said again.
//!
//! Reading allocates nothing, whatever the bytes say: a value is a view of the payload.

use std::fmt;

use crate::measure::TRIAL_KEY;
use crate::measure::table::{Sink, Value};

const MISSING: u8 = 0;
const INT: u8 = 1;
const FLOAT: u8 = 2;
const TEXT: u8 = 3;

/// One value read back: [`Value`], but a text belongs to the payload it was read from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Field<'a> {
    /// Not computed, or not defined here.
    Missing,
    /// A count or an index.
    Int(i64),
    /// A measurement.
    Float(f64),
    /// Words.
    Text(&'a str),
}

impl<'a> From<&'a Value> for Field<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Missing => Self::Missing,
            Value::Int(value) => Self::Int(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Text(text) => Self::Text(text),
            Value::Words(words) => Self::Text(words),
        }
    }
}

/// Why bytes are no rows of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// They end inside a value.
    CutShort,
    /// No value begins with this byte.
    UnknownTag(u8),
    /// An integer of more than 64 bits.
    LongInteger,
    /// A text that is not UTF-8.
    NotUtf8,
    /// Bytes behind the last table.
    Trailing,
    /// A word where a number belongs, or a number where a word does.
    WrongKind,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort => f.write_str("a value is cut short"),
            Self::UnknownTag(tag) => write!(f, "no value begins with byte {tag:#04x}"),
            Self::LongInteger => f.write_str("an integer has more than 64 bits"),
            Self::NotUtf8 => f.write_str("a text is not UTF-8"),
            Self::Trailing => f.write_str("there are bytes behind the last table"),
            Self::WrongKind => f.write_str("a word stands for a number, or a number for a word"),
        }
    }
}

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

fn push(out: &mut Vec<u8>, value: &Value) {
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

/// A payload taken apart: the trial's key, and the rows of each table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TrialRows<'a> {
    /// The values of [`TRIAL_KEY`].
    pub(crate) key: [Field<'a>; TRIAL_KEY.len()],
    /// The key without the replicate, as it is written: two trials with the same bytes belong to the same cell.
    pub(crate) cell: &'a [u8],
    sections: Fields<'a>,
}

impl<'a> TrialRows<'a> {
    /// Takes `payload` apart, which has the rows of `tables` tables. The rows themselves are looked at by whoever reads
    /// them.
    pub(crate) fn decode(payload: &'a [u8], tables: usize) -> Result<Self, Malformed> {
        let mut rest = Fields(payload);
        let mut key = [Field::Missing; TRIAL_KEY.len()];
        let mut cell = payload;
        for field in &mut key {
            cell = &payload[..payload.len() - rest.0.len()];
            *field = rest.read()?;
        }
        let sections = rest;
        for _ in 0..tables {
            rest.section()?;
        }
        if rest.is_empty() { Ok(Self { key, cell, sections }) } else { Err(Malformed::Trailing) }
    }

    /// All rows of table number `table`.
    pub(crate) fn table(&self, table: usize) -> Result<Fields<'a>, Malformed> {
        let mut rest = self.sections;
        for _ in 0..table {
            rest.section()?;
        }
        rest.section()
    }
}

/// Values one after the other: all rows of a table, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Whether all values are read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the next value.
    pub(crate) fn read(&mut self) -> Result<Field<'a>, Malformed> {
        let [tag] = self.array()?;
        match tag {
            MISSING => Ok(Field::Missing),
            INT => {
                let zigzag = self.leb128()?;
                Ok(Field::Int((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed()))
            }
            FLOAT => Ok(Field::Float(f64::from_le_bytes(self.array()?))),
            TEXT => {
                let bytes = self.leb128()?;
                std::str::from_utf8(self.bytes(bytes)?).map(Field::Text).map_err(|_| Malformed::NotUtf8)
            }
            other => Err(Malformed::UnknownTag(other)),
        }
    }

    /// Takes the values that are written as `encoded`, if they come next: to be the same is to be written the same.
    #[inline]
    pub(crate) fn skip(&mut self, encoded: &[u8]) -> bool {
        let rest = match <&[u8; 9]>::try_from(encoded) {
            // A single float, as most keys are: compared in registers.
            Ok(float) => self.0.split_first_chunk().filter(|(next, _)| *next == float).map(|(_, rest)| rest),
            Err(_) => self.0.strip_prefix(encoded),
        };
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Takes the next value if it is a float, which nearly all are: in registers, where [`Fields::read`] needs memory.
    #[inline]
    pub(crate) fn float(&mut self) -> Option<f64> {
        let (bytes, rest) = self.0.split_first_chunk::<9>().filter(|(bytes, _)| bytes[0] == FLOAT)?;
        self.0 = rest;
        bytes.last_chunk().map(|bits| f64::from_le_bytes(*bits))
    }

    /// As [`Fields::read`], with the bytes that were read.
    pub(crate) fn read_with_bytes(&mut self) -> Result<(Field<'a>, &'a [u8]), Malformed> {
        let before = self.0;
        let field = self.read()?;
        Ok((field, &before[..before.len() - self.0.len()]))
    }

    fn section(&mut self) -> Result<Self, Malformed> {
        let bytes = u64::from_le_bytes(self.array()?);
        self.bytes(bytes).map(Self)
    }

    fn leb128(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = self.array()?;
            let low = u64::from(byte & 0x7F);
            if low << shift >> shift != low {
                return Err(Malformed::LongInteger);
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed::LongInteger)
    }

    fn bytes(&mut self, count: u64) -> Result<&'a [u8], Malformed> {
        let (taken, rest) =
            usize::try_from(count).ok().and_then(|count| self.0.split_at_checked(count)).ok_or(Malformed::CutShort)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed::CutShort)?;
        self.0 = rest;
        Ok(*taken)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
