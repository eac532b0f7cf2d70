//! Weights from the triangle, corrected by passes over the rows.
//!
//! w from R alone is that of a problem whose X is off by a few u, which costs u kappa (1 + kappa rho) of it
//! ([`crate::decomposition::Fit`]). A pass forms r = y - X w and g = X'r - lambda w with w, r and g in double-double, and
//! (R'R + lambda I) dw = g is a correction (the seminormal equations with a fresh residual: Bjorck, "Stability analysis of the method of
//! seminormal equations", Linear Algebra Appl. 88/89, 1987). R'R differs from X'X by u kappa relative to itself, so that every pass
//! multiplies the error by about u kappa, down to the u^2 kappa^2 rho that double-double leaves.

use crate::data::DataError;
use crate::decomposition::{Fit as SmallFit, ThinSvd};
use crate::diagnose::lanes::{self, Tally};
use crate::diagnose::rows::{Block, Rows};
use crate::diagnose::{Fit, Solution};
use crate::linalg::{Columns, Dd, Scalar, axpy, dot, norm, vectorized};
use crate::matrix::Matrix;

/// Passes for a solution after which it stays as it is.
const MOST_PASSES: u32 = 5;

/// A step below this share of w leaves the next one below rounding, for each is at most that share of the one before.
const LAST_STEP: f64 = 1e-8;

/// The least-squares problem of a tall X, in R: R w = c, and a rest of y that no weights reach.
pub(super) struct Weights<'a> {
    pub(super) svd: &'a ThinSvd,
    /// R of X times 2^-x_exponent, d x d.
    pub(super) r: &'a Matrix,
    pub(super) x_exponent: i32,
    /// Q'y times 2^-y_exponent, d values.
    pub(super) c: Vec<f64>,
    pub(super) y_exponent: i32,
    /// What is left of ||y|| beyond Q'y, scaled alike.
    pub(super) rest: f64,
    pub(super) target: String,
}

/// One penalty with its solution, all in the scale of R and c.
#[derive(Clone)]
pub(super) struct Candidate {
    lambda: f64,
    w: Vec<Dd>,
    /// ||y - X w||.
    residual: f64,
    state: State,
    last_step: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A pass may change it.
    Open,
    Settled,
}

/// What the open ones of `candidates` leave of y.
pub(super) struct ResidualSums<'a> {
    weights: &'a Weights<'a>,
    candidates: &'a [Candidate],
}

/// r'r and X'r for every candidate, added up over rows; 0 for the settled ones.
pub(super) struct Residuals {
    squares: Vec<Dd>,
    products: Vec<Vec<Dd>>,
}

