//! What may be asked of `diagnose`.

use std::path::PathBuf;

use super::outcome::Outcome;
use super::reading::{self, Reading};
use crate::cli::Failure;
use crate::diagnose::{Memory, Settings, Source};
use crate::engine::{Device, Precision};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Matrices, one row per observation: .csv, .tsv or .npy
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// What the columns are to explain: a column of every file, by name or position from 1, or a .csv, .tsv or .npy file
    #[arg(long, value_name = "COLUMN|FILE")]
    target: Option<String>,
    /// Ridge penalties to solve for (with --target); 0 is the minimum-norm least-squares solution
    #[arg(long, value_name = "L,...", value_delimiter = ',', requires = "target", default_value = "0")]
    #[arg(value_parser = penalty, allow_negative_numbers = true)]
    lambda: Vec<f64>,
    #[command(flatten)]
    reading: Reading,
    /// Where to compute: auto, cpu, gpu or gpu:INDEX
    #[arg(long, default_value = "auto")]
    pub(super) device: Device,
    /// In which precision: auto, f32, df32 or f64
    #[arg(long, default_value = "auto")]
    pub(super) precision: Precision,
    /// Wanted relative half-width of the enclosure of sigma_min
    #[arg(long, default_value = "1e-6", value_parser = half_width)]
    rtol: f64,
    /// Print one JSON object a line, one line per file
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) outcome: Outcome,
}

impl Args {
    /// What is asked of every file.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            precision: self.precision,
            rtol: self.rtol,
            lambdas: self.lambda.clone(),
            ridge: self.outcome.ridge(),
        }
    }

    /// How the files become problems.
    pub(super) fn source(&self) -> Result<Source, Failure> {
        let options = self.reading.options();
        let target = self.target.as_deref().map(|target| reading::target(target, &options)).transpose()?;
        Ok(Source { options, target, preparation: self.reading.preparation(), memory: Memory::default() })
    }
}

fn penalty(text: &str) -> Result<f64, String> {
    number(text, |lambda| lambda >= 0.0 && lambda.is_finite(), "give numbers of at least 0, separated by commas")
}

fn half_width(text: &str) -> Result<f64, String> {
    number(text, |rtol| 0.0 < rtol && rtol < 1.0, "give a number between 0 and 1, both excluded")
}

fn number(text: &str, allowed: impl Fn(f64) -> bool, remedy: &str) -> Result<f64, String> {
    text.trim().parse().ok().filter(|&x| allowed(x)).ok_or_else(|| remedy.to_owned())
}
