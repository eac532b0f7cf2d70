//! Which deviations of theory.csv are more than chance allows.
//!
//! With m judged rows, each is held to the level [`FAMILY_LEVEL`] / (2 m) on its side (Bonferroni), whatever the dependence
//! between rows, by Student's distribution with one degree of freedom less than the row has replicates: of a thousand runs in
//! which every law is true, about one has a warning, more where quantities are skewed and replicates few. For m = 100 that is 4.5
//! standard errors with 400 replicates, 4.7 with 100.

use std::fmt;
use std::path::Path;

use crate::record::{RecordError, THEORY_FILE, TableReader};

/// Probability of any warning in a run in which every law is true.
pub const FAMILY_LEVEL: f64 = 1e-3;
/// No fewer standard errors than this are a warning.
const LEAST: f64 = 4.0;

/// A judged row that deviates too far.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// The law.
    pub law: String,
    /// The keys of the row that are not empty, as `n = 50, d = 5`.
    pub cell: String,
    /// In standard errors.
    pub deviation: f64,
    /// What was allowed.
    pub allowed: f64,
    /// Judged rows of the file.
    pub judged: usize,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "warning: {THEORY_FILE}: {} at {}: {:+.1} standard errors from the law ({:.1} may occur among {} cells)",
            self.law, self.cell, self.deviation, self.allowed, self.judged
        )
    }
}

/// The standard errors that may occur among `judged` rows in a mean of `replicates`: the quantile of Student's distribution at
/// 1 - [`FAMILY_LEVEL`] / (2 judged), and at least 4.
pub fn threshold(judged: usize, replicates: usize) -> f64 {
    student(normal(judged), replicates.saturating_sub(1).max(1)).max(LEAST)
}

/// The quantile of Student's distribution with `freedom` degrees of freedom where the normal distribution has `z`, by the first
/// terms of its expansion (Abramowitz & Stegun 26.7.5); for z up to 6 right to 1 % from 99 degrees on.
fn student(z: f64, freedom: usize) -> f64 {
    let (nu, z2) = (freedom as f64, z * z);
    let first = (z2 + 1.0) / 4.0;
    let second = ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let third = (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    z * (1.0 + first / nu + second / (nu * nu) + third / (nu * nu * nu))
}

/// z with 2 judged (1 - Phi(z)) = [`FAMILY_LEVEL`], by Mills's bound 1 - Phi(z) < phi(z) / z.
fn normal(judged: usize) -> f64 {
    let level = FAMILY_LEVEL / (2 * judged.max(1)) as f64;
    let tail = |z: f64| (-z * z / 2.0).exp() / (z * (2.0 * std::f64::consts::PI).sqrt());
    let (mut low, mut high) = (1.0, 40.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if tail(middle) > level { low = middle } else { high = middle }
    }
    high
}

/// The warnings of theory.csv in `dir`, in the order of its rows.
///
/// # Errors
/// [`RecordError`] where it cannot be read.
pub fn warnings(dir: &Path) -> Result<Vec<Warning>, RecordError> {
    const KEYS: [&str; 8] = ["n", "d", "epsilon", "lambda", "delta", "alpha", "iteration", "x"];
    let columns = [&["law", "deviation", "judged", "replicates"], &KEYS[..]].concat();
    let mut reader = TableReader::open(dir, "theory", &columns)?;
    let (mut judged, mut large) = (0, Vec::new());
    while let Some(row) = reader.next_row()? {
        if row.word(2) != "yes" {
            continue;
        }
        judged += 1;
        let deviation = row.number(1)?.unwrap_or(0.0);
        if deviation.abs() < LEAST {
            continue;
        }
        let keys = KEYS.iter().enumerate().map(|(at, key)| (key, row.word(4 + at)));
        let cell: Vec<String> =
            keys.filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key} = {value}")).collect();
        let replicates = row.word(3).parse().unwrap_or(0);
        large.push((row.word(0).to_owned(), cell.join(", "), deviation, replicates));
    }
    let warning = |(law, cell, deviation, replicates)| Warning {
        law,
        cell,
        deviation,
        allowed: threshold(judged, replicates),
        judged,
    };
    Ok(large.into_iter().map(warning).filter(|warning| warning.deviation.abs() > warning.allowed).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn many_cells_may_deviate_further_than_few() {
        // 2 m (1 - Phi(z)) = 1e-3 has the root 3.29 for m = 1, 4.42 for 100, 5.33 for 10,000.
        let many = usize::MAX;
        assert_eq!(threshold(1, many), 4.0);
        assert_eq!(threshold(0, many), 4.0);
        assert!((threshold(100, many) - 4.42).abs() < 0.02, "{}", threshold(100, many));
        assert!((threshold(10_000, many) - 5.33).abs() < 0.02, "{}", threshold(10_000, many));
    }

    #[test]
    fn few_replicates_know_their_standard_error_less_well() {
        // scipy.stats.t.isf(5e-6, 99), (5e-6, 399), (5e-8, 199).
        for (judged, replicates, expected) in [(100, 100, 4.6567), (100, 400, 4.4746), (10_000, 200, 5.5297)] {
            let found = threshold(judged, replicates);
            assert!((found / expected - 1.0).abs() < 0.01, "{replicates}: {found} against {expected}");
        }
    }

    #[test]
    fn a_judged_row_that_deviates_too_far_is_named_by_its_keys() {
        let dir = tempfile::tempdir().unwrap();
        let text = "law,n,d,epsilon,lambda,delta,alpha,iteration,x,replicates,deviation,judged\n\
                    a-law,50,5,,0.5,,,,,200,-4.75,yes\n\
                    a-law,60,5,,0.5,,,,,200,3.75,yes\n\
                    a-law,70,5,,0.5,,,,,200,9.0,no\n\
                    a-law,80,5,,0.5,,,,,200,,yes\n";
        std::fs::write(dir.path().join(THEORY_FILE), text).unwrap();
        let warnings = warnings(dir.path()).unwrap();
        assert_eq!(warnings.len(), 1);
        let words = warnings[0].to_string();
        assert!(words.contains("a-law at n = 50, d = 5, lambda = 0.5: -4.8 standard errors"), "{words}");
    }
}
