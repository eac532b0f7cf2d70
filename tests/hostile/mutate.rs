//! Inputs that were right once: deterministic mutations of the seeds that the fuzz targets start from.

use std::fs;
use std::path::Path;

/// What parsers of numbers, quotes and lengths get wrong.
const FRAGMENTS: [&[u8]; 16] = [
    b"0",
    b"-1",
    b"18446744073709551616",
    b"1e999",
    b"nan",
    b"inf",
    b"-0.0",
    b"\"",
    b"'",
    b"[[",
    b"{",
    b"(",
    b"\n",
    b"\r\n",
    b"\xff",
    b"\0",
];

/// The files of `folders`, by name; folders inside them are left out.
pub(super) fn seeds(folders: &[&str]) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    assert!(paths.len() >= 5, "{folders:?}: too few seeds");
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// An endless supply of inputs.
pub(super) struct Mutator {
    seeds: Vec<Vec<u8>>,
    state: u64,
}

impl Mutator {
    pub(super) fn new(seeds: Vec<Vec<u8>>, state: u64) -> Self {
        Self { seeds, state }
    }

    /// A seed with one to four changes.
    pub(super) fn next(&mut self) -> Vec<u8> {
        let chosen = self.below(self.seeds.len());
        let mut input = self.seeds[chosen].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut input);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let (at, other) = (self.below(input.len() + 1), self.below(input.len() + 1));
        let (start, end) = (at.min(other), at.max(other).min(at.min(other) + 64));
        match self.below(6) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 => input.truncate(at),
            2 => drop(input.drain(start..end)),
            3 => {
                let copy = input[start..end].to_vec();
                input.splice(at..at, copy.repeat(1 + self.below(40))).for_each(drop);
            }
            4 => {
                let fragment = FRAGMENTS[self.below(FRAGMENTS.len())];
                input.splice(start..end, fragment.iter().copied()).for_each(drop);
            }
            _ => {
                let donor = self.below(self.seeds.len());
                let cut = self.below(self.seeds[donor].len() + 1);
                input.truncate(at);
                input.extend_from_slice(&self.seeds[donor][cut..]);
            }
        }
    }

    /// splitmix64 (Steele, Lea & Flood 2014), reduced to 0..`bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from(((u128::from(z ^ (z >> 31))) * bound as u128) >> 64).unwrap()
    }
}
