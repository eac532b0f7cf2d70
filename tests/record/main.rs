//! The record of a run under everything that may happen to it: kills, flipped bits, full disks, second openers.
#![expect(clippy::unwrap_used, reason = "tests")]

mod faults;
mod folder;
mod journal;
mod summary;

use std::collections::BTreeMap;
use std::path::Path;

use nullsweep::measure::table::{Column, Kind, Role, Schema, Type, Value};
use nullsweep::record::{About, Identity, TrialRecord};
use serde_json::json;

const SCHEMAS: [Schema; 2] = [
    Schema {
        name: "spectrum",
        row: "trial",
        columns: &[
            Column { name: "sigma_min", role: Role::Result, unit: "x", meaning: " Smallest singular value." },
            Column { name: "route", role: Role::Provenance, unit: "name", meaning: " Route." },
            Column { name: "status", role: Role::Provenance, unit: "name", meaning: " Status." },
        ],
        types: &[Type::sometimes(Kind::Number), Type::sometimes(Kind::Word), Type::always(Kind::Word)],
    },
    Schema {
        name: "ridge",
        row: "trial x lambda",
        columns: &[
            Column { name: "lambda", role: Role::Key, unit: "1", meaning: " Penalty." },
            Column { name: "kappa_ridge", role: Role::Result, unit: "1", meaning: " Condition number." },
        ],
        types: &[Type::always(Kind::Number), Type::sometimes(Kind::Number)],
    },
];

/// What defines the rows of the test run.
fn settings() -> serde_json::Value {
    json!({ "design": { "kind": "gaussian", "seed": 2 } })
}

fn identity(trials: usize) -> Identity {
    Identity::new(&settings(), &SCHEMAS, trials)
}

fn about() -> About {
    About {
        name: "test".to_owned(),
        config: "name = \"test\"\n".to_owned(),
        config_path: "sweep.toml".to_owned(),
        seeds: json!({ "keyed": 2 }),
        shader_sha256: None,
        command: vec!["nullsweep".to_owned(), "run".to_owned()],
        engine: "cpu".to_owned(),
        adapter: serde_json::Value::Null,
        self_test: serde_json::Value::Null,
        cpu_features: vec!["fma".to_owned()],
        figures: Vec::new(),
    }
}

/// The key of trial `index` and its rows: a function of the index alone, of different lengths, none at all for some.
fn rows(index: usize) -> ([Value; 4], [Vec<Vec<Value>>; 2]) {
    let key = [Value::Int(50), Value::Int(5), Value::Missing, Value::from(index)];
    let status = if index.is_multiple_of(5) { "wide" } else { "ok" };
    let spectrum = vec![vec![Value::Float(1.0 / (index + 1) as f64), "cpu-f64".into(), status.into()]];
    let ridge = (0..index % 4).map(|k| vec![Value::Float(k as f64), Value::Float((index * k) as f64 / 3.0)]).collect();
    (key, [spectrum, ridge])
}

fn trial(index: usize) -> TrialRecord {
    let (key, tables) = rows(index);
    TrialRecord::new(index, &key, tables)
}

fn trials(indices: impl IntoIterator<Item = usize>) -> Vec<TrialRecord> {
    indices.into_iter().map(trial).collect()
}

/// A scratch folder, in memory where there is such a place: tests that build tables thousands of times need no disk.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The files of a folder but those that hold times, by name.
fn deterministic_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| !["journal.nsj", "manifest.json", "timing.csv", "run.lock"].contains(&name.as_str()))
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}
