//! Lines to rows of numbers.

use std::collections::BTreeSet;

use super::super::choice::{Choice, Place, Plan, Role};
use super::super::error::{Cause, Fault, quoted};
use super::super::input::changed;
use super::super::rows::Chunk;
use super::super::{Missing, MissingRows};
use super::blocks::Lines;
use super::fields::{Splitter, text};
use super::looks;
use crate::matrix::Matrix;

/// What every row of one file has in common.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) splitter: Splitter,
    pub(super) missing: Missing,
    /// The header is on this line; 0 without one.
    pub(super) header_line: u64,
    /// The first line that is not blank, and its number of fields, which all have.
    pub(super) first_line: u64,
    pub(super) count: usize,
}

/// What became of one row.
enum Row {
    Complete,
    Missing,
}

/// Rows of numbers as they accumulate.
struct Parser<'a> {
    layout: &'a Layout,
    choice: &'a Choice,
    plan: &'a Plan,
    x: Vec<f64>,
    y: Vec<f64>,
    dropped: Vec<usize>,
    /// The categories of the row at hand, by coding.
    categories: Vec<String>,
    /// Levels found, where they are asked for.
    levels: Option<Vec<BTreeSet<String>>>,
}

impl Layout {
    /// The rows on `lines`.
    pub(super) fn rows(&self, lines: &Lines, choice: &Choice, plan: &Plan) -> Result<Chunk, Fault> {
        let mut parser = Parser::new(self, choice, plan);
        let seen = parser.take(lines)?;
        let count = seen - parser.dropped.len();
        Ok(Chunk {
            seen,
            x: Matrix::new(count, plan.width, parser.x),
            y: plan.roles.contains(&Role::Target).then_some(parser.y),
            dropped: parser.dropped,
        })
    }

    /// The levels of every category in the rows on `lines` that are kept. `plan` is that of a survey.
    pub(super) fn levels(&self, lines: &Lines, choice: &Choice, plan: &Plan) -> Result<Vec<BTreeSet<String>>, Fault> {
        let mut parser = Parser::new(self, choice, plan);
        parser.levels = Some(vec![BTreeSet::new(); plan.codings.len()]);
        parser.take(lines)?;
        Ok(parser.levels.unwrap_or_default())
    }
}

impl<'a> Parser<'a> {
    fn new(layout: &'a Layout, choice: &'a Choice, plan: &'a Plan) -> Self {
        let categories = vec![String::new(); plan.codings.len()];
        Self { layout, choice, plan, x: Vec::new(), y: Vec::new(), dropped: Vec::new(), categories, levels: None }
    }

    /// Appends all rows on `lines`; returns how many there were, with those that were dropped.
    fn take(&mut self, lines: &Lines) -> Result<usize, Fault> {
        let mut seen = 0;
        for line in lines.each() {
            let (number, line) = line?;
            if number <= self.layout.header_line {
                continue;
            }
            let (x_before, y_before) = (self.x.len(), self.y.len());
            if let Row::Missing = self.row(number, line)? {
                self.x.truncate(x_before);
                self.y.truncate(y_before);
                self.dropped.push(seen);
            }
            seen += 1;
        }
        Ok(seen)
    }

    fn row(&mut self, number: u64, line: &[u8]) -> Result<Row, Fault> {
        let start = self.x.len();
        self.x.resize(start + self.plan.width, 0.0);
        let mut state = Row::Complete;
        let count = self.layout.splitter.each(number, line, |j, field| {
            let Some(role) = self.plan.roles.get(j).filter(|role| **role != Role::Ignored) else { return Ok(()) };
            // What most fields are, before all else.
            let text = text(number, j, field)?;
            match (text.parse::<f64>(), role) {
                (Ok(x), Role::Number { at }) if x.is_finite() => self.x[start + at] = x,
                (Ok(x), Role::Target) if x.is_finite() => self.y.push(x),
                _ if self.layout.missing.is(text) => {
                    state = Row::Missing;
                    if self.layout.missing.rows == MissingRows::Refuse {
                        return Err(self.missing(number, j, text));
                    }
                }
                (_, Role::Category { coding }) => {
                    self.categories[*coding].clear();
                    self.categories[*coding].push_str(text);
                }
                (parsed, _) => return Err(self.refused(number, j, text, parsed.is_ok(), *role)),
            }
            Ok(())
        })?;
        if count != self.layout.count {
            return Err(Fault::on_line(
                number,
                format!(
                    "{count} field(s) here, {} on line {}: give every line the same number",
                    self.layout.count, self.layout.first_line
                ),
            ));
        }
        if let Row::Complete = state {
            self.code(start)?;
        }
        Ok(state)
    }

    /// Puts the categories of a complete row in their place.
    fn code(&mut self, start: usize) -> Result<(), Fault> {
        if let Some(levels) = &mut self.levels {
            for (levels, category) in levels.iter_mut().zip(&self.categories) {
                if !levels.contains(category) {
                    levels.insert(category.clone());
                }
            }
            return Ok(());
        }
        for (coding, category) in self.plan.codings.iter().zip(&self.categories) {
            match coding.place(category) {
                Place::Column(at) => self.x[start + at] = 1.0,
                Place::Reference => {}
                // The survey saw every level of this file.
                Place::Unknown => return Err(changed()),
            }
        }
        Ok(())
    }

    fn missing(&self, number: u64, j: usize, text: &str) -> Fault {
        let message = format!(
            "{} = {} is missing: drop or impute the row, or choose other columns",
            self.choice.label(j),
            quoted(text)
        );
        Fault::on_line(number, message).because(Cause::Missing)
    }

    fn refused(&self, number: u64, j: usize, text: &str, is_number: bool, role: Role) -> Fault {
        let looks = looks::remedy(text, self.layout.splitter.delimiter);
        let why = match looks {
            _ if is_number => "is not finite: drop or impute the row, or choose other columns",
            Some(remedy) => remedy,
            None if role == Role::Target => {
                "is not a number, and a target must be: code it as 0 and 1, or choose another"
            }
            None => "is not a number: correct it, drop the row, or choose other columns",
        };
        let fault = Fault::on_line(number, format!("{} = {} {why}", self.choice.label(j), quoted(text)));
        let is_category = !is_number && looks.is_none() && role != Role::Target;
        if is_category { fault.because(Cause::Text { column: self.choice.reference(j) }) } else { fault }
    }
}
