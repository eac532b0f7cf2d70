//! Standard output and standard error that go away or are full: a run's tables are written all the same.

use std::fs::OpenOptions;
use std::io::Read;
use std::process::{Command, Stdio};

use super::child::{end, slow_run};
use super::{config, manifest, scratch, text};

fn quickstart(out: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nullsweep"));
    command.arg("run").arg(config("quickstart.toml")).args(["--device", "cpu", "--out"]).arg(out);
    command
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    for args in [&["schema"][..], &["--help"], &["plan", "configs/quickstart.toml"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nullsweep"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert_eq!(end(child), (Some(0), String::new()), "{args:?}");
    }
}

/// `nullsweep run ... | head -1`.
#[test]
fn a_run_whose_summary_nobody_reads_is_complete() {
    let dir = scratch();
    let out = dir.path().join("out");
    let mut child = quickstart(&out).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let (code, said) = end(child);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("panicked") && !said.contains("bug"), "{said}");
    assert_eq!(manifest(&out)["state"], "complete");
    assert!(out.join("spectrum.csv").exists());
}

#[test]
fn a_reader_of_stderr_that_goes_away_stops_nothing() {
    let dir = scratch();
    let out = dir.path().join("out");
    let mut child = slow_run(&out).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(manifest(&out)["state"], "complete");
}

/// `2>&-`: not even a descriptor is there.
#[cfg(unix)]
#[test]
fn a_closed_stderr_stops_nothing() {
    let dir = scratch();
    let out = dir.path().join("out");
    let run = quickstart(&out);
    let done = Command::new("sh")
        .args(["-c", "exec \"$0\" \"$@\" 2>&-"])
        .arg(run.get_program())
        .args(run.get_args())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert!(text(&done.stdout).contains("45 trials"), "{}", text(&done.stdout));
    assert_eq!(manifest(&out)["state"], "complete");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_is_an_error_and_the_tables_are_there() {
    let dir = scratch();
    let out = dir.path().join("out");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = quickstart(&out).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("cannot write to standard output: No space left on device"), "{said}");
    assert_eq!(manifest(&out)["state"], "complete");
}
