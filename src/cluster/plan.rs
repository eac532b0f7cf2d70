//! plan.json: which run, and into how many shards it is cut. Written once, read by every shard, never changed.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Layout;
use crate::config::Config;
use crate::engine::Device;
use crate::grid::{Shard, Share};
use crate::record::{ConfigText, Identity, IdentityEntry, Program, RecordError, differences, publish};
use crate::run::settings;

/// What marks the file.
const FORMAT: &str = "nullsweep-plan";
/// Version of its layout that this program reads and writes.
const VERSION: u32 = 1;
/// A config has at most 1 MiB, and it is in there three times, in other words.
const MOST_BYTES: u64 = 16 << 20;
/// Shards of one run at most. A folder of more files is slow to list on any file system.
pub(crate) const MOST_SHARDS: u32 = 100_000;

/// A run that is cut into shards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    format: String,
    version: u32,
    /// Name of the run, from its config.
    pub name: String,
    /// What made the plan.
    pub program: Program,
    /// The config as it was read, `extends` and `--set` applied.
    pub config: ConfigText,
    /// What defines the rows, whatever machine they are made on.
    pub definition: IdentityEntry,
    /// On what kind of device all shards are computed.
    pub kind: Kind,
    /// Threads of one shard.
    pub threads: usize,
    /// How many shards.
    pub shards: u32,
    /// Trials of all of them.
    pub trials: usize,
    /// Rows of all tables but the summary.
    pub rows: u64,
    /// What a shard is expected to take; `None` where it was not measured.
    pub estimate: Option<Estimate>,
}

/// On what a shard is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The CPU engine.
    Cpu,
    /// The GPU that the shard is given.
    Gpu,
}

/// How long a trial takes, as it was measured where the plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Seconds a trial, on the threads of one shard.
    pub seconds_per_trial: f64,
    /// Trials that were computed to find out.
    pub sampled: usize,
}

/// Why there is no plan to go by.
#[derive(Debug)]
pub enum PlanError {
    /// The file.
    Record(RecordError),
    /// There is none.
    NoPlan(PathBuf),
    /// It is no plan, or one of another version.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Its config cannot be used here.
    Config {
        /// The file.
        path: PathBuf,
        /// In words.
        errors: String,
    },
    /// The run that its config describes here is not the one that was planned.
    Changed {
        /// The file.
        path: PathBuf,
        /// One line per difference.
        differences: Vec<String>,
    },
    /// There is another plan already.
    Other {
        /// The file.
        path: PathBuf,
        /// One line per difference.
        differences: Vec<String>,
    },
    /// There cannot be so many shards.
    Shards {
        /// As many as were asked for.
        asked: u32,
        /// As many as there may be.
        most: u32,
    },
    /// There is no such shard.
    Index {
        /// Which was asked for.
        index: u32,
        /// How many there are.
        shards: u32,
    },
}

impl Kind {
    /// The device that a config asks for; `auto` is the CPU, because what the machine has on which the plan is made says
    /// nothing about those that will compute.
    pub fn of(config: &Config) -> Self {
        match config.engine.device {
            Device::Gpu(_) => Self::Gpu,
            Device::Cpu | Device::Auto => Self::Cpu,
        }
    }

    /// Any device of this kind.
    pub fn device(self) -> Device {
        match self {
            Self::Cpu => Device::Cpu,
            Self::Gpu => Device::Gpu(None),
        }
    }

    /// `cpu` or `gpu`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
        }
    }
}

