//! The columns of X at unit length: what is left of its condition once the choice of units is taken out.
//!
//! Collinearity diagnostics are made on columns of length 1, not centred (Belsley, Kuh & Welsch, Regression Diagnostics, 1980,
//! 3.2): kappa of X as it stands grows with every change of units, and no scaling of columns has a condition number below
//! 1/sqrt(d) of that of unit length (van der Sluis 1969, Numer. Math. 14).

use super::triangle::{Column, Triangle};
use crate::certify::{Bounds, Enclosure, Ladder, certify};
use crate::decomposition::rank_tolerance;
use crate::engine::{Vectors, cpu};
use crate::linalg::{Columns, Scalar, dot_depth, exponent, max_abs, norm, scale_by_power_of_two};
use crate::matrix::Matrix;

/// X D, n x d: every column of length 1, but for those that are 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// ||x_j|| of the columns as they were given; d values.
    pub norms: Vec<f64>,
    /// The min(n, d) singular values of X D, nonincreasing.
    pub sigma: Vec<f64>,
    /// Its right singular vectors, d x d; nothing for n < d, where there are fewer than d of them.
    pub right: Option<Columns<f64>>,
    /// Singular values up to this count as 0: NumPy's rule on X D.
    pub tolerance: f64,
    /// Bounds of kappa(X D) for the exact lengths; nothing where X was read in blocks, of which only R is known.
    pub kappa: Option<Bounds>,
}

impl Scaled {
    /// Of `x` (n x d, finite), with a certificate.
    pub fn of_matrix(x: &Matrix) -> Self {
        let (columns, norms) = unit_columns(Columns::from_fn(x.rows(), x.cols(), |i, j| x[(i, j)]));
        let unit = Matrix::from_fn(x.rows(), x.cols(), |i, j| columns[(i, j)]);
        // Status and width are of no interest here: the enclosure holds as wide as it is.
        let certified = certify(&unit, cpu::factor(&unit, Vectors::Right), Ladder::Stay, 1.0);
        let kappa = exactly_scaled(&certified.enclosure, x.rows(), x.cols()).kappa();
        let tall = x.rows() >= x.cols();
        let right = certified.factors.v.filter(|_| tall);
        Self::new(norms, certified.factors.sigma, right, x.rows(), Some(kappa))
    }

    /// From R of [1 X y] of a tall X: singular values and vectors without a certificate.
    pub fn of_triangle(triangle: &Triangle) -> Self {
        let d = triangle.d;
        let all: Vec<Column> = (0..d).map(Column::X).collect();
        let (columns, norms) = unit_columns(triangle.of_columns(&all));
        let factors = cpu::factor(&Matrix::from_fn(d, d, |i, j| columns[(i, j)]), Vectors::Right);
        Self::new(norms, factors.sigma, factors.v, triangle.n, None)
    }

    fn new(norms: Vec<f64>, sigma: Vec<f64>, right: Option<Columns<f64>>, n: usize, kappa: Option<Bounds>) -> Self {
        let tolerance = rank_tolerance(n, norms.len()) * sigma.first().copied().unwrap_or(0.0);
        Self { norms, sigma, right, tolerance, kappa }
    }

    /// How many singular values count.
    pub fn rank(&self) -> usize {
        self.sigma.iter().filter(|&&sigma| sigma > self.tolerance).count()
    }

    /// sigma_1 / sigma_k as computed, infinite where the last does not count; nothing for X = 0.
    pub fn kappa_computed(&self) -> Option<f64> {
        let (&largest, &smallest) = self.sigma.first().zip(self.sigma.last())?;
        let kappa = if smallest > self.tolerance { largest / smallest } else { f64::INFINITY };
        (largest > 0.0).then_some(kappa)
    }
}

