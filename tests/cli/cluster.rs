//! A run on many machines, as whoever starts its processes sees it: plan, shards, status, merge.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nullsweep::cluster::{Layout, Plan};
use nullsweep::config::Config;
use serde_json::Value;

use super::child::{end, journal_bytes};
use super::{config, manifest, nullsweep, promised_bytes, run_on_cpu, scratch, text};

/// Plans the run of `config` below `run`, on the CPU.
fn plan(config: &Path, sets: &[&str], shards: u32, run: &Path) -> Layout {
    let sets: Vec<String> = sets.iter().copied().chain(["engine.device=cpu"]).map(str::to_owned).collect();
    let config = Config::load(config, &sets).unwrap();
    let layout = Layout::of_run(run);
    Plan::new(&config, shards, 1, None).unwrap().write(&layout).unwrap();
    layout
}

fn shard(layout: &Layout, index: u32) -> assert_cmd::Command {
    let mut command = nullsweep();
    command.args(["shard", "--plan"]).arg(layout.plan()).args(["--index", &index.to_string()]);
    command
}

fn merge(layout: &Layout) -> assert_cmd::Command {
    let mut command = nullsweep();
    command.args(["merge", "--plan"]).arg(layout.plan());
    command
}

/// What `status --json` says, with its exit code.
fn status(layout: &Layout, code: i32) -> Value {
    let done = nullsweep().arg("status").arg(layout.run()).arg("--json").assert().code(code);
    serde_json::from_slice(&done.get_output().stdout).unwrap()
}

#[test]
fn shards_in_any_order_make_the_bytes_of_one_run() {
    let dir = scratch();
    let (whole, run) = (dir.path().join("whole"), dir.path().join("run"));
    run_on_cpu(&config("quickstart.toml"), &whole).assert().success();
    let layout = plan(&config("quickstart.toml"), &[], 5, &run);
    let before = status(&layout, 0);
    assert_eq!((&before["published"]["shards"], &before["complete"]), (&0.into(), &false.into()));
    for index in [3, 0, 4, 1] {
        shard(&layout, index).assert().success();
    }
    // A second time nothing is computed.
    let again = shard(&layout, 0).assert().success();
    assert!(text(&again.get_output().stdout).contains("shard 0/5 was there already"));

    let missing = merge(&layout).assert().code(1);
    let words = text(&missing.get_output().stdout);
    assert!(words.contains("1 of 5 shards are not published") && words.contains("not begun, or killed: 2"), "{words}");
    assert!(promised_bytes(&run).is_empty(), "no table while a shard is missing");
    let partial = merge(&layout).args(["--partial", "--json"]).assert().code(1);
    let json: Value = serde_json::from_slice(&partial.get_output().stdout).unwrap();
    assert_eq!(json["missing"]["shards"][0]["shard"], 2);
    assert_eq!(manifest(&run)["state"], "interrupted");

    shard(&layout, 2).assert().success();
    for _ in 0..2 {
        merge(&layout).assert().success();
        assert!(promised_bytes(&run) == promised_bytes(&whole), "the tables differ");
    }
    let after = status(&layout, 0);
    assert_eq!(
        (&after["complete"], &after["merged"], &after["seconds_left"]),
        (&true.into(), &true.into(), &Value::Null)
    );
    assert!(after["trials_per_second_and_process"].as_f64().unwrap() > 0.0);
    assert_eq!(manifest(&run)["sources"].as_array().unwrap().len(), 5);
    nullsweep().arg("verify").arg(&run).assert().success();
    nullsweep().arg("figures").arg(&run).arg("--check").assert().success();
    // A table that was lost is not called merged, and comes again from the parts.
    std::fs::remove_file(run.join("ridge.csv")).unwrap();
    assert_eq!(status(&layout, 0)["merged"], false);
    merge(&layout).assert().success();
    assert!(promised_bytes(&run) == promised_bytes(&whole), "the tables differ");
}

