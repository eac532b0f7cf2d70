//! Expressions over the columns of a table, in `[[figure]]` and `[[expect]]`, and which table that is.

use super::diagnostic::allowed;
use super::reader::{Item, Section};
use crate::expression::{Condition, Formula, Mention, SyntaxError, Vocabulary};
use crate::measure::TableId;
use crate::measure::table::Column;
use crate::reading::{SUMMARY, columns, vocabulary};

/// The names that a section may use, and those that it has used.
pub(super) struct Names<'t, 'a> {
    /// The tables that the run writes.
    tables: &'t [TableId],
    table: Named,
    vocabulary: Vocabulary<'static>,
    /// The columns mentioned so far, each with the place of its first mention.
    mentioned: Vec<(&'static str, Item<'a>, usize)>,
}

/// What `table` of a section says.
enum Named {
    Nothing,
    This(String),
    /// After a report.
    Refused,
}

/// The table that `item` names, if it can be read back.
fn table(item: &Item<'_>, tables: &[TableId]) -> Option<String> {
    let word = item.text()?;
    let drawable: Vec<&str> = tables.iter().map(|table| table.name()).chain([SUMMARY]).collect();
    if drawable.contains(&word) {
        return Some(word.to_owned());
    }
    if TableId::parse(word).is_some() {
        item.refuse("this run does not write that table", format!("add \"{word}\" to tables"));
    } else if word == "timing" {
        let help = "`nullsweep bench` measures times, or read timing.csv by other means";
        item.refuse("times differ from run to run, and whatever is made of a table has the same bytes each time", help);
    } else {
        item.refuse("no such table", allowed(word, &drawable));
    }
    None
}

pub(super) fn refuse_syntax<T>(item: &Item<'_>, error: &SyntaxError, help: &str) -> Option<T> {
    let place = item.part_of_text(error.offset, error.length);
    item.report.refuse(place, format!("{}: {}", item.path, error.message), help);
    None
}

impl<'t, 'a> Names<'t, 'a> {
    /// Of a section of a config whose run writes `tables`.
    pub(super) fn new(section: &Section<'a>, tables: &'t [TableId]) -> Self {
        let table = match section.get("table") {
            None => Named::Nothing,
            Some(item) => table(&item, tables).map_or(Named::Refused, Named::This),
        };
        let all = || TableId::ALL.iter().filter_map(|table| columns(table.name(), tables)).flatten().collect();
        let known: Vec<Column> = match &table {
            Named::This(table) => columns(table, tables).unwrap_or_default(),
            Named::Nothing | Named::Refused => all(),
        };
        Self { tables, table, vocabulary: vocabulary(&known), mentioned: Vec::new() }
    }

    pub(super) fn formula(&mut self, item: &Item<'a>) -> Option<String> {
        match Formula::parse(item.word()?, &self.vocabulary) {
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

    pub(super) fn condition(&mut self, item: &Item<'a>) -> Option<String> {
        match Condition::parse(item.word()?, &self.vocabulary) {
            Ok(condition) => {
                self.mention(item, condition.mentions());
                item.text().map(str::to_owned)
            }
            Err(error) => refuse_syntax(item, &error, ""),
        }
    }

    pub(super) fn column(&mut self, item: &Item<'a>) -> Option<String> {
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

    /// The columns that the formula `text` mentions, each with the byte of its first mention; `None` if it is none.
    pub(super) fn mentions(&self, text: &str) -> Option<Vec<(String, usize)>> {
        let formula = Formula::parse(text, &self.vocabulary).ok()?;
        let name = |mention: &Mention| (self.vocabulary.variables[mention.variable].name.to_owned(), mention.offset);
        Some(formula.mentions().iter().map(name).collect())
    }

    fn mention(&mut self, item: &Item<'a>, mentions: &[Mention]) {
        for mention in mentions {
            let name = self.vocabulary.variables[mention.variable].name;
            if !self.mentioned.iter().any(|(known, ..)| *known == name) {
                self.mentioned.push((name, item.clone(), mention.offset));
            }
        }
    }

    /// The table that the section speaks of: the one it names, or the first of the run's that has all columns mentioned; `None`
    /// after a report.
    pub(super) fn table(&self) -> Option<String> {
        match &self.table {
            Named::This(table) => Some(table.clone()),
            Named::Nothing => self.common_table(),
            Named::Refused => None,
        }
    }

    fn common_table(&self) -> Option<String> {
        let tables = self.tables;
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
                format!("they must be columns of one table; {name} is in {}", homes.join(", ")),
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
