//! What a launch says: what was found, what was handed over, what to do next.

use std::path::Path;

use serde_json::{Value, json};

use super::{Args, Exit, Failure, Plan, Work};
use crate::cli::output;
use crate::cluster::launch::{Engine, Script, Submission, quote, wait_command};

/// What would be submitted, and how.
pub(super) fn planned(args: &Args, plan: &Plan, work: &Work, files: &[Script]) -> Result<Exit, Failure> {
    let paths: Vec<String> = files.iter().map(|file| show(&file.path(&work.job))).collect();
    let mut lines: Vec<String> = paths.iter().map(|path| format!("wrote {path}")).collect();
    let words = |command: Vec<String>| quote::command_line(command.iter().map(String::as_str));
    lines.push(match (work.engine, paths.as_slice()) {
        (Engine::Kubernetes, [job, merge]) => format!(
            "nothing was submitted, and these manifests were not tried here: read them, copy the folder into the claim, then\n  \
             kubectl apply -f {}\n  {}\n  kubectl apply -f {}",
            quote::shell(job),
            wait_command(&work.job),
            quote::shell(merge)
        ),
        (_, [.., submit]) => format!("nothing was submitted; this would do it: {}", quote::shell(submit)),
        _ => format!(
            "nothing was started; each shard would be {} --index I, and then {}",
            words(work.job.shard_command()),
            words(work.job.merge_command())
        ),
    });
    if args.json {
        let mut json = to_json(plan, work, None);
        json["files"] = paths.into();
        output::json(&json)?;
        return Ok(Exit::Ok);
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    tell(args, plan, work, None, &lines)
}

/// What was found and done, in words or as JSON.
pub(super) fn tell(
    args: &Args,
    plan: &Plan,
    work: &Work,
    submitted: Option<&Submission>,
    next: &[&str],
) -> Result<Exit, Failure> {
    if args.json {
        output::json(&to_json(plan, work, submitted))?;
        return Ok(Exit::Ok);
    }
    let mut lines = vec![headline(plan, work)];
    if let Some(view) = &work.under_way
        && !view.is_idle()
    {
        lines.push(view.to_string());
    }
    if let Some(Submission { shards, array, merge, .. }) = submitted {
        if let Some(number) = array {
            lines.push(format!("submitted shards {shards} as job {number}"));
        }
        if let Some(number) = merge {
            lines.push(format!("submitted the merge as job {number}"));
        }
    }
    lines.extend(next.iter().map(|&line| line.to_owned()));
    output::done(&lines.join("\n"))
}

/// `name: 10000 trials in 40 shards on the cpu, about 3.0 minutes each by a sample of 96 trials; 12 are published`.
pub(super) fn headline(plan: &Plan, work: &Work) -> String {
    let each = plan.estimate.map_or_else(String::new, |estimate| {
        let seconds = estimate.seconds_per_trial * plan.trials as f64 / f64::from(plan.shards);
        let long = if seconds < 60.0 { format!("{seconds:.1} s") } else { format!("{:.1} minutes", seconds / 60.0) };
        format!(", about {long} each by a sample of {} trials", estimate.sampled)
    });
    let published = match work.published {
        0 => String::new(),
        count => format!("; {count} are published"),
    };
    let shards = if plan.shards == 1 { "1 shard".to_owned() } else { format!("{} shards", plan.shards) };
    format!("{}: {} trials in {shards} on the {}{each}{published}", plan.name, plan.trials, plan.kind.name())
}

/// The same for programs.
pub(super) fn to_json(plan: &Plan, work: &Work, submitted: Option<&Submission>) -> Value {
    json!({
        "name": plan.name,
        "folder": show(work.job.layout().run()),
        "engine": work.engine,
        "device": plan.kind,
        "shards": plan.shards,
        "trials": plan.trials,
        "estimate": plan.estimate,
        "published": work.published,
        "missing": work.missing,
        "left_alone": work.left_alone,
        "under_way": work.under_way,
        "merged": work.merged,
        "submitted": submitted,
    })
}

/// A path for people.
pub(super) fn show(path: &Path) -> String {
    path.display().to_string()
}
