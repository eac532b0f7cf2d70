//! `where` conditions.

use std::path::Path;
use std::sync::OnceLock;

use nullsweep::config::Config;

const GRID: &str = "[design]\nkind = \"collinear\"\n[grid]\nn = [2, 3, 50]\nd = [2, 7]\nepsilon = [1e-9, 0.5]\n\
                    lambda = [0.0, 1.0]\n";

/// Longer and deeper conditions are refused as such, which a negation around them may bring about.
const MOST_BYTES: usize = 900;
const REFUSED_BY_SIZE: [&str; 2] = ["nested more than", "bytes long"];

/// Parses and evaluates `data` and its negation.
///
/// # Panics
/// If the parser panics, or if a condition and its negation do not share the grid between them.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let found = points(text);
    let opposite = points(&format!("not ({text})"));
    let sized = |found: &Result<usize, String>| {
        found.as_ref().is_err_and(|words| REFUSED_BY_SIZE.iter().any(|size| words.contains(size)))
    };
    // `n < 3) or (n > 2` is no condition although its negation, put together as text, is one.
    if text.len() > MOST_BYTES || text.contains(['(', ')']) || sized(&found) || sized(&opposite) {
        return;
    }
    match (found, opposite) {
        (Ok(kept), Ok(left)) => assert_eq!(kept + left, all_points(), "{text}"),
        (Err(_), Err(_)) => {}
        // One of them keeps the whole grid, and so the other keeps nothing, which is refused.
        (Ok(all), Err(words)) | (Err(words), Ok(all)) => assert_eq!(all, all_points(), "{text}: {words}"),
    }
}

fn all_points() -> usize {
    static ALL: OnceLock<usize> = OnceLock::new();
    *ALL.get_or_init(|| points("n > 0").expect("a condition"))
}

/// Combinations of n, d, epsilon and lambda that the condition keeps.
fn points(condition: &str) -> Result<usize, String> {
    let set = format!("grid.where={}", toml_string(condition));
    let config = Config::parse(GRID, Path::new("expression.toml"), &[set]).map_err(|errors| errors.to_string())?;
    Ok(config.grid.cells.iter().map(|cell| cell.lambda.len()).sum())
}

fn toml_string(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}
