//! (X, V) -> an enclosure of every singular value of the stored X.
//!
//! # The theorem
//! A is the tall form of X, p x q, p >= q; V any q x q matrix; B = A V; D = diag(d_j) any positive numbers, largest first;
//! N = B D^-1. If ||N'N - I||_2 <= phi < 1 and ||V'V - I||_2 <= alpha < 1, then by Ostrowski's theorem (Horn & Johnson
//! 1991, theorem 3.3.16; applied once to A V and once to N D)
//!
//! d_i sqrt(1 - phi) / sqrt(1 + alpha) <= sigma_i(A) <= d_i sqrt(1 + phi) / sqrt(1 - alpha) for every i.
//!
//! V may come from anywhere: a poor V widens the interval, it cannot make it false.
//!
//! # Splits
//! One column that cannot be told from 0 would spoil phi for all. So for every k the k leading columns B_1 are judged
//! alone and the rest B_2 is a perturbation: for i <= k, sigma_i(B_1) <= sigma_i(B) <= (sigma_i(B_1)^2 + ||B_2||^2)^(1/2),
//! and beyond, sigma_(k+m)(B) <= sigma_m(B_2) <= ||B_2||_F / sqrt(m) (Weyl). Of all k the largest lower and
//! smallest upper bounds are kept; everything accumulates, so that all splits together cost O(q^2).
//!
//! # Rounding (u = 2^-53; gamma_k = k u / (1 - k u))
//! - A is scaled by a power of two, which is exact but for entries that become subnormal: at most 2^-1074 each.
//! - B is computed in the arithmetic of V, one rounding for each of q products and q additions, and stored in f64:
//!   || fl(B)_j - B_j || <= gamma_(q+1) sum_k |v_kj| ||a_k|| + u ||B_j|| + underflow =: e_j. With eta = (sum (e_j/d_j)^2)^(1/2),
//!   phi of the exact B is at most phi + 2 sqrt(1 + phi) eta + eta^2 of the computed one.
//! - Each column of B is scaled by a power of two to entries of at most 2 before inner products are taken, so that no
//!   square over- or underflows harmfully; an inner product of length p has relative error gamma_(depth(p)) in
//!   ||n_i|| ||n_j|| ([`crate::linalg::dot_depth`]) plus p 2^-1074.
//! - ||.||_2 of a symmetric matrix of bounds is at most its largest row sum and at most its Frobenius norm.
//! - Everything after that is a chain of upward or downward roundings ([`super::rounding`]).

use super::Enclosure;
use super::rounding::{down, gamma, hypot_up, up};
use crate::linalg::{
    Columns, Scalar, dot, dot_depth, exponent, max_abs, norm, product, scale_by_power_of_two, vectorized,
};
use crate::matrix::Matrix;

/// Half the distance between subnormal numbers bounds what one underflow costs; this is twice that.
const UNDERFLOW: f64 = f64::from_bits(1);

/// Encloses all min(n, d) singular values of `x` (n x d, finite). `v` is q x q with q = min(n, d), in any precision and of
/// any quality, its columns in any order; NaN in it leaves only the bounds that the norm of `x` gives.
pub fn enclose<T: Scalar>(x: &Matrix, v: &Columns<T>) -> Enclosure {
    if T::UNIT_ROUNDOFF > f64::UNIT_ROUNDOFF {
        // A has the range of f64, which the products in a narrower type would leave.
        return enclose(x, &v.convert::<f64>());
    }
    if x.max_abs() == 0.0 {
        let zeros = vec![0.0; x.rows().min(x.cols())];
        return Enclosure { lo: zeros.clone(), hi: zeros };
    }
    vectorized(
        #[inline(always)]
        || {
            let shift = exponent(x.max_abs()).map_or(0, |k| f64::LARGEST_EXPONENT - 1 - k);
            let mut a = Columns::<f64>::tall(x);
            scale_by_power_of_two(a.as_mut_slice(), shift);
            let norms = column_norms_up(&a);
            let mut bounds = Bounds::from_norms(&norms);
            if v.rows() == a.cols() && v.cols() == a.cols() {
                bounds.tighten(&a, &norms, v);
            }
            bounds.scaled_back(shift)
        },
    )
}

/// Bounds of the singular values of the scaled A, tightened step by step.
struct Bounds {
    lo: Vec<f64>,
    hi: Vec<f64>,
}

impl Bounds {
    /// What the norms of the columns alone give: sigma_i <= ||A||_F / sqrt(i).
    fn from_norms(norms: &[f64]) -> Self {
        let frobenius = norms.iter().fold(0.0, |sum, &norm| hypot_up(sum, norm));
        let hi = (1..=norms.len()).map(|i| up(frobenius / down((i as f64).sqrt()))).collect();
        Self { lo: vec![0.0; norms.len()], hi }
    }

