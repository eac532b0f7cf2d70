//! `nullsweep example`: the textbook examples.

use clap::builder::PossibleValuesParser;
use serde_json::json;

use super::{Exit, Failure, output};
use crate::example::{Example, NAMES};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which example to work, or `list` for a line about each.
    #[arg(value_parser = PossibleValuesParser::new(NAMES.into_iter().chain(["list"])))]
    name: String,
    /// Print every number with its bounds as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if args.name == "list" {
        list(args.json)?;
    } else {
        let example = Example::parse(&args.name).map_err(|error| Failure::usage(error.to_string()))?;
        let report = example.work();
        if args.json { output::json(&report.to_json())? } else { output::data(&report.to_text())? }
    }
    Ok(Exit::Ok)
}

fn list(json: bool) -> Result<(), Failure> {
    if json {
        let examples = Example::ALL.map(|example| json!({ "name": example.name(), "about": example.about() }));
        return output::json(&json!(examples));
    }
    let lines: String = Example::ALL.map(|example| format!("{:<12}  {}\n", example.name(), example.about())).concat();
    output::data(&lines)
}
