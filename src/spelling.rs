//! The word that was probably meant: what an error suggests after a typo.

/// The candidate that `word` was probably meant to be.
pub(crate) fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase().replace('_', "-");
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(&word, &candidate.replace('_', "-")), candidate))
        // Half of a short key is another key: `m` is no typo of `n`.
        .filter(|(distance, candidate)| *distance < candidate.len() && *distance <= candidate.len().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance between two short words, a swap of neighbours counted as one edit.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut best = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let keys = ["epsilon", "lambda", "replicates", "n", "d"];
        assert_eq!(did_you_mean("espilon", keys), Some("epsilon"));
        assert_eq!(did_you_mean("lamda", keys), Some("lambda"));
        assert_eq!(did_you_mean("replicate", keys), Some("replicates"));
        assert_eq!(did_you_mean("colour", keys), None);
    }
}
