//! A changed config keeps the trials that it does not change.

use std::path::{Path, PathBuf};

use super::{config, manifest, promised_bytes, rows, run_on_cpu, scratch, text};

const SMALL: [&str; 4] = ["--set", "design.replicates=2", "--set", "grid.epsilon=[1e-9, 1e-3]"];

fn collinearity() -> PathBuf {
    config("collinearity.toml")
}

/// Trials that the attempts in this folder computed.
fn computed(out: &Path) -> usize {
    rows(&out.join("timing.csv")).iter().map(|row| row["trials"].parse::<usize>().unwrap()).sum()
}

fn trials(out: &Path) -> usize {
    rows(&out.join("spectrum.csv")).len()
}

/// Runs the small sweep, then one with `sets` in the same folder and one in a folder of its own; the two must be alike.
/// Returns how many trials the small sweep has, and how many were reused.
fn extend(sets: &[&str]) -> (usize, usize) {
    let dir = scratch();
    let (out, fresh) = (dir.path().join("out"), dir.path().join("fresh"));
    run_on_cpu(&collinearity(), &out).args(SMALL).assert().success();
    let before = trials(&out);
    let old = promised_bytes(&out);
    // Even one who reads errors only is told that an earlier run moved.
    let done = run_on_cpu(&collinearity(), &out).args(SMALL).args(sets).arg("--quiet").assert().success();
    run_on_cpu(&collinearity(), &fresh).args(SMALL).args(sets).assert().success();
    assert!(promised_bytes(&out) == promised_bytes(&fresh), "{sets:?}: the tables differ");
    let manifest = manifest(&out);
    let source = &manifest["sources"][0];
    assert_eq!(source["how"], "reuse");
    let reused = usize::try_from(source["trials"].as_u64().unwrap()).unwrap();
    assert_eq!(computed(&out) + reused, trials(&out), "{sets:?}: reused trials are not computed");
    assert_eq!(manifest["attempts"][0]["done_before"], reused);
    let stderr = text(&done.get_output().stderr);
    assert!(stderr.contains(&format!("reused {reused} of the {before} trials")), "{stderr}");
    assert!(stderr.contains("in the folder,") && stderr.contains("out.old-1"), "{stderr}");
    assert!(promised_bytes(&dir.path().join("out.old-1")) == old, "the old tables are kept");
    // The old run can be gone on with where it lies now.
    run_on_cpu(&collinearity(), &dir.path().join("out.old-1")).args(SMALL).assert().success();
    (before, reused)
}

#[test]
fn a_longer_axis_keeps_every_trial() {
    for sets in [
        ["--set", "grid.n=[50, 60, 200]"],
        ["--set", "grid.epsilon=[1e-12, 1e-9, 1e-3]"],
        ["--set", "design.replicates=3"],
    ] {
        let (before, reused) = extend(&sets);
        assert_eq!(reused, before, "{sets:?}");
    }
}

#[test]
fn a_shorter_axis_keeps_what_is_left() {
    let (before, reused) = extend(&["--set", "design.replicates=1"]);
    assert_eq!(reused, before / 2);
}

#[test]
fn what_changes_the_rows_is_refused_and_changes_nothing() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&collinearity(), &out).args(SMALL).assert().success();
    let bytes = promised_bytes(&out);
    let journal = std::fs::read(out.join("journal.nsj")).unwrap();
    for (set, words) in [
        ("design.seed=77", "design.seed: 2 in the folder, 77 now"),
        ("grid.lambda=[0.0, 0.25]", "grid.lambda"),
        ("grid.delta=[0.0, 1e-7]", "grid.delta"),
        ("engine.rtol=1e-9", "engine.rtol"),
        ("verify.fraction=0.5", "verify.fraction"),
        ("target.noise=0.75", "target: absent in the folder, { noise = 0.75 } now"),
        ("tables=[\"spectrum\"]", "tables"),
    ] {
        let failed = run_on_cpu(&collinearity(), &out).args(SMALL).args(["--set", set]).assert().code(2);
        let stderr = text(&failed.get_output().stderr);
        assert!(stderr.contains("holds a different run") && stderr.contains("--fresh"), "{set}: {stderr}");
        assert!(stderr.contains(words), "{set}: {stderr}");
    }
    assert!(promised_bytes(&out) == bytes);
    assert!(std::fs::read(out.join("journal.nsj")).unwrap() == journal);
    assert!(!dir.path().join("out.old-1").exists(), "nothing is moved");
}

#[test]
fn a_new_name_or_question_is_the_same_run() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&collinearity(), &out).args(SMALL).assert().success();
    run_on_cpu(&collinearity(), &out).args(SMALL).args(["--set", "question=\"Why?\""]).assert().success();
    assert!(!dir.path().join("out.old-1").exists());
    let manifest = manifest(&out);
    assert_eq!(manifest.get("sources"), None);
    assert_eq!(manifest["attempts"].as_array().unwrap().len(), 2);
}

#[test]
fn without_a_manifest_nothing_is_guessed() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&collinearity(), &out).args(SMALL).assert().success();
    std::fs::remove_file(out.join("manifest.json")).unwrap();
    let longer = ["--set", "design.replicates=3"];
    let failed = run_on_cpu(&collinearity(), &out).args(SMALL).args(longer).assert().code(2);
    assert!(text(&failed.get_output().stderr).contains("holds a different run"));
}

