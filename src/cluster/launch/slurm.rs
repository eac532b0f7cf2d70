//! Slurm: an array of shards, and a merge that starts when no task of it is left, whether they succeeded or not: it then
//! says what is missing. A merge that waits for success (`afterok`) would never say anything after a failure.

mod queue;

use super::arguments::Reserved;
use super::command::{self, CommandError, QUESTION, SUBMISSION};
use super::indices::compact;
use super::quote::{command_line, sbatch};
use super::script::{Purpose, Script, attempts, path_of};
use super::{Job, LaunchError, Submission};
use crate::cluster::Kind;
pub(super) use queue::under_way;

const ARRAY: &str = "array.sbatch";
const MERGE: &str = "merge.sbatch";

/// What of `sbatch` is not a person's to say.
pub(super) const RESERVED: [Reserved; 6] = [
    Reserved {
        long: "job-name",
        short: Some('J'),
        why: "launch and status find the run's jobs by the name that launch gives",
    },
    Reserved { long: "output", short: Some('o'), why: LOGS },
    Reserved { long: "error", short: Some('e'), why: LOGS },
    Reserved { long: "dependency", short: Some('d'), why: "the merge waits for the shards by it" },
    Reserved {
        long: "array",
        short: Some('a'),
        why: "which shards are missing is for launch to say; --shards says how many there are, --jobs how many at a time",
    },
    Reserved { long: "wait", short: Some('W'), why: "launch would give up before the shards are done" },
];
const LOGS: &str = "what shards say goes into DIR/cluster/logs, where launch and status say that it is";

/// The array, the merge, and the commands that submit both.
pub(super) fn scripts(job: &Job, missing: &[u32]) -> Vec<Script> {
    vec![
        Script { name: ARRAY, text: array(job), purpose: Purpose::Data },
        Script { name: MERGE, text: merge(job), purpose: Purpose::Data },
        Script { name: "submit.sh", text: submit_script(job, missing), purpose: Purpose::Program },
    ]
}

/// Most shards of one array: `MaxArraySize` of the cluster's configuration.
pub(super) fn max_array_size() -> Result<u32, CommandError> {
    let said = command::ask("scontrol", &["show", "config"], QUESTION)?;
    parse_max_array_size(&said).ok_or_else(|| CommandError::Refused {
        command: "scontrol show config".to_owned(),
        status: "no MaxArraySize in the answer".to_owned(),
        said,
    })
}

fn parse_max_array_size(config: &str) -> Option<u32> {
    let pairs = config.lines().filter_map(|line| line.split_once('='));
    pairs.filter(|(key, _)| key.trim() == "MaxArraySize").find_map(|(_, value)| value.trim().parse().ok())
}

/// Submits the array of the shards `missing`, if there are any, and the merge after it and after the arrays `after`.
pub(super) fn submit(
    job: &Job,
    missing: &[u32],
    after: &[String],
    submission: &mut Submission,
) -> Result<(), LaunchError> {
    let path = |name: &str| job.layout().folder().join(name).display().to_string();
    if !missing.is_empty() {
        submission.array = Some(sbatch_number(&["--parsable", &array_option(job, missing), &path(ARRAY)])?);
    }
    let before: Vec<&str> = after.iter().chain(&submission.array).map(String::as_str).collect();
    let dependency = format!("--dependency=afterany:{}", before.join(":"));
    let merge = path(MERGE);
    let mut args = vec!["--parsable"];
    if !before.is_empty() {
        args.extend([dependency.as_str(), "--kill-on-invalid-dep=yes"]);
    }
    args.push(&merge);
    submission.merge = Some(sbatch_number(&args)?);
    Ok(())
}

/// What `sbatch --parsable` prints: `12`, or `12;cluster`.
fn sbatch_number(args: &[&str]) -> Result<String, LaunchError> {
    let said = command::ask("sbatch", args, SUBMISSION)?;
    let number = said.trim().split(';').next().unwrap_or_default();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(LaunchError::Answer { command: "sbatch --parsable", said });
    }
    Ok(number.to_owned())
}

/// `--array=0-3,7%16`.
fn array_option(job: &Job, missing: &[u32]) -> String {
    let at_a_time = job.options().jobs.map_or_else(String::new, |jobs| format!("%{jobs}"));
    format!("--array={}{at_a_time}", compact(missing))
}

