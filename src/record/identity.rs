//! What defines the rows of a run: two runs with the same identity write the same rows, so one may go on where the
//! other stopped.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::atomic::hex;
use super::manifest::IdentityEntry;
use crate::measure::TRIAL_KEY;
use crate::measure::table::Schema;
use crate::printable::{field, fields_apart};

/// A description of everything that defines the rows, and its hash. Never contains a time, a host, a thread count or
/// a chunk size.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    description: Value,
    canonical: String,
    hash: [u8; 32],
    tables: usize,
    trials: usize,
}

impl Identity {
    /// The identity of a run of `trials` trials that writes the tables `schemas`, in that order.
    ///
    /// `settings` is what the caller adds: design, seeds, grid, engine kind and precision, kernel version ... as the
    /// words a user knows, because differences are shown by them.
    pub fn new(settings: &Value, schemas: &[Schema], trials: usize) -> Self {
        let tables: Map<String, Value> = schemas
            .iter()
            .map(|schema| {
                let columns = TRIAL_KEY.iter().chain(schema.columns).map(|column| Value::from(column.name)).collect();
                (schema.name.to_owned(), Value::Array(columns))
            })
            .collect();
        // The order of the tables is the order of their bytes in a frame, and sorting keys would hide it.
        let order: Vec<&str> = schemas.iter().map(|schema| schema.name).collect();
        let mut description = json!({ "settings": settings, "order": order, "tables": tables, "trials": trials });
        description.sort_all_objects();
        let canonical = description.to_string();
        let hash = Sha256::digest(canonical.as_bytes()).into();
        Self { description, canonical, hash, tables: schemas.len(), trials }
    }

    /// SHA-256 of the canonical description.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The description, keys sorted.
    pub fn description(&self) -> &Value {
        &self.description
    }

    /// The description as compact JSON with sorted keys: what is hashed.
    pub(crate) fn canonical(&self) -> &str {
        &self.canonical
    }

    /// What a manifest says of it.
    pub fn entry(&self) -> IdentityEntry {
        IdentityEntry { sha256: hex(&self.hash), description: self.description.clone() }
    }

    /// Number of tables.
    pub fn tables(&self) -> usize {
        self.tables
    }

    /// Number of trials.
    pub fn trials(&self) -> usize {
        self.trials
    }
}

/// How many differences are worth listing.
const MOST_DIFFERENCES: usize = 12;

