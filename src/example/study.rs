//! What the examples ask of one matrix: the same certified decomposition and the same table row that a run would give.

use std::cell::OnceCell;

use super::report::{Section, Value};
use crate::certify::{Certified, Enclosure, Ladder, certify};
use crate::decomposition::ThinSvd;
use crate::design::Problem;
use crate::engine::{Vectors, cpu};
use crate::grid::{Cell, Seeding, Trial};
use crate::linalg::{Columns, Pivoting, Qr};
use crate::matrix::Matrix;
use crate::measure::spectrum::{self, SpectrumRow};
use crate::measure::{Observation, SelectionSettings, Settings};

/// Relative half-width of sigma_min's enclosure that the ladder of precisions climbs for.
const RTOL: f64 = 1e-10;

/// A matrix and a target with all that is known of them.
pub(super) struct Study {
    pub(super) problem: Problem,
    pub(super) svd: ThinSvd,
    enclosure: Enclosure,
    /// The row that table `spectrum` has for this matrix.
    pub(super) row: SpectrumRow,
    /// Singular values as plain f64 gave them, before anything was certified.
    plain_sigma: Vec<f64>,
}

impl Study {
    /// Decomposes and certifies `x` (n x d, finite, no dimension 0), to be fitted to `y` (n values).
    pub(super) fn new(x: Matrix, y: Vec<f64>) -> Self {
        let plain = cpu::factor(&x, Vectors::Right);
        let plain_sigma = plain.sigma.clone();
        let mut certified = certify(&x, plain, Ladder::Climb { rtol: RTOL }, RTOL);
        let svd = ThinSvd::of_certified(&x, &mut certified).expect("a certificate keeps its V");
        let problem = Problem { x, y, w: None, noise: None };
        let row = spectrum_row(&problem, &certified, &svd);
        Self { problem, svd, enclosure: certified.enclosure, row, plain_sigma }
    }

    /// sigma_max / sigma_min.
    pub(super) fn kappa(&self) -> Value {
        bracket(self.row.kappa, self.row.kappa_lo, self.row.kappa_hi)
    }

    /// The condition number that X'X has in exact arithmetic, for n >= d.
    pub(super) fn kappa_squared(&self) -> Value {
        bracket(self.row.kappa_squared, self.row.kappa_squared_lo, self.row.kappa_squared_hi)
    }

    /// The condition number of X'X as f64 forms it; infinite where its smallest eigenvalue came out as 0.
    pub(super) fn kappa_gram(&self) -> f64 {
        self.row.kappa_gram.unwrap_or(f64::NAN)
    }

    /// sigma_max / sigma_min as plain f64 gives it, whatever it is worth; infinite where sigma_min came out as 0.
    pub(super) fn plain_kappa(&self) -> f64 {
        self.plain_sigma[0] / self.plain_sigma[self.plain_sigma.len() - 1]
    }

    /// Adds the rank, how far the enclosures prove it, and the nullity to `section`.
    pub(super) fn ranks(&self, section: Section, rank: &'static str) -> Section {
        let count = |value: usize| Value::Count { value };
        let proved = |bound: Option<usize>| count(bound.unwrap_or(self.svd.rank));
        section
            .number("rank", count(self.svd.rank), rank)
            .ours("rank, proved at least", proved(self.row.rank_lo))
            .ours("rank, proved at most", proved(self.row.rank_hi))
            .ours("nullity = columns - rank", count(self.svd.nullity()))
    }

    /// The minimum-norm least-squares weights, d values.
    pub(super) fn minimum_norm(&self) -> Vec<f64> {
        self.svd.solve(&self.problem.y, 0.0)
    }

    /// Singular value `i` (from 0) with its enclosure.
    pub(super) fn sigma(&self, i: usize) -> Value {
        let (lo, hi) = (self.enclosure.lo[i], self.enclosure.hi[i]);
        if lo > 0.0 { Value::Enclosed { value: self.svd.sigma[i], lo, hi } } else { Value::Unresolved { hi } }
    }

    /// An orthonormal basis of the null space, d x (d - rank): what the full V has beyond the thin one. The reflectors of
    /// QR complete the row space's basis; inside the null space every other orthonormal basis is as good.
    pub(super) fn null_basis(&self) -> Columns<f64> {
        completion(&self.svd.right, self.svd.rank)
    }

