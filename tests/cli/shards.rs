//! A run cut into shards and merged is the run that was not cut.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use nullsweep::measure::TableId;
use nullsweep::record::{Identity, Journal, SourceFolder, TrialRecord};
use serde_json::Value;

use super::child::{SETS, signal, slow_run, wait_for_growth};
use super::{config, manifest, nullsweep, promised_bytes, rows, run_on_cpu, scratch, text};

/// Nine shapes, 45 trials.
const TRIALS: u64 = 45;

fn quickstart() -> PathBuf {
    config("quickstart.toml")
}

fn shard_folder(dir: &Path, shard: u32, count: u32) -> PathBuf {
    dir.join(format!("{shard}-of-{count}"))
}

/// Runs the shards of the quickstart config, each with its own threads and chunks, and returns their folders.
fn run_shards(dir: &Path, count: u32, sets: &[&str]) -> Vec<PathBuf> {
    let run = |shard: u32| {
        let out = shard_folder(dir, shard, count);
        let (threads, chunk) = ((shard % 2 + 1).to_string(), (shard + 1).to_string());
        run_on_cpu(&quickstart(), &out)
            .args(["--shard", &format!("{shard}/{count}"), "--threads", &threads, "--chunk", &chunk])
            .args(sets)
            .assert()
            .success();
        out
    };
    (0..count).map(run).collect()
}

/// `nullsweep merge FOLDERS --out OUT`, ready for more arguments.
fn merge<'a>(folders: impl IntoIterator<Item = &'a PathBuf>, out: &Path) -> assert_cmd::Command {
    let mut command = nullsweep();
    command.arg("merge").args(folders).arg("--out").arg(out);
    command
}

/// What `merge --json` says, after the exit code `code`.
fn merged_json<'a>(folders: impl IntoIterator<Item = &'a PathBuf>, out: &Path, code: i32) -> Value {
    let done = merge(folders, out).arg("--json").assert().code(code);
    serde_json::from_slice(&done.get_output().stdout).unwrap()
}

