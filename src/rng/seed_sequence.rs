//! NumPy's `SeedSequence`: a few integers become as many well-mixed words as a generator needs.
//!
//! Source: M. O'Neill, "Developing a seed_seq alternative" (2015), in the variant that NumPy froze in version 1.17
//! (NEP 19): a pool of four 32-bit words, every word of entropy hashed into every word of the pool.

const POOL_WORDS: usize = 4;
const XSHIFT: u32 = 16;
const INIT_A: u32 = 0x43b0_d7e5;
const MULT_A: u32 = 0x931e_8875;
const INIT_B: u32 = 0x8b51_f9dd;
const MULT_B: u32 = 0x58f3_8ded;
const MIX_MULT_L: u32 = 0xca01_f9dd;
const MIX_MULT_R: u32 = 0x4973_f715;

/// `SeedSequence(entropy).generate_state(4, np.uint64)`.
pub(super) fn state_words(entropy: &[u64]) -> [u64; 4] {
    let pool = pool(&entropy_words(entropy));
    let mut hash = Hash { constant: INIT_B, multiplier: MULT_B };
    let mut next = |k: usize| u64::from(hash.mix(pool[k % POOL_WORDS]));
    std::array::from_fn(|k| next(2 * k) | next(2 * k + 1) << 32)
}

/// Each integer as 32-bit words, the lowest first and without leading zeros; 0 is one zero word.
fn entropy_words(entropy: &[u64]) -> Vec<u32> {
    let mut words = Vec::with_capacity(2 * entropy.len());
    for &integer in entropy {
        #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
        words.push(integer as u32);
        let high = (integer >> 32) as u32;
        if high != 0 {
            words.push(high);
        }
    }
    words
}

/// The pool after all of the entropy was mixed in. Missing words count as zero, words beyond the fourth reach every
/// word of the pool.
fn pool(words: &[u32]) -> [u32; POOL_WORDS] {
    let mut hash = Hash { constant: INIT_A, multiplier: MULT_A };
    let mut pool: [u32; POOL_WORDS] = std::array::from_fn(|i| hash.mix(words.get(i).copied().unwrap_or(0)));
    for source in 0..POOL_WORDS {
        for target in (0..POOL_WORDS).filter(|&target| target != source) {
            pool[target] = mix(pool[target], hash.mix(pool[source]));
        }
    }
    for &word in words.iter().skip(POOL_WORDS) {
        for target in &mut pool {
            *target = mix(*target, hash.mix(word));
        }
    }
    pool
}

/// A hash whose constant changes with every word, so that equal words at different places hash differently.
struct Hash {
    constant: u32,
    multiplier: u32,
}

impl Hash {
    fn mix(&mut self, word: u32) -> u32 {
        let word = word ^ self.constant;
        self.constant = self.constant.wrapping_mul(self.multiplier);
        let word = word.wrapping_mul(self.constant);
        word ^ word >> XSHIFT
    }
}

fn mix(x: u32, y: u32) -> u32 {
    let word = MIX_MULT_L.wrapping_mul(x).wrapping_sub(MIX_MULT_R.wrapping_mul(y));
    word ^ word >> XSHIFT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_split_as_numpy_splits_them() {
        assert_eq!(entropy_words(&[0]), [0]);
        assert_eq!(entropy_words(&[7, 1 << 32, 0, u64::MAX]), [7, 0, 1, 0, u32::MAX, u32::MAX]);
        assert_eq!(entropy_words(&[]), [] as [u32; 0]);
    }
}
