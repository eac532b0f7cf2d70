//! Symmetric matrices: reduction to a tridiagonal one by reflections, and its eigenvalues.
//!
//! Both steps are backward stable: the eigenvalues are exact for a matrix that differs from the given one by a small
//! multiple of u in norm. Small ones therefore have no digits of their own, unlike those of Jacobi's method, which costs some
//! 30 q^3 operations where this costs 4/3 q^3 + O(q^2).
//!
//! Sources: Golub & Van Loan 2013, section 8.3, for the reduction; Reinsch 1973 (TQLRAT) in the form of LAPACK's dsterf for
//! the iteration without square roots.

use super::tiles::{LANES, padded_dot, padded_rows};
use super::{Columns, Scalar, power_of_two};

/// QL and QR steps per eigenvalue after which the iteration gives up; it takes less than two.
const STEP_LIMIT: usize = 30;

/// H_2 ... H_(q-1) G H_(q-1) ... H_2 = T for a symmetric G (q x q): T tridiagonal, each H a reflection.
#[derive(Clone, Debug)]
pub struct Tridiagonal {
    /// Diagonal of T, q long.
    diagonal: Vec<f64>,
    /// Off-diagonal of T, q - 1 long.
    off_diagonal: Vec<f64>,
}

/// The QL iteration met its limit of steps, which only NaN or infinite entries make it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotConverged;

impl Tridiagonal {
    /// Reduces the symmetric matrix whose upper triangle `g` holds, overwriting it: q columns of q rows padded with zeros
    /// ([`padded_rows`]). Entries should be at most about 1 in size: below 2^-450 they count as 0, which is nothing beside
    /// rounding, and beyond 2^500 they overflow.
    ///
    /// Rows and columns are eliminated from the last to the second, so that what is left of a column always begins at its
    /// first row and whole registers can be used; what they reach beyond it is never read again.
    #[inline(always)]
    pub fn new(mut g: Columns<f64>) -> Self {
        let q = g.cols();
        debug_assert_eq!(g.rows(), padded_rows(q), "columns that are not padded");
        for j in 0..q {
            for i in 0..j {
                g[(j, i)] = g[(i, j)];
            }
        }
        let mut off_diagonal = vec![0.0; q.saturating_sub(1)];
        let (mut v, mut w) = (vec![0.0; g.rows()], vec![0.0; g.rows()]);
        for m in (1..q).rev() {
            let length = padded_rows(m);
            v[..m].copy_from_slice(&g.column(m)[..m]);
            v[m..].fill(0.0);
            let (reflector, beta) = reflector(&mut v[..length], m - 1);
            off_diagonal[m - 1] = beta;
            if let Some(tau) = reflector {
                let (v, w) = (&v[..length], &mut w[..length]);
                times_leading_block(&g, v, w, m);
                for w in w.iter_mut() {
                    *w *= tau;
                }
                let half = -0.5 * tau * padded_dot(v, w);
                for (w, &v) in w.iter_mut().zip(v) {
                    *w = half.mul_add(v, *w);
                }
                subtract_both_products(&mut g, v, w, m);
            }
        }
        Self { diagonal: (0..q).map(|j| g[(j, j)]).collect(), off_diagonal }
    }

    /// The q eigenvalues, in no order.
    ///
    /// # Errors
    /// [`NotConverged`], for entries that are not finite.
    pub fn eigenvalues(self) -> Result<Vec<f64>, NotConverged> {
        let mut squares = self.off_diagonal;
        for e in &mut squares {
            *e *= *e;
        }
        let mut iteration = RootFree { d: self.diagonal, squares };
        let mut steps = STEP_LIMIT * iteration.d.len();
        let mut start = 0;
        while start < iteration.d.len() {
            let end = iteration.end_of_block(start);
            iteration.solve_block(start, end, &mut steps)?;
            start = end + 1;
        }
        if iteration.d.iter().all(|d| d.is_finite()) { Ok(iteration.d) } else { Err(NotConverged) }
    }
}

/// Turns x (`v` up to `last`, zeros behind) into the v of the reflection H = I - tau v v', `v[last]` = 1, with
/// H x = beta e_last. Returns tau and beta; no tau where there is nothing to eliminate, x being such a multiple already.
#[inline(always)]
fn reflector(v: &mut [f64], last: usize) -> (Option<f64>, f64) {
    let head = v[last];
    v[last] = 0.0;
    let rest = padded_dot(v, v);
    if rest < power_of_two(-900) {
        return (None, head);
    }
    let length = head.mul_add(head, rest).sqrt();
    let beta = if head > 0.0 { -length } else { length };
    let scale = 1.0 / (head - beta);
    for v in v.iter_mut() {
        *v *= scale;
    }
    v[last] = 1.0;
    (Some((beta - head) / beta), beta)
}

/// w = G v for the leading `m` x `m` block of `g`; `v` and `w` are `m` long, padded with zeros.
#[inline(always)]
fn times_leading_block(g: &Columns<f64>, v: &[f64], w: &mut [f64], m: usize) {
    w.fill(0.0);
    let whole = m - m % TOGETHER;
    for j in (0..whole).step_by(TOGETHER) {
        add_columns::<TOGETHER>(g, j, v, w);
    }
    for j in whole..m {
        add_columns::<1>(g, j, v, w);
    }
    w[m..].fill(0.0);
}

/// Columns that are added together, so that the sum is read and written once for all of them.
const TOGETHER: usize = 4;

