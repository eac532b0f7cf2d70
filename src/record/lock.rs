//! One process per run folder.
//!
//! The exclusion is the operating system's (`flock`, `LockFileEx`): it ends with the process, however that ends. The
//! text in the lock file only says who: it is emptied on a clean release, so text in a free lock means that its owner
//! was killed.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::clock;
use super::error::{Evidence, RecordError};
use crate::printable::field;

/// Name of the lock inside the run folder. The file stays: removing it would let two processes lock two files.
pub const LOCK_FILE: &str = "run.lock";

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Process id.
    pub pid: u32,
    /// Host name.
    pub host: String,
    /// When it took the lock, UTC, RFC 3339.
    pub since: String,
}

impl Owner {
    /// This process, now.
    pub fn current() -> Self {
        Self { pid: std::process::id(), host: host_name(), since: clock::now() }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on {}, since {}", self.pid, field(&self.host), field(&self.since))
    }
}

/// Name of this machine, for people.
pub(crate) fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Whether an owner's process still runs, as far as can be told from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Liveness {
    Alive,
    Gone,
    Unknown,
}

fn liveness(owner: &Owner) -> Liveness {
    if owner.host != host_name() || !Path::new("/proc/self").exists() {
        Liveness::Unknown
    } else if Path::new("/proc").join(owner.pid.to_string()).exists() {
        Liveness::Alive
    } else {
        Liveness::Gone
    }
}

/// Whoever the lock of `folder` names, without taking or waiting for it; `None` after a clean release.
pub(crate) fn holder(folder: &Path) -> Option<(Owner, Liveness)> {
    let owner = read_owner(&mut File::open(folder.join(LOCK_FILE)).ok()?)?;
    let liveness = liveness(&owner);
    Some((owner, liveness))
}

/// Whether this file system can exclude others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Support {
    Locked,
    NoLocks,
}

/// A held lock; dropping it releases it, and leaves the name of an owner who was killed as it was found unless the folder
/// was taken over.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    /// Whoever was killed holding it, until [`Lock::take_over`].
    killed: Option<Owner>,
}

impl Lock {
    /// Takes the lock of `folder`.
    pub(crate) fn acquire(folder: &Path) -> Result<Self, RecordError> {
        let path = folder.join(LOCK_FILE);
        let failed = || RecordError::io("lock", &path);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(RecordError::io("create", &path))?;
        let support = match file.try_lock() {
            Ok(()) => Support::Locked,
            Err(TryLockError::WouldBlock) => {
                let owner = read_owner(&mut file);
                return Err(RecordError::Locked {
                    folder: folder.to_path_buf(),
                    owner,
                    evidence: Evidence::SystemLock,
                });
            }
            Err(TryLockError::Error(error)) if means_no_locks(&error) => Support::NoLocks,
            Err(TryLockError::Error(error)) => return Err(failed()(error)),
        };
        let previous = read_owner(&mut file);
        if let Some(owner) = &previous
            && must_refuse(support, liveness(owner))
        {
            return Err(RecordError::Locked {
                folder: folder.to_path_buf(),
                owner: previous,
                evidence: Evidence::OwnerRecord,
            });
        }
        let mut lock = Self { file, killed: previous };
        lock.write_owner(&Owner::current()).map_err(failed())?;
        Ok(lock)
    }

    /// Whoever was killed holding it and was not taken over from since.
    pub(crate) fn killed(&self) -> Option<&Owner> {
        self.killed.as_ref()
    }

    /// The folder is this process's from here on: nobody needs to be told of the one who was killed again.
    pub(crate) fn take_over(&mut self) {
        self.killed = None;
    }

    fn write_owner(&mut self, owner: &Owner) -> io::Result<()> {
        let text = serde_json::to_string(owner)? + "\n";
        // Written before it is cut, so that a full disk leaves the old text.
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Text left behind is read as that of a killed run: said, then taken over. That of an earlier one stays true
        // where this process was refused.
        let _ = match self.killed.take() {
            Some(owner) => self.write_owner(&owner),
            None => self.file.set_len(0),
        };
        // Closing is not enough: a child process that was just forked holds a copy of the file until its exec.
        let _ = self.file.unlock();
    }
}

