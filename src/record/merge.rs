//! Parts of one run -> one run: what the parts have in common, and their trials in one journal.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::atomic;
use super::copies::{self, CopyError, Piece};
use super::error::RecordError;
use super::identity::{self, Identity};
use super::journal::Journal;
use super::manifest::{Source, TakenBy};
use super::scan::Recovery;
use super::source::{SourceFolder, Survey};

/// Settings that say by what kind of machine and engine rows were made. Rows of two kinds differ, if at all, inside
/// their enclosures.
const KIND_KEYS: [&str; 4] = ["adapter", "engine", "platform", "shader_sha256"];
/// The setting that takes their place in a run of several kinds.
const KINDS: &str = "kinds";

/// What the two sides of a difference between sources are called.
const HERE_AND_THERE: identity::Sides = ["here", "there"];

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
    /// The settings of the joined run, as [`Identity::new`] takes them.
    pub settings: Value,
    /// Names of its tables, in order.
    pub tables: Vec<String>,
    /// Its trials.
    pub trials: usize,
    /// The kinds of its rows, sorted: more than one only by [`Kinds::Mixed`].
    pub kinds: Vec<Value>,
}

/// What came of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The folder.
    pub folder: PathBuf,
    /// Trials that it has.
    pub recorded: usize,
    /// Trials taken over from it.
    pub taken: usize,
    /// What was wrong with its journal: such trials count as not recorded.
    pub recovery: Recovery,
}

/// What came of all sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// In the order in which they were given.
    pub sources: Vec<Taken>,
    /// Trials that were there already, or in several sources, with the same rows.
    pub repeated: usize,
}

/// Finds what `sources` have in common.
///
/// # Errors
/// [`RecordError::Unmatched`] if they are not parts of one run or, under [`Kinds::One`], not of one kind;
/// [`RecordError::NoJournal`] if none of them has a header that can be read.
pub fn common(sources: &[SourceFolder], kinds: Kinds) -> Result<Common, RecordError> {
    let described: Vec<(&Path, &Value)> =
        sources.iter().filter_map(|source| Some((source.path(), source.description()?))).collect();
    if described.is_empty() {
        let folder = sources.first().map_or_else(PathBuf::new, |source| source.path().to_path_buf());
        return Err(RecordError::NoJournal { folder });
    }
    common_of(&described, kinds)
}

