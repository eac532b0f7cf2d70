//! Statistics that look at the order of values alone.

/// The quantile at `share` (0 to 1) of `sorted`, ascending and at least one: linear between neighbours, type 7 of Hyndman &
/// Fan 1996, which is NumPy's.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let part = place - place.floor();
    // Two equal infinities have no difference.
    if sorted[below] == sorted[above] { sorted[below] } else { sorted[below] * (1.0 - part) + sorted[above] * part }
}

/// Fewest values of which two enclose the median with 95 %: 1 - 2 / 2^6 = 0.97, with one less 0.94.
pub(crate) const FEWEST_FOR_MEDIAN: usize = 6;

/// How many values to leave out at either end of `count` sorted ones for those left to enclose the median of their
/// distribution, whatever it is, with at least 95 %; `None` below [`FEWEST_FOR_MEDIAN`].
///
/// The number of values below the median is Binomial(count, 1/2); k of them may be left out as long as P(at most k below)
/// is at most 0.025 (Conover, Practical Nonparametric Statistics, 3.2).
pub(crate) fn left_out_around_median(count: usize) -> Option<usize> {
    let total = count as f64;
    let mut logarithm = -total * std::f64::consts::LN_2;
    let mut tail = logarithm.exp();
    let mut below = 0_usize;
    if tail > 0.025 {
        return None;
    }
    loop {
        logarithm += ((total - below as f64) / (below as f64 + 1.0)).ln();
        tail += logarithm.exp();
        if tail > 0.025 {
            return Some(below);
        }
        below += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numpys() {
        // numpy.quantile([1, 2, 4, 8, 16], [0, 0.1, 0.25, 0.5, 0.9, 1])
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        for (share, expected) in [(0.0, 1.0), (0.1, 1.4), (0.25, 2.0), (0.5, 4.0), (0.9, 12.8), (1.0, 16.0)] {
            let found = quantile(&sorted, share);
            assert!((found - expected).abs() < 1e-14, "{share}: {found}");
        }
        assert_eq!(quantile(&[3.0], 0.75), 3.0);
    }

    #[test]
    fn ranks_around_the_median_are_those_of_the_binomial() {
        // scipy.stats.binom.ppf(0.025, count, 0.5) - 1 for counts of which no rank attains 0.025 exactly.
        for (count, expected) in [
            (6, 0),
            (7, 0),
            (8, 0),
            (9, 1),
            (10, 1),
            (20, 5),
            (25, 7),
            (50, 17),
            (100, 39),
            (1000, 468),
            (100_000, 49_689),
        ] {
            assert_eq!(left_out_around_median(count), Some(expected), "{count}");
        }
        for count in 0..FEWEST_FOR_MEDIAN {
            assert_eq!(left_out_around_median(count), None, "{count}");
        }
    }
}
