//! What a user sees of a bug: one line with what to do, and an exit code, instead of a backtrace.

use std::panic::{self, AssertUnwindSafe};

use super::{Exit, Failure, output};
use crate::run::{panic_is_caught, panic_message};

/// Makes every panic one line on stderr; with `RUST_BACKTRACE` set, the usual report comes with it. A panic that becomes
/// a trial's failure is told as such and not here, unless it was on another thread than the one that waits for it.
pub(super) fn explain() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if panic_is_caught(info) {
            return;
        }
        let place = info.location().map(|place| format!(" ({place})")).unwrap_or_default();
        output::note(&format!("bug: {}{place}", panic_message(info.payload())));
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            usual(info);
        }
    }));
}

/// Runs a verb; a panic is a failure like others.
pub(super) fn as_failure(verb: impl FnOnce() -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    // Nothing of the verb is used after it.
    panic::catch_unwind(AssertUnwindSafe(verb)).unwrap_or_else(|_| {
        Err(Failure::failed(
            "this is a bug of nullsweep: please report it with the command and the line above; a run keeps what is \
             recorded and goes on with the same command",
        ))
    })
}
