//! The slope of a straight line through points.

use super::{Quantiles, largest, mean};

/// The least-squares slope of some points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slope {
    pub(crate) value: f64,
    /// value -+ t se, t the 0.975 quantile of Student's distribution with count - 2 degrees of freedom; `None` below three
    /// points.
    pub(crate) interval: Option<[f64; 2]>,
}

/// The slope of the line through `points` (x, y), all finite, with the least sum of squared vertical distances. `None` where all
/// x are equal, and where the slope exceeds f64.
pub(crate) fn slope(points: &[(f64, f64)], quantiles: &Quantiles) -> Option<Slope> {
    let (x, x_scale) = deviations(points.iter().map(|point| point.0).collect())?;
    let (y, y_scale) = deviations(points.iter().map(|point| point.1).collect()).unwrap_or((vec![0.0; x.len()], 1.0));
    // Of numbers of at most 1 in size, the largest of which is 1.
    let spread: f64 = x.iter().map(|x| x * x).sum();
    let value = x.iter().zip(&y).map(|(x, y)| x * y).sum::<f64>() / spread;
    let residual: f64 = x.iter().zip(&y).map(|(x, y)| (y - value * x).powi(2)).sum();
    let unscaled = |slope: f64| Some(slope / x_scale * y_scale).filter(|slope| slope.is_finite());
    let interval = || {
        let freedom = points.len().checked_sub(2).filter(|&freedom| freedom > 0)?;
        let half = quantiles.of(freedom) * (residual / freedom as f64 / spread).sqrt();
        Some([unscaled(value - half)?, unscaled(value + half)?])
    };
    Some(Slope { value: unscaled(value)?, interval: interval() })
}

/// The differences of `values` from their mean, over the largest of them in size, and that one; `None` where all are equal.
fn deviations(mut values: Vec<f64>) -> Option<(Vec<f64>, f64)> {
    // By comparison: the mean of equal numbers need not be that number.
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return None;
    }
    // Halved, so that the difference of two large numbers of opposite sign is finite.
    let half_mean = mean(&values)? / 2.0;
    for value in &mut values {
        *value = *value / 2.0 - half_mean;
    }
    let scale = largest(&values, &|value| value);
    for value in &mut values {
        *value /= scale;
    }
    Some((values, scale))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Slope, lower and upper end.
    const EXPECTED: (f64, f64, f64) = (1.998_648_648_648_648_6, 1.841_711_004_254_700_2, 2.155_586_293_042_597);

    #[test]
    fn the_slope_and_its_interval_are_scipys() {
        // scipy.stats.linregress([1, 2, 3, 4, 6], [2.1, 3.9, 6.2, 7.8, 12.1]) and t.ppf(0.975, 3) times its stderr.
        let points = [(1.0, 2.1), (2.0, 3.9), (3.0, 6.2), (4.0, 7.8), (6.0, 12.1)];
        let Slope { value, interval } = slope(&points, &Quantiles::default()).unwrap();
        let [lo, hi] = interval.unwrap();
        assert!((value - EXPECTED.0).abs() < 1e-13 && (lo - EXPECTED.1).abs() < 1e-12, "{value} {lo} {hi}");
        assert!((hi - EXPECTED.2).abs() < 1e-12);
    }

    #[test]
    fn points_above_each_other_have_no_slope() {
        let quantiles = Quantiles::default();
        // The mean of three times 0.1 is not 0.1.
        for x in [1.0, 0.1, 0.1_f64.ln(), 1e-310] {
            assert_eq!(slope(&[(x, 2.0), (x, 3.0), (x, 5.0)], &quantiles), None, "{x}");
        }
        assert_eq!(slope(&[], &quantiles), None);
        let two = slope(&[(1.0, 2.0), (3.0, 8.0)], &quantiles).unwrap();
        assert_eq!((two.value, two.interval), (3.0, None));
    }

    #[test]
    fn no_scale_of_either_changes_the_slope_but_by_its_ratio() {
        let quantiles = Quantiles::default();
        let points = [(1.0, 2.0), (2.0, 3.5), (4.0, 8.5)];
        let Slope { value, interval: Some([lo, hi]) } = slope(&points, &quantiles).unwrap() else { panic!() };
        for (x_scale, y_scale) in [(1e200, 1.0), (1e-200, 1e-180), (1e300, 1e300), (1e-300, 1e-250), (1.0, 1e307)] {
            let scaled: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x * x_scale, y * y_scale)).collect();
            let found = slope(&scaled, &quantiles).unwrap();
            let unscaled = |slope: f64| slope * x_scale / y_scale;
            let [found_lo, found_hi] = found.interval.unwrap();
            for (found, expected) in [(found.value, value), (found_lo, lo), (found_hi, hi)] {
                assert!((unscaled(found) / expected - 1.0).abs() < 1e-12, "{x_scale:e} {y_scale:e}: {found:e}");
            }
        }
        assert_eq!(slope(&[(1.0, 5.0), (2.0, 5.0), (3.0, 5.0)], &quantiles).unwrap().value, 0.0);
        assert_eq!(slope(&[(1e-300, -1e300), (2e-300, 1e300)], &quantiles), None, "beyond f64");
        assert!(slope(&[(-1.7e308, 1.0), (1.7e308, 2.0)], &quantiles).unwrap().value > 0.0);
    }
}
