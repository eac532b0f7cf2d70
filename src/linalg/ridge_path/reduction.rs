//! From X to a triangle and from the triangle to two diagonals.

use pulp::Simd;

use crate::linalg::pairs::Pairs;
use crate::linalg::{Dd, Scalar};

/// Reflections I - tau v v' one after the other, v of reflection k in row k of `v`.
pub(super) struct Reflectors {
    v: Pairs,
    tau: Vec<Dd>,
    /// v of reflection k is 0 up to entry k + this.
    offset: usize,
}

impl Reflectors {
    /// A <- the product of all, the first one leftmost, times A of `rows` rows.
    #[inline(always)]
    pub(super) fn apply<S: Simd>(&self, simd: S, a: &mut Pairs, rows: usize) {
        for (k, &tau) in self.tau.iter().enumerate().rev() {
            let first = k + self.offset;
            a.reflect(simd, first, 0, self.v.row(k).part(first..rows), tau);
        }
    }

    /// h <- h times the product of all, for a row h.
    #[inline(always)]
    pub(super) fn apply_to_row<S: Simd>(&self, simd: S, h: &mut Pairs) {
        for (k, &tau) in self.tau.iter().enumerate() {
            h.reflect_rows(simd, 0, k, self.v.row(k), tau);
        }
    }
}

/// A = Q R for A p x q, p >= q.
pub(super) struct Triangle {
    /// A, of which R is left on and above the diagonal.
    pub(super) r: Pairs,
    /// Q.
    pub(super) q: Reflectors,
}

impl Triangle {
    /// Destroys `a`, p x q.
    #[inline(always)]
    pub(super) fn of<S: Simd>(simd: S, mut a: Pairs, p: usize, q: usize) -> Self {
        let mut v = Pairs::zeros(q, p);
        let mut tau = Vec::with_capacity(q);
        for k in 0..q {
            for i in k..p {
                v.set(k, i, a.get(i, k));
            }
            let (scale, beta) = v.reflector(simd, k, k);
            a.reflect(simd, k, k + 1, v.row(k).part(k..p), scale);
            a.set(k, k, beta);
            tau.push(scale);
        }
        Self { r: a, q: Reflectors { v, tau, offset: 0 } }
    }
}

/// U'M V = B, upper bidiagonal, for M q x q.
pub(super) struct Bidiagonal {
    /// Diagonal of B, q values.
    pub(super) d: Vec<Dd>,
    /// Right of it, q values, the last one 0.
    pub(super) e: Vec<Dd>,
    /// U'h, a row of q values.
    pub(super) h: Pairs,
    /// Norm of what of y is in no column of M.
    pub(super) rest: f64,
    /// V.
    pub(super) right: Reflectors,
}

impl Bidiagonal {
    /// Destroys `m`, q x q, and `h`, a row of q values (Golub & Van Loan, 4th ed., algorithm 5.4.2).
    #[inline(always)]
    pub(super) fn of<S: Simd>(simd: S, mut m: Pairs, mut h: Pairs, q: usize, rest: f64) -> Self {
        let (mut left, mut right) = (Pairs::zeros(q, q), Pairs::zeros(q, q));
        let (mut d, mut e, mut tau) = (Vec::with_capacity(q), Vec::with_capacity(q), Vec::with_capacity(q));
        for k in 0..q {
            let behind = k + 1;
            for i in k..q {
                left.set(k, i, m.get(i, k));
            }
            let (scale, beta) = left.reflector(simd, k, k);
            m.reflect(simd, k, behind, left.row(k).part(k..q), scale);
            h.reflect_rows(simd, 0, k, left.row(k), scale);
            d.push(beta);
            if behind == q {
                e.push(Dd::ZERO);
                break;
            }
            for j in behind..q {
                right.set(k, j, m.get(k, j));
            }
            let (scale, beta) = right.reflector(simd, k, behind);
            m.reflect_rows(simd, behind, behind, right.row(k), scale);
            e.push(beta);
            tau.push(scale);
        }
        Self { d, e, h, rest, right: Reflectors { v: right, tau, offset: 1 } }
    }
}
