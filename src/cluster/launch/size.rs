//! How many shards: each long enough that starting it costs little, short enough that losing one costs little.

use super::Engine;
use super::slurm;
use crate::cluster::MOST_SHARDS;

/// Slurm's own default of MaxArraySize is 1001; where it cannot be asked, this is taken.
const SLURM_UNKNOWN: u32 = 1000;

/// The most shards that an engine takes, and how this is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Most {
    /// How many.
    pub shards: u32,
    /// Why: `MaxArraySize of this cluster`.
    pub because: String,
}

impl Most {
    /// Asks `engine`; where it does not answer, what is safe.
    pub fn of(engine: Engine) -> Self {
        Self::known(engine).unwrap_or_else(Self::safe)
    }

    /// Asks `engine`; `None` where it does not answer.
    pub fn known(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Slurm => slurm::max_array_size().ok().map(Self::of_slurm),
            // With a limit of retries for each index, the API server takes no more.
            Engine::Kubernetes | Engine::HyperQueue | Engine::Local => {
                Some(Self { shards: MOST_SHARDS, because: "the most that a plan may have".to_owned() })
            }
        }
    }

    /// Indices are below `MaxArraySize`.
    fn of_slurm(max_array_size: u32) -> Self {
        Self { shards: max_array_size.clamp(1, MOST_SHARDS), because: "this cluster's MaxArraySize".to_owned() }
    }

    fn safe() -> Self {
        Self {
            shards: SLURM_UNKNOWN,
            because: "`scontrol show config` does not answer here, and Slurm's default is taken".to_owned(),
        }
    }
}

/// Shards of about `minutes` for a run of `trials` that takes `seconds` in all as one shard: at least `least` (as many as
/// compute at a time), at most `most` and one a trial.
pub fn shards(seconds: f64, minutes: f64, trials: usize, least: u32, most: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; 0 for what is no number")]
    let by_time = (seconds / (60.0 * minutes)).ceil() as u32;
    let trials = u32::try_from(trials).unwrap_or(u32::MAX);
    by_time.max(least).min(most).min(trials).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_takes_minutes_within_every_bound() {
        assert_eq!(shards(3600.0, 3.0, 1_000_000, 1, 1000), 20);
        assert_eq!(shards(3601.0, 3.0, 1_000_000, 1, 1000), 21);
        assert_eq!(shards(1.0, 3.0, 1_000_000, 1, 1000), 1);
        assert_eq!(shards(1.0, 3.0, 1_000_000, 8, 1000), 8, "one for each process");
        assert_eq!(shards(1.0, 3.0, 5, 8, 1000), 5, "no more than trials");
        assert_eq!(shards(1e12, 3.0, usize::MAX, 1, 1001), 1001);
        assert_eq!(shards(f64::INFINITY, 3.0, 10_000, 1, 1001), 1001);
        assert_eq!(shards(f64::NAN, 3.0, 10_000, 1, 1001), 1);
        assert_eq!(shards(1.0, 3.0, 0, 0, 1), 1);
    }

    #[test]
    fn an_array_is_as_long_as_the_cluster_allows() {
        assert_eq!(Most::of_slurm(1001).shards, 1001);
        assert_eq!(Most::of_slurm(4_000_001).shards, MOST_SHARDS);
        assert_eq!(Most::safe().shards, 1000);
    }
}
