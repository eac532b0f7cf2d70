//! Flops and bytes by formula. p = max(n, d), q = min(n, d); a multiplication and an addition are two flops.

use super::part::{Part, Path};
use super::plan::Shape;
use crate::engine::Vectors;

/// What a part does for one matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Operations {
    /// Flops that the usual dense algorithm takes.
    pub(super) formula: Option<f64>,
    /// Flops of the algorithm that was used on the CPU, its Jacobi sweeps counted. None for a GPU: each of its kernels takes
    /// others (at q = 256 with V a sweep has 11 q^3 in `jacobi_round` and 15 q^3 in `jacobi_block`, which hands over to the
    /// former), and which sweeps were whose is not recorded.
    pub(super) executed: Option<f64>,
    /// Bytes that must be read and written.
    pub(super) bytes: Option<f64>,
}

/// Bytes of one real on the CPU.
pub(super) const F64_BYTES: f64 = 8.0;

/// What `part` does for one matrix of `shape`, with the mean number of Jacobi sweeps where it is known. `real_bytes` are
/// those of a real of the path's own arithmetic.
pub(super) fn operations(
    part: Part,
    path: Path,
    shape: Shape,
    jacobi_sweeps: Option<f64>,
    real_bytes: f64,
) -> Operations {
    let (p, q) = (shape.n.max(shape.d) as f64, shape.n.min(shape.d) as f64);
    let executed = |vectors| {
        jacobi_sweeps.filter(|_| path == Path::Cpu).map(|sweeps| match vectors {
            _ if sweeps > 0.0 => jacobi_flops(p, q, sweeps),
            // No matrix of the batch needed a sweep.
            Vectors::None => bidiagonal_flops(p, q),
            Vectors::Right => through_gram_flops(p, q),
        })
    };
    match part {
        Part::Values => Operations {
            formula: Some(values_flops(p, q)),
            executed: executed(Vectors::None),
            bytes: Some(real_bytes * (p * q + q)),
        },
        Part::Factor | Part::Kernel => Operations {
            formula: Some(values_and_v_flops(p, q)),
            executed: executed(Vectors::Right),
            bytes: Some(real_bytes * (p * q + q * q + q)),
        },
        Part::Upload => Operations { bytes: Some(real_bytes * p * q), ..Operations::default() },
        Part::Readback => Operations { bytes: Some(real_bytes * (q * q + q)), ..Operations::default() },
        // A V, the inner products of its columns, those of V's.
        Part::Certify => Operations {
            formula: Some(2.0 * p * q * q + p * q * (q + 1.0) + q * q * (q + 1.0)),
            executed: None,
            bytes: Some(F64_BYTES * (p * q + q * q + 2.0 * q)),
        },
        Part::Gram => Operations {
            formula: Some(p * q * (q + 1.0) + values_flops(q, q)),
            executed: None,
            bytes: Some(real_bytes * (p * q + q)),
        },
        Part::Generate => Operations { bytes: Some(F64_BYTES * (p * q + p + q)), ..Operations::default() },
        Part::Fma | Part::Triad | Part::Open | Part::Certified => Operations::default(),
    }
}

/// Singular values by bidiagonalization, of R where that is cheaper (Golub & Van Loan, 4th ed., figure 8.6.1).
fn values_flops(p: f64, q: f64) -> f64 {
    f64::min(4.0 * p * q * q - 4.0 / 3.0 * q.powi(3), 2.0 * p * q * q + 2.0 * q.powi(3))
}

/// Singular values and V, likewise.
fn values_and_v_flops(p: f64, q: f64) -> f64 {
    f64::min(4.0 * p * q * q + 8.0 * q.powi(3), 2.0 * p * q * q + 11.0 * q.powi(3))
}

/// One-sided Jacobi on the q x q triangle of a QR factorization: in each sweep q (q - 1) / 2 pairs, for each an inner product
/// (2 flops a row) and a rotation (6 flops a row). V costs no passengers. Products of blocks of columns count as the rotations
/// that they stand for.
fn jacobi_flops(p: f64, q: f64, sweeps: f64) -> f64 {
    2.0 * q * q * (p - q / 3.0) + sweeps * q * (q - 1.0) / 2.0 * 8.0 * q
}

/// Values by bidiagonalization, of R from p = 1.6 q on; the QR steps, O(q^2), are not counted.
fn bidiagonal_flops(p: f64, q: f64) -> f64 {
    if 5.0 * p >= 8.0 * q { 2.0 * p * q * q + 2.0 * q.powi(3) } else { 4.0 * p * q * q - 4.0 / 3.0 * q.powi(3) }
}

/// Through the Gram matrix, in leading order: A'A (p q^2), its reduction (4/3 q^3), eigenvectors brought back from the tridiagonal matrix
/// (2 q^3), B = A V (2 p q^2), and the correction, which every V gets: B'B (p q^2), V'V (q^3), V E (2 q^3). What is O(q^2), the
/// eigenvalues and the vectors of the tridiagonal matrix, is not counted.
fn through_gram_flops(p: f64, q: f64) -> f64 {
    4.0 * p * q * q + 19.0 / 3.0 * q.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tall_and_a_wide_matrix_take_the_same() {
        let of = |n, d, part| operations(part, Path::Cpu, Shape { n, d }, Some(5.0), 8.0);
        for part in [Part::Values, Part::Factor, Part::Certify, Part::Gram] {
            assert_eq!(of(40, 10, part), of(10, 40, part), "{}", part.name());
        }
    }

    #[test]
    fn formulas_of_a_square_matrix_in_units_of_q_cubed() {
        let cube = 1000.0_f64;
        let of = |part| operations(part, Path::Cpu, Shape { n: 10, d: 10 }, None, 4.0);
        assert!((of(Part::Values).formula.unwrap_or(0.0) / cube - 8.0 / 3.0).abs() < 1e-12);
        assert!((of(Part::Factor).formula.unwrap_or(0.0) / cube - 12.0).abs() < 1e-12);
        assert_eq!(of(Part::Values).executed, None, "no sweeps are known");
        assert_eq!(of(Part::Upload).bytes, Some(400.0));
    }

    #[test]
    fn executed_flops_count_pairs_of_sweeps() {
        // 3 sweeps of 6 pairs of columns of 4 rows on the CPU: 18 * 8 * 4, after a QR of 2 * 16 * (8 - 4/3).
        let cpu = operations(Part::Factor, Path::Cpu, Shape { n: 8, d: 4 }, Some(3.0), 8.0).executed;
        assert!((cpu.unwrap_or(0.0) - (576.0 + 32.0 * 20.0 / 3.0)).abs() < 1e-9);
        // No sweep: 4 * 8 * 16 + 19/3 * 64.
        let gram = operations(Part::Factor, Path::Cpu, Shape { n: 8, d: 4 }, Some(0.0), 8.0).executed;
        assert!((gram.unwrap_or(0.0) - (512.0 + 1216.0 / 3.0)).abs() < 1e-9);
        // No sweep, values alone: 2 * 8 * 16 + 2 * 64.
        let values = operations(Part::Values, Path::Cpu, Shape { n: 8, d: 4 }, Some(0.0), 8.0).executed;
        assert_eq!(values, Some(256.0 + 128.0));
        // Each kernel of a GPU has another count.
        assert_eq!(operations(Part::Factor, Path::Gpu, Shape { n: 8, d: 4 }, Some(3.0), 4.0).executed, None);
    }
}
