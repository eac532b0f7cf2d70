//! `nullsweep run CONFIG`: the main job.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::figures::{self, Figures};
use super::progress::{Progress, Verbosity};
use super::summary::{Cells, Summary};
use super::{ConfigArgs, Exit, Failure, expectations, format, output, signals, space};
use crate::config::Config;
use crate::engine::gpu;
use crate::engine::select::{Selected, select};
use crate::grid::{Shard, Share};
use crate::linalg::instruction_set;
use crate::plan::Plan;
use crate::record::{About, Format, Identity, Manifest, Mode, RecordError, RunFolder, Tables};
use crate::reuse;
use crate::run::{Budget, Ended, KERNEL_VERSION, RunError};

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

    let budget = Budget::new(selected.engine.batch_bytes(), trials_per_chunk, rayon::current_num_threads());
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
    let schemas: Vec<_> = config.tables.iter().map(|table| *table.schema()).collect();
    let settings = identity(config, selected);
    let reuse;
    let mode = if args.fresh {
        Mode::Fresh
    } else {
        reuse = reuse::find(path, config, &Identity::new(&settings, &schemas, share.trials()));
        reuse.as_ref().map_or(Mode::Resume, Mode::Reuse)
    };
    RunFolder::open(path, &settings, &schemas, share, about(config, selected), mode).map_err(|error| from_open(&error))
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
fn positive(option: &str, value: Option<usize>) -> Result<Option<usize>, Failure> {
    match value {
        Some(0) => Err(Failure::usage(format!("{option} 0: give at least 1"))),
        other => Ok(other),
    }
}

/// Starts the pool on which everything is computed.
pub(super) fn use_threads(threads: Option<usize>) -> Result<(), Failure> {
    if let Some(threads) = positive("--threads", threads)?.filter(|&threads| threads > MOST_THREADS) {
        return Err(Failure::usage(format!("--threads {threads}: give at most {MOST_THREADS}")));
    }
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
}

/// Everything that defines the rows and is not in the schemas: two runs with the same value write the same bytes. On a
/// GPU the driver's compiler and the shaders have their share in the last bits, and so does the machine's C library.
fn identity(config: &Config, selected: &Selected) -> Value {
    let mut identity = json!({
        "config": config.source.identity,
        "engine": selected.engine.route().name(),
        "kernel_version": KERNEL_VERSION,
        "platform": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
    });
    if !selected.adapter.is_null() {
        let of_adapter = |key: &str| selected.adapter.get(key).cloned().unwrap_or(Value::Null);
        let parts = ["name", "backend", "driver", "driver_info"].map(|key| (key.to_owned(), of_adapter(key)));
        identity["adapter"] = parts.into_iter().collect::<serde_json::Map<_, _>>().into();
        identity["shader_sha256"] = gpu::shader_digest().into();
    }
    identity
}

fn about(config: &Config, selected: &Selected) -> About {
    About {
        name: config.name.clone(),
        config: config.source.text.clone(),
        config_path: absolute(&config.source.path).display().to_string(),
        seeds: json!({ "seeding": format!("{:?}", config.grid.seeding), "replicates": config.grid.replicates }),
        shader_sha256: (!selected.adapter.is_null()).then(gpu::shader_digest),
        command: std::env::args().collect(),
        engine: selected.engine.describe(),
        self_test: selected.adapter.get("self_test").cloned().unwrap_or(Value::Null),
        adapter: selected.adapter.clone(),
        cpu_features: vec![instruction_set().to_owned()],
        figures: config.figures.iter().map(|figure| figure.id.clone()).collect(),
    }
}

/// The path with which `verify` finds the config's data files again from any folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Before anything is computed every complaint of the folder is one about the command.
fn from_open(error: &RecordError) -> Failure {
    Failure::usage(error.to_string())
}

fn from_run(error: &RunError) -> Failure {
    Failure::failed(error.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::cpu::CpuEngine;

    #[test]
    fn another_driver_is_another_run_and_another_host_is_not() {
        let text = "[design]\nkind = \"gaussian\"\n[grid]\nn = 3\nd = 2\n";
        let config = Config::parse(text, Path::new("a.toml"), &[]).unwrap();
        let on = |adapter| identity(&config, &Selected { engine: Arc::new(CpuEngine), adapter, note: None });
        let gpu =
            |driver: &str, index: u32| json!({ "name": "G", "backend": "vulkan", "driver": driver, "index": index });
        assert_ne!(on(gpu("1.0", 0)), on(gpu("1.1", 0)));
        assert_eq!(on(gpu("1.0", 0)), on(gpu("1.0", 1)), "where in the list it stands is of no consequence");
        assert_ne!(on(gpu("1.0", 0)), on(Value::Null));
        assert_eq!(on(Value::Null).get("shader_sha256"), None, "no shader is used");
    }
}
