//! What every engine is told: which program computes which plan, by which commands.

use std::fmt;
use std::path::{Path, PathBuf};

use super::arguments::{Reserved, reserved_for};
use super::kubernetes::Image;
use super::{Engine, hyperqueue, slurm};
use crate::cluster::{Kind, Layout, Plan};
use crate::record::{Format, Kinds, sha256_hex};

/// What a person chose about the hand-over; none of it changes a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The program, as the machines that compute find it.
    pub program: PathBuf,
    /// Format of the merged tables; the program's default if `None`.
    pub format: Option<Format>,
    /// Whether the merge takes rows of several kinds.
    pub kinds: Kinds,
    /// Shards at a time, at most.
    pub jobs: Option<u32>,
    /// More arguments for every `sbatch`.
    pub sbatch_args: Vec<String>,
    /// More arguments for every `hq submit`.
    pub hq_args: Vec<String>,
    /// What Kubernetes runs.
    pub image: Image,
}

/// A plan as a job of an engine.
#[derive(Clone, Debug)]
pub struct Job {
    layout: Layout,
    name: String,
    shards: u32,
    kind: Kind,
    threads: usize,
    program: String,
    plan: String,
    logs: String,
    options: Options,
}

/// Why a plan cannot be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// A path that scripts cannot carry.
    Path {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An argument for the engine that is none.
    Argument {
        /// Which option.
        option: &'static str,
        /// Its value.
        value: String,
    },
    /// An argument for the engine that would undo what the hand-over relies on.
    Reserved {
        /// Which option.
        option: &'static str,
        /// Its value.
        value: String,
        /// What relies on it.
        why: &'static str,
    },
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { path, why } => write!(f, "{}: {why}; choose another path", path.display()),
            Self::Argument { option, value } => {
                write!(
                    f,
                    "{option}={value}: give one argument in one line that begins with -, such as {option}=--partition=long"
                )
            }
            Self::Reserved { option, value, why } => write!(f, "{option}={value}: {why}\n  leave it out"),
        }
    }
}

impl std::error::Error for JobError {}

impl Job {
    /// The job that computes `plan`, whose files are `layout`'s, on `engine`.
    ///
    /// # Errors
    /// [`JobError`]: paths must be UTF-8 without control characters, quotes, backslashes and `%`, which Slurm and HyperQueue
    /// replace in names of logs, and for HyperQueue the run's folder without `:`; arguments must look like options, and be
    /// none that the hand-over relies on.
    pub fn new(engine: Engine, layout: &Layout, plan: &Plan, options: Options) -> Result<Self, JobError> {
        let run = std::path::absolute(layout.run()).unwrap_or_else(|_| layout.run().to_path_buf());
        let layout = Layout::of_run(&run);
        check("--sbatch-arg", &options.sbatch_args, &slurm::RESERVED)?;
        check("--hq-arg", &options.hq_args, &hyperqueue::RESERVED)?;
        if engine == Engine::HyperQueue && run.as_os_str().as_encoded_bytes().contains(&b':') {
            return Err(JobError::Path { path: run, why: "HyperQueue cuts the names of logs off at a colon" });
        }
        Ok(Self {
            name: name(&plan.name, &run),
            shards: plan.shards,
            kind: plan.kind,
            threads: plan.threads,
            program: text(&options.program)?,
            plan: text(&layout.plan())?,
            logs: text(&layout.logs())?,
            layout,
            options,
        })
    }

    /// The files, by absolute paths.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// By which name the engine knows the job; another run has another one.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the merge.
    pub fn merge_name(&self) -> String {
        merge_name(&self.name)
    }

    /// How many shards the plan has, computed or not.
    pub fn shards(&self) -> u32 {
        self.shards
    }

    /// On what they are computed.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Threads of a shard.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// What a person chose.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The folder of the logs.
    pub(super) fn logs(&self) -> &str {
        &self.logs
    }

    /// `PROGRAM shard --plan PLAN --threads T`, to which `--index I` is added.
    pub fn shard_command(&self) -> Vec<String> {
        self.shard_command_on(&self.program, &self.plan)
    }

    /// [`Job::shard_command`] where program and plan have other names.
    pub(super) fn shard_command_on(&self, program: &str, plan: &str) -> Vec<String> {
        let threads = self.threads.to_string();
        [program, "shard", "--plan", plan, "--threads", &threads].map(str::to_owned).into()
    }

    /// `PROGRAM merge --plan PLAN`.
    pub fn merge_command(&self) -> Vec<String> {
        self.merge_command_on(&self.program, &self.plan)
    }

    /// [`Job::merge_command`] where program and plan have other names.
    pub(super) fn merge_command_on(&self, program: &str, plan: &str) -> Vec<String> {
        let format = self.options.format.map(|format| ["--format", format.name()]);
        let mixed = (self.options.kinds == Kinds::Mixed).then_some("--mixed");
        let words = [program, "merge", "--plan", plan].into_iter().chain(format.into_iter().flatten());
        words.chain(mixed).map(str::to_owned).collect()
    }
}

/// Whether `args`, given by `option`, are arguments that an engine's program can be given.
fn check(option: &'static str, args: &[String], reserved: &[Reserved]) -> Result<(), JobError> {
    for value in args {
        // `--` alone would end the options.
        if !value.starts_with('-') || value == "--" || value.chars().any(char::is_control) {
            return Err(JobError::Argument { option, value: value.clone() });
        }
        if let Some(why) = reserved_for(value, reserved) {
            return Err(JobError::Reserved { option, value: value.clone(), why });
        }
    }
    Ok(())
}

