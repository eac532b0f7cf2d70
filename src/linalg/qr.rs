//! Householder QR, with or without column pivoting.
//!
//! Source: Businger & Golub 1965; the downdating of the remaining norms with its safeguard is that of Drmac & Bujanovic
//! 2008 ("On the failure of rank-revealing QR factorization software", ACM TOMS 35, 12).

use super::{Columns, Scalar, axpy, dot, norm};

/// Whether columns are exchanged so that the diagonal of R is nonincreasing in size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pivoting {
    /// Columns stay in their order.
    None,
    /// The largest remaining column comes first.
    Columns,
}

/// A P = Q R for A p x q with p >= q: Q as q reflectors, R upper triangular, P a permutation.
#[derive(Clone, Debug)]
pub struct Qr<T> {
    /// On and above the diagonal R; below it the reflectors, whose first entry 1 is not stored.
    packed: Columns<T>,
    tau: Vec<T>,
    order: Vec<usize>,
}

impl<T: Scalar> Qr<T> {
    /// Factors `a` (p x q, p >= q), overwriting it. Entries beyond 2^`LARGEST_EXPONENT` may overflow in the products;
    /// scale before.
    #[inline(always)]
    pub fn new(a: Columns<T>, pivoting: Pivoting) -> Self {
        debug_assert!(a.rows() >= a.cols(), "QR of a wide matrix");
        let cols = a.cols();
        let mut qr = Self { packed: a, tau: Vec::with_capacity(cols), order: (0..cols).collect() };
        let mut norms = match pivoting {
            Pivoting::None => Vec::new(),
            Pivoting::Columns => RemainingNorms::of(&qr.packed),
        };
        for k in 0..cols {
            if pivoting == Pivoting::Columns {
                let pivot = RemainingNorms::largest_from(&norms, k);
                qr.packed.swap_columns(k, pivot);
                qr.order.swap(k, pivot);
                norms.swap(k, pivot);
            }
            let tau = qr.eliminate(k);
            qr.tau.push(tau);
            if pivoting == Pivoting::Columns {
                for (j, norm) in norms.iter_mut().enumerate().skip(k + 1) {
                    norm.downdate(qr.packed.column(j), k);
                }
            }
        }
        qr
    }

    /// Builds reflector `k` from column k and applies it to the columns behind. Returns its tau: H = I - tau v v'.
    #[inline(always)]
    fn eliminate(&mut self, k: usize) -> T {
        let column = &mut self.packed.column_mut(k)[k..];
        let length = norm(column);
        if length == T::ZERO {
            return T::ZERO;
        }
        let head = column[0];
        let beta = if head > T::ZERO { -length } else { length };
        let tau = (beta - head) / beta;
        let divisor = head - beta;
        for entry in &mut column[1..] {
            *entry = *entry / divisor;
        }
        column[0] = beta;
        for j in k + 1..self.packed.cols() {
            let (reflector, target) = self.packed.pair_mut(k, j);
            reflect(&reflector[k + 1..], tau, &mut target[k..]);
        }
        tau
    }

    /// p, the length of the vectors that Q acts on.
    pub fn rows(&self) -> usize {
        self.packed.rows()
    }

    /// R, q x q upper triangular.
    pub fn r(&self) -> Columns<T> {
        let q = self.packed.cols();
        Columns::from_fn(q, q, |i, j| if i <= j { self.packed[(i, j)] } else { T::ZERO })
    }

    /// R', q x q lower triangular.
    pub fn r_transposed(&self) -> Columns<T> {
        let q = self.packed.cols();
        Columns::from_fn(q, q, |i, j| if i >= j { self.packed[(j, i)] } else { T::ZERO })
    }

    /// Which column of A is column k of A P.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// y <- Q' y, `y` p long.
    #[inline(always)]
    pub fn apply_q_transposed(&self, y: &mut [T]) {
        for (k, &tau) in self.tau.iter().enumerate() {
            reflect(&self.packed.column(k)[k + 1..], tau, &mut y[k..]);
        }
    }

    /// y <- Q y, `y` p long.
    #[inline(always)]
    pub fn apply_q(&self, y: &mut [T]) {
        for (k, &tau) in self.tau.iter().enumerate().rev() {
            reflect(&self.packed.column(k)[k + 1..], tau, &mut y[k..]);
        }
    }
}

/// y <- (I - tau v v') y with v = (1, `tail`).
#[inline(always)]
fn reflect<T: Scalar>(tail: &[T], tau: T, y: &mut [T]) {
    let Some((head, rest)) = y.split_first_mut() else { return };
    let share = tau * (*head + dot(tail, rest));
    *head -= share;
    axpy(-share, tail, rest);
}

