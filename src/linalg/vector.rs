//! Vector kernels. Sums run in eight fixed lanes, so that they vectorize and still give the same bits on every
//! instruction set.

use super::scalar::{Scalar, exponent};

/// Lanes of a sum, and rows that go together: four registers of SSE or NEON, two of AVX2, one of AVX-512.
pub const LANES: usize = 8;

/// Longest chain of roundings that a term of [`dot`] of length `len` goes through: its product, the additions of its
/// lane, the three that join the lanes.
pub fn dot_depth(len: usize) -> usize {
    len.div_ceil(LANES) + 4
}

/// `count` times `value`. Small pieces of memory come faster this way than by `vec![0.0; count]`: that asks for zeroed ones, which C libraries
/// do not keep at hand.
#[inline(always)]
pub fn filled<T: Copy>(value: T, count: usize) -> Vec<T> {
    std::iter::repeat_n(value, count).collect()
}

/// a'b.
#[inline(always)]
pub fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    debug_assert_eq!(a.len(), b.len());
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [T::ZERO; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (&a, &b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane += a * b;
    }
    joined(lanes)
}

/// The lanes of a sum, always added in this order.
#[inline(always)]
pub fn joined<T: Scalar>([l0, l1, l2, l3, l4, l5, l6, l7]: [T; LANES]) -> T {
    ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7))
}

/// The sum of all entries.
#[inline(always)]
pub fn sum<T: Scalar>(x: &[T]) -> T {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut lanes = [T::ZERO; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += chunk[lane];
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += x;
    }
    joined(lanes)
}

/// a - b.
pub fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// ||a - b||.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    norm(&difference(a, b))
}

/// y += scale * x.
#[inline(always)]
pub fn axpy<T: Scalar>(scale: T, x: &[T], y: &mut [T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += scale * x;
    }
}

/// (a, b) <- (c a - s b, s a + c b).
#[inline(always)]
pub fn rotate<T: Scalar>(a: &mut [T], b: &mut [T], c: T, s: T) {
    for (a, b) in a.iter_mut().zip(b) {
        let (x, y) = (*a, *b);
        *a = c * x - s * y;
        *b = s * x + c * y;
    }
}

/// Largest absolute entry; NaN if any entry is NaN, 0 for an empty vector.
#[inline(always)]
pub fn max_abs<T: Scalar>(x: &[T]) -> T {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut largest = [T::ZERO; LANES];
    let mut not_a_number = [false; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            let size = chunk[lane].abs();
            largest[lane] = if size > largest[lane] { size } else { largest[lane] };
            not_a_number[lane] |= size.to_f64().is_nan();
        }
    }
    let largest = largest.iter().chain(rest).fold(T::ZERO, |m, x| m.max(x.abs()));
    // The comparisons above drop NaN.
    if not_a_number.contains(&true) { T::from_f64(f64::NAN) } else { largest }
}

/// Multiplies every entry by 2^exponent.
#[inline(always)]
pub fn scale_by_power_of_two<T: Scalar>(x: &mut [T], exponent: i32) {
    /// Largest step: a factor that is a number.
    const STEP: i32 = 1000;
    if exponent == 0 {
        return;
    }
    // The odd step first, as in [`Scalar::times_power_of_two`]; each loop has one factor for all entries, so that it vectorizes.
    for x in &mut *x {
        *x = x.times_power_of_two(exponent % STEP);
    }
    for _ in 0..(exponent / STEP).abs() {
        for x in &mut *x {
            *x = x.times_power_of_two(STEP * exponent.signum());
        }
    }
}

/// Euclidean norm without overflow or harmful underflow of the squares; NaN if any entry is NaN.
#[inline(always)]
pub fn norm<T: Scalar>(x: &[T]) -> T {
    let squares = dot(x, x);
    let smallest = T::ONE.times_power_of_two(-2 * T::LARGEST_EXPONENT);
    // Room for 2^40 squares of the largest numbers that are safe.
    let largest = T::ONE.times_power_of_two(2 * T::LARGEST_EXPONENT + 40);
    if squares > smallest && squares < largest { squares.sqrt() } else { norm_out_of_range(x) }
}

/// [`norm`] where the plain sum of squares cannot be trusted.
#[cold]
fn norm_out_of_range<T: Scalar>(x: &[T]) -> T {
    let largest = max_abs(x);
    let Some(k) = exponent(largest.to_f64()) else { return largest };
    let scaled: Vec<T> = x.iter().map(|x| x.times_power_of_two(-k)).collect();
    dot(&scaled, &scaled).sqrt().times_power_of_two(k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norm_survives_the_extremes() {
        for scale in [1.0, 1e300, 1e-300, 5e-324 * 1024.0] {
            let x: [f64; 2] = [3.0 * scale, 4.0 * scale];
            let relative = (norm(&x) / scale - 5.0).abs();
            assert!(relative < 1e-15, "scale {scale:e}: {relative:e}");
        }
        assert_eq!(norm(&[0.0, 0.0]), 0.0);
        assert_eq!(norm::<f64>(&[]), 0.0);
        assert!(norm(&[1.0, f64::NAN]).is_nan());
        assert_eq!(norm(&[1.0, f64::INFINITY]), f64::INFINITY);
    }

    #[test]
    fn norm_in_f32_survives_squares_out_of_range() {
        let x = [3.0e30_f32, 4.0e30];
        assert!((norm(&x) / 5.0e30 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn scaling_all_entries_is_scaling_each() {
        let x = [1.0, -3.0e-300, 7.5e200, 5e-324, 0.0, f64::MAX, 2.2e-308];
        for exponent in [-2100, -1070, -1000, -999, -1, 0, 3, 477, 1000, 1001, 2100] {
            let mut scaled = x;
            scale_by_power_of_two(&mut scaled, exponent);
            assert_eq!(scaled, x.map(|x| x.times_power_of_two(exponent)), "2^{exponent}");
        }
    }

    #[test]
    fn dot_and_sum_add_every_term_once() {
        for len in 0..40 {
            let a: Vec<f64> = (0..len).map(f64::from).collect();
            let ones = vec![1.0; a.len()];
            let expected = f64::from(len * (len - 1) / 2);
            assert_eq!((dot(&a, &ones), sum(&a)), (expected, expected), "length {len}");
        }
    }
}
