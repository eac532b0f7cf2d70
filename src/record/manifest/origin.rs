//! Where a run's rows come from: the program, the config, other folders.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grid::Shard;
use crate::printable::field;
use crate::record::atomic::sha256_hex;

/// Which program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// `nullsweep`.
    pub name: String,
    /// Version of the package.
    pub version: String,
    /// Commit it was built from, `-dirty` if the sources differed from it; absent where there was no repository.
    pub git_revision: Option<String>,
    /// SHA-256 of the shaders, in hexadecimal; absent where none is used.
    pub shader_sha256: Option<String>,
}

/// The config.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigText {
    /// The file it was read from; paths in the text are relative to its folder.
    pub path: String,
    /// TOML.
    pub text: String,
    /// SHA-256 of the text.
    pub sha256: String,
}

/// The identity of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentityEntry {
    /// SHA-256 of the description as compact JSON with sorted keys.
    pub sha256: String,
    /// Everything that defines the rows.
    pub description: Value,
}

/// A folder that trials were taken over from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// How they came here.
    pub how: TakenBy,
    /// The folder.
    pub folder: String,
    /// Which shard it held; absent if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// SHA-256 of its identity.
    pub identity_sha256: String,
    /// Trials taken over from it.
    pub trials: usize,
    /// SHA-256 of a part's contents; absent for a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// How trials came from another folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakenBy {
    /// By `merge`, from a part of the same run.
    Merge,
    /// By `run`, from an earlier run of another config in which these trials were the same.
    Reuse,
}

impl Program {
    /// This one.
    pub fn current(shader_sha256: Option<String>) -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git_revision: option_env!("NULLSWEEP_GIT_REVISION").map(str::to_owned),
            shader_sha256,
        }
    }

    /// Whether it is this version, whatever shaders it used.
    pub fn is_current(&self) -> bool {
        let current = Self::current(None);
        (&self.version, &self.git_revision) == (&current.version, &current.git_revision)
    }
}

impl ConfigText {
    /// The config `text`, which was read from the file at `path`.
    pub fn new(path: String, text: String) -> Self {
        Self { path, sha256: sha256_hex(text.as_bytes()), text }
    }
}

/// `nullsweep 0.1.0 (1f0e5e5a2b3c)`.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", field(&self.name), field(&self.version))?;
        match &self.git_revision {
            Some(revision) => write!(f, " ({})", field(revision)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_shown_on_one_short_line() {
        let hostile = format!("\u{1b}[2J\n{}", "x".repeat(300_000));
        let program = Program {
            name: hostile.clone(),
            version: hostile.clone(),
            git_revision: Some(hostile),
            shader_sha256: None,
        };
        let shown = program.to_string();
        assert!(!shown.chars().any(char::is_control) && shown.chars().count() < 200, "{shown:?}");
        assert!(Program::current(None).is_current() && !program.is_current());
    }
}