/// As [`common`], of whatever files have these descriptions.
///
/// # Errors
/// As there.
pub fn common_of(described: &[(&Path, &Value)], kinds: Kinds) -> Result<Common, RecordError> {
    let Some(&(first_path, first)) = described.first() else {
        return Err(RecordError::NoJournal { folder: PathBuf::new() });
    };
    let (definition, mut all_kinds) = split(first);
    for &(path, description) in &described[1..] {
        if description == first {
            continue;
        }
        let (other, its_kinds) = split(description);
        let unmatched = |one: &Value, other: &Value, remedy| RecordError::Unmatched {
            folder: path.to_path_buf(),
            first: first_path.to_path_buf(),
            differences: identity::differences(other, one, HERE_AND_THERE),
            remedy,
        };
        if other != definition {
            return Err(unmatched(&definition, &other, "leave it out, or merge it with its own kin"));
        }
        if kinds == Kinds::One && its_kinds != all_kinds {
            let remedy = "leave it out, or give --mixed: every row says by its route how it came about";
            return Err(unmatched(first, description, remedy));
        }
        all_kinds.extend(its_kinds);
    }
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

/// Takes what `sources` have over into `journal`, whose run is `identity`, and notes in `origins` from where.
///
/// # Errors
/// [`RecordError::Conflict`] if two folders, or a folder and the journal, have different rows for a trial;
/// [`RecordError::Io`], [`RecordError::Damaged`]. What was copied before stays.
pub(super) fn take(
    sources: &[SourceFolder],
    identity: &Identity,
    journal: &mut Journal,
    origins: &mut Vec<Source>,
) -> Result<Merged, RecordError> {
    let mut surveys =
        sources.par_iter().map(|source| source.survey(identity)).collect::<Result<Vec<Survey>, RecordError>>()?;
    let mut pieces = Vec::with_capacity(surveys.iter().map(|survey| survey.frames.len()).sum());
    let mut recorded = Vec::with_capacity(surveys.len());
    for (source, survey) in surveys.iter_mut().enumerate() {
        recorded.push(survey.frames.len());
        let wanted =
            std::mem::take(&mut survey.frames).into_iter().filter(|place| journal.done().share().contains(place.trial));
        pieces.extend(wanted.map(|place| Piece {
            trial: place.trial,
            source,
            original: place.trial,
            offset: place.offset,
            bytes: place.bytes,
        }));
    }
    let copied = copies::copy(&surveys, pieces, journal).map_err(|error| match error {
        CopyError::Record(error) => error,
        CopyError::Conflict { trial, source, other } => RecordError::Conflict {
            trial,
            folders: [
                other.map_or_else(|| folder_of(journal.path()), |other| sources[other].path().to_path_buf()),
                sources[source].path().to_path_buf(),
            ],
        },
    })?;
    let mut merged = Merged { sources: Vec::with_capacity(sources.len()), repeated: copied.repeated };
    for (((source, survey), recorded), taken) in sources.iter().zip(surveys).zip(recorded).zip(copied.by_source) {
        if taken > 0 {
            origins.push(Source {
                how: TakenBy::Merge,
                folder: source.path().display().to_string(),
                shard: source.shard(),
                identity_sha256: atomic::hex(&survey.hash),
                trials: taken,
                sha256: None,
            });
        }
        let folder = source.path().to_path_buf();
        merged.sources.push(Taken { folder, recorded, taken, recovery: survey.recovery });
    }
    Ok(merged)
}

fn folder_of(journal: &Path) -> PathBuf {
    journal.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    /// A folder whose journal has these settings and nothing else.
    fn source(settings: &Value) -> (tempfile::TempDir, SourceFolder) {
        let dir = tempfile::tempdir().unwrap();
        Journal::create(dir.path(), &Identity::new(settings, &[], 3)).unwrap();
        let source = SourceFolder::open(dir.path()).unwrap();
        (dir, source)
    }

    fn settings(seed: u64, engine: &str) -> Value {
        json!({ "config": { "seed": seed }, "engine": engine, "kernel_version": 2, "platform": "x86_64-linux" })
    }

    #[test]
    fn parts_of_one_kind_have_the_identity_of_the_whole() {
        let settings = settings(1, "cpu-f64");
        let ((_a, a), (_b, b)) = (source(&settings), source(&settings));
        let common = common(&[a.clone(), b], Kinds::One).unwrap();
        let joined = Identity::new(&common.settings, &[], common.trials);
        assert_eq!(Some(joined.hash()), a.identity_hash());
    }

    #[test]
    fn two_kinds_are_refused_unless_asked_for_and_then_said_whatever_the_order() {
        let ((_a, a), (_b, b)) = (source(&settings(1, "cpu-f64")), source(&settings(1, "gpu-f32+f64")));
        let refusal = common(&[a.clone(), b.clone()], Kinds::One).unwrap_err().to_string();
        assert!(refusal.contains("engine: gpu-f32+f64 here, cpu-f64 there"), "{refusal}");
        assert!(refusal.contains("--mixed"), "{refusal}");
        let mixed = common(&[a.clone(), b.clone()], Kinds::Mixed).unwrap();
        assert_eq!(mixed.settings["kinds"][0]["engine"], "cpu-f64");
        assert_eq!(mixed.settings["kinds"][1]["engine"], "gpu-f32+f64");
        assert_eq!(mixed.settings.get("engine"), None);
        assert_eq!(common(&[b, a.clone()], Kinds::Mixed).unwrap(), mixed);
        // What was merged from two kinds may be merged with one of them again.
        let (_c, merged) = source(&mixed.settings);
        assert_eq!(common(&[merged, a], Kinds::Mixed).unwrap(), mixed);
    }

    #[test]
    fn parts_of_two_runs_are_refused_whatever_was_asked_for() {
        let ((_a, a), (_b, b)) = (source(&settings(1, "cpu-f64")), source(&settings(2, "gpu-f32+f64")));
        for kinds in [Kinds::One, Kinds::Mixed] {
            let refusal = common(&[a.clone(), b.clone()], kinds).unwrap_err().to_string();
            assert!(refusal.contains("seed: 2 here, 1 there"), "{refusal}");
            assert!(!refusal.contains("--mixed"), "{refusal}");
        }
    }
}
