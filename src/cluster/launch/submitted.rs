//! `cluster/submitted.json`: what was handed to which engine. A note for people and for `status`; what is done is told by
//! the parts alone.

use std::fs;

use serde::{Deserialize, Serialize};

use super::Engine;
use crate::cluster::Layout;
use crate::record::{RecordError, now, publish};

/// The file.
const FILE: &str = "submitted.json";

/// All submissions of a plan, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submissions {
    /// In order.
    pub submissions: Vec<Submission>,
}

/// One hand-over to an engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// To whom.
    pub engine: Engine,
    /// By which name the engine knows the jobs.
    pub name: String,
    /// When, in UTC.
    pub when: String,
    /// Which shards, as `0-3,7`; empty if only the merge was left.
    pub shards: String,
    /// The engine's number of the array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub array: Option<String>,
    /// The engine's number of the merge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge: Option<String>,
}

impl Submissions {
    /// What was submitted for the plan of `layout`; nothing if there is no such file, or none that can be read: it is a
    /// note, and nothing depends on it but what `status` can say.
    pub fn read(layout: &Layout) -> Self {
        let bytes = fs::read(layout.folder().join(FILE)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Adds `submission` to the file.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    pub(super) fn note(layout: &Layout, submission: Submission) -> Result<(), RecordError> {
        let mut all = Self::read(layout);
        all.submissions.push(submission);
        let path = layout.folder().join(FILE);
        let text = serde_json::to_string_pretty(&all).map_err(|error| RecordError::io("write", &path)(error.into()))?;
        publish(&layout.folder(), FILE, (text + "\n").as_bytes())
    }
}

impl Submission {
    /// Handed over now.
    pub(super) fn now(engine: Engine, name: &str, shards: &[u32]) -> Self {
        let (name, shards) = (name.to_owned(), super::indices::compact(shards));
        Self { engine, name, when: now(), shards, array: None, merge: None }
    }
}
