//! The `nullsweep` command: see the library's documentation for how it is built.

use std::process::ExitCode;

fn main() -> ExitCode {
    nullsweep::cli::main()
}
