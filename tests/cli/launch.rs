//! A run handed to an engine: processes of this machine for real, Slurm as far as its commands go. tests/cluster has real
//! engines.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json as value};

use super::child::{SETS, end, signal, wait_for_line};
use super::{config, nullsweep, promised_bytes, run_on_cpu, scratch, text};

/// `nullsweep launch quickstart.toml --device cpu --on ENGINE --out OUT`, ready for more arguments.
fn launch(engine: &str, out: &Path) -> assert_cmd::Command {
    let mut command = nullsweep();
    command.arg("launch").arg(config("quickstart.toml")).args(["--device", "cpu", "--on", engine, "--out"]).arg(out);
    command
}

fn json(done: &assert_cmd::assert::Assert) -> Value {
    serde_json::from_slice(&done.get_output().stdout).unwrap()
}

#[test]
fn local_shards_come_to_the_tables_of_one_run() {
    let dir = scratch();
    let (whole, out) = (dir.path().join("whole"), dir.path().join("two words, it's"));
    run_on_cpu(&config("quickstart.toml"), &whole).assert().success();
    let done = launch("local", &out).args(["--shards", "7", "--jobs", "3", "--json"]).assert().success();
    assert_eq!(json(&done)["merge"]["parts"].as_array().unwrap().len(), 7);
    assert!(promised_bytes(&whole) == promised_bytes(&out), "the tables differ");
    // Once more: the shards are there, and the number of them is known from the plan.
    let again = launch("local", &out).assert().success();
    assert!(!text(&again.get_output().stderr).contains("is published ("), "nothing is computed again");
}

#[test]
fn shards_are_sized_by_a_sample_and_bounded_by_what_computes() {
    let dir = scratch();
    let done = launch("local", dir.path()).args(["--jobs", "4", "--dry-run", "--json"]).assert().success();
    let planned = json(&done);
    assert_eq!(planned["shards"], 4, "far less than minutes: one for each process");
    assert!(planned["estimate"]["seconds_per_trial"].as_f64().unwrap() > 0.0, "{planned}");
    assert_eq!(planned["missing"].as_array().unwrap().len(), 4);
}

#[test]
fn an_interrupted_launch_stops_its_shards_and_the_same_command_goes_on() {
    let dir = scratch();
    let (whole, out) = (dir.path().join("whole"), dir.path().join("out"));
    run_on_cpu(&config("quickstart.toml"), &whole).args(SETS).assert().success();
    let arguments = ["--shards", "12", "--jobs", "2"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_nullsweep"))
        .arg("launch")
        .arg(config("quickstart.toml"))
        .args(["--device", "cpu", "--on", "local", "--out"])
        .arg(&out)
        .args(arguments)
        .args(SETS)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_line(&mut child, "is published (2 of 12)");
    signal(&child, "INT");
    let (code, said) = end(child);
    assert_eq!(code, Some(130), "{said}");
    assert!(!out.join("spectrum.csv").exists());
    // Whoever computed has let go of its folder.
    let status = nullsweep().arg("status").arg(&out).arg("--json").assert().success();
    assert_eq!(json(&status)["under_way"], 0);
    launch("local", &out).args(arguments).args(SETS).assert().success();
    assert!(promised_bytes(&whole) == promised_bytes(&out), "the tables differ");
}

#[test]
fn a_shard_that_fails_for_good_is_named_and_one_that_may_pass_is_tried_three_times() {
    let dir = scratch();
    let pascal = dir.path().join("pascal.toml");
    let overflows = "[design]\nkind = \"gallery\"\nname = \"pascal\"\n[grid]\nn = [4, 5, 600]\nd = [4, 5, 600]\nzip = \
                     [[\"n\", \"d\"]]\n[run]\non_error = \"stop\"\n";
    std::fs::write(&pascal, overflows).unwrap();
    let out = dir.path().join("out");
    let failed =
        nullsweep().arg("launch").arg(&pascal).args(["--on", "local", "--shards", "3", "--out"]).arg(&out).assert();
    let failed = failed.code(1);
    let said = text(&failed.get_output().stdout) + &text(&failed.get_output().stderr);
    assert!(said.contains("n = 600") && said.contains("overflows") && !said.contains("started again"), "{said}");

    let away = dir.path().join("away");
    launch("local", &away).args(["--shards", "1", "--dry-run"]).assert().success();
    std::fs::remove_dir(away.join("cluster/parts")).unwrap();
    let failed = launch("local", &away).env("NULLSWEEP_RETRY_SECONDS", "0").assert().code(1);
    let said = text(&failed.get_output().stderr);
    assert_eq!(said.matches("shard 0: exit status: 75; it is started again").count(), 2, "{said}");
    assert!(said.contains("shard 0 failed: exit status: 75"), "{said}");
    std::fs::create_dir(away.join("cluster/parts")).unwrap();
    launch("local", &away).assert().success();
}

#[test]
fn another_plan_in_the_folder_is_refused_with_what_differs() {
    let dir = scratch();
    launch("slurm", dir.path()).args(["--shards", "3", "--dry-run"]).assert().success();
    let refused = launch("slurm", dir.path()).args(["--shards", "4", "--dry-run"]).assert().code(2);
    assert!(text(&refused.get_output().stderr).contains("shards: 4 asked for, 3 in the plan"));
    let refused = launch("slurm", dir.path()).args(["--set", "design.seed=1", "--dry-run"]).assert().code(2);
    assert!(text(&refused.get_output().stderr).contains("seed"));
}

#[test]
fn usage_is_explained() {
    let dir = scratch();
    for (arguments, words) in [
        (vec!["--on", "slurm", "--shards", "0"], "give 1 to 45"),
        (vec!["--on", "slurm", "--shards", "46"], "give 1 to 45"),
        (vec!["--on", "local", "--jobs", "0"], "--jobs 0: give at least 1"),
        (vec!["--on", "slurm", "--minutes", "0"], "--minutes 0: give a positive number"),
        (vec!["--on", "slurm", "--threads", "0"], "--threads 0: give at least 1"),
        (vec!["--on", "slurm", "--sbatch-arg=long", "--shards", "2"], "--sbatch-arg=--partition=long"),
        (vec!["--on", "kubernetes", "--shards", "2"], "--image IMAGE"),
        (vec!["--on", "slurm", "--sbatch-arg=-Jx", "--shards", "2"], "find the run's jobs by the name"),
        (vec!["--on", "hyperqueue", "--hq-arg=--array=1", "--shards", "2"], "--hq-arg=--array=1: which shards"),
        (vec!["--on", "local", "--format", "arrow"], "give csv or parquet"),
        (vec!["--on", "cloud"], "allowed: slurm, hyperqueue, kubernetes, local"),
    ] {
        let out = dir.path().join("out");
        let refused =
            nullsweep().arg("launch").arg(config("quickstart.toml")).args(&arguments).arg("--out").arg(&out).assert();
        let said = text(&refused.code(2).get_output().stderr);
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!out.exists(), "{arguments:?}: nothing is written");
    }
}

