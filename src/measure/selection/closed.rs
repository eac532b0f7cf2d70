//! Choosers that are formulas: w0 itself, ridge, principal components, and steps along the null space.

use super::{Found, Part, Study};
use crate::linalg::{axpy, norm};
use crate::measure::null_space::unit;

impl Study<'_, '_> {
    /// The w that minimises ||X w - y||^2 + `lambda` ||w||^2; w0 for a penalty of 0.
    pub(super) fn ridge(&self, lambda: f64) -> Found {
        Found::closed(self.seen.fit().solution(lambda).w)
    }

    /// Least squares on the fewest leading components whose sigma^2 add up to `share` of the sum of all: the part of w0 in their
    /// span (Jolliffe, Principal Component Analysis, 8.1). A share of 1 keeps the whole rank, and with it w0.
    pub(super) fn pcr(&self, share: f64) -> Found {
        let svd = self.seen.svd;
        let mut coordinates = svd.project_right(&self.w0);
        coordinates.truncate(components(&svd.sigma[..svd.rank], share));
        Found::closed(svd.weights(&coordinates))
    }

    /// A random unit vector of the null space of X; nothing where that is {0}.
    fn drawn_null_vector(&self) -> Option<Vec<f64>> {
        let svd = self.seen.svd;
        if svd.nullity() == 0 {
            return None;
        }
        let g = Part::NullVector.of(self.seen).normals(svd.right.rows());
        unit(svd.null_component(&g))
    }

    /// w0 + `alpha` z.
    pub(super) fn null_shifted(&self, alpha: f64) -> Found {
        let Some(z) = self.null_vector.get_or_init(|| self.drawn_null_vector()) else { return Found::undefined() };
        let mut w = self.w0.clone();
        axpy(alpha, z, &mut w);
        Found::closed(w)
    }
}

/// The fewest leading `sigma` (nonincreasing, those of the rank) whose squares reach `share` of the sum of all squares.
fn components(sigma: &[f64], share: f64) -> usize {
    if share >= 1.0 {
        return sigma.len();
    }
    // Relative to the norm of all, no square overflows or vanishes where it counts.
    let total = norm(sigma);
    let mut reached = 0.0;
    let short = sigma.iter().take_while(|&&sigma| {
        let before = reached;
        reached += (sigma / total).powi(2);
        before < share
    });
    short.count()
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn the_fewest_components_that_reach_a_share_are_kept() {
        let sigma = [2.0, 1.0, 1.0];
        for (share, expected) in [(1e-9, 1), (0.66, 1), (0.67, 2), (0.83, 2), (0.84, 3), (1.0, 3)] {
            assert_eq!(components(&sigma, share), expected, "{share}");
        }
        assert_eq!(components(&[1.0, 1e-12], 1.0), 2, "whole rank, though the second adds nothing to the sum");
        assert_eq!((components(&[], 0.5), components(&[1e-200, 1e-200], 0.6)), (0, 2));
    }
}
