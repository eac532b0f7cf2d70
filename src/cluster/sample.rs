//! What a trial costs, measured: by computing a few of them here.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::config::{Config, OnError};
use crate::engine::select::Selected;
use crate::grid::{Shard, Trial};
use crate::record::{Mode, RunFolder};
use crate::run::{self, Budget, Cause, Ended, RunError, Watch, settings};

/// Trials of the first, smallest sample.
const FIRST: usize = 1;
/// How much larger each following one is.
const GROWTH: usize = 4;

/// What a sample of a run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Trials that were computed.
    pub trials: usize,
    /// Seconds that they took together, from drawing X to the journal.
    pub seconds: f64,
}

impl Sample {
    /// Seconds a trial.
    pub fn seconds_per_trial(&self) -> f64 {
        self.seconds / self.trials as f64
    }
}

/// Computes trials of `config` on `selected` until they take `long_enough` together, or all of them, in a folder below
/// `scratch` that is removed again.
///
/// A shard of very many is a sample of the run: the trials are dealt out from the most costly shape to the cheapest, so
/// every shape has its share in one that is large enough; a single trial is of the most costly shape. A trial that fails is
/// timed like the others. `None` if `stop_asked` said so before the end.
///
/// # Errors
/// [`RunError`], of the folder or the engine.
pub fn sample(
    config: &Config,
    selected: &Selected,
    scratch: &Path,
    long_enough: Duration,
    stop_asked: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Sample>, RunError> {
    let config = Config { on_error: OnError::Record, ..config.clone() };
    let all = config.grid.trial_count();
    let mut wanted = FIRST;
    loop {
        let shards = u32::try_from((all / wanted).max(1)).unwrap_or(u32::MAX);
        let Some(taken) = compute(&config, selected, scratch, shards, stop_asked)? else { return Ok(None) };
        if taken.seconds >= long_enough.as_secs_f64() || shards == 1 {
            return Ok(Some(taken));
        }
        wanted = wanted.saturating_mul(GROWTH);
    }
}

/// Computes the first of `shards` shards and removes its folder.
fn compute(
    config: &Config,
    selected: &Selected,
    scratch: &Path,
    shards: u32,
    stop_asked: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Sample>, RunError> {
    let share = config.grid.share(Shard::new(0, shards));
    let path = super::shard::work_folder(scratch, "sample");
    let (settings, about) = (settings::settings(config, selected), settings::about(config, selected));
    let mut folder = RunFolder::open(&path, &settings, &settings::schemas(config), &share, about, Mode::Resume)?;
    let budget = Budget::of(selected.engine.as_ref(), None);
    let start = Instant::now();
    let ended = run::run(config, selected.engine.as_ref(), &mut folder, budget, &Untold(stop_asked));
    let seconds = start.elapsed().as_secs_f64();
    drop(folder);
    // Left behind, it would be nobody's.
    let _ = std::fs::remove_dir_all(&path);
    Ok((ended? == Ended::Complete).then(|| Sample { trials: share.count(), seconds }))
}

/// Nobody is told of a sample's trials.
struct Untold<'a>(&'a (dyn Fn() -> bool + Sync));

impl Watch for Untold<'_> {
    fn advance(&self, _: usize) {}

    fn stop_asked(&self) -> bool {
        (self.0)()
    }

    fn failed(&self, _: &Trial, _: &Cause) {}
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::cpu::CpuEngine;

    #[test]
    fn a_sample_grows_until_it_takes_long_enough_and_leaves_nothing_behind() {
        let text = "[design]\nkind = \"gaussian\"\nreplicates = 50\n[grid]\nn = [3, 5]\nd = 2\n";
        let config = Config::parse(text, Path::new("a.toml"), &[]).unwrap();
        let selected = Selected { engine: Arc::new(CpuEngine), adapter: serde_json::Value::Null, note: None };
        let dir = tempfile::tempdir().unwrap();
        let of = |seconds, stop: bool| {
            sample(&config, &selected, dir.path(), Duration::from_secs(seconds), &move || stop).unwrap()
        };
        assert_eq!(of(0, false).map(|sample| sample.trials), Some(1));
        assert_eq!(of(1000, true), None);
        let all = of(1000, false).unwrap();
        assert_eq!(all.trials, 100);
        assert!(all.seconds_per_trial() > 0.0);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
