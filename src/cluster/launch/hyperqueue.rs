//! HyperQueue: a task array. It restarts the tasks of a lost worker at once. Its jobs cannot wait for each other, so the
//! merge is a command that is run when the array is done, by `submit.sh` or by `launch` once more.

use serde_json::Value;

use super::arguments::{Reserved, gives};
use super::command::{self, CommandError, QUESTION, SUBMISSION};
use super::indices::compact;
use super::quote::command_line;
use super::script::{Purpose, Script, attempts, path_of};
use super::{Engine, EngineView, Job, LaunchError, Submission};
use crate::cluster::Kind;

const SHARD: &str = "shard.sh";

/// How many workers a task may lose before it is taken for the cause.
const CRASH_LIMIT: u32 = 5;

/// What of `hq submit` is not a person's to say.
pub(super) const RESERVED: [Reserved; 8] = [
    Reserved { long: "name", short: None, why: "launch and status find the run's jobs by the name that launch gives" },
    Reserved { long: "array", short: None, why: "which shards are missing is for launch to say, or --shards" },
    Reserved { long: "stdout", short: None, why: LOGS },
    Reserved { long: "stderr", short: None, why: LOGS },
    Reserved { long: "stream", short: None, why: LOGS },
    Reserved { long: "output-mode", short: None, why: "launch reads the job's number in JSON" },
    Reserved { long: "wait", short: None, why: WAITING },
    Reserved { long: "progress", short: None, why: WAITING },
];
const LOGS: &str = "what shards say goes into DIR/cluster/logs, where launch and status say that it is";
const WAITING: &str = "launch would give up before the shards are done; cluster/submit.sh waits";

/// The task, and the commands that submit the array and merge.
pub(super) fn scripts(job: &Job, missing: &[u32]) -> Vec<Script> {
    vec![
        Script { name: SHARD, text: shard(job), purpose: Purpose::Program },
        Script { name: "submit.sh", text: submit_script(job, missing), purpose: Purpose::Program },
    ]
}

/// What waits or runs under the name of a job, whoever submitted it.
pub(super) fn under_way(name: &str) -> Result<EngineView, CommandError> {
    let ask = |args: &[&str]| {
        let args: Vec<&str> = ["--output-mode=json"].iter().chain(args).copied().collect();
        let said = command::ask("hq", &args, QUESTION)?;
        serde_json::from_str::<Value>(&said).map_err(|error| CommandError::Refused {
            command: command_line(["hq"].into_iter().chain(args)),
            status: format!("the answer is not JSON ({error})"),
            said,
        })
    };
    let jobs = jobs_named(&ask(&["job", "list"])?, name);
    let mut view = EngineView::new(Engine::HyperQueue);
    for job in &jobs {
        note_tasks(&ask(&["task", "list", job, "--task-status", "waiting,running"])?, &mut view);
    }
    view.jobs = jobs;
    Ok(view)
}

/// The numbers of the jobs called `name` in the answer to `hq job list`, which has those that are not done.
fn jobs_named(list: &Value, name: &str) -> Vec<String> {
    let jobs = list.as_array().into_iter().flatten();
    jobs.filter(|job| job["name"] == name).filter_map(|job| job["id"].as_u64()).map(|id| id.to_string()).collect()
}

/// Adds the tasks in the answer to `hq task list`, `{ "JOB": [{ "id": 0, "state": "running" }, ...] }`.
fn note_tasks(list: &Value, view: &mut EngineView) {
    for task in list.as_object().into_iter().flat_map(|jobs| jobs.values()).filter_map(Value::as_array).flatten() {
        let Some(index) = task["id"].as_u64().and_then(|id| u32::try_from(id).ok()) else { continue };
        match task["state"].as_str() {
            Some("running") => view.running.insert(index),
            Some("waiting") => view.waiting.insert(index),
            _ => false,
        };
    }
}

/// Submits the array of the shards `missing`.
pub(super) fn submit(job: &Job, missing: &[u32], submission: &mut Submission) -> Result<(), LaunchError> {
    if missing.is_empty() {
        return Ok(());
    }
    let args = submit_args(job, missing);
    let args: Vec<&str> = ["--output-mode=json"].into_iter().chain(args.iter().map(String::as_str)).collect();
    let said = command::ask("hq", &args, SUBMISSION)?;
    let answer: Value = serde_json::from_str(&said).unwrap_or(Value::Null);
    let number = answer["id"].as_u64().ok_or(LaunchError::Answer { command: "hq submit", said })?;
    submission.array = Some(number.to_string());
    Ok(())
}

