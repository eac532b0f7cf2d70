//! `--format`: in which format a run's tables are written.

use std::path::Path;

use super::Failure;
use crate::record::{Format, HOW_TO_BUILD, Manifest};

/// For clap.
pub(super) fn parse(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| "give csv or parquet".to_owned())
}

/// The format of the tables in the run folder `dir`: the one that is `asked` for, else the one that the folder has, else CSV.
///
/// # Errors
/// A usage error where this build does not have it; nothing has been looked at but the manifest.
pub(super) fn choose(asked: Option<Format>, dir: &Path) -> Result<Format, Failure> {
    let of_folder = || Manifest::read(dir).ok().flatten().map(|manifest| manifest.format);
    let format = asked.or_else(of_folder).unwrap_or_default();
    if format.is_built_in() {
        return Ok(format);
    }
    Err(Failure::usage(match asked {
        Some(_) => format!("--format {format}: this build of nullsweep has no Parquet\n  {HOW_TO_BUILD}"),
        None => format!(
            "{}: its tables are in Parquet, which this build of nullsweep has not\n  {HOW_TO_BUILD};\n  or give --format csv: \
             the tables are then written anew, and nothing that is recorded is computed again",
            dir.display()
        ),
    }))
}
