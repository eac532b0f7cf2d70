//! What `diagnose` leaves behind beside its report: a folder, and an exit code for pipelines.

use std::path::{Path, PathBuf};

use crate::cli::{Failure, output};
use crate::data::DataError;
use crate::diagnose::out::{Existing, claim, names_of_folders, write, write_failure};
use crate::diagnose::{Condition, Grid, Met, Report, RidgeSettings, error_line, json_line};

#[derive(Debug, clap::Args)]
pub(super) struct Outcome {
    /// Penalties of the ridge path (with --target), LEAST:LARGEST:COUNT on a logarithmic scale, or auto
    #[arg(long, value_name = "GRID", default_value = "auto", requires = "target")]
    ridge_grid: Grid,
    /// What the least penalty is to bring kappa_ridge down to (with --target)
    #[arg(long, value_name = "KAPPA", default_value = "1e6", value_parser = kappa_bound, requires = "target")]
    kappa_bound: f64,
    /// Write tables (CSV), figures (SVG, PDF, PNG) and the report into this folder; of several files each into a folder of its own in it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write into the folder of --out although something else is in it
    #[arg(long, requires = "out")]
    force: bool,
    /// Exit with 1 if a file meets a condition: unresolved, deficient, collinear, kappa>NUMBER, vif>NUMBER (in quotes), normal-equations
    #[arg(long, value_name = "CONDITION,...", value_delimiter = ',')]
    fail_on: Vec<Condition>,
}

impl Outcome {
    pub(super) fn ridge(&self) -> RidgeSettings {
        RidgeSettings { grid: self.ridge_grid, kappa_bound: self.kappa_bound }
    }

    /// Makes the folder ready before anything is computed.
    pub(super) fn folders(&self, files: &[PathBuf]) -> Result<Folders, Failure> {
        let Some(dir) = &self.out else { return Ok(Folders(Vec::new().into_iter())) };
        let existing = if self.force { Existing::WriteInto } else { Existing::Refuse };
        claim(dir, existing).map_err(|error| Failure::usage(error.to_string()))?;
        let folders = match files {
            [_] => vec![dir.clone()],
            several => names_of_folders(several).into_iter().map(|name| dir.join(name)).collect(),
        };
        Ok(Folders(folders.into_iter()))
    }

    /// Whether the files that nobody reads the report of matter all the same.
    pub(super) fn outlives_its_reader(&self) -> bool {
        self.out.is_some() || !self.fail_on.is_empty()
    }

    /// The conditions that `report` meets, which are told.
    pub(super) fn met(&self, file: &Path, report: &Report) -> Vec<Met> {
        let met = Condition::met_by(&self.fail_on, report);
        for Met { condition, reason } in &met {
            output::note(&format!("{}: --fail-on {condition}: {reason}", file.display()));
        }
        met
    }
}

/// One folder per file, in their order; none without `--out`.
pub(super) struct Folders(std::vec::IntoIter<PathBuf>);

impl Folders {
    /// Writes into the folder of the next file: its diagnosis, or why there is none.
    pub(super) fn write_next(
        &mut self,
        path: &Path,
        result: &Result<Report, DataError>,
        met: &[Met],
    ) -> Result<(), Failure> {
        let Some(dir) = self.0.next() else { return Ok(()) };
        let file = path.display().to_string();
        let written = match result {
            Ok(report) => {
                let json = json_line(&file, report, met).map_err(|error| Failure::failed(error.to_string()))?;
                write(&dir, report, &json, &report.to_text(&file))
            }
            Err(error) => write_failure(&dir, &error_line(&file, &error.to_string()), &format!("error: {error}")),
        };
        written.map_err(|error| Failure::failed(error.to_string()))
    }
}

fn kappa_bound(text: &str) -> Result<f64, String> {
    let bound: Option<f64> = text.trim().parse().ok();
    bound.filter(|bound| *bound > 1.0 && bound.is_finite()).ok_or_else(|| "give a finite number above 1".to_owned())
}
