//! What the folders or parts of one run have in common, and whether they are of one at all.

mod unmatched;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::error::RecordError;
use super::manifest::Program;
use super::source::SourceFolder;
pub use unmatched::Unmatched;

/// Settings that say by what kind of machine and engine rows were made. Rows of two kinds differ, if at all, inside
/// their enclosures.
const KIND_KEYS: [&str; 4] = ["adapter", "engine", "platform", "shader_sha256"];
/// The setting that takes their place in a run of several kinds.
const KINDS: &str = "kinds";

/// Whether rows of several kinds may come into one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// They may not: the rows are those of one machine of that kind.
    #[default]
    One,
    /// They may, and the identity of the run says so.
    Mixed,
}

/// What parts of a run have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// The settings of the joined run, as [`super::Identity::new`] takes them.
    pub settings: Value,
    /// Names of its tables, in order.
    pub tables: Vec<String>,
    /// Its trials.
    pub trials: usize,
    /// The kinds of its rows, sorted: more than one only by [`Kinds::Mixed`].
    pub kinds: Vec<Value>,
}

/// What a folder or a part says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// The folder, or the part's file.
    pub path: &'a Path,
    /// The description of its identity.
    pub description: &'a Value,
    /// What wrote it, as far as it is known.
    pub program: Option<&'a Program>,
}

/// Folders or parts with the same description.
struct Kin<'a> {
    members: Vec<Described<'a>>,
    description: &'a Value,
    /// The description without its kinds.
    definition: Value,
    kinds: Vec<Value>,
}

/// Finds what `sources` have in common.
///
/// # Errors
/// [`RecordError::Unmatched`] if they are not parts of one run or, under [`Kinds::One`], not of one kind;
/// [`RecordError::NoJournal`] if none of them has a header that can be read.
pub fn common(sources: &[SourceFolder], kinds: Kinds) -> Result<Common, RecordError> {
    let described: Vec<Described<'_>> = sources.iter().filter_map(SourceFolder::described).collect();
    if described.is_empty() {
        let folder = sources.first().map_or_else(PathBuf::new, |source| source.path().to_path_buf());
        return Err(RecordError::NoJournal { folder });
    }
    common_of(&described, kinds)
}

/// As [`common`], of whatever describes itself so.
///
/// # Errors
/// As there.
pub fn common_of(described: &[Described<'_>], kinds: Kinds) -> Result<Common, RecordError> {
    let kin = by_description(described);
    let Some(Kin { definition, .. }) = kin.first() else {
        return Err(RecordError::NoJournal { folder: PathBuf::new() });
    };
    if kin.iter().any(|other| other.definition != *definition) {
        return Err(RecordError::Unmatched(Box::new(Unmatched::runs(&kin))));
    }
    if kin.len() > 1 && kinds == Kinds::One {
        return Err(RecordError::Unmatched(Box::new(Unmatched::kinds(&kin))));
    }
    let mut all_kinds: Vec<Value> = kin.iter().flat_map(|kin| kin.kinds.iter().cloned()).collect();
    all_kinds.sort_by_cached_key(Value::to_string);
    all_kinds.dedup();
    let mut settings = definition.get("settings").and_then(Value::as_object).cloned().unwrap_or_default();
    match &all_kinds[..] {
        [Value::Object(only)] => settings.extend(only.clone()),
        several => _ = settings.insert(KINDS.to_owned(), several.into()),
    }
    let tables = definition.get("order").and_then(Value::as_array).into_iter().flatten();
    Ok(Common {
        settings: Value::Object(settings),
        tables: tables.filter_map(Value::as_str).map(str::to_owned).collect(),
        trials: definition.get("trials").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
        kinds: all_kinds,
    })
}

/// What of a description defines the rows on whatever kind of machine.
pub fn without_kind(description: &Value) -> Value {
    split(description).0
}

/// In the order of their first members.
fn by_description<'a>(described: &[Described<'a>]) -> Vec<Kin<'a>> {
    let mut all: Vec<Kin<'a>> = Vec::new();
    for &one in described {
        if let Some(kin) = all.iter_mut().find(|kin| kin.description == one.description) {
            kin.members.push(one);
        } else {
            let (definition, kinds) = split(one.description);
            all.push(Kin { members: vec![one], description: one.description, definition, kinds });
        }
    }
    all
}

/// A description without its kinds, and these.
fn split(description: &Value) -> (Value, Vec<Value>) {
    let mut definition = description.clone();
    let Some(settings) = definition.get_mut("settings").and_then(Value::as_object_mut) else {
        return (definition, Vec::new());
    };
    let kinds = if let Some(Value::Array(kinds)) = settings.remove(KINDS) {
        kinds
    } else {
        let kind: Map<_, _> =
            KIND_KEYS.iter().filter_map(|key| Some(((*key).to_owned(), settings.remove(*key)?))).collect();
        vec![Value::Object(kind)]
    };
    definition.sort_all_objects();
    (definition, kinds)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