impl Plan {
    /// Plans the run of `config` as `shards` shards of `threads` threads.
    ///
    /// # Errors
    /// [`PlanError::Shards`] if there are none, more than trials or more than 100,000.
    pub fn new(config: &Config, shards: u32, threads: usize, estimate: Option<Estimate>) -> Result<Self, PlanError> {
        let trials = config.grid.trial_count();
        let most = u32::try_from(trials).unwrap_or(u32::MAX).min(MOST_SHARDS);
        if shards == 0 || shards > most {
            return Err(PlanError::Shards { asked: shards, most });
        }
        let path = std::path::absolute(&config.source.path).unwrap_or_else(|_| config.source.path.clone());
        let rows = crate::plan::Plan::new(config, &Share::whole(trials)).journal_rows();
        Ok(Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            name: config.name.clone(),
            program: Program::current(None),
            config: ConfigText::new(path.display().to_string(), config.source.text.clone()),
            definition: definition(config),
            kind: Kind::of(config),
            threads,
            shards,
            trials,
            rows,
            estimate,
        })
    }

    /// Writes the plan; one that is there already and says the same stays.
    ///
    /// # Errors
    /// [`PlanError::Other`] if another plan is there; [`PlanError::Unreadable`], [`PlanError::Record`].
    pub fn write(&self, layout: &Layout) -> Result<(), PlanError> {
        let path = layout.plan();
        match Self::read(layout) {
            Err(PlanError::NoPlan(_)) => {}
            Err(error) => return Err(error),
            Ok(there) => {
                let differences = self.differences(&there);
                if differences.is_empty() {
                    return Ok(());
                }
                return Err(PlanError::Other { path, differences });
            }
        }
        let folder = layout.folder();
        for folder in [&folder, &layout.parts(), &layout.failed(), &layout.work(), &layout.logs()] {
            std::fs::create_dir_all(folder).map_err(RecordError::io("create", folder))?;
        }
        let text = serde_json::to_string_pretty(self).map_err(|error| RecordError::io("write", &path)(error.into()))?;
        publish(&folder, "plan.json", (text + "\n").as_bytes()).map_err(PlanError::Record)
    }

    /// Reads the plan of `layout`.
    ///
    /// # Errors
    /// [`PlanError::NoPlan`], [`PlanError::Unreadable`], [`PlanError::Record`].
    pub fn read(layout: &Layout) -> Result<Self, PlanError> {
        let path = layout.plan();
        let file = match std::fs::File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(PlanError::NoPlan(path)),
            other => other.map_err(RecordError::io("read", &path))?,
        };
        let mut text = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(RecordError::io("read", &path))?;
        Self::parse(&text).map_err(|what| PlanError::Unreadable { path, what })
    }

    /// The plan in `text`, or what is wrong with it.
    fn parse(text: &[u8]) -> Result<Self, String> {
        if text.len() as u64 > MOST_BYTES {
            return Err(format!("it is longer than the {MOST_BYTES} bytes that any plan has"));
        }
        let json: serde_json::Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if json["format"] != FORMAT {
            return Err(format!("format = {}, not \"{FORMAT}\"", json["format"]));
        }
        if json["version"] != VERSION {
            return Err(format!(
                "version = {}; this program reads version {VERSION}: use the program that made it",
                json["version"]
            ));
        }
        let plan: Self = serde_json::from_value(json).map_err(|error| error.to_string())?;
        let most = u32::try_from(plan.trials).unwrap_or(u32::MAX).min(MOST_SHARDS);
        if plan.shards == 0 || plan.shards > most {
            return Err(format!("shards = {} of a run of {} trials", plan.shards, plan.trials));
        }
        if plan.threads == 0 {
            return Err("threads = 0".to_owned());
        }
        Ok(plan)
    }

    /// The config, read from the plan, on the kind of device that is planned.
    ///
    /// # Errors
    /// [`PlanError::Config`], or [`PlanError::Changed`] if what it describes here, with the data files as they are and this
    /// version of the program, is another run.
    pub fn config(&self, layout: &Layout) -> Result<Config, PlanError> {
        let path = layout.plan();
        let mut config = Config::parse(&self.config.text, Path::new(&self.config.path), &[])
            .map_err(|errors| PlanError::Config { path: path.clone(), errors: errors.to_string() })?;
        config.engine.device = self.kind.device();
        let here = definition(&config);
        if here.sha256 != self.definition.sha256 {
            let differences = differences(&self.definition.description, &here.description, ["in the plan", "here"]);
            return Err(PlanError::Changed { path, differences });
        }
        Ok(config)
    }

    /// Shard `index`.
    ///
    /// # Errors
    /// [`PlanError::Index`].
    pub fn shard(&self, index: u32) -> Result<Shard, PlanError> {
        Shard::new(index, self.shards).ok_or(PlanError::Index { index, shards: self.shards })
    }

    /// Trials of shard `index`: any two shards differ by at most one, and the first ones have it.
    pub fn trials_of(&self, index: u32) -> usize {
        let shards = self.shards as usize;
        self.trials / shards + usize::from((index as usize) < self.trials % shards)
    }

    /// What another plan in the place of this one would change.
    fn differences(&self, there: &Self) -> Vec<String> {
        let cut =
            |plan: &Self| serde_json::json!({ "device": plan.kind, "threads": plan.threads, "shards": plan.shards });
        let sides = ["asked for", "in the plan"];
        let mut lines = differences(&cut(self), &cut(there), sides);
        lines.extend(differences(&self.definition.description, &there.definition.description, sides));
        lines
    }
}

