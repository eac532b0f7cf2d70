//! What went wrong with a device during a run and was put right: counted, for the user's information and the manifest.

use std::fmt;

use serde::Serialize;

/// Counts since an engine was opened; all 0 on the CPU engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Incidents {
    /// Times the device was lost: a driver reset, a device unplugged, no answer at all.
    pub lost: u64,
    /// Times it was opened again and passed its self-test again.
    pub reopened: u64,
    /// Chunks that were cut in two because the device had no memory for them.
    pub halved: u64,
    /// Matrices that came back without the marker of a finished kernel and were sent once more.
    pub unanswered: u64,
    /// Matrices that the fallback engine served in the end, once for every time they were asked for.
    pub by_fallback: u64,
}

impl Incidents {
    /// Whether nothing happened.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Incidents {
    /// What happened, in one line: `the device was lost (1) and opened again (1)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.lost, "times the device was lost"),
            (self.reopened, "times it was opened again"),
            (self.halved, "chunks were halved for lack of memory"),
            (self.unanswered, "matrices had no answer and were sent once more"),
            (self.by_fallback, "matrices were computed on the CPU instead"),
        ];
        let happened: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        f.write_str(&if happened.is_empty() { "nothing happened".to_owned() } else { happened.join(", ") })
    }
}
