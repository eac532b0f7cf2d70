//! Payload -> rows. Nothing is allocated, whatever the bytes say: a value is a view of the payload.

use super::{FLOAT, Field, INT, MISSING, Malformed, TEXT};
use crate::measure::TRIAL_KEY;

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
pub(crate) struct Fields<'a>(pub(super) &'a [u8]);

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
