//! Symmetric matrices: reduction to a tridiagonal one by reflections, its eigenvalues and eigenvectors.
//!
//! Reduction and eigenvalues are backward stable: the eigenvalues are exact for a matrix that differs from the given one by a
//! small multiple of u in norm. Small ones therefore have no digits of their own, unlike those of Jacobi's method, which costs some
//! 30 q^3 operations where this costs 4/3 q^3 + O(q^2). Eigenvectors cost 2 q^3 more, but are orthogonal only as far as
//! their eigenvalues are apart.
//!
//! Source: Golub & Van Loan 2013, section 8.3.

mod back;
mod company;
mod reduction;
mod root_free;
mod side_by_side;
mod twisted;

use super::Columns;
use super::instructions::{vectorized, widest};
use super::tiles::padded_rows;
use super::vector::{LANES, filled};
use back::Reflections;
pub(crate) use company::ReductionRoom;
use reduction::reduce;
use root_free::RootFree;
pub(crate) use side_by_side::ReducedTogether;
use twisted::InLanes;
pub(crate) use twisted::Twisted;

/// H_2 ... H_(q-1) G H_(q-1) ... H_2 = T for a symmetric G (q x q): T tridiagonal, each H a reflection.
#[derive(Clone, Debug)]
pub(crate) struct Tridiagonal {
    /// Diagonal of T, q long.
    diagonal: Vec<f64>,
    /// Off-diagonal of T, q - 1 long.
    off_diagonal: Vec<f64>,
    /// Column m holds the v of H_m in its first m rows, and zeros below, where tau is not 0.
    reflectors: Columns<f64>,
    /// H_m = I - tau v v', q long; 0 stands for the identity.
    tau: Vec<f64>,
}

/// A symmetric tridiagonal matrix by its diagonal, q long, and its off-diagonal, q - 1 long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entries<'a> {
    pub(crate) diagonal: &'a [f64],
    pub(crate) off_diagonal: &'a [f64],
}

/// The QL iteration met its limit of steps, which only NaN or infinite entries make it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotConverged;

impl Tridiagonal {
    /// Reduces the symmetric matrix whose upper triangle `g` holds, overwriting it: q columns of q rows padded with zeros
    /// ([`padded_rows`]). Entries should be at most about 1 in size: below 2^-450 they count as 0, which is nothing beside
    /// rounding, and beyond 2^500 they overflow.
    ///
    /// Rows and columns are eliminated from the last to the second, so that what is left of a column always begins at its
    /// first row and whole registers can be used; what they reach beyond it is never read again.
    #[expect(
        clippy::redundant_closure,
        reason = "a function given by its name need not be inlined into the widest code"
    )]
    pub(crate) fn new(g: Columns<f64>) -> Self {
        widest(
            g,
            #[inline(always)]
            |g| reduce::<2>(g),
            #[inline(always)]
            |g| reduce::<4>(g),
        )
    }

    /// T.
    pub(crate) fn entries(&self) -> Entries<'_> {
        Entries { diagonal: &self.diagonal, off_diagonal: &self.off_diagonal }
    }

    /// The matrix that holds the reflections.
    pub(crate) fn into_reflectors(self) -> Columns<f64> {
        self.reflectors
    }

    /// q.
    pub(crate) fn order(&self) -> usize {
        self.diagonal.len()
    }

    /// Unit eigenvectors of G for its eigenvalues `values`, in the columns of a q x q matrix, its rows padded: up to a residual of
    /// a small multiple of u ||G||, and orthogonal up to that over the distance of their eigenvalues. Those of a multiple eigenvalue may
    /// all be the same one. Of no meaning, NaN included, for `values` that are no eigenvalues. In the memory of `storage`.
    pub(crate) fn eigenvectors_in(&self, storage: Vec<f64>, values: &[f64]) -> Columns<f64> {
        debug_assert_eq!(values.len(), self.order(), "as many eigenvalues as rows");
        vectorized(
            #[inline(always)]
            || self.eigenvectors_in_lanes(storage, values),
        )
    }

    /// What [`Tridiagonal::eigenvectors_in`] compiles for the vector instructions. Kept to AVX2: for AVX-512 the compiler takes the sums of inner products apart.
    #[inline(always)]
    fn eigenvectors_in_lanes(&self, storage: Vec<f64>, values: &[f64]) -> Columns<f64> {
        let q = self.order();
        let mut out = Columns::zeros_in(storage, padded_rows(q), q);
        let (mut twisted, reflections) = (Twisted::<LANES>::default(), Reflections::of(self));
        let in_all_lanes = |numbers: &[f64]| numbers.iter().map(|&x| [x; LANES]).collect::<Vec<_>>();
        let (d, e) = (in_all_lanes(&self.diagonal), in_all_lanes(&self.off_diagonal));
        let mut z = filled([0.0; LANES], q);
        for first in (0..q).step_by(LANES) {
            let mut lambda = [values[first]; LANES];
            lambda.iter_mut().zip(&values[first..]).for_each(|(lambda, value)| *lambda = *value);
            twisted.eigenvectors(InLanes { d: &d, e: &e }, &lambda, &mut z);
            reflections.apply(&mut z);
            for lane in 0..LANES.min(q - first) {
                for (entry, row) in out.column_mut(first + lane).iter_mut().zip(&z) {
                    *entry = row[lane];
                }
            }
        }
        out
    }
}

/// How many matrices [`eigenvalues`] takes at a time: with four registers of AVX2 for each number as much is under way
/// as fits into the time that a quotient takes.
pub(crate) const ITERATIONS_TOGETHER: usize = 2 * LANES;

/// The eigenvalues, nonincreasing, of up to [`ITERATIONS_TOGETHER`] matrices of one order: for each the same bits, whatever the others.
///
/// # Errors
/// [`NotConverged`] for a matrix with entries that are not finite.
pub(crate) fn eigenvalues(matrices: &[Entries<'_>]) -> Vec<Result<Vec<f64>, NotConverged>> {
    debug_assert!(matrices.len() <= ITERATIONS_TOGETHER, "{} matrices", matrices.len());
    if matrices.iter().any(|matrix| matrix.diagonal.is_empty()) {
        return vec![Ok(Vec::new()); matrices.len()];
    }
    widest(
        matrices,
        #[inline(always)]
        |matrices| in_enough_lanes(matrices),
        #[inline(always)]
        |matrices| in_enough_lanes(matrices),
    )
}

/// [`eigenvalues`] in the fewest lanes that hold all matrices.
#[inline(always)]
fn in_enough_lanes(matrices: &[Entries<'_>]) -> Vec<Result<Vec<f64>, NotConverged>> {
    match matrices.len() {
        0 => Vec::new(),
        1 => in_lanes::<1>(matrices),
        2..=4 => in_lanes::<4>(matrices),
        5..=LANES => in_lanes::<LANES>(matrices),
        _ => in_lanes::<ITERATIONS_TOGETHER>(matrices),
    }
}

/// [`eigenvalues`] in `W` lanes.
#[inline(always)]
fn in_lanes<const W: usize>(matrices: &[Entries<'_>]) -> Vec<Result<Vec<f64>, NotConverged>> {
    let values = RootFree::<W>::new(matrices).eigenvalues();
    let of_lane = |lane: usize| {
        let mut values: Vec<f64> = values.iter().map(|value| value[lane]).collect();
        values.sort_unstable_by(|a, b| b.total_cmp(a));
        if values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(NotConverged) }
    };
    (0..matrices.len()).map(of_lane).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
