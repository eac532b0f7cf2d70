//! Scripts beside the plan: what `launch` submits, in files that a person can read, change and start by hand.

use std::fs;
use std::path::{Path, PathBuf};

use super::quote::{command_line, shell};
use super::{Job, LaunchError};
use crate::record::{RecordError, publish, unique_name};

/// Attempts at a shard that fails in a way that may pass, by whoever starts it.
pub(super) const ATTEMPTS: u32 = 3;
/// Seconds between them: a full disk takes a while to be seen to. `NULLSWEEP_RETRY_SECONDS` says otherwise.
pub(super) const PAUSE_SECONDS: u32 = 60;
/// The variable that overrides [`PAUSE_SECONDS`].
pub(super) const PAUSE_VARIABLE: &str = "NULLSWEEP_RETRY_SECONDS";
/// What a shard exits with after a failure that may pass.
pub(super) const TRANSIENT: i32 = 75;
/// What a shard exits with after a signal that told it to stop.
pub(super) const INTERRUPTED: i32 = 130;

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

    /// Writes it, ready to be started: a task that an engine starts meanwhile finds the old script or the new one. One that is
    /// there already as it should be stays.
    ///
    /// # Errors
    /// [`LaunchError::Record`].
    pub fn write(&self, job: &Job) -> Result<(), LaunchError> {
        Ok(self.write_into(&job.layout().folder())?)
    }

    fn write_into(&self, folder: &Path) -> Result<(), RecordError> {
        let path = folder.join(self.name);
        let is_there = fs::read(&path).is_ok_and(|there| there == self.text.as_bytes());
        if is_there && (self.purpose == Purpose::Data || is_executable(&path)) {
            return Ok(());
        }
        // A name that no other launch has, until the mode is right.
        let draft = format!(".{}.{}", self.name, unique_name());
        publish(folder, &draft, self.text.as_bytes())?;
        let draft = folder.join(draft);
        let placed = match self.purpose {
            Purpose::Program => make_executable(&draft),
            Purpose::Data => Ok(()),
        }
        .and_then(|()| fs::rename(&draft, &path).map_err(RecordError::io("rename into place", &path)));
        if placed.is_err() {
            // The first error is the one to tell of.
            let _ = fs::remove_file(&draft);
        }
        placed
    }
}

#[cfg(unix)]
const EXECUTABLE: u32 = 0o755;

/// Whether anybody may start the file; true where files have no such mode.
fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).is_ok_and(|facts| facts.permissions().mode() & EXECUTABLE == EXECUTABLE)
    }
    #[cfg(not(unix))]
    {
        path.exists()
    }
}

fn make_executable(path: &Path) -> Result<(), RecordError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let made = fs::set_permissions(path, fs::Permissions::from_mode(EXECUTABLE));
        made.map_err(RecordError::io("make executable", path))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
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
         Any other is\n\
         # for good. {INTERRUPTED} ends the task too: the engine that told it to stop (a drain, a preemption) starts it again.\n\
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

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_script_can_be_started_from_the_first_moment_and_stays_while_it_is_right() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shard.sh");
        let write = |text: &str| {
            let script = Script { name: "shard.sh", text: text.to_owned(), purpose: Purpose::Program };
            script.write_into(dir.path()).unwrap();
            let facts = fs::metadata(&path).unwrap();
            assert_eq!(facts.permissions().mode() & 0o777, 0o755);
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
            facts.ino()
        };
        let first = write("one");
        assert_eq!(write("one"), first, "the same file");
        // The mode is made right in a new file: the old one may be about to be started.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let held = fs::File::open(&path).unwrap();
        assert_ne!(write("one"), first);
        assert_eq!(held.metadata().unwrap().permissions().mode() & 0o777, 0o644);
        write("two");
    }
}
