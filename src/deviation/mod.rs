//! Laws held against the tables of a finished run: the rows of theory.csv.
//!
//! ```text
//! tables --sample--> for each law, cell and inner key: count, mean, standard error (or shares below the law's deciles)
//!                    --judge--> TheoryRow: theory, deviation in standard errors, whether that is evidence
//! theory.csv --warn--> cells that deviate more than chance allows among so many
//! ```
//! One pass over each table that a law speaks of; memory is that of the rows of theory.csv.

mod judge;
mod sample;
mod warn;

use std::path::Path;

use rayon::prelude::*;

use crate::config::Config;
use crate::measure::TableId;
use crate::record::{RecordError, TheoryRow};
use crate::theory::{LAWS, Law, World};

pub use warn::{FAMILY_LEVEL, Warning, threshold, warnings};

/// The laws that `config` asks for, by itself and in its figures, in the order of [`LAWS`].
pub fn laws(config: &Config) -> Vec<&'static Law> {
    let drawn = |law: &Law| config.figures.iter().flat_map(|figure| &figure.theory).any(|name| name == law.name);
    LAWS.iter().copied().filter(|law| config.theory.contains(law) || drawn(law)).collect()
}

/// The rows of theory.csv for the tables in `dir`, law by law in the order of [`LAWS`], within a law in the order of its
/// table's rows; `None` if `config` asks for no law.
///
/// # Errors
/// [`RecordError`] where a table cannot be read.
pub fn rows(config: &Config, dir: &Path) -> Result<Option<Vec<TheoryRow>>, RecordError> {
    let laws = laws(config);
    if laws.is_empty() {
        return Ok(None);
    }
    let world = World::new(&config.design, &config.target, &config.settings);
    let mut samples = Vec::new();
    for table in TableId::ALL {
        let of_table: Vec<_> = laws.iter().copied().filter(|law| law.table == table.name()).collect();
        if !of_table.is_empty() {
            samples.extend(sample::gather(dir, table, &of_table, &world)?);
        }
    }
    // Laws of different tables were gathered apart; the sort keeps the order of rows within a law.
    samples.sort_by_key(|sample| LAWS.iter().position(|law| *law == sample.law));
    Ok(Some(samples.par_iter().flat_map_iter(judge::rows).collect()))
}