/// The columns over their lengths, and the lengths. What is 0 stays so.
pub(super) fn unit_columns(mut columns: Columns<f64>) -> (Columns<f64>, Vec<f64>) {
    let norms = (0..columns.cols())
        .map(|j| {
            let column = columns.column_mut(j);
            // By a power of two first, which is exact: the length itself may be beyond f64.
            let Some(k) = exponent(max_abs(column)) else { return 0.0 };
            scale_by_power_of_two(column, -k);
            let length = norm(column);
            for entry in column {
                *entry /= length;
            }
            length.times_power_of_two(k)
        })
        .collect();
    (columns, norms)
}

/// From the enclosure of the columns as f64 holds them after scaling to that of columns of exactly unit length.
///
/// A division leaves u |x_ij| / ||x_j|| in every entry, u sqrt(d) in the norm of the whole; a length that was computed has the relative
/// error theta <= (depth(n) + 2) u, which changes every singular value by a factor of 1 +- theta at most (Ostrowski).
fn exactly_scaled(enclosure: &Enclosure, n: usize, d: usize) -> Enclosure {
    // A hundredth more for second-order terms and the rounding of these lines.
    let unit = 1.01 * f64::UNIT_ROUNDOFF;
    let (rest, theta) = (unit * (d as f64).sqrt(), unit * (dot_depth(n) + 2) as f64);
    let lo = enclosure.lo.iter().map(|lo| ((lo - rest) / (1.0 + 2.0 * theta)).max(0.0));
    let hi = enclosure.hi.iter().map(|hi| if *hi > 0.0 { (hi + rest) * (1.0 + 2.0 * theta) } else { 0.0 });
    Enclosure { lo: lo.collect(), hi: hi.collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::Problem;

    fn problem(scales: [f64; 3]) -> Problem {
        let g = crate::rng::Generator::from_entropy(&[8]).normals(60);
        Problem {
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
            x: Matrix::from_fn(20, 3, |i, j| scales[j] * g[3 * i + j]),
            target: None,
        }
    }

    #[test]
    fn powers_of_two_in_the_columns_change_nothing_but_the_lengths() {
        let plain = Scaled::of_matrix(&problem([1.0; 3]).x);
        let scaled = Scaled::of_matrix(&problem([2f64.powi(900), 1.0, 2f64.powi(-900)]).x);
        assert_eq!(plain.sigma, scaled.sigma);
        assert_eq!(plain.kappa, scaled.kappa);
        assert_eq!(scaled.norms[0], plain.norms[0] * 2f64.powi(900));
    }

    #[test]
    fn the_triangle_has_the_same_spectrum_inside_the_certificate_of_the_matrix() {
        let problem = problem([1e6, 1.0, 3.7e-9]);
        let (whole, reduced) = (Scaled::of_matrix(&problem.x), Scaled::of_triangle(&Triangle::of(&problem).unwrap()));
        let bounds = whole.kappa.unwrap();
        let kappa = reduced.kappa_computed().unwrap();
        assert!(bounds.lo.unwrap() * (1.0 - 1e-14) <= kappa && kappa <= bounds.hi.unwrap() * (1.0 + 1e-14));
        assert!(bounds.hi.unwrap() / bounds.lo.unwrap() < 1.0 + 1e-12, "{bounds:?}");
        assert!((whole.norms[2] / reduced.norms[2] - 1.0).abs() < 1e-14);
    }

    #[test]
    fn zero_columns_stay_zero_and_wide_matrices_have_no_basis() {
        let zero = Scaled::of_matrix(&problem([1.0, 0.0, 1.0]).x);
        assert_eq!((zero.norms[1], zero.rank()), (0.0, 2));
        assert_eq!(zero.kappa_computed(), Some(f64::INFINITY));
        let wide = Scaled::of_matrix(&problem([1.0; 3]).x.transposed());
        assert!(wide.right.is_none() && wide.sigma.len() == 3 && wide.norms.len() == 20);
        assert_eq!(Scaled::of_matrix(&Matrix::zeros(3, 2)).kappa_computed(), None);
    }
}
