//! Any number of files in bounded memory: read, diagnosed and handed on group by group, in the order given.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Problem, Report, Settings, Source, diagnose};
use crate::data::DataError;
use crate::engine::{Engine, EngineError};

/// A number takes at least one byte in any file that can be read and eight in memory.
const BYTES_IN_MEMORY_PER_BYTE: usize = size_of::<f64>();

/// More files than this in one group gain nothing.
const MOST_FILES: usize = 512;

/// Diagnoses every file and hands each result to `take`, in the order of `paths`. At most one group of files is in memory:
/// matrices of [`Engine::batch_bytes`] together, or a single larger one.
///
/// # Errors
/// If the engine as a whole is lost, and whatever error `take` returns, which ends the work.
pub fn each_file<E: From<EngineError>>(
    paths: &[PathBuf],
    source: &Source,
    engine: &dyn Engine,
    settings: &Settings,
    mut take: impl FnMut(&Path, Result<Report, DataError>) -> Result<(), E>,
) -> Result<(), E> {
    for group in groups(paths, engine.batch_bytes() / BYTES_IN_MEMORY_PER_BYTE) {
        let read: Vec<Result<Problem, DataError>> = group.par_iter().map(|path| source.read(path)).collect();
        let problems: Vec<&Problem> = read.iter().filter_map(|problem| problem.as_ref().ok()).collect();
        let mut reports = diagnose(&problems, engine, settings)?.into_iter();
        let results = read.into_iter().map(|problem| match problem {
            Ok(_) => reports.next().map(Ok),
            Err(error) => Some(Err(error)),
        });
        for (path, result) in group.iter().zip(results.flatten()) {
            take(path, result)?;
        }
    }
    Ok(())
}

/// Consecutive groups of files that have at most `bytes` together, each at least one file long.
fn groups(paths: &[PathBuf], bytes: usize) -> impl Iterator<Item = &[PathBuf]> {
    let mut rest = paths;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (group, behind) = rest.split_at(length(rest, bytes));
        rest = behind;
        Some(group)
    })
}

fn length(paths: &[PathBuf], bytes: usize) -> usize {
    // A file that cannot be asked for its length cannot be read either.
    let length = |path: &PathBuf| path.metadata().map_or(0, |metadata| metadata.len());
    let mut used = 0_u64;
    let within = paths.iter().take(MOST_FILES).take_while(|path| {
        used = used.saturating_add(length(path));
        used <= bytes as u64
    });
    within.count().max(1)
}
