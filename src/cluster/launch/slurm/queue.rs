//! What Slurm's queue says of a job.

use std::collections::BTreeSet;

use crate::cluster::launch::command::{self, CommandError, QUESTION};
use crate::cluster::launch::job::merge_name;
use crate::cluster::launch::{Engine, EngineView};

/// What is queued or running under the name of a job, whoever submitted it.
pub(in crate::cluster::launch) fn under_way(name: &str) -> Result<EngineView, CommandError> {
    let names = format!("--name={name},{}", merge_name(name));
    // Array's number, task's index, state, name, reason; a line for every task.
    let said = command::ask("squeue", &["--noheader", "--array", &names, "--format=%F|%K|%T|%j|%r"], QUESTION)?;
    Ok(parse_queue(&said, name))
}

/// What a state of Slurm comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It will start by itself.
    Waiting,
    /// Its process may be there.
    Running,
    /// It will not start until a person releases it.
    Held,
    /// Its process is gone: what it did is told by the files.
    Over,
}

impl Phase {
    /// That of a job or task in the state `%T`, for the reason `%r` if it waits.
    fn of(state: &str, reason: &str) -> Self {
        match state {
            "COMPLETING" | "COMPLETED" | "FAILED" | "CANCELLED" | "TIMEOUT" | "NODE_FAIL" | "PREEMPTED"
            | "OUT_OF_MEMORY" | "BOOT_FAIL" | "DEADLINE" | "REVOKED" => Self::Over,
            "RUNNING" | "SUSPENDED" | "STOPPED" | "STAGE_OUT" | "SIGNALING" => Self::Running,
            "REQUEUE_HOLD" | "SPECIAL_EXIT" => Self::Held,
            // JobHeldUser, JobHeldAdmin, `launch failed requeued held`.
            "PENDING" if reason.to_ascii_lowercase().contains("held") => Self::Held,
            _ => Self::Waiting,
        }
    }
}

fn parse_queue(said: &str, name: &str) -> EngineView {
    let mut view = EngineView::new(Engine::Slurm);
    let mut jobs = BTreeSet::new();
    for line in said.lines() {
        let fields: Vec<&str> = line.trim().split('|').collect();
        let &[number, index, state, of, reason] = fields.as_slice() else { continue };
        let phase = Phase::of(state, reason);
        if phase == Phase::Over {
            continue;
        }
        if of == merge_name(name) {
            view.merge = Some(number.to_owned());
        } else if let (true, Ok(index)) = (of == name, index.parse()) {
            match phase {
                Phase::Running => view.running.insert(index),
                Phase::Held => view.held.insert(index),
                Phase::Waiting | Phase::Over => view.waiting.insert(index),
            };
            jobs.insert(number.to_owned());
        } else {
            continue;
        }
        if phase == Phase::Held {
            view.held_jobs.insert(number.to_owned());
        }
    }
    view.jobs = jobs.into_iter().collect();
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_says_what_is_under_way() {
        let said = "12|0|RUNNING|n|None\n12|1|COMPLETING|n|None\n12|2|PENDING|n|Priority\n9|7|REQUEUED|n|None\n\
                    13|N/A|PENDING|n-merge|Dependency\n14|3|RUNNING|another|None\n\nslurm: noise\n";
        let view = parse_queue(said, "n");
        assert_eq!(view.running, BTreeSet::from([0]));
        assert_eq!(view.waiting, BTreeSet::from([2, 7]));
        assert_eq!(view.jobs, ["12", "9"]);
        assert_eq!(view.merge.as_deref(), Some("13"));
        assert!(view.held.is_empty() && view.held_jobs.is_empty());
        assert_eq!(parse_queue("", "n"), EngineView::new(Engine::Slurm));
    }

    #[test]
    fn a_merge_that_is_over_is_none_and_what_is_held_is_said() {
        for state in ["COMPLETING", "FAILED", "CANCELLED", "NODE_FAIL"] {
            let view = parse_queue(&format!("13|N/A|{state}|n-merge|None\n"), "n");
            assert_eq!(view, EngineView::new(Engine::Slurm), "{state}");
        }
        let said = "12|0|REQUEUE_HOLD|n|None\n12|1|SPECIAL_EXIT|n|None\n12|2|PENDING|n|JobHeldUser\n\
                    14|3|PENDING|n|launch failed requeued held\n14|4|PENDING|n|Priority\n15|N/A|PENDING|n-merge|JobHeldAdmin\n";
        let view = parse_queue(said, "n");
        assert_eq!((&view.held, &view.waiting), (&BTreeSet::from([0, 1, 2, 3]), &BTreeSet::from([4])));
        assert_eq!(view.merge.as_deref(), Some("15"));
        assert_eq!(view.held_jobs, ["12", "14", "15"].map(str::to_owned).into());
    }
}
