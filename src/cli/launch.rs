//! `nullsweep launch CONFIG --on ENGINE`: the plan of a run on many machines, handed to an engine that exists; once more, just
//! what is missing.

mod destination;
mod here;
mod plan;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::run::positive;
use super::shard::from_plan;
use super::{ConfigArgs, Exit, Failure, format, signals};
use crate::cluster::launch::{
    Engine, EngineView, Image, Job, LaunchError, Options, Submissions, quote, scripts, submit, under_way,
};
use crate::cluster::{Kind, Layout, Plan, Survey, merged, survey};
use crate::record::{Format, Kinds, RecordError};
use words::{planned, show, tell};

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Who starts the processes: slurm, hyperqueue, kubernetes (manifests only) or local (processes of this machine)
    #[arg(long, value_name = "ENGINE")]
    on: Engine,
    /// The run's folder, which all machines must see under this path; results/NAME unless given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many shards; as many as give --minutes each, by a sample of the trials computed here, unless given
    #[arg(long, value_name = "N")]
    shards: Option<u32>,
    /// How long a shard is to take
    #[arg(long, value_name = "MINUTES", default_value_t = 3.0)]
    minutes: f64,
    /// Threads of a shard; 1 unless given, 4 for a shard that has a GPU
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
    /// Shards at a time, at most; what the engine allows unless given; for local as many as there are
    /// cores for, and one on a GPU
    #[arg(long, value_name = "J")]
    jobs: Option<u32>,
    /// Format of the merged tables: csv or parquet
    #[arg(long, value_name = "FORMAT", value_parser = format::parse)]
    format: Option<Format>,
    /// Have the merge take rows of several kinds of GPU or driver; manifest.json then says which
    #[arg(long)]
    mixed: bool,
    /// One more argument for sbatch, such as --sbatch-arg=--partition=long. May be repeated
    #[arg(long = "sbatch-arg", value_name = "ARG", allow_hyphen_values = true)]
    sbatch: Vec<String>,
    /// One more argument for `hq submit`, such as --hq-arg=--priority=1. May be repeated
    #[arg(long = "hq-arg", value_name = "ARG", allow_hyphen_values = true)]
    hq: Vec<String>,
    /// The container image of Kubernetes' pods, with nullsweep in its PATH
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// The persistent volume claim of Kubernetes' pods
    #[arg(long, value_name = "CLAIM", default_value = "nullsweep")]
    claim: String,
    /// The program as the machines that compute find it; this one unless given
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Submit shards that somebody is at already, too: that the engine has queued, held or running, or this machine computes
    #[arg(long)]
    again: bool,
    /// Write plan and scripts, print what would be run, submit nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// What there is to do.
struct Work {
    job: Job,
    engine: Engine,
    /// Shards without a part that nobody is known to be at.
    missing: Vec<u32>,
    /// Shards without a part that are left to whoever is at them.
    left_alone: Vec<u32>,
    /// Shards with a part.
    published: usize,
    /// What the engine has queued and running.
    under_way: Option<EngineView>,
    /// Whether the tables of all trials are there.
    merged: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    signals::listen()?;
    positive("--threads", args.threads)?;
    positive("--jobs", args.jobs.map(|jobs| usize::try_from(jobs).unwrap_or(usize::MAX)))?;
    if args.on == Engine::Kubernetes && args.image.is_none() {
        return Err(Failure::usage("--on kubernetes: give --image IMAGE, an image with nullsweep in its PATH"));
    }
    let config = args.config.load()?;
    let folder = args.out.clone().unwrap_or_else(|| Path::new("results").join(&config.name));
    let layout =
        Layout::of_run(&std::path::absolute(&folder).map_err(|error| {
            Failure::usage(format!("{}: the absolute path cannot be told: {error}", folder.display()))
        })?);
    if args.program.is_none() {
        // The merge would refuse it, when all shards are computed.
        format::choose(args.format, layout.run())?;
    }
    let plan = plan::find_or_make(args, &config, &layout)?;
    destination::refuse_other_runs(&layout, &plan, &config).map_err(|error| in_the_way(&error))?;
    let job = Job::new(args.on, &layout, &plan, options(args)?).map_err(|error| Failure::usage(error.to_string()))?;
    plan.write(&layout).map_err(|error| from_plan(&error))?;
    let work = look(args, job, &plan)?;
    let files = scripts(work.engine, &work.job, &work.missing);
    files.iter().try_for_each(|file| file.write(&work.job)).map_err(|error| from_launch(&error))?;
    if args.dry_run || work.engine == Engine::Kubernetes {
        return planned(args, &plan, &work, &files);
    }
    if work.merged {
        return tell(args, &plan, &work, None, &["every shard is published and the tables are there: nothing to do"]);
    }
    match work.engine {
        Engine::Local => here::run(args, &plan, &work),
        _ => hand_over(args, &plan, &work),
    }
}

