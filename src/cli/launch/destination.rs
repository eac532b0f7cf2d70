//! The run's folder, before anything is written into it: whether the tables may come there.

use crate::cluster::{Kind, Layout, Plan};
use crate::config::Config;
use crate::record::{JOURNAL_FILE, Manifest, RecordError, refuse_if_occupied, without_kind};
use crate::run::settings;

/// Refuses a folder into which the merge of `plan` would not write: hours of shards would have no place for their tables.
///
/// # Errors
/// [`RecordError::HasJournal`] if a run was computed there itself, [`RecordError::LostJournal`] if that lost its journal,
/// [`RecordError::Occupied`] if tables of something else are there.
pub(super) fn refuse_other_runs(layout: &Layout, plan: &Plan, config: &Config) -> Result<(), RecordError> {
    let folder = layout.run();
    if folder.join(JOURNAL_FILE).exists() {
        return Err(RecordError::HasJournal { folder: folder.to_path_buf() });
    }
    if manifest_of(layout, plan).is_some_and(|manifest| is_of_kind(&manifest, plan.kind)) {
        return Ok(());
    }
    refuse_if_occupied(folder, &settings::schemas(config))
}

/// The manifest of the run that is planned, if its folder has one; of whatever kind its rows are.
fn manifest_of(layout: &Layout, plan: &Plan) -> Option<Manifest> {
    let manifest = Manifest::read(layout.run()).ok().flatten()?;
    (without_kind(&manifest.identity.description) == plan.definition.description).then_some(manifest)
}

/// Whether the rows were computed on that kind of device; those of several kinds may have been.
fn is_of_kind(manifest: &Manifest, kind: Kind) -> bool {
    let engine = manifest.identity.description["settings"]["engine"].as_str();
    engine.is_none_or(|engine| engine.starts_with(kind.name()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn only_what_a_run_writes_is_in_the_way() {
        let text = "name = \"toy\"\n[design]\nkind = \"gaussian\"\nreplicates = 4\n[grid]\nn = 3\nd = 2\n";
        let config = Config::parse(text, Path::new("a.toml"), &[]).unwrap();
        let plan = Plan::new(&config, 2, 1, None).unwrap();
        for (file, is_refused) in [
            ("notes.txt", false),
            ("spectrum/notes.parquet", false),
            ("mine.csv", false),
            ("spectrum.csv", true),
            ("summary.csv", true),
            ("spectrum/00000.parquet", true),
            ("journal.nsj", true),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
            let layout = Layout::of_run(dir.path());
            assert_eq!(refuse_other_runs(&layout, &plan, &config).is_err(), is_refused, "{file}");
        }
    }
}
