//! Real faults of a real file system: a tmpfs of a few pages, and a read-only one, in a mount namespace of our own.
//! Where the kernel grants no such namespace, /dev/full stands in for the full disk.

use std::fs;
use std::path::Path;
use std::process::Command;

use nullsweep::grid::Share;
use nullsweep::record::{Mode, RecordError, RunFolder, State, Tables};

use super::{SCHEMAS, about, deterministic_files, settings, trials};

const COUNT: usize = 2000;

fn open(folder: &Path) -> Result<RunFolder, RecordError> {
    RunFolder::open(folder, &settings(), &SCHEMAS, &Share::whole(COUNT), about(), Mode::Resume)
}

/// Runs the ignored test `name` of this binary with a tmpfs of `size` on `dir`; `None` if the kernel does not allow
/// it. Says so on stderr, for whoever wonders what was tested.
fn in_a_tmpfs(dir: &Path, size: &str, name: &str) -> Option<bool> {
    let namespace = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-ec", script]);
        command.env("NULLSWEEP_TEST_FOLDER", dir).env("SIZE", size);
        command
    };
    let mount = "mount -t tmpfs -o size=$SIZE none \"$NULLSWEEP_TEST_FOLDER\"";
    if !namespace(mount).status().is_ok_and(|status| status.success()) {
        eprintln!("{name}: skipped: no mount namespace with a tmpfs to be had here (unshare, mount)");
        return None;
    }
    let run = format!("{mount}; exec \"$0\" --exact faults::{name} --ignored --nocapture");
    let mut command = namespace(&run);
    command.arg(std::env::current_exe().unwrap());
    Some(command.status().unwrap().success())
}

/// The folder that the outer test prepared.
fn prepared_folder() -> std::path::PathBuf {
    std::env::var_os("NULLSWEEP_TEST_FOLDER").expect("only run by another test").into()
}

fn assert_is_disk_full(error: &RecordError) {
    let message = error.to_string();
    assert!(matches!(error, RecordError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull));
    assert!(message.contains("the disk is full: free some space"), "{message}");
}

#[test]
fn a_full_disk_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert_ne!(in_a_tmpfs(dir.path(), "128k", "fills_the_disk_and_goes_on"), Some(false));
}

/// Fills 128 kB with a journal of 2,000 trials, frees space, goes on, fills it with the tables, frees, ends.
#[test]
#[ignore = "run by another test, on a small tmpfs"]
fn fills_the_disk_and_goes_on() {
    let folder = prepared_folder().join("run");
    let ballast = prepared_folder().join("ballast");
    fs::write(&ballast, vec![1; 48 << 10]).unwrap();

    let mut run = open(&folder).unwrap();
    let mut at = 0;
    let error = loop {
        match run.append(&trials(at..at + 10)) {
            Ok(()) => at += 10,
            Err(error) => break error,
        }
        assert!(at < COUNT, "the disk never filled");
    };
    assert_is_disk_full(&error);
    assert_eq!(run.done().count(), at, "the failed chunk is not recorded");
    let again = run.append(&trials(at..at + 10)).unwrap_err();
    assert_is_disk_full(&again);
    drop(run);

    let run = open(&folder);
    match run {
        // Even the manifest may find no room; the journal stays as it is.
        Err(error) => assert_is_disk_full(&error),
        Ok(run) => assert_eq!(run.done().count(), at),
    }
    fs::remove_file(&ballast).unwrap();
    let mut run = open(&folder).unwrap();
    assert_eq!(run.done().count(), at, "nothing lost");
    run.append(&trials(at..at + 10)).unwrap();
    fs::write(&ballast, vec![1; 512 << 10]).unwrap_err();
    let error = run.finish(Tables::Partial).unwrap_err();
    assert_is_disk_full(&error);
    assert_eq!(deterministic_files(&folder).len(), 0, "no half table, no temporary");

    fs::remove_file(&ballast).unwrap();
    let status = Command::new("mount").args(["-o", "remount,size=4m"]).arg(prepared_folder()).status().unwrap();
    assert!(status.success());
    let mut run = open(&folder).unwrap();
    let missing: Vec<usize> = run.done().missing().collect();
    assert_eq!(missing.len(), COUNT - at - 10);
    run.append(&trials(missing)).unwrap();
    assert_eq!(run.finish(Tables::Complete).unwrap().state, State::Complete);
    let undisturbed = tempfile::tempdir().unwrap();
    let mut run = open(undisturbed.path()).unwrap();
    run.append(&trials(0..COUNT)).unwrap();
    run.finish(Tables::Complete).unwrap();
    assert_eq!(deterministic_files(&folder), deterministic_files(undisturbed.path()));
}

#[test]
fn a_read_only_file_system_is_named() {
    let dir = tempfile::tempdir().unwrap();
    assert_ne!(in_a_tmpfs(dir.path(), "1m", "meets_a_read_only_file_system"), Some(false));
}

#[test]
#[ignore = "run by another test, on a tmpfs"]
fn meets_a_read_only_file_system() {
    let folder = prepared_folder();
    fs::create_dir(folder.join("run")).unwrap();
    let status = Command::new("mount").args(["-o", "remount,ro"]).arg(&folder).status().unwrap();
    assert!(status.success());
    for name in ["run", "new"] {
        let error = open(&folder.join(name)).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("the file system is read-only: choose another folder with --out"), "{message}");
    }
}

/// A temporary file that is a link to /dev/full: every write to it fails as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_table_that_cannot_be_written_leaves_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = open(dir.path()).unwrap();
    run.append(&trials(0..COUNT)).unwrap();
    run.finish(Tables::Complete).unwrap();
    let before = deterministic_files(dir.path());
    for name in before.keys() {
        let trap = dir.path().join(format!(".{name}.tmp"));
        std::os::unix::fs::symlink("/dev/full", &trap).unwrap();
        let error = open(dir.path()).unwrap().finish(Tables::Complete).unwrap_err();
        assert_is_disk_full(&error);
        assert!(error.to_string().contains(name), "{error}");
        let _ = fs::remove_file(trap);
        assert_eq!(deterministic_files(dir.path()), before);
    }
}

#[test]
fn a_file_in_the_way_of_the_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("run");
    fs::write(&file, "").unwrap();
    for folder in [file.clone(), file.join("inner")] {
        let message = open(&folder).unwrap_err().to_string();
        assert!(message.contains("a file is in the way of the folder"), "{message}");
        assert!(message.contains(&folder.display().to_string()), "{message}");
    }
}

/// Permissions mean nothing to root, so root has an immutable stand-in: /proc, where nobody creates files.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let folder = if fs::write(dir.path().join("probe"), "").is_ok() { Path::new("/proc") } else { dir.path() };
    let error = open(folder).unwrap_err();
    assert!(matches!(&error, RecordError::Io { path, .. } if path.starts_with(folder)), "{error}");
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
}
