//! Further observations of the population that a trial's X was drawn from: what a solution is tested on.
//!
//! Each is drawn row by row, so that a block of rows continues the one before it. With `H = rng.normal(size=(m, width))`
//!
//! ```python
//! # gaussian, collinear, collinear-exact, duplicate, ar1: width d, and H in the place of G
//! # low-rank: width rank + d, L = H[:, :rank], G = H[:, rank:], with the R of the trial
//! # spectrum: width n, X_new = H @ X / np.sqrt(n)
//! ```
//!
//! The factor R of a low-rank design belongs to the population, which it gives its covariance R'R / rank + epsilon^2 I: with
//! another R nothing that was learnt would hold. `spectrum` prescribes X'X itself; its rows are exchangeable with
//! covariance X'X / n, given V, and further ones are taken as Gaussian with that covariance.

use super::spec::DesignSpec;
use super::{ar1, collinear, collinear_exact, duplicate, low_rank};
use crate::grid::{Seeding, Trial};
use crate::linalg::axpy;
use crate::matrix::Matrix;
use crate::rng::Generator;

/// The population of one trial.
#[derive(Clone, Debug)]
pub struct Population<'a> {
    d: usize,
    epsilon: f64,
    kind: Kind<'a>,
}

/// What an observation is made of.
#[derive(Clone, Debug)]
enum Kind<'a> {
    /// d normals as they are.
    Gaussian,
    Collinear,
    CollinearExact,
    Duplicate {
        copies: usize,
        multiple: f64,
    },
    Ar1 {
        rho: f64,
    },
    /// R, rank x d.
    LowRank {
        right: Matrix,
    },
    /// The trial's X: covariance X'X / n.
    Covariance {
        x: &'a Matrix,
    },
}

impl<'a> Population<'a> {
    /// The population of `trial`, whose matrix is `x`; nothing where X is fixed (gallery, matrix, file), which is a sample
    /// of nothing. Costs n (d + rank) draws for a low-rank design.
    pub fn of(design: &DesignSpec, seeding: Seeding, trial: &Trial, x: &'a Matrix) -> Option<Self> {
        let Trial { n, d, epsilon, .. } = *trial;
        let kind = match *design {
            DesignSpec::Gaussian => Kind::Gaussian,
            DesignSpec::Collinear => Kind::Collinear,
            DesignSpec::CollinearExact => Kind::CollinearExact,
            DesignSpec::Duplicate { copies, multiple } => Kind::Duplicate { copies, multiple },
            DesignSpec::Ar1 { rho } => Kind::Ar1 { rho },
            DesignSpec::LowRank { rank } => {
                let mut rng = seeding.generator(trial);
                // G, w, the noise and L come first.
                for _ in 0..n * d + d + n + n * rank {
                    rng.normal();
                }
                Kind::LowRank { right: Matrix::new(rank, d, rng.normals(rank * d)) }
            }
            DesignSpec::Spectrum { .. } => Kind::Covariance { x },
            DesignSpec::Gallery(_) | DesignSpec::Matrix { .. } | DesignSpec::File { .. } => return None,
        };
        Some(Self { d, epsilon: epsilon.unwrap_or(0.0), kind })
    }

    /// Normals that an observation takes, at least d.
    pub fn draws_per_row(&self) -> usize {
        match &self.kind {
            Kind::LowRank { right } => right.rows() + self.d,
            Kind::Covariance { x } => x.rows().max(self.d),
            _ => self.d,
        }
    }

