//! Replicates -> one number and the band around it.

use std::collections::HashMap;

use super::order::{left_out_around_median, quantile};
use super::{Quantiles, statistics};

/// How many numbers become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Median.
    Median,
    /// Arithmetic mean.
    Mean,
    /// Geometric mean.
    GeometricMean,
    /// Smallest.
    Min,
    /// Largest.
    Max,
}

impl Statistic {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 5] = [Self::Median, Self::Mean, Self::GeometricMean, Self::Min, Self::Max];

    /// The name that configs and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Median => "median",
            Self::Mean => "mean",
            Self::GeometricMean => "geometric-mean",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

/// What is said beside a statistic of how far the numbers, or the statistic itself, may vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// Nothing.
    None,
    /// Lower to upper quartile.
    Quartiles,
    /// 95 % interval of the statistic over replicates.
    Interval,
    /// Smallest to largest.
    Range,
}

/// A statistic of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) value: f64,
    /// `None` where none was asked for, or too few values support it.
    pub(crate) band: Option<[f64; 2]>,
}

/// Summarises samples, with what many of them have in common kept.
pub(crate) struct Summariser {
    statistic: Statistic,
    band: Band,
    student: Quantiles,
    /// By count of values, see [`left_out_around_median`].
    ranks: HashMap<usize, Option<usize>>,
}

impl Summariser {
    pub(crate) fn new(statistic: Statistic, band: Band) -> Self {
        Self { statistic, band, student: Quantiles::default(), ranks: HashMap::new() }
    }

    /// Of `values`, finite and at least one, which are reordered; positive for a geometric mean.
    ///
    /// The band `interval` covers the median, mean or geometric mean of the distribution behind the values with 95 %: by
    /// order statistics, whatever the distribution, for the median (at least 6 values); by Student's t for the mean (at least
    /// 2), as in summary.csv; by the same of the logarithms for the geometric mean.
    pub(crate) fn summarise(&mut self, values: &mut [f64]) -> Summary {
        let (value, interval) = match self.statistic {
            Statistic::Mean => self.mean(values),
            Statistic::GeometricMean => {
                let mut logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
                let (mean, interval) = self.mean(&mut logarithms);
                (mean.exp(), interval.map(|ends| ends.map(f64::exp)))
            }
            Statistic::Median | Statistic::Min | Statistic::Max => (f64::NAN, None),
        };
        values.sort_unstable_by(f64::total_cmp);
        let (least, greatest) = (values[0], values[values.len() - 1]);
        let value = match self.statistic {
            Statistic::Mean | Statistic::GeometricMean => value,
            Statistic::Median => quantile(values, 0.5),
            Statistic::Min => least,
            Statistic::Max => greatest,
        };
        let band = match (self.band, self.statistic) {
            (Band::None, _) | (Band::Interval, Statistic::Min | Statistic::Max) => None,
            (Band::Quartiles, _) => Some([quantile(values, 0.25), quantile(values, 0.75)]),
            (Band::Range, _) => Some([least, greatest]),
            (Band::Interval, Statistic::Median) => self.around_median(values),
            (Band::Interval, Statistic::Mean | Statistic::GeometricMean) => interval,
        };
        Summary { value, band }
    }

    fn mean(&self, values: &mut [f64]) -> (f64, Option<[f64; 2]>) {
        let found = statistics(values, &self.student);
        (found.mean.unwrap_or(f64::NAN), found.interval.map(|(lo, hi)| [lo, hi]))
    }

    fn around_median(&mut self, sorted: &[f64]) -> Option<[f64; 2]> {
        let count = sorted.len();
        let left_out = (*self.ranks.entry(count).or_insert_with(|| left_out_around_median(count)))?;
        Some([sorted[left_out], sorted[count - 1 - left_out]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(statistic: Statistic, band: Band, values: &[f64]) -> Summary {
        Summariser::new(statistic, band).summarise(&mut values.to_vec())
    }

    fn assert_close(found: Summary, value: f64, [lo, hi]: [f64; 2]) {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
        let band = found.band.unwrap_or([f64::NAN; 2]);
        assert!(near(found.value, value) && near(band[0], lo) && near(band[1], hi), "{found:?}");
    }

    const VALUES: [f64; 7] = [16.0, 1.0, 4.0, 2.0, 64.0, 32.0, 8.0];

    #[test]
    fn each_statistic_with_its_interval() {
        // NumPy's mean and deviation of the values and of their logarithms; t = 2.4469118511449692.
        assert_close(
            summary(Statistic::Mean, Band::Interval, &VALUES),
            18.142_857_142_857_142,
            [-3.071_073_459_071_627, 39.356_787_744_785_91],
        );
        assert_close(
            summary(Statistic::GeometricMean, Band::Interval, &VALUES),
            8.0,
            [2.002_920_057_029_748, 31.953_347_201_939_494],
        );
        assert_close(summary(Statistic::Median, Band::Interval, &VALUES), 8.0, [1.0, 64.0]);
    }

    #[test]
    fn quartiles_and_range_go_with_every_statistic() {
        for statistic in [Statistic::Median, Statistic::Mean, Statistic::GeometricMean, Statistic::Min, Statistic::Max]
        {
            assert_eq!(summary(statistic, Band::Quartiles, &VALUES).band, Some([3.0, 24.0]));
            assert_eq!(summary(statistic, Band::Range, &VALUES).band, Some([1.0, 64.0]));
            assert_eq!(summary(statistic, Band::None, &VALUES).band, None);
        }
        assert_eq!(summary(Statistic::Min, Band::None, &VALUES).value, 1.0);
        assert_eq!(summary(Statistic::Max, Band::None, &VALUES).value, 64.0);
    }

    #[test]
    fn too_few_values_have_no_interval() {
        assert_eq!(summary(Statistic::Median, Band::Interval, &VALUES[..5]).band, None);
        assert!(summary(Statistic::Median, Band::Interval, &VALUES[..6]).band.is_some());
        assert_eq!(summary(Statistic::Mean, Band::Interval, &VALUES[..1]).band, None);
        assert!(summary(Statistic::Mean, Band::Interval, &VALUES[..2]).band.is_some());
    }
}
