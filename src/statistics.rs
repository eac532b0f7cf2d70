//! Mean, median, standard deviation and Student's interval of a sample of finite numbers.

pub(crate) mod order;
mod slope;
mod summarise;

use std::f64::consts::FRAC_PI_2;
use std::sync::OnceLock;

pub(crate) use slope::{Slope, slope};
pub use summarise::{Band, Statistic};
pub(crate) use summarise::{Summariser, Summary};

/// What a summary says of one column over the replicates of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Statistics {
    /// Arithmetic mean; `None` for an empty sample.
    pub(crate) mean: Option<f64>,
    /// Middle value, or the mean of the two middle ones; `None` for an empty sample.
    pub(crate) median: Option<f64>,
    /// Sample standard deviation (divisor count - 1); `None` below two values.
    pub(crate) sd: Option<f64>,
    /// mean -+ t sd / sqrt(count), t the 0.975 quantile of Student's distribution with count - 1 degrees of freedom;
    /// `None` below two values.
    pub(crate) interval: Option<(f64, f64)>,
}

/// Statistics of `values`, all finite; reorders them. Results overflow only where the exact result does.
pub(crate) fn statistics(values: &mut [f64], quantiles: &Quantiles) -> Statistics {
    let Some(mean) = mean(values) else {
        return Statistics { mean: None, median: None, sd: None, interval: None };
    };
    let sd = deviation(values, mean);
    let interval = sd.map(|sd| {
        let half = quantiles.of(values.len() - 1) * (sd / (values.len() as f64).sqrt());
        (mean - half, mean + half)
    });
    Statistics { mean: Some(mean), median: Some(median(values)), sd, interval }
}

/// The median of `values`, at least one, by selection: O(n), and their order is lost.
fn median(values: &mut [f64]) -> f64 {
    let count = values.len();
    let (below, upper, _) = values.select_nth_unstable_by(count / 2, f64::total_cmp);
    // The middle two are equal where there is only one of them.
    let lower = if count % 2 == 1 { *upper } else { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) };
    f64::midpoint(lower, *upper)
}

/// Magnitudes whose sum over any sample, and whose squares' sum, neither overflow nor underflow.
const TAME: std::ops::Range<f64> = 1e-140..1e140;

/// The largest magnitude of `of(value)`.
fn largest(values: &[f64], of: &impl Fn(f64) -> f64) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(of(*value).abs()))
}

fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let count = values.len() as f64;
    let scale = largest(values, &|value| value);
    if TAME.contains(&scale) || scale == 0.0 {
        return Some(sum(values, &|value| value) / count);
    }
    Some(sum(values, &|value| value / scale) / count * scale)
}

fn deviation(values: &[f64], mean: f64) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    // Halved, so that the difference of two large numbers of opposite sign is finite.
    let half_difference = |value: f64| value / 2.0 - mean / 2.0;
    let freedom = (values.len() - 1) as f64;
    let scale = largest(values, &half_difference);
    if TAME.contains(&scale) || scale == 0.0 {
        return Some((sum(values, &|value| half_difference(value).powi(2)) / freedom).sqrt() * 2.0);
    }
    Some((sum(values, &|value| (half_difference(value) / scale).powi(2)) / freedom).sqrt() * scale * 2.0)
}

/// Partial sums that a vector unit keeps side by side.
const LANES: usize = 8;

