//! theory.csv: how far the measurement lies from what is proved. Its rows come from [`crate::deviation`].

use crate::measure::table::table;

/// Name of the comparison with theory inside the run folder.
pub const THEORY_FILE: &str = "theory.csv";

table! {
    "theory", "law x cell x inner key (x decile for distributions)";
    /// What one law claims of one cell, and what was measured.
    pub struct TheoryRow {
        /// Name of the law; docs/theory.md has its statement and its source.
        key "name" law: &'static str,
        /// Rows of X.
        key "1" n: usize,
        /// Columns of X.
        key "1" d: usize,
        /// As in the table; empty where the grid has no such axis.
        key "1" epsilon: Option<f64>,
        /// Ridge penalty; empty where the table has no such key, as are the next three.
        key "x^2" lambda: Option<f64>,
        /// Size of a perturbation.
        key "1" delta: Option<f64>,
        /// Length of a null step.
        key "y/x" alpha: Option<f64>,
        /// Steps of gradient descent.
        key "1" iteration: Option<u64>,
        /// Where a distribution is compared: the law's own deciles 0.1, ..., 0.9; empty for a mean.
        key "as the quantity" x: Option<f64>,
        /// Replicates whose quantity is finite: the comparison is over these.
        result "1" replicates: usize,
        /// Replicates whose quantity is empty, NaN or infinite.
        result "1" left_out: usize,
        /// Mean of the quantity over replicates, or the share of replicates at or below x; empty without any.
        result "as the quantity" measured: Option<f64>,
        /// Standard error of the mean, sd / sqrt(replicates), or of the share under the law, sqrt(p (1 - p) / replicates);
        /// empty below two replicates and where all are equal.
        result "as the quantity" standard_error: Option<f64>,
        /// What the law claims; empty outside its domain.
        result "as the quantity" theory: Option<f64>,
        /// (measured - theory) / standard_error; for a bound 0 where it holds.
        result "1" deviation: Option<f64>,
        /// Whether the deviation is evidence for or against the law: yes or no.
        provenance "name" judged: &'static str,
        /// Why it is not judged; empty where it is.
        provenance "name" reason: Option<&'static str>,
        /// The quantity, in the columns of the table that the law speaks of.
        provenance "name" quantity: &'static str,
        /// equals, at-most or at-least: how the quantity stands to the theory.
        provenance "name" relation: &'static str,
        /// exact and bound: true at this size; limit: approached, and off by an unknown amount here.
        provenance "name" standing: &'static str,
        /// Where the law comes from.
        provenance "name" reference: &'static str,
    }
}
