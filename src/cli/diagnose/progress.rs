//! A bar on the terminal while a large file is read.

use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::diagnose::Watch;

/// Shows the pass over a file that is under way; nothing where stderr is no terminal.
pub(super) struct Passes {
    bar: ProgressBar,
}

impl Passes {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let template = "{msg}: {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }
}

impl Watch for Passes {
    fn begin(&self, path: &Path, number: usize, bytes: u64) {
        if std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.reset();
        self.bar.set_length(bytes);
        self.bar.set_message(format!("{}, pass {number}", path.display()));
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Takes the bar away before a report is printed.
    fn end(&self) {
        self.bar.finish_and_clear();
    }
}
