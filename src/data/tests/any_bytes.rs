//! No bytes upset a parser.

use proptest::prelude::*;

use super::*;

fn finite(x: &Matrix) -> bool {
    x.rows() * x.cols() > 0 && x.first_not_finite().is_none()
}

proptest! {
    #[test]
    fn no_bytes_upset_the_csv_parser(content in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok((_, x)) = parsed(&content, &ReadOptions::default()) {
            prop_assert!(finite(&x));
        }
    }

    #[test]
    fn no_text_upsets_the_csv_parser(content in "[0-9a-zN\",;.\r\n+ -]{0,200}", delimiter in any::<u8>()) {
        let options = ReadOptions { delimiter, ..ReadOptions::default() };
        if let Ok((_, x)) = parsed(content.as_bytes(), &options) {
            prop_assert!(finite(&x));
        }
    }

    #[test]
    fn what_is_written_as_csv_is_read_back(
        (cols, entries) in (1_usize..6).prop_flat_map(|cols| {
            (Just(cols), proptest::collection::vec(proptest::num::f64::NORMAL, cols * 4))
        })
    ) {
        let lines = entries.chunks(cols).map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>().join(","));
        let content = lines.collect::<Vec<_>>().join("\n");
        let (names, x) = parsed(content.as_bytes(), &ReadOptions::default()).unwrap();
        prop_assert_eq!((names, x), (None, Matrix::new(4, cols, entries)));
    }

    #[test]
    fn no_bytes_upset_the_npy_parser(data in proptest::collection::vec(any::<u8>(), 0..100), header in "\\PC{0,80}") {
        for bytes in [data.clone(), npy_bytes(&header, &data)] {
            if let Ok(x) = parse_npy(&bytes) {
                prop_assert!(finite(&x));
            }
        }
    }

    #[test]
    fn no_mutation_upsets_the_npy_parser(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), keep in any::<prop::sample::Index>()) {
        let mut bytes = fs::read(recorded("fortran")).unwrap();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let cut = keep.index(bytes.len() + 1);
        for bytes in [&bytes[..], &bytes[..cut]] {
            if let Ok(x) = parse_npy(bytes) {
                prop_assert!(finite(&x));
            }
        }
    }
}