/// w += `v[j]` times column j of `g`, for `N` columns from `first` on.
#[inline(always)]
fn add_columns<const N: usize>(g: &Columns<f64>, first: usize, v: &[f64], w: &mut [f64]) {
    let columns: [&[[f64; LANES]]; N] = std::array::from_fn(|k| g.column(first + k)[..v.len()].as_chunks::<LANES>().0);
    let weights: [f64; N] = std::array::from_fn(|k| v[first + k]);
    for (row, w) in w.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut sum = *w;
        for (column, weight) in columns.iter().zip(weights) {
            for (sum, x) in sum.iter_mut().zip(&column[row]) {
                *sum = weight.mul_add(*x, *sum);
            }
        }
        *w = sum;
    }
}

/// G <- G - v w' - w v' for the leading `m` x `m` block of `g`.
#[inline(always)]
fn subtract_both_products(g: &mut Columns<f64>, v: &[f64], w: &[f64], m: usize) {
    for j in 0..m {
        let (vj, wj) = (-v[j], -w[j]);
        let column = g.column_mut(j)[..v.len()].as_chunks_mut::<LANES>().0;
        let pairs = v.as_chunks::<LANES>().0.iter().zip(w.as_chunks::<LANES>().0);
        for (x, (v, w)) in column.iter_mut().zip(pairs) {
            let mut rest = *x;
            for lane in 0..LANES {
                rest[lane] = vj.mul_add(w[lane], wj.mul_add(v[lane], rest[lane]));
            }
            *x = rest;
        }
    }
}

/// A tridiagonal matrix by its diagonal and the squares of its off-diagonal, on the way to a diagonal one.
struct RootFree {
    d: Vec<f64>,
    squares: Vec<f64>,
}

impl RootFree {
    /// Whether the entry between `i` and `i + 1` is lost in the rounding of its neighbours on the diagonal, or of the norm of
    /// the matrix, which is about 1.
    fn negligible(&self, i: usize) -> bool {
        const FLOOR: f64 = power_of_two(-300);
        let roundoff = f64::UNIT_ROUNDOFF * f64::UNIT_ROUNDOFF;
        self.squares[i] <= roundoff * (self.d[i] * self.d[i + 1]).abs() || self.squares[i] < FLOOR
    }

    /// The last index of the block from `start` on that nothing negligible divides.
    fn end_of_block(&self, start: usize) -> usize {
        (start..self.d.len() - 1).find(|&i| self.negligible(i)).unwrap_or(self.d.len() - 1)
    }

    /// Makes the block `start` ..= `end` diagonal. The iteration runs towards the end where the diagonal is smaller in size,
    /// which then converges first and, in graded matrices, keeps more digits than it would at the other.
    fn solve_block(&mut self, start: usize, end: usize, steps: &mut usize) -> Result<(), NotConverged> {
        if self.d[end].abs() < self.d[start].abs() {
            self.d[start..=end].reverse();
            self.squares[start..end].reverse();
        }
        let mut first = start;
        while first < end {
            let last = (first..end).find(|&i| self.negligible(i)).unwrap_or(end);
            if last == first {
                first += 1;
                continue;
            }
            if last == first + 1 {
                let (larger, smaller) = eigenvalues_of_two(self.d[first], self.squares[first], self.d[last]);
                (self.d[first], self.d[last], self.squares[first]) = (larger, smaller, 0.0);
                first += 2;
                continue;
            }
            *steps = steps.checked_sub(1).ok_or(NotConverged)?;
            self.step(first, last);
        }
        Ok(())
    }

    /// One QL step on the block `first` ..= `last` with Wilkinson's shift.
    fn step(&mut self, first: usize, last: usize) {
        let root = self.squares[first].sqrt();
        let half_gap = (self.d[first + 1] - self.d[first]) / (2.0 * root);
        let distance = (half_gap * half_gap + 1.0).sqrt();
        let shift = self.d[first] - root / (half_gap + distance.copysign(half_gap));
        let (mut c, mut s) = (1.0, 0.0);
        let mut gamma = self.d[last] - shift;
        let mut p = gamma * gamma;
        for i in (first..last).rev() {
            let square = self.squares[i];
            let sum = p + square;
            if i + 1 != last {
                self.squares[i + 1] = s * sum;
            }
            let (old_c, old_p, old_gamma) = (c, p, gamma);
            c = p / sum;
            s = square / sum;
            let d = self.d[i];
            gamma = c * (d - shift) - s * old_gamma;
            self.d[i + 1] = old_gamma + (d - gamma);
            // gamma^2 / c, the quotient beside that of c instead of behind it.
            p = if c == 0.0 { old_c * square } else { gamma * gamma * (sum / old_p) };
        }
        self.squares[first] = s * p;
        self.d[first] = shift + gamma;
    }
}

/// The eigenvalues of [a, b; b, c] for b^2 = `square`, the larger in size first. Source: LAPACK's dlae2.
fn eigenvalues_of_two(a: f64, square: f64, c: f64) -> (f64, f64) {
    let (sum, gap) = (a + c, a - c);
    let root = (gap * gap + 4.0 * square).sqrt();
    let larger = 0.5 * (sum + root.copysign(sum));
    if larger == 0.0 {
        return (0.0, 0.0);
    }
    let (large, small) = if a.abs() > c.abs() { (a, c) } else { (c, a) };
    (larger, large / larger * small - square / larger)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