/// Without locks there is only the owner's text to go by, and doubt means no.
fn must_refuse(support: Support, owner: Liveness) -> bool {
    support == Support::NoLocks && owner != Liveness::Gone
}

fn means_no_locks(error: &io::Error) -> bool {
    /// "No locks available": what Linux says for NFS without a lock daemon.
    const ENOLCK: i32 = 37;
    error.kind() == io::ErrorKind::Unsupported || (cfg!(target_os = "linux") && error.raw_os_error() == Some(ENOLCK))
}

/// The owner that the lock file names; `None` if it is empty, half written or, on Windows, unreadable while locked.
fn read_owner(file: &mut File) -> Option<Owner> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(4096).read_to_end(&mut text).ok()?;
    // A kill between writing and cutting leaves the end of a longer text behind the line.
    let line = text.split(|byte| *byte == b'\n').next()?;
    serde_json::from_slice(line).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_second_opener_is_refused_and_told_who() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::acquire(dir.path()).unwrap();
        assert_eq!(lock.killed(), None);
        let refusal = Lock::acquire(dir.path()).unwrap_err();
        let RecordError::Locked { owner: Some(owner), evidence: Evidence::SystemLock, .. } = &refusal else {
            panic!("{refusal:?}");
        };
        assert_eq!(owner.pid, std::process::id());
        assert!(refusal.to_string().contains(&format!("already in use by process {}", std::process::id())));
        drop(lock);
        let lock = Lock::acquire(dir.path()).unwrap();
        assert_eq!(lock.killed(), None, "a clean release leaves no owner");
    }

    #[test]
    fn a_killed_owner_is_taken_over_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let killed = Owner { pid: 4_000_000_000, host: host_name(), since: clock::now() };
        std::fs::write(dir.path().join(LOCK_FILE), serde_json::to_string(&killed).unwrap()).unwrap();
        let refused = Lock::acquire(dir.path()).unwrap();
        assert_eq!(refused.killed(), Some(&killed));
        drop(refused);
        let mut lock = Lock::acquire(dir.path()).unwrap();
        assert_eq!(lock.killed(), Some(&killed), "whoever took nothing over has hidden nothing");
        lock.take_over();
        drop(lock);
        assert_eq!(Lock::acquire(dir.path()).unwrap().killed(), None);
    }

    #[test]
    fn garbage_in_the_lock_file_names_nobody() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(LOCK_FILE), b"\xFF\x00{").unwrap();
        assert_eq!(Lock::acquire(dir.path()).unwrap().killed(), None);
    }

    #[test]
    fn the_end_of_an_older_text_behind_the_owner_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let killed = Owner { pid: 4_000_000_000, host: host_name(), since: clock::now() };
        let mut text = serde_json::to_vec(&killed).unwrap();
        text.extend(b"\n\xA9\",\"since\":\"2026-01-01T00:00:00Z\"}\n");
        std::fs::write(dir.path().join(LOCK_FILE), text).unwrap();
        assert_eq!(Lock::acquire(dir.path()).unwrap().killed(), Some(&killed));
    }

    #[test]
    fn an_owner_is_shown_on_one_short_line() {
        let hostile = format!("\u{1b}[2J\n{}", "x".repeat(4000));
        let shown = Owner { pid: 1, host: hostile.clone(), since: hostile }.to_string();
        assert!(!shown.chars().any(char::is_control) && shown.chars().count() < 160, "{shown:?}");
    }

    #[test]
    fn without_locks_only_a_dead_owner_is_taken_over() {
        let alive = Owner::current();
        let elsewhere = Owner { host: "another".to_owned(), ..Owner::current() };
        assert!(must_refuse(Support::NoLocks, liveness(&elsewhere)));
        assert!(!must_refuse(Support::Locked, liveness(&elsewhere)));
        if cfg!(target_os = "linux") {
            let dead = Owner { pid: 4_000_000_000, ..Owner::current() };
            assert_eq!(liveness(&alive), Liveness::Alive);
            assert_eq!(liveness(&dead), Liveness::Gone);
            assert!(must_refuse(Support::NoLocks, liveness(&alive)));
            assert!(!must_refuse(Support::NoLocks, liveness(&dead)));
        }
    }
}
