//! `nullsweep diagnose FILE...`: what is wrong with matrices of one's own.

mod arguments;
mod outcome;
mod progress;
mod reading;
mod show;

pub(super) use arguments::Args;

use progress::Passes;

use super::output::Reader;
use super::{Exit, Failure, output};
use crate::certify::Status;
use crate::diagnose::each_file;
use crate::engine::EngineError;
use crate::engine::select::select;

/// Why the work ends before the last file.
enum End {
    Failure(Failure),
    /// Nobody reads the rest.
    ReaderGone,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<EngineError> for End {
    fn from(error: EngineError) -> Self {
        Self::Failure(Failure::failed(error.message))
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let source = args.source()?;
    let settings = args.settings();
    let selected = select(args.device, args.precision)?;
    if let Some(note) = selected.note.filter(|_| !args.json) {
        output::note(&note);
    }
    let show = if args.json { show::json } else { show::text };
    let mut folders = args.outcome.folders(&args.files)?;
    let progress = Passes::new();
    let (mut exit, mut gap) = (Exit::Ok, "");
    let ended = each_file(&args.files, &source, selected.engine.as_ref(), &settings, &progress, |path, result| {
        let result = result.map_err(reading::with_remedy);
        let met = result.as_ref().map_or_else(|_| Vec::new(), |report| args.outcome.met(path, report));
        if !met.is_empty() || result.as_ref().map_or(true, |report| report.status == Status::Failed) {
            exit = Exit::FailedRows;
        }
        folders.write_next(path, &result, &met)?;
        match show(path, &result, &met, std::mem::replace(&mut gap, "\n")) {
            Ok(Reader::Listening) => Ok(()),
            Ok(Reader::Gone) if args.outcome.outlives_its_reader() => Ok(()),
            Ok(Reader::Gone) => Err(End::ReaderGone),
            Err(failure) => Err(End::Failure(failure)),
        }
    });
    match ended {
        Ok(()) | Err(End::ReaderGone) => Ok(exit),
        Err(End::Failure(failure)) => Err(failure),
    }
}
