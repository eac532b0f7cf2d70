//! Typed access to a tree. Whatever does not fit is reported and reading goes on, so that one pass shows every error.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::diagnostic::{Problem, allowed};
use super::source::{Place, Texts};
use super::tree::{Node, Table, Value};
use crate::spelling::did_you_mean;

/// Collects what is wrong.
#[derive(Debug)]
pub(super) struct Report<'t> {
    texts: &'t Texts,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Report<'t> {
    pub(super) fn new(texts: &'t Texts) -> Self {
        Self { texts, problems: RefCell::default() }
    }

    /// Notes a problem at `place`, with what is allowed or to be done.
    pub(super) fn refuse(&self, place: Place, message: impl Into<String>, help: impl Into<String>) {
        let help = Some(help.into()).filter(|help| !help.is_empty());
        self.problems.borrow_mut().push(Problem { place, message: message.into(), help });
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.borrow().is_empty()
    }
}

/// A value with the name under which errors speak of it.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    pub(super) node: &'a Node,
    pub(super) path: Rc<str>,
    pub(super) report: &'a Report<'a>,
}

impl<'a> Item<'a> {
    pub(super) fn place(&self) -> Place {
        self.node.place
    }

    /// Reports `path = value: why`, with a remedy.
    pub(super) fn refuse(&self, why: impl AsRef<str>, help: impl Into<String>) {
        let message = format!("{} = {}: {}", self.path, self.node.value.brief(), why.as_ref());
        self.report.refuse(self.place(), message, help);
    }

    fn expected<T>(&self, what: &str) -> Option<T> {
        self.refuse(format!("expected {what}, found {}", self.node.value.kind()), "");
        None
    }

    /// A string.
    pub(super) fn text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => self.expected("a string"),
        }
    }

    /// The place of `length` bytes of this string, `offset` bytes into it; the whole of it where escapes hide that.
    pub(super) fn part_of_text(&self, offset: usize, length: usize) -> Place {
        let place = self.place();
        match &self.node.value {
            Value::Text(text) => match self.report.texts.slice(place).find(text.as_str()) {
                Some(start) => place.within(start + offset, length),
                None => place,
            },
            _ => place,
        }
    }

    /// A string that is not empty.
    pub(super) fn word(&self) -> Option<&'a str> {
        let text = self.text()?;
        if text.trim().is_empty() {
            self.refuse("must not be empty", "");
            return None;
        }
        Some(text)
    }

    /// A finite number; an integer is one too. Never -0, so that equal values have equal bits.
    pub(super) fn number(&self) -> Option<f64> {
        let value = match self.node.value {
            Value::Float(value) => value,
            Value::Integer(value) => value as f64,
            _ => return self.expected("a number"),
        };
        if !value.is_finite() {
            self.refuse("must be a finite number of at most about 1.8e308", "");
            return None;
        }
        Some(value + 0.0)
    }

    /// A finite number that `holds`; `condition` says in words what that means.
    pub(super) fn number_where(&self, holds: impl Fn(f64) -> bool, condition: &str) -> Option<f64> {
        let value = self.number()?;
        if holds(value) {
            return Some(value);
        }
        self.refuse(condition, "");
        None
    }

    /// An integer from `min` up to `max`; `meaning` opens the error: `d counts features`.
    pub(super) fn whole(&self, min: u64, max: u64, meaning: &str) -> Option<u64> {
        let value = match self.node.value {
            Value::Integer(value) => value,
            Value::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                self.refuse("expected an integer, found a float", format!("write it without a point: {value:.0}"));
                return None;
            }
            _ => return self.expected("an integer"),
        };
        match u64::try_from(value) {
            Ok(value) if value < min => self.refuse(format!("{meaning} and must be at least {min}"), ""),
            Ok(value) if value > max => self.refuse(format!("{meaning} and can be at most {max}"), ""),
            Ok(value) => return Some(value),
            Err(_) if value < 0 => self.refuse(format!("{meaning} and must be at least {min}"), ""),
            Err(_) => self.refuse(format!("{meaning} and can be at most {max}"), ""),
        }
        None
    }

    /// One of a fixed list of words.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let word = self.text()?;
        let found = choices.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            self.refuse("no such choice", allowed(word, &names));
        }
        found
    }

    /// The items of an array that is not empty.
    pub(super) fn list(&self) -> Option<Vec<Item<'a>>> {
        let Value::Array(nodes) = &self.node.value else {
            if self.is_table() {
                self.refuse(
                    "expected an array, found a table",
                    format!("write [[{}]] for each of its tables", self.path),
                );
                return None;
            }
            return self.expected("an array");
        };
        if nodes.is_empty() {
            self.refuse("must not be empty", "give at least one value, or leave the key out");
            return None;
        }
        Some(nodes.iter().map(|node| Item { node, ..self.clone() }).collect())
    }

    /// What `read` makes of every item of an array that is not empty; `None` if any is refused.
    pub(super) fn list_of<T>(&self, read: impl FnMut(&Item<'a>) -> Option<T>) -> Option<Vec<T>> {
        // Collected before the Nones are looked at: every bad item is reported, not just the first.
        let values: Vec<_> = self.list()?.iter().map(read).collect();
        values.into_iter().collect()
    }

    /// As [`Item::list_of`], for words of which none may appear twice.
    pub(super) fn set_of<T: PartialEq>(&self, read: impl FnMut(&Item<'a>) -> Option<T>) -> Option<Vec<T>> {
        let items = self.list()?;
        let values: Option<Vec<T>> = items.iter().map(read).collect::<Vec<_>>().into_iter().collect();
        let values = values?;
        for (i, value) in values.iter().enumerate() {
            if values[..i].contains(value) {
                items[i].refuse("is listed twice", "");
                return None;
            }
        }
        Some(values)
    }

    /// The section that this table is.
    pub(super) fn section(&self) -> Option<Section<'a>> {
        let Value::Table(table) = &self.node.value else {
            return self.expected("a table");
        };
        let (path, place) = (Rc::clone(&self.path), self.place());
        Some(Section { table, path, place, report: self.report, used: RefCell::default() })
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.node.value, Value::Table(_))
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.node.value, Value::Text(_))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::Array(_))
    }
}

