//! Tables -> rows of expectations.csv.

use std::collections::HashMap;
use std::path::Path;

use super::group::Group;
use super::spec::{Bound, ExpectSpec, Measure};
use crate::config::Config;
use crate::expression::{Formula, Mention, Point, Vocabulary};
use crate::reading::{Row, Rows, columns, vocabulary};
use crate::record::{ExpectationRow, RecordError};

/// What the tables in `dir` say of every expectation of `config`, in its order, each cell in the order of the table; `None` if
/// nothing is expected.
///
/// # Errors
/// [`RecordError`] where a table cannot be read.
pub fn rows(config: &Config, dir: &Path) -> Result<Option<Vec<ExpectationRow>>, RecordError> {
    if config.expectations.is_empty() {
        return Ok(None);
    }
    let mut gatherings: Vec<Gathering<'_>> = config.expectations.iter().map(Gathering::new).collect();
    let mut tables: Vec<&str> = config.expectations.iter().map(|spec| spec.table.as_str()).collect();
    tables.sort_unstable();
    tables.dedup();
    for table in tables {
        // A config names no table that its run does not write, so there is one.
        let Some(columns) = columns(table, &config.tables) else { continue };
        let vocabulary = vocabulary(&columns);
        let mut of_table: Vec<_> = gatherings.iter_mut().filter(|gathering| gathering.spec.table == table).collect();
        let mentioned: Vec<usize> = of_table.iter().flat_map(|gathering| mentioned(gathering.spec)).collect();
        let mut rows = Rows::open(dir, table, &vocabulary, mentioned)?;
        while let Some(row) = rows.next_row()? {
            for gathering in &mut of_table {
                gathering.add(&vocabulary, row);
            }
        }
    }
    Ok(Some(gatherings.into_iter().flat_map(Gathering::judged).collect()))
}

/// The columns that an expectation needs, by index in the vocabulary.
fn mentioned(spec: &ExpectSpec) -> impl Iterator<Item = usize> + '_ {
    let x = match &spec.measure {
        Measure::Of(_) => None,
        Measure::SlopeOver(x) => Some(&x.formula),
    };
    let bounds = spec.at_least.iter().chain(&spec.at_most).filter_map(|bound| match bound {
        Bound::Number(_) => None,
        Bound::Formula(formula) => Some(formula),
    });
    let formulas = [&spec.value.formula].into_iter().chain(x).chain(bounds).flat_map(Formula::mentions);
    let of_filter = spec.filter.iter().flat_map(|filter| filter.condition.mentions());
    formulas.chain(of_filter).map(|Mention { variable, .. }| *variable).chain(spec.each.iter().copied())
}

/// One expectation over the rows of its table.
struct Gathering<'a> {
    spec: &'a ExpectSpec,
    /// In the order of appearance.
    groups: Vec<Group>,
    /// Places in `groups`, by cell.
    places: HashMap<String, usize>,
}

impl<'a> Gathering<'a> {
    fn new(spec: &'a ExpectSpec) -> Self {
        Self { spec, groups: Vec::new(), places: HashMap::new() }
    }

    fn add(&mut self, vocabulary: &Vocabulary<'_>, row: &Row<'_>) {
        if self.spec.filter.as_ref().is_some_and(|filter| !filter.condition.holds(row)) {
            return;
        }
        let cell = cell(self.spec, vocabulary, row);
        let (spec, groups) = (self.spec, &mut self.groups);
        let place = *self.places.entry(cell).or_insert_with_key(|cell| {
            groups.push(Group::new(cell.clone(), spec, Some(row)));
            groups.len() - 1
        });
        groups[place].add(spec, row);
    }

    /// A row for each cell; one that says so where there is none.
    fn judged(mut self) -> Vec<ExpectationRow> {
        if self.groups.is_empty() {
            self.groups.push(Group::new(String::new(), self.spec, None));
        }
        self.groups.into_iter().map(|group| group.judged(self.spec)).collect()
    }
}

/// `n = 20, d = 40`: the row's values of the columns `each`, less those that are empty.
fn cell(spec: &ExpectSpec, vocabulary: &Vocabulary<'_>, row: &Row<'_>) -> String {
    let mut cell = String::new();
    for &variable in spec.each.iter().filter(|&&variable| !row.word(variable).is_empty()) {
        let comma = if cell.is_empty() { "" } else { ", " };
        cell.extend([comma, vocabulary.variables[variable].name, " = ", row.word(variable)]);
    }
    cell
}
