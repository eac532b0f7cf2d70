//! The same config gives the same bytes.

use super::{config, promised_bytes, run_on_cpu, scratch};

#[test]
fn threads_and_chunks_and_repetition_change_no_byte() {
    let selection = ["--set", "tables=[\"selection\"]", "--set", "selection.max_steps=200"];
    for (name, tables) in [("quickstart.toml", &[][..]), ("collinearity.toml", &[]), ("quickstart.toml", &selection)] {
        let dir = scratch();
        let fewer = [&["--set", "design.replicates=3"], tables].concat();
        let mut reference = None;
        for (at, more) in [vec![], vec!["--threads", "1"], vec!["--threads", "2", "--chunk", "5"], vec!["--chunk", "1"]]
            .iter()
            .enumerate()
        {
            let out = dir.path().join(at.to_string());
            run_on_cpu(&config(name), &out).args(&fewer).args(more).assert().success();
            let bytes = promised_bytes(&out);
            assert!(bytes.len() >= 4, "{name}: {:?}", bytes.keys());
            let reference = reference.get_or_insert_with(|| bytes.clone());
            for (file, bytes) in &bytes {
                assert!(Some(bytes) == reference.get(file), "{name}, {more:?}: {file} differs");
            }
        }
    }
}

#[test]
fn a_row_does_not_depend_on_the_rest_of_the_grid() {
    let dir = scratch();
    let (whole, part) = (dir.path().join("whole"), dir.path().join("part"));
    let config = config("quickstart.toml");
    run_on_cpu(&config, &whole).assert().success();
    run_on_cpu(&config, &part).args(["--set", "grid.n=24", "--set", "grid.d=[12]"]).assert().success();
    let lines = |dir: &std::path::Path| std::fs::read_to_string(dir.join("spectrum.csv")).unwrap();
    let whole = lines(&whole);
    let part = lines(&part);
    assert_eq!(part.lines().count(), 6);
    for line in part.lines() {
        assert!(whole.lines().any(|other| other == line), "{line}");
    }
}

#[test]
fn saying_a_default_aloud_goes_on_with_the_same_run() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    let aloud = ["--precision", "auto", "--set", "engine.rtol=1e-6", "--set", "verify.fraction=0.05", "--quiet"];
    run_on_cpu(&config("quickstart.toml"), &out).args(aloud).assert().success();
    run_on_cpu(&config("quickstart.toml"), &out).args(["--set", "engine.rtol=1e-8"]).assert().code(2);
}

#[test]
fn every_config_that_ships_runs() {
    let folder = config("");
    let mut names: Vec<std::path::PathBuf> = [folder.clone(), folder.join("examples")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    names.sort();
    assert!(names.len() >= 11, "{names:?}");
    let dir = scratch();
    for path in names {
        let out = dir.path().join(path.file_stem().unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        let mut command = run_on_cpu(&path, &out);
        if text.contains("replicates") {
            // As many as the interval of a median needs, which some figures ask for.
            command.args(["--set", "design.replicates=6"]);
        }
        command.assert().success();
        assert!(out.join("spectrum.csv").exists(), "{}", path.display());
        super::nullsweep().arg("verify").arg(&out).assert().success();
    }
}
