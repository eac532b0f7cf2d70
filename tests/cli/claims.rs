//! The textbook's claims as configs/claims states them: each holds, and each is found out where it is broken on purpose.

use std::path::{Path, PathBuf};

use nullsweep::config::Config;

use super::{config, nullsweep, scratch, text};

/// Expectations that no setting can break: they hold by the mathematics of what the row is.
const UNBREAKABLE: [&str; 2] = [
    // The gradient is a combination of rows, whatever X is.
    "from-zero-no-null-component",
    // No weight of ridge is exactly 0 unless its column is.
    "l2-is-dense",
];

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
    // A null space of another dimension than d - n.
    (
        "implicit-bias",
        &["design.kind=\"duplicate\"", "grid.n=40", "grid.d=[12]"],
        &["random-start-keeps-its-null-component"],
    ),
    // A dense truth: there is nothing sparse to be found.
    ("l1-vs-l2", &["target.weights=\"ones\""], &["l1-finds-the-sparse-truth", "l1-has-the-smaller-l1-norm"]),
    // One pass from 0 is no lasso.
    ("l1-vs-l2", &["selection.max_steps=1"], &["l1-is-sparse"]),
    // With more observations than features all methods find the truth.
    ("l1-vs-l2", &["grid.n=200"], &["l2-cannot-find-it", "l2-has-the-larger-l1-norm"]),
    // One copy, in the same units, which stretches nothing.
    (
        "feature-redundancy",
        &["design.copies=1", "design.multiple=1.0"],
        &["each-copy-is-a-null-direction", "redundancy-makes-descent-slow"],
    ),
    // Rounding of predictions over a step that is nothing beside the weights.
    ("feature-redundancy", &["grid.alpha=[1e-6]"], &["predictions-do-not-see-it"]),
    // Some of the components, and small steps.
    (
        "feature-redundancy",
        &["selection.variance_shares=[0.5]", "selection.step=0.1"],
        &["pca-removes-it", "whitening-makes-it-fast"],
    ),
    // Fewer observations than features: most of the null space is not that of the copies.
    ("feature-redundancy", &["grid.n=4"], &["the-test-error-does-not-see-it-either"]),
    // Given up too early for the large condition numbers.
    ("training-speed", &["selection.max_steps=50"], &["descent-as-kappa-squared", "momentum-as-kappa"]),
    // Steps of another size than the config reckons with.
    ("training-speed", &["selection.step=0.2"], &["descent-takes-the-steps-that-theory-says", "whitened-not-at-all"]),
    // Without noise y lies in the column space.
    (
        "plateau",
        &["target.noise=0.0"],
        &["the-floor-is-the-noise-in-the-left-null-space", "the-error-never-disappears", "the-plateau-is-the-floor"],
    ),
    ("plateau", &["selection.max_steps=3"], &["descent-ends-on-the-floor"]),
    // New observations repeat the null direction, and the old ones are not interpolated.
    (
        "null-walk",
        &["design.kind=\"duplicate\"", "grid.n=40", "grid.d=[12]"],
        &["test-error-grows-as-alpha-squared", "by-the-variance-of-x-along-it", "training-error-is-flat"],
    ),
    // A step that is lost in the rounding of the weights.
    ("null-walk", &["grid.alpha=[1e-18]"], &["the-weights-move-by-alpha"]),
    // Every feature is worth as much.
    ("double-descent-ordered", &["target.weights=\"ones\""], &["it-falls", "one-feature-is-too-few"]),
    // The peak is elsewhere.
    ("double-descent-ordered", &["grid.n=60"], &["it-peaks", "it-falls-again"]),
];

/// The expectations that are not met somewhere in a run of `name` with `sets` over it, as `verify` finds them.
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
    let unmet = json["expectations"]["unmet"].as_array().unwrap();
    let unmet: Vec<String> = unmet.iter().map(|cell| cell["id"].as_str().unwrap().to_owned()).collect();
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
        let config = Config::load(&path(&name), &[]).unwrap();
        for id in config.expectations.iter().map(|expectation| expectation.id.as_str()) {
            let broken = BROKEN.iter().any(|(of, _, ids)| *of == name && ids.contains(&id));
            assert!(
                broken != UNBREAKABLE.contains(&id),
                "{name}: {id} is broken nowhere, or is said to be unbreakable"
            );
        }
    }
}

#[test]
fn a_claim_that_is_broken_on_purpose_is_found_out() {
    for (name, sets, expected) in BROKEN {
        let dir = scratch();
        // What is wrong by a factor shows in few replicates.
        let unmet = unmet(dir.path(), name, &[*sets, &["design.replicates=20"]].concat());
        for id in *expected {
            assert!(unmet.iter().any(|unmet| unmet == id), "{name} with {sets:?}: {id} is met; not met are {unmet:?}");
        }
    }
}
