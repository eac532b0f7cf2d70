//! Test matrices of the literature, without randomness. Indices i and j run from 1 in the formulas, from 0 in NumPy.
//!
//! Sources: N. J. Higham, "The Test Matrix Toolbox for MATLAB (version 3.0)", 1995; P. Laeuchli, Numer. Math. 3, 1961;
//! W. Kahan, Canad. Math. Bull. 9, 1966; W. L. Frank, J. SIAM 6, 1958; J. M. Varah, Lin. Alg. Appl. 187, 1993 (prolate).
//!
//! ```python
//! i, j = np.arange(n)[:, None], np.arange(d)
//! X = 1 / (i + j + 1.0)                                              # hilbert
//! X = 1 / (i + j + 2.0)                                              # cauchy
//! X = np.vander(np.linspace(0, 1, n), d, increasing=True)            # vandermonde
//! X = np.vstack([np.ones(d), epsilon * np.eye(d)])                   # lauchli
//! X = np.where(j >= i - 1, n - np.maximum(i, j), 0.0)                # frank
//! X = np.ones((n, d))                                                # pascal
//! for k in range(1, n): X[k] = np.cumsum(X[k - 1])
//! s, c = math.sin(theta), math.cos(theta)                            # kahan
//! p = np.cumprod(np.r_[1.0, np.full(n - 1, s)])[:, None]
//! X = np.where(i == j, p, np.where(j > i, -c * p, 0.0))
//! t = [2 * w] + [math.sin(2 * math.pi * w * k) / (math.pi * k) for k in range(1, n)]
//! X = np.array(t)[abs(i - j)]                                        # prolate
//! ```
//!
//! Kahan and prolate take sin and cos from the platform's C library, as Python's `math` does.

use std::f64::consts::PI;

use super::spec::Gallery;
use crate::matrix::Matrix;

/// The n x d matrix; shape and parameters were checked.
pub(super) fn build(gallery: Gallery, n: usize, d: usize, epsilon: f64) -> Matrix {
    match gallery {
        Gallery::Hilbert => Matrix::from_fn(n, d, |i, j| 1.0 / (i + j + 1) as f64),
        Gallery::Cauchy => Matrix::from_fn(n, d, |i, j| 1.0 / (i + j + 2) as f64),
        Gallery::Vandermonde => vandermonde(n, d),
        Gallery::Kahan { theta } => kahan(n, d, theta),
        Gallery::Lauchli => Matrix::from_fn(n, d, |i, j| match i {
            0 => 1.0,
            _ if i == j + 1 => epsilon,
            _ => 0.0,
        }),
        Gallery::Pascal => pascal(n, d),
        Gallery::Frank => Matrix::from_fn(n, d, |i, j| if j + 1 >= i { (n - i.max(j)) as f64 } else { 0.0 }),
        Gallery::Prolate { w } => prolate(n, w),
    }
}

fn vandermonde(n: usize, d: usize) -> Matrix {
    // np.linspace: multiples of one rounded step, the last point exactly 1.
    let step = 1.0 / (n.max(2) - 1) as f64;
    let point = |i: usize| if i > 0 && i == n - 1 { 1.0 } else { i as f64 * step };
    let mut x = Matrix::from_fn(n, d, |_, _| 1.0);
    for i in 0..n {
        let row = x.row_mut(i);
        for j in 1..d {
            row[j] = row[j - 1] * point(i);
        }
    }
    x
}

fn kahan(n: usize, d: usize, theta: f64) -> Matrix {
    let (s, c) = (theta.sin(), theta.cos());
    let mut power = 1.0;
    let mut x = Matrix::zeros(n, d);
    for i in 0..n {
        for (j, entry) in x.row_mut(i).iter_mut().enumerate().skip(i) {
            *entry = if i == j { power } else { -c * power };
        }
        power *= s;
    }
    x
}

/// Binomial coefficients by Pascal's rule: exact up to 2^53, infinite beyond C(1029, 514).
fn pascal(n: usize, d: usize) -> Matrix {
    let mut x = Matrix::from_fn(n, d, |_, _| 1.0);
    for i in 1..n {
        for j in 1..d {
            x[(i, j)] = x[(i, j - 1)] + x[(i - 1, j)];
        }
    }
    x
}