    /// The next `count` observations, `count` x d.
    pub fn rows(&self, rng: &mut Generator, count: usize) -> Matrix {
        let Self { d, epsilon, ref kind } = *self;
        let mut normals = |width: usize| Matrix::new(count, width, rng.normals(count * width));
        match kind {
            Kind::Gaussian => normals(d),
            Kind::Collinear => collinear::build(normals(d), epsilon),
            Kind::CollinearExact => collinear_exact::build(normals(d), epsilon),
            Kind::Duplicate { copies, multiple } => duplicate::build(normals(d), *copies, *multiple),
            Kind::Ar1 { rho } => ar1::build(normals(d), *rho),
            Kind::LowRank { right } => {
                let rank = right.rows();
                let h = normals(rank + d);
                let left = Matrix::from_fn(count, rank, |i, k| h[(i, k)]);
                let g = Matrix::from_fn(count, d, |i, j| h[(i, rank + j)]);
                low_rank::combine(g, &left, right, epsilon)
            }
            Kind::Covariance { x } => {
                let h = normals(x.rows());
                let mut out = Matrix::zeros(count, d);
                let scale = (x.rows() as f64).sqrt();
                for i in 0..count {
                    for (k, &weight) in h.row(i).iter().enumerate() {
                        axpy(weight / scale, x.row(k), out.row_mut(i));
                    }
                }
                out
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::design::{Spacing, TargetSpec, Weights, build};
    use crate::linalg::norm;

    const SEEDING: Seeding = Seeding::Keyed(3);

    fn drawn(design: &DesignSpec, n: usize, d: usize, epsilon: Option<f64>) -> (Trial, Matrix) {
        let trial = Trial { index: 0, cell: 0, n, d, epsilon, replicate: 0 };
        let target = TargetSpec::Model { weights: Weights::Ones, noise: 0.0, features: None };
        let x = build(design, &target, SEEDING, &trial).unwrap().x;
        (trial, x)
    }

    fn rows(design: &DesignSpec, trial: &Trial, x: &Matrix, blocks: &[usize]) -> Vec<f64> {
        let population = Population::of(design, SEEDING, trial, x).unwrap();
        let mut rng = Generator::from_entropy(&[99]);
        blocks.iter().flat_map(|&count| population.rows(&mut rng, count).as_slice().to_vec()).collect()
    }

    #[test]
    fn blocks_continue_each_other_in_every_design() {
        for (design, epsilon) in [
            (DesignSpec::Gaussian, None),
            (DesignSpec::Collinear, Some(0.1)),
            (DesignSpec::CollinearExact, Some(0.1)),
            (DesignSpec::Duplicate { copies: 2, multiple: 12.0 }, None),
            (DesignSpec::LowRank { rank: 2 }, Some(0.1)),
            (DesignSpec::Spectrum { spacing: Spacing::Geometric }, Some(0.1)),
            (DesignSpec::Ar1 { rho: 0.7 }, None),
        ] {
            let (trial, x) = drawn(&design, 5, 4, epsilon);
            assert_eq!(rows(&design, &trial, &x, &[7]), rows(&design, &trial, &x, &[2, 4, 1]), "{design:?}");
        }
    }

    #[test]
    fn what_is_fixed_has_no_population() {
        let design = DesignSpec::Gallery(crate::design::Gallery::Hilbert);
        let (trial, x) = drawn(&design, 3, 3, None);
        assert!(Population::of(&design, SEEDING, &trial, &x).is_none());
    }

    #[test]
    fn fresh_rows_of_a_low_rank_design_lie_in_the_row_space_of_its_x() {
        let design = DesignSpec::LowRank { rank: 2 };
        let (trial, x) = drawn(&design, 6, 5, None);
        let svd = crate::decomposition::ThinSvd::of(&x);
        assert_eq!(svd.rank, 2);
        for row in rows(&design, &trial, &x, &[20]).chunks(5) {
            let outside = norm(&svd.null_component(row)) / norm(row);
            assert!(outside < 1e-13, "{outside:e}");
        }
    }

    #[test]
    fn fresh_rows_of_a_prescribed_spectrum_have_the_covariance_of_its_x() {
        let design = DesignSpec::Spectrum { spacing: Spacing::Clustered };
        let (trial, x) = drawn(&design, 40, 3, Some(0.25));
        let count = 40_000;
        let fresh = Matrix::new(count, 3, rows(&design, &trial, &x, &[count]));
        for j in 0..3 {
            for k in 0..3 {
                let product = |m: &Matrix| m.column(j).iter().zip(m.column(k)).map(|(a, b)| a * b).sum::<f64>();
                let (expected, found) = (product(&x) / 40.0, product(&fresh) / count as f64);
                // Six standard errors of a mean of 40 000 products of normals whose variances are at most 1/40.
                assert!((found - expected).abs() < 6.0 * 1.5 / 40.0 / 200.0, "{j} {k}: {found} for {expected}");
            }
        }
    }
}
