//! The slope of a straight line through points.

use super::Quantiles;

/// The least-squares slope of some points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slope {
    pub(crate) value: f64,
    /// value -+ t se, t the 0.975 quantile of Student's distribution with count - 2 degrees of freedom; `None` below three
    /// points.
    pub(crate) interval: Option<[f64; 2]>,
}

/// The slope of the line through `points` (x, y), all finite, with the least sum of squared vertical distances. `None` where all
/// x are equal, and where squares overflow.
pub(crate) fn slope(points: &[(f64, f64)], quantiles: &Quantiles) -> Option<Slope> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| points.iter().map(|(x, y)| of(x - x_mean, y - y_mean)).sum::<f64>();
    let spread = sum(&|x, _| x * x);
    let value = sum(&|x, y| x * y) / spread;
    // 0 / 0 where all x are equal.
    if !value.is_finite() {
        return None;
    }
    let residual = sum(&|x, y| (y - value * x).powi(2));
    let interval = (points.len() > 2).then(|| {
        let half = quantiles.of(points.len() - 2) * (residual / (count - 2.0) / spread).sqrt();
        [value - half, value + half]
    });
    Some(Slope { value, interval })
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
        assert_eq!(slope(&[(1.0, 2.0), (1.0, 3.0)], &quantiles), None);
        assert_eq!(slope(&[], &quantiles), None);
        let two = slope(&[(1.0, 2.0), (3.0, 8.0)], &quantiles).unwrap();
        assert_eq!((two.value, two.interval), (3.0, None));
    }
}
