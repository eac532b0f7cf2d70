//! A disk that fills, that is read-only, that forgets: what a user of the program sees. `tests/record/faults.rs` has the
//! same for the library.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use super::child::{SETS, end, slow_run, wait_for_growth};
use super::{config, manifest, promised_bytes, run_on_cpu, scratch, text};

/// Runs the ignored test `name` of this binary with a tmpfs of `size` on `dir`, in a mount namespace of its own. Where
/// the kernel grants none, says so on stderr.
fn in_a_tmpfs(dir: &Path, size: &str, name: &str) {
    let namespace = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-ec", script]);
        command.env("NULLSWEEP_TEST_FOLDER", dir).env("SIZE", size);
        command
    };
    let mount = "mount -t tmpfs -o size=$SIZE none \"$NULLSWEEP_TEST_FOLDER\"";
    if !namespace(mount).status().is_ok_and(|status| status.success()) {
        eprintln!("{name}: skipped: no mount namespace with a tmpfs to be had here (unshare, mount)");
        return;
    }
    let mut command = namespace(&format!("{mount}; exec \"$0\" --exact disk::{name} --ignored --nocapture"));
    let done = command.arg(std::env::current_exe().unwrap()).output().unwrap();
    let said = text(&done.stdout) + &text(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

/// The folder that the outer test prepared.
fn prepared_folder() -> PathBuf {
    std::env::var_os("NULLSWEEP_TEST_FOLDER").expect("only run by another test").into()
}

fn remount(folder: &Path, options: &str) {
    let status = Command::new("mount").args(["-o", options]).arg(folder).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_full_disk_is_foreseen_and_costs_nothing() {
    in_a_tmpfs(scratch().path(), "300k", "fills_the_disk_and_goes_on");
}

#[test]
#[ignore = "run by another test, on a small tmpfs"]
fn fills_the_disk_and_goes_on() {
    let out = prepared_folder().join("run");
    let failed = run_on_cpu(&config("quickstart.toml"), &out).args(SETS).args(["--chunk", "20"]).assert().code(1);
    let said = text(&failed.get_output().stderr);
    assert!(said.contains("will be written and 2") && said.contains("KiB are free in"), "{said}");
    assert!(said.contains("journal.nsj: cannot write") && said.contains("the disk is full: free some space"), "{said}");

    remount(&prepared_folder(), "remount,size=64m");
    let done = run_on_cpu(&config("quickstart.toml"), &out).args(SETS).assert().success();
    let said = text(&done.get_output().stderr);
    assert!(said.contains("of 720 trials are recorded already"), "{said}");
    assert!(!said.contains("will be written"), "{said}");
    let whole = scratch();
    run_on_cpu(&config("quickstart.toml"), whole.path()).args(SETS).assert().success();
    assert!(promised_bytes(whole.path()) == promised_bytes(&out), "the tables differ");
}

#[test]
fn a_read_only_disk_is_refused_before_anything_is_computed() {
    in_a_tmpfs(scratch().path(), "1m", "meets_a_read_only_disk");
}

#[test]
#[ignore = "run by another test, on a tmpfs"]
fn meets_a_read_only_disk() {
    remount(&prepared_folder(), "remount,ro");
    let refused = run_on_cpu(&config("quickstart.toml"), &prepared_folder().join("run")).assert().code(2);
    let said = text(&refused.get_output().stderr);
    assert!(said.contains("the file system is read-only: choose another folder with --out"), "{said}");
}

/// On Linux an open file can be written long after it has no name any more.
#[test]
fn a_folder_deleted_or_moved_while_running_stops_the_run() {
    let dir = scratch();
    let moved = dir.path().join("elsewhere");
    for fate in ["deleted", "moved"] {
        let out = dir.path().join(fate);
        let mut child = slow_run(&out).spawn().unwrap();
        wait_for_growth(&out, 0, 20_000, &mut child);
        match fate {
            "deleted" => std::fs::remove_dir_all(&out).unwrap(),
            _ => std::fs::rename(&out, &moved).unwrap(),
        }
        let (code, said) = end(child);
        assert_eq!(code, Some(1), "{fate}: {said}");
        assert!(said.contains("journal.nsj: cannot find: No such file"), "{said}");
        assert!(said.contains("was the folder changed while the run was going on?"), "{said}");
        assert!(!out.exists(), "nothing appears in its place");
    }
    // What was moved goes on from there.
    let done = run_on_cpu(&config("quickstart.toml"), &moved).args(SETS).assert().success();
    assert!(text(&done.get_output().stderr).contains("of 720 trials are recorded already"));
    assert_eq!(manifest(&moved)["state"], "complete");
}
