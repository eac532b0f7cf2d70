//! One-sided Jacobi: rotate pairs of columns until all are orthogonal.
//!
//! Source: Hestenes 1958; the order with the largest remaining column first is de Rijk's (1989); norms are carried along
//! and corrected as in LAPACK's dgesvj (Drmac & Veselic 2008, "New fast and accurate Jacobi SVD algorithm I, II").

use super::{Columns, Scalar, dot, dot_depth, norm, rotate};
use crate::engine::Convergence;

/// Jacobi sweeps after which the iteration gives up; convergent runs need 3 to 12.
const SWEEP_LIMIT: u32 = 30;

/// How a Jacobi iteration ended.
#[derive(Clone, Debug)]
pub struct JacobiReport<T> {
    /// Norms of the columns, nonincreasing: the singular values.
    pub sigma: Vec<T>,
    /// Passes over all pairs, the last one included, which found nothing to rotate.
    pub sweeps: u32,
    /// Largest |cosine| seen in the last pass.
    pub max_cos: f64,
    /// Whether the last pass found nothing to rotate.
    pub convergence: Convergence,
}

/// Rotates the columns of `b` (p x q) in place until every |cosine| between two of them is at most
/// `dot_depth(p) * u`, and sorts them by norm, nonincreasing.
///
/// `passengers` (any number of rows, q columns) is rotated and sorted along but takes part in no inner product: the
/// identity becomes V with B_in V = B_out. Entries of `b` must be finite and at most 2^`LARGEST_EXPONENT`. The threshold
/// is relative, so that small columns are as orthogonal as large ones; columns below 2^-`LARGEST_EXPONENT`, which underflow
/// in products and rotation angles keeps from ever becoming orthogonal, become 0.
#[inline(always)]
pub fn one_sided_jacobi<T: Scalar>(b: &mut Columns<T>, mut passengers: Option<&mut Columns<T>>) -> JacobiReport<T> {
    let q = b.cols();
    let tolerance = dot_depth(b.rows()) as f64 * T::UNIT_ROUNDOFF;
    let mut sigma = vec![T::ZERO; q];
    let lost = T::ONE.times_power_of_two(-T::LARGEST_EXPONENT);
    let (mut sweeps, mut max_cos) = (0, 0.0);
    let mut convergence = Convergence::SweepLimit;
    while convergence == Convergence::SweepLimit && sweeps < SWEEP_LIMIT {
        for (j, sigma) in sigma.iter_mut().enumerate() {
            *sigma = norm(b.column(j));
            if *sigma < lost {
                b.column_mut(j).fill(T::ZERO);
                *sigma = T::ZERO;
            }
        }
        (sweeps, max_cos) = (sweeps + 1, 0.0);
        let mut rotations = 0_usize;
        for i in 0..q {
            largest_to_front(b, &mut passengers, &mut sigma, i);
            for j in i + 1..q {
                // What a rotation has just left of a dependent column waits for the next sweep to become 0.
                if sigma[j] < lost {
                    continue;
                }
                let (x, y) = b.pair_mut(i, j);
                let cos = dot(x, y) / sigma[i] / sigma[j];
                let size = cos.abs().to_f64();
                max_cos = if size.is_nan() { size } else { f64::max(max_cos, size) };
                // A NaN counts as not orthogonal, so that it can never pass for convergence.
                let orthogonal = size <= tolerance;
                if !orthogonal {
                    rotations += 1;
                    let rotation = Rotation::between(sigma[i], sigma[j], cos);
                    rotate(x, y, rotation.c, rotation.s);
                    (sigma[i], sigma[j]) = rotation.norms(sigma[i], sigma[j], cos, y);
                    if let Some(passengers) = passengers.as_deref_mut() {
                        let (x, y) = passengers.pair_mut(i, j);
                        rotate(x, y, rotation.c, rotation.s);
                    }
                }
            }
        }
        if rotations == 0 {
            convergence = Convergence::Converged;
        }
    }
    for i in 0..q {
        largest_to_front(b, &mut passengers, &mut sigma, i);
    }
    JacobiReport { sigma, sweeps, max_cos, convergence }
}

/// Exchanges column `i` with the largest of the columns from i on.
#[inline(always)]
fn largest_to_front<T: Scalar>(
    b: &mut Columns<T>,
    passengers: &mut Option<&mut Columns<T>>,
    sigma: &mut [T],
    i: usize,
) {
    let mut largest = i;
    for j in i + 1..sigma.len() {
        if sigma[j] > sigma[largest] {
            largest = j;
        }
    }
    if largest != i {
        sigma.swap(i, largest);
        b.swap_columns(i, largest);
        if let Some(passengers) = passengers {
            passengers.swap_columns(i, largest);
        }
    }
}

/// (x, y) <- (c x - s y, s x + c y) with t = s / c.
struct Rotation<T> {
    c: T,
    s: T,
    t: T,
}

impl<T: Scalar> Rotation<T> {
    /// The rotation that makes two columns with norms `a`, `b` and cosine `cos` orthogonal, by the smaller angle.
    #[inline(always)]
    fn between(a: T, b: T, cos: T) -> Self {
        // z = (b / a - a / b) / (2 cos), but a / b may overflow.
        let ratio = b / a;
        let (above, below) = ((ratio + T::ONE) * (ratio - T::ONE), (cos + cos) * ratio);
        // Beyond this 1 + z^2 = z^2 to working precision, and z^2 may overflow.
        let t = if below.abs().to_f64() <= T::UNIT_ROUNDOFF * above.abs().to_f64() {
            cos * ratio / above
        } else {
            let z = above / below;
            let t = T::ONE / (z.abs() + (T::ONE + z * z).sqrt());
            if z < T::ZERO { -t } else { t }
        };
        let c = T::ONE / (T::ONE + t * t).sqrt();
        Self { c, s: c * t, t }
    }

