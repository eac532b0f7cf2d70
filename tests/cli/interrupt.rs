//! An interrupted or killed run goes on to the same bytes.

#![cfg(unix)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{config, promised_bytes, run_on_cpu, scratch};

const SETS: [&str; 6] = ["--set", "design.replicates=80", "--set", "grid.n=[24,48,96]", "--set", "grid.d=[12,24,48]"];

fn start(out: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_nullsweep"))
        .arg("run")
        .arg(config("quickstart.toml"))
        .args(["--device", "cpu", "--chunk", "3", "--threads", "1", "--out"])
        .arg(out)
        .args(SETS)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn journal_bytes(out: &Path) -> u64 {
    std::fs::metadata(out.join("journal.nsj")).map_or(0, |file| file.len())
}

/// Waits until the journal has grown by `bytes` beyond `before`, or the run has ended.
fn wait_for_growth(out: &Path, before: u64, bytes: u64, child: &mut Child) {
    let start = Instant::now();
    while journal_bytes(out) < before + bytes {
        if child.try_wait().unwrap().is_some() {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no progress in a minute");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn a_signal_finishes_the_chunk_and_the_same_command_goes_on() {
    let dir = scratch();
    let (whole, stopped) = (dir.path().join("whole"), dir.path().join("stopped"));
    run_on_cpu(&config("quickstart.toml"), &whole).args(SETS).assert().success();
    for name in ["INT", "TERM"] {
        let before = journal_bytes(&stopped);
        let mut child = start(&stopped);
        wait_for_growth(&stopped, before, 40_000, &mut child);
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{name}");
        assert!(!stopped.join("spectrum.csv").exists(), "tables appear when they are complete");
    }
    run_on_cpu(&config("quickstart.toml"), &stopped).args(SETS).assert().success();
    assert!(promised_bytes(&whole) == promised_bytes(&stopped), "the tables differ");
}

#[test]
fn kills_at_any_instant_lose_nothing() {
    let dir = scratch();
    let (whole, killed) = (dir.path().join("whole"), dir.path().join("killed"));
    run_on_cpu(&config("quickstart.toml"), &whole).args(SETS).assert().success();
    for kill in 1..=8_u64 {
        let before = journal_bytes(&killed);
        let mut child = start(&killed);
        wait_for_growth(&killed, before, 20_000, &mut child);
        // Between two looks at the journal anything may be going on.
        std::thread::sleep(Duration::from_micros(kill * 700));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    run_on_cpu(&config("quickstart.toml"), &killed).args(SETS).assert().success();
    assert!(promised_bytes(&whole) == promised_bytes(&killed), "the tables differ");
}
