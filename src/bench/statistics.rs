//! Statistics of a handful of samples, without a distribution assumed: median, percentile bootstrap, rank test for a trend.

use crate::rng::Generator;

/// Draws of the bootstrap: the ends of a 95 % interval are then its 50th largest and smallest.
const RESAMPLES: usize = 2000;

/// Fewer samples than this support no interval and no trend: six values in perfect order are the fewest that a rank test
/// tells from chance at its level.
pub(super) const FEWEST: usize = 6;

/// An interval that covers 95 % of what resampling gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub(super) lo: f64,
    pub(super) hi: f64,
}

/// Middle value, or the mean of the two middle ones; nothing of nothing.
pub(super) fn median(samples: &[f64]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    middle(&sorted)
}

fn middle(sorted: &[f64]) -> Option<f64> {
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

/// 95 % interval of the median by the percentile bootstrap (Efron & Tibshirani, An Introduction to the Bootstrap, 13.3);
/// nothing below [`FEWEST`] samples. The same samples give the same interval.
pub(super) fn median_interval(samples: &[f64]) -> Option<Interval> {
    interval(samples.len(), |draw| {
        let mut drawn: Vec<f64> = draw.iter().map(|&index| samples[index]).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        middle(&drawn)
    })
}

/// 95 % interval of median(`a`) / median(`b`), whose samples were taken in the same rounds and are drawn together; nothing
/// below [`FEWEST`] rounds, or where the two differ in length.
pub(super) fn ratio_interval(a: &[f64], b: &[f64]) -> Option<Interval> {
    if a.len() != b.len() {
        return None;
    }
    interval(a.len(), |draw| {
        let of = |samples: &[f64]| median(&draw.iter().map(|&index| samples[index]).collect::<Vec<_>>());
        Some(of(a)? / of(b)?)
    })
}

fn interval(len: usize, statistic: impl Fn(&[usize]) -> Option<f64>) -> Option<Interval> {
    if len < FEWEST {
        return None;
    }
    let count = len as u64;
    let mut generator = Generator::from_entropy(&[count]);
    let mut found = Vec::with_capacity(RESAMPLES);
    let mut draw = vec![0; len];
    for _ in 0..RESAMPLES {
        for index in &mut draw {
            // A handful of samples: the bias of the remainder is below 2^-50.
            *index = usize::try_from(generator.next_u64() % count).unwrap_or(0);
        }
        found.push(statistic(&draw)?);
    }
    found.sort_unstable_by(f64::total_cmp);
    let tail = RESAMPLES / 40;
    Some(Interval { lo: found[tail], hi: found[RESAMPLES - 1 - tail] })
}

/// Whether samples in the order in which they were taken go one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trend {
    None,
    Rising,
    Falling,
}

impl Trend {
    /// The name that the table uses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Rising => "rising",
            Self::Falling => "falling",
        }
    }
}

/// Quantile of the normal distribution for a two-sided test at 1 %.
const NORMAL_995: f64 = 2.575_829_303_548_901;

/// Mann-Kendall test (Mann 1945; Kendall, Rank Correlation Methods) at the 1 % level, ties counted, with the correction
/// for continuity; nothing below [`FEWEST`] samples.
pub(super) fn trend(samples: &[f64]) -> Option<Trend> {
    if samples.len() < FEWEST {
        return None;
    }
    let mut score = 0.0_f64;
    for (i, earlier) in samples.iter().enumerate() {
        for later in &samples[i + 1..] {
            score += match later.partial_cmp(earlier) {
                Some(std::cmp::Ordering::Greater) => 1.0,
                Some(std::cmp::Ordering::Less) => -1.0,
                _ => 0.0,
            };
        }
    }
    let spread = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0) / 18.0;
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let ties: f64 = sorted.chunk_by(|a, b| a == b).map(|tied| spread(tied.len() as f64)).sum();
    let variance = spread(samples.len() as f64) - ties;
    let z = (score.abs() - 1.0) / variance.sqrt();
    // Where all samples are equal the variance is 0, and -1 / 0 is no trend.
    Some(if z > NORMAL_995 { if score > 0.0 { Trend::Rising } else { Trend::Falling } } else { Trend::None })
}

/// Median of the last third of the samples over that of the first, minus 1; nothing below [`FEWEST`] samples.
pub(super) fn change(samples: &[f64]) -> Option<f64> {
    if samples.len() < FEWEST {
        return None;
    }
    let third = samples.len() / 3;
    Some(median(&samples[samples.len() - third..])? / median(&samples[..third])? - 1.0)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_interval_covers_the_true_median_as_often_as_it_says() {
        // 400 sets of 15 normals around 10: between 90 and 99 % of the intervals hold the 10.
        let mut generator = Generator::from_entropy(&[7]);
        let held = (0..400)
            .filter(|_| {
                let samples: Vec<f64> = generator.normals(15).iter().map(|z| 10.0 + z).collect();
                let Interval { lo, hi } = median_interval(&samples).unwrap();
                lo <= 10.0 && 10.0 <= hi
            })
            .count();
        assert!((360..=396).contains(&held), "{held} of 400");
    }

    #[test]
    fn the_interval_is_the_same_every_time_and_needs_samples() {
        let samples: Vec<f64> = (0..11).map(f64::from).collect();
        assert_eq!(median_interval(&samples), median_interval(&samples));
        assert_eq!(median_interval(&samples[..FEWEST - 1]), None);
    }

    #[test]
    fn a_common_slow_moment_leaves_the_ratio_alone() {
        // Both paths twice as slow in half of the rounds: the ratio is 3 in all of them.
        let b: Vec<f64> = (0..12).map(|round| if round % 2 == 0 { 1.0 } else { 2.0 }).collect();
        let a: Vec<f64> = b.iter().map(|b| 3.0 * b).collect();
        assert_eq!(ratio_interval(&a, &b), Some(Interval { lo: 3.0, hi: 3.0 }));
        assert_eq!(ratio_interval(&a[..7], &b), None);
    }

    #[test]
    fn a_trend_is_told_from_noise() {
        let rising: Vec<f64> = (0..11).map(|i| 1.0 + 0.01 * f64::from(i)).collect();
        let falling: Vec<f64> = rising.iter().rev().copied().collect();
        assert_eq!((trend(&rising), trend(&falling)), (Some(Trend::Rising), Some(Trend::Falling)));
        assert_eq!(trend(&rising[..FEWEST]), Some(Trend::Rising), "the fewest that can show one");
        assert_eq!(trend(&rising[..FEWEST - 1]), None);
        assert_eq!(trend(&[5.0; 20]), Some(Trend::None), "ties");
        // White noise is called a trend in about one of a hundred sets.
        let mut generator = Generator::from_entropy(&[8]);
        let called = (0..1000).filter(|_| trend(&generator.normals(15)) != Some(Trend::None)).count();
        assert!(called < 30, "{called} of 1000");
    }

    #[test]
    fn the_change_compares_the_last_third_with_the_first() {
        assert_eq!(change(&[1.0, 1.0, 1.0, 9.0, 1.5, 1.5, 1.5]), Some(0.5));
        assert_eq!(change(&[1.0; 5]), None);
    }
}