    /// The norms after the rotation; that of the second column, now `y`, is computed anew where it has cancelled.
    #[inline(always)]
    fn norms(&self, a: T, b: T, cos: T, y: &[T]) -> (T, T) {
        let grown = T::ONE - self.t * cos * (b / a);
        let shrunk = T::ONE + cos * (self.t / (b / a));
        let a = if grown > T::ZERO { a * grown.sqrt() } else { a };
        let b = if shrunk.to_f64() > T::UNIT_ROUNDOFF.sqrt() { b * shrunk.sqrt() } else { norm(y) };
        (a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Dd;

    fn pseudo_random<T: Scalar>(rows: usize, cols: usize) -> Columns<T> {
        let mut state = 88_172_645_463_325_252_u64;
        Columns::from_fn(rows, cols, |_, _| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            T::from_f64((state >> 11) as f64 / 2.0_f64.powi(53) - 0.5)
        })
    }

    /// LAPACK's ratios: ||A V - B|| / (||A|| p u) and ||V'V - I|| / (q u), and the largest cosine over its bound.
    fn check<T: Scalar>(a: &Columns<T>) {
        let (p, q) = (a.rows(), a.cols());
        let (mut b, mut v) = (a.clone(), Columns::identity(q));
        let report = one_sided_jacobi(&mut b, Some(&mut v));
        assert_eq!(report.convergence, Convergence::Converged, "{p}x{q}");
        let scale = norm(a.as_slice()).to_f64().max(f64::MIN_POSITIVE);
        let (mut reconstruction, mut orthogonality) = (0.0_f64, 0.0_f64);
        for j in 0..q {
            let mut column = vec![T::ZERO; p];
            for k in 0..q {
                crate::linalg::axpy(v[(k, j)], a.column(k), &mut column);
            }
            for (x, &y) in column.iter_mut().zip(b.column(j)) {
                *x -= y;
            }
            reconstruction = reconstruction.max(norm(&column).to_f64() / (scale * p as f64 * T::UNIT_ROUNDOFF));
            for k in 0..q {
                let expected = if k == j { T::ONE } else { T::ZERO };
                let difference = (dot(v.column(k), v.column(j)) - expected).abs().to_f64();
                orthogonality = orthogonality.max(difference / (q as f64 * T::UNIT_ROUNDOFF));
            }
        }
        assert!(reconstruction < 30.0, "{p}x{q}: {reconstruction}");
        assert!(orthogonality < 30.0, "{p}x{q}: {orthogonality}");
        assert!(report.sigma.windows(2).all(|pair| pair[0] >= pair[1]), "{p}x{q}: {:?}", report.sigma);
        assert!(report.max_cos <= dot_depth(p) as f64 * T::UNIT_ROUNDOFF, "{p}x{q}: {}", report.max_cos);
    }

    #[test]
    fn rotations_meet_lapacks_ratios_in_every_scalar() {
        for (p, q) in [(1, 1), (3, 1), (2, 2), (12, 6), (7, 7), (33, 20)] {
            check(&pseudo_random::<f64>(p, q));
            check(&pseudo_random::<f32>(p, q));
            check(&pseudo_random::<Dd>(p, q));
        }
    }

    #[test]
    fn zero_and_duplicate_columns_converge() {
        check(&Columns::<f64>::zeros(5, 3));
        let mut a = pseudo_random::<f64>(9, 4);
        let first = a.column(0).to_vec();
        a.column_mut(3).copy_from_slice(&first);
        a.column_mut(2).fill(0.0);
        check(&a);
    }

    #[test]
    fn dependent_columns_end_as_zeros_in_every_scalar() {
        fn rank_one<T: Scalar>() {
            let scale = T::LARGEST_EXPONENT - 1;
            let mut b = Columns::<T>::from_fn(4, 4, |i, j| {
                T::from_f64(if i == 0 { 1.0 + j as f64 / 7.0 } else { 0.0 }).times_power_of_two(scale)
            });
            let report = one_sided_jacobi(&mut b, None);
            assert_eq!(report.convergence, Convergence::Converged);
            assert!(report.sigma[1..].iter().all(|&s| s == T::ZERO), "{:?}", report.sigma);
        }
        rank_one::<f32>();
        rank_one::<f64>();
        rank_one::<Dd>();
    }

    #[test]
    fn graded_columns_keep_their_relative_accuracy() {
        // Columns 2^(-40 j) g_j: every singular value is determined to a few u by the scaled matrix.
        let mut a = pseudo_random::<f64>(8, 5);
        for j in 0..5 {
            let exponent = -40 * i32::try_from(j).expect("small");
            crate::linalg::scale_by_power_of_two(a.column_mut(j), exponent);
        }
        let mut exact = a.convert::<Dd>();
        let exact = one_sided_jacobi(&mut exact, None).sigma;
        let computed = one_sided_jacobi(&mut a, None).sigma;
        for (computed, exact) in computed.iter().zip(exact) {
            let relative = (computed / exact.to_f64() - 1.0).abs();
            assert!(relative < 1e-14, "{relative:e}");
        }
    }

    #[test]
    fn a_nan_never_converges() {
        let mut a = pseudo_random::<f64>(4, 3);
        a.column_mut(1)[2] = f64::NAN;
        assert_eq!(one_sided_jacobi(&mut a, None).convergence, Convergence::SweepLimit);
    }
}
