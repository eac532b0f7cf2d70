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
mod tests {
    use super::*;
    use crate::linalg::{norm, one_sided_jacobi};

    fn pseudo_random(q: usize, seed: u64) -> Columns<f64> {
        let mut state = seed;
        Columns::from_fn(q, q, |_, _| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / 2.0_f64.powi(52) - 1.0
        })
    }

    /// Eigenvalues, ascending, of the symmetric matrix with entries `g(i, j)` for i <= j.
    fn eigenvalues(q: usize, g: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let below = |i: usize| if i < q { f64::NAN } else { 0.0 };
        let upper = Columns::from_fn(padded_rows(q), q, |i, j| if i <= j { g(i, j) } else { below(i) });
        let mut values = Tridiagonal::new(upper).eigenvalues().unwrap();
        values.sort_by(f64::total_cmp);
        values
    }

    #[test]
    fn the_second_difference_matrix_has_its_cosines() {
        for q in [1, 2, 3, 8, 9, 33, 100] {
            let found = eigenvalues(q, |i, j| if i == j { 2.0 } else { -f64::from(u8::from(j - i == 1)) });
            for (k, value) in found.iter().enumerate() {
                let exact = 2.0 - 2.0 * (std::f64::consts::PI * (k + 1) as f64 / (q + 1) as f64).cos();
                assert!((value - exact).abs() < 4e-15 * (q as f64).sqrt(), "q={q}: {value} against {exact}");
            }
        }
    }

    /// Largest difference between the absolute eigenvalues of a symmetric matrix and its singular values by Jacobi, over
    /// q u ||G||.
    fn ratio(q: usize, g: impl Fn(usize, usize) -> f64) -> f64 {
        let mut found: Vec<f64> = eigenvalues(q, &g).into_iter().map(f64::abs).collect();
        found.sort_by(|a, b| b.total_cmp(a));
        let mut full = Columns::from_fn(q, q, |i, j| g(i.min(j), i.max(j)));
        let exact = one_sided_jacobi(&mut full, None).sigma;
        let unit = exact[0].max(f64::MIN_POSITIVE) * q as f64 * f64::UNIT_ROUNDOFF;
        found.iter().zip(&exact).fold(0.0, |worst, (a, b)| Scalar::max(worst, (a - b).abs() / unit))
    }

    #[test]
    fn full_matrices_agree_with_jacobi() {
        for q in [1, 2, 3, 5, 7, 8, 16, 17, 40] {
            let b = pseudo_random(q, q as u64);
            let ratio = ratio(q, |i, j| b[(i, j)]);
            assert!(ratio < 10.0, "q={q}: {ratio}");
        }
    }

    #[test]
    fn graded_tiny_and_deficient_matrices_agree_with_jacobi() {
        let b = pseudo_random(12, 5);
        let graded = |step: i32| {
            let b = &b;
            move |i: usize, j: usize| {
                let exponent = i32::try_from(i + j).unwrap();
                b[(i, j)].times_power_of_two(step * exponent)
            }
        };
        for step in [-1, -4, -20, -45] {
            let down = ratio(12, graded(step));
            let up = ratio(12, |i, j| graded(step)(11 - i, 11 - j));
            assert!(down < 10.0 && up < 10.0, "2^{step}: {down}, {up}");
        }
        for scale in [-40, -400] {
            let ratio = ratio(12, |i, j| if i + j == 0 { 1.0 } else { b[(i, j)].times_power_of_two(scale) });
            assert!(ratio < 10.0, "2^{scale} beside 1: {ratio}");
        }
        let ones = ratio(9, |_, _| 1.0);
        assert!(ones < 10.0, "rank 1: {ones}");
    }

    #[test]
    fn zero_and_diagonal_matrices_are_exact() {
        assert_eq!(eigenvalues(1, |_, _| -3.0), [-3.0]);
        assert_eq!(eigenvalues(4, |_, _| 0.0), [0.0; 4]);
        assert_eq!(eigenvalues(3, |i, j| if i == j { [1.0, -2.0, 1e-300][i] } else { 0.0 }), [-2.0, 1e-300, 1.0]);
        assert_eq!(Tridiagonal::new(Columns::zeros(0, 0)).eigenvalues(), Ok(vec![]));
    }

    #[test]
    fn the_trace_and_the_norm_are_kept() {
        let b = pseudo_random(30, 77);
        let values = eigenvalues(30, |i, j| b[(i, j)]);
        let trace: f64 = (0..30).map(|i| b[(i, i)]).sum();
        let full = Columns::from_fn(30, 30, |i, j| b[(i.min(j), i.max(j))]);
        assert!((values.iter().sum::<f64>() - trace).abs() < 1e-13);
        assert!((norm(&values) / norm(full.as_slice()) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn what_is_not_finite_ends_without_an_answer() {
        for bad in [f64::NAN, f64::INFINITY] {
            for at in [(0, 0), (1, 3), (4, 4)] {
                let mut g = Columns::zeros(padded_rows(5), 5);
                for j in 0..5 {
                    for i in 0..=j {
                        g[(i, j)] = if (i, j) == at { bad } else { 1.0 / (1 + i + j) as f64 };
                    }
                }
                assert_eq!(Tridiagonal::new(g).eigenvalues(), Err(NotConverged), "{bad} at {at:?}");
            }
        }
    }
}
