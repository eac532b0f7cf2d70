//! Singular values of a finite Gaussian matrix, exactly: no simulation, no limit.
//!
//! X is p x q, p >= q, of independent standard normals. Its singular values have the joint density
//! c prod_(i < j) |s_i^2 - s_j^2| prod_i w(s_i), w(s) = s^(p - q) e^(-s^2 / 2), and de Bruijn's formula (J. Indian Math. Soc.
//! 19, 1955) gives, for any function g,
//!
//! ```text
//! E prod_i g(s_i) = Pf(A_g) / Pf(A_1),   A_ij = integral over x < y of (phi_i(x) phi_j(y) - phi_j(x) phi_i(y)) g(x) g(y)
//! ```
//! with phi_i = w times polynomials in s^2 of degree i, and for odd q one more row and column with the integrals of phi_i g.
//! An indicator as g is the distribution of the largest or the smallest singular value ([`Extremes`]); the derivative at
//! g = 1 is their density ([`Density`]), and so every expected sum over all of them. docs/theory.md has the derivation.
//!
//! ```text
//! legendre  quadrature rules            skew      Pfaffian and linear systems
//! basis     phi_i, orthonormal          form      A of what lies behind a point, gathered panel by panel
//! ```
//! Chiani (J. Multivariate Anal. 129, 2014; IEEE Trans. Inf. Theory 63, 2017) computes the same distribution functions from
//! incomplete gamma functions by recursions in exact or extended arithmetic; orthonormal functions need neither.

mod basis;
mod density;
mod extremes;
mod form;
mod legendre;
mod skew;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

pub(crate) use density::{Density, LEAST_LAMBDA};
pub(crate) use extremes::{Extreme, Extremes};

/// Largest min(n, d) that is computed: the work grows with its cube, to about a second.
pub(crate) const MOST_VALUES: usize = 256;
/// Largest max(n, d) that is computed.
pub(crate) const LONGEST: usize = 100_000;

/// The density for an n x d matrix, computed once for each shape; `None` beyond [`MOST_VALUES`] and [`LONGEST`], and where
/// rounding has spoilt it.
pub(crate) fn density(n: usize, d: usize) -> Option<Arc<Density>> {
    static KNOWN: LazyLock<Memory<Density>> = LazyLock::new(Memory::default);
    KNOWN.of(n, d, Density::new)
}

/// The extreme singular values of an n x d matrix, as [`density`].
pub(crate) fn extremes(n: usize, d: usize) -> Option<Arc<Extremes>> {
    static KNOWN: LazyLock<Memory<Extremes>> = LazyLock::new(Memory::default);
    KNOWN.of(n, d, Extremes::new)
}

/// What is known of a shape, once one thread has found out.
type Slot<T> = Arc<OnceLock<Option<Arc<T>>>>;

/// What was computed, by shape.
struct Memory<T>(Mutex<HashMap<(usize, usize), Slot<T>>>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Memory<T> {
    fn of(&self, n: usize, d: usize, compute: fn(usize, usize) -> Option<T>) -> Option<Arc<T>> {
        let (p, q) = (n.max(d), n.min(d));
        if q == 0 || q > MOST_VALUES || p > LONGEST {
            return None;
        }
        // Whoever panicked with the lock left the map whole.
        let slot = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((p, q)).or_default());
        slot.get_or_init(|| compute(p, q).map(Arc::new)).clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