#[test]
fn a_colon_in_the_folder_is_refused_where_logs_would_be_cut_off_at_it() {
    let dir = scratch();
    let out = dir.path().join("a:b");
    let refused = launch("hyperqueue", &out).args(["--shards", "2", "--dry-run"]).assert().code(2);
    assert!(text(&refused.get_output().stderr).contains("a:b: HyperQueue cuts"));
    assert!(!out.exists(), "nothing is written");
    launch("slurm", &out).args(["--shards", "2", "--dry-run"]).assert().success();
}

#[test]
fn a_folder_that_cannot_take_the_tables_is_refused_before_anything_is_computed() {
    let dir = scratch();
    // A run was computed there.
    let computed = dir.path().join("computed");
    run_on_cpu(&config("quickstart.toml"), &computed).arg("--no-figures").assert().success();
    let refused = launch("local", &computed).args(["--shards", "2"]).assert().code(2);
    assert!(text(&refused.get_output().stderr).contains("holds a run that was computed here"));
    assert!(!computed.join("cluster").exists(), "nothing is written");
    // Tables of something else are there: those that another plan came to, and its plan is gone.
    let out = dir.path().join("out");
    launch("local", &out).args(["--shards", "2"]).assert().success();
    let again = launch("local", &out).assert().success();
    assert!(text(&again.get_output().stdout).contains("nothing to do"));
    let other = ["--set", "design.seed=1", "--shards", "2"];
    let refused = launch("local", &out).args(other).assert().code(2);
    assert!(text(&refused.get_output().stderr).contains("seed"), "another plan");
    std::fs::remove_dir_all(out.join("cluster")).unwrap();
    let refused = launch("local", &out).args(other).assert().code(2);
    let said = text(&refused.get_output().stderr);
    assert!(said.contains("would be lost") && said.contains("--out") && !said.contains("--fresh"), "{said}");
    assert!(!out.join("cluster").exists(), "nothing is written");
    // Tables of the same run from a GPU would not be replaced by those of a CPU.
    let manifest = std::fs::read_to_string(out.join("manifest.json")).unwrap();
    std::fs::write(out.join("manifest.json"), manifest.replace("\"cpu-f64\"", "\"gpu-df32\"")).unwrap();
    launch("local", &out).args(["--shards", "3"]).assert().code(2);
    std::fs::write(out.join("manifest.json"), manifest).unwrap();
    // The same run may be computed anew, and its tables be replaced by the same.
    launch("local", &out).args(["--shards", "3"]).assert().success();
}

