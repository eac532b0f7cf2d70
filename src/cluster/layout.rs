//! Where the files of a run on many machines lie.

use std::path::{Path, PathBuf};

/// The folder below the run's folder.
const FOLDER: &str = "cluster";
/// The plan in it.
pub(super) const PLAN_FILE: &str = "plan.json";

/// The paths of one run. Tables and manifest lie in the run's folder itself, as after `nullsweep run`; everything else in
/// `cluster` below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    run: PathBuf,
}

impl Layout {
    /// That of the run whose folder is `run`.
    pub fn of_run(run: &Path) -> Self {
        Self { run: run.to_path_buf() }
    }

    /// That of the plan at `path`: the file `RUN/cluster/plan.json`, or the folder that it lies in. `None` if the path is
    /// not of that form.
    pub fn of_plan(path: &Path) -> Option<Self> {
        let folder = if path.ends_with(PLAN_FILE) { path.parent()? } else { path };
        // `plan.json` alone is a path too.
        let folder = if folder.ends_with(FOLDER) { folder.to_path_buf() } else { std::path::absolute(folder).ok()? };
        folder.ends_with(FOLDER).then(|| folder.parent().map(Self::of_run)).flatten()
    }

    /// The folder of the run.
    pub fn run(&self) -> &Path {
        &self.run
    }

    /// The folder of everything that is not tables.
    pub fn folder(&self) -> PathBuf {
        self.run.join(FOLDER)
    }

    /// The plan.
    pub fn plan(&self) -> PathBuf {
        self.folder().join(PLAN_FILE)
    }

    /// The folder of the parts.
    pub fn parts(&self) -> PathBuf {
        self.folder().join("parts")
    }

    /// The part of shard `index`.
    pub fn part(&self, index: u32) -> PathBuf {
        self.parts().join(part_name(index))
    }

    /// The folder of the notes about shards that failed for good.
    pub fn failed(&self) -> PathBuf {
        self.folder().join("failed")
    }

    /// The note about shard `index`.
    pub fn failure(&self, index: u32) -> PathBuf {
        self.failed().join(failure_name(index))
    }

    /// The folder in which shards are computed.
    pub fn work(&self) -> PathBuf {
        self.folder().join("work")
    }

    /// The folder for what the engine writes.
    pub fn logs(&self) -> PathBuf {
        self.folder().join("logs")
    }
}

/// `00042.nsp`.
pub(super) fn part_name(index: u32) -> String {
    format!("{index:05}.nsp")
}

/// `00042.json`.
pub(super) fn failure_name(index: u32) -> String {
    format!("{index:05}.json")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_found_by_its_file_and_by_its_folder() {
        let layout = Layout::of_run(Path::new("results/a"));
        assert_eq!(layout.part(42), Path::new("results/a/cluster/parts/00042.nsp"));
        assert_eq!(Layout::of_plan(&layout.plan()), Some(layout.clone()));
        assert_eq!(Layout::of_plan(&layout.folder()), Some(layout));
        assert_eq!(Layout::of_plan(Path::new("cluster/plan.json")).unwrap().run(), Path::new(""));
        assert_eq!(Layout::of_plan(Path::new("results/a")), None);
    }
}
