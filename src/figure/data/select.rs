//! Which rows of a table a figure shows, and what of each.

use std::path::Path;

use crate::expression::{Condition, Formula, Mention, SyntaxError, Vocabulary};
use crate::figure::error::FigureError;
use crate::figure::spec::FigureSpec;
use crate::measure::TableId;
use crate::reading::{Row, Rows, columns, vocabulary};
use crate::record::TableReader;

/// A figure's expressions, parsed over the columns of its table.
pub(super) struct Selection<'a> {
    pub(super) spec: &'a FigureSpec,
    pub(super) vocabulary: Vocabulary<'static>,
    pub(super) x: Formula,
    pub(super) y: Vec<Formula>,
    pub(super) value: Option<Formula>,
    filter: Option<Condition>,
    pub(super) by: Vec<usize>,
    pub(super) facet: Option<usize>,
    /// Columns that are read, by index in the vocabulary.
    used: Vec<usize>,
}

impl<'a> Selection<'a> {
    /// # Errors
    /// [`FigureError::Spec`] where an expression is none over the table's columns.
    pub(super) fn new(spec: &'a FigureSpec, tables: &[TableId]) -> Result<Self, FigureError> {
        let known = columns(&spec.table, tables)
            .ok_or_else(|| FigureError::spec(&spec.id, format!("there is no table {} to draw", spec.table)))?;
        let vocabulary = vocabulary(&known);
        let wrong = |error: SyntaxError| FigureError::spec(&spec.id, error.message);
        let formula = |text: &String| Formula::parse(text, &vocabulary).map_err(wrong);
        let column = |name: &String| {
            let found = vocabulary.variables.iter().position(|variable| variable.name == name);
            found.ok_or_else(|| FigureError::spec(&spec.id, format!("there is no column {name} in {}", spec.table)))
        };
        let mut selection = Self {
            spec,
            x: formula(&spec.x)?,
            y: spec.y.iter().map(formula).collect::<Result<_, _>>()?,
            value: spec.value.as_ref().map(formula).transpose()?,
            filter: spec.filter.as_ref().map(|text| Condition::parse(text, &vocabulary)).transpose().map_err(wrong)?,
            by: spec.by.iter().map(column).collect::<Result<_, _>>()?,
            facet: spec.facet.as_ref().map(column).transpose()?,
            used: Vec::new(),
            vocabulary,
        };
        selection.used = selection.mentioned();
        Ok(selection)
    }

    fn mentioned(&self) -> Vec<usize> {
        let formulas = [&self.x].into_iter().chain(&self.y).chain(&self.value).flat_map(Formula::mentions);
        let of_filter = self.filter.iter().flat_map(Condition::mentions);
        let of_groups = self.by.iter().chain(&self.facet).copied();
        formulas.chain(of_filter).map(|Mention { variable, .. }| *variable).chain(of_groups).collect()
    }

    /// Reads these columns too.
    pub(super) fn also_read(&mut self, variables: impl IntoIterator<Item = usize>) {
        self.used.extend(variables);
    }

    /// The index of the column `name`, if the table has it.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.vocabulary.variables.iter().position(|variable| variable.name == name)
    }

    /// Shows `see` every row of the table in the run folder `dir` for which the figure's condition holds.
    ///
    /// # Errors
    /// [`FigureError::Record`] where the table cannot be read, and whatever `see` returns.
    pub(super) fn visit(
        &self,
        dir: &Path,
        mut see: impl FnMut(&Row<'_>) -> Result<(), FigureError>,
    ) -> Result<(), FigureError> {
        let mut rows = Rows::open(dir, &self.spec.table, &self.vocabulary, self.used.iter().copied())?;
        while let Some(row) = rows.next_row()? {
            if self.filter.as_ref().is_none_or(|filter| filter.holds(row)) {
                see(row)?;
            }
        }
        Ok(())
    }
}

/// The keys of the row on `line` of the table, `n = 50, d = 5, replicate = 3`, for an error to name it.
pub(super) fn row_key(dir: &Path, spec: &FigureSpec, tables: &[TableId], line: u64) -> String {
    use crate::measure::table::Role;

    let known = columns(&spec.table, tables).unwrap_or_default();
    let keys: Vec<&str> = known.iter().filter(|column| column.role == Role::Key).map(|column| column.name).collect();
    let place = format!("line {line} of table {} as CSV", spec.table);
    let Ok(mut reader) = TableReader::open(dir, &spec.table, &keys) else { return place };
    while let Ok(Some(row)) = reader.next_row() {
        if row.line() == line {
            let present = keys.iter().enumerate().filter(|(at, _)| !row.word(*at).is_empty());
            let fields: Vec<String> = present.map(|(at, name)| format!("{name} = {}", row.word(at))).collect();
            return format!("{} ({place})", fields.join(", "));
        }
    }
    place
}
