//! plan.json: which run, and into how many shards it is cut. Written once, read by every shard, never changed.

mod error;

pub use error::PlanError;

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Layout;
use super::layout::PLAN_FILE;
use crate::config::Config;
use crate::engine::Device;
use crate::grid::{Shard, Share};
use crate::record::{
    ConfigText, Identity, IdentityEntry, Program, RecordError, are_two_versions, differences, publish_first,
};
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
        let (path, folder) = (layout.plan(), layout.folder());
        if !path.exists() {
            for folder in [&folder, &layout.parts(), &layout.failed(), &layout.work(), &layout.logs()] {
                std::fs::create_dir_all(folder).map_err(RecordError::io("create", folder))?;
            }
            let text = serde_json::to_string_pretty(self);
            let text = text.map_err(|error| RecordError::io("write", &path)(error.into()))?;
            if publish_first(&folder, PLAN_FILE, (text + "\n").as_bytes())? {
                return Ok(());
            }
        }
        let differences = self.differences(&Self::read(layout)?);
        if differences.is_empty() { Ok(()) } else { Err(PlanError::Other { path, differences }) }
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
    /// [`PlanError::Config`]; [`PlanError::Changed`] if what it describes here, with the data files as they are, is another run;
    /// [`PlanError::OtherVersion`] if this version of the program computes it otherwise.
    pub fn config(&self, layout: &Layout) -> Result<Config, PlanError> {
        let path = layout.plan();
        let mut config = Config::parse(&self.config.text, Path::new(&self.config.path), &[])
            .map_err(|errors| PlanError::Config { path: path.clone(), errors: errors.to_string() })?;
        config.engine.device = self.kind.device();
        let here = definition(&config);
        if here != self.definition || config.grid.trial_count() != self.trials {
            let differences = differences(&self.definition.description, &here.description, ["in the plan", "here"]);
            return Err(if are_two_versions(&self.definition.description, &here.description) {
                let program = (!self.program.is_current()).then(|| Box::new(self.program.clone()));
                PlanError::OtherVersion { path, program, differences }
            } else {
                PlanError::Changed { path, differences }
            });
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
