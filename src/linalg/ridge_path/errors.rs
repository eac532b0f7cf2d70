//! How far rounding may move a solution, to first order.
//!
//! Least squares min ||A z - b||, A = Q T of full column rank with residual r, whose column j changes by at most c s_j: z changes by
//! A^+ dA z and (A'A)^-1 dA'r, and with S = diag(s_j) and q columns
//!
//! ||dz|| <= c ||T^-1|| m,   ||A dz|| <= c m,   m = sum_j s_j |z_j| + sqrt(q) ||S T^-1|| ||r||.
//!
//! With s_j the norm of column j or more, m covers a change of b by c ||b|| too, up to a factor of 2: ||b|| is at most ||A z|| + ||r||,
//! and no entry of S T^-1 on the diagonal is below 1. If A is X above sqrt(lambda) I, ||X dz|| is at most ||A dz|| and ||X|| ||dz||. For n < d
//! the problem is one in the rows' space, which changes as well: by no more than what ||z|| and ||r|| have counted.
//!
//! The solution of least norm of A'w = b, w = Q z, whose row j changes by at most c s_j, changes by -A'^+ dA' w and by
//! (I - P) dA (A'A)^-1 b, P the projector onto the rows: ||dw|| <= 2 c sqrt(q) ||S T^-1|| ||w|| and ||A'dw|| <= c ||S|| ||w||.
//!
//! First order says something while k = c sqrt(q) ||S T^-1||, which bounds ||dA A^+||, is well below 1: what is beyond it is taken in by a
//! factor 1 / (1 - k), and nothing is said from k = 1/2 on.
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

/// A change of X.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstOrder {
    /// c.
    pub(super) change: f64,
    /// ||X||_F.
    pub(super) norm: f64,
}

/// The s_j of a change.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sizes {
    /// The norm of each column.
    Columns,
    /// For all columns that of the matrix.
    All,
}

/// What a change of the whole matrix does to a solution z of it.
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
    /// The relative error of z over that of the matrix; 0 for z = 0.
    pub(super) fn amplification(self) -> f64 {
        if self.size == 0.0 { 0.0 } else { self.inverse_norm * self.moved / self.size }
    }

    /// What a change of the whole matrix comes to.
    pub(super) fn errors(self, of: FirstOrder) -> ErrorBounds {
        of.errors(self.inverse_norm, self.moved)
    }
}

impl FirstOrder {
    fn errors(self, inverse_norm: f64, moved: f64) -> ErrorBounds {
        let seen = (self.norm * inverse_norm).min(1.0);
        ErrorBounds { w: self.change * inverse_norm * moved, prediction: self.change * moved * seen }
    }

    /// 1 / (1 - k); infinite where that says nothing.
    fn beyond(self, q: usize, scaled_norm: f64) -> f64 {
        let k = self.change * (q as f64).sqrt() * scaled_norm;
        if k < 0.5 { 1.0 / (1.0 - k) } else { f64::INFINITY }
    }

    /// Of a least-squares problem A = Q `t`, `t` q x q, X or X above a penalty, with the solution `z` and the norm of its `residual`.
    pub(super) fn least_squares<T: Scalar>(self, t: &Columns<T>, sizes: Sizes, z: &[Dd], residual: f64) -> ErrorBounds {
        let norms = column_norms(t);
        let sizes = match sizes {
            Sizes::Columns => norms,
            Sizes::All => vec![norm(&norms); norms.len()],
        };
        let inverse = Inverse::of(t, &sizes);
        let fitted: f64 = sizes.iter().zip(z).map(|(size, z)| size * z.abs().to_f64()).sum();
        let moved = fitted + (sizes.len() as f64).sqrt() * inverse.scaled_norm * residual;
        self.errors(inverse.norm, moved * self.beyond(sizes.len(), inverse.scaled_norm))
    }

    /// Of the problem of least norm of X = `t`' Q', `t` q x q, with the solution w = Q `z`.
    pub(super) fn minimum_norm<T: Scalar>(self, t: &Columns<T>, z: &[Dd]) -> ErrorBounds {
        let sizes = column_norms(t);
        let length = norm(&z.iter().map(|z| z.to_f64()).collect::<Vec<_>>());
        let Inverse { scaled_norm, .. } = Inverse::of(t, &sizes);
        let change = self.change * length * self.beyond(sizes.len(), scaled_norm);
        ErrorBounds { w: 2.0 * (sizes.len() as f64).sqrt() * scaled_norm * change, prediction: self.norm * change }
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
        let (mut norms, mut scaled_norms) = (Vec::with_capacity(t.cols()), Vec::with_capacity(t.cols()));
        for k in 0..t.cols() {
            let mut column = vec![T::ZERO; k + 1];
            column[k] = T::ONE;
            solve_upper(t, &mut column);
            let mut column: Vec<f64> = column.iter().map(|entry| entry.to_f64()).collect();
            norms.push(norm(&column));
            column.iter_mut().zip(sizes).for_each(|(entry, size)| *entry *= size);
            scaled_norms.push(norm(&column));
        }
        Self { norm: norm(&norms), scaled_norm: norm(&scaled_norms) }
    }
}

fn column_norms<T: Scalar>(t: &Columns<T>) -> Vec<f64> {
    let upper = |j: usize| t.column(j)[..=j].iter().map(|entry| entry.to_f64()).collect::<Vec<_>>();
    (0..t.cols()).map(|j| norm(&upper(j))).collect()
}
