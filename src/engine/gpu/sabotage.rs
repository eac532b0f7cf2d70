//! Faults that a test plans for a device: what happens then is real (the device is destroyed, the work is not done),
//! only the moment is chosen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use super::fault::{Fault, FaultKind};

/// Shared by a device and those that are opened in its place.
#[derive(Clone, Default)]
pub(super) struct Sabotage(Arc<Plan>);

#[derive(Default)]
struct Plan {
    /// Submissions until the device is destroyed, counting from 1; 0 for never.
    until_loss: AtomicU32,
    /// How many more devices are destroyed after the first, each at its first submission.
    more_losses: AtomicU32,
    /// Submissions that vanish without an error.
    swallowed: AtomicU32,
    /// Largest buffer there is memory for; 0 for any.
    largest_buffer: AtomicU64,
    /// Buffers that were larger since the last look.
    refused: AtomicU32,
    /// Whether time stamps come in the wrong order.
    clock_runs_backwards: AtomicBool,
}

/// What becomes of a submission.
pub(super) enum Submission {
    Runs,
    LosesTheDevice,
    IsSwallowed,
}

impl Sabotage {
    /// Destroys the device at its `nth` submission from now on, and then `more` devices that take its place.
    pub(super) fn lose_at(&self, nth: u32, more: u32) {
        self.0.until_loss.store(nth, Ordering::Relaxed);
        self.0.more_losses.store(more, Ordering::Relaxed);
    }

    /// Does not run the next `count` submissions.
    pub(super) fn swallow(&self, count: u32) {
        self.0.swallowed.store(count, Ordering::Relaxed);
    }

    /// Has no memory for a buffer of more than `bytes`.
    pub(super) fn limit_memory(&self, bytes: u64) {
        self.0.largest_buffer.store(bytes, Ordering::Relaxed);
    }

    /// Turns the order of all time stamps round.
    pub(super) fn run_the_clock_backwards(&self) {
        self.0.clock_runs_backwards.store(true, Ordering::Relaxed);
    }

    pub(super) fn stamped(&self, mut stamps: Vec<u64>) -> Vec<u64> {
        if self.0.clock_runs_backwards.load(Ordering::Relaxed) {
            stamps.reverse();
        }
        stamps
    }

    pub(super) fn submit(&self) -> Submission {
        let plan = &self.0;
        match plan.until_loss.load(Ordering::Relaxed) {
            0 => {}
            1 => {
                let more = plan.more_losses.load(Ordering::Relaxed);
                plan.until_loss.store(u32::from(more > 0), Ordering::Relaxed);
                plan.more_losses.store(more.saturating_sub(1), Ordering::Relaxed);
                return Submission::LosesTheDevice;
            }
            left => plan.until_loss.store(left - 1, Ordering::Relaxed),
        }
        match plan.swallowed.load(Ordering::Relaxed) {
            0 => Submission::Runs,
            left => {
                plan.swallowed.store(left - 1, Ordering::Relaxed);
                Submission::IsSwallowed
            }
        }
    }

    pub(super) fn allocate(&self, bytes: u64) {
        let largest = self.0.largest_buffer.load(Ordering::Relaxed);
        if largest > 0 && bytes > largest {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn check_memory(&self) -> Result<(), Fault> {
        match self.0.refused.swap(0, Ordering::Relaxed) {
            0 => Ok(()),
            count => Err(Fault {
                kind: FaultKind::OutOfMemory,
                message: format!("device error: {count} buffer(s) too many"),
            }),
        }
    }
}
