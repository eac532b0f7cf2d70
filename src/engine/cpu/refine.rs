//! One-sided Jacobi from a given V, in any precision.

use super::jacobi::{factors, scaled_tall};
use super::signs::make_signs_definite;
use crate::engine::{Factors, Route};
use crate::linalg::{Columns, Pivoting, Qr, Scalar, one_sided_jacobi, product, vectorized};
use crate::matrix::Matrix;

/// Factors with V in the precision it was computed in.
#[derive(Clone, Debug)]
pub struct Refined<T> {
    /// As any engine returns them; V rounded to f64.
    pub factors: Factors,
    /// V, q x q, in full.
    pub v: Columns<T>,
}

/// Finishes a factorization of `x` in the arithmetic of `T`, starting from `v` (q x q): V is made orthogonal to the
/// precision of `T`, B = A V is formed in `T` and rotated until orthogonal. From a good f32 V this takes 3 to 7 Jacobi
/// sweeps, from an f64 V 1 to 3; from a useless one it takes longer and is right all the same.
pub fn refine<T: Scalar>(x: &Matrix, v: &Columns<f64>, route: Route) -> Refined<T> {
    vectorized(
        #[inline(always)]
        || {
            let (a, shift) = scaled_tall::<T>(x);
            let mut v = orthogonal_start::<T>(v);
            let mut b = product(&a, &v);
            if b.rows() > b.cols() {
                // Q does not change inner products, and q x q columns are cheaper to rotate than p x q.
                b = Qr::new(b, Pivoting::None).r();
            }
            let report = one_sided_jacobi(&mut b, Some(&mut v));
            make_signs_definite(&mut v);
            Refined { factors: factors(&report, Some(v.convert()), shift, route), v }
        },
    )
}

/// The orthogonal factor of `v`; the identity if `v` holds anything but finite numbers.
#[inline(always)]
fn orthogonal_start<T: Scalar>(v: &Columns<f64>) -> Columns<T> {
    let mut q = Columns::identity(v.cols());
    if v.as_slice().iter().all(|x| x.is_finite()) {
        let qr = Qr::new(v.convert::<T>(), Pivoting::None);
        for j in 0..v.cols() {
            qr.apply_q(q.column_mut(j));
        }
    }
    q
}
