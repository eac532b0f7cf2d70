//! Of a `[[figure]]`: the table, and the expressions over its columns.

use super::allowed;
use crate::config::reader::{Item, Section};
use crate::expression::{Condition, Formula, Kind, Mention, SyntaxError, Variable, Vocabulary};
use crate::figure::spec::FigureKind;
use crate::measure::TableId;
use crate::measure::table::Column;
use crate::reading::{SUMMARY, columns, vocabulary};

/// What a figure shows.
pub(super) struct Columns {
    pub(super) table: String,
    pub(super) x: String,
    pub(super) y: Vec<String>,
    pub(super) value: Option<String>,
    pub(super) by: Vec<String>,
    pub(super) facet: Option<String>,
    pub(super) filter: Option<String>,
}

/// The column names that a figure has mentioned so far, each with the place of its first mention.
struct Names<'v, 'a> {
    vocabulary: &'v Vocabulary<'v>,
    mentioned: Vec<(&'v str, Item<'a>, usize)>,
}

impl Columns {
    /// Of a figure of this `kind` in a run that writes `tables`; `None` after a report.
    pub(super) fn read(section: &Section<'_>, kind: FigureKind, tables: &[TableId]) -> Option<Self> {
        let table = match section.get("table") {
            None => Some(None),
            Some(item) => table(&item, tables).map(|table| Some((table, item))),
        };
        let known: Vec<Column> = match &table {
            Some(Some((table, _))) => columns(table, tables)?,
            _ => TableId::ALL.iter().filter_map(|table| columns(table.name(), tables)).flatten().collect(),
        };
        let vocabulary = vocabulary(&known);
        let mut names = Names { vocabulary: &vocabulary, mentioned: Vec::new() };

        let x = section.require("x", "the column along the abscissa, or an expression of columns");
        let x = x.and_then(|item| names.formula(&item));
        let y = match kind {
            FigureKind::Ecdf | FigureKind::Histogram => Some(Vec::new()),
            FigureKind::Line | FigureKind::Scatter | FigureKind::Heatmap => {
                let y = section.require("y", "the column along the ordinate, or an expression of columns");
                y.and_then(|item| ordinates(&item, kind, &mut names))
            }
        };
        let value = if kind == FigureKind::Heatmap {
            let value = section.require("value", "the column that colours the cells");
            value.and_then(|item| names.formula(&item)).map(Some)
        } else {
            Some(None)
        };
        let filter = super::optional(section, "where", true, |item| names.condition(item));
        let by = super::optional(section, "by", kind != FigureKind::Heatmap, |item| {
            if item.is_list() { item.set_of(|item| names.column(item)) } else { Some(vec![names.column(item)?]) }
        });
        let facet = super::optional(section, "facet", true, |item| names.column(item));
        let table = match table? {
            Some((table, _)) => Some(table),
            None => names.table(tables),
        };
        Some(Self {
            x: x?,
            y: y?,
            value: value?,
            filter: filter?,
            by: by?.unwrap_or_default(),
            facet: facet?,
            table: table?,
        })
    }
}

/// The table that `item` names, if figures can show it.
fn table(item: &Item<'_>, tables: &[TableId]) -> Option<String> {
    let word = item.text()?;
    let drawable: Vec<&str> = tables.iter().map(|table| table.name()).chain([SUMMARY]).collect();
    if drawable.contains(&word) {
        return Some(word.to_owned());
    }
    if TableId::parse(word).is_some() {
        item.refuse("this run does not write that table", format!("add \"{word}\" to tables"));
    } else if word == "timing" {
        let help = "`nullsweep bench` measures times, or draw timing.csv by other means";
        item.refuse("times differ from run to run, and a figure has the same bytes each time", help);
    } else {
        item.refuse("no such table", allowed(word, &drawable));
    }
    None
}

/// One expression, or several in a list.
fn ordinates<'a>(item: &Item<'a>, kind: FigureKind, names: &mut Names<'_, 'a>) -> Option<Vec<String>> {
    if !item.is_list() {
        return Some(vec![names.formula(item)?]);
    }
    if kind == FigureKind::Heatmap {
        item.refuse("a heatmap has one column along its ordinate", "choose one, and let `value` be the colours");
        return None;
    }
    item.set_of(|item| names.formula(item))
}

