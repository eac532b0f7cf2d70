//! TOML that somebody else wrote.

use std::path::Path;

use nullsweep::config::Config;
use nullsweep::plan::Plan;

/// Larger grids are checked like small ones and take seconds: left to the tests of the limits.
const MOST_CELLS: usize = 20_000;

/// Reads `data` as a config, with a `--set` for every line that begins with `#set `.
///
/// # Panics
/// If the parser panics, if it refuses without a word, or if a config's canonical text is another config.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let sets: Vec<String> = text.lines().filter_map(|line| line.strip_prefix("#set ")).map(str::to_owned).collect();
    // No such folder: a config that names data or a base finds nothing.
    let path = Path::new("/nonexistent/hostile.toml");
    match Config::parse(text, path, &sets) {
        Err(errors) => {
            assert!(errors.iter().len() > 0, "refused without a reason");
            assert!(errors.to_string().contains("hostile.toml") || errors.to_string().contains("--set"), "{errors}");
        }
        Ok(config) => {
            let again = Config::parse(&config.source.text, path, &[]).expect("the canonical text is a config");
            assert_eq!(again, config, "the canonical text means the same");
            if config.grid.cells.len() <= MOST_CELLS {
                let plan = Plan::new(&config, &config.grid.share(None));
                assert_eq!(plan.cells, config.grid.cells.len() as u64);
                assert!(!plan.to_text().is_empty() && plan.to_json().is_object());
            }
        }
    }
}
