//! `nullsweep status DIR`: how far a run on many machines is, by its files.

mod text;

pub(super) use text::unfinished_text;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::shard::from_plan;
use super::{Exit, Failure, output};
use crate::cluster::launch::{self, EngineView};
use crate::cluster::{Layout, Plan, Survey, Unfinished, Worker, merged, survey};
use crate::record::Part;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run's folder, in which `cluster/plan.json` lies
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// What there is to say.
struct Status<'a> {
    layout: &'a Layout,
    plan: &'a Plan,
    survey: &'a Survey,
    /// Whether the tables of all trials are written.
    merged: bool,
    /// What the engine says, where it was handed the plan and answers.
    engine: Option<EngineView>,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let layout = Layout::of_run(&args.folder);
    let plan = Plan::read(&layout).map_err(|error| from_plan(&error))?;
    let survey = survey(&layout, &plan).map_err(|error| Failure::failed(error.to_string()))?;
    let merged = merged(&layout, &plan).is_some();
    // Of a finished run no engine knows anything that matters.
    let engine = if survey.is_complete() && merged { None } else { launch::view(&layout) };
    let status = Status { layout: &layout, plan: &plan, survey: &survey, merged, engine };
    if args.json {
        output::json(&status.to_json())?;
    } else {
        output::data(&status.to_text())?;
    }
    Ok(if survey.failures().next().is_some() { Exit::FailedRows } else { Exit::Ok })
}

impl Status<'_> {
    /// Trials a second of one process, over all parts; `None` before the first.
    fn rate(&self) -> Option<f64> {
        let computed = |part: &Part| part.trials().saturating_sub(part.report().taken_over);
        let trials: usize = self.survey.parts.iter().map(computed).sum();
        let seconds: f64 = self.survey.parts.iter().map(|part| part.report().wall_seconds).sum();
        (trials > 0 && seconds > 0.0).then(|| trials as f64 / seconds)
    }

    /// Shards that somebody may be computing.
    fn under_way(&self) -> impl Iterator<Item = &Unfinished> {
        self.survey.unfinished.iter().filter(|shard| shard.is_under_way())
    }

    /// Seconds until the last shard is published, if as many processes stay at work as there are now, at the rate so far or,
    /// before the first part, at the one that was measured for the plan. `None` if nobody is at work.
    fn seconds_left(&self) -> Option<f64> {
        let workers = self.under_way().count();
        let estimated = self.plan.estimate.map(|estimate| estimate.seconds_per_trial.recip());
        let rate = self.rate().or(estimated)?;
        let left = self.plan.trials.saturating_sub(self.survey.trials());
        (workers > 0).then(|| left as f64 / (rate * workers as f64))
    }

    fn to_json(&self) -> Value {
        json!({
            "name": self.plan.name,
            "folder": self.layout.run().display().to_string(),
            "device": self.plan.kind,
            "shards": self.plan.shards,
            "trials": self.plan.trials,
            "rows": self.plan.rows,
            "published": { "shards": self.survey.parts.len(), "trials": self.survey.trials() },
            "under_way": self.under_way().count(),
            "failed": self.survey.failures().count(),
            "complete": self.survey.is_complete(),
            "merged": self.merged,
            "trials_per_second_and_process": self.rate(),
            "seconds_left": self.seconds_left(),
            "engine": self.engine,
            "unfinished": unfinished_json(self.survey),
        })
    }
}

/// What is known of every shard that is not published.
pub(super) fn unfinished_json(survey: &Survey) -> Value {
    let worker = |worker: &Worker| {
        json!({
            "host": worker.owner.host,
            "pid": worker.owner.pid,
            "since": worker.owner.since,
            "certain": worker.is_certain,
            "quiet_seconds": worker.quiet.map(|quiet| quiet.as_secs()),
        })
    };
    let shard = |shard: &Unfinished| {
        json!({
            "shard": shard.index,
            "trials": shard.trials,
            "failure": shard.failure,
            "invalid": shard.invalid.as_ref().map(ToString::to_string),
            "workers": shard.workers.iter().map(worker).collect::<Vec<_>>(),
        })
    };
    survey.unfinished.iter().map(shard).collect()
}
