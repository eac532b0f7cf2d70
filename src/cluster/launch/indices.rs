//! Lists of shards as engines write them: `0-3,7`.

/// The increasing numbers `indices`, runs of them as ranges.
pub(crate) fn compact(indices: &[u32]) -> String {
    let runs = indices.chunk_by(|a, b| a.checked_add(1) == Some(*b));
    let words = runs.filter_map(|run| match (run.first()?, run.last()?) {
        (first, last) if first == last => Some(first.to_string()),
        (first, last) => Some(format!("{first}-{last}")),
    });
    words.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn runs_are_ranges() {
        assert_eq!(compact(&[]), "");
        assert_eq!(compact(&[5]), "5");
        assert_eq!(compact(&[0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(compact(&[u32::MAX - 1, u32::MAX]), "4294967294-4294967295");
    }
}
