//! stub until merge
use super::{Exit, Failure};
#[derive(Debug, clap::Args)]
pub(super) struct Args {}
pub(super) fn run(_: &Args) -> Result<Exit, Failure> {
    Ok(Exit::Ok)
}
