//! Signals stop a run in good order, and the same command goes on to the same bytes.

use std::process::{Command, Stdio};

use super::child::{SETS, end, journal_bytes, signal, slow_run, wait_for_growth, wait_for_line};
use super::{config, manifest, promised_bytes, run_on_cpu, scratch};

#[test]
fn a_signal_finishes_the_chunk_and_the_same_command_goes_on() {
    let dir = scratch();
    let (whole, stopped) = (dir.path().join("whole"), dir.path().join("stopped"));
    run_on_cpu(&config("quickstart.toml"), &whole).args(SETS).assert().success();
    // Under `nohup` this process, and so the run, does not hear the third.
    for name in ["INT", "TERM", "HUP"].into_iter().filter(|name| *name != "HUP" || !hangup_is_ignored()) {
        let before = journal_bytes(&stopped);
        let mut child = slow_run(&stopped).spawn().unwrap();
        wait_for_growth(&stopped, before, 20_000, &mut child);
        signal(&child, name);
        let (code, said) = end(child);
        assert_eq!(code, Some(130), "{name}: {said}");
        assert!(said.contains("stopping after what is under way (once more: at once)"), "{name}: {said}");
        assert!(said.contains("of 720 trials are recorded in") && said.contains("the same command goes on"), "{said}");
        assert_eq!(manifest(&stopped)["state"], "interrupted", "{name}");
        assert!(!stopped.join("spectrum.csv").exists(), "tables appear when they are complete");
    }
    run_on_cpu(&config("quickstart.toml"), &stopped).args(SETS).assert().success();
    assert!(promised_bytes(&whole) == promised_bytes(&stopped), "the tables differ");
}

/// Whether this process was started with SIGHUP ignored, as by `nohup`: its children inherit that.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// One chunk that takes many seconds, so that the second signal comes in the midst of it.
#[test]
fn a_second_signal_leaves_at_once() {
    let dir = scratch();
    let out = dir.path().join("out");
    let long_chunk = ["--set", "design.replicates=400", "--set", "grid.n=300", "--set", "grid.d=250"];
    for names in [["INT", "INT"], ["TERM", "INT"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nullsweep"))
            .arg("run")
            .arg(config("quickstart.toml"))
            .args(["--device", "cpu", "--threads", "1", "--out"])
            .arg(&out)
            .args(long_chunk)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for_line(&mut child, "engine: cpu");
        // The run itself begins when its manifest is there.
        let header = journal_bytes(&out);
        signal(&child, names[0]);
        wait_for_line(&mut child, "stopping after what is under way");
        signal(&child, names[1]);
        assert_eq!(end(child).0, Some(130), "{names:?}");
        assert_eq!(journal_bytes(&out), header, "the chunk was not waited for");
    }
}

/// `nohup nullsweep run ... &`, and the terminal is closed.
#[cfg(target_os = "linux")]
#[test]
fn under_nohup_a_hangup_is_ignored() {
    let dir = scratch();
    let out = dir.path().join("out");
    let run = slow_run(&out);
    let mut child = Command::new("sh")
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(run.get_program())
        .args(run.get_args())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_growth(&out, 0, 20_000, &mut child);
    signal(&child, "HUP");
    let (code, said) = end(child);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("stopping"), "{said}");
    assert_eq!(manifest(&out)["state"], "complete");
}
