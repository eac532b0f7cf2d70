//! How far rounding may move a solution, to first order.
//!
//! Least squares min ||A z - b||, A = Q T of full column rank with residual r, whose column j changes by at most c s_j: z changes by
//! A^+ dA z and (A'A)^-1 dA'r, and with S = diag(s_j) and q columns
//!
//! ||dz|| <= c ||T^-1|| m,   ||A dz|| <= c m,   m = sum_j s_j |z_j| + sqrt(q) ||S T^-1|| ||r||.
//!
//! The solution of least norm of A'w = b, w = Q z, whose row j changes by at most c s_j, changes by -A'^+ dA' w and by
//! (I - P) dA (A'A)^-1 b, P the projector onto the rows: ||dw|| <= 2 c sqrt(q) ||S T^-1|| ||w|| and ||A'dw|| <= c ||S|| ||w||.
//!
//! Source: Bjorck, Numerical Methods for Least Squares Problems, 1.4.3; Higham, Accuracy and Stability, 2nd ed., 20.1, 21.1.

use crate::linalg::least_squares::solve_upper;
use crate::linalg::{Columns, Dd, Scalar, norm};

/// Bounds of what is wrong with weights w, as norms; infinite or NaN where nothing is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorBounds {
    /// Of w.
    pub w: f64,
    /// Of X w.
    pub prediction: f64,
}

/// What a relative error of the whole matrix does to a solution z of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sensitivity {
    /// ||T^-1||.
    pub(super) inverse_norm: f64,
    /// m for s_j = ||A||.
    pub(super) moved: f64,
    /// ||z||.
    pub(super) size: f64,
}

impl Sensitivity {
    /// The relative error of z over that of the matrix.
    pub(super) fn amplification(self) -> f64 {
        self.inverse_norm * self.moved / self.size
    }

    /// For an error of `change` times the norm of the matrix.
    pub(super) fn errors(self, change: f64) -> ErrorBounds {
        ErrorBounds { w: change * self.inverse_norm * self.moved, prediction: change * self.moved }
    }
}

impl ErrorBounds {
    /// For an error of `change` times the norm of each column of A = Q `t`, q x q, with the solution `z` and the norm of its `residual`.
    pub(super) fn of_columns<T: Scalar>(t: &Columns<T>, z: &[Dd], residual: f64, change: f64) -> Self {
        Self::of_sizes(t, &column_norms(t), z, residual, change)
    }

    /// For an error of `change` times the norm of A = Q `t` in each of its columns.
    pub(super) fn of_norm<T: Scalar>(t: &Columns<T>, z: &[Dd], residual: f64, change: f64) -> Self {
        Self::of_sizes(t, &vec![norm(&column_norms(t)); t.cols()], z, residual, change)
    }

    fn of_sizes<T: Scalar>(t: &Columns<T>, sizes: &[f64], z: &[Dd], residual: f64, change: f64) -> Self {
        let inverse = Inverse::of(t, sizes);
        let fitted: f64 = sizes.iter().zip(z).map(|(size, z)| size * z.abs().to_f64()).sum();
        let moved = fitted + (sizes.len() as f64).sqrt() * inverse.scaled_norm * residual;
        Self { w: change * inverse.norm * moved, prediction: change * moved }
    }

    /// For an error of `change` times the norm of each row of X = `t`' Q', `t` q x q, with the solution w = Q `z` of least norm.
    pub(super) fn of_minimum_norm<T: Scalar>(t: &Columns<T>, z: &[Dd], change: f64) -> Self {
        let sizes = column_norms(t);
        let length = norm(&z.iter().map(|z| z.to_f64()).collect::<Vec<_>>());
        let moved = 2.0 * (sizes.len() as f64).sqrt() * Inverse::of(t, &sizes).scaled_norm;
        Self { w: change * moved * length, prediction: change * norm(&sizes) * length }
    }
}

/// Frobenius norms of an inverse.
struct Inverse {
    /// Of T^-1.
    norm: f64,
    /// Of S T^-1.
    scaled_norm: f64,
}

impl Inverse {
    /// Of the upper triangular `t`, column by column: q^3 / 6 multiplications.
    fn of<T: Scalar>(t: &Columns<T>, sizes: &[f64]) -> Self {
        let (mut squares, mut scaled_squares) = (0.0, 0.0);
        for k in 0..t.cols() {
            let mut column = vec![T::ZERO; k + 1];
            column[k] = T::ONE;
            solve_upper(t, &mut column);
            for (entry, size) in column.iter().zip(sizes) {
                let entry = entry.to_f64();
                squares += entry * entry;
                scaled_squares += (size * entry) * (size * entry);
            }
        }
        Self { norm: f64::sqrt(squares), scaled_norm: f64::sqrt(scaled_squares) }
    }
}

fn column_norms<T: Scalar>(t: &Columns<T>) -> Vec<f64> {
    let upper = |j: usize| t.column(j)[..=j].iter().map(|entry| entry.to_f64()).collect::<Vec<_>>();
    (0..t.cols()).map(|j| norm(&upper(j))).collect()
}
