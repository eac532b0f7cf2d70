//! One start of the program: what the caller knows of it, and what the manifest says.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::clock;
use crate::record::lock::host_name;

/// One start of the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// UTC, RFC 3339.
    pub start: String,
    /// UTC, RFC 3339; absent if it is going on or was killed.
    pub end: Option<String>,
    /// Seconds by the monotonic clock, which does not jump when the time of day is set.
    pub wall_seconds: Option<f64>,
    /// Trials recorded before.
    pub done_before: usize,
    /// Trials recorded at its end.
    pub done_after: Option<usize>,
    /// The command line.
    pub command: Vec<String>,
    /// The engine in one line.
    pub engine: String,
    /// The adapter with its driver and limits; null on the CPU.
    pub adapter: Value,
    /// What the adapter's self-test found; null on the CPU.
    pub self_test: Value,
    /// What went wrong with the device and was put right, in numbers; null if nothing did.
    #[serde(default)]
    pub incidents: Value,
    /// The machine.
    pub host: Host,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Host name.
    pub name: String,
    /// `linux`, `macos`, `windows` ...
    pub os: String,
    /// `x86_64`, `aarch64` ...
    pub arch: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Instruction sets that the CPU engine found, `avx2`, `fma` ...
    pub cpu_features: Vec<String>,
}

/// What the caller knows of a run and this folder cannot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Name of the run.
    pub name: String,
    /// The config as it was read.
    pub config: String,
    /// The file it was read from.
    pub config_path: String,
    /// How the trials' generators are seeded.
    pub seeds: Value,
    /// SHA-256 of the shaders.
    pub shader_sha256: Option<String>,
    /// The command line.
    pub command: Vec<String>,
    /// The engine in one line.
    pub engine: String,
    /// The adapter's report, or null.
    pub adapter: Value,
    /// The self-test's report, or null.
    pub self_test: Value,
    /// Instruction sets that the CPU engine found.
    pub cpu_features: Vec<String>,
    /// Ids of the figures that the config describes.
    pub figures: Vec<String>,
}

impl Attempt {
    /// The attempt that `about` tells of, on this machine, which begins now; `done` trials are recorded.
    pub(super) fn begin(about: &About, done: usize) -> Self {
        Self {
            start: clock::now(),
            end: None,
            wall_seconds: None,
            done_before: done,
            done_after: None,
            command: about.command.clone(),
            engine: about.engine.clone(),
            adapter: about.adapter.clone(),
            self_test: about.self_test.clone(),
            incidents: Value::Null,
            host: Host {
                name: host_name(),
                os: std::env::consts::OS.to_owned(),
                arch: std::env::consts::ARCH.to_owned(),
                cores: std::thread::available_parallelism().map_or(1, usize::from),
                cpu_features: about.cpu_features.clone(),
            },
        }
    }
}
