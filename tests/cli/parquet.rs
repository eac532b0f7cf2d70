//! Tables as Parquet: what is made of them is what is made of CSV, whatever happens to the run or to its parts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nullsweep::cluster::{Layout, Plan};
use nullsweep::config::Config;
use serde_json::Value;

use super::{NOT_PROMISED, config, figure_bytes, manifest, nullsweep, run_on_cpu, scratch, text};

/// Fat and thin shapes, so that there are empty fields and infinities; laws, an expectation, figures of two tables.
const CONFIG: &str = r#"
name = "small"
tables = ["spectrum", "ridge", "perturbation", "null_space", "descent"]
theory = ["gaussian-log-kappa", "gaussian-effective-df"]
[design]
kind = "gaussian"
seed = 2
replicates = 12
[target]
weights = "normal"
noise = 0.1
[grid]
n = [12, 16]
d = [3, 4, 20]
lambda = [0.0, 1e-2, 1.0]
delta = [1e-8]
alpha = [5.0]
[[expect]]
id = "df-below-d"
value = "effective_df"
stat = "max"
each = "d"
at_most = "d * (1 + 1e-12)"
[[figure]]
id = "df"
kind = "line"
x = "lambda"
y = "effective_df"
by = "d"
facet = "n"
where = "lambda > 0"
[[figure]]
id = "kappas"
kind = "ecdf"
x = "kappa"
by = "d"
"#;
const TABLES: [&str; 5] = ["spectrum", "ridge", "perturbation", "null_space", "descent"];
const PARQUET: [&str; 2] = ["--format", "parquet"];
const CSV: [&str; 2] = ["--format", "csv"];

fn small(dir: &Path) -> PathBuf {
    let path = dir.join("small.toml");
    fs::write(&path, CONFIG).unwrap();
    path
}

