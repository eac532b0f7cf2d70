//! What of a config defines the rows of its tables.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::tree::{Table, Value};
use super::{EngineSpec, VerifySpec};
use crate::design::{DesignSpec, TargetSpec};
use crate::grid::{Grid, Seeding};

/// Sections and keys that change no byte of a table.
const WITHOUT_EFFECT: [&str; 6] = ["name", "question", "figure", "theory", "expect", "run"];

/// Values that a config may leave to their defaults: saying a default aloud makes no other run.
pub(super) struct Resolved<'a> {
    pub(super) engine: &'a EngineSpec,
    pub(super) verify: &'a VerifySpec,
    pub(super) grid: &'a Grid,
}

/// The config `root` as JSON, less what has no effect on the rows (its name, its figures, the device: which engine serves
/// is the caller's to add), plus the contents of data files.
pub(super) fn identity(root: &Table, design: &DesignSpec, target: &TargetSpec, resolved: &Resolved<'_>) -> Json {
    let mut out = match to_json(root) {
        Json::Object(map) => map,
        _ => Map::new(),
    };
    for key in WITHOUT_EFFECT {
        out.remove(key);
    }
    let Resolved { engine, verify, grid } = resolved;
    out.insert("engine".to_owned(), json!({ "precision": engine.precision.to_string(), "rtol": number(engine.rtol) }));
    out.insert("verify".to_owned(), json!({ "fraction": number(verify.fraction) }));
    if let Some(Json::Object(design)) = out.get_mut("design") {
        design.insert("replicates".to_owned(), Json::from(grid.replicates.to_string()));
        if let Seeding::Keyed(seed) = grid.seeding {
            design.insert("seed".to_owned(), Json::from(seed.to_string()));
        }
    }
    // Which tables there are is the schemas' to say.
    out.remove("tables");
    if let Some(Json::Object(grid)) = out.get_mut("grid") {
        grid.remove("tables");
    }
    if let DesignSpec::File { x, .. } = design {
        out.insert("data".to_owned(), json!({ "n": x.rows(), "d": x.cols(), "x_sha256": fingerprint(x.as_slice()) }));
    }
    if let TargetSpec::Given(y) = target {
        out.insert("target_data".to_owned(), json!({ "y_sha256": fingerprint(y) }));
    }
    Json::Object(out)
}

/// As it is written in a config, so that a difference shows in the user's words.
fn number(value: f64) -> String {
    Value::Float(value).to_toml()
}

fn to_json(table: &Table) -> Json {
    Json::Object(table.0.iter().map(|(key, entry)| (key.clone(), value_to_json(&entry.node.value))).collect())
}

fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Text(text) | Value::Datetime(text) => Json::from(text.as_str()),
        Value::Boolean(value) => Json::from(*value),
        // As text: JSON has neither integers of this width nor the difference between 1 and 1.0.
        Value::Integer(_) | Value::Float(_) => Json::from(value.to_toml()),
        Value::Array(items) => items.iter().map(|item| value_to_json(&item.value)).collect(),
        Value::Table(table) => to_json(table),
    }
}

fn fingerprint(values: &[f64]) -> String {
    let mut hash = Sha256::new();
    for value in values {
        hash.update(value.to_le_bytes());
    }
    hexadecimal(&hash.finalize())
}

/// Two lower-case digits a byte.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
