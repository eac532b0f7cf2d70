use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::{Invalid, survey};
use super::*;
use crate::engine::cpu::CpuEngine;
use crate::grid::Trial;
use crate::run::Cause;

/// Asks to stop once so many trials are recorded.
struct StopAfter(usize, AtomicUsize);

impl StopAfter {
    fn new(trials: usize) -> Self {
        Self(trials, AtomicUsize::new(0))
    }
}

impl Watch for StopAfter {
    fn advance(&self, trials: usize) {
        self.1.fetch_add(trials, Ordering::Relaxed);
    }

    fn stop_asked(&self) -> bool {
        self.1.load(Ordering::Relaxed) >= self.0
    }

    fn failed(&self, _: &Trial, _: &Cause) {}
}

fn plan(dir: &Path, shards: u32) -> (Layout, Plan) {
    let text = "[design]\nkind = \"gaussian\"\nreplicates = 20\n[grid]\nn = [3, 5]\nd = 2\n";
    let config = Config::parse(text, Path::new("a.toml"), &[]).unwrap();
    let layout = Layout::of_run(dir);
    let plan = Plan::new(&config, shards, 1, None).unwrap();
    plan.write(&layout).unwrap();
    (layout, plan)
}

fn cpu() -> Selected {
    Selected { engine: Arc::new(CpuEngine), adapter: serde_json::Value::Null, note: None }
}

fn begin(plan: &Plan, layout: &Layout, index: u32) -> Result<Begun, ShardError> {
    Attempt::begin(plan, plan.config(layout).unwrap(), layout, index, &cpu())
}

fn open(plan: &Plan, layout: &Layout, index: u32) -> Box<Attempt> {
    match begin(plan, layout, index).unwrap() {
        Begun::Open(attempt) => attempt,
        Begun::Published(part) => panic!("{} is there already", part.path().display()),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_shard_is_computed_once_and_leaves_its_part_only() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, plan) = plan(dir.path(), 3);
    let part = open(&plan, &layout, 1).compute(&cpu(), None, &StopAfter::new(usize::MAX)).unwrap();
    assert_eq!((part.trials(), plan.trials_of(1)), (13, 13));
    assert_eq!(names(&layout.parts()), ["00001.nsp"]);
    assert_eq!(names(&layout.work()), [""; 0]);
    assert!(matches!(begin(&plan, &layout, 1).unwrap(), Begun::Published(again) if *again == part));
    assert!(matches!(begin(&plan, &layout, 3), Err(ShardError::Plan(PlanError::Index { index: 3, shards: 3 }))));
    let survey = survey(&layout, &plan).unwrap();
    assert_eq!((survey.missing(), survey.trials()), (vec![0, 2], 13));
}

#[test]
fn what_an_earlier_attempt_recorded_is_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, plan) = plan(dir.path(), 2);
    let stopped = open(&plan, &layout, 0).compute(&cpu(), Some(4), &StopAfter::new(5)).unwrap_err();
    let ShardError::Stopped { recorded, trials: 20 } = stopped else { panic!("{stopped}") };
    assert!((8..20).contains(&recorded), "{recorded}");
    let again = open(&plan, &layout, 0);
    assert_eq!(again.taken_over(), recorded);
    let part = again.compute(&cpu(), None, &StopAfter::new(usize::MAX)).unwrap();
    assert_eq!(part.report().taken_over, recorded);
    assert_eq!(names(&layout.work()), [""; 0], "both folders are gone");

    // The same bytes as from one attempt.
    let other = tempfile::tempdir().unwrap();
    let (layout, plan) = self::plan(other.path(), 2);
    let undisturbed = open(&plan, &layout, 0).compute(&cpu(), None, &StopAfter::new(usize::MAX)).unwrap();
    assert_eq!(undisturbed.sha256(), part.sha256());
}

#[test]
fn two_at_the_same_shard_publish_the_same_and_neither_is_in_the_others_way() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, plan) = plan(dir.path(), 2);
    let (one, other) = (open(&plan, &layout, 0), open(&plan, &layout, 0));
    assert_eq!(survey(&layout, &plan).unwrap().unfinished[0].workers.len(), 2);
    let first = one.compute(&cpu(), None, &StopAfter::new(usize::MAX)).unwrap();
    // The other one's folder went with the first part: it fails for a reason that passes, and finds the part.
    let error = other.compute(&cpu(), None, &StopAfter::new(usize::MAX)).unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(published(&plan, &layout, 0).unwrap().unwrap(), first);
}

#[test]
fn what_is_no_part_of_this_shard_counts_as_none() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, plan) = plan(dir.path(), 2);
    let part = open(&plan, &layout, 0).compute(&cpu(), None, &StopAfter::new(usize::MAX)).unwrap();
    std::fs::copy(part.path(), layout.part(1)).unwrap();
    let found = survey(&layout, &plan).unwrap();
    assert_eq!(found.unfinished[0].invalid, Some(Invalid::Foreign));
    std::fs::write(layout.part(1), "torn").unwrap();
    let found = survey(&layout, &plan).unwrap();
    assert!(matches!(&found.unfinished[0].invalid, Some(Invalid::Broken(words)) if words.contains("no whole part")));
    open(&plan, &layout, 1).compute(&cpu(), None, &StopAfter::new(usize::MAX)).unwrap();
    assert!(survey(&layout, &plan).unwrap().is_complete());
}

#[test]
fn a_failure_is_noted_counted_and_forgotten_on_success() {
    let dir = tempfile::tempdir().unwrap();
    let (layout, plan) = plan(dir.path(), 2);
    for _ in 0..2 {
        Failure::note(&layout, 1, "no such luck", 1).unwrap();
    }
    let found = survey(&layout, &plan).unwrap();
    let failures: Vec<_> = found.failures().map(|f| (f.shard, f.error.as_str(), f.exit, f.failures)).collect();
    assert_eq!(failures, [(1, "no such luck", 1, 2)]);
    open(&plan, &layout, 1).compute(&cpu(), None, &StopAfter::new(usize::MAX)).unwrap();
    assert_eq!(Failure::read(&layout, 1), None);
}

#[test]
fn a_full_disk_passes_and_a_forbidden_folder_does_not() {
    let of = |kind: ErrorKind| ShardError::from(RecordError::io("write", Path::new("a"))(kind.into())).is_transient();
    assert!(of(ErrorKind::StorageFull) && of(ErrorKind::StaleNetworkFileHandle) && of(ErrorKind::NotFound));
    assert!(!of(ErrorKind::PermissionDenied) && !of(ErrorKind::ReadOnlyFilesystem));
}
