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
//! - B is computed in the arithmetic of V, a term going through q roundings where products and additions are fused, q + 1 in
//!   double-double ([`crate::linalg::product_depth`]), and stored in f64:
//!   || fl(B)_j - B_j || <= gamma_(q or q+1) sum_k |v_kj| ||a_k|| + u ||B_j|| + underflow =: e_j. With
//!   eta = (sum (e_j/d_j)^2)^(1/2), phi of the exact B is at most phi + 2 sqrt(1 + phi) eta + eta^2 of the computed one.
//! - Unless all columns of B have norms between 1 and 2^500 anyway, each is scaled by a power of two to entries of at most 2 before
//!   inner products are taken, so that no square over- or underflows harmfully; an inner product of length p has relative error gamma_(depth(p)) in
//!   ||n_i|| ||n_j|| ([`crate::linalg::dot_depth`]) plus p 2^-1074.
//! - What is done O(q^2) times is done in plain rounding to nearest, and its rounding paid for once at the end
//!   ([`super::departure`]; here, the O(q) numbers for each of q splits).
//! - What is done O(q) times is a chain of upward or downward roundings ([`super::rounding`]).

use super::Enclosure;
use super::departure::{Departure, UNDERFLOW};
use super::leading::{Leading, leading_columns};
use super::rounding::{down, gamma, inflated, tail_norms_up, up};
use crate::linalg::{
    Columns, Scalar, as_padded, dot_depth, exponent, norm, padded_tall, tiled_product, upper_gram, vectorized,
};
use crate::matrix::Matrix;

/// Encloses all min(n, d) singular values of `x` (n x d, finite). `v` is q x q with q = min(n, d), in any precision and of
/// any quality, its columns in any order; NaN in it leaves only the bounds that the norm of `x` gives.
pub fn enclose<T: Scalar>(x: &Matrix, v: &Columns<T>) -> Enclosure {
    enclose_with_product(x, v).0
}

/// [`enclose`], and the product that it needed: A V times a power of two, in the order of `v`, rounded to f64, its columns
/// padded with zeros ([`crate::linalg::padded_rows`]). No product where it came to none: for X = 0, and for a V so far from
/// orthogonal that nothing follows from it.
pub fn enclose_with_product<T: Scalar>(x: &Matrix, v: &Columns<T>) -> (Enclosure, Option<Columns<f64>>) {
    if T::UNIT_ROUNDOFF > f64::UNIT_ROUNDOFF {
        // A has the range of f64, which the products in a narrower type would leave.
        return enclose_with_product(x, &v.convert::<f64>());
    }
    let largest = x.max_abs();
    if largest == 0.0 {
        let zeros = vec![0.0; x.rows().min(x.cols())];
        return (Enclosure { lo: zeros.clone(), hi: zeros }, None);
    }
    vectorized(
        #[inline(always)]
        || {
            let shift = exponent(largest).map_or(0, |k| f64::LARGEST_EXPONENT - 1 - k);
            let a = padded_tall(x, shift);
            let norms = column_norms_up(&a);
            let mut bounds = Bounds::from_norms(&norms);
            let of_right_shape = v.rows() == a.cols() && v.cols() == a.cols();
            let product = if of_right_shape { bounds.tighten(&a, &norms, v) } else { None };
            (bounds.scaled_back(shift), product)
        },
    )
}

/// Bounds of the singular values of the scaled A, tightened step by step.
pub(super) struct Bounds {
    pub(super) lo: Vec<f64>,
    pub(super) hi: Vec<f64>,
}

impl Bounds {
    /// What the norms of the columns alone give: sigma_i <= ||A||_F / sqrt(i).
    pub(super) fn from_norms(norms: &[f64]) -> Self {
        let frobenius = tail_norms_up(norms)[0];
        let hi = (1..=norms.len()).map(|i| up(frobenius / down((i as f64).sqrt()))).collect();
        Self { lo: vec![0.0; norms.len()], hi }
    }

