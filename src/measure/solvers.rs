//! The least-squares solvers that table `perturbation` compares, and the reference that says how far off they are.

use std::cell::{LazyCell, OnceCell};
use std::ops::Deref;

use super::Solver;
use crate::decomposition::ThinSvd;
use crate::linalg::{
    Cholesky, Columns, LeastSquares, NotPositiveDefinite, RidgeSolution, Scalar, SpectralLeastSquares, inner_products,
    max_abs, padded_tall, ridge_path, upper_gram, vectorized,
};
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
    /// X or y in the solver's arithmetic, X'X or the solution overflowed.
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

/// The d weights that a solver finds, or why there are none.
pub(super) type Answer = Result<Vec<f64>, Failure>;

/// One X with its factorizations in the arithmetic of `T`, each made when it is first asked for and kept for every y and
/// penalty.
pub(super) struct System<'a, T> {
    x: &'a Matrix,
    /// The trial's own SVD, where it stands for the solver's.
    at_hand: Option<&'a ThinSvd>,
    /// Whether every entry of X is finite in the arithmetic of `T`.
    representable: bool,
    svd: OnceCell<SpectralLeastSquares<T>>,
    qr: OnceCell<LeastSquares<T>>,
    normal: OnceCell<Result<NormalEquations<T>, Failure>>,
}

impl<'a> System<'a, f64> {
    /// As [`System::new`], with the SVD already at hand.
    pub(super) fn with_svd(x: &'a Matrix, svd: &'a ThinSvd) -> Self {
        // What has an SVD is finite.
        Self { at_hand: Some(svd), ..Self::unfactored(x, true) }
    }
}

impl<'a, T: Scalar> System<'a, T> {
    /// Nothing is factored yet.
    pub(super) fn new(x: &'a Matrix) -> Self {
        Self::unfactored(x, representable::<T>(x.as_slice()))
    }

    fn unfactored(x: &'a Matrix, representable: bool) -> Self {
        Self { x, at_hand: None, representable, svd: OnceCell::new(), qr: OnceCell::new(), normal: OnceCell::new() }
    }

    /// What each of `methods` finds for `y` (n values).
    pub(super) fn answers(&self, methods: &[Method], y: &[f64]) -> Vec<Answer> {
        self.answers_by(methods, y, |svd| svd.project_left(y))
    }

    /// [`System::answers`], with `project` to say what U'y is for the SVD at hand.
    pub(super) fn answers_by(
        &self,
        methods: &[Method],
        y: &[f64],
        project: impl Fn(&ThinSvd) -> Vec<f64>,
    ) -> Vec<Answer> {
        if !self.representable || !representable::<T>(y) {
            return vec![Err(Failure::NotFinite); methods.len()];
        }
        // Ridge asks once per lambda; U'y is the same for all.
        let projected = LazyCell::new(|| self.at_hand.map_or_else(Vec::new, &project));
        methods.iter().map(|&method| self.solve(method, y, &projected)).collect()
    }

    /// The d weights that `method` finds for `y`; `projected` derefs to U'y where the SVD is at hand.
    fn solve(&self, method: Method, y: &[f64], projected: &impl Deref<Target = Vec<f64>>) -> Answer {
        let w: Vec<f64> = match (method.solver, self.at_hand) {
            (Solver::Svd | Solver::Ridge, Some(svd)) => {
                let c: &[f64] = projected;
                svd.weights(&svd.ridge_coordinates(c, method.penalty()))
            }
            (Solver::Svd | Solver::Ridge, None) => {
                let svd = self.svd.get_or_init(|| SpectralLeastSquares::new(self.x));
                widened(&svd.solve(y, method.penalty()))
            }
            (Solver::Qr, _) => {
                let qr = self.qr.get_or_init(|| LeastSquares::new(self.x));
                widened(&qr.solve(y, 0.0).map_err(|_| Failure::Singular)?)
            }
            // X'X has rank n at most, whatever the rounding of its entries makes of it.
            (Solver::NormalEquations, _) if self.x.rows() < self.x.cols() => return Err(Failure::Singular),
            (Solver::NormalEquations, _) => {
                let normal = self.normal.get_or_init(|| NormalEquations::new(self.x));
                widened(&normal.as_ref().map_err(|&failure| failure)?.solve(y))
            }
        };
        if w.iter().all(|w| w.is_finite()) { Ok(w) } else { Err(Failure::NotFinite) }
    }
}

/// Whether all of `x` is finite in the arithmetic of `T`.
fn representable<T: Scalar>(x: &[f64]) -> bool {
    x.iter().all(|&x| T::from_f64(x).to_f64().is_finite())
}

fn widened<T: Scalar>(w: &[T]) -> Vec<f64> {
    w.iter().map(|w| w.to_f64()).collect()
}

/// X'X w = X'y for n >= d.
struct NormalEquations<T> {
    /// Its columns padded with zeros.
    x: Columns<T>,
    cholesky: Cholesky<T>,
}

impl<T: Scalar> NormalEquations<T> {
    fn new(x: &Matrix) -> Result<Self, Failure> {
        vectorized(
            #[inline(always)]
            || {
                let x = padded_tall(x, 0).into_scalar::<T>();
                let gram = upper_gram(&x);
                // An infinite pivot would pass for a positive one and make every weight 0.
                if !max_abs(gram.as_slice()).to_f64().is_finite() {
                    return Err(Failure::NotFinite);
                }
                let cholesky =
                    Cholesky::new(&gram).map_err(|NotPositiveDefinite { .. }| Failure::NotPositiveDefinite)?;
                Ok(Self { x, cholesky })
            },
        )
    }

    fn solve(&self, y: &[f64]) -> Vec<T> {
        vectorized(
            #[inline(always)]
            || {
                let mut padded_y = vec![T::ZERO; self.x.rows()];
                for (padded, &y) in padded_y.iter_mut().zip(y) {
                    *padded = T::from_f64(y);
                }
                let mut projected = vec![T::ZERO; self.x.cols()];
                inner_products(&self.x, &padded_y, &mut projected);
                self.cholesky.solve(&projected)
            },
        )
    }
}

/// What each of `methods` aims at, in double-double: the solution that rounding errors are measured against. `svd` is that of `x`; nothing
/// without a penalty for a rank-deficient X, whose minimum-norm solution QR does not find.
pub(super) fn exact_answers(x: &Matrix, svd: &ThinSvd, y: &[f64], methods: &[Method]) -> Vec<Option<RidgeSolution>> {
    let full_rank = svd.rank == svd.sigma.len();
    let well_posed = |method: &Method| full_rank || method.penalty() > 0.0;
    let penalties: Vec<f64> = methods.iter().copied().filter(well_posed).map(Method::penalty).collect();
    let mut solutions = ridge_path(x, y, &penalties).into_iter();
    methods.iter().map(|method| if well_posed(method) { solutions.next()?.ok() } else { None }).collect()
}
