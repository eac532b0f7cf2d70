//! `nullsweep plan CONFIG`: what a run would do.

use super::{ConfigArgs, Exit, Failure, output};
use crate::plan::Plan;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let config = args.config.load()?;
    let plan = Plan::new(&config);
    if args.json {
        output::json(&plan.to_json())?;
    } else {
        output::data(&plan.to_text())?;
    }
    Ok(Exit::Ok)
}
