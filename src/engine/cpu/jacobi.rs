//! Preconditioned one-sided Jacobi, cold, and what a rotation from a given V shares with it.
//!
//! Source of the preconditioning: Drmac & Veselic 2008 (LAPACK's dgejsv). Rows are sorted by size, columns pivoted,
//! A P = Q R, and the rotations work on L = R'. From L W = B and A P = Q W' ... follows V = P U with U the normalized
//! columns of B, so that V costs nothing beyond the singular values. The error of every singular value is then a small
//! multiple of u times the smallest kappa(A D) over diagonal D, where bidiagonalization gives u kappa(A).

use std::cmp::Ordering;

use super::signs::make_signs_definite;
use crate::engine::{Factors, Route, Vectors};
use crate::linalg::{
    Columns, JacobiReport, Pivoting, Qr, Scalar, exponent, norm, one_sided_jacobi, scale_by_power_of_two, vectorized,
};
use crate::matrix::Matrix;

/// By preconditioned one-sided Jacobi, whatever `x` is like.
pub(super) fn by_jacobi(x: &Matrix, vectors: Vectors) -> Factors {
    vectorized(
        #[inline(always)]
        || {
            let (a, shift) = scaled_tall::<f64>(x);
            let (report, mut v) = precondition_and_rotate(&a, vectors);
            if let Some(v) = &mut v {
                make_signs_definite(v);
            }
            factors(&report, v, shift, Route::CpuF64)
        },
    )
}

/// The tall form of `x` times 2^shift, so that its largest entry is just below 2^`LARGEST_EXPONENT`.
#[inline(always)]
pub(super) fn scaled_tall<T: Scalar>(x: &Matrix) -> (Columns<T>, i32) {
    let mut a = Columns::<T>::tall(x);
    let shift = shift_of(x.max_abs());
    scale_by_power_of_two(a.as_mut_slice(), shift);
    (a, shift)
}

/// The exponent that brings `largest` just below 2^`LARGEST_EXPONENT`.
pub(super) fn shift_of(largest: f64) -> i32 {
    exponent(largest).map_or(0, |k| f64::LARGEST_EXPONENT - 1 - k)
}

/// What a `report` on 2^`shift` X says of X.
#[inline(always)]
pub(super) fn factors<T: Scalar>(
    report: &JacobiReport<T>,
    v: Option<Columns<f64>>,
    shift: i32,
    route: Route,
) -> Factors {
    Factors {
        sigma: report.sigma.iter().map(|s| s.to_f64().times_power_of_two(-shift)).collect(),
        v,
        route,
        jacobi_sweeps: report.sweeps,
        max_cos: report.max_cos,
        convergence: report.convergence,
    }
}

/// Sorts, pivots, reduces to a triangle and rotates its transpose.
#[inline(always)]
fn precondition_and_rotate(a: &Columns<f64>, vectors: Vectors) -> (JacobiReport<f64>, Option<Columns<f64>>) {
    let qr = Qr::new(rows_sorted(a), Pivoting::Columns);
    let mut l = qr.r_transposed();
    let report = one_sided_jacobi(&mut l, None);
    let v = match vectors {
        Vectors::None => None,
        Vectors::Right => Some(rows_unpermuted(&orthonormalized(l, &report.sigma), qr.order())),
    };
    (report, v)
}

/// The rows of `a`, largest first: with this order Householder QR is stable row by row (Cox & Higham 1998).
#[inline(always)]
fn rows_sorted(a: &Columns<f64>) -> Columns<f64> {
    let mut size = vec![0.0_f64; a.rows()];
    for column in a.iter() {
        for (size, x) in size.iter_mut().zip(column) {
            *size = f64::max(*size, x.abs());
        }
    }
    let mut order: Vec<usize> = (0..a.rows()).collect();
    order.sort_by(|&i, &j| size[j].partial_cmp(&size[i]).unwrap_or(Ordering::Equal));
    Columns::from_fn(a.rows(), a.cols(), |i, j| a[(order[i], j)])
}

/// Normalizes the orthogonal columns of `b`; where a column is 0, the basis is completed.
#[inline(always)]
fn orthonormalized(mut b: Columns<f64>, sigma: &[f64]) -> Columns<f64> {
    let q = b.cols();
    let rank = sigma.iter().take_while(|&&s| s > 0.0).count();
    for (j, &sigma) in sigma.iter().enumerate().take(rank) {
        // A column near the underflow threshold is first brought back to where its norm has all digits.
        let column = b.column_mut(j);
        let lift = exponent(sigma).map_or(0, |k| -k);
        scale_by_power_of_two(column, lift);
        let length = norm(column);
        for x in column {
            *x /= length;
        }
    }
    if rank < q {
        let leading: Vec<usize> = (0..rank).collect();
        let basis = Qr::new(b.permuted(&leading), Pivoting::None);
        for j in rank..q {
            let column = b.column_mut(j);
            column.fill(0.0);
            column[j] = 1.0;
            basis.apply_q(column);
        }
    }
    b
}

/// P `u`: row k of `u` becomes row `order[k]`.
#[inline(always)]
fn rows_unpermuted(u: &Columns<f64>, order: &[usize]) -> Columns<f64> {
    let mut out = Columns::zeros(u.rows(), u.cols());
    for j in 0..u.cols() {
        let target = out.column_mut(j);
        for (&value, &row) in u.column(j).iter().zip(order) {
            target[row] = value;
        }
    }
    out
}
