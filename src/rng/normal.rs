//! The standard normal distribution by a 256-layer ziggurat, as `numpy.random.Generator` draws it.
//!
//! The density is covered by 256 horizontal layers of equal area. A random word picks a layer (8 bits), a sign (1 bit)
//! and a point of the layer (52 bits). 98.5 % of the points lie under the curve for certain; the others are tested
//! in the layer's wedge, or, in the base layer, drawn anew from the tail beyond r = 3.654.
//!
//! Source: G. Marsaglia & W. W. Tsang, "The Ziggurat Method for Generating Random Variables", J. Stat. Soft. 5(8), 2000.
//!
//! The tail takes `log1p` from the platform's C library, as NumPy does: two platforms whose `log1p` differ in the last
//! bit differ in the last bit of one draw in 3,900, with NumPy as with us.

use super::pcg64::Pcg64;
use super::ziggurat_tables::{FI, KI, TAIL_RATE, TAIL_START, WI};

/// One draw of `.standard_normal()`.
#[inline]
pub(super) fn standard_normal(bits: &mut Pcg64) -> f64 {
    let word = Word(bits.next_u64());
    if word.point() < KI[word.layer()] { word.value() } else { outside_the_core(bits, word) }
}

/// A random word, read as a layer, a sign and a point.
#[derive(Clone, Copy)]
struct Word(u64);

impl Word {
    #[inline]
    fn layer(self) -> usize {
        (self.0 & 0xff) as usize
    }

    /// 52 bits.
    #[inline]
    fn point(self) -> u64 {
        self.0 >> 9 & ((1 << 52) - 1)
    }

    #[inline]
    fn value(self) -> f64 {
        // The sign goes in as a bit: a branch on it would be mispredicted every second time.
        let sign = (self.0 >> 8 & 1) << 63;
        f64::from_bits((self.point() as f64 * WI[self.layer()]).to_bits() ^ sign)
    }
}

/// Tail and wedges: the 1.5 % of the words that need more than a comparison of integers.
#[cold]
#[inline(never)]
fn outside_the_core(bits: &mut Pcg64, mut word: Word) -> f64 {
    loop {
        let (layer, x) = (word.layer(), word.value());
        if layer == 0 {
            return tail(bits, word);
        }
        if (FI[layer - 1] - FI[layer]) * bits.uniform() + FI[layer] < (-0.5 * x * x).exp() {
            return x;
        }
        word = Word(bits.next_u64());
        if word.point() < KI[word.layer()] {
            return word.value();
        }
    }
}

/// A normal beyond +-r, by Marsaglia's exponential rejection. Its sign is bit 8 of the point, which is independent of
/// the layer's sign bit: what NumPy does.
fn tail(bits: &mut Pcg64, word: Word) -> f64 {
    loop {
        let beyond = -TAIL_RATE * (-bits.uniform()).ln_1p();
        let height = -(-bits.uniform()).ln_1p();
        if height + height > beyond * beyond {
            let x = TAIL_START + beyond;
            return if word.point() >> 8 & 1 == 1 { -x } else { x };
        }
    }
}
