//! What a run and `verify` say of the expectations of a config.

use serde_json::{Value, json};

use crate::record::ExpectationRow;

/// How many are met; `None` where nothing is expected.
pub(super) fn tally(rows: &[ExpectationRow]) -> Option<String> {
    let met = rows.iter().filter(|row| row.is_met()).count();
    (!rows.is_empty()).then(|| format!("{met} of {} expectations met", rows.len()))
}

/// Each that is not met, and the tally.
pub(super) fn lines(rows: &[ExpectationRow]) -> Vec<String> {
    rows.iter().filter(|row| !row.is_met()).map(ToString::to_string).chain(tally(rows)).collect()
}

/// `{"count": ..., "unmet": [...]}`.
pub(super) fn to_json(rows: &[ExpectationRow]) -> Value {
    let unmet: Vec<String> = rows.iter().filter(|row| !row.is_met()).map(ToString::to_string).collect();
    json!({ "count": rows.len(), "unmet": unmet })
}