    #[inline(always)]
    fn tighten<T: Scalar>(&mut self, a: &Columns<f64>, norms: &[f64], v: &Columns<T>) {
        let alpha = departure_from_orthogonality(v);
        // NaN must not pass.
        let usable = alpha < 1.0;
        if !usable {
            return;
        }
        let (stretch, shrink) = (up(up(1.0 + alpha).sqrt()), down(down(1.0 - alpha).sqrt()));
        let leading = Leading::new(a, norms, v);
        let q = self.lo.len();
        // rest[k]: upper bound of the norm of all columns from k on.
        let mut rest = vec![0.0; q + 1];
        for k in (0..q).rev() {
            rest[k] = hypot_up(rest[k + 1], leading.size_up[k]);
        }
        self.below(0, rest[0], shrink);
        let mut phi = DepartureOfLeadingBlock::default();
        for k in 0..q {
            if leading.d[k] == 0.0 {
                // An exactly zero computed column, and all behind it: nothing can be divided by them.
                break;
            }
            let phi = phi.with_column(&leading, k);
            self.split(&leading, k + 1, phi, rest[k + 1], stretch, shrink);
            self.below(k + 1, rest[k + 1], shrink);
        }
    }

    /// sigma_(k+m) <= rest / sqrt(m) / shrink for m >= 1, where `rest` bounds the columns from `k` on.
    fn below(&mut self, k: usize, rest: f64, shrink: f64) {
        for (m, hi) in self.hi[k..].iter_mut().enumerate() {
            let bound = up(up(rest / down(((m + 1) as f64).sqrt())) / shrink);
            *hi = hi.min(bound);
        }
    }

    /// What the leading `count` columns say of their singular values, the rest having norm at most `rest`.
    #[inline(always)]
    fn split(&mut self, leading: &Leading, count: usize, phi: f64, rest: f64, stretch: f64, shrink: f64) {
        if !phi.is_finite() {
            return;
        }
        let above = up(up(1.0 + phi).sqrt());
        let below = if phi < 1.0 { down(down(1.0 - phi).sqrt()) } else { 0.0 };
        for i in 0..count {
            let lo = down(down(leading.d[i] * below) / stretch);
            let hi = up(hypot_up(up(leading.d[i] * above), rest) / shrink);
            self.lo[i] = self.lo[i].max(lo);
            self.hi[i] = self.hi[i].min(hi);
        }
    }

    /// Bounds of X from those of 2^shift X, in order: a bound of a later value bounds the earlier from below, and vice
    /// versa.
    fn scaled_back(mut self, shift: i32) -> Enclosure {
        for i in (1..self.lo.len()).rev() {
            self.lo[i - 1] = self.lo[i - 1].max(self.lo[i]);
        }
        for i in 1..self.hi.len() {
            self.hi[i] = self.hi[i].min(self.hi[i - 1]);
        }
        let back = |x: f64| x.times_power_of_two(-shift);
        let exactly = |x: f64| back(x).times_power_of_two(shift) == x;
        Enclosure {
            lo: self.lo.iter().map(|&x| if exactly(x) { back(x) } else { down(back(x)) }).collect(),
            hi: self.hi.iter().map(|&x| if exactly(x) { back(x) } else { up(back(x)) }).collect(),
        }
    }
}

/// The columns of the computed B, largest first, each as a direction with entries of at most 2 and a size.
struct Leading {
    /// Direction j times its computed norm: n_j, scaled by a power of two from B.
    n: Columns<f64>,
    /// Computed norm of n_j.
    length: Vec<f64>,
    /// d_j: the computed norm of column j of B.
    d: Vec<f64>,
    /// e_j / d_j, an upper bound.
    eta: Vec<f64>,
    /// Upper bound of the norm of column j of the exact B.
    size_up: Vec<f64>,
}

impl Leading {
    #[inline(always)]
    fn new<T: Scalar>(a: &Columns<f64>, norms: &[f64], v: &Columns<T>) -> Self {
        let (p, q) = (a.rows(), a.cols());
        let length_error = gamma::<f64>(dot_depth(p) + 3);
        let product_error = gamma::<T>(q + 1);
        let storing_error = if T::UNIT_ROUNDOFF < f64::UNIT_ROUNDOFF { f64::UNIT_ROUNDOFF } else { 0.0 };
        // Subnormal entries of A and B, subnormal products: at most this in the norm of a column.
        let underflow = up(up((4 * q + 4) as f64 * (p as f64).sqrt()) * UNDERFLOW);
        // Entries of a direction that became subnormal, against its length of at least 1.
        let lost_in_scaling = up((p as f64).sqrt() * UNDERFLOW);
        // In the arithmetic of V, rounded to f64 at the end.
        let b = product(&a.convert::<T>(), v).convert::<f64>();
        let mut columns: Vec<(f64, f64, f64, f64, Vec<f64>)> = Vec::with_capacity(q);
        for j in 0..q {
            let mut n = b.column(j).to_vec();
            let weight = v.column(j).iter().zip(norms).fold(0.0, |sum, (v, &a)| {
                let v = v.abs().to_f64();
                up(sum + up(up(v * (1.0 + f64::EPSILON)) * a))
            });
            let lift = exponent(max_abs(&n)).unwrap_or(0);
            scale_by_power_of_two(&mut n, -lift);
            let length = norm(&n);
            let d = length.times_power_of_two(lift);
            let size = up(up(d * up(1.0 + length_error)) + UNDERFLOW);
            let error = up(up(up(product_error * weight) + up(storing_error * size)) + underflow);
            // d itself is rounded where it is subnormal; length and lift say it exactly, the ratio is bounded alike.
            let exactly = d.times_power_of_two(-lift) == length;
            let eta = if d > 0.0 && exactly { up(up(error / d) + lost_in_scaling) } else { f64::INFINITY };
            columns.push((d, length, eta, up(size + error), n));
        }
        columns.sort_by(|x, y| y.0.total_cmp(&x.0));
        let mut leading = Self {
            n: Columns::zeros(p, q),
            length: Vec::with_capacity(q),
            d: Vec::with_capacity(q),
            eta: Vec::with_capacity(q),
            size_up: Vec::with_capacity(q),
        };
        for (j, (d, length, eta, size_up, n)) in columns.into_iter().enumerate() {
            leading.n.column_mut(j).copy_from_slice(&n);
            leading.length.push(length);
            leading.d.push(d);
            leading.eta.push(eta);
            leading.size_up.push(size_up);
        }
        leading
    }
}

