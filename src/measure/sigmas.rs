//! Table `sigmas`: every singular value with its enclosure.

use super::table::table;
use super::{Observation, claimed};

table! {
    "sigmas", "trial x index";
    /// One singular value.
    pub struct SigmasRow {
        /// 1 for the largest singular value, min(n, d) for the smallest.
        key "1" index: usize,
        /// The singular value; empty where its enclosure contains 0.
        result "x" sigma: Option<f64>,
        /// Lower bound of the exact value.
        result "x" sigma_lo: f64,
        /// Upper bound of the exact value.
        result "x" sigma_hi: f64,
    }
}

/// min(n, d) rows, largest value first.
pub fn rows<'a>(seen: &Observation<'a>) -> impl Iterator<Item = SigmasRow> + 'a {
    let enclosure = &seen.certified.enclosure;
    let bounds = enclosure.lo.iter().zip(&enclosure.hi);
    seen.certified.factors.sigma.iter().zip(bounds).enumerate().map(|(i, (&sigma, (&sigma_lo, &sigma_hi)))| SigmasRow {
        index: i + 1,
        sigma: claimed(sigma, sigma_lo),
        sigma_lo,
        sigma_hi,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::testing::Case;

    #[test]
    fn values_come_largest_first_and_an_enclosed_zero_is_no_number() {
        let mut case = Case::new(&[&[3.0, 0.0], &[0.0, 4.0]], &[1.0, 1.0]);
        case.certified.enclosure.lo[1] = 0.0;
        let rows: Vec<SigmasRow> = rows(&case.observation()).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].index, rows[1].index), (1, 2));
        assert!((rows[0].sigma.unwrap() - 4.0).abs() < 1e-14);
        assert_eq!(rows[1].sigma, None);
        assert!(rows[1].sigma_hi >= 3.0);
    }
}
