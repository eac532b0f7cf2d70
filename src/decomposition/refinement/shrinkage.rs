//! What many penalties do to one problem, a lane each.
//!
//! All that table `ridge` says of a penalty is a sum over the `rank` directions. For 25 penalties and a dozen directions the work is in
//! divisions and roots, which take no longer for eight numbers than for one.

use super::{Fit, Spectral, TOLERATED, length, lost};
use crate::linalg::{LANES, dot, norm, power_of_two, sum, vectorized_widest};

/// The sums over all directions for one penalty lambda, with phi = sigma^2 / (sigma^2 + lambda), c = U'y and given coordinates b.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shrinkage {
    /// ||w|| of the solution as the factors alone give it.
    pub w_norm: f64,
    /// Its ||y - X w||.
    pub residual_norm: f64,
    /// The estimated relative error of w ([`Spectral::lost`]).
    pub lost: f64,
    /// The sum of phi: the effective degrees of freedom.
    pub kept: f64,
    /// phi of the last direction; nothing where there is none.
    pub last_kept: Option<f64>,
    /// The norm of phi / sigma: of what noise in y becomes in w.
    pub gain: f64,
    /// ||V'w - b||^2, the sum of (coordinate - b)^2: each difference errs by a few u of the larger of its two terms, so that where w is
    /// close to V b the sum is good to some (u ||b||)^2, not to a few u of itself.
    pub distance_squared: f64,
    /// The squared norm of (1 - phi) b.
    pub removed_squared: f64,
}

impl Shrinkage {
    /// As [`Spectral::suffices`].
    pub fn suffices(&self) -> bool {
        self.lost <= TOLERATED
    }

    /// From the directions one by one, at any scale.
    pub(super) fn of(spectral: &Spectral, b: &[f64]) -> Self {
        let distance: Vec<f64> = spectral.coordinates.iter().zip(b).map(|(f, b)| f - b).collect();
        let removed: Vec<f64> = spectral.removed.iter().zip(b).map(|(removed, b)| removed * b).collect();
        Self {
            w_norm: spectral.w_norm,
            residual_norm: spectral.residual_norm,
            lost: spectral.lost,
            kept: sum(&spectral.kept),
            last_kept: spectral.kept.last().copied(),
            gain: norm(&spectral.gain),
            distance_squared: dot(&distance, &distance),
            removed_squared: dot(&removed, &removed),
        }
    }
}

impl Fit<'_> {
    /// What each of `lambdas` does, `b` being `rank` coordinates in the row space: V'w* for the true weights w*. To a few u of what
    /// [`Fit::spectral`] gives (`distance_squared`, which cancels: its root to a few u ||b||), and exactly that where a square leaves the range of f64.
    pub fn shrinkages(&self, lambdas: &[f64], b: &[f64]) -> Vec<Shrinkage> {
        debug_assert_eq!(b.len(), self.svd.rank, "a coordinate for each direction");
        let mut out = Vec::with_capacity(lambdas.len());
        for lambdas in lambdas.chunks(LANES) {
            let mut penalties = [0.0; LANES];
            penalties[..lambdas.len()].copy_from_slice(lambdas);
            let sums = vectorized_widest(
                #[inline(always)]
                || Sums::new(self, b, penalties),
            );
            for (lane, &lambda) in lambdas.iter().enumerate() {
                out.push(sums.of(lane).unwrap_or_else(|| Shrinkage::of(&self.spectral(lambda), b)));
            }
        }
        out
    }
}

/// Sums of squares of which none has lost a term to underflow or overflowed.
const TRUSTED: std::ops::Range<f64> = power_of_two(-900)..power_of_two(1000);

/// The sums for eight penalties.
struct Sums {
    lambda: [f64; LANES],
    kept: [f64; LANES],
    last_kept: [f64; LANES],
    coordinates_squared: [f64; LANES],
    misfit_squared: [f64; LANES],
    gain_squared: [f64; LANES],
    distance_squared: [f64; LANES],
    removed_squared: [f64; LANES],
    residual_norm: [f64; LANES],
    lost: [f64; LANES],
}

impl Sums {
    #[inline(always)]
    fn new(fit: &Fit<'_>, b: &[f64], lambda: [f64; LANES]) -> Self {
        let sigma = &fit.svd.sigma[..fit.svd.rank];
        let (mut kept_sum, mut kept, mut squares) = ([0.0; LANES], [0.0; LANES], [[0.0_f64; LANES]; 5]);
        for (&sigma, (&c, &b)) in sigma.iter().zip(fit.split.coordinates.iter().zip(b)) {
            let inverse = 1.0 / sigma;
            for lane in 0..LANES {
                // As in [`Spectral::filter`], with one division that differs from penalty to penalty.
                let penalty = lambda[lane] * inverse;
                kept[lane] = sigma / (sigma + penalty);
                let gain = kept[lane] * inverse;
                let removed = penalty * gain;
                kept_sum[lane] += kept[lane];
                let (coordinate, misfit) = (c * gain, c * removed);
                for (sum, x) in squares.iter_mut().zip([coordinate, misfit, gain, coordinate - b, removed * b]) {
                    sum[lane] = x.mul_add(x, sum[lane]);
                }
            }
        }
        let [coordinates_squared, misfit_squared, gain_squared, distance_squared, removed_squared] = squares;
        let (mut residual_norm, mut lost_share) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            residual_norm[lane] = length(fit.rest_norm, misfit_squared[lane].sqrt());
            lost_share[lane] = lost(sigma, lambda[lane], coordinates_squared[lane].sqrt(), residual_norm[lane]);
        }
        Self {
            lambda,
            kept: kept_sum,
            last_kept: kept,
            coordinates_squared,
            misfit_squared,
            gain_squared,
            distance_squared,
            removed_squared,
            residual_norm,
            lost: lost_share,
        }
    }

    /// The sums of one lane; nothing where a square left the range, or where there is no direction. NaN is outside the range too.
    fn of(&self, lane: usize) -> Option<Shrinkage> {
        let trusted = |squares: &[f64; LANES]| TRUSTED.contains(&squares[lane]);
        // Without a penalty nothing is removed.
        let fits = self.lambda[lane] == 0.0 && self.misfit_squared[lane] == 0.0;
        let inside = trusted(&self.coordinates_squared)
            && (fits || trusted(&self.misfit_squared))
            && trusted(&self.gain_squared);
        inside.then(|| Shrinkage {
            w_norm: self.coordinates_squared[lane].sqrt(),
            residual_norm: self.residual_norm[lane],
            lost: self.lost[lane],
            kept: self.kept[lane],
            last_kept: Some(self.last_kept[lane]),
            gain: self.gain_squared[lane].sqrt(),
            distance_squared: self.distance_squared[lane],
            removed_squared: self.removed_squared[lane],
        })
    }
}