/// Folders as a message lists them.
fn listed(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Every file of a folder.
fn all_bytes(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// The journal of a folder's run with other trials in it, in a new folder.
fn forge(like: &Path, dir: &Path, trials: &[TrialRecord]) {
    let source = SourceFolder::open(like).unwrap();
    let description = source.description().unwrap();
    let schemas: Vec<_> = description["order"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| *TableId::parse(name.as_str().unwrap()).unwrap().schema())
        .collect();
    let count = usize::try_from(description["trials"].as_u64().unwrap()).unwrap();
    let identity = Identity::new(&description["settings"], &schemas, count);
    assert_eq!(Some(identity.hash()), source.identity_hash());
    std::fs::create_dir(dir).unwrap();
    Journal::create(dir, &identity).unwrap().append(trials).unwrap();
}

#[test]
fn shards_merged_in_any_order_have_the_bytes_of_one_run() {
    let dir = scratch();
    let whole = dir.path().join("whole");
    run_on_cpu(&quickstart(), &whole).assert().success();
    for count in [1, 2, 3, 7] {
        let mut folders = run_shards(dir.path(), count, &[]);
        let mut trials = 0;
        for (shard, folder) in folders.iter().enumerate() {
            let manifest = manifest(folder);
            assert_eq!(manifest["state"], "shard-complete");
            assert_eq!(manifest["shard"], format!("{shard}/{count}"));
            assert_eq!(manifest["trials"]["done"], manifest["trials"]["total"]);
            trials += manifest["trials"]["total"].as_u64().unwrap();
            assert!(promised_bytes(folder).is_empty(), "no table but in the whole run");
        }
        assert_eq!(trials, TRIALS);
        folders.rotate_left(count as usize / 2);
        folders.reverse();
        let before: Vec<_> = folders.iter().map(|folder| all_bytes(folder)).collect();
        let out = dir.path().join(format!("merged-{count}"));
        merge(&folders, &out).assert().success();
        let after: Vec<_> = folders.iter().map(|folder| all_bytes(folder)).collect();
        assert!(before == after, "the shards are only read");
        assert!(promised_bytes(&out) == promised_bytes(&whole), "{count} shards: the tables differ");
        let manifest = manifest(&out);
        assert_eq!(manifest["state"], "complete");
        let taken: u64 =
            manifest["sources"].as_array().unwrap().iter().map(|source| source["trials"].as_u64().unwrap()).sum();
        assert_eq!(taken, TRIALS);
        // It is the folder of a run like any other.
        nullsweep().arg("verify").arg(&out).assert().success();
        let journal = std::fs::read(out.join("journal.nsj")).unwrap();
        run_on_cpu(&quickstart(), &out).assert().success();
        assert!(journal == std::fs::read(out.join("journal.nsj")).unwrap(), "nothing is left to be computed");
    }
}

#[test]
fn a_merge_goes_on_shard_by_shard_and_run_finishes_it() {
    let dir = scratch();
    let (whole, out) = (dir.path().join("whole"), dir.path().join("out"));
    run_on_cpu(&quickstart(), &whole).assert().success();
    let folders = run_shards(dir.path(), 4, &[]);
    let mut missing = TRIALS;
    for folder in &folders[..3] {
        let json = merged_json([folder], &out, 1);
        missing -= json["sources"][0]["taken"].as_u64().unwrap();
        assert_eq!(json["missing"]["trials"], missing);
        assert_eq!(json["repeated"], 0);
        assert_eq!(json["summary"], Value::Null);
        assert!(promised_bytes(&out).is_empty(), "no table while trials are missing");
    }
    // Out of the three again, and itself: nothing is taken twice, and nothing but the fourth shard is missing.
    let again: Vec<PathBuf> = folders[..3].iter().chain([&out]).cloned().collect();
    let journal = std::fs::metadata(out.join("journal.nsj")).unwrap().len();
    let json = merged_json(&again, &out, 1);
    assert_eq!(json["repeated"], TRIALS - missing);
    assert_eq!(std::fs::metadata(out.join("journal.nsj")).unwrap().len(), journal);
    let shards = json["missing"]["shards"].as_array().unwrap();
    assert_eq!(shards.len(), 1);
    assert_eq!((&shards[0]["shard"], &shards[0]["missing"]), (&Value::from("3/4"), &Value::from(missing)));
    assert_eq!(shards[0]["folder"], Value::Null);
    let ranges = json["missing"]["ranges"].as_array().unwrap();
    let listed: u64 = ranges.iter().map(|range| range[1].as_u64().unwrap() - range[0].as_u64().unwrap() + 1).sum();
    assert_eq!(listed, missing);

    run_on_cpu(&quickstart(), &out).assert().success();
    assert!(promised_bytes(&out) == promised_bytes(&whole), "the tables differ");
    let computed: u64 = rows(&out.join("timing.csv")).iter().map(|row| row["trials"].parse::<u64>().unwrap()).sum();
    assert_eq!(computed, missing, "run computes what the merge lacks and nothing else");
    // Once more with all four: the run and the shard agree.
    let json = merged_json(&folders, &out, 0);
    assert_eq!(json["repeated"], TRIALS);
    assert!(promised_bytes(&out) == promised_bytes(&whole), "the tables differ");
}

#[test]
fn tables_of_fewer_trials_are_called_so() {
    let dir = scratch();
    let out = dir.path().join("out");
    let folders = run_shards(dir.path(), 3, &[]);
    merge(&folders[..1], &out).arg("--partial").assert().code(1);
    let before = promised_bytes(&out);
    let more = merge(&folders[..2], &out).assert().code(1);
    let stderr = text(&more.get_output().stderr);
    assert!(stderr.contains("the tables in") && stderr.contains("lack trials"), "{stderr}");
    assert!(text(&more.get_output().stdout).contains("not given, or never run: shard 2/3, with 15 trials"));
    assert!(before == promised_bytes(&out), "they stay as they are");
    let anew = merge(&folders[..2], &out).arg("--partial").assert().code(1);
    assert!(!text(&anew.get_output().stderr).contains("lack trials"));
    assert_eq!(rows(&out.join("spectrum.csv")).len(), 30);
    assert!(!text(&merge(&folders, &out).assert().success().get_output().stderr).contains("lack trials"));
}

/// A shard under way, of which something is recorded.
fn start_shard(out: &Path, shard: &str) -> Child {
    let mut child = slow_run(out).args(["--shard", shard]).stderr(Stdio::null()).spawn().unwrap();
    wait_for_growth(out, 0, 20_000, &mut child);
    child
}

#[test]
fn killed_shards_lack_trials_until_they_are_run_again() {
    let dir = scratch();
    let (whole, out) = (dir.path().join("whole"), dir.path().join("out"));
    run_on_cpu(&quickstart(), &whole).args(SETS).assert().success();
    let folders: Vec<PathBuf> = (0..3).map(|shard| shard_folder(dir.path(), shard, 3)).collect();
    run_on_cpu(&quickstart(), &folders[0]).args(["--shard", "0/3"]).args(SETS).assert().success();
    for (shard, folder) in folders.iter().enumerate().skip(1) {
        let mut child = start_shard(folder, &format!("{shard}/3"));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let failed = merge(&folders, &out).args(["--partial"]).assert().code(1);
    let stdout = text(&failed.get_output().stdout);
    for shard in ["1/3", "2/3"] {
        let line = stdout.lines().find(|line| line.contains(&format!("shard {shard} lacks"))).unwrap();
        assert!(line.contains("run it again") && line.contains(&format!("--shard {shard}")), "{line}");
    }
    assert!(!stdout.contains("shard 0/3 lacks"), "{stdout}");
    let partial = rows(&out.join("spectrum.csv")).len();
    assert!(stdout.contains(&format!("{} of 720 trials are missing", 720 - partial)), "{stdout}");
    assert_eq!(manifest(&out)["state"], "interrupted");

    for (shard, folder) in folders.iter().enumerate().skip(1) {
        run_on_cpu(&quickstart(), folder).args(["--shard", &format!("{shard}/3")]).args(SETS).assert().success();
    }
    merge(&folders, &out).assert().success();
    assert!(promised_bytes(&out) == promised_bytes(&whole), "the tables differ");
}

#[test]
fn a_shard_that_still_runs_is_read_and_not_disturbed() {
    let dir = scratch();
    let (running, out) = (dir.path().join("running"), dir.path().join("out"));
    let mut child = start_shard(&running, "0/2");
    // Held still, so that it is under way for as long as the merge takes.
    signal(&child, "STOP");
    let merged = merge([&running], &out).assert().code(1);
    signal(&child, "CONT");
    let (stderr, stdout) = (text(&merged.get_output().stderr), text(&merged.get_output().stdout));
    assert!(stderr.contains(&format!("in use by process {}", child.id())), "{stderr}");
    assert!(stdout.contains("shard 0/2 lacks") && stdout.contains("still running in"), "{stdout}");
    assert_eq!(child.wait().unwrap().code(), Some(0), "the shard comes to its end");
    assert_eq!(manifest(&running)["state"], "shard-complete");
    let json = merged_json([&running], &out, 1);
    assert_eq!(json["missing"]["trials"], 360);
}

#[test]
fn a_damaged_shard_lacks_the_trials_that_are_hit_and_no_others() {
    let dir = scratch();
    let whole = dir.path().join("whole");
    run_on_cpu(&quickstart(), &whole).assert().success();
    let folders = run_shards(dir.path(), 2, &[]);
    let path = folders[1].join("journal.nsj");
    let honest = std::fs::read(&path).unwrap();
    let frames = honest.windows(8).position(|bytes| bytes == b"\xF5NSF\r\n\x1A\xFF").unwrap();
    // In the middle of the first frame, of the last one, and of the header.
    for (at, missing, said) in [
        (frames + 200, 1, "journal damaged in 1 place(s)"),
        (honest.len() - 100, 1, "bytes of an unfinished write are left out"),
        (60, 0, "the header of its journal is damaged, its trials are found"),
    ] {
        let mut damaged = honest.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&path, &damaged).unwrap();
        let out = dir.path().join(format!("out-{at}"));
        let merged = merge(&folders, &out).assert().code(i32::from(missing > 0));
        let (stderr, stdout) = (text(&merged.get_output().stderr), text(&merged.get_output().stdout));
        assert!(stderr.contains(said), "byte {at}: {stderr}");
        assert!(std::fs::read(&path).unwrap() == damaged, "the damage is left as it is");
        if missing == 0 {
            assert!(promised_bytes(&out) == promised_bytes(&whole), "the tables differ");
        } else {
            assert!(stdout.contains("1 of 45 trials are missing") && stdout.contains("shard 1/2 lacks 1"), "{stdout}");
        }
    }
}

#[test]
fn two_folders_that_contradict_each_other_are_an_error_that_names_both_and_the_trial() {
    let dir = scratch();
    let folders = run_shards(dir.path(), 2, &[]);
    let other = dir.path().join("other");
    forge(&folders[0], &other, &[TrialRecord { index: 7, payload: vec![1, 2, 3] }]);
    let out = dir.path().join("out");
    let failed = merge([&folders[0], &folders[1], &other], &out).assert().code(1);
    let stderr = text(&failed.get_output().stderr);
    let owner = if manifest(&out)["state"] == "interrupted" { &folders } else { panic!("nothing may be complete") };
    assert!(stderr.contains("trial 7") && stderr.contains("n = 12, d = 12, replicate = 2"), "{stderr}");
    assert!(stderr.contains(other.to_str().unwrap()), "{stderr}");
    assert!(owner.iter().any(|folder| stderr.contains(folder.to_str().unwrap())), "{stderr}");
    assert!(!out.join("spectrum.csv").exists());
    // What is in --out already is no more to be believed than a folder that is given.
    let out = dir.path().join("out-first");
    merge(&folders, &out).assert().success();
    let failed = merge([&other], &out).assert().code(1);
    let stderr = text(&failed.get_output().stderr);
    assert!(stderr.contains("trial 7") && stderr.contains(out.to_str().unwrap()), "{stderr}");
}

#[test]
fn a_foreign_folder_is_refused_with_the_difference_before_anything_is_written() {
    let dir = scratch();
    let folders = run_shards(dir.path(), 2, &[]);
    let (foreign, out) = (dir.path().join("foreign"), dir.path().join("out"));
    run_on_cpu(&quickstart(), &foreign).args(["--set", "design.seed=9"]).assert().success();
    for mixed in [&[][..], &["--mixed"]] {
        let failed = merge([&folders[0], &foreign, &folders[1]], &out).args(mixed).assert().code(2);
        let stderr = text(&failed.get_output().stderr);
        let [shards, foreign] = [&folders[..], std::slice::from_ref(&foreign)].map(listed);
        let said = format!("is not of one run\n  A: {shards}\n  B: {foreign}\n  design.seed: 0 in A, 9 in B");
        assert!(stderr.contains(&said), "{stderr}");
    }
    let failed = merge([&folders[0], &dir.path().join("nothing")], &out).assert().code(2);
    assert!(text(&failed.get_output().stderr).contains("no journal of a run here"));
    let failed = merge([&out], &out).assert().code(2);
    assert!(text(&failed.get_output().stderr).contains("no journal of a run here"));
    assert!(!out.exists());
    let failed = merge([&folders[0]], &folders[1]).assert().code(2);
    let stderr = text(&failed.get_output().stderr);
    assert!(stderr.contains("holds shard 1/2, not all of a run"), "{stderr}");
    assert!(
        stderr.contains("another one with --out") && !stderr.contains("--shard"),
        "merge has no such option: {stderr}"
    );
    let failed = merge([&foreign], &foreign).assert().code(2);
    assert!(text(&failed.get_output().stderr).contains("--out itself"));
}

#[test]
fn rows_of_two_kinds_come_together_on_request_only_and_the_manifest_says_so() {
    if std::env::var_os("NULLSWEEP_NO_GPU").is_some() {
        return;
    }
    let dir = scratch();
    let (cpu, gpu, out) = (dir.path().join("cpu"), dir.path().join("gpu"), dir.path().join("out"));
    run_on_cpu(&quickstart(), &cpu).args(["--shard", "0/2"]).assert().success();
    nullsweep()
        .arg("run")
        .arg(quickstart())
        .args(["--device", "gpu", "--shard", "1/2", "--out"])
        .arg(&gpu)
        .assert()
        .success();
    let failed = merge([&cpu, &gpu], &out).assert().code(2);
    let stderr = text(&failed.get_output().stderr);
    assert!(stderr.contains("engine: cpu-f64 in A, gpu-f32 in B") && stderr.contains("--mixed"), "{stderr}");
    assert!(!out.exists());
    let merged = merge([&cpu, &gpu], &out).arg("--mixed").assert().success();
    let stderr = text(&merged.get_output().stderr);
    let said = ["rows of 2 kinds: ", "cpu-f64 on ", "gpu-f32 on "];
    assert!(said.iter().all(|said| stderr.contains(said)), "{stderr}");
    let manifest = manifest(&out);
    assert_eq!(manifest["identity"]["description"]["settings"]["kinds"].as_array().unwrap().len(), 2);
    let by_route = &manifest["trials"]["by_route"];
    assert!(by_route["cpu-f64"].as_u64().unwrap() > 0 && by_route["gpu-f32+f64"].as_u64().unwrap() > 0, "{by_route}");
    nullsweep().arg("verify").arg(&out).assert().success();
    // In the other order, and again, it is the same run.
    let bytes = promised_bytes(&out);
    merge([&gpu, &cpu], &out).arg("--mixed").assert().success();
    assert!(promised_bytes(&out) == bytes, "the tables differ");
    // No machine can go on with a run that it could not have begun.
    let failed = run_on_cpu(&quickstart(), &out).assert().code(2);
    assert!(text(&failed.get_output().stderr).contains("kinds"));
}

#[test]
fn a_shard_that_cannot_be_is_refused_and_one_without_trials_is_soon_complete() {
    let dir = scratch();
    let out = dir.path().join("out");
    for (shard, words) in
        [("3/3", "the last of 3 is 2/3"), ("0/0", "at least 1"), ("first", "write I/N"), ("1/2/3", "write I/N")]
    {
        let failed = run_on_cpu(&quickstart(), &out).args(["--shard", shard]).assert().code(2);
        let stderr = text(&failed.get_output().stderr);
        assert!(stderr.contains(words), "{stderr}");
        assert!(!out.exists());
    }
    let folders: Vec<PathBuf> = ["0/1000", "44/1000", "45/1000", "999/1000"]
        .iter()
        .map(|shard| {
            let out = dir.path().join(shard.replace('/', "-of-"));
            run_on_cpu(&quickstart(), &out).args(["--shard", shard]).assert().success();
            out
        })
        .collect();
    let counts: Vec<u64> = folders.iter().map(|folder| manifest(folder)["trials"]["total"].as_u64().unwrap()).collect();
    assert_eq!(counts, [1, 1, 0, 0]);
    assert!(folders.iter().all(|folder| manifest(folder)["state"] == "shard-complete"));
    assert_eq!(merged_json(&folders, &out, 1)["missing"]["trials"], TRIALS - 2);
}

#[test]
fn a_folder_keeps_its_share() {
    let dir = scratch();
    let (shard, whole) = (dir.path().join("shard"), dir.path().join("whole"));
    run_on_cpu(&quickstart(), &shard).args(["--shard", "1/3"]).assert().success();
    run_on_cpu(&quickstart(), &whole).assert().success();
    for (out, options, words) in [
        (&shard, &[][..], "holds shard 1/3, not all of a run"),
        (&shard, &["--shard", "2/3"], "holds shard 1/3, not shard 2/3"),
        (&shard, &["--shard", "1/4"], "give --shard 1/3 to go on with it"),
        (&whole, &["--shard", "1/3"], "holds all of a run, not shard 1/3\n  leave --shard out"),
    ] {
        let failed = run_on_cpu(&quickstart(), out).args(options).assert().code(2);
        let stderr = text(&failed.get_output().stderr);
        assert!(stderr.contains(words), "{stderr}");
    }
    let failed = nullsweep().arg("verify").arg(&shard).assert().code(2);
    assert!(text(&failed.get_output().stderr).contains("shard 1/3"));
}
