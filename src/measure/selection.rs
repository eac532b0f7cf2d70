//! Table `selection`: which of the solutions that fit equally well each method ends at, and what that costs at new data.
//!
//! Where X has a null space, infinitely many w have the least training error; they differ in their part in the null space,
//! w = w0 + z with X z = 0 and w0 the shortest. A method picks one of them without saying so: [`closed`] has those that
//! are formulas, [`descent`], [`sgd`] and [`lasso`] those that iterate. The iterations are carried out on X, step by step,
//! by products of X with vectors (of U with vectors in whitened coordinates); the closed forms of table `descent` are what they are held against, never what is shown.
//!
//! **When an iteration has arrived.** It stops as soon as ||w - w_oo|| <= tolerance ||w_init - w_oo||, w_oo being the limit that
//! the theory gives for this method and this start (w0; w0 + P_null w_init; a ridge solution). It arrives there or its row
//! says `not-converged`, so the limit is tested, not assumed. The distance is that of the weights because every
//! quantity that X has multiplied hides kappa: with the error e_i along v_i, the gradient X'(X w - y) has the entries
//! sigma_i^2 e_i and the residual sigma_i e_i, so that a tolerance on either is met while the directions of small sigma have not
//! moved at all. On the row space the distance is the norm of the gradient in the metric of the problem itself,
//! ||(X'X)^+ X'(X w - y)||. Steps then grow as kappa^2 log(1 / tolerance) for descent, as kappa for momentum, and do not depend on
//! kappa in whitened coordinates.
//!
//! **What is drawn** comes from stream 4 of the trial, [`Stream::Selection`], each purpose from its own part ([`Part`]).

mod closed;
mod descent;
mod lasso;
mod scaled;
mod settings;
mod sgd;
mod test_error;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub use settings::{Chooser, SelectionSettings};

use std::cell::OnceCell;
use std::{iter, slice};

use super::Observation;
use super::table::table;
use crate::grid::Stream;
use crate::linalg::{difference, distance, norm};
use crate::rng::Generator;
use scaled::Scaled;
use sgd::Schedule;
use test_error::TestSet;

table! {
    "selection", "trial x chooser (x lambda, variance_share or alpha)";
    /// The solution that one method picks.
    pub struct SelectionRow {
        /// min-norm, ridge, gd-zero, gd-random, gd-decay, sgd-zero, momentum, lasso, pcr, whitened-gd or null-shifted.
        key "name" chooser: &'static str,
        /// Penalty: of ridge ||X w - y||^2 + lambda ||w||_2^2, of lasso ||X w - y||^2 + lambda ||w||_1 (unit x y), and of gd-decay the
        /// ridge problem that it descends; empty for the others.
        key "x^2" lambda: Option<f64>,
        /// Share of the sum of sigma^2 that the leading components of pcr reach: the fewest that do are kept, all of the rank for
        /// 1; empty for the others.
        key "1" variance_share: Option<f64>,
        /// Length of the step of null-shifted from w0 along a random unit vector of the null space; empty for the others.
        key "y/x" alpha: Option<f64>,
        /// ||w||_2. All results are empty where status is undefined or diverged, except for steps.
        result "y/x" w_l2: Option<f64>,
        /// ||w||_1, the sum of the absolute weights.
        result "y/x" w_l1: Option<f64>,
        /// Weights that are not exactly 0.
        result "1" nonzeros: Option<usize>,
        /// Norm of the part of w in the null space of X, which predictions on the training set do not see.
        result "y/x" null_norm: Option<f64>,
        /// ||w - w0||, w0 being the minimum-norm least-squares solution.
        result "y/x" distance_to_min_norm: Option<f64>,
        /// Training error ||X w - y||^2 / n of the w found; where w interpolates, its rounding.
        result "y^2" train_mse: Option<f64>,
        /// How far the training error is above the least that any weights have: ||X (w - w0)||^2 / n, which with the least one, that
        /// of w0, adds up to train_mse.
        result "y^2" train_excess: Option<f64>,
        /// Test error: the mean of (x'w - x'(true w))^2 over `selection.test_rows` fresh observations x of the same design, plus
        /// noise^2, plus the sum of the squared weights of hidden features (target.features); empty where X is fixed (gallery,
        /// matrix, file) or the true weights are unknown.
        result "y^2" test_mse: Option<f64>,
        /// Steps taken: gradient steps, mini-batches for sgd-zero, passes over all coordinates for lasso; empty for closed forms.
        result "1" steps: Option<u64>,
        /// Duality gap of the lasso's w, an upper bound of how far its objective, and ||X w - X w_lasso||^2, are from the optimum;
        /// empty for the others.
        result "y^2" duality_gap: Option<f64>,
        /// How the step of sgd-zero changes: constant where some w fits y exactly, decreasing elsewhere; empty for the others.
        provenance "name" schedule: Option<&'static str>,
        /// ok, not-converged (selection.max_steps reached: the numbers are those of the last iterate), diverged (the step is too
        /// large) or undefined (no step size for X = 0; weights beyond f64; momentum with an unresolved smallest sigma; lasso with a penalty of 0, or
        /// one that is 0 in f64 beside X and y; no null space to shift in).
        provenance "name" status: &'static str,
    }
}

