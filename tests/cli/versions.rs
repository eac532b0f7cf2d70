//! Folders of another version of nullsweep, and journals whose header is not what was written: what `run`, `merge` and
//! `verify` say of them.

use std::path::{Path, PathBuf};

use nullsweep::measure::TableId;
use nullsweep::record::{Identity, JOURNAL_FILE, Journal};
use sha2::{Digest, Sha256};

use super::{config, files, manifest, nullsweep, run_on_cpu, scratch, text};

/// The version that [`made_by_another_version`] pretends.
const PROGRAM: &str = "nullsweep 0.0.9";

fn quickstart() -> PathBuf {
    config("quickstart.toml")
}

/// Runs the quickstart config, or the shard of it that `options` say, into `out`.
fn computed(out: &Path, options: &[&str]) {
    run_on_cpu(&quickstart(), out).args(options).assert().success();
}

/// Makes the run in `dir` one that [`PROGRAM`], with kernels of version 1, has left in `state` with nothing recorded.
fn made_by_another_version(dir: &Path, state: &str) {
    let mut manifest = manifest(dir);
    let description = &manifest["identity"]["description"];
    let mut settings = description["settings"].clone();
    settings["kernel_version"] = 1.into();
    let names = description["order"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let schemas: Vec<_> = names.map(|name| *TableId::parse(name).unwrap().schema()).collect();
    let trials = usize::try_from(description["trials"].as_u64().unwrap()).unwrap();
    let identity = Identity::new(&settings, &schemas, trials);
    std::fs::remove_file(dir.join(JOURNAL_FILE)).unwrap();
    Journal::create(dir, &identity).unwrap();
    manifest["identity"] = serde_json::to_value(identity.entry()).unwrap();
    manifest["program"]["version"] = "0.0.9".into();
    manifest["program"]["git_revision"] = serde_json::Value::Null;
    manifest["state"] = state.into();
    std::fs::write(dir.join("manifest.json"), manifest.to_string()).unwrap();
}

/// Fails unless `command` is refused as one about the command line, changes nothing in `dir` but the lock, and says all of `said`.
fn refused(command: &mut assert_cmd::Command, dir: &Path, said: &[&str]) {
    let contents = || files(dir).into_iter().filter(|(name, _)| name != "run.lock").collect::<Vec<_>>();
    let before = contents();
    let stderr = text(&command.assert().code(2).get_output().stderr);
    for words in said {
        assert!(stderr.contains(words), "`{words}` is not in: {stderr}");
    }
    assert!(contents() == before, "{} was changed", dir.display());
}

#[test]
fn a_run_that_another_version_began_is_that_versions_to_finish() {
    let dir = scratch();
    let (out, parts) = (dir.path().join("out"), dir.path().join("part"));
    computed(&out, &["--no-figures"]);
    computed(&parts, &["--shard", "0/2"]);
    made_by_another_version(&out, "interrupted");
    let unfinished = format!("another version of nullsweep began this run and did not finish it: {PROGRAM}\n");
    let said = [&unfinished, "kernel_version: 1 in the folder, ", "that version can finish it", "--fresh"];
    refused(&mut run_on_cpu(&quickstart(), &out), &out, &said);
    refused(nullsweep().arg("merge").arg(&parts).arg("--out").arg(&out), &out, &said);
    // No advice that would be refused in its turn.
    refused(nullsweep().arg("verify").arg(&out), &out, &said);
    // What else has changed is said too.
    let said = [&unfinished, "design.seed: 0 in the folder, 9 now"];
    refused(run_on_cpu(&quickstart(), &out).args(["--set", "design.seed=9"]), &out, &said);

    // Whether it still runs is not known: it is not said that it ended.
    made_by_another_version(&out, "running");
    let said =
        [&format!("another version of nullsweep began this run: {PROGRAM}\n"), "`nullsweep run` with another --out"];
    refused(&mut run_on_cpu(&quickstart(), &out), &out, &said);

    made_by_another_version(&out, "complete");
    let said = [&format!("another version of nullsweep computed what is here: {PROGRAM}\n"), "it is finished"];
    refused(&mut run_on_cpu(&quickstart(), &out), &out, &said);
    std::fs::remove_file(out.join("manifest.json")).unwrap();
    refused(&mut run_on_cpu(&quickstart(), &out), &out, &["another version of nullsweep began this run\n"]);
    run_on_cpu(&quickstart(), &out).arg("--fresh").assert().success();
    nullsweep().arg("verify").arg(&out).assert().success();
}

#[test]
fn a_run_of_this_version_that_is_not_complete_is_sent_back_to_run() {
    let dir = scratch();
    let out = dir.path().join("out");
    computed(&out, &["--no-figures"]);
    let path = out.join("manifest.json");
    let interrupted = std::fs::read_to_string(&path).unwrap().replace("\"complete\"", "\"interrupted\"");
    std::fs::write(&path, interrupted).unwrap();
    refused(nullsweep().arg("verify").arg(&out), &out, &["this run is not complete; `nullsweep run` with its config"]);
    computed(&out, &[]);
    nullsweep().arg("verify").arg(&out).assert().success();
}

#[test]
fn shards_of_two_versions_are_told_apart_whatever_their_order() {
    let dir = scratch();
    let [old, first, second] = ["old", "first", "second"].map(|name| dir.path().join(name));
    computed(&old, &["--shard", "0/3"]);
    computed(&first, &["--shard", "1/3"]);
    computed(&second, &["--shard", "2/3"]);
    made_by_another_version(&old, "shard-complete");
    let [old_path, first_path, second_path] = [&old, &first, &second].map(|path| path.display().to_string());
    let ours = format!("A: {first_path}, {second_path} (by nullsweep {}", env!("CARGO_PKG_VERSION"));
    let theirs = format!("B: {old_path} (by {PROGRAM})\n");
    let said = ["was computed by two versions of nullsweep", &ours, &theirs, " in A, 1 in B"];
    for folders in [[&old, &first, &second], [&first, &old, &second], [&first, &second, &old]] {
        let out = dir.path().join("out");
        refused(nullsweep().arg("merge").args(folders).arg("--out").arg(&out), &old, &said);
        assert!(!out.exists());
    }
}

#[test]
fn a_journal_in_another_format_says_who_wrote_it() {
    let dir = scratch();
    let out = dir.path().join("out");
    computed(&out, &["--no-figures"]);
    made_by_another_version(&out, "interrupted");
    let path = out.join(JOURNAL_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8] -= 1;
    let sealed = bytes.len() - 32;
    let seal = Sha256::digest(&bytes[..sealed]);
    bytes[sealed..].copy_from_slice(&seal);
    std::fs::write(&path, bytes).unwrap();
    let said = ["journal format ", &format!("{PROGRAM} wrote it: finish it with that version")];
    refused(&mut run_on_cpu(&quickstart(), &out), &out, &said);
    refused(nullsweep().arg("verify").arg(&out), &out, &said);
    refused(nullsweep().arg("merge").arg(&out).arg("--out").arg(dir.path().join("merged")), &out, &said);
}

#[test]
fn a_damaged_header_costs_no_trial_to_those_who_know_the_run_and_nothing_else_is_said_of_it() {
    let dir = scratch();
    let (out, merged) = (dir.path().join("out"), dir.path().join("merged"));
    computed(&out, &["--no-figures"]);
    let path = out.join(JOURNAL_FILE);
    let whole = std::fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    damaged[70] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let done = nullsweep().arg("merge").arg(&out).arg("--out").arg(&merged).arg("--json").assert();
    // The manifest beside it is not believed: only another header says under which identity to look.
    let stderr = text(&done.code(2).get_output().stderr);
    assert!(
        stderr.contains("or none whose header is whole") && stderr.contains("run the config as it was"),
        "{stderr}"
    );
    let part = dir.path().join("part");
    computed(&part, &["--shard", "0/2"]);
    let done = nullsweep().arg("merge").args([&out, &part]).arg("--out").arg(&merged).arg("--json").assert().success();
    let stderr = text(&done.get_output().stderr);
    assert!(stderr.contains("the header of its journal is damaged, its trials are found"), "{stderr}");
    assert!(!stderr.contains("missing"), "{stderr}");
    let json: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let damage = |at: usize| (&json["sources"][at]["damaged_header"], &json["sources"][at]["damaged_places"]);
    assert_eq!(damage(0), (&true.into(), &0.into()));
    assert_eq!(damage(1), (&false.into(), &0.into()));

    let done = run_on_cpu(&quickstart(), &out).arg("--no-figures").assert().success();
    let stderr = text(&done.get_output().stderr);
    assert!(stderr.contains("its header was damaged and is written anew, no trial was in it"), "{stderr}");
    assert!(stderr.contains("45 of 45 trials are recorded already") && !stderr.contains("computed again"), "{stderr}");
    assert!(std::fs::read(&path).unwrap() == whole, "the journal is what it was");
}

/// A text that would clear the screen, forge a line and fill the terminal.
fn hostile() -> String {
    format!("\u{1b}[2J\r\n  forged line {}", "x".repeat(100_000))
}

/// Fails if `command` succeeds, or shows what a hostile text would do to a terminal; returns what it says.
fn harmless(command: &mut assert_cmd::Command) -> String {
    let output = command.output().unwrap();
    let shown = text(&[output.stdout, output.stderr].concat());
    assert!(!output.status.success(), "{shown}");
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    assert!(!shown.lines().any(|line| line.trim_start().starts_with("forged")), "{shown}");
    assert!(shown.len() < 4000, "{} bytes", shown.len());
    shown
}

#[test]
fn what_others_wrote_neither_drives_the_terminal_nor_fills_it() {
    let dir = scratch();
    let out = dir.path().join("out");
    computed(&out, &["--no-figures"]);
    let journal = std::fs::read(out.join(JOURNAL_FILE)).unwrap();
    made_by_another_version(&out, "interrupted");
    let manifest_path = out.join("manifest.json");
    let other_version = manifest(&out);
    for key in ["name", "version", "git_revision"] {
        let mut foreign = other_version.clone();
        foreign["program"][key] = hostile().into();
        std::fs::write(&manifest_path, foreign.to_string()).unwrap();
        let shown = harmless(&mut run_on_cpu(&quickstart(), &out));
        assert!(shown.contains("another version of nullsweep began this run"), "{shown}");
        harmless(nullsweep().arg("verify").arg(&out));
    }
    let mut unknown = other_version.clone();
    unknown["state"] = hostile().into();
    std::fs::write(&manifest_path, unknown.to_string()).unwrap();
    let shown = harmless(nullsweep().arg("verify").arg(&out));
    assert!(shown.contains("not a manifest of this program: unknown variant"), "{shown}");

    // Keys and values of the journal's own description.
    for settings in [
        serde_json::json!({ hostile(): 1 }),
        serde_json::json!({ "config": { "design": { hostile(): hostile() } } }),
        serde_json::json!({ "config": { "question": format!("a\n{}", hostile()) }, "kernel_version": hostile() }),
    ] {
        std::fs::remove_file(out.join(JOURNAL_FILE)).unwrap();
        Journal::create(&out, &Identity::new(&settings, &[], 45)).unwrap();
        std::fs::write(&manifest_path, other_version.to_string()).unwrap();
        let shown = harmless(&mut run_on_cpu(&quickstart(), &out));
        assert!(shown.contains("in the folder"), "{shown}");
    }

    // Whoever is named by the lock.
    std::fs::write(out.join(JOURNAL_FILE), journal).unwrap();
    let owner = serde_json::json!({ "pid": 1, "host": &hostile()[..1000], "since": &hostile()[..1000] });
    std::fs::write(out.join("run.lock"), owner.to_string()).unwrap();
    std::fs::remove_file(&manifest_path).unwrap();
    let done = run_on_cpu(&quickstart(), &out).arg("--no-figures").assert().success();
    let stderr = text(&done.get_output().stderr);
    let took_over = stderr.lines().find(|line| line.contains("was killed")).unwrap();
    assert!(!took_over.chars().any(char::is_control) && took_over.len() < 250, "{took_over:?}");
}

#[test]
fn a_journal_that_names_a_table_twice_is_not_merged() {
    let dir = scratch();
    let (out, merged) = (dir.path().join("out"), dir.path().join("merged"));
    computed(&out, &["--no-figures"]);
    let settings = manifest(&out)["identity"]["description"]["settings"].clone();
    let spectrum = *TableId::parse("spectrum").unwrap().schema();
    std::fs::remove_file(out.join(JOURNAL_FILE)).unwrap();
    Journal::create(&out, &Identity::new(&settings, &[spectrum, spectrum], 45)).unwrap();
    let said = ["its tables are not those of this version of nullsweep"];
    refused(nullsweep().arg("merge").arg(&out).arg("--out").arg(&merged), &out, &said);
    assert!(!merged.exists());
}
