//! Runs that another version of nullsweep began, whose rows or columns are not those that this one would write.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::atomic::hex;
use super::error::RecordError;
use super::header::FORMAT_VERSION;
use super::identity::{self, Identity};
use super::manifest::{Manifest, Program, State};
use crate::measure::TableId;
use crate::measure::table::Schema;

/// The setting of an identity that every change of what is computed raises.
pub(crate) const KERNEL_VERSION_KEY: &str = "kernel_version";

/// A run that this version does not go on with.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherVersion {
    /// Its folder.
    folder: PathBuf,
    /// The version that wrote there last; `None` if no manifest of the run names one, or it is this one, by which what others
    /// had computed was merged.
    program: Option<Program>,
    /// How far it came; `None` without a manifest.
    state: Option<State>,
    /// One line per difference, never empty.
    differences: Vec<String>,
}

impl OtherVersion {
    /// What is to be said of the run in `folder` by its `manifest` if another version began it than this one, whose kernels have
    /// the version `kernel`.
    pub fn of(folder: &Path, manifest: &Manifest, kernel: u32) -> Option<Self> {
        let then = &manifest.identity.description;
        let mut settings = then["settings"].as_object().cloned().unwrap_or_default();
        settings.insert(KERNEL_VERSION_KEY.to_owned(), kernel.into());
        let tables = then["order"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let schemas: Vec<Schema> = tables.filter_map(TableId::parse).map(|table| *table.schema()).collect();
        let trials = then["trials"].as_u64().and_then(|trials| usize::try_from(trials).ok()).unwrap_or(0);
        let now = Identity::new(&Value::Object(settings), &schemas, trials);
        are_two_versions(then, now.description()).then(|| Self::with(folder, Some(manifest), then, &now))
    }

    fn with(folder: &Path, manifest: Option<&Manifest>, then: &Value, now: &Identity) -> Self {
        Self {
            folder: folder.to_path_buf(),
            program: manifest.and_then(other_program),
            state: manifest.map(|manifest| manifest.state),
            differences: identity::differences(then, now.description(), identity::THEN_AND_NOW),
        }
    }
}

/// Whether two descriptions of identities are those of two versions of the program: what they compute differs, or the columns
/// of a table that both have.
pub(crate) fn are_two_versions(one: &Value, other: &Value) -> bool {
    if one["settings"][KERNEL_VERSION_KEY] != other["settings"][KERNEL_VERSION_KEY] {
        return true;
    }
    let mut tables = one["tables"].as_object().into_iter().flatten();
    tables.any(|(name, columns)| other["tables"].get(name).is_some_and(|others| others != columns))
}

/// Why the journal in `folder`, whose header has the identity `hash` and describes it as `then`, is not that of the run `now`.
pub(super) fn refusal(folder: &Path, hash: &[u8; 32], then: &Value, now: &Identity) -> RecordError {
    if are_two_versions(then, now.description()) {
        let manifest = manifest_of(folder, hash);
        return RecordError::OtherVersion(Box::new(OtherVersion::with(folder, manifest.as_ref(), then, now)));
    }
    let differences = identity::differences(then, now.description(), identity::THEN_AND_NOW);
    RecordError::Different { folder: folder.to_path_buf(), differences }
}

/// Why the journal at `path` in `folder`, which is in format `found` and has the identity `hash`, is not read.
pub(super) fn format_refusal(folder: &Path, path: PathBuf, hash: &[u8; 32], found: u32) -> RecordError {
    let program = manifest_of(folder, hash).as_ref().and_then(other_program).map(Box::new);
    RecordError::Format { path, found, known: FORMAT_VERSION, program }
}

/// The manifest in `folder`, if it is that of the run `hash`: one that cannot be read, or is another run's, says nothing of it.
fn manifest_of(folder: &Path, hash: &[u8; 32]) -> Option<Manifest> {
    Manifest::read(folder).ok().flatten().filter(|manifest| manifest.identity.sha256 == hex(hash))
}

fn other_program(manifest: &Manifest) -> Option<Program> {
    (!manifest.program.is_current()).then(|| manifest.program.clone())
}

impl fmt::Display for OtherVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_finished = matches!(self.state, Some(State::Complete | State::ShardComplete));
        write!(f, "{}: another version of nullsweep ", self.folder.display())?;
        match self.state {
            Some(State::Complete | State::ShardComplete) => write!(f, "computed what is here")?,
            Some(State::Interrupted) => write!(f, "began this run and did not finish it")?,
            // It may be computing at this moment.
            Some(State::Running) | None => write!(f, "began this run")?,
        }
        match &self.program {
            Some(program) => writeln!(f, ": {program}")?,
            None => writeln!(f)?,
        }
        for difference in &self.differences {
            writeln!(f, "  {difference}")?;
        }
        let that = if is_finished { "it is finished, and stays as it is" } else { "that version can finish it" };
        write!(
            f,
            "  {that}; to compute it with this one: `nullsweep run` with another --out, or with --fresh (the old contents are \
             moved aside)"
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_differ_by_what_they_compute_and_by_columns_and_by_nothing_else() {
        let version = |kernel: u32, seed: u32, tables: Value| json!({ "settings": { "kernel_version": kernel, "seed": seed }, "tables": tables });
        let spectrum = || json!({ "spectrum": ["n", "rank"] });
        let one = version(5, 1, spectrum());
        for (other, expected) in [
            (version(5, 1, spectrum()), false),
            (version(5, 2, spectrum()), false),
            (version(5, 1, json!({ "spectrum": ["n", "rank"], "ridge": ["n"] })), false),
            (version(5, 1, json!({})), false),
            (version(4, 1, spectrum()), true),
            (version(4, 2, json!({})), true),
            (version(5, 1, json!({ "spectrum": ["n", "rank", "kappa"] })), true),
            (json!({ "settings": { "seed": 1 }, "tables": spectrum() }), true),
        ] {
            assert_eq!(are_two_versions(&one, &other), expected, "{other}");
            assert_eq!(are_two_versions(&other, &one), expected, "{other}");
        }
    }
}
