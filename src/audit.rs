//! A finished run, audited: its files are what the manifest says, its journal has every trial, its trials are rebuilt from the config in the manifest,
//! and nalgebra recomputes their singular values.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use rayon::prelude::*;

use crate::config::Config;
use crate::design;
use crate::deviation::{Warning, warnings};
use crate::expectation;
use crate::finished::{FinishedError, FinishedRun};
use crate::grid::Trial;
use crate::linalg::Scalar;
use crate::record::{
    ExpectationRow, JournalState, RecordError, SpectrumEntry, SpectrumReader, THEORY_FILE, foreign_parts,
    sha256_of_file, table_of,
};
use crate::verify::{is_chosen, nalgebra_singular_values, tolerance};

/// Rows that are rebuilt at a time: memory stays bounded, threads stay busy.
const ROWS_AT_A_TIME: usize = 256;

/// What was looked at and what was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audit {
    /// Rows of the spectrum table.
    pub trials: usize,
    /// Rows that were recomputed.
    pub recomputed: usize,
    /// Of those, rows for which nalgebra has no answer (no convergence, or a contradiction to ||X||_F).
    pub without_answer: usize,
    /// Largest |sigma - nalgebra's sigma| / sigma_max over the recomputed rows.
    pub largest_rel_diff: f64,
    /// What became of the journal.
    pub journal: JournalState,
    /// Everything that is wrong, in the order of the rows.
    pub findings: Vec<Finding>,
    /// What the config expects, as the tables have it now; empty where it expects nothing.
    pub expectations: Vec<ExpectationRow>,
    /// Cells that deviate further from a law than chance allows: no error of the run as far as is known, but a reason to look.
    pub warnings: Vec<Warning>,
}

/// Something that is wrong with a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// A file is not the one that the run wrote.
    FileChanged(String),
    /// A file that the run wrote is not there.
    FileMissing(String),
    /// A part of a table that the run did not write: whoever reads all parts of the folder takes its rows for the run's.
    FileForeign(String),
    /// The journal no longer has what the run recorded in it.
    Journal(JournalState),
    /// A data file of the config is not the one that the run read, or this version reads the config otherwise: the trials
    /// that are rebuilt may be others.
    InputChanged,
    /// A row is not the one that belongs in its place.
    Misplaced {
        /// Row of the spectrum table, from 0.
        row: usize,
    },
    /// The run itself found that nalgebra disagrees, perhaps on a value that spectrum.csv does not show.
    Recorded {
        /// Which trial.
        trial: Trial,
    },
    /// A trial that the run computed cannot be made again.
    NotRebuilt {
        /// Which trial.
        trial: Trial,
        /// Why not.
        why: String,
    },
    /// What the config expects cannot be measured, for the reason given.
    NotMeasured(String),
    /// The tables do not show what the config expects of them.
    Unmet(Box<ExpectationRow>),
    /// nalgebra's value lies outside the row's enclosure, or the row's value is not beside nalgebra's.
    Disagreement {
        /// Which trial.
        trial: Trial,
        /// `sigma_max` or `sigma_min`.
        column: &'static str,
        /// The row's value with its enclosure (value, lo, hi).
        row: [Option<f64>; 3],
        /// nalgebra's value.
        nalgebra: f64,
    },
}

impl Finding {
    /// Whether a file with rows of `table` is not what the run wrote.
    fn is_of(&self, table: &str) -> bool {
        matches!(self, Self::FileChanged(name) | Self::FileMissing(name) if table_of(name) == Some(table))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileChanged(name) => write!(f, "{name} is not the file that the run wrote (its hash differs)"),
            Self::FileMissing(name) => write!(
                f,
                "{name} is missing: `nullsweep run` into this folder, or `merge` for a run on many machines, writes it again"
            ),
            Self::FileForeign(name) => {
                write!(
                    f,
                    "{name} is no part of this run, but a query over all files of the folder would read it: move it away"
                )
            }
            Self::Journal(state) => state.fmt(f),
            Self::Misplaced { row } => write!(f, "table spectrum, row {}: not the trial that belongs here", row + 1),
            Self::InputChanged => f.write_str(
                "the config in manifest.json no longer describes this run: a data file has changed, or this version \
                 reads the config otherwise",
            ),
            Self::Recorded { trial } => write!(f, "{trial}: status disagrees, by nalgebra's answer during the run"),
            Self::NotMeasured(why) => write!(f, "what the config expects cannot be measured: {why}"),
            Self::Unmet(row) => write!(f, "{row}"),
            Self::NotRebuilt { trial, why } => write!(f, "{trial}: cannot be rebuilt: {why}"),
            Self::Disagreement { trial, column, row: [value, lo, hi], nalgebra } => {
                let text = |x: &Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:e}"));
                write!(
                    f,
                    "{trial}: {column} = {} in [{}, {}], nalgebra says {nalgebra:e}",
                    text(value),
                    text(lo),
                    text(hi)
                )
            }
        }
    }
}