/// Norm of the part of a column that is not eliminated yet.
#[derive(Clone, Copy)]
struct RemainingNorms<T> {
    now: T,
    when_last_computed: T,
}

impl<T: Scalar> RemainingNorms<T> {
    #[inline(always)]
    fn of(a: &Columns<T>) -> Vec<Self> {
        a.iter().map(norm).map(|now| Self { now, when_last_computed: now }).collect()
    }

    #[inline(always)]
    fn largest_from(norms: &[Self], from: usize) -> usize {
        let mut best = from;
        for j in from + 1..norms.len() {
            if norms[j].now > norms[best].now {
                best = j;
            }
        }
        best
    }

    /// Takes row `k`, just eliminated, out of the norm of `column`.
    #[inline(always)]
    fn downdate(&mut self, column: &[T], k: usize) {
        if self.now == T::ZERO {
            return;
        }
        let share = column[k].abs() / self.now;
        let left = (T::ONE + share) * (T::ONE - share);
        let since = self.now / self.when_last_computed;
        // Too much cancelled: the downdated norm has no digit left.
        if left.to_f64() * since.to_f64() * since.to_f64() <= T::UNIT_ROUNDOFF.sqrt() {
            self.now = norm(&column[k + 1..]);
            self.when_last_computed = self.now;
        } else {
            self.now = self.now * left.sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Dd;

    fn sample<T: Scalar>(rows: usize, cols: usize) -> Columns<T> {
        Columns::from_fn(rows, cols, |i, j| {
            T::from_f64(((i * 7 + j * 3) % 11) as f64 - 4.5 + (i as f64) * (j as f64) / 9.0)
        })
    }

    /// ||A P - Q R|| and ||Q'Q - I||, both over u.
    fn ratios<T: Scalar>(rows: usize, cols: usize, pivoting: Pivoting) -> (f64, f64) {
        let a = sample::<T>(rows, cols);
        let qr = Qr::new(a.clone(), pivoting);
        let r = qr.r();
        let (mut residual, mut orthogonality) = (0.0_f64, 0.0_f64);
        for j in 0..cols {
            let mut y: Vec<T> = (0..rows).map(|i| if i < cols { r[(i, j)] } else { T::ZERO }).collect();
            qr.apply_q(&mut y);
            for (y, &a) in y.iter().zip(a.column(qr.order()[j])) {
                residual = residual.max((*y - a).abs().to_f64());
            }
            let mut unit = vec![T::ZERO; rows];
            unit[j] = T::ONE;
            qr.apply_q(&mut unit);
            qr.apply_q_transposed(&mut unit);
            unit[j] -= T::ONE;
            orthogonality = orthogonality.max(norm(&unit).to_f64());
        }
        (residual / T::UNIT_ROUNDOFF, orthogonality / T::UNIT_ROUNDOFF)
    }

    #[test]
    fn factors_reproduce_the_matrix_in_every_scalar() {
        for (rows, cols) in [(1, 1), (5, 1), (6, 6), (12, 5), (40, 17)] {
            for pivoting in [Pivoting::None, Pivoting::Columns] {
                let size = (rows * cols) as f64;
                for (residual, orthogonality) in [
                    ratios::<f64>(rows, cols, pivoting),
                    ratios::<f32>(rows, cols, pivoting),
                    ratios::<Dd>(rows, cols, pivoting),
                ] {
                    assert!(residual < 30.0 * size, "{rows}x{cols} {pivoting:?}: {residual}");
                    assert!(orthogonality < 30.0 * size, "{rows}x{cols} {pivoting:?}: {orthogonality}");
                }
            }
        }
    }

    #[test]
    fn pivoting_sorts_the_diagonal() {
        let qr = Qr::new(sample::<f64>(20, 9), Pivoting::Columns);
        let r = qr.r();
        for k in 1..9 {
            assert!(r[(k, k)].abs() <= r[(k - 1, k - 1)].abs() * (1.0 + 1e-12), "diagonal {k}");
        }
    }

    #[test]
    fn a_zero_column_is_no_trouble() {
        let mut a = sample::<f64>(6, 3);
        a.column_mut(1).fill(0.0);
        let r = Qr::new(a, Pivoting::Columns).r();
        assert_eq!(r[(2, 2)], 0.0);
        assert!(r.as_slice().iter().all(|x| x.is_finite()));
    }
}
