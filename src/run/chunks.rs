//! How many trials are computed together.

use crate::grid::Trial;

/// More trials than this in one chunk gain nothing.
const MOST_TRIALS: usize = 4096;

/// Multiplications after which a chunk is long enough: a few seconds on a slow machine, so that progress shows and an
/// interrupted run stops soon.
const MOST_WORK: f64 = 4e9;

/// What a caller may ask of chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// At most this many trials in one chunk.
    pub trials_per_chunk: Option<usize>,
}

/// Splits `trials` into consecutive chunks of at most `bytes` of matrices each, at least one trial long.
pub(super) fn of(trials: &[Trial], bytes: usize, limits: Limits) -> impl Iterator<Item = &[Trial]> {
    let most_trials = limits.trials_per_chunk.unwrap_or(MOST_TRIALS).min(MOST_TRIALS);
    let mut rest = trials;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, behind) = rest.split_at(length(rest, bytes, most_trials));
        rest = behind;
        Some(chunk)
    })
}

fn length(trials: &[Trial], bytes: usize, most_trials: usize) -> usize {
    let (mut taken, mut used, mut work) = (0, 0_usize, 0.0);
    for trial in trials {
        used = used.saturating_add(trial.n.saturating_mul(trial.d).saturating_mul(size_of::<f64>()));
        work += multiplications(trial);
        let full = used > bytes || work > MOST_WORK || taken == most_trials;
        if full && taken > 0 {
            break;
        }
        taken += 1;
    }
    taken
}

/// About what one trial costs: QR and product with V, about eight Jacobi sweeps, and the same for X'X.
fn multiplications(trial: &Trial) -> f64 {
    let (n, d) = (trial.n as f64, trial.d as f64);
    let q = n.min(d);
    6.0 * n * d * q + 20.0 * q * q * q + 20.0 * d * d * d
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trials(count: usize, n: usize, d: usize) -> Vec<Trial> {
        (0..count).map(|index| Trial { index, cell: 0, n, d, epsilon: None, replicate: 0 }).collect()
    }

    #[test]
    fn chunks_cover_all_trials_in_order_within_the_budget() {
        let trials = trials(1000, 10, 10);
        let chunks: Vec<&[Trial]> = of(&trials, 8 * 100 * 64, Limits::default()).collect();
        assert_eq!(chunks.concat(), trials);
        assert!(chunks.iter().all(|chunk| chunk.len() <= 64), "{:?}", chunks.iter().map(|c| c.len()).max());
        assert_eq!(chunks.len(), 1000_usize.div_ceil(64));
    }

    #[test]
    fn a_limit_on_trials_is_kept() {
        let limits = Limits { trials_per_chunk: Some(7) };
        assert!(of(&trials(30, 2, 2), 1 << 20, limits).all(|chunk| chunk.len() <= 7));
    }

    #[test]
    fn a_matrix_larger_than_the_budget_goes_alone() {
        let trials = trials(3, 2000, 1000);
        assert_eq!(of(&trials, 1, Limits::default()).map(<[Trial]>::len).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(of(&[], 1, Limits::default()).count(), 0);
    }
}
