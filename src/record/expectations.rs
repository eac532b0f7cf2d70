//! expectations.csv: what the author of the config expects, and what was measured. Its rows come from [`crate::expectation`].

use std::fmt;

use crate::measure::table::table;

/// Name of the expectations inside the run folder.
pub const EXPECTATIONS_FILE: &str = "expectations.csv";

table! {
    "expectations", "expectation x cell";
    /// What one `[[expect]]` says of one cell.
    pub struct ExpectationRow {
        /// As the config names it.
        key "name" id: String,
        /// The values of the columns `each`, as `n = 20, d = 40`; empty where all rows are one cell.
        key "name" cell: String,
        /// Rows whose value is a finite number: the measurement is over these.
        result "1" rows: usize,
        /// Rows that `where` chooses and whose value (or x) is empty, NaN or infinite, or not positive for a geometric mean; with any,
        /// the expectation is not met.
        result "1" left_out: usize,
        /// The statistic of the values; empty without any.
        result "as the value" measured: Option<f64>,
        /// Lower end of the 95 % interval of the statistic over the rows as a sample of independent ones: by Student's t for a mean
        /// and a slope, by order statistics for a median; empty for min and max, and where there are too few rows.
        result "as the value" interval_lo: Option<f64>,
        /// Its upper end.
        result "as the value" interval_hi: Option<f64>,
        /// What the measured number must reach; empty where nothing is.
        result "as the value" at_least: Option<f64>,
        /// What it must not exceed; empty where nothing is.
        result "as the value" at_most: Option<f64>,
        /// Whether it is as expected: yes or no.
        result "name" met: &'static str,
        /// The table that it is taken from.
        provenance "name" table: String,
        /// mean, median, geometric-mean, min, max or slope.
        provenance "name" statistic: &'static str,
        /// The number that is taken of a row, in the table's columns.
        provenance "name" value: String,
        /// What the slope is taken over; empty for the other statistics.
        provenance "name" x: Option<String>,
        /// Which rows are chosen: `where` of the config; empty for all.
        provenance "name" condition: Option<String>,
        /// What is expected, in words; empty where the config has none.
        provenance "name" claim: Option<String>,
    }
}

impl ExpectationRow {
    /// Whether it is as expected.
    pub fn is_met(&self) -> bool {
        self.met == "yes"
    }
}

/// What was measured, and what was expected: a line for people.
impl fmt::Display for ExpectationRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_met() { "met" } else { "not met" };
        write!(f, "expectation {} is {verdict}", self.id)?;
        if !self.cell.is_empty() {
            write!(f, " at {}", self.cell)?;
        }
        write!(f, ": {} of {} ", self.statistic, self.value)?;
        if let Some(x) = &self.x {
            write!(f, "over {x} ")?;
        }
        match self.measured {
            Some(measured) => write!(f, "is {measured:.6e}")?,
            None => f.write_str("cannot be taken")?,
        }
        if let (Some(lo), Some(hi)) = (self.interval_lo, self.interval_hi) {
            write!(f, " (95 % [{lo:.4e}, {hi:.4e}])")?;
        }
        write!(f, ", {} rows of table {}", self.rows, self.table)?;
        for (bound, word) in [(self.at_least, "at least"), (self.at_most, "at most")] {
            if let Some(bound) = bound {
                write!(f, ", expected {word} {bound:e}")?;
            }
        }
        if self.left_out > 0 {
            write!(f, "; {} more rows have no number to take", self.left_out)?;
        }
        Ok(())
    }
}