/// `#SBATCH` lines; the person's come last, because of two the later counts.
fn directives(job: &Job, own: &[String]) -> String {
    let lines = own.iter().chain(&job.options().sbatch_args).map(|arg| format!("#SBATCH {}", sbatch(arg)));
    lines.collect::<Vec<_>>().join("\n")
}

fn array(job: &Job) -> String {
    let mut own = vec![
        format!("--job-name={}", job.name()),
        format!("--output={}/%A_%a.log", job.logs()),
        "--open-mode=append".to_owned(),
        "--requeue".to_owned(),
        "--ntasks=1".to_owned(),
        format!("--cpus-per-task={}", job.threads()),
    ];
    let gpu = job.kind() == Kind::Gpu;
    if gpu {
        own.push("--gres=gpu:1".to_owned());
    }
    format!(
        "#!/bin/bash\n\
         # One shard of {count}: which one is the number of the task. Submitted by hand:\n\
         #   sbatch --array=0-{last} {path}\n\
         # A shard whose part is there already ends at once. A lost node is Slurm's to try again (--requeue).\n\
         {directives}\n\
         \n\
         {order}\
         {attempts}",
        count = job.shards(),
        last = job.shards() - 1,
        path = path_of(job, ARRAY),
        directives = directives(job, &own),
        order = if gpu { "export CUDA_DEVICE_ORDER=PCI_BUS_ID # the order in which Slurm counts GPUs\n" } else { "" },
        attempts = attempts(job, "SLURM_ARRAY_TASK_ID"),
    )
}

fn merge(job: &Job) -> String {
    let own = [
        format!("--job-name={}", job.merge_name()),
        format!("--output={}/merge_%j.log", job.logs()),
        "--open-mode=append".to_owned(),
        "--requeue".to_owned(),
        "--ntasks=1".to_owned(),
    ];
    let command = job.merge_command();
    format!(
        "#!/bin/bash\n\
         # Makes the tables of all parts, or says which are missing and why (exit code 1). It may run at any time, anywhere.\n\
         {directives}\n\
         \n\
         exec {command}\n",
        directives = directives(job, &own),
        command = command_line(command.iter().map(String::as_str)),
    )
}

fn submit_script(job: &Job, missing: &[u32]) -> String {
    let array = match missing {
        [] => "# No shard is missing.\n".to_owned(),
        missing => format!("array=$(sbatch --parsable {} {})\n", array_option(job, missing), path_of(job, ARRAY)),
    };
    let after = match missing {
        [] => "",
        _ => " --dependency=\"afterany:${array%%;*}\" --kill-on-invalid-dep=yes",
    };
    format!(
        "#!/bin/sh\n\
         # Submits the shards that were missing when this was written, and the merge after them.\n\
         set -eu\n\
         {array}\
         sbatch{after} {merge}\n",
        merge = path_of(job, MERGE),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::Options;
    use super::super::job::tests::job;
    use super::*;

    #[test]
    fn the_limit_of_an_array_is_read() {
        let config = "Configuration data as of 2026\nMaxArraySize            = 1001\nMaxBatchRequeue         = 5\n";
        assert_eq!(parse_max_array_size(config), Some(1001));
        assert_eq!(parse_max_array_size("slurm_load_ctl_conf error"), None);
    }

    #[test]
    fn scripts_are_short_and_say_what_they_do() {
        let options = Options {
            sbatch_args: vec!["--partition=long".to_owned(), "--comment=two words".to_owned()],
            jobs: Some(16),
            ..Options::default()
        };
        let job = job("/home/me/it's here", "gpu", options).unwrap();
        let all = super::super::script::all(&scripts(&job, &[0, 1, 3]));
        insta::assert_snapshot!(all.replace(job.name(), "NAME"));
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_the_scripts() {
        let job = job("/home/me/it's here", "cpu", Options::default()).unwrap();
        for script in scripts(&job, &[0, 2]).iter().chain(&scripts(&job, &[])) {
            let read = std::process::Command::new("sh").args(["-n", "-c", &script.text]).status().unwrap();
            assert!(read.success(), "{}", script.text);
        }
    }
}