/// `submit --name NAME --array 0-3,7 ... -- /.../shard.sh`.
fn submit_args(job: &Job, missing: &[u32]) -> Vec<String> {
    let log = format!("{}/hq-%{{JOB_ID}}-%{{TASK_ID}}", job.logs());
    let mut args: Vec<String> = vec!["submit".to_owned()];
    args.extend([format!("--name={}", job.name()), format!("--array={}", compact(missing))]);
    // `hq` refuses an option that is given twice: what a person says takes the place of ours.
    let theirs = &job.options().hq_args;
    for (option, value) in [("cpus", job.threads().to_string()), ("crash-limit", CRASH_LIMIT.to_string())] {
        if !theirs.iter().any(|arg| gives(arg, option, None)) {
            args.push(format!("--{option}={value}"));
        }
    }
    if job.kind() == Kind::Gpu && !theirs.iter().any(|arg| arg.starts_with("--resource=gpus/")) {
        args.push("--resource=gpus/nvidia=1".to_owned());
    }
    // HyperQueue truncates a log when a task starts anew; the instance keeps what a lost worker left.
    args.extend([format!("--stdout={log}.%{{INSTANCE_ID}}.out"), format!("--stderr={log}.%{{INSTANCE_ID}}.err")]);
    args.extend(theirs.iter().cloned());
    args.extend(["--".to_owned(), job.layout().folder().join(SHARD).display().to_string()]);
    args
}

fn shard(job: &Job) -> String {
    format!(
        "#!/bin/sh\n\
         # One shard of {count}: which one is the number of HyperQueue's task. By hand: HQ_TASK_ID=0 {path}\n\
         # A shard whose part is there already ends at once.\n\
         \n\
         {attempts}",
        count = job.shards(),
        path = path_of(job, SHARD),
        attempts = attempts(job, "HQ_TASK_ID"),
    )
}

fn submit_script(job: &Job, missing: &[u32]) -> String {
    let submit = match missing {
        [] => "# No shard is missing.\n".to_owned(),
        missing => {
            let args = submit_args(job, missing);
            let words = ["hq"].into_iter().chain(args.iter().map(String::as_str));
            format!(
                "# `hq submit --wait` ends well when tasks fail: what is missing is told by the merge.\n{} || true\n",
                command_line(words).replacen(" submit ", " submit --wait ", 1)
            )
        }
    };
    let merge = job.merge_command();
    format!(
        "#!/bin/sh\n\
         # Submits the shards that were missing when this was written, waits for them, and merges.\n\
         set -eu\n\
         {submit}\
         exec {merge}\n",
        merge = command_line(merge.iter().map(String::as_str)),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::super::Options;
    use super::super::job::tests::job;
    use super::*;

    /// As `hq` 0.26 answers.
    #[test]
    fn the_lists_of_jobs_and_tasks_are_read() {
        let list =
            json!([{ "id": 1, "name": "n", "task_count": 5 }, { "id": 2, "name": "m" }, { "id": 7, "name": "n" }]);
        assert_eq!(jobs_named(&list, "n"), ["1", "7"]);
        assert!(jobs_named(&Value::Null, "n").is_empty());
        let tasks = json!({ "1": [
            { "id": 0, "state": "running", "worker": 1 },
            { "id": 2, "state": "waiting" },
            { "id": 3, "state": "failed" },
        ] });
        let mut view = EngineView::new(Engine::HyperQueue);
        note_tasks(&tasks, &mut view);
        assert_eq!((&view.running, &view.waiting), (&BTreeSet::from([0]), &BTreeSet::from([2])));
        note_tasks(&json!({ "error": "x" }), &mut view);
        assert_eq!(view.shards(), BTreeSet::from([0, 2]));
    }

    #[test]
    fn what_a_person_says_takes_the_place_of_ours() {
        let submitted = |hq_args: &[&str]| {
            let hq_args = hq_args.iter().map(|&arg| arg.to_owned()).collect();
            submit_args(&job("/r", "gpu", Options { hq_args, ..Options::default() }).unwrap(), &[0])
        };
        let count = |args: &[String], begin: &str| args.iter().filter(|arg| arg.starts_with(begin)).count();
        let options = ["--cpus=", "--crash-limit=", "--resource=gpus/"];
        let own = submitted(&[]);
        let theirs = submitted(&["--cpus=3", "--crash-limit=9", "--resource=gpus/amd=1", "--resource=mem=4"]);
        for option in options {
            assert_eq!((count(&own, option), count(&theirs, option)), (1, 1), "{option}");
        }
        assert!(theirs.contains(&"--crash-limit=9".to_owned()) && theirs.contains(&"--cpus=3".to_owned()));
    }

    #[test]
    fn scripts_are_short_and_say_what_they_do() {
        let options = Options { hq_args: vec!["--priority=1".to_owned()], ..Options::default() };
        let job = job("/home/me/it's here", "gpu", options).unwrap();
        let all = super::super::script::all(&scripts(&job, &[0, 1, 3]));
        insta::assert_snapshot!(all.replace(job.name(), "NAME"));
    }
}
