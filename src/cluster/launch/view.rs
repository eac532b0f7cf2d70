//! What an engine says of a job. For people only: it may be late or wrong, and nothing is decided by it but which shards are
//! left alone because somebody is at them.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::indices::compact;
use super::{Engine, Submissions, under_way};
use crate::cluster::Layout;

/// What is queued and running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EngineView {
    /// Who says so.
    pub engine: Engine,
    /// Its numbers of the arrays.
    pub jobs: Vec<String>,
    /// Shards that are computed.
    pub running: BTreeSet<u32>,
    /// Shards that wait.
    pub waiting: BTreeSet<u32>,
    /// Shards that wait until a person releases them.
    pub held: BTreeSet<u32>,
    /// Its number of the merge, if that waits, runs or is held.
    pub merge: Option<String>,
    /// Its numbers of the jobs, the merge among them, of which something is held.
    pub held_jobs: BTreeSet<String>,
}

impl EngineView {
    /// That of an idle engine.
    pub(super) fn new(engine: Engine) -> Self {
        Self {
            engine,
            jobs: Vec::new(),
            running: BTreeSet::new(),
            waiting: BTreeSet::new(),
            held: BTreeSet::new(),
            merge: None,
            held_jobs: BTreeSet::new(),
        }
    }

    /// Shards that wait, are held or are computed.
    pub fn shards(&self) -> BTreeSet<u32> {
        [&self.running, &self.waiting, &self.held].into_iter().flatten().copied().collect()
    }

    /// Whether nothing of the run is queued, held or running.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty() && self.merge.is_none()
    }
}

impl fmt::Display for EngineView {
    /// `slurm: jobs 12, 15; running 0-3; waiting 4-9; merge 13 waits`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.engine)?;
        let list = |set: &BTreeSet<u32>| compact(&set.iter().copied().collect::<Vec<_>>());
        let mut parts = Vec::new();
        if !self.jobs.is_empty() {
            parts.push(format!("jobs {}", self.jobs.join(", ")));
        }
        for (word, set) in [("running", &self.running), ("waiting", &self.waiting), ("held", &self.held)] {
            if !set.is_empty() {
                parts.push(format!("{word} {}", list(set)));
            }
        }
        if let Some(merge) = &self.merge {
            let how = if self.held_jobs.contains(merge) { "held" } else { "queued or running" };
            parts.push(format!("merge {merge} {how}"));
        }
        if !self.held_jobs.is_empty() {
            let numbers: Vec<&str> = self.held_jobs.iter().map(String::as_str).collect();
            parts.push(format!(
                "what is held goes on after `scontrol release {}`, or is submitted anew by launch --again",
                numbers.join(",")
            ));
        }
        f.write_str(&if parts.is_empty() { "nothing queued or running".to_owned() } else { parts.join("; ") })
    }
}

/// What the engine to which the plan of `layout` was handed last has queued and running; `None` where nothing was handed
/// over, or the engine keeps no list or does not answer within seconds.
pub fn view(layout: &Layout) -> Option<EngineView> {
    let last = Submissions::read(layout).submissions.pop()?;
    under_way(last.engine, &last.name).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_one_line() {
        let mut view = EngineView::new(Engine::Slurm);
        assert_eq!(view.to_string(), "slurm: nothing queued or running");
        view.jobs = vec!["12".to_owned()];
        view.running = BTreeSet::from([0, 1]);
        view.waiting = BTreeSet::from([3]);
        view.merge = Some("13".to_owned());
        assert_eq!(view.to_string(), "slurm: jobs 12; running 0-1; waiting 3; merge 13 queued or running");
        view.held = BTreeSet::from([5]);
        view.held_jobs = BTreeSet::from(["12".to_owned(), "13".to_owned()]);
        assert_eq!(
            view.to_string(),
            "slurm: jobs 12; running 0-1; waiting 3; held 5; merge 13 held; what is held goes on after `scontrol release \
             12,13`, or is submitted anew by launch --again"
        );
        assert_eq!(view.shards(), BTreeSet::from([0, 1, 3, 5]));
    }
}
