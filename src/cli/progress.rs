//! What a person sees while a run goes on: a bar on a terminal, a line now and then elsewhere; and which trials failed.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{output, signals};
use crate::grid::Trial;
use crate::run::{Cause, Watch};

/// Time between two lines where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Failed trials whose cause is shown; the rest are counted.
const FAILURES_SHOWN: u64 = 5;

/// How much to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verbosity {
    /// Errors only.
    Quiet,
    /// Progress and notes.
    Normal,
}

/// Shows the progress of a run.
pub(super) struct Progress {
    bar: ProgressBar,
    lines: Option<Mutex<Lines>>,
    failures: AtomicU64,
}

/// Progress as lines of text.
struct Lines {
    start: Instant,
    last: Instant,
    before: u64,
}

impl Progress {
    /// `done` of `total` trials are recorded already.
    pub(super) fn new(done: usize, total: usize, verbosity: Verbosity) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = match verbosity {
            Verbosity::Normal if terminal => ProgressDrawTarget::stderr(),
            _ => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        let template = "{bar:30} {pos} of {len} trials, {per_sec}, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_position(done as u64);
        bar.reset_eta();
        let now = Instant::now();
        let lines = (verbosity == Verbosity::Normal && !terminal)
            .then(|| Mutex::new(Lines { start: now, last: now, before: done as u64 }));
        Self { bar, lines, failures: AtomicU64::new(0) }
    }

    /// Takes the bar away and counts the failures that were not shown.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
        let more = self.failures.load(Ordering::Relaxed).saturating_sub(FAILURES_SHOWN);
        if more > 0 {
            output::note(&format!("... and {more} more failed trials; their rows have the status failed"));
        }
    }
}

/// Two digits at least: one trial may take a minute.
fn rate_text(rate: f64) -> String {
    let decimals = if rate < 0.95 { 2 } else { usize::from(rate < 9.5) };
    format!("{rate:.decimals$}")
}

impl Watch for Progress {
    fn advance(&self, trials: usize) {
        self.bar.inc(trials as u64);
        let Some(lines) = &self.lines else { return };
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.last.elapsed() < LINE_INTERVAL {
            return;
        }
        lines.last = Instant::now();
        let (done, total) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let rate = done.saturating_sub(lines.before) as f64 / lines.start.elapsed().as_secs_f64();
        let left = total.saturating_sub(done) as f64 / rate;
        output::note(&format!("{done} of {total} trials, {} per second, {left:.0} s left", rate_text(rate)));
    }

    fn stop_asked(&self) -> bool {
        signals::stop_asked()
    }

    fn failed(&self, trial: &Trial, cause: &Cause) {
        if self.failures.fetch_add(1, Ordering::Relaxed) < FAILURES_SHOWN {
            self.bar.suspend(|| output::note(&format!("failed: trial {trial}: {cause}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_rate_is_not_rounded_to_none() {
        for (rate, text) in [(0.0421, "0.04"), (0.96, "1.0"), (3.21, "3.2"), (9.6, "10"), (4321.4, "4321")] {
            assert_eq!(rate_text(rate), text);
        }
    }
}
