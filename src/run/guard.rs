//! A panic while one trial is computed is a bug, and that trial's failure: the others must not be lost by it.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

use super::Cause;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    /// Where the last guarded panic of this thread came from.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`, which changes nothing that is used after it failed.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Cause> {
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    result.map_err(|payload| {
        let place = PLACE.take().map(|place| format!(" ({place})")).unwrap_or_default();
        Cause::Panic(format!("{}{place}", message(&*payload)))
    })
}

/// Whether the panic that a hook is told of will become a trial's failure; its place is kept for the words of that.
pub fn is_caught(panic: &PanicHookInfo<'_>) -> bool {
    let caught = GUARDED.get();
    if caught {
        PLACE.set(panic.location().map(ToString::to_string));
    }
    caught
}

/// What a panic said.
pub fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
