//! `nullsweep plan CONFIG`: what a run, or a shard of it, would do.

use super::{ConfigArgs, Exit, Failure, output};
use crate::grid::Shard;
use crate::plan::Plan;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Plan this shard only: I from 0 to N-1
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let config = args.config.load()?;
    let plan = Plan::new(&config, &config.grid.share(args.shard));
    if args.json {
        output::json(&plan.to_json())?;
    } else {
        output::data(&plan.to_text())?;
    }
    Ok(Exit::Ok)
}