/// How a method ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Ok,
    NotConverged,
    Diverged,
    Undefined,
}

/// What a method came to.
#[derive(Clone, Debug)]
struct Found {
    ending: Ending,
    /// d weights; none where nothing can be claimed.
    w: Option<Vec<f64>>,
    steps: Option<u64>,
    duality_gap: Option<f64>,
    /// Of mini-batches.
    schedule: Option<Schedule>,
}

/// The keys of a row beside the chooser.
#[derive(Clone, Copy, Debug, Default)]
struct Setting {
    lambda: Option<f64>,
    variance_share: Option<f64>,
    alpha: Option<f64>,
}

/// One row before it is measured.
struct Pick {
    chooser: Chooser,
    setting: Setting,
    found: Found,
}

/// Purposes of what the table draws: `default_rng([seed, n, d, replicate, 4, part])`.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
enum Part {
    /// w_init of `gd-random` and `gd-decay`: `rng.normal(size=d)`.
    Start = 1,
    /// The null vector of `null-shifted`: the part of `rng.normal(size=d)` in the null space, scaled to unit length, its largest
    /// entry positive.
    NullVector = 2,
    /// For each epoch of `sgd-zero` the order of the rows: `np.argsort(rng.random(n), kind="stable")`.
    Orders = 3,
    /// Fresh observations, row by row: see [`crate::design::Population`].
    TestRows = 4,
}

/// What all choosers of a trial look at.
struct Study<'s, 'o> {
    seen: &'s Observation<'o>,
    /// The minimum-norm least-squares solution, d weights.
    w0: Vec<f64>,
    /// The problem as the iterations see it; made when the first of them asks.
    scaled: OnceCell<Scaled>,
    /// A unit vector of the null space of X, if it has any; drawn when the first step along it asks.
    null_vector: OnceCell<Option<Vec<f64>>>,
}

/// Solutions that are kept at a time, until they are tested together.
const TESTED_TOGETHER: usize = 64;

/// For each chooser, in the order asked for, a row per setting, ascending.
pub fn rows(seen: &Observation<'_>) -> Vec<SelectionRow> {
    let study = Study { seen, w0: seen.fit().solution(0.0).w, scaled: OnceCell::new(), null_vector: OnceCell::new() };
    let test_set = TestSet::of(seen);
    let mut picks = study.settings().choosers.iter().flat_map(|&chooser| study.picks(chooser));
    let mut rows = Vec::new();
    loop {
        // A cell may have a million lambdas: there is never a solution for each in memory.
        let tested: Vec<Pick> = picks.by_ref().take(TESTED_TOGETHER).collect();
        if tested.is_empty() {
            return rows;
        }
        let solutions: Vec<Option<&[f64]>> = tested.iter().map(|pick| pick.found.w.as_deref()).collect();
        let test_mses = test_set.as_ref().map_or_else(|| vec![None; tested.len()], |set| set.mses(&solutions));
        rows.extend(tested.iter().zip(test_mses).map(|(pick, test_mse)| study.row(pick, test_mse)));
    }
}

impl Study<'_, '_> {
    fn settings(&self) -> &SelectionSettings {
        &self.seen.settings.selection
    }

    fn scaled(&self) -> &Scaled {
        self.scaled.get_or_init(|| Scaled::new(&self.seen.problem.x, &self.seen.problem.y))
    }

