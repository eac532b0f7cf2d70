//! The command line: one file per verb, each a thin layer over the library. Data goes to stdout, all else to stderr.

mod bench;
mod csv;
mod devices;
mod diagnose;
mod example;
mod exit;
mod expectations;
mod figures;
mod format;
mod launch;
mod merge;
mod output;
mod panics;
mod plan;
mod progress;
mod ranges;
mod run;
mod schema;
mod shard;
mod signals;
mod space;
mod status;
mod summary;
mod verify;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use exit::{Exit, Failure};

use crate::config::Config;

/// Batch experiments on linear models: when is a model not identifiable, how close to that is it, what does ridge buy?
#[derive(Debug, Parser)]
#[command(name = "nullsweep", version, arg_required_else_help = true, after_help = exit::HELP)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the sweep that a config describes; on an existing folder of the same config, go on with it
    Run(run::Args),
    /// Join the shards of a run, as many as there are, into the run; missing trials are listed and lead to exit code 1
    Merge(merge::Args),
    /// Hand a run to Slurm, HyperQueue, Kubernetes or processes of this machine; once more, just what is missing of it
    Launch(launch::Args),
    /// Compute one shard of a planned run and publish it: what an engine starts, as often as it likes (exit code 75: try again)
    Shard(shard::Args),
    /// Say how far a run on many machines is: shards published, under way, failed; rate and time left
    Status(status::Args),
    /// Show what a run would do: cells, trials, shapes, bytes. Computes nothing
    Plan(plan::Args),
    /// Rebuild the trials of a finished run from its manifest and compare its tables with nalgebra
    Verify(verify::Args),
    /// Write the tables of a finished run that are in Parquet as CSV, with the bytes that a CSV run writes
    Csv(csv::Args),
    /// Draw the figures of a finished run, or compare them with what would be drawn (--check)
    Figures(figures::Args),
    /// Say what is wrong with matrices of your own: rank, certified singular values, dependent columns, solutions
    Diagnose(diagnose::Args),
    /// List the GPUs, their limits, and which precisions passed the self-test
    Devices(devices::Args),
    /// Measure the CPU path against the GPU path, and each against its parts
    Bench(bench::Args),
    /// Work through a textbook example: null-space, null-vector, left-null, conditioning, salary
    Example(example::Args),
    /// Print the JSON schema of the config format, for editors
    Schema,
}

/// A config file and what is laid over it.
#[derive(Debug, Args)]
struct ConfigArgs {
    /// The config file (TOML)
    config: std::path::PathBuf,
    /// Override a key: `--set grid.n=[64,128]`; the value is TOML. May be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Where to compute: auto, cpu, gpu or gpu:INDEX (the same as `--set engine.device=...`)
    #[arg(long)]
    device: Option<String>,
    /// In which precision: auto, f32, df32 or f64 (the same as `--set engine.precision=...`)
    #[arg(long)]
    precision: Option<String>,
}

impl ConfigArgs {
    fn load(&self) -> Result<Config, Failure> {
        let shorthand = |key: &str, value: &Option<String>| value.as_ref().map(|value| format!("{key}={value}"));
        let sets: Vec<String> = self
            .sets
            .iter()
            .cloned()
            .chain(shorthand("engine.device", &self.device))
            .chain(shorthand("engine.precision", &self.precision))
            .collect();
        Config::load(&self.config, &sets).map_err(|errors| Failure::usage(errors.to_string()))
    }
}

/// Parses the command line, runs the verb, prints an error if there is one.
pub fn main() -> ExitCode {
    let verb = match Cli::try_parse() {
        Ok(cli) => cli.verb,
        Err(error) => {
            // A reader that went away while the help was printed is no reason to complain.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    panics::explain();
    let result = panics::as_failure(|| match verb {
        Verb::Run(args) => run::run(&args),
        Verb::Merge(args) => merge::run(&args),
        Verb::Launch(args) => launch::run(&args),
        Verb::Shard(args) => shard::run(&args),
        Verb::Status(args) => status::run(&args),
        Verb::Plan(args) => plan::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Csv(args) => csv::run(&args),
        Verb::Figures(args) => figures::run(&args),
        Verb::Diagnose(args) => diagnose::run(&args),
        Verb::Devices(args) => devices::run(&args),
        Verb::Bench(args) => bench::run(&args),
        Verb::Example(args) => example::run(&args),
        Verb::Schema => schema::run(),
    });
    result.unwrap_or_else(|failure| failure.report()).into()
}