#[test]
fn a_shard_that_another_process_of_this_machine_computes_is_left_to_it() {
    let dir = scratch();
    let out = dir.path().join("out");
    launch("local", &out).args(SETS).args(["--shards", "2", "--dry-run"]).assert().success();
    let mut child = Command::new(env!("CARGO_BIN_EXE_nullsweep"))
        .args(["shard", "--index", "1", "--chunk", "1", "--plan"])
        .arg(out.join("cluster"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_line(&mut child, "engine:");
    signal(&child, "STOP");
    let planned = json(&launch("local", &out).args(SETS).args(["--dry-run", "--json"]).assert().success());
    let all = json(&launch("local", &out).args(SETS).args(["--dry-run", "--json", "--again"]).assert().success());
    signal(&child, "CONT");
    assert_eq!((&planned["missing"], &planned["left_alone"]), (&value!([0]), &value!([1])));
    assert_eq!(all["missing"], value!([0, 1]));
    assert_eq!(end(child).0, Some(0));
    launch("local", &out).args(SETS).assert().success();
}

#[test]
fn a_shard_that_somebody_else_has_interrupted_is_started_again() {
    use std::os::unix::fs::PermissionsExt;
    let dir = scratch();
    let (out, program) = (dir.path().join("out"), dir.path().join("drained once"));
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = shard ] && mkdir '{}' 2>/dev/null; then exit 130; fi\nexec '{}' \"$@\"\n",
        dir.path().join("drained").display(),
        env!("CARGO_BIN_EXE_nullsweep")
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = launch("local", &out);
    let done = command.args(["--shards", "1", "--program"]).arg(&program).env("NULLSWEEP_RETRY_SECONDS", "0").assert();
    let said = text(&done.success().get_output().stderr);
    assert!(said.contains("shard 0: exit status: 130; it is started again"), "{said}");
}

#[test]
fn a_plan_that_is_there_is_held_against_the_engine_and_against_the_config() {
    let dir = scratch();
    let (out, bin) = (dir.path().join("run"), pretended_slurm(dir.path()));
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    launch("local", &out).args(["--shards", "45", "--dry-run"]).assert().success();
    let refused = launch("slurm", &out).arg("--dry-run").env("PATH", &path).assert().code(2);
    let said = text(&refused.get_output().stderr);
    assert!(said.contains("the plan has 45 shards; at most 40 here (this cluster's MaxArraySize)"), "{said}");
    // Far fewer trials than the plan has shards: what differs is said, not how many shards there may be.
    let refused = launch("local", &out).args(["--set", "design.replicates=1", "--dry-run"]).assert().code(2);
    let said = text(&refused.get_output().stderr);
    assert!(said.contains("replicates") && !said.contains("give 1 to"), "{said}");
}

#[test]
fn commands_in_words_are_as_a_shell_takes_them() {
    let dir = scratch();
    let out = dir.path().join("it's here");
    let planned = launch("local", &out).args(["--shards", "2", "--dry-run"]).assert().success();
    let said = text(&planned.get_output().stdout);
    assert!(said.contains(r"/it'\''s here/cluster/plan.json'"), "{said}");
    let mut command = launch("kubernetes", &out);
    let planned = command.args(["--shards", "2", "--image", "x"]).assert().success();
    let said = text(&planned.get_output().stdout);
    assert!(said.contains(r"kubectl apply -f '") && said.contains("'Complete|Failed'"), "{said}");
}

/// A Slurm that writes down what it is asked, answers `sbatch` with the numbers 12, 13, ... and `squeue` with the file `queue`.
fn pretended_slurm(dir: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let bin = dir.join("bin");
    std::fs::create_dir(&bin).unwrap();
    let asked = dir.join("asked");
    for (name, answer) in [
        ("sbatch", format!("echo $((11 + $(grep -c sbatch '{}')))", asked.display())),
        ("squeue", format!("cat '{}' 2>/dev/null || true", dir.join("queue").display())),
        ("scontrol", "echo 'MaxArraySize            = 40'".to_owned()),
    ] {
        let script = format!("#!/bin/sh\necho {name} \"$@\" >>'{}'\n{answer}\n", asked.display());
        std::fs::write(bin.join(name), script).unwrap();
        std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    bin
}

/// What was submitted, a line each, without folders.
fn submitted(dir: &Path) -> Vec<String> {
    let asked = std::fs::read_to_string(dir.join("asked")).unwrap_or_default();
    let folder = format!("{}/run/cluster/", dir.display());
    asked.lines().filter(|line| line.starts_with("sbatch")).map(|line| line.replace(&folder, "")).collect()
}

#[test]
fn launched_again_slurm_gets_what_is_missing_and_nobody_is_at() {
    let dir = scratch();
    let (out, bin) = (dir.path().join("run"), pretended_slurm(dir.path()));
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let again = || {
        let mut command = launch("slurm", &out);
        command.env("PATH", &path).arg("--json");
        command
    };
    let refused = again().args(["--shards", "41"]).assert().code(2);
    assert!(text(&refused.get_output().stderr).contains("at most 40 here (this cluster's MaxArraySize)"));

    let first = json(&again().args(["--shards", "5"]).assert().success());
    let merge = "--kill-on-invalid-dep=yes merge.sbatch";
    let mut expected = vec![
        "sbatch --parsable --array=0-4 array.sbatch".to_owned(),
        format!("sbatch --parsable --dependency=afterany:12 {merge}"),
    ];
    assert_eq!(submitted(dir.path()), expected);
    assert_eq!(first["submitted"]["array"], "12");
    assert_eq!(first["submitted"]["merge"], "13");
    let name = first["submitted"]["name"].as_str().unwrap();

    // Two are published, one runs, one waits, and the merge was lost with the controller.
    for index in ["0", "2"] {
        nullsweep().arg("shard").arg("--plan").arg(out.join("cluster")).args(["--index", index]).assert().success();
    }
    std::fs::write(dir.path().join("queue"), format!("12|1|RUNNING|{name}|None\n12|4|PENDING|{name}|Priority\n"))
        .unwrap();
    let second = json(&again().assert().success());
    assert_eq!(second["missing"], value!([3]));
    expected.push("sbatch --parsable --array=3 array.sbatch".to_owned());
    expected.push(format!("sbatch --parsable --dependency=afterany:12:14 {merge}"));
    assert_eq!(submitted(dir.path()), expected);

    // All three are queued, with a merge: there is nothing to submit, unless it is asked for.
    let queue = format!(
        "12|1|RUNNING|{name}|None\n14|3|PENDING|{name}|JobHeldUser\n12|4|PENDING|{name}|None\n15|N/A|PENDING|{name}-merge|None\n"
    );
    std::fs::write(dir.path().join("queue"), queue).unwrap();
    let third = json(&again().assert().success());
    assert_eq!(submitted(dir.path()), expected);
    assert_eq!((&third["left_alone"], &third["under_way"]["held"]), (&value!([1, 3, 4]), &value!([3])));
    // A Slurm that does not answer is not idle.
    let silent = dir.path().join("bin/squeue");
    let answering = std::fs::read_to_string(&silent).unwrap();
    std::fs::write(&silent, "#!/bin/sh\necho Unable to contact slurm controller >&2\nexit 1\n").unwrap();
    let said = text(&again().assert().code(1).get_output().stderr);
    assert!(said.contains("Unable to contact") && said.contains("--again"), "{said}");
    assert_eq!(submitted(dir.path()), expected);
    std::fs::write(&silent, answering).unwrap();
    again().arg("--again").assert().success();
    expected.push("sbatch --parsable --array=1,3-4 array.sbatch".to_owned());
    expected.push(format!("sbatch --parsable --dependency=afterany:12:14:16 {merge}"));
    assert_eq!(submitted(dir.path()), expected);

    // All are published and nobody merges: the merge alone. After it, nothing.
    std::fs::remove_file(dir.path().join("queue")).unwrap();
    for index in ["1", "3", "4"] {
        nullsweep().arg("shard").arg("--plan").arg(out.join("cluster")).args(["--index", index]).assert().success();
    }
    again().assert().success();
    expected.push("sbatch --parsable merge.sbatch".to_owned());
    assert_eq!(submitted(dir.path()), expected);
    nullsweep().args(["merge", "--plan"]).arg(out.join("cluster")).assert().success();
    again().assert().success();
    assert_eq!(submitted(dir.path()), expected);
    let notes: Value = serde_json::from_slice(&std::fs::read(out.join("cluster/submitted.json")).unwrap()).unwrap();
    let shards: Vec<&str> =
        notes["submissions"].as_array().unwrap().iter().map(|one| one["shards"].as_str().unwrap()).collect();
    assert_eq!(shards, ["0-4", "3", "1,3-4", ""]);
}

#[test]
fn the_scripts_compute_the_run_when_a_person_starts_them() {
    let dir = scratch();
    let (whole, out) = (dir.path().join("whole"), dir.path().join("it's by hand"));
    run_on_cpu(&config("quickstart.toml"), &whole).assert().success();
    launch("slurm", &out).args(["--shards", "2", "--dry-run"]).assert().success();
    for (script, index) in [("array.sbatch", "1"), ("array.sbatch", "0"), ("merge.sbatch", "")] {
        let ended = Command::new("bash")
            .arg(out.join("cluster").join(script))
            .env("SLURM_ARRAY_TASK_ID", index)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(ended.success(), "{script} {index}");
    }
    assert!(promised_bytes(&whole) == promised_bytes(&out), "the tables differ");
}
