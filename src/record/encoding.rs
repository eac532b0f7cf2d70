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

mod read;
mod write;

use std::fmt;

use crate::measure::table::Value;
pub(crate) use read::{Fields, TrialRows};
pub(crate) use write::encode;
pub use write::{Payload, Section};

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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
