//! Where the figures and the report of a run lie, and which files there are a run's.

use std::ffi::OsString;
use std::path::Path;

use super::manifest::Manifest;

/// The folder of figures inside the run folder.
pub const FIGURES_FOLDER: &str = "figures";
/// Name of the page about the run inside the run folder.
pub const REPORT_FILE: &str = "report.html";
/// What the names of a figure's files end with.
pub const FIGURE_EXTENSIONS: [&str; 5] = ["csv", "pdf", "svg", "png", "tex"];

/// The files in `folder` that a run has drawn, by path relative to it: those whose names the ids in the manifest make, and
/// what a kill left of them half written. Whatever else lies beside them is somebody's own.
pub(crate) fn figure_files(folder: &Path) -> Vec<OsString> {
    let ids = Manifest::read(folder).ok().flatten().map(|manifest| manifest.figures).unwrap_or_default();
    // A manifest that somebody edited must not lead out of the folder.
    let is_stem = |id: &&String| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let names =
        ids.iter().filter(is_stem).flat_map(|id| FIGURE_EXTENSIONS.map(|extension| format!("{id}.{extension}")));
    names
        .flat_map(|name| [format!(".{name}.tmp"), name])
        .map(|name| Path::new(FIGURES_FOLDER).join(name))
        .filter(|path| folder.join(path).symlink_metadata().is_ok())
        .map(OsString::from)
        .collect()
}