fn prolate(n: usize, w: f64) -> Matrix {
    let diagonals: Vec<f64> =
        (0..n).map(|k| if k == 0 { 2.0 * w } else { (2.0 * PI * w * k as f64).sin() / (PI * k as f64) }).collect();
    Matrix::from_fn(n, n, |i, j| diagonals[i.abs_diff(j)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(gallery: Gallery, n: usize) -> Matrix {
        build(gallery, n, n, 0.0)
    }

    fn determinant(x: &Matrix) -> f64 {
        nalgebra::DMatrix::from_row_slice(x.rows(), x.cols(), x.as_slice()).determinant()
    }

    #[test]
    fn pascal_holds_binomial_coefficients() {
        let x = square(Gallery::Pascal, 28);
        assert_eq!(x[(27, 27)], 1_946_939_425_648_112.0, "C(54, 27)");
        assert_eq!(x.row(3)[..5], [1.0, 4.0, 10.0, 20.0, 35.0]);
        assert_eq!(x, x.transposed());
        assert!((determinant(&square(Gallery::Pascal, 6)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn frank_is_the_published_matrix_of_determinant_one() {
        let x = square(Gallery::Frank, 4);
        let published = [4.0, 3.0, 2.0, 1.0, 3.0, 3.0, 2.0, 1.0, 0.0, 2.0, 2.0, 1.0, 0.0, 0.0, 1.0, 1.0];
        assert_eq!(x.as_slice(), published);
        assert!((determinant(&square(Gallery::Frank, 8)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn hilbert_and_cauchy_are_reciprocals_of_integers() {
        let x = build(Gallery::Hilbert, 2, 3, 0.0);
        assert_eq!(x.as_slice(), [1.0, 0.5, 1.0 / 3.0, 0.5, 1.0 / 3.0, 0.25]);
        assert_eq!(build(Gallery::Cauchy, 2, 2, 0.0).as_slice(), [0.5, 1.0 / 3.0, 1.0 / 3.0, 0.25]);
        // Hilbert: det H_4 = 1 / 6,048,000.
        assert!((determinant(&square(Gallery::Hilbert, 4)) * 6_048_000.0 - 1.0).abs() < 1e-10);
    }

    #[test]
    fn vandermonde_holds_the_powers_of_the_points() {
        let x = build(Gallery::Vandermonde, 3, 4, 0.0);
        assert_eq!(x.as_slice(), [1.0, 0.0, 0.0, 0.0, 1.0, 0.5, 0.25, 0.125, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(build(Gallery::Vandermonde, 1, 3, 0.0).as_slice(), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn lauchli_has_the_singular_values_of_its_closed_form() {
        let (d, epsilon) = (4_u8, 1e-3);
        let x = build(Gallery::Lauchli, 5, 4, epsilon);
        let sigma = nalgebra::DMatrix::from_row_slice(5, 4, x.as_slice()).singular_values();
        assert!((sigma.max() - (f64::from(d) + epsilon * epsilon).sqrt()).abs() < 1e-14);
        assert!((sigma.min() - epsilon).abs() < 1e-15);
    }

    #[test]
    fn kahan_has_unit_columns() {
        let x = square(Gallery::Kahan { theta: 1.2 }, 20);
        for j in 0..20 {
            assert!((crate::linalg::norm(&x.column(j)) - 1.0).abs() < 1e-14, "column {j}");
        }
        assert!((determinant(&x) / 1.2_f64.sin().powi(190) - 1.0).abs() < 1e-12);
        assert_eq!(build(Gallery::Kahan { theta: 1.2 }, 3, 1, 0.0).as_slice(), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn prolate_is_the_toeplitz_matrix_of_the_sinc_kernel() {
        let x = square(Gallery::Prolate { w: 0.25 }, 5);
        assert_eq!(x[(2, 2)], 0.5);
        assert!((x[(0, 1)] - 1.0 / PI).abs() < 1e-16);
        assert!(x[(0, 2)].abs() < 1e-16, "the kernel's first zero");
        assert_eq!(x[(4, 1)], x[(0, 3)]);
        // Its eigenvalues are known to lie strictly between 0 and 1.
        let sigma = nalgebra::DMatrix::from_row_slice(5, 5, x.as_slice()).singular_values();
        assert!(sigma.max() < 1.0);
    }
}
