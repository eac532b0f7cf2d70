//! TOML values that remember where they were written.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Problem;
use super::source::Place;

/// A value and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A TOML value. Integers are wide enough for every `u64` seed.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i128),
    Float(f64),
    Boolean(bool),
    Datetime(String),
    Array(Vec<Node>),
    Table(Table),
}

/// A table: sorted by key, so that its text is the same however the file was arranged.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(pub(super) BTreeMap<String, Entry>);

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Place,
    pub(super) node: Node,
}

impl Value {
    /// The type in a user's words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Datetime(_) => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }

    /// The value as TOML on one line.
    pub(super) fn to_toml(&self) -> String {
        match self {
            Self::Text(text) => basic_string(text),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) if value.is_nan() => "nan".to_owned(),
            // Debug gives the shortest digits that read back to the same f64, and an exponent where that is shorter.
            Self::Float(value) => format!("{value:?}"),
            Self::Boolean(value) => value.to_string(),
            Self::Datetime(text) => text.clone(),
            Self::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| item.value.to_toml()).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Table(table) => {
                let entries: Vec<_> = table.lines().collect();
                if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
            }
        }
    }

    /// [`Value::to_toml`] cut to what fits into a message.
    pub(super) fn brief(&self) -> String {
        let full = self.to_toml();
        match full.char_indices().nth(60) {
            Some((cut, _)) => format!("{}...", &full[..cut]),
            None => full,
        }
    }
}

impl Table {
    /// `key = value`, one for each entry.
    fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|(key, entry)| format!("{} = {}", quoted(key), entry.node.value.to_toml()))
    }

    /// A config's text in canonical form: plain keys first, then `[sections]`, then `[[arrays of tables]]`, each sorted.
    pub(super) fn to_document(&self) -> String {
        let mut plain = String::new();
        let mut sections = String::new();
        let mut repeated = String::new();
        for (key, entry) in &self.0 {
            match &entry.node.value {
                Value::Table(table) => push_section(&mut sections, &format!("[{}]", quoted(key)), table),
                Value::Array(items) if is_tables(items) => {
                    for item in items {
                        if let Value::Table(table) = &item.value {
                            push_section(&mut repeated, &format!("[[{}]]", quoted(key)), table);
                        }
                    }
                }
                value => plain.extend([&quoted(key), " = ", &value.to_toml(), "\n"]),
            }
        }
        plain + &sections + &repeated
    }
}

fn push_section(out: &mut String, header: &str, table: &Table) {
    out.extend(["\n", header, "\n"]);
    for line in table.lines() {
        out.extend([&line, "\n"]);
    }
}

fn is_tables(items: &[Node]) -> bool {
    !items.is_empty() && items.iter().all(|item| matches!(item.value, Value::Table(_)))
}

/// A key as TOML writes it, quoted where it must be.
fn quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { key.to_owned() } else { basic_string(key) }
}

/// A TOML basic string: every control character, DEL included, as `\uXXXX`.
fn basic_string(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.extend(["\\u", &format!("{:04X}", u32::from(c))]),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Parses a whole document, text number `text` of its config.
///
/// # Errors
/// Every place at which the text is not TOML.
pub(super) fn parse_document(source: &str, text: usize) -> Result<Table, Vec<Problem>> {
    let (root, errors) = DeTable::parse_recoverable(source);
    if errors.is_empty() {
        return Ok(table(root.get_ref(), text));
    }
    let problem = |error: toml::de::Error| Problem {
        place: error.span().map_or(Place::whole(text), |span| Place::new(text, span)),
        message: format!("not valid TOML: {}", error.message()),
        help: None,
    };
    Err(errors.into_iter().map(problem).collect())
}

fn table(source: &DeTable<'_>, text: usize) -> Table {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = key.get_ref();
        (name.to_string(), Entry { key: Place::new(text, key.span()), node: node(value, text) })
    };
    Table(source.iter().map(entry).collect())
}

fn node(source: &Spanned<DeValue<'_>>, text: usize) -> Node {
    let value = match source.get_ref() {
        DeValue::String(value) => Value::Text(value.to_string()),
        // No key takes more than 64 bits: what even i128 cannot hold becomes a float, and is refused as too large.
        DeValue::Integer(value) => i128::from_str_radix(value.as_str(), value.radix())
            .map_or_else(|_| Value::Float(f64::INFINITY), Value::Integer),
        DeValue::Float(value) => Value::Float(value.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Datetime(value) => Value::Datetime(value.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(|item| node(item, text)).collect()),
        DeValue::Table(entries) => Value::Table(table(entries, text)),
    };
    Node { value, place: Place::new(text, source.span()) }
}
