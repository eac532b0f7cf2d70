//! Every parser against input that nobody meant: the bodies of the fuzz targets (`fuzz/`), here with a bounded number of
//! deterministic mutations of the same seeds. `NULLSWEEP_HOSTILE=20` makes it twenty times as many.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod mutate;

mod targets {
    pub(super) mod config;
    pub(super) mod csv;
    pub(super) mod expression;
    pub(super) mod journal;
    pub(super) mod npy;
}

use std::panic::catch_unwind;

use mutate::{Mutator, seeds};

/// Feeds `check` with every seed in `folders` as it is and with `count` mutations; an input that upsets it is shown.
fn endures(folders: &[&str], count: usize, check: fn(&[u8])) {
    let times: usize = std::env::var("NULLSWEEP_HOSTILE").map_or(1, |text| text.parse().unwrap());
    let seeds = seeds(folders);
    for seed in &seeds {
        check(seed);
    }
    let mut mutator = Mutator::new(seeds, 1);
    for number in 0..count * times {
        let input = mutator.next();
        let endured = catch_unwind(|| check(&input)).is_ok();
        assert!(endured, "{folders:?}, input {number}: {:?}", String::from_utf8_lossy(&input));
    }
}

#[test]
fn config() {
    endures(&["configs", "configs/examples", "tests/hostile/seeds/config"], 4000, targets::config::check);
}

#[test]
fn expression() {
    endures(&["tests/hostile/seeds/expression"], 2000, targets::expression::check);
}

#[test]
fn csv() {
    endures(&["tests/hostile/seeds/csv"], 20_000, targets::csv::check);
}

#[test]
fn npy() {
    endures(&["tests/fixtures/numpy_arrays"], 20_000, targets::npy::check);
}

#[test]
fn journal() {
    endures(&["tests/hostile/seeds/journal"], 1500, targets::journal::check);
}

/// A target that accepts everything would find nothing: its oracle must see a lie.
#[test]
fn the_oracles_look() {
    let seen = |lie: fn()| catch_unwind(lie).is_err();
    assert!(seen(|| endures(&["tests/hostile/seeds/csv"], 10, |_| panic!("a bug"))));
    // The mutations reach beyond the first check: some are read, some are refused.
    let (mut read, mut refused) = (0, 0);
    let mut mutator = Mutator::new(seeds(&["tests/hostile/seeds/csv"]), 1);
    for _ in 0..500 {
        let input = mutator.next();
        let options = nullsweep::data::ReadOptions::default();
        match nullsweep::data::parse(&input, std::path::Path::new("a.csv"), &options) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(read > 20 && refused > 20, "{read} read, {refused} refused");
}