/// Every file of a folder and of the folders in it, by path from there.
fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(tree(&entry.path()).into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// Those whose bytes are promised.
fn promised(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    tree(dir).into_iter().filter(|(name, _)| !NOT_PROMISED.contains(&name.as_str())).collect()
}

fn part(table: &str) -> String {
    format!("{table}/00000.parquet")
}

/// `nullsweep VERB OUT ...`: its exit code and what it says on both streams.
fn said(verb: &str, out: &Path, args: &[&str]) -> (i32, String) {
    let done = nullsweep().arg(verb).arg(out).args(args).output().unwrap();
    (done.status.code().unwrap(), text(&done.stdout) + &text(&done.stderr))
}

fn verified(out: &Path) -> Value {
    let done = nullsweep().arg("verify").arg(out).arg("--json").assert().success();
    let mut json: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    json["folder"] = Value::Null;
    json
}

#[test]
fn what_is_made_of_the_tables_is_what_is_made_of_csv() {
    let dir = scratch();
    let config = small(dir.path());
    let (csv, parquet, back) = (dir.path().join("csv"), dir.path().join("parquet"), dir.path().join("back"));
    run_on_cpu(&config, &csv).assert().success();
    run_on_cpu(&config, &parquet).args(PARQUET).assert().success();

    assert_eq!(figure_bytes(&parquet), figure_bytes(&csv));
    assert_eq!(figure_bytes(&csv).len(), 8);
    let (of_csv, of_parquet) = (promised(&csv), promised(&parquet));
    for file in ["summary.csv", "theory.csv", "expectations.csv"] {
        assert!(of_parquet[file] == of_csv[file], "{file}");
    }
    for table in TABLES {
        assert!(of_parquet.contains_key(&part(table)) && !of_parquet.contains_key(&format!("{table}.csv")), "{table}");
    }
    assert_eq!(verified(&parquet), verified(&csv));
    let (code, told) = said("figures", &parquet, &["--check"]);
    assert_eq!(code, 0, "{told}");
    assert!(parquet.join("report.html").exists());

    let (code, told) = said("csv", &parquet, &["--out", back.to_str().unwrap()]);
    assert_eq!(code, 0, "{told}");
    for table in TABLES {
        let file = format!("{table}.csv");
        assert!(fs::read(back.join(&file)).unwrap() == of_csv[&file], "{file}");
    }
    assert_eq!(fs::read_dir(&back).unwrap().count(), TABLES.len());

    // What is said of the tables, in words and for programs.
    let files = manifest(&parquet)["files"].as_array().unwrap().clone();
    let names: Vec<&str> = files.iter().map(|file| file["name"].as_str().unwrap()).collect();
    let parts = TABLES.map(part);
    let expected: Vec<&str> = parts.iter().map(String::as_str).collect();
    let beside = ["summary.csv", "theory.csv", "expectations.csv", "columns.json", "load.sql"];
    assert_eq!(names, [&expected[..], &beside].concat());
    let columns: Value = serde_json::from_slice(&of_parquet["columns.json"]).unwrap();
    assert_eq!(columns[1]["file"], "ridge/*.parquet");
    let script = text(&of_parquet["load.sql"]);
    for view in TABLES.iter().chain(&["summary", "theory", "expectations", "timing"]) {
        assert!(script.contains(&format!("CREATE OR REPLACE VIEW \"{view}\" AS FROM read_")), "{view}: {script}");
    }
    assert!(parts.iter().all(|part| script.contains(&format!("    '{part}'"))), "{script}");
}

#[test]
fn threads_chunks_and_shards_change_no_byte() {
    let dir = scratch();
    let config = small(dir.path());
    let whole = dir.path().join("whole");
    run_on_cpu(&config, &whole).args(PARQUET).assert().success();
    let whole = promised(&whole);
    for (at, more) in [["--threads", "1"], ["--chunk", "1"]].iter().enumerate() {
        let out = dir.path().join(at.to_string());
        run_on_cpu(&config, &out).args(PARQUET).args(more).assert().success();
        assert!(promised(&out) == whole, "{more:?}");
    }
    let shards: Vec<PathBuf> = (0..3).map(|shard| dir.path().join(format!("shard-{shard}"))).collect();
    for (shard, out) in shards.iter().enumerate() {
        run_on_cpu(&config, out).args(["--shard", &format!("{shard}/3")]).assert().success();
    }
    let merged = dir.path().join("merged");
    nullsweep().arg("merge").args(shards.iter().rev()).arg("--out").arg(&merged).args(PARQUET).assert().success();
    assert!(promised(&merged) == whole);
    assert_eq!(manifest(&merged)["format"], "parquet");

    // Parts of shards, which have no journal to go back to.
    let layout = Layout::of_run(&dir.path().join("planned"));
    let planned = Config::load(&config, &["engine.device=cpu".to_owned()]).unwrap();
    Plan::new(&planned, 2, 1, None).unwrap().write(&layout).unwrap();
    for index in ["1", "0"] {
        nullsweep().args(["shard", "--plan"]).arg(layout.plan()).args(["--index", index]).assert().success();
    }
    let merge = |more: &[&str]| nullsweep().args(["merge", "--plan"]).arg(layout.plan()).args(more).assert().success();
    let tables = || -> BTreeMap<String, Vec<u8>> {
        promised(layout.run()).into_iter().filter(|(name, _)| !name.starts_with("cluster/")).collect()
    };
    merge(&PARQUET);
    assert!(tables() == whole);
    merge(&CSV);
    assert!(tables().contains_key("ridge.csv") && !layout.run().join("ridge").exists());
    merge(&PARQUET);
    assert!(tables() == whole);
}

#[cfg(unix)]
#[test]
fn a_killed_run_ends_with_the_bytes_of_an_undisturbed_one() {
    use super::child::{end, signal, slow_run, wait_for_growth};

    let dir = scratch();
    let (whole, broken) = (dir.path().join("whole"), dir.path().join("broken"));
    assert_eq!(end(slow_run(&whole).args(PARQUET).spawn().unwrap()).0, Some(0));
    let mut child = slow_run(&broken).args(PARQUET).spawn().unwrap();
    wait_for_growth(&broken, 0, 20_000, &mut child);
    signal(&child, "KILL");
    end(child);
    assert!(!broken.join(part("spectrum")).exists(), "no part before the last trial");
    // Without --format: it goes on as it began.
    assert_eq!(end(slow_run(&broken).spawn().unwrap()).0, Some(0));
    assert!(promised(&broken) == promised(&whole));
}

#[test]
fn a_folder_changes_its_format_and_computes_nothing() {
    let dir = scratch();
    let (config, out) = (small(dir.path()), dir.path().join("out"));
    run_on_cpu(&config, &out).assert().success();
    let (as_csv, journal) = (promised(&out), fs::read(out.join("journal.nsj")).unwrap());
    assert!(manifest(&out).get("format").is_none(), "the manifest of a run without Parquet is what it was");

    run_on_cpu(&config, &out).args(PARQUET).assert().success();
    let as_parquet = promised(&out);
    for table in TABLES {
        assert!(!as_parquet.contains_key(&format!("{table}.csv")) && as_parquet.contains_key(&part(table)), "{table}");
    }
    run_on_cpu(&config, &out).assert().success();
    assert!(promised(&out) == as_parquet, "a folder keeps its format");
    verified(&out);

    // Somebody's own file keeps its folder; what a kill left of a part goes.
    fs::write(out.join("ridge/notes.txt"), "mine").unwrap();
    fs::write(out.join("ridge/.00001.parquet.tmp"), "half").unwrap();
    run_on_cpu(&config, &out).args(CSV).assert().success();
    let mut back = promised(&out);
    assert_eq!(back.remove("ridge/notes.txt").unwrap(), b"mine");
    assert!(back == as_csv, "{:?}", back.keys());
    assert!(!out.join("spectrum").exists());
    assert!(fs::read(out.join("journal.nsj")).unwrap() == journal);
    verified(&out);
}

/// Killed after the parts got their names and before the CSV tables were gone, the manifest lists both.
#[test]
fn a_change_of_format_that_was_killed_is_finished() {
    let dir = scratch();
    let config = small(dir.path());
    let (csv, out) = (dir.path().join("csv"), dir.path().join("out"));
    run_on_cpu(&config, &csv).assert().success();
    let old = manifest(&csv)["files"].as_array().unwrap().clone();
    for again in [PARQUET, CSV] {
        let _ = fs::remove_dir_all(&out);
        run_on_cpu(&config, &out).args(PARQUET).assert().success();
        let mut killed = manifest(&out);
        killed["state"] = "running".into();
        killed["files"].as_array_mut().unwrap().extend(old.iter().take(TABLES.len()).cloned());
        fs::write(out.join("manifest.json"), killed.to_string()).unwrap();
        for table in TABLES {
            let file = format!("{table}.csv");
            fs::copy(csv.join(&file), out.join(&file)).unwrap();
        }
        run_on_cpu(&config, &out).args(again).assert().success();
        for table in TABLES {
            let (as_csv, as_parts) = (out.join(format!("{table}.csv")).exists(), out.join(part(table)).exists());
            assert_eq!((as_csv, as_parts), (again == CSV, again == PARQUET), "{table}");
        }
        verified(&out);
    }
}

#[test]
fn every_kind_of_wrong_part_is_found_and_run_again_puts_it_right() {
    type Harm = fn(&Path);
    let harms: [(&str, &str, Harm); 4] = [
        ("ridge/00000.parquet is not the file that the run wrote", "its hash differs", |out| {
            let mut bytes = fs::read(out.join(part("ridge"))).unwrap();
            bytes[100] ^= 1;
            fs::write(out.join(part("ridge")), bytes).unwrap();
        }),
        ("ridge/00000.parquet is missing", "No such file", |out| fs::remove_file(out.join(part("ridge"))).unwrap()),
        ("spectrum/00000.parquet is not the file that the run wrote", "its hash differs", |out| {
            fs::copy(out.join(part("ridge")), out.join(part("spectrum"))).map(drop).unwrap();
        }),
        ("ridge/00001.parquet is no part of this run", "", |out| {
            fs::copy(out.join(part("ridge")), out.join("ridge/00001.parquet")).map(drop).unwrap();
        }),
    ];
    let dir = scratch();
    let config = small(dir.path());
    for (at, (finding, refusal, harm)) in harms.into_iter().enumerate() {
        let out = dir.path().join(at.to_string());
        run_on_cpu(&config, &out).args(PARQUET).assert().success();
        let before = promised(&out);
        harm(&out);
        let (code, told) = said("verify", &out, &[]);
        assert_eq!(code, 3, "{told}");
        assert!(told.contains(finding), "{told}");
        if refusal.is_empty() {
            fs::remove_file(out.join("ridge/00001.parquet")).unwrap();
        } else {
            let (code, told) = said("figures", &out, &[]);
            assert_eq!(code, 2, "{told}");
            assert!(told.contains(refusal) && told.contains("run the config again into this folder"), "{told}");
            let (code, told) = said("csv", &out, &["--out", dir.path().join("none").to_str().unwrap()]);
            assert_eq!(code, 1, "{told}");
            assert!(told.contains("run the config again into this folder"), "{told}");
            run_on_cpu(&config, &out).assert().success();
        }
        assert!(promised(&out) == before);
        verified(&out);
    }
}

#[test]
fn parts_are_moved_aside_with_the_run_and_never_overwritten() {
    let dir = scratch();
    let (config, out) = (small(dir.path()), dir.path().join("out"));
    fs::create_dir_all(out.join("ridge")).unwrap();
    fs::write(out.join(part("ridge")), "precious").unwrap();
    let done = run_on_cpu(&config, &out).assert().code(2);
    let told = text(&done.get_output().stderr);
    assert!(told.contains("holds ridge/00000.parquet but no journal") && told.contains("--fresh"), "{told}");
    assert_eq!(tree(&out).len(), 1, "not even a lock is left behind");
    run_on_cpu(&config, &out).args(PARQUET).arg("--fresh").assert().success();
    assert_eq!(tree(&dir.path().join("out.old-1")), BTreeMap::from([(part("ridge"), b"precious".to_vec())]));

    // Another config: what is the same is reused, in the same format, and the earlier run is whole beside.
    let earlier = tree(&out);
    run_on_cpu(&config, &out).args(["--set", "design.replicates=13"]).assert().success();
    assert_eq!(manifest(&out)["format"], "parquet");
    let aside = tree(&dir.path().join("out.old-2"));
    for name in earlier.keys().filter(|name| *name != "run.lock") {
        assert!(aside[name] == earlier[name], "{name}");
    }
    verified(&out);

    run_on_cpu(&config, &out).arg("--fresh").assert().success();
    assert_eq!(manifest(&out)["format"], "parquet", "a folder keeps its format");
    run_on_cpu(&config, &out).arg("--fresh").args(CSV).assert().success();
    assert!(!out.join("ridge").exists() && !out.join("load.sql").exists() && out.join("ridge.csv").exists());
    assert!(dir.path().join("out.old-4").join(part("ridge")).exists());
}

#[test]
fn a_partial_merge_lists_its_parts_too() {
    let dir = scratch();
    let config = small(dir.path());
    let (shard, out) = (dir.path().join("shard"), dir.path().join("out"));
    run_on_cpu(&config, &shard).args(["--shard", "0/2"]).assert().success();
    let merge = |more: &[&str]| {
        let mut command = nullsweep();
        command.arg("merge").arg(&shard).arg("--out").arg(&out).args(more);
        command
    };
    merge(&["--partial", "--format", "parquet"]).assert().code(1);
    assert!(out.join(part("ridge")).exists());
    let told = text(&merge(&[]).assert().code(1).get_output().stderr);
    assert!(told.contains("are older than this and lack trials"), "{told}");
    let (code, told) = said("csv", &out, &[]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("this run is not complete"), "{told}");
}

#[test]
fn what_cannot_be_asked_for_is_refused_with_a_remedy() {
    let dir = scratch();
    let quickstart = config("quickstart.toml");
    let (csv, parquet, out) = (dir.path().join("csv"), dir.path().join("parquet"), dir.path().join("out"));
    run_on_cpu(&quickstart, &csv).assert().success();
    run_on_cpu(&quickstart, &parquet).args(PARQUET).assert().success();

    let told = text(&run_on_cpu(&quickstart, &out).args(["--format", "arrow"]).assert().code(2).get_output().stderr);
    assert!(told.contains("give csv or parquet"), "{told}");
    run_on_cpu(&quickstart, &out).args(PARQUET).args(["--shard", "0/2"]).assert().code(2);
    assert!(!out.exists());

    let (code, told) = said("csv", &csv, &[]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("are CSV already"), "{told}");
    let (code, told) = said("csv", &parquet, &["--out", csv.to_str().unwrap()]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("spectrum.csv: is there already and would be lost"), "{told}");

    // Beside the parts these names are the run's own, as often as one likes; the parts stay what is read.
    for _ in 0..2 {
        assert_eq!(said("csv", &parquet, &[]).0, 0);
    }
    assert!(fs::read(parquet.join("ridge.csv")).unwrap() == fs::read(csv.join("ridge.csv")).unwrap());
    fs::write(parquet.join("spectrum.csv"), "changed").unwrap();
    verified(&parquet);
}
