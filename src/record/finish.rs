//! The last step of every run: the tables, what they are held against, and the manifest's account of them.

use std::path::Path;

use super::columns::write_columns;
use super::comparison::CompareTables;
use super::error::RecordError;
use super::manifest::Manifest;
use super::reader::Recorded;
use super::sight::SpectrumWatch;
use super::tables::{Written, write_recorded};
use crate::measure::table::Schema;

/// Writes the tables, summary.csv and columns.json from what is `recorded`, shows each row of the spectrum table to
/// `watch`, writes what `compare` makes of the written tables, and notes all of it in `manifest`, which is not written.
///
/// # Errors
/// Those of [`write_recorded`] and of `compare`.
pub(super) fn finish_tables(
    dir: &Path,
    schemas: &[Schema],
    recorded: &dyn Recorded,
    watch: SpectrumWatch<'_>,
    compare: CompareTables<'_>,
    manifest: &mut Manifest,
) -> Result<(), RecordError> {
    let Written { mut files, spectrum } = write_recorded(dir, schemas, recorded, watch)?;
    let compared = compare(dir)?.write(dir)?;
    files.extend(compared.files);
    files.push(write_columns(dir, schemas, &compared.schemas)?);
    manifest.files = files;
    if let Some(counts) = spectrum {
        manifest.trials.by_status = Some(counts.by_status);
        manifest.trials.by_route = Some(counts.by_route);
    }
    Ok(())
}
