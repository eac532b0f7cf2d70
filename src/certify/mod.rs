//! What can be believed of an engine's numbers: an enclosure of every singular value, and the ladder of precisions that
//! is climbed while the enclosure is too wide. Pure functions of the stored X; no engine is trusted here.

mod bounds;
mod departure;
mod enclosure;
mod ladder;
mod leading;
mod rounding;
mod row_blocks;
#[cfg(test)]
mod tests;

pub use bounds::Bounds;
pub use enclosure::{enclose, enclose_with_product};
pub(crate) use ladder::settled;
pub use ladder::{Ladder, certify};
pub use row_blocks::{Found, Frame, RowBlocks};

use crate::engine::Factors;
use crate::linalg::Columns;

/// What is known for certain about the singular values of one stored X.
#[derive(Clone, Debug, PartialEq)]
pub struct Enclosure {
    /// Lower bounds, min(n, d) long, nonincreasing; 0 where nothing better can be said.
    pub lo: Vec<f64>,
    /// Upper bounds, min(n, d) long, nonincreasing.
    pub hi: Vec<f64>,
}

impl Enclosure {
    /// Relative half-width of the enclosure of value `i`: (hi - lo) / (hi + lo), so 1 where lo is 0; 0 for [0, 0].
    pub fn relative_half_width(&self, i: usize) -> f64 {
        let (lo, hi) = (self.lo[i], self.hi[i]);
        if hi == 0.0 {
            return 0.0;
        }
        // Divided by hi first: the sum may overflow.
        let ratio = lo / hi;
        if hi.is_infinite() { 1.0 } else { (1.0 - ratio) / (1.0 + ratio) }
    }

    /// What two valid enclosures of the same values say together.
    pub(crate) fn intersected_with(&self, other: &Self) -> Self {
        Self {
            lo: self.lo.iter().zip(&other.lo).map(|(a, b)| a.max(*b)).collect(),
            hi: self.hi.iter().zip(&other.hi).map(|(a, b)| a.min(*b)).collect(),
        }
    }

    /// What may be said of the smallest singular value at the wanted relative half-width. Two valid enclosures of one
    /// value always meet: an empty intersection is proof that some arithmetic went wrong, and nothing can be believed.
    pub fn status(&self, rtol: f64) -> Status {
        // Written so that a NaN fails.
        if !self.lo.iter().zip(&self.hi).all(|(lo, hi)| lo <= hi) {
            return Status::Failed;
        }
        let last = self.lo.len() - 1;
        if self.lo[last] == 0.0 {
            Status::Unresolved
        } else if self.relative_half_width(last) <= rtol {
            Status::Ok
        } else {
            Status::Wide
        }
    }
}

/// How far the numbers of a row can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The enclosure of sigma_min has relative half-width at most `rtol`, and no reported value strays from its
    /// enclosure by more.
    Ok,
    /// The enclosure holds, but it is wider than `rtol` after everything that the precision allows was tried, or the
    /// reported values are not good to `rtol`.
    Wide,
    /// The enclosure of sigma_min contains 0: no number is claimed for sigma_min and kappa.
    Unresolved,
    /// No numbers: the iteration did not end, or sigma_max is beyond the largest f64. The enclosure holds all the same.
    Failed,
}

impl Status {
    /// The word that tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Wide => "wide",
            Self::Unresolved => "unresolved",
            Self::Failed => "failed",
        }
    }
}

/// Factors with their certificate.
#[derive(Clone, Debug)]
pub struct Certified {
    /// Singular values, V and diagnostics of the last rung that was climbed.
    pub factors: Factors,
    /// Bounds that contain the exact singular values of the stored X.
    pub enclosure: Enclosure,
    /// What may be said of sigma_min.
    pub status: Status,
    /// A V as the certificate formed it ([`enclose_with_product`]) for the V of `factors`, so that a decomposition need not
    /// form it again; nothing where that gave none.
    pub product: Option<Columns<f64>>,
}
