//! How a signal stops a run: once after the chunks under way, twice at once.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Exit, Failure, output};

static STOP_ASKED: AtomicBool = AtomicBool::new(false);

/// Makes the first SIGINT, SIGTERM or SIGHUP (a terminal that goes away) stop after the chunks under way and the second end
/// the program at once. To be called before any thread is started.
pub(super) fn listen() -> Result<(), Failure> {
    keep_ignoring_hangups();
    ctrlc::set_handler(|| {
        if STOP_ASKED.swap(true, Ordering::SeqCst) {
            // Everything recorded is in the hands of the operating system already.
            std::process::exit(Exit::Interrupted.code().into());
        }
        output::note("stopping after what is under way (once more: at once)");
    })
    .map_err(|error| Failure::failed(format!("cannot listen to signals: {error}")))
}

/// Whether a signal has asked to stop.
pub(super) fn stop_asked() -> bool {
    STOP_ASKED.load(Ordering::SeqCst)
}

/// Under `nohup` a hangup is to be ignored, but the handler below would be told of it all the same: it is blocked
/// instead, for this thread and those that it will start.
#[cfg(target_os = "linux")]
fn keep_ignoring_hangups() {
    use nix::sys::signal::{SigSet, Signal};

    let ignored = std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangups(&status));
    if ignored {
        let mut hangup = SigSet::empty();
        hangup.add(Signal::SIGHUP);
        // Fails for invalid arguments only; the run would then stop at a hangup, and go on when it is started again.
        let _ = hangup.thread_block();
    }
}

/// Other systems do not tell a safe program which signals it ignores.
#[cfg(not(target_os = "linux"))]
fn keep_ignoring_hangups() {}

/// Whether the mask of ignored signals in this `/proc/PID/status` has SIGHUP, signal 1, its lowest bit.
#[cfg(target_os = "linux")]
fn ignores_hangups(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        assert!(ignores_hangups("Name:\tnullsweep\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"));
        assert!(!ignores_hangups("SigIgn:\t0000000000001000\n"));
        assert!(!ignores_hangups("SigCgt:\t0000000000000001\n"));
    }
}
