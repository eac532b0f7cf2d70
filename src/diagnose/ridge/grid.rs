//! Which penalties a path goes through.

use std::str::FromStr;

/// Penalties per path where nothing else is asked for: four a decade.
const COUNT: usize = 64;
/// More serve no reader.
const MOST: usize = 10_000;

/// A logarithmic grid of penalties.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grid {
    /// From u sigma_1^2, which is lost in X'X in f64, to sigma_1^2, which halves the best determined weight; 64 penalties.
    Auto,
    /// `count` penalties from `least` to `largest`, both included.
    Log {
        /// Above 0.
        least: f64,
        /// At least `least`, finite.
        largest: f64,
        /// At least 2.
        count: usize,
    },
}

impl Grid {
    /// The penalties, ascending, for penalised columns whose largest singular value has the square `largest_square`.
    pub fn values(&self, largest_square: f64) -> Vec<f64> {
        let (least, largest, count) = match *self {
            Self::Auto => (largest_square * f64::EPSILON, largest_square, COUNT),
            Self::Log { least, largest, count } => (least, largest, count),
        };
        let step = (largest / least).ln() / (count - 1) as f64;
        // The ends as they are, not as exp and ln leave them.
        (0..count)
            .map(|i| match i {
                0 => least,
                i if i + 1 == count => largest,
                i => least * (step * i as f64).exp(),
            })
            .collect()
    }
}

impl FromStr for Grid {
    /// What is allowed.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || {
            format!(
                "give LEAST:LARGEST:COUNT, such as 1e-6:1e3:40, with 0 < LEAST < LARGEST and 2 to {MOST} penalties, or auto"
            )
        };
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let parts: Vec<&str> = text.split(':').collect();
        let [least, largest, count] = parts[..] else { return Err(refused()) };
        let number = |text: &str| text.trim().parse::<f64>().map_err(|_| refused());
        let (least, largest) = (number(least)?, number(largest)?);
        let count: usize = count.trim().parse().map_err(|_| refused())?;
        let sound = least > 0.0 && least < largest && (largest / least).is_finite() && (2..=MOST).contains(&count);
        if sound { Ok(Self::Log { least, largest, count }) } else { Err(refused()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_penalties_and_ratios_are_equal() {
        let values = "1e-2:1e2:5".parse::<Grid>().unwrap().values(1.0);
        assert_eq!((values[0], values[4], values.len()), (1e-2, 1e2, 5));
        for pair in values.windows(2) {
            assert!((pair[1] / pair[0] - 10.0).abs() < 1e-13, "{values:?}");
        }
        let values = Grid::Auto.values(9.0);
        assert_eq!((values[0], values[63], values.len()), (9.0 * f64::EPSILON, 9.0, 64));
    }

    #[test]
    fn what_is_no_grid_is_refused_with_an_example() {
        for text in [
            "",
            "1",
            "1:2",
            "0:1:5",
            "2:1:5",
            "1:2:1",
            "1:inf:5",
            "nan:1:5",
            "1:2:3:4",
            "1:2:x",
            "1e-300:1e300:9",
            "1:2:99999",
        ] {
            let error = text.parse::<Grid>().unwrap_err();
            assert!(error.contains("1e-6:1e3:40"), "{text}: {error}");
        }
        assert_eq!("auto".parse(), Ok(Grid::Auto));
    }
}
