//! What a run and `verify` say of the expectations of a config.

use std::path::Path;

use serde_json::{Value, json};

use crate::comparison::comparisons;
use crate::config::Config;
use crate::record::{Comparisons, ExpectationRow, RecordError};

/// All that `config` asks to be held against the tables in `dir`; what it expects of them stays in `expected` too, to be told.
pub(super) fn compare(
    config: &Config,
    dir: &Path,
    expected: &mut Vec<ExpectationRow>,
) -> Result<Comparisons, RecordError> {
    let found = comparisons(config, dir)?;
    *expected = found.expectations.clone().unwrap_or_default();
    Ok(found)
}

/// How many are met, in all their cells; `None` where nothing is expected.
pub(super) fn tally(rows: &[ExpectationRow]) -> Option<String> {
    let (met, count) = counts(rows);
    let cells = if rows.len() == count { String::new() } else { format!(", in {} cells", rows.len()) };
    (count > 0).then(|| format!("{met} of {count} expectations met{cells}"))
}

/// Those that are met in all their cells, and all of them. The rows of an expectation stand together.
fn counts(rows: &[ExpectationRow]) -> (usize, usize) {
    let expectations = || rows.chunk_by(|row, next| row.id == next.id);
    let met = expectations().filter(|cells| cells.iter().all(ExpectationRow::is_met));
    (met.count(), expectations().count())
}

/// A line for each cell in which one is not met, and the tally.
pub(super) fn lines(rows: &[ExpectationRow]) -> Vec<String> {
    rows.iter().filter(|row| !row.is_met()).map(ToString::to_string).chain(tally(rows)).collect()
}

/// How many there are and are met, and the cells in which one is not.
pub(super) fn to_json(rows: &[ExpectationRow]) -> Value {
    let (met, count) = counts(rows);
    let unmet = |row: &ExpectationRow| {
        json!({
            "id": row.id,
            "cell": row.cell,
            "measured": row.measured,
            "at_least": row.at_least,
            "at_most": row.at_most,
            "rows": row.rows,
            "left_out": row.left_out,
        })
    };
    let unmet: Vec<Value> = rows.iter().filter(|row| !row.is_met()).map(unmet).collect();
    json!({ "count": count, "met": met, "unmet": unmet })
}