    /// What `v` tells of the singular values of `a`, whose columns have at most the `norms`. Returns A V, if it was needed.
    #[inline(always)]
    fn tighten<T: Scalar>(&mut self, a: &Columns<f64>, norms: &[f64], v: &Columns<T>) -> Option<Columns<f64>> {
        let v = as_padded(v);
        let alpha = departure_from_orthogonality(&v);
        // NaN must not pass.
        let usable = alpha < 1.0;
        if !usable {
            return None;
        }
        let b = tiled_product(&a.as_scalar::<T>(), &v).into_scalar::<f64>();
        let (leading, n) = leading_columns(&b, norms, &v);
        let phi = departures_of_leading_blocks(&leading, &upper_gram(&n), &InnerProducts::of_length(n.rows()));
        self.take_splits(&leading, &phi, alpha);
        Some(b)
    }

    /// Keeps the best of what the splits say. `phi[k]` belongs to the leading k + 1 columns; it may end early, the columns behind
    /// being 0.
    ///
    /// Bounds from below are d_i times a factor of the split, of which the largest for i's splits counts. Bounds from above are
    /// d_i times the root of (1 + phi) + (rest / d_i)^2, or rest / sqrt(m). The former is computed from numbers that are not
    /// negative with 4 roundings: the product's counts twice, the square, the addition; what underflows beside 1 + phi is less
    /// than a fifth.
    #[inline(always)]
    pub(super) fn take_splits(&mut self, leading: &Leading, phi: &[f64], alpha: f64) {
        let q = self.lo.len();
        let (stretch, shrink) = (up(up(1.0 + alpha).sqrt()), down(down(1.0 - alpha).sqrt()));
        // rest[k]: upper bound of the norm of all columns from k on.
        let rest = tail_norms_up(&leading.size_up);
        let inverse_roots: Vec<f64> = (1..=q).map(|m| up(1.0 / down((m as f64).sqrt()))).collect();
        let inverse_d: Vec<f64> = leading.d.iter().map(|d| up(1.0 / d)).collect();
        let mut below = vec![f64::INFINITY; q];
        let mut squares = vec![f64::INFINITY; q];
        keep_smaller_products(&mut below, &inverse_roots, rest[0]);
        for (k, &phi) in phi.iter().enumerate() {
            let rest = rest[k + 1];
            let of_block = up(1.0 + phi);
            let inverse = &inverse_d[..=k];
            keep_smaller_sums(&mut squares[..=k], inverse, rest, of_block);
            keep_smaller_products(&mut below[k + 1..], &inverse_roots, rest);
        }
        for i in 0..q {
            let of_block = up(leading.d[i] * up(inflated(squares[i], 5).sqrt()));
            // NaN for d = 0, whose block there is not.
            self.hi[i] = self.hi[i].min(up(of_block / shrink)).min(up(up(below[i]) / shrink));
        }
        let mut factor = 0.0_f64;
        for (k, &phi) in phi.iter().enumerate().rev() {
            let root = if phi < 1.0 { down(down(1.0 - phi).sqrt()) } else { 0.0 };
            factor = factor.max(down(root / stretch));
            self.lo[k] = self.lo[k].max(down(leading.d[k] * factor));
        }
    }

