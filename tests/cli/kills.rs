//! SIGKILL at random instants, until the run is done: no row is lost, none is there twice, and the tables have the bytes
//! of an undisturbed run. `NULLSWEEP_KILLS=100` kills that often on each device.

#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::child::SETS;
use super::device::environment::gpu_tests_are_wanted;
use super::{config, promised_bytes, rows, scratch};

/// 80 small trials: software adapters are slow.
const FEW: [&str; 6] = ["--set", "design.replicates=20", "--set", "grid.n=[6,12]", "--set", "grid.d=[4,8]"];

/// `nullsweep run` with small chunks, so that there is always something recorded and something not.
fn run(device: &str, sets: &[&str], out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nullsweep"));
    command
        .arg("run")
        .arg(config("quickstart.toml"))
        .args(["--device", device, "--chunk", "7", "--quiet", "--out"])
        .arg(out)
        .args(sets)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// How often to kill, unless the environment says otherwise.
fn kills_wanted(usual: usize) -> usize {
    std::env::var("NULLSWEEP_KILLS").map_or(usual, |text| text.parse().unwrap())
}

/// A fraction of 1, by splitmix64 (Steele, Lea & Flood 2014).
fn fraction(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Kills runs on `device` `wanted` times in all, starting over in a new folder whenever one comes to its end.
fn survives_kills(device: &str, sets: &[&str], wanted: usize) {
    let dir = scratch();
    let whole = dir.path().join("whole");
    let start = Instant::now();
    assert!(run(device, sets, &whole).status().unwrap().success());
    let duration = start.elapsed();
    let expected = promised_bytes(&whole);
    let trials = rows(&whole.join("spectrum.csv")).len();

    let mut state = 5;
    let (mut kills, mut folders) = (0, 0);
    while kills < wanted {
        let out = dir.path().join(folders.to_string());
        folders += 1;
        loop {
            let mut child = run(device, sets, &out).spawn().unwrap();
            // From before the lock to the last rename, and sometimes beyond the end.
            std::thread::sleep(duration.mul_f64(1.1 * fraction(&mut state)));
            if kills == wanted {
                assert!(child.wait().unwrap().success(), "the last attempt, after {kills} kills");
                break;
            }
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "an attempt that was not killed, after {kills} kills");
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        assert!(promised_bytes(&out) == expected, "{device}, folder {folders}, after {kills} kills: the tables differ");
        let mut keys: Vec<_> = rows(&out.join("spectrum.csv"))
            .into_iter()
            .map(|row| (row["n"].clone(), row["d"].clone(), row["replicate"].clone()))
            .collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!((keys.len(), count), (trials, trials), "rows lost or twice");
        std::fs::remove_dir_all(&out).unwrap();
    }
    eprintln!("{device}: {kills} kills over {folders} runs of {:.1} s", duration.as_secs_f64());
}

#[test]
fn on_the_cpu() {
    survives_kills("cpu", &SETS, kills_wanted(20));
}

#[test]
fn on_a_gpu() {
    if gpu_tests_are_wanted() {
        survives_kills("gpu", &FEW, kills_wanted(4));
    }
}