/// `nullsweep-NAME-1a2b3c4d`: letters, digits and hyphens, 50 at most, as every engine takes them, and the beginning of a
/// hash of the run's folder, so that no other run has the name.
fn name(run: &str, folder: &Path) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let run: String = run.chars().map(plain).take(31).collect();
    let run = run.trim_matches('-');
    let hash = sha256_hex(folder.as_os_str().as_encoded_bytes());
    format!("nullsweep-{run}{}{}", if run.is_empty() { "" } else { "-" }, &hash[..8])
}

/// The name of the merge of the job `name`.
pub(super) fn merge_name(name: &str) -> String {
    format!("{name}-merge")
}

/// `path` as text for scripts.
fn text(path: &Path) -> Result<String, JobError> {
    let refuse = |why| Err(JobError::Path { path: path.to_path_buf(), why });
    match path.to_str() {
        None => refuse("scripts are UTF-8, which this path is not"),
        Some(text) if text.chars().any(|c| c.is_control() || "\"\\%".contains(c)) => {
            refuse("scripts of batch systems cannot carry quotes, backslashes, % and control characters in paths")
        }
        Some(text) => Ok(text.to_owned()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
pub(super) mod tests {
    use super::*;
    use crate::config::Config;

    /// A plan of four shards in the folder `run`.
    pub(in crate::cluster::launch) fn job(run: &str, device: &str, options: Options) -> Result<Job, JobError> {
        job_on(Engine::Slurm, run, device, options)
    }

    fn job_on(engine: Engine, run: &str, device: &str, options: Options) -> Result<Job, JobError> {
        let text = format!(
            "name = \"toy\"\n[design]\nkind = \"gaussian\"\nreplicates = 4\n[grid]\nn = 3\nd = 2\n[engine]\ndevice = \
             \"{device}\"\n"
        );
        let config = Config::parse(&text, Path::new("a.toml"), &[]).unwrap();
        let plan = Plan::new(&config, 4, 2, None).unwrap();
        let options = Options { program: "/bin/null sweep".into(), ..options };
        Job::new(engine, &Layout::of_run(Path::new(run)), &plan, options)
    }

    #[test]
    fn names_are_what_every_engine_takes_and_differ_by_folder() {
        let (here, there) = (name("Fig_3.b", Path::new("/a")), name("Fig_3.b", Path::new("/b")));
        assert!(here.starts_with("nullsweep-fig-3-b-") && here != there, "{here}");
        let long = name(&"ü".repeat(300), Path::new("/a"));
        assert!(long.len() <= 50 && !long.contains("--"), "{long}");
    }

    #[test]
    fn paths_and_arguments_that_no_script_can_carry_are_refused() {
        assert!(job("/a dir/it's", "cpu", Options::default()).is_ok());
        for path in ["/a\"b", "/a%b", "/a\nb", "/a\\b"] {
            assert!(
                job(path, "cpu", Options::default()).unwrap_err().to_string().contains("choose another path"),
                "{path}"
            );
        }
        assert!(job("/a:b", "cpu", Options::default()).is_ok());
        let refused = job_on(Engine::HyperQueue, "/a:b", "cpu", Options::default()).unwrap_err().to_string();
        assert!(refused.contains("colon"), "{refused}");
        for value in ["--time=10\n#SBATCH --wrap=x", "long", "--"] {
            let options = Options { sbatch_args: vec![value.to_owned()], ..Options::default() };
            assert!(job("/a", "cpu", options).unwrap_err().to_string().contains("--sbatch-arg=--partition=long"));
        }
    }

    #[test]
    fn arguments_that_would_blind_the_hand_over_are_refused_with_the_reason() {
        for value in ["--job-name=x", "-Jx", "--output=/dev/null", "-e", "-d=1", "--array=0-3", "--wait"] {
            let options = Options { sbatch_args: vec![value.to_owned()], ..Options::default() };
            let refused = job("/a", "cpu", options).unwrap_err();
            assert!(matches!(refused, JobError::Reserved { .. }), "{value}: {refused}");
            assert!(refused.to_string().starts_with(&format!("--sbatch-arg={value}: ")), "{refused}");
        }
        for value in ["--name=x", "--array=0-3", "--stdout=none", "--wait", "--output-mode=cli"] {
            let options = Options { hq_args: vec![value.to_owned()], ..Options::default() };
            assert!(matches!(job("/a", "cpu", options), Err(JobError::Reserved { .. })), "{value}");
        }
        let options = Options { sbatch_args: vec!["--open-mode=truncate".to_owned()], ..Options::default() };
        assert!(job("/a", "cpu", options).is_ok());
    }

    #[test]
    fn commands_name_the_program_and_the_plan() {
        let options = Options { format: Some(Format::Parquet), kinds: Kinds::Mixed, ..Options::default() };
        let job = job("/r", "cpu", options).unwrap();
        let plan = "/r/cluster/plan.json";
        assert_eq!(job.shard_command(), ["/bin/null sweep", "shard", "--plan", plan, "--threads", "2"]);
        assert_eq!(job.merge_command(), ["/bin/null sweep", "merge", "--plan", plan, "--format", "parquet", "--mixed"]);
    }
}
