//! The generator against NumPy's recorded draws (`tests/fixtures/numpy_generator.py`).

#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

use nullsweep::rng::Generator;
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Recorded {
    streams: Vec<Stream>,
    tails: Vec<Tail>,
    normals_3000000_sha256_seed_1023: String,
}

/// What one seed gives. Each list starts a fresh generator; floats are the hexadecimal digits of their bits.
#[derive(Deserialize)]
struct Stream {
    entropy: Vec<String>,
    raw: Vec<String>,
    uniform: Vec<String>,
    normal: Vec<String>,
    normals_100000_sha256: String,
    more_than_one_word_in_1000: usize,
}

/// A draw beyond +-3.654, which only the ziggurat's tail can produce.
#[derive(Deserialize)]
struct Tail {
    entropy: Vec<String>,
    index: usize,
    bits: String,
}

fn recorded() -> Recorded {
    serde_json::from_str(include_str!("fixtures/numpy_generator.json")).unwrap()
}

fn generator(entropy: &[String]) -> Generator {
    let entropy: Vec<u64> = entropy.iter().map(|word| word.parse().unwrap()).collect();
    Generator::from_entropy(&entropy)
}

fn bits(x: f64) -> String {
    format!("{:016x}", x.to_bits())
}

fn sha256(x: &[f64]) -> String {
    let mut hasher = Sha256::new();
    for x in x {
        hasher.update(x.to_le_bytes());
    }
    hasher.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[test]
fn every_seed_gives_numpys_words_uniforms_and_normals() {
    for stream in recorded().streams {
        let seed = &stream.entropy;
        let mut rng = generator(seed);
        assert_eq!(
            stream.raw,
            stream.raw.iter().map(|_| format!("{:016x}", rng.next_u64())).collect::<Vec<_>>(),
            "{seed:?}"
        );
        let mut rng = generator(seed);
        assert_eq!(stream.uniform, stream.uniform.iter().map(|_| bits(rng.uniform())).collect::<Vec<_>>(), "{seed:?}");
        let mut rng = generator(seed);
        assert_eq!(stream.normal, stream.normal.iter().map(|_| bits(rng.normal())).collect::<Vec<_>>(), "{seed:?}");
        assert_eq!(stream.normals_100000_sha256, sha256(&generator(seed).normals(100_000)), "{seed:?}");
    }
}

#[test]
fn three_million_normals_hash_as_numpys() {
    let draws = Generator::from_entropy(&[1023]).normals(3_000_000);
    assert_eq!(sha256(&draws), recorded().normals_3000000_sha256_seed_1023);
}

#[test]
fn wedges_take_the_words_that_numpy_takes() {
    for stream in recorded().streams {
        let mut rng = generator(&stream.entropy);
        let several = (0..1000)
            .filter(|_| {
                let mut one_word = rng.clone();
                one_word.next_u64();
                rng.normal();
                rng != one_word
            })
            .count();
        assert!(several > 0, "{:?} never left the core", stream.entropy);
        assert_eq!(several, stream.more_than_one_word_in_1000, "{:?}", stream.entropy);
    }
}

#[test]
fn the_tail_draws_numpys_values() {
    for tail in recorded().tails {
        let draws = generator(&tail.entropy).normals(tail.index + 1);
        assert!(draws[..tail.index].iter().all(|x| x.abs() <= 3.654_152_885_361_009), "{:?}", tail.entropy);
        assert!(draws[tail.index].abs() > 3.654_152_885_361_009, "{:?}", tail.entropy);
        assert_eq!(bits(draws[tail.index]), tail.bits, "{:?}", tail.entropy);
    }
}

#[test]
fn drawing_in_pieces_gives_the_same_stream() {
    let whole = Generator::from_entropy(&[5, 6]).normals(1000);
    let mut rng = Generator::from_entropy(&[5, 6]);
    let mut pieces = rng.normals(333);
    pieces.push(rng.normal());
    pieces.extend(rng.normals(666));
    assert_eq!(whole, pieces);
}
