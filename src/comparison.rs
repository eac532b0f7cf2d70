//! A finished run's tables against what is proved and what is expected.

use std::path::Path;

use crate::config::Config;
use crate::record::{Comparisons, RecordError};
use crate::{deviation, expectation};

/// All that `config` asks to be held against the tables in `dir`.
///
/// # Errors
/// [`RecordError`] where a table cannot be read.
pub fn comparisons(config: &Config, dir: &Path) -> Result<Comparisons, RecordError> {
    Ok(Comparisons { theory: deviation::rows(config, dir)?, expectations: expectation::rows(config, dir)? })
}
