//! The density of singular values: expectations of sums over all of them.

use super::basis::Basis;
use super::form::{Panel, Rules, Walk};

/// Beyond the edges sqrt(p) -+ sqrt(q), a singular value goes as far as this with probability below 1e-15: the smallest
/// and the largest are 1-Lipschitz functions of independent normals, whose deviations exceed t with probability at most
/// e^(-t^2 / 2) (Davidson & Szarek 2001, theorem II.13).
pub(super) const REACH: f64 = 8.5;

/// Below this there is no singular value of a p x q matrix.
pub(super) fn lower_end(p: usize, q: usize) -> f64 {
    ((p as f64).sqrt() - (q as f64).sqrt() - REACH).max(0.0)
}

/// Above this there is none.
pub(super) fn upper_end(p: usize, q: usize) -> f64 {
    (p as f64).sqrt() + (q as f64).sqrt() + REACH
}

/// Halvings of the first panel towards 0, where functions of s^2 + lambda vary on the scale sqrt(lambda).
const HALVINGS: i32 = 26;

/// The least penalty for which sums over functions of s^2 + lambda are exact: the last panel is not longer than its root.
pub(crate) const LEAST_LAMBDA: f64 = 1e-14;

/// Largest deviation of the sums that are known, as a share of them.
const TOLERANCE: f64 = 1e-9;

/// The expected number of singular values per unit length of a matrix of independent standard normals, on the nodes of a
/// quadrature.
pub(crate) struct Density {
    /// The nodes, ascending.
    s: Vec<f64>,
    /// Weight times density.
    mass: Vec<f64>,
}

impl Density {
    /// Of a p x q matrix, p >= q. `None` where rounding has spoilt what is known: their number q, and the expected sum of
    /// their squares, p q.
    ///
    /// With A de Bruijn's matrix of 1 and A' that of the change when one singular value at s counts 1 + t times, the
    /// density at s is d/dt log Pf = tr(A^-1 A') / 2 = sum_ij (A^-1)_ji phi_i(s) psi_j(s), where psi_j(s) is the integral of
    /// sgn(y - s) phi_j(y), and 1 for the border of an odd order.
    pub(super) fn new(p: usize, q: usize) -> Option<Self> {
        let (basis, rules) = (Basis::new(p, q), Rules::default());
        let start = lower_end(p, q);
        let mut walk = Walk::new(&basis, &rules, start);
        let mut panels = Vec::new();
        if start == 0.0 {
            let first = 1.0 / basis.highest_frequency();
            for halving in (0..=HALVINGS).rev() {
                walk.advance(first * 0.5f64.powi(halving), |panel| panels.push(panel));
            }
        }
        walk.advance(upper_end(p, q), |panel| panels.push(panel));
        let (mut s, mut mass) = (Vec::new(), Vec::new());
        let coefficients = Coefficients::new(&walk, basis.count());
        for panel in panels {
            mass.extend(coefficients.density(&panel).zip(&panel.weights).map(|(density, w)| density * w));
            s.extend(panel.s);
        }
        let density = Self { s, mass };
        let known = |found: f64, exact: f64| (found / exact - 1.0).abs() < TOLERANCE;
        let sound = known(density.sum(|_| 1.0), q as f64) && known(density.sum(|s| s * s), p as f64 * q as f64);
        sound.then_some(density)
    }

    /// E sum_i f(sigma_i).
    pub(crate) fn sum(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.s.iter().zip(&self.mass).map(|(&s, mass)| f(s) * mass).sum()
    }
}

/// The density as a bilinear form in phi and psi.
struct Coefficients {
    count: usize,
    /// (A^-1)_ji, i < count, j < order.
    inverse: Vec<Vec<f64>>,
    /// Integrals of the phi_i over the half-line.
    total: Vec<f64>,
}

impl Coefficients {
    fn new(whole: &Walk<'_>, count: usize) -> Self {
        let factor = whole.behind();
        let order = count.next_multiple_of(2);
        let column = |i: usize| {
            let mut unit = vec![0.0; order];
            unit[i] = 1.0;
            factor.solve(&unit)
        };
        Self { count, inverse: (0..count).map(column).collect(), total: whole.running().to_vec() }
    }

    fn density<'a>(&'a self, panel: &'a Panel) -> impl Iterator<Item = f64> + 'a {
        let nodes = panel.phi.chunks_exact(self.count).zip(panel.running.chunks_exact(self.count));
        nodes.map(|(phi, running)| {
            let mut psi: Vec<f64> =
                self.total.iter().zip(running).map(|(total, running)| total - 2.0 * running).collect();
            psi.resize(self.count.next_multiple_of(2), 1.0);
            let against = |row: &Vec<f64>| row.iter().zip(&psi).map(|(a, psi)| a * psi).sum::<f64>();
            phi.iter().zip(&self.inverse).map(|(phi, row)| phi * against(row)).sum()
        })
    }
}
