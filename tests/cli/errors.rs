//! Bad input is refused before anything is written; `tests/config_errors.rs` has the page of configs.

use super::{config, nullsweep, run_on_cpu, scratch, text};

#[test]
fn a_bad_config_writes_nothing_and_exits_2() {
    let dir = scratch();
    let out = dir.path().join("out");
    for (sets, words) in [
        (vec!["grid.d=0"], "d counts features and must be at least 1"),
        (vec!["grid.colour=3"], "grid.colour"),
        (vec!["grid.where=\"n > 1000\""], "where"),
        (vec!["grid.n={linear=[1,1000000],step=1}", "grid.d={linear=[1,1000000],step=1}"], "cells"),
    ] {
        let mut command = run_on_cpu(&config("quickstart.toml"), &out);
        for set in sets {
            command.args(["--set", set]);
        }
        let failed = command.assert().code(2);
        let stderr = text(&failed.get_output().stderr);
        assert!(stderr.contains(words), "{stderr}");
        assert!(failed.get_output().stdout.is_empty());
        assert!(!out.exists(), "{words}: nothing is written");
    }
}

#[test]
fn a_missing_config_is_named() {
    let failed = nullsweep().args(["run", "configs/no-such.toml"]).assert().code(2);
    assert!(text(&failed.get_output().stderr).contains("configs/no-such.toml"));
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let dir = scratch();
    let file = dir.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    for out in [file.clone(), file.join("below")] {
        let failed = run_on_cpu(&config("quickstart.toml"), &out).assert().code(2);
        let stderr = text(&failed.get_output().stderr);
        assert!(stderr.contains(file.to_str().unwrap()), "{stderr}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "in the way");
}

#[test]
fn a_folder_of_another_config_is_refused_with_the_difference_and_fresh_keeps_the_old() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    let other = ["--set", "design.seed=9"];
    let failed = run_on_cpu(&config("quickstart.toml"), &out).args(other).assert().code(2);
    let stderr = text(&failed.get_output().stderr);
    assert!(stderr.contains("seed") && stderr.contains("--fresh"), "{stderr}");
    run_on_cpu(&config("quickstart.toml"), &out).args(other).arg("--fresh").assert().success();
    assert!(dir.path().join("out.old-1").join("spectrum.csv").exists());
}

#[test]
fn options_out_of_range_are_refused() {
    let dir = scratch();
    let out = dir.path().join("out");
    for option in ["--threads", "--chunk"] {
        let failed = run_on_cpu(&config("quickstart.toml"), &out).args([option, "0"]).assert().code(2);
        assert!(text(&failed.get_output().stderr).contains("at least 1"));
    }
    nullsweep().args(["verify", "somewhere", "--fraction", "1.5"]).assert().code(2);
    nullsweep().arg("frobnicate").assert().code(2);
}

#[test]
fn a_trial_that_overflows_is_a_row_or_stops_the_run_as_asked() {
    let dir = scratch();
    let path = dir.path().join("pascal.toml");
    std::fs::write(
        &path,
        "[design]\nkind = \"gallery\"\nname = \"pascal\"\n[grid]\nn = [4, 600]\nd = [4, 600]\nzip = [[\"n\", \"d\"]]\n",
    )
    .unwrap();
    let out = dir.path().join("record");
    run_on_cpu(&path, &out).assert().code(1);
    let statuses: Vec<String> =
        super::rows(&out.join("spectrum.csv")).iter().map(|row| row["status"].clone()).collect();
    assert_eq!(statuses, ["ok", "failed"]);
    let stopped = run_on_cpu(&path, &dir.path().join("stop")).args(["--set", "run.on_error=stop"]).assert().code(1);
    let stderr = text(&stopped.get_output().stderr);
    assert!(stderr.contains("n = 600") && stderr.contains("overflows"), "{stderr}");
}

#[test]
fn the_spectrum_is_written_whether_it_is_asked_for_or_not() {
    let dir = scratch();
    let path = dir.path().join("ridge.toml");
    std::fs::write(
        &path,
        "tables = [\"ridge\"]\n[design]\nkind = \"gaussian\"\n[grid]\nn = 4\nd = 3\nlambda = [0.0, 1.0]\n",
    )
    .unwrap();
    let out = dir.path().join("out");
    run_on_cpu(&path, &out).assert().success();
    assert_eq!(super::rows(&out.join("spectrum.csv")).len(), 1, "without it no failed trial would show");
    assert_eq!(super::rows(&out.join("ridge.csv")).len(), 2);
}

#[test]
fn singular_values_beyond_f64_are_a_failed_row_or_stop_the_run_as_asked() {
    let dir = scratch();
    let path = dir.path().join("huge.toml");
    std::fs::write(
        &path,
        "[design]\nkind = \"matrix\"\nx = [[1.7e308, 1.7e308], [1.7e308, -1.7e308]]\n[target]\ny = [1, 2]\n",
    )
    .unwrap();
    let out = dir.path().join("record");
    run_on_cpu(&path, &out).assert().code(1);
    let row = super::rows(&out.join("spectrum.csv")).remove(0);
    assert_eq!((row["status"].as_str(), row["sigma_max_hi"].as_str()), ("failed", "inf"));
    let stopped = run_on_cpu(&path, &dir.path().join("stop")).args(["--set", "run.on_error=stop"]).assert().code(1);
    assert!(text(&stopped.get_output().stderr).contains("beyond the range of f64"));
}

#[test]
fn plan_runs_nothing_and_speaks_json() {
    let dir = scratch();
    let planned =
        nullsweep().current_dir(dir.path()).arg("plan").arg(config("quickstart.toml")).arg("--json").assert().success();
    let json: serde_json::Value = serde_json::from_slice(&planned.get_output().stdout).unwrap();
    assert_eq!(json["trials"], 45, "{json}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn quiet_says_nothing_and_json_is_one_document() {
    let dir = scratch();
    let quiet = run_on_cpu(&config("quickstart.toml"), &dir.path().join("quiet")).arg("--quiet").assert().success();
    assert!(quiet.get_output().stdout.is_empty() && quiet.get_output().stderr.is_empty());
    let json = run_on_cpu(&config("quickstart.toml"), &dir.path().join("json")).arg("--json").assert().success();
    let json: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json["trials"], 45);
    assert_eq!(json["by_status"]["ok"], 45);
}