/// What defines the rows of `config` on whatever machine.
fn definition(config: &Config) -> IdentityEntry {
    Identity::new(&settings::definition(config), &settings::schemas(config), config.grid.trial_count()).entry()
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |f: &mut fmt::Formatter<'_>, lines: &[String]| lines.iter().try_for_each(|line| write!(f, "\n  {line}"));
        match self {
            Self::Record(error) => error.fmt(f),
            Self::NoPlan(path) => {
                write!(f, "{}: there is no plan here; `nullsweep launch CONFIG` makes one", path.display())
            }
            Self::Unreadable { path, what } => write!(f, "{}: this is no plan of nullsweep: {what}", path.display()),
            Self::Config { path, errors } => {
                write!(f, "{}: the config in this plan cannot be used here: {errors}", path.display())
            }
            Self::Changed { path, differences } => {
                write!(f, "{}: what the plan describes is another run here", path.display())?;
                list(f, differences)?;
                write!(
                    f,
                    "\n  was a data file changed, or is this another version of the program? Plan anew in another folder"
                )
            }
            Self::Other { path, differences } => {
                write!(f, "{}: another run is planned here", path.display())?;
                list(f, differences)?;
                write!(f, "\n  choose another folder with --out, or leave out what changes the plan")
            }
            Self::Shards { asked, most } => {
                write!(f, "{asked} shards: give 1 to {most} (no more than trials, and no more than {MOST_SHARDS})")
            }
            Self::Index { index, shards } => {
                write!(f, "--index {index}: the plan has {shards} shards, 0 to {}", shards.saturating_sub(1))
            }
        }
    }
}

impl std::error::Error for PlanError {}

impl From<RecordError> for PlanError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn config(extra: &str) -> Config {
        let text = format!("{extra}\n[design]\nkind = \"gaussian\"\nreplicates = 4\n[grid]\nn = [3, 5]\nd = 2\n");
        Config::parse(&text, Path::new("a.toml"), &[]).unwrap()
    }

    #[test]
    fn a_plan_is_read_back_and_describes_the_run_it_was_made_of() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::of_run(dir.path());
        assert!(matches!(Plan::read(&layout), Err(PlanError::NoPlan(_))));
        let config = config("name = \"one\"");
        let plan = Plan::new(&config, 3, 1, None).unwrap();
        plan.write(&layout).unwrap();
        assert_eq!(Plan::read(&layout).unwrap(), plan);
        let again = plan.config(&layout).unwrap();
        assert_eq!((again.grid.trial_count(), again.engine.device), (8, Device::Cpu));
    }

    #[test]
    fn another_plan_is_refused_and_the_same_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::of_run(dir.path());
        let plan = |extra: &str, shards| Plan::new(&config(extra), shards, 1, None).unwrap();
        plan("", 3).write(&layout).unwrap();
        plan("question = \"another one?\"", 3).write(&layout).unwrap();
        let refused = plan("", 4).write(&layout).unwrap_err().to_string();
        assert!(refused.contains("shards: 4 asked for, 3 in the plan"), "{refused}");
        let refused = plan("[engine]\nrtol = 1e-3", 3).write(&layout).unwrap_err().to_string();
        assert!(refused.contains("rtol"), "{refused}");
        let refused = plan("[engine]\ndevice = \"gpu:1\"", 3).write(&layout).unwrap_err().to_string();
        assert!(refused.contains("device: gpu asked for, cpu in the plan"), "{refused}");
    }

    #[test]
    fn there_are_at_most_as_many_shards_as_trials() {
        for asked in [0, 9, u32::MAX] {
            let refused = Plan::new(&config(""), asked, 1, None).unwrap_err().to_string();
            assert!(refused.contains("give 1 to 8"), "{refused}");
        }
        assert!(Plan::new(&config(""), 8, 1, None).is_ok());
    }

    #[test]
    fn what_is_no_plan_is_said_with_what_is_wrong() {
        let whole = serde_json::to_value(Plan::new(&config(""), 3, 1, None).unwrap()).unwrap();
        let with = |key: &str, value: serde_json::Value| {
            let mut plan = whole.clone();
            plan[key] = value;
            Plan::parse(plan.to_string().as_bytes()).unwrap_err()
        };
        assert!(with("format", "x".into()).contains("format = \"x\""));
        assert!(with("version", 2.into()).contains("version = 2; this program reads version 1"));
        assert!(with("shards", 0.into()).contains("shards = 0"));
        assert!(with("shards", 9.into()).contains("shards = 9 of a run of 8 trials"));
        assert!(with("threads", 0.into()).contains("threads = 0"));
        assert!(with("trials", (-1).into()).contains("-1"));
        assert!(Plan::parse(b"{").is_err() && Plan::parse(b"[]").is_err() && Plan::parse(b"").is_err());
    }

    #[test]
    fn a_plan_that_describes_another_run_here_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::of_run(dir.path());
        let mut plan = Plan::new(&config(""), 3, 1, None).unwrap();
        plan.config.text = plan.config.text.replace("replicates = 4", "replicates = 5");
        let refused = plan.config(&layout).unwrap_err().to_string();
        assert!(refused.contains("replicates: 4 in the plan, 5 here"), "{refused}");
    }
}
