//! The textbook's claims as configs/claims states them: each holds, and each is found out where it is broken on purpose.

use std::path::{Path, PathBuf};

use super::{config, nullsweep, scratch, text};

/// A config of configs/claims with settings that break it, and the expectations that must then not be met.
const BROKEN: &[(&str, &[&str], &[&str])] = &[
    // Stopped long before the end.
    ("implicit-bias", &["selection.max_steps=5"], &["from-zero-to-minimum-norm", "all-interpolate"]),
    // A penalty so small that the start is not forgotten within the steps.
    (
        "implicit-bias",
        &["selection.weight_decay=1e-9", "selection.max_steps=2000"],
        &["weight-decay-forgets-the-start"],
    ),
    // A dense truth: there is nothing sparse to be found.
    ("l1-vs-l2", &["target.weights=\"ones\""], &["l1-finds-the-sparse-truth", "l1-has-the-smaller-l1-norm"]),
    // No column repeats another.
    ("feature-redundancy", &["design.copies=1"], &["each-copy-is-a-null-direction"]),
    // In the same units the copies stretch nothing.
    ("feature-redundancy", &["design.multiple=1.0"], &["redundancy-makes-descent-slow"]),
    // One small value beside many large ones, and too few steps for it.
    ("training-speed", &["selection.max_steps=1000"], &["descent-as-kappa-squared"]),
    // Steps of twice the size need half as many.
    ("training-speed", &["selection.step=1.9"], &["descent-takes-the-steps-that-theory-says"]),
    // Without noise y lies in the column space.
    (
        "plateau",
        &["target.noise=0.0"],
        &["the-floor-is-the-noise-in-the-left-null-space", "the-error-never-disappears"],
    ),
    // New observations repeat the null direction.
    (
        "null-walk",
        &["design.kind=\"duplicate\"", "grid.n=40", "grid.d=[12]"],
        &["test-error-grows-as-alpha-squared", "by-the-variance-of-x-along-it"],
    ),
    // Every feature is worth as much.
    ("double-descent-ordered", &["target.weights=\"ones\""], &["it-falls", "one-feature-is-too-few"]),
];

/// The expectations that are not met in a run of `name` with `sets` over it, as `verify` finds them.
fn unmet(dir: &Path, name: &str, sets: &[&str]) -> Vec<String> {
    let out = dir.join("out");
    let mut run = nullsweep();
    run.arg("run").arg(path(name)).args(["--device", "cpu", "--quiet", "--no-figures", "--fresh", "--out"]).arg(&out);
    for set in sets {
        run.args(["--set", set]);
    }
    run.assert().success();
    let done = nullsweep().arg("verify").arg(&out).args(["--fraction", "0", "--json"]).assert();
    let json: serde_json::Value = serde_json::from_str(&text(&done.get_output().stdout)).unwrap();
    let unmet: Vec<String> = json["expectations"]["unmet"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().to_owned())
        .collect();
    assert!(json["expectations"]["count"].as_u64().unwrap() > 0);
    assert_eq!(done.get_output().status.code(), Some(if unmet.is_empty() { 0 } else { 3 }));
    unmet
}

fn path(name: &str) -> PathBuf {
    config(&format!("claims/{name}.toml"))
}

#[test]
fn the_claims_hold() {
    let names: Vec<String> = std::fs::read_dir(config("claims"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        let dir = scratch();
        let unmet = unmet(dir.path(), &name, &[]);
        assert!(unmet.is_empty(), "{name}: {unmet:?}");
        assert!(BROKEN.iter().any(|(broken, ..)| *broken == name), "{name} is broken nowhere");
    }
}

#[test]
fn a_claim_that_is_broken_on_purpose_is_found_out() {
    for (name, sets, expected) in BROKEN {
        let dir = scratch();
        // What is wrong by a factor shows in few replicates.
        let unmet = unmet(dir.path(), name, &[*sets, &["design.replicates=20"]].concat());
        for id in *expected {
            assert!(
                unmet.iter().any(|line| line.starts_with(&format!("expectation {id} is not met"))),
                "{name} with {sets:?}: {id} is met; not met are {unmet:?}"
            );
        }
    }
}
