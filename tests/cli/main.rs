//! The program as its users meet it: whole commands, their exit codes, their words and their files.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod bytes;
mod child;
mod claims;
mod cluster;
mod device;
mod disk;
mod errors;
mod expectations;
mod figures;
mod kills;
mod launch;
mod limits;
mod numpy;
#[cfg(feature = "parquet")]
mod parquet;
mod reuse;
mod shards;
mod signals;
mod streams;
mod theory;
mod verify;
mod versions;
#[cfg(not(feature = "parquet"))]
mod without_parquet;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// Files whose bytes are promised; timing, manifest, journal and lock differ from run to run.
const NOT_PROMISED: [&str; 5] = ["timing.csv", "manifest.json", "journal.nsj", "run.lock", "report.html"];

/// The program, without a GPU unless a test asks for one: results must not depend on the machine.
fn nullsweep() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nullsweep"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// A folder for one test.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn config(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name)
}

/// `nullsweep run CONFIG --device cpu --out DIR ...`, ready for more arguments.
fn run_on_cpu(config: &Path, out: &Path) -> Command {
    let mut command = nullsweep();
    command.arg("run").arg(config).args(["--device", "cpu", "--out"]).arg(out);
    command
}

/// Every file whose bytes are promised, figures as `figures/ID.svg`.
fn promised_bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let figures = figure_bytes(dir).into_iter().map(|(name, bytes)| (format!("figures/{name}"), bytes));
    files(dir).into_iter().filter(|(name, _)| !NOT_PROMISED.contains(&name.as_str())).chain(figures).collect()
}

/// The files in the folder of figures, if there is one.
fn figure_bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let folder = dir.join("figures");
    if folder.exists() { files(&folder) } else { BTreeMap::new() }
}

/// The files of a folder, without the folders in it.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

/// The rows of a CSV file, each as column -> field.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} = `{}` is not a number", row[column]))
}

fn manifest(dir: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(dir.join("manifest.json")).unwrap()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