    /// An orthonormal basis of the left null space, n x (n - rank).
    pub(super) fn left_null_basis(&self) -> Columns<f64> {
        completion(&self.svd.left, self.svd.rank)
    }
}

fn spectrum_row(problem: &Problem, certified: &Certified, svd: &ThinSvd) -> SpectrumRow {
    let (n, d) = (problem.x.rows(), problem.x.cols());
    spectrum::row(&Observation {
        trial: Trial { index: 0, cell: 0, n, d, epsilon: None, replicate: 0 },
        cell: &Cell { n, d, epsilon: None, lambda: Vec::new(), delta: Vec::new(), alpha: Vec::new() },
        // Table `spectrum` draws nothing and has no settings.
        seeding: Seeding::Numpy(0),
        design: None,
        problem,
        certified,
        svd,
        gram: Some(&cpu::gram_spectrum(&problem.x)),
        verification: None,
        settings: &Settings {
            solvers: Vec::new(),
            perturbed: Vec::new(),
            arithmetic: Vec::new(),
            iterations: Vec::new(),
            step: 1.0,
            weight_decay: 0.0,
            selection: SelectionSettings::default(),
        },
        fit: OnceCell::new(),
    })
}

/// A number with its bounds as a table has them; at least `lo` where the table claims none.
fn bracket(value: Option<f64>, lo: Option<f64>, hi: Option<f64>) -> Value {
    let lo = lo.unwrap_or(1.0);
    match (value, hi) {
        (Some(value), Some(hi)) if hi.is_finite() => Value::Enclosed { value, lo, hi },
        _ => Value::AtLeast { lo },
    }
}

/// Orthonormal columns that complete the first `rank` columns of `basis` (m x k, those orthonormal): m x (m - rank).
fn completion(basis: &Columns<f64>, rank: usize) -> Columns<f64> {
    let leading: Vec<usize> = (0..rank).collect();
    let qr = Qr::new(basis.permuted(&leading), Pivoting::None);
    let mut rest = Columns::zeros(basis.rows(), basis.rows() - rank);
    for j in 0..rest.cols() {
        let column = rest.column_mut(j);
        column[rank + j] = 1.0;
        qr.apply_q(column);
    }
    rest
}

/// w + alpha z.
pub(super) fn step(w: &[f64], alpha: f64, z: &[f64]) -> Vec<f64> {
    w.iter().zip(z).map(|(w, z)| w + alpha * z).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{dot, norm};

    #[test]
    fn completed_bases_are_orthonormal_and_null() {
        let x = Matrix::new(3, 4, vec![1.0, 2.0, 3.0, 4.0, 2.0, 4.0, 6.0, 8.0, 1.0, 0.0, 1.0, 0.0]);
        let study = Study::new(x.clone(), vec![0.0; 3]);
        let (null, left) = (study.null_basis(), study.left_null_basis());
        assert_eq!((null.rows(), null.cols(), left.rows(), left.cols()), (4, 2, 3, 1));
        for i in 0..2 {
            assert!(norm(&x.times(null.column(i))) < 1e-14);
            for j in 0..2 {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(null.column(i), null.column(j)) - expected).abs() < 1e-14);
            }
        }
        assert!(norm(&x.transpose_times(left.column(0))) < 1e-14 && (norm(left.column(0)) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn the_row_is_that_of_the_table() {
        let study = Study::new(Matrix::new(2, 2, vec![3.0, 0.0, 0.0, 1.0]), vec![0.0; 2]);
        assert_eq!((study.row.rank, study.row.kappa), (Some(2), Some(3.0)));
        assert_eq!((study.plain_kappa(), study.kappa_gram()), (3.0, 9.0));
    }

    #[test]
    fn a_dependent_column_leaves_a_lower_bound_of_kappa_alone() {
        let study = Study::new(Matrix::new(2, 2, vec![1.0, 1.0, 2.0, 2.0]), vec![0.0; 2]);
        assert!(matches!(study.sigma(1), Value::Unresolved { hi } if hi < 1e-25));
        assert!(matches!(study.kappa(), Value::AtLeast { lo } if lo > 1e25));
    }
}
