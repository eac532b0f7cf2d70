//! `nullsweep verify` finds what is wrong with a run, and says so with exit code 3.

use super::{config, nullsweep, run_on_cpu, scratch, text};

#[test]
fn an_honest_run_agrees() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    let done = nullsweep().arg("verify").arg(&out).args(["--json"]).assert().success();
    let json: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!(json["recomputed"], 45);
    assert_eq!(json["findings"].as_array().unwrap().len(), 0);
    let largest = json["largest_rel_diff"].as_f64().unwrap();
    assert!(largest < 1e-13, "{largest}");
}

#[test]
fn a_changed_number_is_found_by_its_hash_and_by_nalgebra() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    let path = out.join("spectrum.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    let row = table.lines().nth(7).unwrap();
    let field = |column: &str| {
        let at = table.lines().next().unwrap().split(',').position(|name| name == column).unwrap();
        row.split(',').nth(at).unwrap().to_owned()
    };
    let (value, lo, hi) = (field("sigma_min"), field("sigma_min_lo"), field("sigma_min_hi"));
    let changed = |text: &str| (text.parse::<f64>().unwrap() * 1.001).to_string();
    let forged = [value, lo, hi].iter().fold(row.to_owned(), |row, text| row.replace(text.as_str(), &changed(text)));
    std::fs::write(&path, table.replace(row, &forged)).unwrap();
    let done = nullsweep().arg("verify").arg(&out).assert().code(3);
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("spectrum.csv is not the file that the run wrote"), "{stdout}");
    assert!(stdout.contains("sigma_min = ") && stdout.contains("nalgebra says"), "{stdout}");
}

#[test]
fn a_disagreement_of_the_run_itself_is_a_finding() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    let path = out.join("spectrum.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, table.replacen(",ok,", ",disagrees,", 1)).unwrap();
    let done = nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert().code(3);
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("n = 12, d = 6, replicate = 0: status disagrees"), "{stdout}");
}

#[test]
fn a_table_that_is_gone_is_a_finding_and_the_others_are_looked_at() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    std::fs::remove_file(out.join("ridge.csv")).unwrap();
    let done = nullsweep().arg("verify").arg(&out).assert().code(3);
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("ridge.csv is missing") && stdout.contains("45 of 45 trials recomputed"), "{stdout}");
    std::fs::remove_file(out.join("spectrum.csv")).unwrap();
    let done = nullsweep().arg("verify").arg(&out).assert().code(3);
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("spectrum.csv is missing") && stdout.contains("2 findings"), "{stdout}");
    // The remedy that it names.
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    nullsweep().arg("verify").arg(&out).assert().success();
}

#[test]
fn a_journal_that_lost_its_trials_is_a_finding() {
    let dir = scratch();
    let (out, other) = (dir.path().join("out"), dir.path().join("other"));
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    run_on_cpu(&config("real-diabetes.toml"), &other).assert().success();
    let path = out.join("journal.nsj");
    let whole = std::fs::read(&path).unwrap();
    let foreign = std::fs::read(other.join("journal.nsj")).unwrap();
    let mut hole = whole.clone();
    hole[whole.len() / 2] ^= 1;
    for (bytes, said) in [
        (&whole[..whole.len() - 1], "has 44 of 45 trials and damage in 1 place(s)"),
        (&hole[..], "has 44 of 45 trials and damage in 1 place(s)"),
        (&whole[..0], "is empty: `nullsweep run` into this folder would compute every trial again"),
        (b"name,value\n", "does not begin as a journal does: `nullsweep run` with the same config looks for"),
        (&foreign[..], "is the journal of another run"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let done = nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert().code(3);
        let stdout = text(&done.get_output().stdout);
        assert!(stdout.contains(&format!("journal.nsj {said}")) && stdout.contains("1 finding"), "{stdout}");
    }
    // Made good: the trial is computed again and appended, the hole stays where it is.
    std::fs::write(&path, &hole).unwrap();
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    let done = nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert().success();
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("has every trial, beside 1 stretch(es) of bytes"), "{stdout}");
    // Nothing of it was ever a trial.
    std::fs::write(&path, [&whole[..], b"garbage"].concat()).unwrap();
    let done = nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert().success();
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("beside 1 stretch(es) of bytes that are no trial"), "{stdout}");
    // The tables stand without it, and yet what it could do is lost.
    std::fs::remove_file(&path).unwrap();
    let done = nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert().code(3);
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("journal.nsj is missing") && stdout.contains("1 finding"), "{stdout}");
    assert!(stdout.contains("put it back, or `nullsweep run` with --fresh"), "{stdout}");
    let refused = run_on_cpu(&config("quickstart.toml"), &out).assert().code(2);
    let stderr = text(&refused.get_output().stderr);
    assert!(stderr.contains("this is the folder of a run, but its journal.nsj is gone\n  put it back, or"), "{stderr}");
    std::fs::write(&path, &whole).unwrap();
    nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert().success();
}

#[test]
fn another_data_file_in_the_place_of_the_old_is_a_finding() {
    let dir = scratch();
    let (out, data, path) = (dir.path().join("out"), dir.path().join("x.csv"), dir.path().join("file.toml"));
    std::fs::write(&data, "1,2\n3,4\n5,7\n").unwrap();
    std::fs::write(&path, "[design]\nkind = \"file\"\npath = \"x.csv\"\n").unwrap();
    run_on_cpu(&path, &out).assert().success();
    nullsweep().arg("verify").arg(&out).assert().success();
    std::fs::write(&data, "1,2\n3,4\n5,8\n").unwrap();
    let done = nullsweep().arg("verify").arg(&out).assert().code(3);
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("a data file has changed"), "{stdout}");
}

#[test]
fn a_folder_without_a_run_is_exit_2() {
    let dir = scratch();
    let done = nullsweep().arg("verify").arg(dir.path()).assert().code(2);
    assert!(text(&done.get_output().stderr).contains("manifest.json"));
}
