//! Rows of a table, column by column.

use std::ops::Range;

use ::parquet::data_type::ByteArray;

use super::super::encoding::{Field, Fields, Malformed};
use super::super::sinks::Rows;
use crate::measure::TRIAL_KEY_TYPES;
use crate::measure::table::{Kind, Presence, Schema, Type};

/// Definition level of a field that is not empty.
const PRESENT: i16 = 1;
/// Definition level of an empty field.
const EMPTY: i16 = 0;

/// Rows of a table, in key order.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
}

/// One column of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) values: Values,
    /// One for each row, [`PRESENT`] or [`EMPTY`]; `None` where no field is ever empty.
    pub(super) levels: Option<Vec<i16>>,
    /// Words met so far, so that each is in memory once.
    known: Vec<ByteArray>,
}

/// One value for each row; where the field is empty, one that means nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    Words(Vec<ByteArray>),
}

/// Words that are remembered; those of our tables come from short fixed lists.
const MOST_KNOWN: usize = 16;

impl Columns {
    /// No row yet of a table whose columns, key included, hold `types`.
    pub(super) fn new(types: impl IntoIterator<Item = Type>) -> Self {
        Self { columns: types.into_iter().map(Column::new).collect(), rows: 0 }
    }

    /// No row yet of the table `schema`.
    pub(super) fn of_table(schema: &Schema) -> Self {
        Self::new(TRIAL_KEY_TYPES.iter().chain(schema.types).copied())
    }

    /// Appends the rows `range` of `other`, a piece of the same table.
    pub(super) fn extend(&mut self, other: &Self, range: Range<usize>) {
        for (column, of_other) in self.columns.iter_mut().zip(&other.columns) {
            column.extend(of_other, range.clone());
        }
        self.rows += range.len();
    }

    /// Forgets the rows, but not the memory.
    pub(super) fn clear(&mut self) {
        self.columns.iter_mut().for_each(Column::clear);
        self.rows = 0;
    }
}

impl Rows for Columns {
    fn new(schema: &Schema) -> Self {
        Self::of_table(schema)
    }

    fn push(&mut self, key: &[Field<'_>], mut fields: Fields<'_>) -> Result<(), Malformed> {
        let (of_key, own) = self.columns.split_at_mut(TRIAL_KEY_TYPES.len());
        while !fields.is_empty() {
            for (column, field) in of_key.iter_mut().zip(key) {
                column.push(*field)?;
            }
            for column in own.iter_mut() {
                match fields.float() {
                    Some(value) => column.push(Field::Float(value))?,
                    None => column.push(fields.read()?)?,
                }
            }
            self.rows += 1;
        }
        Ok(())
    }

    fn reserve(&mut self, times: usize) {
        let rows = self.rows * times;
        for column in &mut self.columns {
            match &mut column.values {
                Values::Integers(values) => values.reserve(rows),
                Values::Numbers(values) => values.reserve(rows),
                Values::Words(values) => values.reserve(rows),
            }
            if let Some(levels) = &mut column.levels {
                levels.reserve(rows);
            }
        }
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl Column {
    /// An empty column that holds `of`.
    pub(super) fn new(of: Type) -> Self {
        let values = match of.kind {
            Kind::Integer => Values::Integers(Vec::new()),
            Kind::Number => Values::Numbers(Vec::new()),
            Kind::Word => Values::Words(Vec::new()),
        };
        let levels = match of.presence {
            Presence::Always => None,
            Presence::Sometimes => Some(Vec::new()),
        };
        Self { values, levels, known: Vec::new() }
    }

    /// Appends a field. In a table of text an empty word and an empty field are the same; they are here.
    pub(super) fn push(&mut self, field: Field<'_>) -> Result<(), Malformed> {
        let level = match (field, &mut self.values) {
            (Field::Missing | Field::Text(""), values) if self.levels.is_some() => {
                values.push_nothing();
                EMPTY
            }
            (Field::Int(value), Values::Integers(values)) => {
                values.push(value);
                PRESENT
            }
            (Field::Float(value), Values::Numbers(values)) => {
                values.push(value);
                PRESENT
            }
            (Field::Text(word), Values::Words(values)) => {
                values.push(intern(&mut self.known, word));
                PRESENT
            }
            _ => return Err(Malformed::WrongKind),
        };
        if let Some(levels) = &mut self.levels {
            levels.push(level);
        }
        Ok(())
    }

    fn extend(&mut self, other: &Self, range: Range<usize>) {
        match (&mut self.values, &other.values) {
            (Values::Integers(to), Values::Integers(from)) => to.extend_from_slice(&from[range.clone()]),
            (Values::Numbers(to), Values::Numbers(from)) => to.extend_from_slice(&from[range.clone()]),
            (Values::Words(to), Values::Words(from)) => to.extend_from_slice(&from[range.clone()]),
            // Pieces of one table have the same columns.
            _ => debug_assert!(false, "columns of different tables"),
        }
        if let (Some(to), Some(from)) = (&mut self.levels, &other.levels) {
            to.extend_from_slice(&from[range]);
        }
    }

    fn clear(&mut self) {
        match &mut self.values {
            Values::Integers(values) => values.clear(),
            Values::Numbers(values) => values.clear(),
            Values::Words(values) => values.clear(),
        }
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
    }

    /// The field of `row`, as a line of text has it; words that are not UTF-8 are [`Malformed::NotUtf8`].
    pub(super) fn field(&self, row: usize) -> Result<Field<'_>, Malformed> {
        if self.levels.as_ref().is_some_and(|levels| levels[row] == EMPTY) {
            return Ok(Field::Missing);
        }
        match &self.values {
            Values::Integers(values) => Ok(Field::Int(values[row])),
            Values::Numbers(values) => Ok(Field::Float(values[row])),
            Values::Words(values) => values[row].as_utf8().map(Field::Text).map_err(|_| Malformed::NotUtf8),
        }
    }
}

impl Values {
    fn push_nothing(&mut self) {
        match self {
            Self::Integers(values) => values.push(0),
            Self::Numbers(values) => values.push(0.0),
            Self::Words(values) => values.push(ByteArray::new()),
        }
    }
}

/// `word`, in the memory of the same word before it where there is one.
fn intern(known: &mut Vec<ByteArray>, word: &str) -> ByteArray {
    if let Some(same) = known.iter().find(|known| known.data() == word.as_bytes()) {
        return same.clone();
    }
    let new = ByteArray::from(word.as_bytes().to_vec());
    if known.len() < MOST_KNOWN {
        known.push(new.clone());
    }
    new
}

/// The values of the fields that are not empty, which is what a file stores. Borrowed where that is all of them.
pub(super) fn present<'a, T: Clone>(values: &'a [T], levels: Option<&[i16]>) -> std::borrow::Cow<'a, [T]> {
    match levels {
        Some(levels) if levels.contains(&EMPTY) => {
            let pairs = values.iter().zip(levels);
            pairs.filter(|(_, level)| **level == PRESENT).map(|(value, _)| value.clone()).collect::<Vec<_>>().into()
        }
        _ => values.into(),
    }
}

/// The opposite of [`present`]: `values` of the fields that are not empty become one for each of `levels`.
pub(super) fn spread<T: Clone + Default>(values: &mut Vec<T>, levels: &[i16]) {
    let mut stored = std::mem::take(values).into_iter();
    *values = levels
        .iter()
        .map(|level| if *level == PRESENT { stored.next().unwrap_or_default() } else { T::default() })
        .collect();
}
