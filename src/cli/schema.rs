//! `nullsweep schema`: the JSON schema of the config format.

use super::{Exit, Failure, output};

const SCHEMA: &str = include_str!("../../schema/nullsweep.json");

pub(super) fn run() -> Result<Exit, Failure> {
    output::done(SCHEMA)
}
