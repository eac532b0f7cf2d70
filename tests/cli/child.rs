//! Runs in the background, for tests that disturb them.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::config;

/// 720 trials of some size: a second or two.
pub(super) const SETS: [&str; 6] =
    ["--set", "design.replicates=80", "--set", "grid.n=[24,48,96]", "--set", "grid.d=[12,24,48]"];

/// `nullsweep run quickstart.toml` on the CPU in one thread and chunks of three trials, not yet started.
pub(super) fn slow_run(out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nullsweep"));
    command
        .arg("run")
        .arg(config("quickstart.toml"))
        .args(["--device", "cpu", "--chunk", "3", "--threads", "1", "--out"])
        .arg(out)
        .args(SETS)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

pub(super) fn journal_bytes(out: &Path) -> u64 {
    std::fs::metadata(out.join("journal.nsj")).map_or(0, |file| file.len())
}

/// Waits until the journal has grown by `bytes` beyond `before`, or the run has ended.
pub(super) fn wait_for_growth(out: &Path, before: u64, bytes: u64, child: &mut Child) {
    let start = Instant::now();
    while journal_bytes(out) < before + bytes {
        if child.try_wait().unwrap().is_some() {
            return;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "no progress in a minute");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends signal `name` as `kill -s` does.
pub(super) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Reads stderr up to a line that contains `words`.
pub(super) fn wait_for_line(child: &mut Child, words: &str) {
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains(words)), "`{words}` was never said");
}

/// Waits for the end: the exit code (`None` for a signal) and what was left on stderr.
pub(super) fn end(mut child: Child) -> (Option<i32>, String) {
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut said).unwrap();
    }
    (child.wait().unwrap().code(), said)
}
