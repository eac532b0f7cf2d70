//! PCG64: a 128-bit linear congruential generator with the XSL-RR output function, NumPy's default.
//!
//! Source: M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
//! Generation", Harvey Mudd College, HMC-CS-2014-0905.

/// State and stream of one generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pcg64 {
    state: u128,
    /// Always odd.
    increment: u128,
}

impl Pcg64 {
    const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

    /// The generator that NumPy seeds with four words of a seed sequence: state, then stream, high halves first.
    pub(super) fn from_seed_words(words: [u64; 4]) -> Self {
        let [state, stream] =
            [[words[0], words[1]], [words[2], words[3]]].map(|[high, low]| u128::from(high) << 64 | u128::from(low));
        let mut generator = Self { state: 0, increment: stream << 1 | 1 };
        generator.step();
        generator.state = generator.state.wrapping_add(state);
        generator.step();
        generator
    }

    /// The next 64 random bits.
    #[inline]
    pub(super) fn next_u64(&mut self) -> u64 {
        self.step();
        #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
        let (high, low) = ((self.state >> 64) as u64, self.state as u64);
        (high ^ low).rotate_right((high >> 58) as u32)
    }

    /// Uniform on [0, 1), a multiple of 2^-53.
    #[inline]
    pub(super) fn uniform(&mut self) -> f64 {
        const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.next_u64() >> 11) as f64 * UNIT
    }

    #[inline]
    fn step(&mut self) {
        self.state = self.state.wrapping_mul(Self::MULTIPLIER).wrapping_add(self.increment);
    }
}