#[test]
fn a_changed_data_file_is_another_design_whatever_the_config_says() {
    let dir = scratch();
    let (out, data, path) = (dir.path().join("out"), dir.path().join("x.csv"), dir.path().join("file.toml"));
    std::fs::write(&data, "1,2\n3,4\n5,7\n").unwrap();
    std::fs::write(&path, "[design]\nkind = \"file\"\npath = \"x.csv\"\n[target]\nnoise = 0.5\n").unwrap();
    run_on_cpu(&path, &out).assert().success();
    let more = ["--set", "design.replicates=3"];
    std::fs::write(&data, "1,2\n3,4\n5,8\n").unwrap();
    run_on_cpu(&path, &out).args(more).assert().code(2);
    std::fs::write(&data, "1,2\n3,4\n5,7\n").unwrap();
    run_on_cpu(&path, &out).args(more).assert().success();
    assert_eq!(manifest(&out)["sources"][0]["trials"], 1);
}

#[test]
fn what_a_kill_left_of_the_old_run_is_moved_aside_too() {
    let dir = scratch();
    let (out, fresh) = (dir.path().join("out"), dir.path().join("fresh"));
    let longer = ["--set", "design.replicates=3"];
    run_on_cpu(&collinearity(), &out).args(SMALL).assert().success();
    run_on_cpu(&collinearity(), &out).args(SMALL).args(longer).assert().success();
    run_on_cpu(&collinearity(), &fresh).args(SMALL).args(longer).assert().success();
    // As if the process had been killed as soon as the new journal had its name: the old files are there still.
    let old = dir.path().join("out.old-1");
    for name in ["manifest.json", "spectrum.csv", "timing.csv"] {
        std::fs::copy(old.join(name), out.join(name)).unwrap();
    }
    std::fs::create_dir(out.join(".reuse.tmp")).unwrap();
    run_on_cpu(&collinearity(), &out).args(SMALL).args(longer).assert().success();
    let again = dir.path().join("out.old-2");
    for name in ["manifest.json", "spectrum.csv", "timing.csv"] {
        assert!(std::fs::read(again.join(name)).unwrap() == std::fs::read(old.join(name)).unwrap(), "{name}");
    }
    assert!(promised_bytes(&out) == promised_bytes(&fresh), "the tables differ");
    assert_eq!(computed(&out), 0, "the new journal was whole");
}

#[test]
fn a_shard_keeps_the_trials_that_are_still_its_own() {
    let dir = scratch();
    let fresh = dir.path().join("fresh");
    let longer = ["--set", "design.replicates=3"];
    run_on_cpu(&collinearity(), &fresh).args(SMALL).args(longer).assert().success();
    let mut folders = Vec::new();
    for shard in ["0/2", "1/2"] {
        let out = dir.path().join(shard.replace('/', "-of-"));
        run_on_cpu(&collinearity(), &out).args(SMALL).args(["--shard", shard]).assert().success();
        run_on_cpu(&collinearity(), &out).args(SMALL).args(longer).args(["--shard", shard]).assert().success();
        let manifest = manifest(&out);
        let reused = usize::try_from(manifest["sources"][0]["trials"].as_u64().unwrap()).unwrap();
        let total = usize::try_from(manifest["trials"]["total"].as_u64().unwrap()).unwrap();
        assert!(reused > 0 && computed(&out) + reused == total, "{reused} of {total}");
        folders.push(out);
    }
    let out = dir.path().join("out");
    super::nullsweep().arg("merge").args(&folders).arg("--out").arg(&out).assert().success();
    assert!(promised_bytes(&out) == promised_bytes(&fresh), "the tables differ");
}

#[test]
fn what_is_not_of_the_run_stays_in_its_folder() {
    let dir = scratch();
    // The folder of the config is that of the run: the same command must find the config again.
    let config_path = dir.path().join("mine.toml");
    std::fs::copy(config("quickstart.toml"), &config_path).unwrap();
    std::fs::write(dir.path().join("notes.csv"), "mine").unwrap();
    run_on_cpu(&config_path, dir.path()).assert().success();
    let text = std::fs::read_to_string(&config_path).unwrap();
    run_on_cpu(&config_path, dir.path()).args(["--set", "design.replicates=6"]).assert().success();
    run_on_cpu(&config_path, dir.path()).arg("--fresh").assert().success();
    assert_eq!(std::fs::read_to_string(&config_path).unwrap(), text);
    assert!(dir.path().join("notes.csv").exists());
    for number in [1, 2] {
        let old = PathBuf::from(format!("{}.old-{number}", dir.path().display()));
        let mut names: Vec<_> = promised_bytes(&old).into_keys().collect();
        names.sort();
        assert!(names.contains(&"spectrum.csv".to_owned()) && old.join("journal.nsj").exists(), "{names:?}");
        assert!(!names.contains(&"mine.toml".to_owned()) && !names.contains(&"notes.csv".to_owned()), "{names:?}");
        std::fs::remove_dir_all(old).unwrap();
    }
}
