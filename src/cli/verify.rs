//! `nullsweep verify DIR`: a finished run against nalgebra and what its config expects, from nothing but its folder.

use std::path::PathBuf;

use serde_json::json;

use super::{Exit, Failure, expectations, output};
use crate::audit::{Audit, audit};
use crate::record::JournalState;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run's folder
    dir: PathBuf,
    /// Share of the trials to recompute, from 0 to 1
    #[arg(long, default_value_t = 1.0)]
    fraction: f64,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if !(0.0..=1.0).contains(&args.fraction) {
        return Err(Failure::usage(format!("--fraction {}: give a share from 0 to 1", args.fraction)));
    }
    let audit = audit(&args.dir, args.fraction).map_err(|error| Failure::usage(error.to_string()))?;
    if args.json {
        let findings: Vec<String> = audit.findings.iter().map(ToString::to_string).collect();
        output::json(&json!({
            "folder": args.dir.display().to_string(),
            "trials": audit.trials,
            "recomputed": audit.recomputed,
            "without_answer": audit.without_answer,
            "largest_rel_diff": audit.largest_rel_diff,
            "journal": audit.journal.to_string(),
            "expectations": expectations::to_json(&audit.expectations),
            "findings": findings,
            "warnings": audit.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))?;
    } else {
        output::data(&text(&audit))?;
    }
    Ok(if audit.findings.is_empty() { Exit::Ok } else { Exit::Verification })
}

fn text(audit: &Audit) -> String {
    let mut lines: Vec<String> = audit.findings.iter().map(ToString::to_string).collect();
    lines.extend(audit.warnings.iter().map(ToString::to_string));
    lines.extend(expectations::tally(&audit.expectations));
    lines.push(format!(
        "{} of {} trials recomputed, {} without an answer from nalgebra; largest difference {:.1e} of sigma_max; {}{}",
        audit.recomputed,
        audit.trials,
        audit.without_answer,
        audit.largest_rel_diff,
        match audit.findings.len() {
            0 if audit.recomputed == 0 => "nothing was compared, all files are as written".to_owned(),
            0 => "all singular values agree, all files are as written".to_owned(),
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        },
        match audit.journal {
            // No finding, and yet not what the words before let one think.
            state @ (JournalState::Absent | JournalState::OtherFormat(_) | JournalState::Beside { .. }) =>
                format!("; {state}"),
            _ => String::new(),
        }
    ));
    lines.join("\n")
}
