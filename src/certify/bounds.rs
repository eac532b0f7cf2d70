//! What an enclosure says of numbers made from singular values: rank and condition numbers.
//!
//! Bounds are rounded outward, so that they stay bounds.

use super::{Certified, Enclosure, Status};
use crate::decomposition::rank_tolerance;

/// An interval that contains the exact value, or nothing where there is no such value (the condition number of 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Lower bound.
    pub lo: Option<f64>,
    /// Upper bound; infinite where none is known.
    pub hi: Option<f64>,
}

impl Bounds {
    /// Of a quantity that does not exist or of which nothing is known.
    const NONE: Self = Self { lo: None, hi: None };
    /// Of a quantity that is infinite for certain.
    const INFINITE: Self = Self { lo: Some(f64::INFINITY), hi: Some(f64::INFINITY) };

    /// Bounds of the square of a value that is at least 1.
    fn squared(self) -> Self {
        Self { lo: self.lo.map(|lo| (lo * lo).next_down().max(1.0)), hi: self.hi.map(|hi| (hi * hi).next_up()) }
    }
}

impl Enclosure {
    /// Least and greatest number of singular values above max(n, d) * 2^-52 * sigma_max (NumPy's rule) that the enclosures
    /// of an `n` x `d` matrix allow; nothing if there are none.
    pub fn rank_bounds(&self, n: usize, d: usize) -> Option<(usize, usize)> {
        let (max_lo, max_hi) = (self.lo.first()?, self.hi.first()?);
        let above = |sigma: &[f64], threshold: f64| sigma.iter().filter(|&&sigma| sigma > threshold).count();
        let least = above(&self.lo, (rank_tolerance(n, d) * max_hi).next_up());
        // No value of 0 is above the threshold, however it is rounded.
        let greatest = above(&self.hi, (rank_tolerance(n, d) * max_lo).next_down().max(0.0));
        Some((least, greatest))
    }

    /// Bounds of kappa = sigma_max / sigma_min. A matrix that is certainly 0 has no condition number.
    pub fn kappa(&self) -> Bounds {
        let ends = |bounds: &[f64]| bounds.first().copied().zip(bounds.last().copied());
        match (ends(&self.lo), ends(&self.hi)) {
            (Some((max_lo, min_lo)), Some((max_hi, min_hi))) if max_hi > 0.0 => Bounds {
                // At least 1 also where both bounds are 0 and the quotient is NaN, which `max` drops.
                lo: Some((max_lo / min_hi).next_down().max(1.0)),
                hi: Some(if min_lo > 0.0 { (max_hi / min_lo).next_up() } else { f64::INFINITY }),
            },
            _ => Bounds::NONE,
        }
    }

    /// Bounds of the condition number that X'X has in exact arithmetic, X being `n` x `d`: of kappa^2 for n >= d,
    /// infinite for n < d, where X'X is singular; none where nothing is enclosed.
    pub fn kappa_squared(&self, n: usize, d: usize) -> Bounds {
        if n < d && !self.hi.is_empty() { Bounds::INFINITE } else { self.kappa().squared() }
    }
}

impl Certified {
    /// The largest singular value; nothing where the engine failed.
    pub fn sigma_max(&self) -> Option<f64> {
        self.factors.sigma.first().copied().filter(|_| self.status != Status::Failed)
    }

    /// The smallest of the min(n, d) singular values; nothing where the engine failed or the enclosure contains 0, which
    /// supports no digit of it.
    pub fn sigma_min(&self) -> Option<f64> {
        let (&sigma, &lo) = self.factors.sigma.last().zip(self.enclosure.lo.last())?;
        (lo > 0.0 && self.status != Status::Failed).then_some(sigma)
    }

    /// sigma_max / sigma_min, where both are claimed.
    pub fn kappa(&self) -> Option<f64> {
        Some(self.sigma_max()? / self.sigma_min()?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn enclosure(max: [f64; 2], min: [f64; 2]) -> Enclosure {
        Enclosure { lo: vec![max[0], min[0]], hi: vec![max[1], min[1]] }
    }

    #[test]
    fn derived_bounds_are_rounded_outward() {
        // 10/3 and its square are no f64: rounded to nearest, one of the two bounds would exclude them.
        let enclosure = enclosure([10.0, 10.0], [3.0, 3.0]);
        let (lo, hi) = (enclosure.kappa().lo.unwrap(), enclosure.kappa().hi.unwrap());
        assert!(lo < 10.0 / 3.0 && 10.0 / 3.0 < hi && hi / lo - 1.0 < 1e-15);
        let squared = enclosure.kappa_squared(2, 2);
        assert!(squared.lo.unwrap() < lo * lo && hi * hi < squared.hi.unwrap());
        assert_eq!(enclosure.kappa_squared(2, 3), Bounds::INFINITE);
    }

    #[test]
    fn what_contains_0_bounds_kappa_from_below_only() {
        let kappa = enclosure([3.0, 3.2], [0.0, 1e-15]).kappa();
        assert!(kappa.lo.unwrap() <= 3e15 && kappa.lo.unwrap() > 2.9e15);
        assert_eq!(kappa.hi, Some(f64::INFINITY));
        assert_eq!(enclosure([0.0, 0.0], [0.0, 0.0]).kappa(), Bounds { lo: None, hi: None });
        assert_eq!(enclosure([0.0, 1e-9], [0.0, 0.0]).kappa().lo, Some(1.0));
    }

    #[test]
    fn the_rank_is_bounded_from_both_sides() {
        let straddling = enclosure([1.0, 1.0], [1e-16, 1e-14]);
        assert_eq!(straddling.rank_bounds(2, 2), Some((1, 2)));
        assert_eq!(straddling.rank_bounds(1000, 2), Some((1, 1)), "the rule grows with the shape");
        assert_eq!(enclosure([f64::MAX, f64::INFINITY], [1.0, 1.0]).rank_bounds(2, 2), Some((0, 1)));
        assert_eq!(enclosure([0.0, 0.0], [0.0, 0.0]).rank_bounds(2, 2), Some((0, 0)));
        assert_eq!(Enclosure { lo: vec![], hi: vec![] }.rank_bounds(2, 2), None);
    }
}
