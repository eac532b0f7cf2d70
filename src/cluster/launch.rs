//! A plan handed to an engine that exists: Slurm, HyperQueue, Kubernetes, or processes of this machine.
//!
//! ```text
//! Plan -> Job -> scripts in DIR/cluster -> sbatch | hq submit | (kubectl, by hand) | local processes
//!                                          missing shards only: the parts are the truth, never the engine's word
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `job` | what every engine is told: program, plan, shard and merge as commands |
//! | `script` | scripts that a person can read and start by hand; the retry of transient failures |
//! | `slurm`, `hyperqueue`, `kubernetes`, `local` | one engine each |
//! | `size` | how many shards |
//! | `submitted`, `view` | what was handed over; what the engine says of it |
//! | `command` | asking an engine's programs |
//! | `arguments`, `quote`, `indices` | a person's arguments for them; words, and lists of shards, as they take them |

mod arguments;
mod command;
mod hyperqueue;
mod indices;
mod job;
mod kubernetes;
mod local;
pub(crate) mod quote;
mod script;
mod size;
mod slurm;
mod submitted;
mod view;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use command::CommandError;
pub(crate) use indices::compact;
pub use job::{Job, JobError, Options};
pub use kubernetes::{Image, wait_command};
pub use local::{Event, Outcome, run as run_here};
pub use script::Script;
pub use size::{Most, shards};
pub use submitted::{Submission, Submissions};
pub use view::{EngineView, view};

use crate::record::RecordError;

/// Who starts the processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// An array of Slurm.
    Slurm,
    /// A task array of HyperQueue.
    HyperQueue,
    /// An Indexed Job of Kubernetes: the manifest only.
    Kubernetes,
    /// Child processes on this machine.
    Local,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Slurm, Self::HyperQueue, Self::Kubernetes, Self::Local];

    /// As `--on` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slurm => "slurm",
            Self::HyperQueue => "hyperqueue",
            Self::Kubernetes => "kubernetes",
            Self::Local => "local",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|engine| engine.name() == text);
        found.ok_or_else(|| "allowed: slurm, hyperqueue, kubernetes, local".to_owned())
    }
}

/// Why a hand-over failed.
#[derive(Debug)]
pub enum LaunchError {
    /// The engine's own programs.
    Command(CommandError),
    /// A file beside the plan.
    Record(RecordError),
    /// The engine answered in words that were not expected.
    Answer {
        /// The command.
        command: &'static str,
        /// What it printed.
        said: String,
    },
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
            Self::Answer { command, said } => {
                write!(f, "{command}: expected the number of a job, got {:?}", said.trim())
            }
        }
    }
}

impl std::error::Error for LaunchError {}

impl From<CommandError> for LaunchError {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

impl From<RecordError> for LaunchError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

/// What the engine has under way of a job's shards; `None` if it keeps no list.
///
/// # Errors
/// [`CommandError`] if it does not answer: what is under way is then not known, which is not the same as nothing.
pub fn under_way(engine: Engine, name: &str) -> Result<Option<EngineView>, CommandError> {
    match engine {
        Engine::Slurm => slurm::under_way(name).map(Some),
        Engine::HyperQueue => hyperqueue::under_way(name).map(Some),
        Engine::Kubernetes | Engine::Local => Ok(None),
    }
}

/// The scripts of `job` for `engine`, in the order in which a person reads them.
pub fn scripts(engine: Engine, job: &Job, missing: &[u32]) -> Vec<Script> {
    match engine {
        Engine::Slurm => slurm::scripts(job, missing),
        Engine::HyperQueue => hyperqueue::scripts(job, missing),
        Engine::Kubernetes => kubernetes::scripts(job),
        Engine::Local => Vec::new(),
    }
}

/// Hands the shards `missing`, and the merge where the engine can wait for them, to `engine`, and notes it down. Only for
/// engines that take submissions; the scripts must be there.
///
/// # Errors
/// [`LaunchError`].
pub fn submit(engine: Engine, job: &Job, missing: &[u32], after: &[String]) -> Result<Submission, LaunchError> {
    let mut submission = Submission::now(engine, job.name(), missing);
    let submitted = match engine {
        Engine::Slurm => slurm::submit(job, missing, after, &mut submission),
        Engine::HyperQueue => hyperqueue::submit(job, missing, &mut submission),
        Engine::Kubernetes | Engine::Local => Ok(()),
    };
    // An array whose merge was refused is under way all the same.
    if submission.array.is_some() || submission.merge.is_some() {
        Submissions::note(job.layout(), submission.clone())?;
    }
    submitted.map(|()| submission)
}