    /// The rows of one chooser, each found when it is asked for.
    fn picks(&self, chooser: Chooser) -> Box<dyn Iterator<Item = Pick> + '_> {
        let (cell, settings) = (self.seen.cell, self.settings());
        let one = |find: fn(&Self) -> Found| -> Box<dyn Iterator<Item = Pick> + '_> {
            Box::new(iter::once_with(move || Pick { chooser, setting: Setting::default(), found: find(self) }))
        };
        match chooser {
            Chooser::MinNorm => one(|study| Found::closed(study.w0.clone())),
            Chooser::GdZero => one(Self::gd_zero),
            Chooser::GdRandom => one(Self::gd_random),
            Chooser::SgdZero => one(Self::sgd_zero),
            Chooser::Momentum => one(Self::momentum),
            Chooser::WhitenedGd => one(Self::whitened_gd),
            Chooser::Ridge => self.each(chooser, &cell.lambda, Setting::of_lambda, Self::ridge),
            Chooser::Lasso => self.each(chooser, &cell.lambda, Setting::of_lambda, Self::lasso),
            Chooser::GdDecay => {
                self.each(chooser, slice::from_ref(&settings.weight_decay), Setting::of_lambda, Self::gd_decay)
            }
            Chooser::Pcr => self.each(chooser, &settings.variance_shares, Setting::of_share, Self::pcr),
            Chooser::NullShifted => self.each(chooser, &cell.alpha, Setting::of_alpha, Self::null_shifted),
        }
    }

    /// A row for each of `values`.
    fn each<'s>(
        &'s self,
        chooser: Chooser,
        values: &'s [f64],
        setting: fn(f64) -> Setting,
        find: fn(&Self, f64) -> Found,
    ) -> Box<dyn Iterator<Item = Pick> + 's> {
        Box::new(values.iter().map(move |&value| Pick { chooser, setting: setting(value), found: find(self, value) }))
    }

    fn row(&self, pick: &Pick, test_mse: Option<f64>) -> SelectionRow {
        let Observation { problem, svd, .. } = self.seen;
        let Pick { chooser, setting, found } = pick;
        let w = found.w.as_deref();
        SelectionRow {
            chooser: chooser.name(),
            lambda: setting.lambda,
            variance_share: setting.variance_share,
            alpha: setting.alpha,
            w_l2: w.map(norm),
            w_l1: w.map(|w| w.iter().map(|w| w.abs()).sum()),
            nonzeros: w.map(|w| w.iter().filter(|&&w| w != 0.0).count()),
            null_norm: w.map(|w| norm(&svd.null_component(w))),
            distance_to_min_norm: w.map(|w| distance(w, &self.w0)),
            train_mse: w.map(|w| distance(&problem.x.times(w), &problem.y).powi(2) / problem.x.rows() as f64),
            train_excess: w.map(|w| norm(&problem.x.times(&difference(w, &self.w0))).powi(2) / problem.x.rows() as f64),
            test_mse,
            steps: found.steps,
            duality_gap: found.duality_gap,
            schedule: found.schedule.map(Schedule::name),
            status: found.ending.name(),
        }
    }
}

impl Part {
    /// Its generator for the trial.
    fn of(self, seen: &Observation<'_>) -> Generator {
        seen.seeding.part(&seen.trial, Stream::Selection, self as u64)
    }
}

impl Setting {
    fn of_lambda(lambda: f64) -> Self {
        Self { lambda: Some(lambda), ..Self::default() }
    }

    fn of_share(share: f64) -> Self {
        Self { variance_share: Some(share), ..Self::default() }
    }

    fn of_alpha(alpha: f64) -> Self {
        Self { alpha: Some(alpha), ..Self::default() }
    }
}

impl Found {
    /// Of how an iteration ended.
    fn new(ending: Ending, w: Option<Vec<f64>>, steps: u64) -> Self {
        Self { ending, w, steps: Some(steps), duality_gap: None, schedule: None }
    }

    /// By a formula.
    fn closed(w: Vec<f64>) -> Self {
        let found = Self { ending: Ending::Ok, w: Some(w), steps: None, duality_gap: None, schedule: None };
        found.if_finite()
    }

    /// With what `unscale` makes of the weights.
    fn unscaled(self, unscale: impl FnOnce(&[f64]) -> Vec<f64>) -> Self {
        Self { w: self.w.as_deref().map(unscale), ..self }.if_finite()
    }

    /// Weights beyond f64 are none.
    fn if_finite(self) -> Self {
        let finite = self.w.iter().flatten().all(|w| w.is_finite());
        if finite { self } else { Self { ending: Ending::Undefined, w: None, ..self } }
    }

    /// Nothing to be found.
    fn undefined() -> Self {
        Self { ending: Ending::Undefined, w: None, steps: None, duality_gap: None, schedule: None }
    }
}

impl Ending {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotConverged => "not-converged",
            Self::Diverged => "diverged",
            Self::Undefined => "undefined",
        }
    }
}
