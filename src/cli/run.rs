//! `nullsweep run CONFIG`: the main job.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::figures::{self, Figures};
use super::progress::{Progress, Verbosity};
use super::summary::{Cells, Summary};
use super::{ConfigArgs, Exit, Failure, expectations, format, output, signals, space};
use crate::cluster::Layout;
use crate::config::Config;
use crate::engine::select::{Selected, select};
use crate::grid::{Shard, Share};
use crate::plan::Plan;
use crate::record::{Format, Manifest, Mode, RecordError, RunFolder, Tables};
use crate::reuse;
use crate::run::{Budget, Ended, RunError, settings};

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// The run's folder; results/NAME unless given, results/NAME.shards/I-of-N for a shard
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run this shard only: I from 0 to N-1. `nullsweep merge` joins the shards
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Move what is in the folder aside and start over
    #[arg(long)]
    fresh: bool,
    /// Threads of the CPU's part; as many as there are cores unless given
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
    /// At most this many trials in a chunk; three chunks are under way at a time, which is what a killed run loses at most
    #[arg(long, value_name = "TRIALS")]
    chunk: Option<usize>,
    /// How the tables are written: csv, or parquet in parts (if built with that feature). Unless given, as the folder has them,
    /// and csv in a new one
    #[arg(long, value_name = "FORMAT", value_parser = format::parse, conflicts_with = "shard")]
    format: Option<Format>,
    /// Leave the figures undrawn; `nullsweep figures` draws them later
    #[arg(long)]
    no_figures: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let verbosity = if args.quiet { Verbosity::Quiet } else { Verbosity::Normal };
    let say = |text: &str| {
        if verbosity == Verbosity::Normal {
            output::note(text);
        }
    };
    signals::listen()?;
    let trials_per_chunk = positive("--chunk", args.chunk)?;
    use_threads(args.threads)?;
    let config = args.config.load()?;
    let path = args.out.clone().unwrap_or_else(|| default_folder(&config.name, args.shard));
    let format = if args.shard.is_some() { Format::Csv } else { format::choose(args.format, &path)? };
    let selected = select(config.engine.device, config.engine.precision)?;

    let share = config.grid.share(args.shard);
    let mut folder = open(args, &path, &config, &selected, &share)?;
    folder.write_as(format).map_err(|error| Failure::failed(error.to_string()))?;
    introduce(&config, &selected, &say);
    for notice in folder.notices() {
        if notice.is_warning() && !args.fresh {
            output::note(&notice.to_string());
        } else {
            say(&notice.to_string());
        }
    }
    if let Some(warning) = space::shortage(&path, &Plan::new(&config, &share), folder.recorded()) {
        say(&warning);
    }

    let budget = Budget::of(selected.engine.as_ref(), trials_per_chunk);
    let progress = Progress::new(folder.recorded(), share.count(), verbosity);
    let ended = crate::run::run(&config, selected.engine.as_ref(), &mut folder, budget, &progress);
    progress.finish();
    let incidents = selected.engine.incidents();
    if !incidents.is_none() {
        folder.note_incidents(serde_json::to_value(incidents).unwrap_or(Value::Null));
        say(&format!("{}: {incidents}", selected.engine.describe()));
    }
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => {
            // What is recorded stays usable; the error that stopped the run is the one to report.
            let _ = folder.finish(Tables::Complete);
            return Err(from_run(&error));
        }
    };
    let old_tables = folder.warn_of_old_tables();
    let (mut cells, mut expected) = (Cells::default(), Vec::new());
    let manifest = folder
        .finish_with(Tables::Complete, &mut |entry| cells.add(entry), &mut |dir| {
            expectations::compare(&config, dir, &mut expected)
        })
        .map_err(|error| Failure::failed(error.to_string()))?;
    if ended == Ended::Stopped {
        say(&format!(
            "interrupted: {} of {} trials are recorded in {}; the same command goes on from there",
            manifest.trials.done,
            share.count(),
            path.display()
        ));
        if let Some(warning) = old_tables {
            say(&warning);
        }
        return Ok(Exit::Interrupted);
    }
    if let Some(shard) = share.shard() {
        return shard_done(args, shard, &path, &manifest);
    }
    let wanted = if args.no_figures { Figures::Left } else { Figures::Drawn };
    let drawing = figures::present(&config, &manifest, &path, wanted, &output::note);
    let summary = Summary::new(&path, &manifest, cells, expected, drawing);
    if args.json {
        output::json(&summary.to_json())?;
    } else if verbosity == Verbosity::Normal {
        output::data(&summary.to_text())?;
    }
    Ok(summary.exit())
}

