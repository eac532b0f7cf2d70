//! Engines that panic, lie or give too little: a trial fails, the others do not.

use std::path::Path;
use std::sync::Mutex;

use serde_json::json;

use crate::config::Config;
use crate::engine::cpu::CpuEngine;
use crate::engine::{Engine, EngineError, Factored, GramSpectrum, Route, Vectors};
use crate::grid::Trial;
use crate::matrix::Matrix;
use crate::record::{About, Mode, RunFolder, Tables};
use crate::run::{Budget, Cause, Ended, Watch, run};

/// A matrix with this many rows is where [`Faulty`] goes wrong.
const BAD_ROWS: usize = 4;

/// What an engine does to a bad matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Panics,
    ForgetsASigma,
    HasNoV,
    GivesNaN,
    LeavesItOut,
}

/// The CPU engine with a fault.
struct Faulty(Fault);

impl Engine for Faulty {
    fn describe(&self) -> String {
        "a faulty engine".to_owned()
    }

    fn route(&self) -> Route {
        Route::CpuF64
    }

    fn batch_bytes(&self) -> usize {
        1 << 20
    }

    fn factor(&self, batch: &[&Matrix], vectors: Vectors) -> Result<Factored, EngineError> {
        let mut factored = CpuEngine.factor(batch, vectors)?;
        let is_bad = |x: &&Matrix| x.rows() == BAD_ROWS;
        for (_, factors) in batch.iter().zip(&mut factored.factors).filter(|(x, _)| is_bad(x)) {
            match self.0 {
                Fault::Panics => panic!("the sky fell on a matrix"),
                Fault::ForgetsASigma => drop(factors.sigma.pop()),
                Fault::HasNoV => factors.v = None,
                Fault::GivesNaN => factors.sigma.fill(f64::NAN),
                Fault::LeavesItOut => {}
            }
        }
        if self.0 == Fault::LeavesItOut && batch.iter().any(is_bad) {
            factored.factors.pop();
        }
        Ok(factored)
    }

    fn gram_spectra(&self, batch: &[&Matrix]) -> Result<Vec<GramSpectrum>, EngineError> {
        CpuEngine.gram_spectra(batch)
    }
}

/// Notes the failures.
#[derive(Default)]
struct Notes(Mutex<Vec<(Trial, Cause)>>);

impl Watch for Notes {
    fn advance(&self, _trials: usize) {}

    fn stop_asked(&self) -> bool {
        false
    }

    fn failed(&self, trial: &Trial, cause: &Cause) {
        self.0.lock().unwrap().push((*trial, cause.clone()));
    }
}

fn config(on_error: &str) -> Config {
    let text = format!(
        "[design]\nkind = \"gaussian\"\nreplicates = 2\n[grid]\nn = [3, 4, 5]\nd = 2\n[run]\non_error = \"{on_error}\"\n"
    );
    Config::parse(&text, Path::new("faulty.toml"), &[]).unwrap()
}

fn open(config: &Config, path: &Path) -> RunFolder {
    let schemas: Vec<_> = config.tables.iter().map(|table| *table.schema()).collect();
    RunFolder::open(path, &json!({}), &schemas, &config.grid.share(None), About::default(), Mode::Resume).unwrap()
}

/// Runs `config` with `engine` in chunks of `trials` and returns the lines of spectrum.csv and the failures.
fn spectrum(config: &Config, engine: &dyn Engine, trials: usize) -> (Vec<String>, Vec<(Trial, Cause)>) {
    let dir = tempfile::tempdir().unwrap();
    let mut folder = open(config, dir.path());
    let notes = Notes::default();
    let budget = Budget::new(engine.batch_bytes(), Some(trials), 1);
    assert_eq!(run(config, engine, &mut folder, budget, &notes).unwrap(), Ended::Complete);
    folder.finish(Tables::Complete).unwrap();
    let text = std::fs::read_to_string(dir.path().join("spectrum.csv")).unwrap();
    (text.lines().map(str::to_owned).collect(), notes.0.into_inner().unwrap())
}

#[test]
fn a_panic_fails_its_trials_and_no_other() {
    let config = config("record");
    let (sound, none) = spectrum(&config, &CpuEngine, 100);
    assert_eq!(none, []);
    for trials in [1, 3, 100] {
        let (found, failures) = spectrum(&config, &Faulty(Fault::Panics), trials);
        assert_eq!(found.len(), sound.len());
        for (found, sound) in found.iter().zip(&sound) {
            if sound.starts_with("4,2,") {
                assert!(found.starts_with("4,2,") && found.contains("failed"), "{found}");
            } else {
                assert_eq!(found, sound, "chunks of {trials}");
            }
        }
        assert_eq!(failures.iter().map(|(trial, _)| (trial.n, trial.replicate)).collect::<Vec<_>>(), [(4, 0), (4, 1)]);
        let words = failures[0].1.to_string();
        assert!(words.contains("please report it") && words.contains("the sky fell on a matrix"), "{words}");
    }
}

#[test]
fn a_panic_stops_the_run_where_the_config_says_so() {
    let config = config("stop");
    let dir = tempfile::tempdir().unwrap();
    let mut folder = open(&config, dir.path());
    let error = run(&config, &Faulty(Fault::Panics), &mut folder, Budget::new(1 << 20, Some(2), 1), &Notes::default());
    let words = error.unwrap_err().to_string();
    assert!(words.contains("n = 4") && words.contains("the sky fell") && words.contains("on_error"), "{words}");
    assert_eq!(folder.done().count(), 2, "the chunk before is recorded");
}

/// Whatever an engine says, the rows are right or failed: the certificate is formed from X.
#[test]
fn a_lying_engine_never_makes_a_wrong_row() {
    let config = config("record");
    let (sound, _) = spectrum(&config, &CpuEngine, 100);
    let column = sound[0].split(',').position(|name| name == "sigma_min").unwrap();
    let sigma_min = |line: &str| line.split(',').nth(column).unwrap().parse::<f64>().ok();
    for fault in [Fault::ForgetsASigma, Fault::HasNoV, Fault::GivesNaN] {
        let (found, failures) = spectrum(&config, &Faulty(fault), 100);
        for (found, sound) in found.iter().zip(&sound).skip(1) {
            let right = sigma_min(found).zip(sigma_min(sound)).is_some_and(|(a, b)| (a - b).abs() <= 1e-12 * b);
            assert!(right || (found.starts_with("4,2,") && found.contains("failed")), "{fault:?}: {found}");
        }
        assert!(failures.iter().all(|(trial, _)| trial.n == BAD_ROWS), "{failures:?}");
    }
}

#[test]
fn an_answer_too_few_is_the_engines_error() {
    let config = config("record");
    let dir = tempfile::tempdir().unwrap();
    let mut folder = open(&config, dir.path());
    let budget = Budget::new(1 << 20, None, 1);
    let error = run(&config, &Faulty(Fault::LeavesItOut), &mut folder, budget, &Notes::default()).unwrap_err();
    assert!(error.to_string().contains("a faulty engine gave 5 answers for 6 matrices"), "{error}");
}
