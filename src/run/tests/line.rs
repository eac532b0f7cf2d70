//! The line of chunks: what reaches the journal when one of them fails or the run is asked to stop.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::config::Config;
use crate::engine::cpu::CpuEngine;
use crate::engine::{Engine, EngineError, Factored, GramSpectrum, Route, Vectors};
use crate::grid::Trial;
use crate::matrix::Matrix;
use crate::record::{About, Mode, RunFolder};
use crate::run::{Budget, Cause, Ended, RunError, Watch, run};

/// Twelve trials, three to a chunk.
const CONFIG: &str = "tables = [\"spectrum\"]\n[design]\nkind = \"gaussian\"\nreplicates = 12\n[grid]\nn = 4\nd = 3\n";
const CHUNK: usize = 3;

/// The CPU engine, which is lost when it is asked for the batch number `lost_at`.
struct Mortal {
    asked: AtomicUsize,
    lost_at: usize,
}

impl Mortal {
    fn lost_at(lost_at: usize) -> Self {
        Self { asked: AtomicUsize::new(0), lost_at }
    }
}

impl Engine for Mortal {
    fn describe(&self) -> String {
        "mortal".to_owned()
    }

    fn route(&self) -> Route {
        Route::CpuF64
    }

    fn batch_bytes(&self) -> usize {
        CpuEngine.batch_bytes()
    }

    fn factor(&self, batch: &[&Matrix], vectors: Vectors) -> Result<Factored, EngineError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) == self.lost_at {
            return Err(EngineError { message: "the device is gone".to_owned() });
        }
        CpuEngine.factor(batch, vectors)
    }

    fn gram_spectra(&self, batch: &[&Matrix]) -> Result<Vec<GramSpectrum>, EngineError> {
        CpuEngine.gram_spectra(batch)
    }
}

/// Counts what is recorded, and asks to stop before the chunk number `stop_at` begins.
struct Observer {
    recorded: AtomicUsize,
    looked: AtomicUsize,
    stop_at: usize,
}

impl Observer {
    fn stopping_at(stop_at: usize) -> Self {
        Self { recorded: AtomicUsize::new(0), looked: AtomicUsize::new(0), stop_at }
    }
}

impl Watch for Observer {
    fn advance(&self, trials: usize) {
        self.recorded.fetch_add(trials, Ordering::Relaxed);
    }

    fn stop_asked(&self) -> bool {
        self.looked.fetch_add(1, Ordering::Relaxed) == self.stop_at
    }

    fn failed(&self, trial: &Trial, cause: &Cause) {
        unreachable!("{trial}: {cause}");
    }
}

/// Runs [`CONFIG`] in `dir` and returns how that ended, beside the number of trials in the journal.
fn run_in(dir: &Path, engine: &dyn Engine, observer: &Observer) -> (Result<Ended, RunError>, usize) {
    let config = Config::parse(CONFIG, Path::new("c.toml"), &[]).unwrap();
    let schemas: Vec<_> = config.tables.iter().map(|table| *table.schema()).collect();
    let share = config.grid.share(None);
    let settings = serde_json::Value::Null;
    let mut folder = RunFolder::open(dir, &settings, &schemas, &share, About::default(), Mode::Resume).unwrap();
    let budget = Budget::new(engine.batch_bytes(), Some(CHUNK), 1);
    let ended = run(&config, engine, &mut folder, budget, observer);
    let done = folder.done().count();
    assert_eq!(observer.recorded.load(Ordering::Relaxed), done);
    (ended, done)
}

#[test]
fn every_chunk_before_a_failing_one_is_recorded() {
    for lost_at in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        let (ended, done) = run_in(dir.path(), &Mortal::lost_at(lost_at), &Observer::stopping_at(usize::MAX));
        assert!(matches!(ended, Err(RunError::Engine(_))), "{ended:?}");
        assert_eq!(done, CHUNK * lost_at);
    }
}

#[test]
fn a_run_that_is_asked_to_stop_records_what_is_under_way_and_goes_on_later() {
    for stop_at in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        let (ended, done) = run_in(dir.path(), &CpuEngine, &Observer::stopping_at(stop_at));
        assert_eq!((ended.unwrap(), done), (Ended::Stopped, CHUNK * stop_at));
        let observer = Observer { recorded: AtomicUsize::new(done), ..Observer::stopping_at(usize::MAX) };
        let (ended, done) = run_in(dir.path(), &CpuEngine, &observer);
        assert_eq!((ended.unwrap(), done), (Ended::Complete, 12));
    }
}