/// Where a run's folder is unless the user says so; the shards of a run lie together, for `merge results/NAME.shards/*`.
fn default_folder(name: &str, shard: Option<Shard>) -> PathBuf {
    let results = Path::new("results");
    match shard {
        None => results.join(name),
        Some(shard) => results.join(format!("{name}.shards")).join(format!("{}-of-{}", shard.index(), shard.count())),
    }
}

/// Opens the run's folder, with what can be kept of an earlier run in it.
fn open(args: &Args, path: &Path, config: &Config, selected: &Selected, share: &Share) -> Result<RunFolder, Failure> {
    let reuse;
    let mode = if args.fresh {
        Mode::Fresh
    } else {
        reuse = reuse::find(path, config, &settings::identity(config, selected));
        reuse.as_ref().map_or(Mode::Resume, Mode::Reuse)
    };
    let (settings, about) = (settings::settings(config, selected), settings::about(config, selected));
    RunFolder::open(path, &settings, &settings::schemas(config), share, about, mode).map_err(|error| from_open(&error))
}

/// A shard has no tables to summarise: only the whole run has means over all replicates.
fn shard_done(args: &Args, shard: Shard, path: &Path, manifest: &Manifest) -> Result<Exit, Failure> {
    let (folder, trials) = (path.display(), manifest.trials.done);
    if args.json {
        output::json(&json!({ "folder": folder.to_string(), "shard": shard.to_string(), "trials": trials }))?;
    } else if !args.quiet {
        output::data(&format!(
            "shard {shard} is complete: {trials} trials\n{folder}\n  the tables come with the other shards: nullsweep \
             merge DIR... --out DIR"
        ))?;
    }
    Ok(Exit::Ok)
}

/// More threads than any machine has cores only wait for each other.
const MOST_THREADS: usize = 1024;

/// `value`, if it is given, must be at least 1.
pub(super) fn positive(option: &str, value: Option<usize>) -> Result<Option<usize>, Failure> {
    match value {
        Some(0) => Err(Failure::usage(format!("{option} 0: give at least 1"))),
        other => Ok(other),
    }
}

/// Starts the pool on which everything is computed.
pub(super) fn use_threads(threads: Option<usize>) -> Result<(), Failure> {
    pool(threads)?.build_global().map_err(|error| cannot_start(&error))
}

/// Computes `work` on `threads` threads of its own, whatever pool there is already.
pub(super) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let pool = pool(Some(threads))?.build().map_err(|error| cannot_start(&error))?;
    Ok(pool.install(work))
}

fn pool(threads: Option<usize>) -> Result<rayon::ThreadPoolBuilder, Failure> {
    if let Some(threads) = positive("--threads", threads)?.filter(|&threads| threads > MOST_THREADS) {
        return Err(Failure::usage(format!("--threads {threads}: give at most {MOST_THREADS}")));
    }
    Ok(rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)))
}

fn cannot_start(error: &rayon::ThreadPoolBuildError) -> Failure {
    Failure::failed(format!("cannot start the threads: {error}"))
}

fn introduce(config: &Config, selected: &Selected, say: &impl Fn(&str)) {
    say(&format!("{}: {}", config.name, config.question.as_deref().unwrap_or("no question stated")));
    if let Some(note) = &selected.note {
        say(note);
    }
    say(&format!("engine: {}", selected.engine.describe()));
}

/// Before anything is computed every complaint of the folder is one about the command.
fn from_open(error: &RecordError) -> Failure {
    match error {
        RecordError::Occupied { folder, .. } | RecordError::LostJournal { folder }
            if Layout::of_run(folder).plan().exists() =>
        {
            Failure::usage(format!(
                "{}: holds a run on many machines, whose record is in its parts\n  `nullsweep launch` with its config goes on \
                 with it, `nullsweep merge --plan` writes its tables; to run it here as well, choose another folder with --out",
                folder.display()
            ))
        }
        _ => Failure::usage(error.to_string()),
    }
}

fn from_run(error: &RunError) -> Failure {
    Failure::failed(error.to_string())
}
