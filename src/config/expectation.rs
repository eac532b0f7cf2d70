//! `[[expect]]`: what the run is expected to show, as a number of its tables between bounds.

use super::columns::Names;
use super::keys;
use super::reader::{Item, Section};
use super::tree::Value;
use crate::expectation::{Bound, ExpectSpec, Expression, Filter, Measure};
use crate::expression::{Condition, Formula, Vocabulary};
use crate::measure::TableId;
use crate::reading::{columns, vocabulary};
use crate::statistics::Statistic;

/// Longest id: it is to fit a line of a terminal.
const MOST_ID_BYTES: usize = 80;

/// All `[[expect]]`s of a run that writes `tables`, or `None` after a report.
pub(super) fn read(root: &Section<'_>, tables: Option<&[TableId]>) -> Option<Vec<ExpectSpec>> {
    let Some(item) = root.get("expect") else { return Some(Vec::new()) };
    let mut ids: Vec<String> = Vec::new();
    item.list_of(|item| {
        let section = item.section()?;
        let id = id(&section, &mut ids);
        // Without the list of tables, itself refused, any table may have been meant.
        let spec = expectation(&section, tables.unwrap_or(&TableId::ALL));
        Some(ExpectSpec { id: id?, ..spec? })
    })
}

/// `id`; `ids` has those before.
fn id(section: &Section<'_>, ids: &mut Vec<String>) -> Option<String> {
    let item = section.require("id", "a name such as \"descent-finds-minimum-norm\"")?;
    let id = item.text()?;
    let fits = (1..=MOST_ID_BYTES).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !fits {
        item.refuse("cannot be an id", format!("letters, digits, -, _ and ., at most {MOST_ID_BYTES}"));
        return None;
    }
    if ids.iter().any(|other| other == id) {
        item.refuse("another expectation has the same id", "give each an id of its own");
        return None;
    }
    ids.push(id.to_owned());
    Some(id.to_owned())
}

fn expectation(section: &Section<'_>, tables: &[TableId]) -> Option<ExpectSpec> {
    let claim = section.get("claim").map_or(Some(None), |item| item.word().map(|claim| Some(claim.to_owned())));
    let mut names = Names::new(section, tables);
    let value = section.require("value", "the number that is taken of a row: a column, or an expression of columns");
    let value = value.and_then(|item| names.formula(&item));
    let filter = section.get("where").map_or(Some(None), |item| names.condition(&item).map(Some));
    let each = section.get("each").map_or(Some(Vec::new()), |item| {
        if item.is_list() { item.set_of(|item| names.column(item)) } else { Some(vec![names.column(&item)?]) }
    });
    let stat = section.require("stat", "one of median, mean, geometric-mean, min, max, slope");
    let measure = stat.and_then(|item| measure(section, &item, &mut names));
    let [at_least, at_most] = ["at_least", "at_most"]
        .map(|key| section.get(key).map_or(Some(None), |item| bound(&item, &mut names, each.as_deref()?).map(Some)));
    section.finish(keys::EXPECT, |_| ("belongs to stat = \"slope\"".to_owned(), "leave it out".to_owned()));
    if section.get("at_least").or_else(|| section.get("at_most")).is_none() {
        let help = "say what the measured number is to be: at_least, at_most or both";
        section.report.refuse(section.place, "an expectation without a bound is met by everything", help);
        return None;
    }
    if let (Some(Some(BoundText::Number(least))), Some(Some(BoundText::Number(most)))) = (&at_least, &at_most)
        && least > most
    {
        let help = "exchange at_least and at_most";
        section.report.refuse(section.place, "nothing is at least at_least and at most at_most", help);
        return None;
    }
    let table = names.table()?;
    let over = Over { vocabulary: vocabulary(&columns(&table, tables)?) };
    Some(ExpectSpec {
        id: String::new(),
        claim: claim?,
        value: over.expression(value?)?,
        filter: match filter? {
            Some(text) => Some(Filter { condition: Condition::parse(&text, &over.vocabulary).ok()?, text }),
            None => None,
        },
        measure: match measure? {
            MeasureText::Of(statistic) => Measure::Of(statistic),
            MeasureText::SlopeOver(x) => Measure::SlopeOver(over.expression(x)?),
        },
        each: each?.iter().map(|name| over.index(name)).collect::<Option<_>>()?,
        at_least: match at_least? {
            Some(bound) => Some(over.bound(bound)?),
            None => None,
        },
        at_most: match at_most? {
            Some(bound) => Some(over.bound(bound)?),
            None => None,
        },
        table,
    })
}

/// A [`Measure`] whose columns are not looked up yet.
enum MeasureText {
    Of(Statistic),
    SlopeOver(String),
}

fn measure<'a>(section: &Section<'a>, stat: &Item<'a>, names: &mut Names<'_, 'a>) -> Option<MeasureText> {
    let statistics = Statistic::ALL.map(|statistic| (statistic.name(), Some(statistic)));
    let choices: Vec<_> = statistics.into_iter().chain([("slope", None)]).collect();
    if let Some(statistic) = stat.choice(&choices)? {
        return Some(MeasureText::Of(statistic));
    }
    let x = section.require("x", "what the slope is taken over, such as \"log(kappa)\"")?;
    names.formula(&x).map(MeasureText::SlopeOver)
}

/// A [`Bound`] whose columns are not looked up yet.
enum BoundText {
    Number(f64),
    Formula(String),
}

/// A number, or an expression of the columns `each`: whatever else it might mention differs from row to row of a cell.
fn bound<'a>(item: &Item<'a>, names: &mut Names<'_, 'a>, each: &[String]) -> Option<BoundText> {
    if !matches!(item.node.value, Value::Text(_)) {
        return item.number().map(BoundText::Number);
    }
    let text = names.formula(item)?;
    if let Some((name, offset)) = names.mentions(&text)?.into_iter().find(|(name, _)| !each.contains(name)) {
        let place = item.part_of_text(offset, name.len());
        let message = format!("{}: {name} may differ from row to row", item.path);
        item.report.refuse(place, message, format!("add \"{name}\" to each, so that every cell has one"));
        return None;
    }
    Some(BoundText::Formula(text))
}

/// The table that all texts of an expectation were found to speak of.
struct Over {
    vocabulary: Vocabulary<'static>,
}

impl Over {
    fn expression(&self, text: String) -> Option<Expression> {
        let formula = Formula::parse(&text, &self.vocabulary).ok()?;
        Some(Expression { text, formula })
    }

    fn bound(&self, bound: BoundText) -> Option<Bound> {
        Some(match bound {
            BoundText::Number(number) => Bound::Number(number),
            BoundText::Formula(text) => Bound::Formula(self.expression(text)?.formula),
        })
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.vocabulary.variables.iter().position(|variable| variable.name == name)
    }
}
