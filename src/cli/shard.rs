//! `nullsweep shard --plan PLAN --index I`: one shard of a planned run, for whatever engine starts the processes.

use std::path::PathBuf;

use super::exit::Exit;
use super::progress::{Progress, Verbosity};
use super::run::{positive, use_threads};
use super::{Failure, output, signals};
use crate::cluster::{self, Attempt, Begun, Kind, Layout, Plan, PlanError, ShardError};
use crate::engine::Device;
use crate::engine::select::select;
use crate::record::Part;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan: cluster/plan.json in the run's folder, or the folder `cluster` itself
    #[arg(long, value_name = "PLAN")]
    plan: PathBuf,
    /// Which shard, from 0
    #[arg(long, value_name = "I")]
    index: u32,
    /// Threads; as many as the plan says unless given
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
    /// At most this many trials in a chunk; three chunks are under way at a time, which is what a killed shard loses at most
    #[arg(long, value_name = "TRIALS")]
    chunk: Option<usize>,
    /// Which GPU (gpu:INDEX, as `nullsweep devices` counts), where the plan asks for one; the one that the engine gave unless
    /// given
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

/// Exit code 0: the part is there. 75: try again. Anything else: the shard has failed for good. Of every failure a note is
/// left, until the shard succeeds.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    signals::listen()?;
    let layout = layout_of(&args.plan)?;
    let plan = Plan::read(&layout).map_err(|error| from_shard(&error.into()))?;
    let done = compute(args, &plan, &layout);
    if let Err(failure) = &done
        && args.index < plan.shards
        && let Err(error) = cluster::Failure::note(&layout, args.index, &failure.to_string(), failure.exit().code())
    {
        output::note(&format!("warning: that shard {} failed could not be noted: {error}", args.index));
    }
    done
}

fn compute(args: &Args, plan: &Plan, layout: &Layout) -> Result<Exit, Failure> {
    let verbosity = if args.quiet { Verbosity::Quiet } else { Verbosity::Normal };
    let say = |text: &str| {
        if verbosity == Verbosity::Normal {
            output::note(text);
        }
    };
    // Before a device is opened: an engine may start a task again whose part is there.
    if let Some(part) = cluster::published(plan, layout, args.index).map_err(|error| from_shard(&error))? {
        return tell(&part, "was there already", args.quiet);
    }
    let chunk = positive("--chunk", args.chunk)?;
    use_threads(Some(args.threads.unwrap_or(plan.threads)))?;
    let config = plan.config(layout).map_err(|error| from_shard(&error.into()))?;
    let selected = select(device(args.device, plan.kind)?, config.engine.precision)?;
    let begun = Attempt::begin(plan, config, layout, args.index, &selected).map_err(|error| from_shard(&error))?;
    let attempt = match begun {
        Begun::Published(part) => return tell(&part, "was there already", args.quiet),
        Begun::Open(attempt) => attempt,
    };
    say(&format!("{}: shard {} of {}, engine: {}", plan.name, args.index, plan.shards, selected.engine.describe()));
    if attempt.taken_over() > 0 {
        say(&format!(
            "{} of {} trials are taken over from an attempt that was cut short",
            attempt.taken_over(),
            attempt.trials()
        ));
    }
    let progress = Progress::new(attempt.taken_over(), attempt.trials(), verbosity);
    let done = attempt.compute(&selected, chunk, &progress);
    progress.finish();
    let incidents = selected.engine.incidents();
    if !incidents.is_none() {
        say(&format!("{}: {incidents}", selected.engine.describe()));
    }
    match done {
        Ok(part) => tell(&part, "is published", args.quiet),
        Err(error @ ShardError::Stopped { .. }) => {
            say(&error.to_string());
            Ok(Exit::Interrupted)
        }
        // Somebody else may have published it meanwhile, and tidied up under this process.
        Err(error) => match cluster::published(plan, layout, args.index) {
            Ok(Some(part)) => tell(&part, "was published by another process", args.quiet),
            _ => Err(from_shard(&error)),
        },
    }
}

/// The device to compute on: that of the plan, of which only the number may be chosen here.
fn device(asked: Option<Device>, kind: Kind) -> Result<Device, Failure> {
    match (asked, kind) {
        (None, kind) => Ok(kind.device()),
        (Some(Device::Gpu(index)), Kind::Gpu) => Ok(Device::Gpu(index)),
        (Some(Device::Cpu), Kind::Cpu) => Ok(Device::Cpu),
        (Some(asked), kind) => Err(Failure::usage(format!(
            "--device {asked}: all shards of this plan are computed on the {}, so that their rows are of one kind",
            kind.name()
        ))),
    }
}

fn tell(part: &Part, how: &str, quiet: bool) -> Result<Exit, Failure> {
    if !quiet {
        output::data(&format!("shard {} {how}: {} trials, {}", part.shard(), part.trials(), part.path().display()))?;
    }
    Ok(Exit::Ok)
}

/// The files that belong to the plan at `path`.
pub(super) fn layout_of(path: &std::path::Path) -> Result<Layout, Failure> {
    Layout::of_plan(path).ok_or_else(|| {
        Failure::usage(format!(
            "{}: this is not where a plan lies\n  give RUN/cluster/plan.json, or the folder RUN/cluster",
            path.display()
        ))
    })
}

/// Nothing can be computed by this plan, here at least.
pub(super) fn from_plan(error: &PlanError) -> Failure {
    match error {
        PlanError::Record(error) => Failure::failed(error.to_string()),
        _ => Failure::usage(error.to_string()),
    }
}

fn from_shard(error: &ShardError) -> Failure {
    match error {
        error if error.is_transient() => Failure::transient(error.to_string()),
        ShardError::Plan(error) => from_plan(error),
        _ => Failure::failed(error.to_string()),
    }
}
