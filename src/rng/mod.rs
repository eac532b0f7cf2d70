//! NumPy's random generator, bit for bit: whoever has NumPy can rebuild any trial.
//!
//! [`Generator`] is `np.random.default_rng`: a `SeedSequence` spreads the seed over a PCG64,
//! and a 256-layer ziggurat turns its words into normals. None of the three has changed since NumPy 1.17;
//! `tests/numpy_generator.rs` compares millions of draws with recorded ones.

mod normal;
mod pcg64;
mod seed_sequence;
mod ziggurat_tables;

use pcg64::Pcg64;

/// `np.random.Generator(PCG64(SeedSequence(entropy)))`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generator {
    bits: Pcg64,
}

impl Generator {
    /// `np.random.default_rng(entropy)`: `&[1023]` is `default_rng(1023)` (NumPy gives the same stream for
    /// `1023` and `[1023]`), `&[2, 50, 4, 0]` is `default_rng([2, 50, 4, 0])`.
    pub fn from_entropy(entropy: &[u64]) -> Self {
        Self { bits: Pcg64::from_seed_words(seed_sequence::state_words(entropy)) }
    }

    /// The next 64 random bits: `.bit_generator.random_raw()`.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.bits.next_u64()
    }

    /// One draw of `.random()`: uniform on [0, 1), a multiple of 2^-53.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        self.bits.uniform()
    }

    /// One draw of `.normal()`: standard normal, NumPy's ziggurat.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        // NumPy computes loc + scale * z. Adding loc = 0 turns the one draw in 2^53 that is -0.0 into 0.0.
        0.0 + normal::standard_normal(&mut self.bits)
    }

    /// `.normal(size=count)`; a matrix `.normal(size=(n, d))` is `normals(n * d)` read row by row.
    pub fn normals(&mut self, count: usize) -> Vec<f64> {
        // A local copy keeps the 128-bit state in registers for the whole loop.
        let mut generator = self.clone();
        let normals = (0..count).map(|_| generator.normal()).collect();
        *self = generator;
        normals
    }
}
