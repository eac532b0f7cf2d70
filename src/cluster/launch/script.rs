//! Scripts beside the plan: what `launch` submits, in files that a person can read, change and start by hand.

use std::path::PathBuf;

use super::quote::{command_line, shell};
use super::{Job, LaunchError};
use crate::record::publish;

/// Attempts at a shard that fails in a way that may pass, by whoever starts it.
pub(super) const ATTEMPTS: u32 = 3;
/// Seconds between them: a full disk takes a while to be seen to. `NULLSWEEP_RETRY_SECONDS` says otherwise.
pub(super) const PAUSE_SECONDS: u32 = 60;
/// The variable that overrides [`PAUSE_SECONDS`].
pub(super) const PAUSE_VARIABLE: &str = "NULLSWEEP_RETRY_SECONDS";
/// What a shard exits with after a failure that may pass.
pub(super) const TRANSIENT: i32 = 75;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its name in `DIR/cluster`.
    pub name: &'static str,
    /// Its contents.
    pub text: String,
    /// What for.
    pub purpose: Purpose,
}

/// What a script is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be started as it is.
    Program,
    /// To be given to a program.
    Data,
}

impl Script {
    /// Where it lies.
    pub fn path(&self, job: &Job) -> PathBuf {
        job.layout().folder().join(self.name)
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`LaunchError::Record`].
    pub fn write(&self, job: &Job) -> Result<(), LaunchError> {
        publish(&job.layout().folder(), self.name, self.text.as_bytes())?;
        #[cfg(unix)]
        if self.purpose == Purpose::Program {
            use std::fs;
            use std::os::unix::fs::PermissionsExt;

            use crate::record::RecordError;

            let path = self.path(job);
            let made = fs::set_permissions(&path, fs::Permissions::from_mode(0o755));
            made.map_err(RecordError::io("make executable", &path))?;
        }
        Ok(())
    }
}

/// The path of the script `name` of `job`, as a word of a shell.
pub(super) fn path_of(job: &Job, name: &str) -> String {
    shell(&job.layout().folder().join(name).display().to_string())
}

/// Lines of sh that compute the shard whose number is in the variable `index`, trying again what may pass.
pub(super) fn attempts(job: &Job, index: &str) -> String {
    let command = job.shard_command();
    let command = command_line(command.iter().map(String::as_str));
    format!(
        "# Exit code {TRANSIENT} is a failure that may pass (a full disk, a file system that is away): {ATTEMPTS} attempts. \
         Any other is for good.\n\
         attempt=1\n\
         while :; do\n    \
             {command} --index \"${index}\"\n    \
             code=$?\n    \
             if [ \"$code\" -ne {TRANSIENT} ] || [ \"$attempt\" -ge {ATTEMPTS} ]; then exit \"$code\"; fi\n    \
             attempt=$((attempt + 1))\n    \
             sleep \"${{{PAUSE_VARIABLE}:-{PAUSE_SECONDS}}}\"\n\
         done\n"
    )
}

/// All of them as one text, for snapshots.
#[cfg(test)]
pub(super) fn all(scripts: &[Script]) -> String {
    let texts: Vec<String> = scripts.iter().map(|script| format!("== {}\n{}", script.name, script.text)).collect();
    texts.concat()
}