fn options(args: &Args) -> Result<Options, Failure> {
    let this = || std::env::current_exe().map_err(|error| Failure::failed(format!("this program's path: {error}")));
    Ok(Options {
        program: args.program.clone().map_or_else(this, Ok)?,
        format: args.format,
        kinds: if args.mixed { Kinds::Mixed } else { Kinds::One },
        jobs: args.jobs,
        sbatch_args: args.sbatch.clone(),
        hq_args: args.hq.clone(),
        image: Image { image: args.image.clone().unwrap_or_default(), claim: args.claim.clone() },
    })
}

/// What is wrong with the folder, with what can be done about it here.
fn in_the_way(error: &RecordError) -> Failure {
    let words = error.to_string();
    match error {
        RecordError::HasJournal { .. } | RecordError::LostJournal { .. } | RecordError::Occupied { .. } => {
            Failure::usage(format!(
                "{}\n  choose another folder with --out, or move what is there away yourself",
                words.lines().next().unwrap_or(&words)
            ))
        }
        _ => Failure::failed(words),
    }
}

/// Finds out which shards are missing, and which of them somebody is at.
fn look(args: &Args, job: Job, plan: &Plan) -> Result<Work, Failure> {
    let survey = survey(job.layout(), plan).map_err(|error| Failure::failed(error.to_string()))?;
    let merged = merged(job.layout(), plan).filter(|there| args.format.is_none_or(|asked| asked == *there));
    let merged = survey.is_complete() && merged.is_some();
    let under_way = if args.dry_run || merged { None } else { ask(args, &job)? };
    let attended = match &under_way {
        _ if args.again => BTreeSet::new(),
        Some(view) => view.shards(),
        None if args.on == Engine::Local => computed_here(&survey),
        None => BTreeSet::new(),
    };
    let (left_alone, missing) = survey.missing().into_iter().partition(|index| attended.contains(index));
    Ok(Work { job, engine: args.on, missing, left_alone, published: survey.parts.len(), under_way, merged })
}

/// What the engine has under way of `job`; `None` if it keeps no list, or does not answer and was never given anything, or
/// does not answer and nobody wants to know (`--again`).
fn ask(args: &Args, job: &Job) -> Result<Option<EngineView>, Failure> {
    let error = match under_way(args.on, job.name()) {
        Ok(view) => return Ok(view),
        Err(error) => error,
    };
    let was_handed = Submissions::read(job.layout()).submissions.iter().any(|one| one.engine == args.on);
    if args.again || !was_handed {
        return Ok(None);
    }
    Err(Failure::failed(format!(
        "{error}\n  this run was handed to {} before, and what it is at is not known: run this again when it answers, or with \
         --again to submit all that is missing",
        args.on
    )))
}

/// The shards that processes of this machine are known to compute.
fn computed_here(survey: &Survey) -> BTreeSet<u32> {
    let unfinished = survey.unfinished.iter();
    unfinished.filter(|shard| shard.workers.iter().any(|worker| worker.is_certain)).map(|shard| shard.index).collect()
}

/// Submits what is missing, and the merge where the engine can wait for the shards.
fn hand_over(args: &Args, plan: &Plan, work: &Work) -> Result<Exit, Failure> {
    let view = work.under_way.as_ref();
    if work.missing.is_empty() {
        let merge_waits = view.is_some_and(|view| view.merge.is_some());
        let shards_wait = view.is_some_and(|view| !view.shards().is_empty());
        // Slurm is given a merge that waits for the shards; HyperQueue cannot be.
        if merge_waits || (shards_wait && work.engine == Engine::HyperQueue) {
            return tell(
                args,
                plan,
                work,
                None,
                &["everything that is missing is queued, held or running: nothing to submit"],
            );
        }
        if work.engine == Engine::HyperQueue {
            return here::merge(args, plan, work, &[]);
        }
    }
    let after = view.map(|view| view.jobs.clone()).unwrap_or_default();
    let submission = submit(work.engine, &work.job, &work.missing, &after).map_err(|error| from_launch(&error))?;
    let next = match work.engine {
        Engine::HyperQueue => format!(
            "HyperQueue's jobs cannot wait for each other; when `hq job wait {}` returns, this command once more merges",
            submission.array.as_deref().unwrap_or("all")
        ),
        _ => format!(
            "the merge writes into {} and its log into {}",
            show(work.job.layout().run()),
            show(&work.job.layout().logs())
        ),
    };
    let status = format!("how far it is: nullsweep status {}", quote::shell(&show(work.job.layout().run())));
    tell(args, plan, work, Some(&submission), &[&next, &status])
}

fn from_launch(error: &LaunchError) -> Failure {
    Failure::failed(error.to_string())
}

/// Threads of a shard: one, because shards side by side lose nothing to waiting for each other; some to finish what a GPU
/// delivers.
fn threads(kind: Kind) -> usize {
    match kind {
        Kind::Cpu => 1,
        Kind::Gpu => 4,
    }
}
