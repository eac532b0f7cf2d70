//! `--on local`: shards as processes of this machine, then the merge.

use std::process::Command;

use super::super::signals::stop_asked;
use super::words::{headline, to_json};
use super::{Args, Exit, Failure, Plan, Work};
use crate::cli::output;
use crate::cluster::Kind;
use crate::cluster::launch::{Event, Outcome, compact, run_here};

/// Computes what is missing and merges.
pub(super) fn run(args: &Args, plan: &Plan, work: &Work) -> Result<Exit, Failure> {
    let say = |text: &str| {
        if !args.json {
            output::note(text);
        }
    };
    say(&headline(plan, work));
    if !work.left_alone.is_empty() {
        say(&format!(
            "processes of this machine are at the shards {} already, which are left to them; --again computes them here too",
            compact(&work.left_alone)
        ));
    }
    let (mut done, mut failed) = (work.published, Vec::new());
    let mut told = |event: Event| match event {
        Event::Done { shard } => {
            done += 1;
            say(&format!("shard {shard} is published ({done} of {})", plan.shards));
        }
        Event::Again { shard, how } => say(&format!("shard {shard}: {how}; it is started again")),
        Event::Failed { shard, how } => {
            say(&format!(
                "shard {shard} failed: {how}; its words: {}",
                work.job.layout().logs().join(format!("local-{shard}.log")).display()
            ));
            failed.push(shard);
        }
    };
    let at_a_time = at_a_time(args.jobs, plan.threads, plan.kind);
    let outcome = run_here(&work.job, &work.missing, at_a_time, &stop_asked, &mut told)
        .map_err(|error| Failure::failed(error.to_string()))?;
    if outcome == Outcome::Interrupted {
        say(&format!(
            "interrupted: {done} of {} shards are published; the same command goes on from there",
            plan.shards
        ));
        return Ok(Exit::Interrupted);
    }
    merge(args, plan, work, &failed)
}

/// Runs the merge in this terminal, and ends as it does.
pub(super) fn merge(args: &Args, plan: &Plan, work: &Work, failed: &[u32]) -> Result<Exit, Failure> {
    let words = work.job.merge_command();
    let mut command = Command::new(&work.job.options().program);
    command.args(&words[1..]);
    let cannot = |error: std::io::Error| Failure::failed(format!("{}: cannot be started: {error}", words[0]));
    if !args.json {
        let status = command.status().map_err(cannot)?;
        return Ok(ending(status.code()));
    }
    let ended = command.arg("--json").stderr(std::process::Stdio::inherit()).output().map_err(cannot)?;
    let mut json = to_json(plan, work, None);
    json["failed"] = failed.into();
    json["merge"] = serde_json::from_slice(&ended.stdout).unwrap_or_default();
    output::json(&json)?;
    Ok(ending(ended.status.code()))
}

/// The merge's exit code as this program's; a merge that was killed has failed.
fn ending(code: Option<i32>) -> Exit {
    let known = [Exit::Ok, Exit::Usage, Exit::Verification, Exit::Device, Exit::Interrupted];
    known.into_iter().find(|exit| code == Some(exit.code().into())).unwrap_or(Exit::FailedRows)
}

/// How many shards of `threads` threads are computed at a time: as many as there are cores for, and one on the GPU that they
/// would all take.
pub(super) fn at_a_time(jobs: Option<u32>, threads: usize, kind: Kind) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let fit = match kind {
        Kind::Cpu => (cores / threads.max(1)).max(1),
        Kind::Gpu => 1,
    };
    jobs.map_or(fit, |jobs| usize::try_from(jobs).unwrap_or(usize::MAX))
}