/// What the two sides of a difference are called.
pub(crate) type Sides = [&'static str; 2];
/// The sides where a folder is opened again.
pub(crate) const THEN_AND_NOW: Sides = ["in the folder", "now"];

/// Where two descriptions differ, one line each, in the words of the description: cut, and without what would drive a terminal,
/// for a description comes out of a file that anybody may have written.
pub fn differences(one: &Value, other: &Value, sides: [&'static str; 2]) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", one, other, sides, &mut lines);
    if lines.len() > MOST_DIFFERENCES {
        let more = lines.len() - MOST_DIFFERENCES;
        lines.truncate(MOST_DIFFERENCES);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn compare(path: &str, one: &Value, other: &Value, sides: Sides, lines: &mut Vec<String>) {
    let [here, there] = sides;
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let added = other.keys().filter(|key| !one.contains_key(*key));
            for key in one.keys().chain(added) {
                let (one, other) = (one.get(key), other.get(key));
                let sections = [one, other].iter().all(|value| value.is_some_and(Value::is_object));
                let inner = match (path, key.as_str()) {
                    // Our wrapping, no word of the user's, who knows the sections inside.
                    ("", "settings" | "config") if sections => String::new(),
                    ("", key) => key.to_owned(),
                    (path, key) => format!("{path}.{key}"),
                };
                match (one, other) {
                    (Some(one), Some(other)) => compare(&inner, one, other, sides, lines),
                    (Some(one), None) => {
                        lines.push(format!("{}: {} {here}, absent {there}", label(&inner), short(one)));
                    }
                    (None, Some(other)) => {
                        lines.push(format!("{}: absent {here}, {} {there}", label(&inner), short(other)));
                    }
                    (None, None) => {}
                }
            }
        }
        (Value::String(one), Value::String(other)) if one != other && (one.contains('\n') || other.contains('\n')) => {
            lines.push(first_line_that_differs(path, one, other, sides));
        }
        (Value::Array(one_items), Value::Array(other_items)) if one != other && short(one) == short(other) => {
            lines.push(items_that_differ(path, one_items, other_items, sides));
        }
        _ if one != other => {
            let [one, other] = told_apart(one, other);
            lines.push(format!("{}: {one} {here}, {other} {there}", label(path)));
        }
        _ => {}
    }
}

/// What a line is about. Our wrapping has no path; to the user all of it is the description of the run.
fn label(path: &str) -> String {
    if path.is_empty() { "description".to_owned() } else { field(path) }
}

fn first_line_that_differs(path: &str, one: &str, other: &str, [here, there]: Sides) -> String {
    let (mut old, mut new) = (one.lines(), other.lines());
    for number in 1.. {
        match (old.next(), new.next()) {
            (Some(a), Some(b)) if a == b => {}
            (None, None) => break,
            (a, b) => {
                let [old, new] = fields_apart(a.unwrap_or_default(), b.unwrap_or_default());
                let show =
                    |line: Option<&str>, shown: &str| line.map_or("no such line".to_owned(), |_| format!("`{shown}`"));
                return format!("{}, line {number}: {} {here}, {} {there}", label(path), show(a, &old), show(b, &new));
            }
        }
    }
    format!("{}: line ends differ", label(path))
}

/// For lists whose beginnings are the same as far as they are shown.
fn items_that_differ(path: &str, one: &[Value], other: &[Value], [here, there]: Sides) -> String {
    // By their JSON: the number 1 and the text "1" are two items.
    let only = |items: &[Value], others: &[Value]| {
        let others: HashSet<String> = others.iter().map(Value::to_string).collect();
        Value::Array(items.iter().filter(|item| !others.contains(&item.to_string())).cloned().collect())
    };
    let items = [only(one, other), only(other, one)];
    let shown = told_apart(&items[0], &items[1]);
    let differences: Vec<String> = items
        .iter()
        .zip(shown)
        .zip([here, there])
        .filter(|((items, _), _)| items.as_array().is_some_and(|items| !items.is_empty()))
        .map(|((_, shown), side)| format!("{shown} only {side}"))
        .collect();
    match &differences[..] {
        [] => format!("{}: the same in another order or number", label(path)),
        _ => format!("{}: {}", label(path), differences.join(", ")),
    }
}

/// A value as a config would have it, cut where a terminal line would end.
fn short(value: &Value) -> String {
    field(&plain(value))
}

/// Two values as [`short`] has each, but so that their difference is seen: with the quotes of JSON where it lies in these.
fn told_apart(one: &Value, other: &Value) -> [String; 2] {
    let (a, b) = (plain(one), plain(other));
    if a == b { fields_apart(&one.to_string(), &other.to_string()) } else { fields_apart(&a, &b) }
}

/// Without the quotes of JSON: the numbers of a config are texts in a description.
fn plain(value: &Value) -> String {
    let join = |items: Vec<String>| items.join(", ");
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", join(items.iter().map(plain).collect())),
        Value::Object(entries) => {
            format!("{{ {} }}", join(entries.iter().map(|(key, value)| format!("{key} = {}", plain(value))).collect()))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::{Column, Kind, Role, Type};

    const SCHEMA: Schema = Schema {
        name: "spectrum",
        row: "trial",
        columns: &[Column { name: "rank", role: Role::Result, unit: "1", meaning: "Rank." }],
        types: &[Type::always(Kind::Integer)],
    };

    #[test]
    fn the_order_of_keys_is_no_difference_and_everything_else_is() {
        let a = Identity::new(&json!({ "design": { "seed": 2, "kind": "collinear" } }), &[SCHEMA], 10);
        let same = Identity::new(&json!({ "design": { "kind": "collinear", "seed": 2 } }), &[SCHEMA], 10);
        assert_eq!(a.hash(), same.hash());
        let other_seed = Identity::new(&json!({ "design": { "seed": 3, "kind": "collinear" } }), &[SCHEMA], 10);
        let other_trials = Identity::new(&json!({ "design": { "seed": 2, "kind": "collinear" } }), &[SCHEMA], 11);
        let other_tables = Identity::new(&json!({ "design": { "seed": 2, "kind": "collinear" } }), &[], 10);
        for other in [other_seed, other_trials, other_tables] {
            assert_ne!(a.hash(), other.hash());
            assert!(!differences(a.description(), other.description(), THEN_AND_NOW).is_empty());
        }
    }

    #[test]
    fn differences_are_said_in_the_users_words() {
        let folder = json!({ "settings": { "design": { "seed": 2 }, "grid": { "d": [5, 10] }, "config": "a\nb\nc" } });
        let now = json!({ "settings": { "design": { "seed": 3 }, "grid": { "n": 7 }, "config": "a\nB\nc" } });
        assert_eq!(
            differences(&folder, &now, THEN_AND_NOW),
            [
                "design.seed: 2 in the folder, 3 now",
                "grid.d: [5, 10] in the folder, absent now",
                "grid.n: absent in the folder, 7 now",
                "config, line 2: `b` in the folder, `B` now",
            ]
        );
        let [folder, now] = [2, 3].map(|seed| json!({ "settings": { "config": { "design": { "seed": seed } } } }));
        assert_eq!(differences(&folder, &now, THEN_AND_NOW), ["design.seed: 2 in the folder, 3 now"]);
        assert_eq!(differences(&folder, &folder, THEN_AND_NOW), Vec::<String>::new());
    }

    #[test]
    fn long_lists_are_told_apart_by_what_one_of_them_has() {
        let list = |range: std::ops::Range<u32>| json!({ "tables": { "spectrum": range.collect::<Vec<_>>() } });
        let told = |one: &Value, other: &Value| differences(one, other, THEN_AND_NOW);
        let (long, longer) = (list(0..100), list(0..102));
        assert_eq!(told(&long, &longer), ["tables.spectrum: [100, 101] only now"]);
        assert_eq!(told(&longer, &long), ["tables.spectrum: [100, 101] only in the folder"]);
        let mut other = long.clone();
        other["tables"]["spectrum"][99] = "rank".into();
        assert_eq!(told(&long, &other), ["tables.spectrum: [99] only in the folder, [rank] only now"]);
        other["tables"]["spectrum"][99] = 98.into();
        other["tables"]["spectrum"][98] = 99.into();
        assert_eq!(told(&long, &other), ["tables.spectrum: the same in another order or number"]);
        let [number, word] = [json!([1]), json!(["1"])].map(|list| json!({ "tables": { "spectrum": list } }));
        assert_eq!(told(&number, &word), ["tables.spectrum: [1] only in the folder, [\"1\"] only now"]);
        assert_eq!(told(&json!({ "seed": 1 }), &json!({ "seed": "1" })), ["seed: 1 in the folder, \"1\" now"]);
    }

    #[test]
    fn every_difference_has_a_name() {
        let whole = json!({ "settings": { "config": { "seed": 2 } } });
        for (foreign, expected) in [
            (Value::Null, "description: null in the folder, { settings = { config = { seed = 2 } } } now"),
            (json!({}), "settings: absent in the folder, { config = { seed = 2 } } now"),
            (json!({ "settings": null }), "settings: null in the folder, { config = { seed = 2 } } now"),
            (json!({ "settings": {} }), "config: absent in the folder, { seed = 2 } now"),
            (json!({ "settings": { "config": null } }), "config: null in the folder, { seed = 2 } now"),
        ] {
            assert_eq!(differences(&foreign, &whole, THEN_AND_NOW), [expected]);
        }
    }

    #[test]
    fn what_others_wrote_neither_drives_the_terminal_nor_fills_it() {
        let hostile = "\u{1b}[2J\n  forged: line\r";
        let long = "x".repeat(500_000);
        let own = json!({ "question": "a\nb", "seed": 1, "lambda": [1] });
        for foreign in [
            json!({ hostile: hostile }),
            json!({ "question": hostile }),
            json!({ "question": format!("a\n{}", hostile.replace('\n', "")) }),
            json!({ "seed": hostile, "lambda": [hostile] }),
            json!({ "settings": { hostile: { hostile: [hostile] } } }),
            json!({ long.clone(): { long.clone(): long.clone() } }),
            json!({ "question": format!("a\n{long}"), "seed": long, "lambda": [long] }),
        ] {
            for line in differences(&foreign, &own, THEN_AND_NOW) {
                assert!(!line.chars().any(char::is_control), "{line:?}");
                assert!(line.chars().count() < 250, "{} characters", line.chars().count());
            }
        }
    }
}
