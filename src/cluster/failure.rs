//! What is known of a shard that failed, for good or in a way that may pass: one small file, which goes when the shard succeeds.

use serde::{Deserialize, Serialize};

use super::Layout;
use super::layout::failure_name;
use crate::record::{Owner, RecordError, publish_beside_others};

/// Exit code of a failure that may pass when it is tried again: EX_TEMPFAIL of sysexits.h.
pub const TRANSIENT: u8 = 75;

/// The last failure of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which shard, from 0.
    pub shard: u32,
    /// In words.
    pub error: String,
    /// Exit code of the process.
    pub exit: u8,
    /// Who it happened to, and when.
    #[serde(flatten)]
    pub owner: Owner,
    /// How many times the shard has failed so far, this one included.
    pub failures: u32,
}

impl Failure {
    /// Notes that shard `index` failed here and now.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    pub fn note(layout: &Layout, index: u32, error: &str, exit: u8) -> Result<(), RecordError> {
        let before = Self::read(layout, index).map_or(0, |failure| failure.failures);
        let failure = Self {
            shard: index,
            error: error.to_owned(),
            exit,
            owner: Owner::current(),
            failures: before.saturating_add(1),
        };
        let path = layout.failure(index);
        let text =
            serde_json::to_string_pretty(&failure).map_err(|error| RecordError::io("write", &path)(error.into()))?;
        publish_beside_others(&layout.failed(), &failure_name(index), (text + "\n").as_bytes())
    }

    /// Whether it is of no use to try again as things are.
    pub fn is_final(&self) -> bool {
        self.exit != TRANSIENT
    }

    /// What is noted of shard `index`; a note that cannot be read is as good as none.
    pub fn read(layout: &Layout, index: u32) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(layout.failure(index)).ok()?).ok()
    }

    /// Removes what is noted of shard `index`, which has succeeded.
    pub(super) fn forget(layout: &Layout, index: u32) {
        // A published part counts more than any note about it.
        let _ = std::fs::remove_file(layout.failure(index));
    }
}