    /// Bounds of X from those of 2^shift X, in order: a bound of a later value bounds the earlier from below, and vice
    /// versa.
    pub(super) fn scaled_back(mut self, shift: i32) -> Enclosure {
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

/// `kept[i]` = the smaller of itself and `values[i]` `factor`, whatever that is where it is NaN.
#[inline(always)]
fn keep_smaller_products(kept: &mut [f64], values: &[f64], factor: f64) {
    for (kept, &value) in kept.iter_mut().zip(values) {
        let bound = value * factor;
        *kept = if bound < *kept { bound } else { *kept };
    }
}

/// `kept[i]` = the smaller of itself and (`values[i]` `factor`)^2 + `addend`, whatever that is where it is NaN.
#[inline(always)]
fn keep_smaller_sums(kept: &mut [f64], values: &[f64], factor: f64, addend: f64) {
    for (kept, &value) in kept.iter_mut().zip(values) {
        let product = value * factor;
        let bound = product * product + addend;
        *kept = if bound < *kept { bound } else { *kept };
    }
}

/// How far computed inner products of the directions n_j are from the exact ones.
pub(super) struct InnerProducts {
    /// n_i'n_j over the product of the two computed lengths.
    pub(super) error: f64,
    /// n_j'n_j over the square of the computed length, minus 1.
    pub(super) diagonal: f64,
}

impl InnerProducts {
    /// Of directions with p entries and lengths of at least 1, none so large that a square overflows.
    #[inline(always)]
    fn of_length(p: usize) -> Self {
        Self::new(dot_depth(p), up(up(p as f64 * 4.0) * UNDERFLOW))
    }

    /// Where no term goes through more than `depth` roundings; `underflow` is what products that are subnormal may lose.
    #[inline(always)]
    pub(super) fn new(depth: usize, underflow: f64) -> Self {
        Self {
            // One more than the inner product's roundings, because the computed lengths may be a little small.
            error: up(gamma::<f64>(depth + 1) + underflow),
            // The errors of the inner product and of its root.
            diagonal: up(gamma::<f64>(depth + 4) + underflow),
        }
    }
}

/// Upper bounds of ||N_1'N_1 - I||_2 of the exact leading 1, 2, ... columns, up to the first that is computed as 0: nothing can be
/// divided by that one, nor by those behind. `gram` holds n_i'n_j above its diagonal, in the order of `leading`.
#[inline(always)]
pub(super) fn departures_of_leading_blocks(
    leading: &Leading,
    gram: &Columns<f64>,
    products: &InnerProducts,
) -> Vec<f64> {
    let q = leading.d.len();
    let mut departure = Departure::new(q);
    let (mut eta_squared, mut widest) = (0.0, 1.0_f64);
    let nonzero = leading.d.iter().take_while(|&&d| d != 0.0).count();
    let mut bounds = Vec::with_capacity(nonzero);
    for k in 0..nonzero {
        let (scale, spread) = (&leading.inverse_length, leading.spread[k]);
        widest = widest.max(spread);
        let error = spread_out(products.error, spread, widest);
        let diagonal = spread_out(products.diagonal, spread, spread);
        departure.take_in(&gram.column(k)[..k], scale, scale[k], diagonal, error);
        let phi = departure.norm_up();
        eta_squared = up(eta_squared + up(leading.eta[k] * leading.eta[k]));
        let eta = up(f64::sqrt(eta_squared));
        bounds.push(up(up(phi + up(2.0 * up(up(up(1.0 + phi).sqrt()) * eta))) + up(eta * eta)));
    }
    bounds
}

/// An upper bound of `error` times two spreads, most of which are 1.
#[inline(always)]
fn spread_out(error: f64, first: f64, second: f64) -> f64 {
    if first == 1.0 && second == 1.0 { error } else { up(up(error * first) * second) }
}

/// An upper bound of ||V'V - I||_2, the inner products taken in the arithmetic of V; NaN or infinite if V is not finite. `v`
/// has padded rows.
#[inline(always)]
pub(super) fn departure_from_orthogonality<T: Scalar>(v: &Columns<T>) -> f64 {
    let q = v.cols();
    // Two more than the inner product's roundings: the subtraction of 1, and the rounding to f64.
    let relative = gamma::<T>(dot_depth(q) + 2);
    let underflow = up(q as f64 * 8.0 * UNDERFLOW);
    let gram = upper_gram(v);
    let mut squares = Vec::with_capacity(q);
    for k in 0..q {
        squares.push(gram[(k, k)]);
    }
    let gram = gram.into_scalar::<f64>();
    // Of products of two norms. A NaN is not lost here: it is on the diagonal as well.
    let largest = squares.iter().fold(0.0, |m: f64, square| m.max(up(square.to_f64() * (1.0 + 1e-6))));
    let error = up(up(relative * largest) + underflow);
    let scale = vec![1.0; q];
    let mut departure = Departure::new(q);
    for (k, &square) in squares.iter().enumerate() {
        let diagonal = up(up((square - T::ONE).abs().to_f64()) + error);
        // The rounding to f64.
        let above = &gram.column(k)[..k];
        departure.take_in(above, &scale, 1.0 + f64::EPSILON, diagonal, error);
    }
    departure.norm_up()
}

/// Upper bounds of the norms of the columns of the exact scaled A.
#[inline(always)]
fn column_norms_up(a: &Columns<f64>) -> Vec<f64> {
    let relative = up(1.0 + gamma::<f64>(dot_depth(a.rows()) + 8));
    let underflow = up((a.rows() as f64).sqrt() * 4.0 * UNDERFLOW);
    let mut norms = Vec::with_capacity(a.cols());
    for column in a.iter() {
        norms.push(up(up(norm(column) * relative) + underflow));
    }
    norms
}