#[test]
fn a_killed_shard_is_taken_over_by_the_next_process() {
    let dir = scratch();
    let run = dir.path().join("run");
    let sets = ["design.replicates=80", "grid.n=[24,48,96]", "grid.d=[12,24,48]"];
    let layout = plan(&config("quickstart.toml"), &sets, 2, &run);
    let mut child = Command::new(env!("CARGO_BIN_EXE_nullsweep"))
        .args(["shard", "--plan"])
        .arg(layout.folder())
        .args(["--index", "0", "--chunk", "3", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let recorded =
        || std::fs::read_dir(layout.work()).unwrap().any(|work| journal_bytes(&work.unwrap().path()) > 100_000);
    while !recorded() {
        assert!(child.try_wait().unwrap().is_none(), "it was too fast to be killed");
        assert!(start.elapsed() < Duration::from_mins(1), "no progress in a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
    let json = status(&layout, 0);
    assert_eq!(json["unfinished"][0]["workers"][0]["pid"], child.id());
    child.kill().unwrap();
    assert_eq!(end(child).0, None);
    assert_eq!(status(&layout, 0)["under_way"], 0, "nobody is at work");

    let next = shard(&layout, 0).assert().success();
    let words = text(&next.get_output().stderr);
    assert!(words.contains("trials are taken over from an attempt that was cut short"), "{words}");
    assert_eq!(std::fs::read_dir(layout.work()).unwrap().count(), 0);
}

#[test]
fn a_shard_that_fails_for_good_is_listed_with_its_error_until_it_succeeds() {
    let dir = scratch();
    let data = dir.path().join("x.csv");
    std::fs::write(&data, "a,b\n1,2\n3,4\n5,7\n").unwrap();
    let path = dir.path().join("own.toml");
    std::fs::write(
        &path,
        "name = \"own\"\n[design]\nkind = \"file\"\npath = \"x.csv\"\nreplicates = 4\n[target]\nnoise = 0.1\n[grid]\n\
         lambda = [1.0]\ntables = [\"spectrum\", \"ridge\"]\n",
    )
    .unwrap();
    let layout = plan(&path, &[], 2, &dir.path().join("run"));
    shard(&layout, 0).assert().success();
    // The data are not what was planned.
    std::fs::write(&data, "a,b\n1,2\n3,4\n5,8\n").unwrap();
    for _ in 0..2 {
        let failed = shard(&layout, 1).assert().code(2);
        let words = text(&failed.get_output().stderr);
        assert!(words.contains("what the plan describes is another run here"), "{words}");
    }
    let json = status(&layout, 1);
    assert_eq!((&json["failed"], &json["unfinished"][0]["failure"]["failures"]), (&1.into(), &2.into()));
    let words = text(&nullsweep().arg("status").arg(layout.run()).assert().code(1).get_output().stdout);
    assert!(words.contains("failed: shard 1 on") && words.contains("another run here"), "{words}");
    std::fs::write(&data, "a,b\n1,2\n3,4\n5,7\n").unwrap();
    let words = text(&merge(&layout).assert().code(1).get_output().stdout);
    assert!(words.contains("failed: shard 1 on") && words.contains("another run here"), "{words}");
    shard(&layout, 1).assert().success();
    assert_eq!(status(&layout, 0)["failed"], 0);
    merge(&layout).assert().success();
}

#[test]
fn a_failure_that_may_pass_is_noted_but_is_no_failure() {
    let dir = scratch();
    let layout = plan(&config("quickstart.toml"), &[], 2, &dir.path().join("run"));
    std::fs::rename(layout.parts(), dir.path().join("away")).unwrap();
    shard(&layout, 1).assert().code(75);
    let words = text(&nullsweep().arg("status").arg(layout.run()).assert().success().get_output().stdout);
    assert!(words.contains("tried once, and may succeed when it is tried again: shard 1"), "{words}");
    std::fs::rename(dir.path().join("away"), layout.parts()).unwrap();
    let again = shard(&layout, 1).assert().success();
    let said = text(&again.get_output().stderr);
    assert!(said.contains("trials are taken over"), "nothing of the first attempt is lost: {said}");
    assert_eq!(status(&layout, 0)["unfinished"][0]["shard"], 0);
}

#[test]
fn a_damaged_part_is_named_and_computed_again() {
    let dir = scratch();
    let layout = plan(&config("quickstart.toml"), &[], 2, &dir.path().join("run"));
    (0..2).for_each(|index| drop(shard(&layout, index).assert().success()));
    let whole = std::fs::read(layout.part(1)).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    std::fs::write(layout.part(1), &flipped).unwrap();
    let failed = merge(&layout).assert().code(1);
    let words = text(&failed.get_output().stderr);
    assert!(words.contains("00001.nsp") && words.contains("it is now called"), "{words}");
    assert!(promised_bytes(layout.run()).is_empty(), "no table of damaged parts");
    assert_eq!(status(&layout, 0)["published"]["shards"], 1);
    assert_eq!(std::fs::read(layout.part(1).with_extension("damaged")).unwrap(), flipped);
    // Cut short, it is no part at all, and is replaced without being deleted.
    std::fs::write(layout.part(1), &whole[..whole.len() - 1]).unwrap();
    assert_eq!(status(&layout, 0)["published"]["shards"], 1);
    shard(&layout, 1).assert().success();
    merge(&layout).assert().success();
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let dir = scratch();
    let run = dir.path().join("run");
    let refused = |command: &mut assert_cmd::Command| text(&command.assert().code(2).get_output().stderr);
    let nowhere = Layout::of_run(&run);
    // To a shard, whose plan was there when it was submitted, that is a file system which is away.
    let away = text(&shard(&nowhere, 0).assert().code(75).get_output().stderr);
    assert!(away.contains("there is no plan here"), "{away}");
    assert!(refused(nullsweep().args(["shard", "--index", "0", "--plan"]).arg(&run)).contains("not where a plan lies"));
    assert!(refused(nullsweep().arg("status").arg(&run)).contains("there is no plan here"));
    let layout = plan(&config("quickstart.toml"), &[], 2, &run);
    assert!(refused(&mut shard(&layout, 2)).contains("--index 2: the plan has 2 shards, 0 to 1"));
    assert!(
        refused(shard(&layout, 0).args(["--device", "gpu"]))
            .contains("all shards of this plan are computed on the cpu")
    );
    assert!(refused(shard(&layout, 0).args(["--threads", "0"])).contains("--threads 0"));
    assert!(refused(merge(&layout).arg("x")).contains("cannot be used with"));
    assert!(refused(nullsweep().arg("merge")).contains("nothing to merge"));
    assert!(refused(nullsweep().args(["merge", "--out", "x"])).contains("nothing to merge"));
    std::fs::write(layout.plan(), "{}").unwrap();
    assert!(refused(&mut shard(&layout, 0)).contains("this is no plan of nullsweep"));
    assert_eq!(std::fs::read_dir(layout.parts()).unwrap().count(), 0);
}

#[test]
fn a_folder_in_which_a_run_was_computed_is_not_overwritten_by_a_merge() {
    let dir = scratch();
    let run = dir.path().join("run");
    let layout = plan(&config("quickstart.toml"), &[], 1, &run);
    shard(&layout, 0).assert().success();
    run_on_cpu(&config("quickstart.toml"), &run).assert().success();
    let refused = merge(&layout).assert().code(2);
    let words = text(&refused.get_output().stderr);
    assert!(words.contains("holds a run that was computed here"), "{words}");
    merge(&layout).arg("--out").arg(dir.path().join("other")).assert().success();
}