/// A table that knows which of its keys were asked for. It must be [finished](Section::finish).
#[derive(Debug)]
pub(super) struct Section<'a> {
    table: &'a Table,
    /// Empty for the top.
    path: Rc<str>,
    pub(super) place: Place,
    pub(super) report: &'a Report<'a>,
    used: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Section<'a> {
    /// The whole config.
    pub(super) fn root(table: &'a Table, place: Place, report: &'a Report<'a>) -> Self {
        Self { table, path: Rc::from(""), place, report, used: RefCell::default() }
    }

    /// What errors call `key` of this section.
    pub(super) fn name_of(&self, key: &str) -> Rc<str> {
        if self.path.is_empty() { Rc::from(key) } else { Rc::from(format!("{}.{key}", self.path)) }
    }

    /// The value of `key`, if it is there.
    pub(super) fn get(&self, key: &'static str) -> Option<Item<'a>> {
        self.used.borrow_mut().insert(key);
        let entry = self.table.0.get(key)?;
        Some(Item { node: &entry.node, path: self.name_of(key), report: self.report })
    }

    /// The value of `key`; its absence is reported with `help`.
    pub(super) fn require(&self, key: &'static str, help: &str) -> Option<Item<'a>> {
        let item = self.get(key);
        if item.is_none() {
            self.report.refuse(self.place, format!("{} is missing", self.name_of(key)), help);
        }
        item
    }

    /// The section `key`, if it is there and a table.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        self.get(key)?.section()
    }

    /// Reports every key that nobody asked for: unknown, or known here but `unfit` for what else the section says.
    pub(super) fn finish(&self, known: &[&'static str], unfit: impl Fn(&str) -> (String, String)) {
        let used = self.used.borrow();
        for (key, entry) in &self.table.0 {
            if used.contains(key.as_str()) {
                continue;
            }
            let (why, help) = if known.contains(&key.as_str()) { unfit(key) } else { unknown(key, known) };
            self.report.refuse(entry.key, format!("{}: {why}", self.name_of(key)), help);
        }
    }

    /// [`Section::finish`] where every known key was asked for.
    pub(super) fn finish_all(&self, known: &[&'static str]) {
        self.finish(known, |key| unknown(key, known));
    }
}

fn unknown(key: &str, known: &[&str]) -> (String, String) {
    let help = match did_you_mean(key, known.iter().copied()) {
        Some(likely) => format!("did you mean `{likely}`?"),
        None => format!("allowed: {}", known.join(", ")),
    };
    ("unknown key".to_owned(), help)
}
