//! The last step of every run: the tables, what they are held against, and the manifest's account of them.

use std::path::Path;

use super::columns::write_columns;
use super::comparison::CompareTables;
use super::error::RecordError;
use super::identity::Identity;
use super::manifest::Manifest;
use super::reader::Recorded;
use super::sight::SpectrumWatch;
use super::tables::{Written, stage_tables};
use super::{load_sql, replace};
use crate::measure::table::Schema;

/// Writes the tables of the run `identity` in the format that `manifest` says, summary.csv and columns.json from what is
/// `recorded`, and load.sql beside tables in Parquet; shows each row of the spectrum table to
/// `watch`, writes what `compare` makes of the written tables, and notes all of it in `manifest`.
///
/// # Errors
/// Those of [`stage_tables`] and of `compare`.
pub(super) fn finish_tables(
    dir: &Path,
    schemas: &[Schema],
    identity: &Identity,
    recorded: &dyn Recorded,
    watch: SpectrumWatch<'_>,
    compare: CompareTables<'_>,
    manifest: &mut Manifest,
) -> Result<(), RecordError> {
    let staged = stage_tables(dir, schemas, identity, recorded, manifest.format, watch)?;
    let Written { mut files, spectrum } = replace::tables(dir, manifest, staged)?;
    let compared = compare(dir)?.write(dir)?;
    files.extend(compared.files);
    files.push(write_columns(dir, schemas, manifest.format, &compared.schemas)?);
    files.extend(load_sql::write(dir, manifest.format, schemas, &files, &compared.schemas)?);
    manifest.files = files;
    if let Some(counts) = spectrum {
        manifest.trials.by_status = Some(counts.by_status);
        manifest.trials.by_route = Some(counts.by_route);
    }
    Ok(())
}
