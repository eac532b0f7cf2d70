//! `nullsweep run CONFIG`: the main job.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::progress::{Progress, Verbosity, listen_to_signals};
use super::summary::Summary;
use super::{ConfigArgs, Exit, Failure, output};
use crate::config::Config;
use crate::engine::gpu;
use crate::engine::select::{SelectError, Selected, select};
use crate::linalg::instruction_set;
use crate::record::{About, Mode, RecordError, RunFolder, Tables};
use crate::run::{Ended, KERNEL_VERSION, Limits, RunError};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// The run's folder; results/NAME unless given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Move what is in the folder aside and start over
    #[arg(long)]
    fresh: bool,
    /// Threads of the CPU's part; as many as there are cores unless given
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
    /// At most this many trials in a chunk, which is what an interrupted run loses at most
    #[arg(long, value_name = "TRIALS")]
    chunk: Option<usize>,
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
    let limits = Limits { trials_per_chunk: positive("--chunk", args.chunk)? };
    use_threads(positive("--threads", args.threads)?)?;
    let config = args.config.load()?;
    let selected = select(config.engine.device, config.engine.precision).map_err(from_select)?;
    listen_to_signals()?;

    let path = args.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&config.name));
    let mode = if args.fresh { Mode::Fresh } else { Mode::Resume };
    let schemas: Vec<_> = config.tables.iter().map(|table| *table.schema()).collect();
    let settings = identity(&config, &selected);
    let trials = config.grid.trial_count();
    let mut folder = RunFolder::open(&path, &settings, &schemas, trials, about(&config, &selected), mode)
        .map_err(|error| from_open(&error))?;
    introduce(&config, &selected, &say);
    for notice in folder.notices() {
        say(&notice.to_string());
    }

    let progress = Progress::new(folder.done().count(), trials, verbosity);
    let ended = crate::run::run(&config, selected.engine.as_ref(), &mut folder, limits, &progress);
    progress.finish();
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => {
            // What is recorded stays usable; the error that stopped the run is the one to report.
            let _ = folder.finish(Tables::Complete);
            return Err(from_run(&error));
        }
    };
    let manifest = folder.finish(Tables::Complete).map_err(|error| Failure::failed(error.to_string()))?;
    if ended == Ended::Stopped {
        say(&format!(
            "interrupted: {} of {trials} trials are recorded in {}; the same command goes on from there",
            manifest.trials.done,
            path.display()
        ));
        return Ok(Exit::Interrupted);
    }
    let summary = Summary::read(&path, &manifest).map_err(|error| Failure::failed(error.to_string()))?;
    if args.json {
        output::json(&summary.to_json())?;
    } else if verbosity == Verbosity::Normal {
        output::data(&summary.to_text())?;
    }
    Ok(summary.exit())
}

/// `value`, if it is given, must be at least 1.
fn positive(option: &str, value: Option<usize>) -> Result<Option<usize>, Failure> {
    match value {
        Some(0) => Err(Failure::usage(format!("{option} 0: give at least 1"))),
        other => Ok(other),
    }
}

fn use_threads(threads: Option<usize>) -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .build_global()
        .map_err(|error| Failure::failed(format!("cannot start the threads: {error}")))
}

fn introduce(config: &Config, selected: &Selected, say: &impl Fn(&str)) {
    say(&format!("{}: {}", config.name, config.question.as_deref().unwrap_or("no question stated")));
    if let Some(note) = &selected.note {
        say(note);
    }
    say(&format!("engine: {}", selected.engine.describe()));
    if !config.figures.is_empty() {
        say("note: [[figure]] is checked but not drawn by this version; the tables hold what the figures would show");
    }
}

/// Everything that defines the rows and is not in the schemas: two runs with the same value write the same bytes.
fn identity(config: &Config, selected: &Selected) -> Value {
    json!({
        "config": config.source.identity,
        "engine": selected.engine.route().name(),
        "kernel_version": KERNEL_VERSION,
    })
}

fn about(config: &Config, selected: &Selected) -> About {
    About {
        name: config.name.clone(),
        config: config.source.text.clone(),
        config_path: absolute(&config.source.path).display().to_string(),
        seeds: json!({ "seeding": format!("{:?}", config.grid.seeding), "replicates": config.grid.replicates }),
        shader_sha256: Some(gpu::shader_digest()),
        command: std::env::args().collect(),
        engine: selected.engine.describe(),
        self_test: selected.adapter.get("self_test").cloned().unwrap_or(Value::Null),
        adapter: selected.adapter.clone(),
        cpu_features: vec![instruction_set().to_owned()],
    }
}

/// The path with which `verify` finds the config's data files again from any folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

fn from_select(error: SelectError) -> Failure {
    match error {
        SelectError::Device(message) => Failure::device(message),
        SelectError::Request(message) => Failure::usage(message),
    }
}

/// Before anything is computed every complaint of the folder is one about the command.
fn from_open(error: &RecordError) -> Failure {
    Failure::usage(error.to_string())
}

fn from_run(error: &RunError) -> Failure {
    Failure::failed(error.to_string())
}
