//! `nullsweep csv DIR`: the tables of a finished run that are in Parquet, as CSV.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Exit, Failure, output};
use crate::finished::FinishedRun;
use crate::record::{FileFact, Format, Manifest, RecordError, table_of};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run's folder
    dir: PathBuf,
    /// Where the CSV tables go; beside the Parquet ones unless given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the files as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let FinishedRun { manifest, .. } =
        FinishedRun::open(&args.dir).map_err(|error| Failure::usage(error.to_string()))?;
    if manifest.format == Format::Csv {
        return Err(Failure::usage(format!("{}: the tables of this run are CSV already", args.dir.display())));
    }
    let out = args.out.as_deref().unwrap_or(&args.dir);
    if let Some(there) = args.out.as_deref().and_then(|out| occupied(out, &args.dir, &manifest)) {
        return Err(Failure::usage(format!(
            "{}: is there already and would be lost\n  choose another folder with --out, or remove it",
            there.display()
        )));
    }
    let written = write(&args.dir, &manifest, out).map_err(|error| Failure::failed(error.to_string()))?;
    if args.json {
        output::json(&json!({ "folder": out.display().to_string(), "files": written }))?;
    } else {
        let line = |file: &FileFact| format!("  {:<20} {:>9} rows", file.name, file.rows.unwrap_or(0));
        let lines: Vec<String> = written.iter().map(line).collect();
        output::data(&format!("{}\n{}", out.display(), lines.join("\n")))?;
    }
    Ok(Exit::Ok)
}

/// A table in `out` that would be overwritten. In the run's own folder `dir` these names are the run's.
fn occupied(out: &Path, dir: &Path, manifest: &Manifest) -> Option<PathBuf> {
    if out.canonicalize().ok() == dir.canonicalize().ok() {
        return None;
    }
    let tables = manifest.files.iter().filter_map(|file| table_of(&file.name));
    tables.map(|table| out.join(format!("{table}.csv"))).find(|path| path.symlink_metadata().is_ok())
}

#[cfg(feature = "parquet")]
fn write(dir: &Path, manifest: &Manifest, out: &Path) -> Result<Vec<FileFact>, RecordError> {
    crate::record::prepare_folder(out)?;
    crate::record::write_csv(dir, manifest, out)
}

#[cfg(not(feature = "parquet"))]
fn write(dir: &Path, _: &Manifest, _: &Path) -> Result<Vec<FileFact>, RecordError> {
    Err(RecordError::NoParquet { path: dir.to_path_buf() })
}