/// Audits the run in `dir`, recomputing about the share `fraction` (0 to 1) of its trials.
///
/// # Errors
/// [`FinishedError`], where there is nothing to audit.
pub fn audit(dir: &Path, fraction: f64) -> Result<Audit, FinishedError> {
    let FinishedRun { manifest, config } = FinishedRun::open(dir)?;
    let mut audit = Audit::default();
    if manifest.identity.description["settings"]["config"] != config.source.identity {
        audit.findings.push(Finding::InputChanged);
    }
    for file in &manifest.files {
        match sha256_of_file(&dir.join(&file.name)) {
            Ok(hash) if hash == file.sha256 => {}
            Ok(_) => audit.findings.push(Finding::FileChanged(file.name.clone())),
            Err(error) if is_missing(&error) => audit.findings.push(Finding::FileMissing(file.name.clone())),
            Err(error) => return Err(error.into()),
        }
    }
    audit.findings.extend(foreign_parts(dir, &manifest)?.into_iter().map(Finding::FileForeign));
    audit.journal = JournalState::of(dir, &manifest)?;
    if audit.journal.is_fault() {
        audit.findings.push(Finding::Journal(audit.journal));
    }
    let unreadable = audit.findings.iter().any(|finding| finding.is_of("spectrum"));
    if manifest.files.iter().any(|file| file.name == THEORY_FILE) {
        match warnings(dir) {
            Ok(warnings) => audit.warnings = warnings,
            // A file that is gone or changed is among the findings.
            Err(_) if !audit.findings.is_empty() => {}
            Err(error) => return Err(error.into()),
        }
    }
    match expectation::rows(&config, dir) {
        Ok(rows) => audit.expectations = rows.unwrap_or_default(),
        Err(error) => audit.findings.push(Finding::NotMeasured(error.to_string())),
    }
    audit.findings.extend(
        audit.expectations.iter().filter(|row| !row.is_met()).cloned().map(|row| Finding::Unmet(Box::new(row))),
    );
    let mut rows = match SpectrumReader::open(dir) {
        // It is among the findings, and there are no rows to be looked at.
        Err(error) if is_missing(&error) && !audit.findings.is_empty() => return Ok(audit),
        Err(RecordError::Damaged { .. }) if unreadable => return Ok(audit),
        other => other?,
    };
    loop {
        let entries: Vec<SpectrumEntry> = match rows.by_ref().take(ROWS_AT_A_TIME).collect() {
            // A part that is not the run's, and so among the findings: what lies before it has been looked at.
            Err(RecordError::Damaged { .. }) if unreadable => return Ok(audit),
            entries => entries?,
        };
        if entries.is_empty() {
            break;
        }
        audit.check(&config, &entries, fraction);
    }
    if audit.trials != config.grid.trial_count() {
        audit.findings.push(Finding::Misplaced { row: audit.trials });
    }
    Ok(audit)
}

fn is_missing(error: &RecordError) -> bool {
    matches!(error, RecordError::Io { source, .. } if source.kind() == ErrorKind::NotFound)
}

impl Audit {
    fn check(&mut self, config: &Config, entries: &[SpectrumEntry], fraction: f64) {
        let first = self.trials;
        let checked: Vec<Checked> =
            entries.par_iter().enumerate().map(|(at, entry)| check_row(config, first + at, entry, fraction)).collect();
        self.trials += entries.len();
        for row in checked {
            match row {
                Checked::NotChosen => {}
                Checked::Wrong(finding) => self.findings.push(finding),
                Checked::NoAnswer => {
                    self.recomputed += 1;
                    self.without_answer += 1;
                }
                Checked::Compared { rel_diff, findings } => {
                    self.recomputed += 1;
                    self.largest_rel_diff = Scalar::max(self.largest_rel_diff, rel_diff);
                    self.findings.extend(findings);
                }
            }
        }
    }
}

/// What became of one row.
enum Checked {
    NotChosen,
    /// Not to be compared: something else is wrong with it.
    Wrong(Finding),
    NoAnswer,
    Compared {
        rel_diff: f64,
        findings: Vec<Finding>,
    },
}

fn check_row(config: &Config, row: usize, entry: &SpectrumEntry, fraction: f64) -> Checked {
    if row >= config.grid.trial_count() {
        return Checked::Wrong(Finding::Misplaced { row });
    }
    let trial = config.grid.trial(row);
    let belongs =
        (entry.n, entry.d, entry.epsilon, entry.replicate) == (trial.n, trial.d, trial.epsilon, trial.replicate);
    if !belongs {
        return Checked::Wrong(Finding::Misplaced { row });
    }
    if entry.status == "disagrees" {
        return Checked::Wrong(Finding::Recorded { trial });
    }
    if !is_chosen(&trial, fraction) || entry.status == "failed" {
        return Checked::NotChosen;
    }
    match design::build(&config.design, &config.target, config.grid.seeding, &trial) {
        Ok(problem) => {
            nalgebra_singular_values(&problem.x).map_or(Checked::NoAnswer, |theirs| compare(trial, entry, &theirs))
        }
        Err(error) => Checked::Wrong(Finding::NotRebuilt { trial, why: error.to_string() }),
    }
}

fn compare(trial: Trial, entry: &SpectrumEntry, theirs: &[f64]) -> Checked {
    let (Some(&largest), Some(&smallest)) = (theirs.first(), theirs.last()) else { return Checked::NoAnswer };
    let Some(route) = entry.route else { return Checked::NoAnswer };
    let tolerance = tolerance(trial.n, trial.d, route, largest);
    let mut rel_diff = 0.0;
    let mut findings = Vec::new();
    for (column, row, nalgebra) in [("sigma_max", entry.sigma_max, largest), ("sigma_min", entry.sigma_min, smallest)] {
        let [value, lo, hi] = row;
        let enclosed = lo.is_some_and(|lo| lo - tolerance.theirs <= nalgebra)
            && hi.is_some_and(|hi| nalgebra <= hi + tolerance.theirs);
        // An unresolved sigma_min claims no value.
        let difference = value.map_or(0.0, |value| (value - nalgebra).abs());
        let close = difference <= tolerance.ours;
        if difference > 0.0 || difference.is_nan() {
            rel_diff = Scalar::max(rel_diff, difference / largest);
        }
        if !(enclosed && close) {
            findings.push(Finding::Disagreement { trial, column, row, nalgebra });
        }
    }
    Checked::Compared { rel_diff, findings }
}
