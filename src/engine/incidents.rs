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
    /// What happened, in one line: `the device was lost once, opened again once`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = |count: u64| if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let counted = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let parts = [
            (self.lost, format!("the device was lost {}", times(self.lost))),
            (self.reopened, format!("opened again {}", times(self.reopened))),
            (self.halved, counted(self.halved, "chunk", "chunks") + " halved for lack of memory"),
            (self.unanswered, counted(self.unanswered, "matrix", "matrices") + " sent once more for want of an answer"),
            (self.by_fallback, counted(self.by_fallback, "matrix", "matrices") + " computed on the CPU instead"),
        ];
        let happened: Vec<String> = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
        f.write_str(&if happened.is_empty() { "nothing happened".to_owned() } else { happened.join(", ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_told_in_one_line() {
        let incidents = Incidents { lost: 1, reopened: 1, halved: 0, unanswered: 1, by_fallback: 3 };
        assert_eq!(
            incidents.to_string(),
            "the device was lost once, opened again once, 1 matrix sent once more for want of an answer, 3 matrices \
             computed on the CPU instead"
        );
        assert!(Incidents::default().is_none() && !incidents.is_none());
    }
}
