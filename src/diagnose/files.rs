//! Any number of files in bounded memory: read, diagnosed and handed on group by group, in the order given.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::file_rows::FileRows;
use super::passes::diagnose_rows;
use super::rows::Rows;
use super::triangle::Triangle;
use super::{Problem, Report, Settings, Source, Watch, diagnose};
use crate::data::{DataError, MAX_ENTRIES};
use crate::engine::{Engine, EngineError, Precision};

/// Files that are looked at before any of them is read.
const MOST_FILES: usize = 512;

/// A matrix with more columns is held in memory, however large: the passes need several matrices of their square.
const MOST_COLUMNS_OF_TALL: usize = 2048;

/// A file that was looked at.
enum Opened<'a> {
    Held { problem: Problem, rows_dropped: usize },
    Tall(Box<FileRows<'a>>),
}

/// Diagnoses every file and hands each result to `take`, in the order of `paths`. At most one group of files is in memory:
/// matrices of [`Engine::batch_bytes`] together, judged by the first lines of each, or a single larger one; of a file of more entries than `source` holds, a few blocks of
/// rows, of which `watch` is told.
///
/// # Errors
/// If the engine as a whole is lost, and whatever error `take` returns, which ends the work.
pub fn each_file<E: From<EngineError>>(
    paths: &[PathBuf],
    source: &Source,
    engine: &dyn Engine,
    settings: &Settings,
    watch: &dyn Watch,
    mut take: impl FnMut(&Path, Result<Report, DataError>) -> Result<(), E>,
) -> Result<(), E> {
    let most = (engine.batch_bytes() / size_of::<f64>()) as u64;
    for paths in paths.chunks(MOST_FILES) {
        let files: Vec<Result<FileRows<'_>, DataError>> =
            paths.par_iter().map(|path| source.open(path, watch)).collect();
        // A file that cannot be opened takes no memory either.
        let entries: Vec<u64> = files.iter().map(|rows| rows.as_ref().map_or(0, FileRows::entries_about)).collect();
        let mut files = files.into_iter();
        for group in groups(&entries, most) {
            let files: Vec<Result<FileRows<'_>, DataError>> = files.by_ref().take(group.len()).collect();
            let opened: Vec<Result<Opened<'_>, DataError>> =
                files.into_par_iter().map(|rows| hold(rows?, source.memory.held_entries)).collect();
            let held = opened.iter().filter_map(|opened| match opened {
                Ok(Opened::Held { problem, .. }) => Some(problem),
                Ok(Opened::Tall(_)) | Err(_) => None,
            });
            let mut reports = diagnose(&held.collect::<Vec<_>>(), engine, settings)?.into_iter();
            for (path, opened) in paths[group].iter().zip(opened) {
                let result = match opened {
                    Ok(Opened::Held { rows_dropped, .. }) => {
                        reports.next().map(|report| Ok(Report { rows_dropped, ..report }))
                    }
                    Ok(Opened::Tall(rows)) => Some(diagnose_tall(path, &rows, engine, settings)?),
                    Err(error) => Some(Err(error)),
                };
                watch.end();
                if let Some(result) = result {
                    take(path, result)?;
                }
            }
        }
    }
    Ok(())
}

/// Reads the file, unless it has more than `limit` entries and is to be read in passes.
fn hold(rows: FileRows<'_>, limit: usize) -> Result<Opened<'_>, DataError> {
    let narrow = rows.names().len() <= MOST_COLUMNS_OF_TALL;
    if narrow && rows.entries_about() > limit as u64 {
        return Ok(Opened::Tall(Box::new(rows)));
    }
    // The estimate is from the first lines; the others may be shorter, up to a point.
    let most = if narrow { limit.saturating_mul(2) } else { MAX_ENTRIES };
    match rows.hold(most)? {
        Some(problem) => Ok(Opened::Held { problem, rows_dropped: rows.rows_dropped() }),
        None => Ok(Opened::Tall(Box::new(rows))),
    }
}

/// A file that is read in passes; in memory after all if it turns out to have fewer rows than columns.
fn diagnose_tall(
    path: &Path,
    rows: &FileRows<'_>,
    engine: &dyn Engine,
    settings: &Settings,
) -> Result<Result<Report, DataError>, EngineError> {
    if let Precision::F32 | Precision::Df32 = settings.precision {
        let message = "is too large for memory, and rows in passes are computed in f64: take precision auto or f64";
        return Ok(Err(DataError::of_file(path, message)));
    }
    let triangle = match Triangle::of(rows) {
        Ok(triangle) => triangle,
        Err(error) => return Ok(Err(error)),
    };
    let report = if triangle.n >= triangle.d {
        diagnose_rows(rows, &triangle, settings)
    } else {
        match rows.hold(MAX_ENTRIES) {
            Ok(Some(problem)) => match diagnose(&[&problem], engine, settings)?.pop() {
                Some(report) => Ok(report),
                None => Err(DataError::of_file(path, "was not answered for by the engine")),
            },
            Ok(None) => Err(DataError::of_file(path, "does not fit into memory: take fewer columns")),
            Err(error) => Err(error),
        }
    };
    Ok(report.map(|report| Report { rows_dropped: rows.rows_dropped(), ..report }))
}

/// Consecutive groups of files that have at most `most` of these `entries` together, each at least one file long.
fn groups(entries: &[u64], most: u64) -> impl Iterator<Item = Range<usize>> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let mut used = 0_u64;
        let within = entries[first..].iter().take_while(|&&entries| {
            used = used.saturating_add(entries);
            used <= most
        });
        let group = first..(first + within.count().max(1)).min(entries.len());
        first = group.end;
        (!group.is_empty()).then_some(group)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_what_fits_and_at_least_one_file() {
        let of = |entries: &[u64]| groups(entries, 10).collect::<Vec<_>>();
        assert_eq!(of(&[4, 6, 1, 30, 0, u64::MAX, u64::MAX, 10]), [0..2, 2..3, 3..4, 4..5, 5..6, 6..7, 7..8]);
        assert!(of(&[]).is_empty());
    }
}