impl Weights<'_> {
    /// The solutions that R gives, one per penalty; the first, without a penalty, is for the part of y that no weights explain.
    pub(super) fn candidates(&self, lambdas: &[f64]) -> Vec<Candidate> {
        let fit = SmallFit::new(self.svd, self.r, &self.c);
        let candidate = |&lambda: &f64| {
            let scaled = lambda.times_power_of_two(-2 * self.x_exponent);
            let solution = fit.solution(scaled);
            // Without a penalty the pass is that of the certificate, which is made anyway.
            let open = lambda == 0.0 || !fit.spectral(scaled).suffices();
            Candidate {
                lambda: scaled,
                w: solution.w.iter().map(|&w| Dd::from_f64(w)).collect(),
                residual: norm(&solution.residual).hypot(self.rest),
                state: if open { State::Open } else { State::Settled },
                last_step: f64::INFINITY,
            }
        };
        std::iter::once(&0.0).chain(lambdas).map(candidate).collect()
    }

    /// What a pass has to add up to correct `candidates`.
    pub(super) fn residual_sums<'a>(&'a self, candidates: &'a [Candidate]) -> ResidualSums<'a> {
        ResidualSums { weights: self, candidates }
    }

    /// Adds a block to the `residuals` of the open `candidates`.
    fn take(&self, candidates: &[Candidate], residuals: &mut Residuals, block: &Block<'_>) {
        /// Rows that stay in the first-level cache in double-double.
        const ROWS: usize = 64;
        let Some(y) = block.y else { return };
        let open = candidates.iter().enumerate().filter(|(_, candidate)| candidate.state == State::Open);
        let open: Vec<(usize, &Candidate)> = open.collect();
        for first in (0..block.x.rows()).step_by(ROWS) {
            let count = ROWS.min(block.x.rows() - first);
            vectorized(
                #[inline(always)]
                || {
                    let mut x = Columns::<Dd>::zeros(count, block.x.cols());
                    for i in 0..count {
                        for (j, &entry) in block.x.row(first + i).iter().enumerate() {
                            x[(i, j)] = Dd::from_f64(entry.times_power_of_two(-self.x_exponent));
                        }
                    }
                    for &(k, candidate) in &open {
                        let scaled = |&y: &f64| Dd::from_f64(y.times_power_of_two(-self.y_exponent));
                        let mut r: Vec<Dd> = y[first..first + count].iter().map(scaled).collect();
                        for (column, &w) in x.iter().zip(&candidate.w) {
                            axpy(-w, column, &mut r);
                        }
                        residuals.squares[k] += dot(&r, &r);
                        for (sum, column) in residuals.products[k].iter_mut().zip(x.iter()) {
                            *sum += dot(column, &r);
                        }
                    }
                },
            );
        }
    }

    /// Corrects the open `candidates` by what a pass found, and passes again over `rows` until all are settled. The first of these passes
    /// carries `rider`, whose sum comes back; if none was needed, nothing does.
    pub(super) fn settle<T: Tally>(
        &self,
        mut candidates: Vec<Candidate>,
        mut found: Residuals,
        rows: &dyn Rows,
        rider: &T,
    ) -> Result<(Vec<Candidate>, Option<T::Sum>), DataError> {
        let (mut passes, mut carried) = (1, None);
        loop {
            self.correct(&mut candidates, &found);
            if passes == MOST_PASSES || candidates.iter().all(|candidate| candidate.state == State::Settled) {
                return Ok((candidates, carried));
            }
            passes += 1;
            let riding = carried.is_none().then_some(rider);
            let (residuals, sum) = lanes::pass(rows, &(self.residual_sums(&candidates), riding))?;
            found = residuals;
            carried = carried.or(sum);
        }
    }

    fn correct(&self, candidates: &mut [Candidate], found: &Residuals) {
        let open = candidates.iter_mut().zip(found.squares.iter().zip(&found.products));
        for (candidate, (&square, product)) in open.filter(|(candidate, _)| candidate.state == State::Open) {
            self.correct_one(candidate, square, product);
        }
    }

    /// One step from r'r = `square` and X'r = `product`.
    fn correct_one(&self, candidate: &mut Candidate, square: Dd, product: &[Dd]) {
        let penalty = Dd::from_f64(candidate.lambda);
        let g: Vec<f64> = product.iter().zip(&candidate.w).map(|(&g, &w)| (g - penalty * w).to_f64()).collect();
        let mut step = vec![0.0; g.len()];
        for (j, &sigma) in self.svd.sigma[..self.svd.rank].iter().enumerate() {
            let direction = self.svd.right.column(j);
            axpy(dot(direction, &g) / sigma / (sigma + candidate.lambda / sigma), direction, &mut step);
        }
        let (size, before) = (norm(&step), candidate.last_step);
        let length = norm(&candidate.w.iter().map(|w| w.to_f64()).collect::<Vec<f64>>());
        // A step that is no smaller than the one before is noise: w has all the digits it will get.
        let converging = size.is_finite() && size <= before / 2.0;
        let mut moved = Dd::ZERO;
        if converging {
            for (w, &step) in candidate.w.iter_mut().zip(&step) {
                *w += Dd::from_f64(step);
            }
            // ||r - X dw||^2 = r'r - 2 dw'X'r + ||R dw||^2.
            let along = product.iter().zip(&step).fold(Dd::ZERO, |sum, (&g, &dw)| sum + g * Dd::from_f64(dw));
            let stretched = norm(&self.r.times(&step));
            moved = Dd::from_f64(stretched) * Dd::from_f64(stretched) - (along + along);
        }
        candidate.residual = (square + moved).to_f64().max(0.0).sqrt();
        candidate.last_step = size;
        if !converging || size <= LAST_STEP * length {
            candidate.state = State::Settled;
        }
    }

    /// The fit in the scale of X and y; `lambdas` are those of the candidates after the first.
    pub(super) fn fit(&self, candidates: &[Candidate], lambdas: &[f64]) -> Fit {
        let of_y = |value: f64| value.times_power_of_two(self.y_exponent);
        let total = norm(&self.c).hypot(self.rest);
        let irreducible = candidates.first().map_or(total, |candidate| candidate.residual);
        let solution = |(candidate, &lambda): (&Candidate, &f64)| Solution {
            lambda,
            w: candidate.w.iter().map(|w| w.to_f64().times_power_of_two(self.y_exponent - self.x_exponent)).collect(),
            residual_norm: of_y(candidate.residual),
        };
        let y_norm = of_y(total);
        Fit {
            target: self.target.clone(),
            y_norm,
            irreducible_norm: of_y(irreducible),
            irreducible_fraction: (y_norm > 0.0 && y_norm.is_finite()).then(|| (irreducible / total).powi(2)),
            solutions: candidates[1..].iter().zip(lambdas).map(solution).collect(),
        }
    }
}

impl Tally for ResidualSums<'_> {
    type Sum = Residuals;

    fn bytes(&self) -> usize {
        self.candidates.len() * (self.weights.r.cols() + 1) * size_of::<Dd>()
    }

    fn begin(&self) -> Residuals {
        let (count, d) = (self.candidates.len(), self.weights.r.cols());
        Residuals { squares: vec![Dd::ZERO; count], products: vec![vec![Dd::ZERO; d]; count] }
    }

    fn take(&self, residuals: &mut Residuals, block: &Block<'_>) {
        self.weights.take(self.candidates, residuals, block);
    }

    fn join(&self, residuals: &mut Residuals, more: Residuals) {
        residuals.squares.iter_mut().zip(more.squares).for_each(|(sum, more)| *sum += more);
        let products = residuals.products.iter_mut().flatten();
        products.zip(more.products.into_iter().flatten()).for_each(|(sum, more)| *sum += more);
    }
}
