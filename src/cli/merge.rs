//! `nullsweep merge`: what was computed apart -> the run that it is of. `merge DIR... --out DIR` takes the folders of shards,
//! `merge --plan PLAN` the parts of a run on many machines.

mod folders;
mod missing;
mod parts;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::figures::{self, Drawing, Figures};
use super::run::use_threads;
use super::{Exit, Failure, format, output};
use crate::config::Config;
use crate::record::{Format, Kinds, Manifest, Mode, State, Tables};

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line")]
pub(super) struct Args {
    /// Folders of shards, finished or not, or of whole runs; they are only read
    #[arg(conflicts_with = "plan", value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// The plan whose parts are to be merged: cluster/plan.json in the run's folder, or the folder `cluster` itself
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Where the run goes; if it is there already, it is gone on with. The folder of the plan's run unless given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write the tables of what there is, although trials are missing
    #[arg(long)]
    partial: bool,
    /// Take rows of several kinds of engine or machine; manifest.json then says which
    #[arg(long)]
    mixed: bool,
    /// Move what is in --out aside and start over
    #[arg(long)]
    fresh: bool,
    /// How the tables are written: csv, or parquet in parts (if built with that feature). Unless given, as --out has them, and
    /// csv in a new one
    #[arg(long, value_name = "FORMAT", value_parser = format::parse)]
    format: Option<Format>,
    /// Threads; as many as there are cores unless given
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
    /// Leave the figures undrawn; `nullsweep figures` draws them later
    #[arg(long)]
    no_figures: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    use_threads(args.threads)?;
    match (&args.plan, &args.out) {
        (Some(plan), _) => parts::run(args, plan),
        (None, Some(out)) if !args.folders.is_empty() => folders::run(args, out),
        (None, _) => Err(Failure::usage(
            "nothing to merge: give the folders of shards and --out DIR, or --plan PLAN for a run on many machines",
        )),
    }
}

impl Args {
    /// Says `text` unless nothing is to be said.
    fn say(&self, text: &str) {
        if !self.quiet {
            output::note(text);
        }
    }

    fn kinds(&self) -> Kinds {
        if self.mixed { Kinds::Mixed } else { Kinds::One }
    }

    fn mode(&self) -> Mode<'static> {
        if self.fresh { Mode::Fresh } else { Mode::Resume }
    }

    fn tables(&self) -> Tables {
        if self.partial { Tables::Partial } else { Tables::Complete }
    }

    /// Says of how many kinds the rows are, if of several.
    fn tell_kinds(&self, kinds: &[Value]) {
        if kinds.len() > 1 {
            let words: Vec<String> = kinds.iter().map(kind_text).collect();
            self.say(&format!("rows of {} kinds: {}", kinds.len(), words.join("; ")));
        }
    }
}

/// The figures and the report of the merged run. Those of some of its trials would be mistaken for those of all.
fn drawing(args: &Args, out: &Path, manifest: &Manifest, config: Option<&Config>) -> Drawing {
    match config {
        Some(config) if manifest.state == State::Complete => {
            let wanted = if args.no_figures { Figures::Left } else { Figures::Drawn };
            figures::present(config, manifest, out, wanted, &output::note)
        }
        _ => Drawing::default(),
    }
}

/// `cpu-f64 on x86_64-linux`, with the adapter where there is one.
fn kind_text(kind: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let text = format!("{} on {}", word(&kind["engine"]), word(&kind["platform"]));
    match &kind["adapter"]["name"] {
        Value::String(name) => format!("{text} ({name})"),
        _ => text,
    }
}
