//! The augmented system, and the steps that refine its solution.

use super::{Means, Solution, ThinSvd, rounded};
use crate::linalg::{Columns, Dd, Scalar, axpy, dot, exponent, norm, scale_by_power_of_two, vectorized};
use crate::matrix::Matrix;

/// Steps after which refinement gives up; at the end of the range that the rank rule admits it needs about 15.
const STEP_LIMIT: u32 = 25;

/// The augmented system of a problem whose X and y are scaled by powers of two to entries near 1, so that no product
/// overflows and no error term of one underflows.
pub(super) struct Augmented<'a> {
    svd: &'a ThinSvd,
    /// X 2^x_shift, n x d.
    x: Columns<Dd>,
    /// y 2^y_shift.
    y: Vec<Dd>,
    /// sigma 2^x_shift, those that count.
    sigma: Vec<f64>,
    x_shift: i32,
    y_shift: i32,
}

/// s and w of the augmented system, or a correction to them.
struct Pair<T> {
    s: Vec<T>,
    w: Vec<T>,
}

/// alpha and beta of the augmented system.
#[derive(Clone, Copy)]
struct Weights {
    alpha: f64,
    beta: f64,
}

impl<'a> Augmented<'a> {
    pub(super) fn new(svd: &'a ThinSvd, x: &Matrix, y: &[f64]) -> Self {
        let shift_of = |largest: f64| exponent(largest).map_or(0, |k| -k);
        let (x_shift, y_shift) = (shift_of(x.max_abs()), shift_of(crate::linalg::max_abs(y)));
        let scaled = |x: f64, shift: i32| Dd::from_f64(x.times_power_of_two(shift));
        Self {
            svd,
            x: Columns::from_fn(x.rows(), x.cols(), |i, j| scaled(x[(i, j)], x_shift)),
            y: y.iter().map(|&y| scaled(y, y_shift)).collect(),
            sigma: svd.sigma[..svd.rank].iter().map(|sigma| sigma.times_power_of_two(x_shift)).collect(),
            x_shift,
            y_shift,
        }
    }

    /// Nothing if the steps do not shrink, or if `lambda` in the scale of X leaves the range of f64.
    pub(super) fn refine(&self, lambda: f64) -> Option<Solution> {
        let lambda = lambda.times_power_of_two(2 * self.x_shift);
        let (n, d) = (self.x.rows(), self.x.cols());
        let weights = if n >= d { Weights { alpha: 1.0, beta: lambda } } else { Weights { alpha: lambda, beta: 1.0 } };
        let mut at = Pair { s: vec![Dd::ZERO; n], w: vec![Dd::ZERO; d] };
        let (mut before_s, mut before_w) = (f64::INFINITY, f64::INFINITY);
        for steps in 1..=STEP_LIMIT {
            let step = self.correction(weights, &self.defect(weights, &at));
            add(&mut at.s, &step.s);
            add(&mut at.w, &step.w);
            let (step_s, step_w) = (norm(&step.s), norm(&step.w));
            let s = Progress { step: step_s, before: before_s, size: norm(&at.s).to_f64() };
            let w = Progress { step: step_w, before: before_w, size: norm(&at.w).to_f64() };
            // With a consistent y the residual has no digit to converge to: this is what rounding makes of it.
            let length = self.sigma.first().copied().unwrap_or(0.0);
            let floor = Dd::UNIT_ROUNDOFF * (norm(&self.y).to_f64() + length * w.size);
            if steps > 1 && w.is_settled(0.0) && s.is_settled(floor) {
                return Some(self.unscaled(weights.alpha, &at, steps));
            }
            // The first solution may be wrong altogether; from the second step on each must shrink.
            if steps > 2 && !w.is_shrinking() && !w.is_settled(0.0) {
                return None;
            }
            (before_s, before_w) = (step_s, step_w);
        }
        None
    }

    /// f = y - alpha s - X w and g = beta w - X's, formed in double-double and rounded: n and d values.
    fn defect(&self, Weights { alpha, beta }: Weights, at: &Pair<Dd>) -> Pair<f64> {
        vectorized(
            #[inline(always)]
            || {
                let mut f = self.y.clone();
                axpy(Dd::from_f64(-alpha), &at.s, &mut f);
                let mut g = Vec::with_capacity(at.w.len());
                for (column, &w) in self.x.iter().zip(&at.w) {
                    axpy(-w, column, &mut f);
                    g.push((Dd::from_f64(beta) * w - dot(column, &at.s)).to_f64());
                }
                Pair { s: rounded(&f), w: g }
            },
        )
    }

    /// The correction (ds, dw) that the factors give for the defect (f, g).
    fn correction(&self, Weights { alpha, beta }: Weights, defect: &Pair<f64>) -> Pair<f64> {
        let (f, g) = (self.svd.split_left(&defect.s), self.svd.split_right(&defect.w));
        let (mut s, mut w) =
            (outside(f.rest, alpha, self.svd.left_nullity()), outside(g.rest, -beta, self.svd.nullity()));
        let coordinates = self.sigma.iter().zip(f.coordinates.iter().zip(&g.coordinates));
        for (j, (&sigma, (f, g))) in coordinates.enumerate() {
            let scale = sigma * sigma + alpha * beta;
            axpy((beta * f + sigma * g) / scale, self.svd.left.column(j), &mut s);
            axpy((sigma * f - alpha * g) / scale, self.svd.right.column(j), &mut w);
        }
        Pair { s, w }
    }

    fn unscaled(&self, alpha: f64, at: &Pair<Dd>, steps: u32) -> Solution {
        let (mut w, mut residual) = (rounded(&at.w), rounded(&at.s));
        scale_by_power_of_two(&mut w, self.x_shift - self.y_shift);
        for r in &mut residual {
            *r = (alpha * *r).times_power_of_two(-self.y_shift);
        }
        Solution { w, residual, means: Means::Refined { steps } }
    }
}

/// The correction in a space of this `dimension` that X does not see: the defect there over its coefficient. Where
/// there is no such space, and where nothing weighs it, the defect is rounding.
fn outside(mut rest: Vec<f64>, coefficient: f64, dimension: usize) -> Vec<f64> {
    if dimension == 0 || coefficient == 0.0 {
        rest.fill(0.0);
    } else {
        for x in &mut rest {
            *x /= coefficient;
        }
    }
    rest
}

fn add(x: &mut [Dd], step: &[f64]) {
    for (x, &step) in x.iter_mut().zip(step) {
        *x += Dd::from_f64(step);
    }
}

/// How far the steps of one unknown have come.
struct Progress {
    step: f64,
    before: f64,
    size: f64,
}

impl Progress {
    /// Whether the next step, in proportion to the last two, would change less than half a unit in the last place, or
    /// less than `floor`. Never with a NaN.
    fn is_settled(&self, floor: f64) -> bool {
        let enough = f64::max(f64::UNIT_ROUNDOFF * self.size, floor);
        self.step <= enough || (self.is_shrinking() && self.step * (self.step / self.before) <= enough)
    }

    fn is_shrinking(&self) -> bool {
        self.step < self.before / 2.0
    }
}