/// ||N_1'N_1 - I||_2 of the exact leading columns, as they grow one by one.
#[derive(Default)]
struct DepartureOfLeadingBlock {
    row_sums: Vec<f64>,
    squares: f64,
    eta_squared: f64,
}

impl DepartureOfLeadingBlock {
    /// Takes column `k` in and returns the bound for the columns 0 ..= k.
    #[inline(always)]
    fn with_column(&mut self, leading: &Leading, k: usize) -> f64 {
        let p = leading.n.rows();
        // One more than the inner product's roundings, because the computed lengths may be a little small.
        let inner_error = gamma::<f64>(dot_depth(p) + 1);
        let underflow = up(up(p as f64 * 4.0) * UNDERFLOW);
        // (n_k'n_k) / length_k^2 - 1: the errors of the inner product and of its root.
        let diagonal = up(gamma::<f64>(dot_depth(p) + 4) + underflow);
        let mut own_sum = diagonal;
        self.squares = up(self.squares + up(diagonal * diagonal));
        for i in 0..k {
            let inner = dot(leading.n.column(i), leading.n.column(k)).abs();
            let cosine = up(up(inner / leading.length[i]) / leading.length[k]);
            let entry = up(up(cosine + inner_error) + underflow);
            self.row_sums[i] = up(self.row_sums[i] + entry);
            own_sum = up(own_sum + entry);
            self.squares = up(self.squares + up(2.0 * up(entry * entry)));
        }
        self.row_sums.push(own_sum);
        let largest = self.row_sums.iter().fold(0.0, |m: f64, &sum| Scalar::max(m, sum));
        let phi = largest.min(up(self.squares.sqrt()));
        self.eta_squared = up(self.eta_squared + up(leading.eta[k] * leading.eta[k]));
        let eta = up(self.eta_squared.sqrt());
        up(up(phi + up(2.0 * up(up(up(1.0 + phi).sqrt()) * eta))) + up(eta * eta))
    }
}

/// An upper bound of ||V'V - I||_2, the inner products taken in the arithmetic of V; NaN or infinite if V is not finite.
#[inline(always)]
fn departure_from_orthogonality<T: Scalar>(v: &Columns<T>) -> f64 {
    let q = v.cols();
    // Two more than the inner product's roundings: the subtraction of 1, and the rounding to f64 beside that of `up`.
    let relative = gamma::<T>(dot_depth(q) + 2);
    let underflow = up(q as f64 * 8.0 * UNDERFLOW);
    let lengths: Vec<f64> = v.iter().map(|column| up(up(dot(column, column).to_f64() * (1.0 + 1e-6)).sqrt())).collect();
    let mut row_sums = vec![0.0_f64; q];
    let mut squares = 0.0;
    for j in 0..q {
        for i in 0..=j {
            let expected = if i == j { T::ONE } else { T::ZERO };
            let inner = dot(v.column(i), v.column(j)) - expected;
            let error = up(up(up(relative * lengths[i]) * lengths[j]) + underflow);
            let entry = up(up(inner.abs().to_f64()) + error);
            row_sums[i] = up(row_sums[i] + entry);
            if i == j {
                squares = up(squares + up(entry * entry));
            } else {
                row_sums[j] = up(row_sums[j] + entry);
                squares = up(squares + up(2.0 * up(entry * entry)));
            }
        }
    }
    let largest = row_sums.iter().fold(0.0, |m: f64, &sum| Scalar::max(m, sum));
    largest.min(up(squares.sqrt()))
}

/// Upper bounds of the norms of the columns of the exact scaled A.
#[inline(always)]
fn column_norms_up(a: &Columns<f64>) -> Vec<f64> {
    let relative = up(1.0 + gamma::<f64>(dot_depth(a.rows()) + 8));
    let underflow = up((a.rows() as f64).sqrt() * 4.0 * UNDERFLOW);
    a.iter().map(|column| up(up(norm(column) * relative) + underflow)).collect()
}
