//! Which trials were seen, in less than a byte each.

use std::collections::HashMap;

/// A set of trials. Its memory is 20 to 40 bytes for 64 neighbours, and never grows with what an index claims: in a journal
/// that is not trusted any index may stand.
#[derive(Debug, Default)]
pub(super) struct TrialSet {
    /// A bit for each of 64 trials that follow one another, by their number divided by 64.
    words: HashMap<usize, u64>,
    len: usize,
}

impl TrialSet {
    /// Puts `trial` in, if it is not there.
    pub(super) fn insert(&mut self, trial: usize) {
        let bits = u64::BITS as usize;
        let word = self.words.entry(trial / bits).or_default();
        let bit = 1 << (trial % bits);
        self.len += usize::from(*word & bit == 0);
        *word |= bit;
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_counts_once() {
        let mut set = TrialSet::default();
        for trial in [0, 63, 64, 0, usize::MAX, 127, 64, 128, usize::MAX, 1] {
            set.insert(trial);
        }
        assert_eq!(set.len(), 7);
        // Neighbours share their memory, and an index far away takes none for those before it.
        assert_eq!(set.words.len(), 4);
    }
}
