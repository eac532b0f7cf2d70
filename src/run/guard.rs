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

/// This thread is guarded, or not, until this is dropped, also by a panic.
struct Until(bool);

impl Until {
    fn dropped(guarded: bool) -> Self {
        Self(GUARDED.replace(guarded))
    }
}

impl Drop for Until {
    fn drop(&mut self) {
        GUARDED.set(self.0);
    }
}

/// Runs `work`, which leaves nothing half done that is used after it failed.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Cause> {
    let guard = Until::dropped(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    drop(guard);
    result.map_err(|payload| {
        let place = PLACE.take().map(|place| format!(" ({place})")).unwrap_or_default();
        Cause::Panic(format!("{}{place}", message(&*payload)))
    })
}

/// Runs `work`, whose panics are no trial's failure: a thread that waits inside guarded work may be given it to do
/// meanwhile.
pub(super) fn unguarded<T>(work: impl FnOnce() -> T) -> T {
    let _guard = Until::dropped(false);
    work()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_trials_failure_only_in_work_of_that_trial() {
        let seen = guarded(|| {
            let inner = guarded(|| panic!("of a trial"));
            assert!(matches!(inner, Err(Cause::Panic(words)) if words.starts_with("of a trial")));
            let outer = catch_unwind(|| unguarded(|| assert!(GUARDED.get(), "told to everybody")));
            (outer.is_err(), GUARDED.get())
        });
        assert_eq!(seen, Ok((true, true)), "not guarded inside, guarded again behind");
        assert!(!GUARDED.get());
    }
}
