//! The plan of a launch: the one that is there, or a new one whose shards take minutes.

use std::time::Duration;

use super::super::run::on_threads;
use super::super::signals;
use super::{Args, Failure, threads};
use crate::cluster::launch::{Engine, Most, shards};
use crate::cluster::{Estimate, Kind, Layout, Plan, PlanError, sample};
use crate::config::Config;
use crate::engine::select::select;
use crate::record::differences;

/// How long trials are computed to find out what they cost.
const SAMPLE: Duration = Duration::from_secs(2);

/// The plan of `layout` if what it leaves open is all that was left open here, else a new one. Nothing is written.
pub(super) fn find_or_make(args: &Args, config: &Config, layout: &Layout) -> Result<Plan, Failure> {
    let kind = Kind::of(config);
    let from_plan = |error: PlanError| super::from_plan(&error);
    match Plan::read(layout) {
        Ok(there) => again(args, config, layout, &there),
        Err(PlanError::NoPlan(_)) => {
            let most = Most::of(args.on);
            if let Some(asked) = args.shards.filter(|&asked| asked > most.shards) {
                return Err(Failure::usage(format!(
                    "--shards {asked}: at most {} here ({}); shards may be longer: --minutes",
                    most.shards, most.because
                )));
            }
            let threads = args.threads.unwrap_or_else(|| threads(kind));
            let (shards, estimate) = match args.shards {
                Some(shards) => (shards, None),
                None => measured(args, config, threads, &most)?,
            };
            Plan::new(config, shards, threads, estimate).map_err(from_plan)
        }
        Err(error) => Err(from_plan(error)),
    }
}

/// The plan that is `there`, with what is asked for now: [`Plan::write`] refuses what differs.
fn again(args: &Args, config: &Config, layout: &Layout, there: &Plan) -> Result<Plan, Failure> {
    let from_plan = |error: PlanError| super::from_plan(&error);
    let (path, sides) = (layout.plan(), ["asked for", "in the plan"]);
    // First: another config may have too few trials for as many shards, which would then be all that is said.
    let asked = Plan::new(config, 1, there.threads, None).map_err(from_plan)?;
    let differences = differences(&asked.definition.description, &there.definition.description, sides);
    if !differences.is_empty() {
        return Err(from_plan(PlanError::Other { path, differences }));
    }
    // Where the engine does not say how many it takes, it refuses too many itself.
    if let Some(most) = Most::known(args.on).filter(|most| there.shards > most.shards) {
        return Err(Failure::usage(format!(
            "{}: the plan has {} shards; at most {} here ({})\n  choose another folder with --out, for which the run is cut \
             anew, or another engine with --on",
            path.display(),
            there.shards,
            most.shards,
            most.because
        )));
    }
    // What was measured then stands: another measurement would cut the run anew.
    let (shards, threads) = (args.shards.unwrap_or(there.shards), args.threads.unwrap_or(there.threads));
    Plan::new(config, shards, threads, there.estimate).map_err(from_plan)
}

/// How many shards give minutes each, by a sample computed here on what a shard will have.
fn measured(args: &Args, config: &Config, threads: usize, most: &Most) -> Result<(u32, Option<Estimate>), Failure> {
    if !(args.minutes.is_finite() && args.minutes > 0.0) {
        return Err(Failure::usage(format!("--minutes {}: give a positive number", args.minutes)));
    }
    let selected = select(Kind::of(config).device(), config.engine.precision).map_err(|error| {
        let failure = Failure::from(error);
        match Kind::of(config) {
            Kind::Cpu => failure,
            Kind::Gpu => Failure::device(format!(
                "{failure}\n  no trial can be timed here; say how many shards yourself: --shards N"
            )),
        }
    })?;
    // Reading the config may have used all cores: a shard will not.
    let taken = on_threads(threads, || sample(config, &selected, &std::env::temp_dir(), SAMPLE, &signals::stop_asked))?;
    let taken = taken.map_err(|error| Failure::failed(format!("a sample of the trials: {error}")))?;
    let taken = taken.ok_or_else(|| Failure::interrupted("interrupted before anything was planned"))?;
    let estimate = Estimate { seconds_per_trial: taken.seconds_per_trial(), sampled: taken.trials };
    let trials = config.grid.trial_count();
    let seconds = estimate.seconds_per_trial * trials as f64;
    let least = match args.on {
        Engine::Local => {
            u32::try_from(super::here::at_a_time(args.jobs, threads, Kind::of(config))).unwrap_or(u32::MAX)
        }
        _ => 1,
    };
    Ok((shards(seconds, args.minutes, trials, least, most.shards), Some(estimate)))
}
