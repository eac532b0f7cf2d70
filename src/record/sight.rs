//! The spectrum table seen while it is written: it has one row per trial, which says how the trial ended.

use std::collections::BTreeMap;

use super::encoding::{Field, Fields, Malformed, TrialRows};
use super::error::Fault;
use super::spectrum::{COLUMNS, SpectrumEntry};
use crate::engine::Route;
use crate::measure::TRIAL_KEY;
use crate::measure::table::Schema;

/// Sees the rows of the spectrum table in key order.
pub type SpectrumWatch<'a> = &'a mut (dyn FnMut(&SpectrumEntry) + Send);

/// How often each word occurs in the spectrum table; empty fields are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpectrumCounts {
    /// By status.
    pub by_status: BTreeMap<String, u64>,
    /// By route.
    pub by_route: BTreeMap<String, u64>,
}

/// Counts the rows of the spectrum table and shows them.
pub(crate) struct SpectrumSink<'a> {
    table: usize,
    /// For each column of the table, which one of an entry it is, if any.
    seats: Vec<Option<usize>>,
    /// Whether the table has all columns of an entry; else none is shown.
    is_whole: bool,
    counts: SpectrumCounts,
    watch: SpectrumWatch<'a>,
}

/// Columns of a [`SpectrumEntry`] behind the trial's key: nine numbers, route, status.
const ENTRY: usize = COLUMNS.len() - TRIAL_KEY.len();
const ROUTE: usize = ENTRY - 2;
const STATUS: usize = ENTRY - 1;

impl<'a> SpectrumSink<'a> {
    /// For the spectrum table among `schemas`, if there is one.
    pub(crate) fn new(schemas: &[Schema], watch: SpectrumWatch<'a>) -> Option<Self> {
        let table = schemas.iter().position(|schema| schema.name == "spectrum")?;
        let seat = |name: &str| COLUMNS[TRIAL_KEY.len()..].iter().position(|column| *column == name);
        let seats: Vec<Option<usize>> = schemas[table].columns.iter().map(|column| seat(column.name)).collect();
        let is_whole = (0..ENTRY).all(|seat| seats.contains(&Some(seat)));
        Some(Self { table, seats, is_whole, counts: SpectrumCounts::default(), watch })
    }

    /// Which table of the run it is.
    pub(crate) fn table(&self) -> usize {
        self.table
    }

    /// What was counted.
    pub(crate) fn counts(self) -> SpectrumCounts {
        self.counts
    }

    /// Sees the rows `fields` of `trial`.
    pub(crate) fn see(&mut self, trial: &TrialRows<'_>, mut fields: Fields<'_>) -> Result<(), Fault> {
        while !fields.is_empty() {
            let mut row = [Field::Missing; ENTRY];
            for seat in &self.seats {
                let field = fields.read()?;
                if let Some(seat) = seat {
                    row[*seat] = field;
                }
            }
            count(&mut self.counts.by_status, row[STATUS]);
            count(&mut self.counts.by_route, row[ROUTE]);
            if self.is_whole {
                (self.watch)(&entry(&trial.key, &row)?);
            }
        }
        Ok(())
    }
}

fn count(counts: &mut BTreeMap<String, u64>, field: Field<'_>) {
    let Field::Text(word) = field else { return };
    if word.is_empty() {
        return;
    }
    if let Some(count) = counts.get_mut(word) {
        *count += 1;
    } else {
        counts.insert(word.to_owned(), 1);
    }
}

fn entry(key: &[Field<'_>; TRIAL_KEY.len()], row: &[Field<'_>; ENTRY]) -> Result<SpectrumEntry, Malformed> {
    let [n, d, epsilon, replicate] = *key;
    let enclosed = |at: usize| Ok([number(row[at])?, number(row[at + 1])?, number(row[at + 2])?]);
    Ok(SpectrumEntry {
        n: integer(n)?,
        d: integer(d)?,
        epsilon: number(epsilon)?,
        replicate: integer(replicate)?,
        sigma_max: enclosed(0)?,
        sigma_min: enclosed(3)?,
        kappa: enclosed(6)?,
        route: match row[ROUTE] {
            Field::Missing => None,
            Field::Text(name) => Some(Route::parse(name).ok_or(Malformed::WrongKind)?),
            _ => return Err(Malformed::WrongKind),
        },
        status: match row[STATUS] {
            Field::Text(status) => status.to_owned(),
            _ => return Err(Malformed::WrongKind),
        },
    })
}

fn integer<T: TryFrom<i64>>(field: Field<'_>) -> Result<T, Malformed> {
    match field {
        Field::Int(value) => T::try_from(value).map_err(|_| Malformed::WrongKind),
        _ => Err(Malformed::WrongKind),
    }
}

fn number(field: Field<'_>) -> Result<Option<f64>, Malformed> {
    match field {
        Field::Missing => Ok(None),
        Field::Float(value) => Ok(Some(value)),
        Field::Int(value) => Ok(Some(value as f64)),
        Field::Text(_) => Err(Malformed::WrongKind),
    }
}