/// The text of `lines.f`.
pub(super) fn function_of_x(item: &Item<'_>) -> Option<String> {
    let vocabulary = Vocabulary { noun: "x", variables: vec![Variable { name: "x", kind: Kind::Number }] };
    match Formula::parse(item.text()?, &vocabulary) {
        Ok(_) => item.text().map(str::to_owned),
        Err(error) => refuse_syntax(item, &error, "f is y as an expression of x, such as 1.1e-16 * x^2"),
    }
}

fn refuse_syntax<T>(item: &Item<'_>, error: &SyntaxError, help: &str) -> Option<T> {
    let place = item.part_of_text(error.offset, error.length);
    item.report.refuse(place, format!("{}: {}", item.path, error.message), help);
    None
}

impl<'a> Names<'_, 'a> {
    fn formula(&mut self, item: &Item<'a>) -> Option<String> {
        match Formula::parse(item.word()?, self.vocabulary) {
            Ok(formula) => {
                self.mention(item, formula.mentions());
                item.text().map(str::to_owned)
            }
            Err(error) => {
                let word = error.message.ends_with("found a word");
                let help = if word { "columns of words can stand in by, facet and where" } else { "" };
                refuse_syntax(item, &error, help)
            }
        }
    }

    fn condition(&mut self, item: &Item<'a>) -> Option<String> {
        match Condition::parse(item.word()?, self.vocabulary) {
            Ok(condition) => {
                self.mention(item, condition.mentions());
                item.text().map(str::to_owned)
            }
            Err(error) => refuse_syntax(item, &error, ""),
        }
    }

    fn column(&mut self, item: &Item<'a>) -> Option<String> {
        let word = item.text()?;
        let variables = &self.vocabulary.variables;
        let Some(variable) = variables.iter().position(|variable| variable.name == word) else {
            let known: Vec<&str> = variables.iter().map(|variable| variable.name).collect();
            item.refuse("no such column", allowed(word, &known));
            return None;
        };
        self.mention(item, &[Mention { variable, offset: 0 }]);
        Some(word.to_owned())
    }

    fn mention(&mut self, item: &Item<'a>, mentions: &[Mention]) {
        for mention in mentions {
            let name = self.vocabulary.variables[mention.variable].name;
            if !self.mentioned.iter().any(|(known, ..)| *known == name) {
                self.mentioned.push((name, item.clone(), mention.offset));
            }
        }
    }

    /// The first of `tables` that has all columns mentioned; `None` after a report.
    fn table(&self, tables: &[TableId]) -> Option<String> {
        let has = |table: &TableId, name: &str| {
            columns(table.name(), tables).is_some_and(|columns| columns.iter().any(|column| column.name == name))
        };
        if let Some(table) = tables.iter().find(|table| self.mentioned.iter().all(|(name, ..)| has(table, name))) {
            return Some(table.name().to_owned());
        }
        // The first column without which the ones before it would still have had a table.
        let upto = (1..=self.mentioned.len()).find(|&count| {
            !tables.iter().any(|table| self.mentioned[..count].iter().all(|(name, ..)| has(table, name)))
        })?;
        let (name, item, offset) = &self.mentioned[upto - 1];
        let homes: Vec<&str> = TableId::ALL.iter().filter(|table| has(table, name)).map(|table| table.name()).collect();
        let place = item.part_of_text(*offset, name.len());
        let (message, help) = if tables.iter().any(|table| has(table, name)) {
            let before: Vec<&str> = self.mentioned[..upto - 1].iter().map(|(name, ..)| *name).collect();
            (
                format!("{}: no table of this run has {name} beside {}", item.path, before.join(", ")),
                format!("a figure shows the columns of one table; {name} is in {}", homes.join(", ")),
            )
        } else {
            (
                format!("{}: {name} is a column of {}, which this run does not write", item.path, homes.join(", ")),
                format!("add \"{}\" to tables", homes.first().unwrap_or(&"")),
            )
        };
        item.report.refuse(place, message, help);
        None
    }
}