/// Sum by halves, in lanes below: error O(log n) units instead of O(n). The order is a function of the length alone.
fn sum(values: &[f64], of: &impl Fn(f64) -> f64) -> f64 {
    const LEAF: usize = 32 * LANES;
    if values.len() > LEAF {
        let (left, right) = values.split_at(values.len() / 2);
        return sum(left, of) + sum(right, of);
    }
    let (groups, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for group in groups {
        for (lane, value) in lanes.iter_mut().zip(group) {
            *lane += of(*value);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|value| of(*value)).sum::<f64>()
}

/// The 0.975 quantiles of Student's t, each computed once: nearly every cell has the same count.
#[derive(Debug)]
pub(crate) struct Quantiles {
    /// By degrees of freedom, up to [`SERIES_UP_TO`].
    series: Vec<OnceLock<f64>>,
}

impl Default for Quantiles {
    fn default() -> Self {
        Self { series: vec![OnceLock::new(); SERIES_UP_TO + 1] }
    }
}

impl Quantiles {
    /// The quantile for `freedom` degrees of freedom, at least 1.
    pub(crate) fn of(&self, freedom: usize) -> f64 {
        match self.series.get(freedom) {
            Some(known) => *known.get_or_init(|| student_t_975(freedom)),
            None => student_t_975(freedom),
        }
    }
}

/// Degrees of freedom up to which the exact series is summed.
const SERIES_UP_TO: usize = 400;

/// The t with P(|T| <= t) = 0.95 for `freedom` >= 1 degrees of freedom, to 1e-13 relative.
///
/// Up to [`SERIES_UP_TO`]: bisection of the exact finite series in theta = atan(t / sqrt(freedom)), Abramowitz & Stegun
/// 26.7.3 and 26.7.4. Beyond: the asymptotic expansion 26.7.5, whose first neglected term is below 1e-12 there.
fn student_t_975(freedom: usize) -> f64 {
    if freedom > SERIES_UP_TO {
        return expansion_975(freedom as f64);
    }
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle.tan() * (freedom as f64).sqrt();
        }
        if central_probability(freedom, middle) < 0.95 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// P(|T| <= sqrt(freedom) tan(theta)).
fn central_probability(freedom: usize, theta: f64) -> f64 {
    let (sin, cos) = theta.sin_cos();
    let mut sum = 0.0;
    if freedom % 2 == 1 {
        // 2/pi (theta + sin (cos + 2/3 cos^3 + 2*4/(3*5) cos^5 + ... up to cos^(freedom - 2)))
        let mut term = cos;
        let mut power = 1;
        while power + 2 <= freedom {
            sum += term;
            term *= cos * cos * (power + 1) as f64 / (power + 2) as f64;
            power += 2;
        }
        (theta + sin * sum) / FRAC_PI_2
    } else {
        // sin (1 + 1/2 cos^2 + 1*3/(2*4) cos^4 + ... up to cos^(freedom - 2))
        let mut term = 1.0;
        let mut power = 0;
        while power + 2 <= freedom {
            sum += term;
            term *= cos * cos * (power + 1) as f64 / (power + 2) as f64;
            power += 2;
        }
        sin * sum
    }
}

fn expansion_975(freedom: f64) -> f64 {
    /// The normal quantile.
    const Z: f64 = 1.959_963_984_540_054_2;
    let z2 = Z * Z;
    let g1 = Z * (z2 + 1.0) / 4.0;
    let g2 = Z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let g3 = Z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    let g4 = Z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92160.0;
    Z + (g1 + (g2 + (g3 + g4 / freedom) / freedom) / freedom) / freedom
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// `scipy.stats.t.ppf(0.975, freedom)`, scipy 1.17, after one Newton step on its own tail: see
    /// tests/fixtures/record/make.py.
    const QUANTILES: &str = include_str!("../tests/fixtures/record/student_t_975.csv");

    #[test]
    fn quantiles_of_students_distribution() {
        let mut seen = 0;
        for line in QUANTILES.lines().filter(|line| !line.starts_with('#')) {
            let (freedom, expected) = line.split_once(',').unwrap();
            let (freedom, expected): (usize, f64) = (freedom.parse().unwrap(), expected.parse().unwrap());
            let error = (student_t_975(freedom) / expected - 1.0).abs();
            assert!(error < 1e-12, "{freedom}: {} against {expected}", student_t_975(freedom));
            seen += 1;
        }
        assert!(seen > 30, "{seen} quantiles in the fixture");
    }

    #[test]
    fn series_and_expansion_meet() {
        let gap = (student_t_975(SERIES_UP_TO) / expansion_975(SERIES_UP_TO as f64) - 1.0).abs();
        assert!(gap < 1e-12, "{gap}");
    }

    #[test]
    fn samples_too_small_and_numbers_too_large() {
        let quantiles = Quantiles::default();
        let none = statistics(&mut [], &quantiles);
        assert_eq!(none, Statistics { mean: None, median: None, sd: None, interval: None });
        let one = statistics(&mut [3.0], &quantiles);
        assert_eq!(one, Statistics { mean: Some(3.0), median: Some(3.0), sd: None, interval: None });
        let equal = statistics(&mut [0.1; 7], &quantiles);
        assert_eq!(equal.median, Some(0.1));
        assert!(equal.sd.unwrap() < 1e-16);

        assert_eq!(statistics(&mut [0.0, -0.0, 0.0], &quantiles).sd, Some(0.0));

        let large = statistics(&mut [1.5e308, 1.7e308], &quantiles);
        assert!((large.mean.unwrap() / 1.6e308 - 1.0).abs() < 1e-15);
        assert!((large.sd.unwrap() / 1.414_213_562_373_095e307 - 1.0).abs() < 1e-14);
        let opposite = statistics(&mut [-1.5e308, 1.5e308], &quantiles);
        assert_eq!((opposite.mean, opposite.median), (Some(0.0), Some(0.0)));
        let tiny = statistics(&mut [2e-310, 4e-310], &quantiles);
        assert!((tiny.mean.unwrap() / 3e-310 - 1.0).abs() < 1e-9, "{tiny:?}");
    }

    #[test]
    fn the_median_is_that_of_the_sorted_values() {
        let quantiles = Quantiles::default();
        let mut state = 1_u64;
        for count in 1..300 {
            let mut values: Vec<f64> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                // Few different ones among many, so that there are ties.
                ((state >> 33) % 200) as f64 - 100.0
            })
            .take(count)
            .collect();
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let expected = f64::midpoint(sorted[(count - 1) / 2], sorted[count / 2]);
            assert_eq!(statistics(&mut values, &quantiles).median, Some(expected), "{count} values");
        }
    }

    #[test]
    fn a_long_sum_keeps_its_digits() {
        // 0.1 added a million times, one by one, is off by 1e-11.
        let values = vec![0.1; 1_000_003];
        assert!((sum(&values, &|value| value) / 100_000.3 - 1.0).abs() < 1e-15);
        let mean = statistics(&mut values.clone(), &Quantiles::default()).mean.unwrap();
        assert!((mean / 0.1 - 1.0).abs() < 1e-15, "{mean}");
    }
}
