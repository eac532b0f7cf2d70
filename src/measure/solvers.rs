//! The least-squares solvers that table `perturbation` compares, and the reference that says how far off they are.

use std::cell::OnceCell;

use super::Solver;
use crate::decomposition::ThinSvd;
use crate::linalg::{Cholesky, Dd, LeastSquares, NotPositiveDefinite, normal_matrix};
use crate::matrix::Matrix;

/// A solver with its penalty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Method {
    pub(super) solver: Solver,
    /// Present for [`Solver::Ridge`] alone.
    pub(super) lambda: Option<f64>,
}

impl Method {
    /// The methods of a cell: each solver in the order given, ridge once per lambda.
    pub(super) fn all(solvers: &[Solver], lambdas: &[f64]) -> Vec<Self> {
        let expand = |&solver: &Solver| match solver {
            Solver::Ridge => lambdas.iter().map(|&lambda| Self { solver, lambda: Some(lambda) }).collect(),
            Solver::Svd | Solver::Qr | Solver::NormalEquations => vec![Self { solver, lambda: None }],
        };
        solvers.iter().flat_map(expand).collect()
    }

    fn penalty(self) -> f64 {
        self.lambda.unwrap_or(0.0)
    }
}

/// Why a solver has no solution to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The system is singular: a zero on the diagonal of R, or X'X with n < d.
    Singular,
    /// Cholesky met a pivot that is not positive.
    NotPositiveDefinite,
    /// X'X or the solution overflowed.
    NotFinite,
}

impl Failure {
    /// The word that the table uses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Singular => "singular",
            Self::NotPositiveDefinite => "not-positive-definite",
            Self::NotFinite => "not-finite",
        }
    }
}

/// One X with its factorizations, each made when it is first asked for and kept for every y and penalty.
pub(super) struct System<'a> {
    x: &'a Matrix,
    svd: OnceCell<ThinSvd>,
    qr: OnceCell<LeastSquares<f64>>,
    cholesky: OnceCell<Result<Cholesky<f64>, Failure>>,
}

impl<'a> System<'a> {
    /// Nothing is factored yet.
    pub(super) fn new(x: &'a Matrix) -> Self {
        Self { x, svd: OnceCell::new(), qr: OnceCell::new(), cholesky: OnceCell::new() }
    }

    /// As [`System::new`], with the SVD already at hand.
    pub(super) fn with_svd(x: &'a Matrix, svd: &ThinSvd) -> Self {
        Self { svd: OnceCell::from(svd.clone()), ..Self::new(x) }
    }

    /// The d weights that `method` finds for `y` (n values).
    pub(super) fn solve(&self, method: Method, y: &[f64]) -> Result<Vec<f64>, Failure> {
        let w = match method.solver {
            Solver::Svd | Solver::Ridge => self.svd.get_or_init(|| ThinSvd::of(self.x)).solve(y, method.penalty()),
            Solver::Qr => {
                let qr = self.qr.get_or_init(|| LeastSquares::new(self.x));
                qr.solve(y, 0.0).map_err(|_| Failure::Singular)?
            }
            // X'X has rank n at most, whatever the rounding of its entries makes of it.
            Solver::NormalEquations if self.x.rows() < self.x.cols() => return Err(Failure::Singular),
            Solver::NormalEquations => {
                let cholesky = self.cholesky.get_or_init(|| factor_normal_matrix(self.x));
                cholesky.as_ref().map_err(|&failure| failure)?.solve(&self.x.transpose_times(y))
            }
        };
        if w.iter().all(|w| w.is_finite()) { Ok(w) } else { Err(Failure::NotFinite) }
    }
}

fn factor_normal_matrix(x: &Matrix) -> Result<Cholesky<f64>, Failure> {
    let gram = normal_matrix(x);
    // An infinite pivot would pass for a positive one and make every weight 0.
    if gram.as_slice().iter().any(|entry: &f64| !entry.is_finite()) {
        return Err(Failure::NotFinite);
    }
    Cholesky::new(&gram).map_err(|NotPositiveDefinite { .. }| Failure::NotPositiveDefinite)
}

/// The problem of a trial solved in double-double: what rounding errors are measured against.
pub(super) struct Reference {
    solver: LeastSquares<Dd>,
    /// Whether the problem without a penalty is well posed.
    full_rank: bool,
}

impl Reference {
    /// Factors `x` in double-double, 2 n d min(n, d) operations of it.
    pub(super) fn new(x: &Matrix, svd: &ThinSvd) -> Self {
        Self { solver: LeastSquares::new(x), full_rank: svd.rank == svd.sigma.len() }
    }

    /// The solution that `method` aims at; nothing without a penalty for a rank-deficient X, whose minimum-norm solution
    /// QR does not find.
    pub(super) fn solve(&self, method: Method, y: &[f64]) -> Option<Vec<Dd>> {
        let penalty = method.penalty();
        if self.full_rank || penalty > 0.0 { self.solver.solve(y, penalty).ok() } else { None }
    }
}
