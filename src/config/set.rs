//! `--set grid.n=[64,128]`: one value of the config, from the command line.

use super::diagnostic::Problem;
use super::layers::anchor_to_working_directory;
use super::source::Place;
use super::tree::{Entry, Node, Table, Value, parse_document};

/// A dotted key and the value it shall have.
pub(super) struct Assignment {
    keys: Vec<(String, Place)>,
    value: Node,
}

/// Understands `argument`, text number `text` of its config. The value is TOML; a bare word that is not TOML is taken
/// as a string, so that no shell needs two layers of quotes.
///
/// # Errors
/// Where the argument has no `=`, no key, or a value that is neither TOML nor a bare word.
pub(super) fn parse(argument: &str, text: usize) -> Result<Assignment, Vec<Problem>> {
    let refuse = |message: &str| {
        let place = Place::new(text, 0..argument.len());
        let help = Some("write --set KEY=VALUE, such as --set grid.n=[64,128] or --set engine.device=cpu".to_owned());
        Err(vec![Problem { place, message: message.to_owned(), help }])
    };
    if argument.contains(['\n', '\r']) {
        return refuse("one --set states one value, on one line");
    }
    let Some((key, raw)) = argument.split_once('=') else {
        return refuse("there is no `=`");
    };
    if key.trim().is_empty() || key.trim_start().starts_with(['#', '[']) {
        return refuse("there is no key before `=`");
    }
    match parse_document(argument, text) {
        Ok(table) => match leaf(table, key) {
            Some(assignment) => Ok(assignment),
            None => refuse("one --set states one value"),
        },
        Err(problems) if raw.trim_start().starts_with(['[', '{', '"', '\'']) => Err(problems),
        Err(problems) => {
            let word = raw.trim();
            let start = argument.len() - raw.trim_start().len();
            let value =
                Node { value: Value::Text(word.to_owned()), place: Place::new(text, start..start + word.len()) };
            match parse_document(&format!("{key}=0"), text).ok().and_then(|table| leaf(table, key)) {
                Some(assignment) if !word.is_empty() => Ok(Assignment { value, ..assignment }),
                _ => Err(problems),
            }
        }
    }
}

/// Follows the one dotted key of `table` down to its value. The key's own text says how deep it goes: in
/// `grid.n={linear=[1,3],step=1}` the value is a table too.
fn leaf(mut table: Table, key: &str) -> Option<Assignment> {
    let depth = dotted_parts(key);
    let mut keys = Vec::new();
    loop {
        if table.0.len() != 1 {
            return None;
        }
        let (name, Entry { key, node }) = table.0.pop_first()?;
        keys.push((name, key));
        match node.value {
            Value::Table(inner) if keys.len() < depth => table = inner,
            value => return Some(Assignment { keys, value: Node { value, place: node.place } }),
        }
    }
}

/// Number of parts of a dotted key; dots in quotes do not count.
fn dotted_parts(key: &str) -> usize {
    let mut quote = None;
    let mut parts = 1;
    for c in key.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), close) if open == close => quote = None,
            (None, '.') => parts += 1,
            _ => {}
        }
    }
    parts
}

impl Assignment {
    /// Writes the value into `root`, making the tables on the way.
    pub(super) fn apply(self, root: &mut Table, problems: &mut Vec<Problem>) {
        let mut fresh = Table::default();
        insert(&mut fresh, &self.keys, self.value, problems);
        anchor_to_working_directory(&mut fresh);
        overlay(root, fresh, &self.keys, problems);
    }
}

/// Nests `value` under `keys` in an empty table.
fn insert(table: &mut Table, keys: &[(String, Place)], value: Node, problems: &mut Vec<Problem>) {
    let Some(((name, key), rest)) = keys.split_first() else { return };
    if name == "extends" {
        problems.push(Problem {
            place: *key,
            message: "extends belongs into a file".to_owned(),
            help: Some("write a small config that extends both, and run that".to_owned()),
        });
        return;
    }
    let node = if rest.is_empty() {
        value
    } else {
        let place = value.place;
        let mut inner = Table::default();
        insert(&mut inner, rest, value, problems);
        Node { value: Value::Table(inner), place }
    };
    table.0.insert(name.clone(), Entry { key: *key, node });
}

/// Puts `upper`, a single path along `keys`, over `lower`: tables on the way are kept, the value at its end is replaced.
fn overlay(lower: &mut Table, upper: Table, keys: &[(String, Place)], problems: &mut Vec<Problem>) {
    for (name, entry) in upper.0 {
        let on_the_way = keys.len() > 1;
        match (lower.0.get_mut(&name).map(|below| &mut below.node.value), entry.node.value) {
            (Some(Value::Table(below)), Value::Table(above)) if on_the_way => {
                overlay(below, above, &keys[1..], problems);
            }
            (Some(other), Value::Table(_)) if on_the_way => problems.push(Problem {
                place: entry.key,
                message: format!("`{name}` is {} in the config, so it has no `{}`", other.kind(), keys[1].0),
                help: Some("set the whole of it, or leave it as it is".to_owned()),
            }),
            (_, value) => {
                lower.0.insert(name, Entry { key: entry.key, node: Node { value, place: entry.node.place } });
            }
        }
    }
}
