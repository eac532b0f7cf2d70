//! An analysis before the rows have been gone through for it: what they are to be gone through for.

use super::collinearity::Collinearity;
use super::digits;
use super::explained::r_squared;
use super::facts::Facts;
use super::lanes;
use super::leverage::{Highest, Leverage, Leverages};
use super::ridge::{LeaveOneOut, Path, RidgeSettings, Search};
use super::rows::Rows;
use super::scaled::Scaled;
use super::triangle::Triangle;
use super::vif::inflation;
use super::{Analysis, Known, Problem};
use crate::data::DataError;

/// What can be said of one X without its rows, and with them in two passes at most, which others may ride along in.
pub(super) struct Outline<'a> {
    facts: Facts,
    scaled: Scaled,
    /// Where n > d.
    triangle: Option<&'a Triangle>,
    /// Where there is a target.
    r_squared: Option<f64>,
    leverages: Option<Leverages>,
    /// Where there is a target and a column that varies.
    path: Option<Path>,
}

/// What the first pass adds up.
pub(super) type FirstSums<'a> = (Option<&'a Leverages>, Option<LeaveOneOut<'a>>);

/// What it says.
pub(super) struct Found {
    leverage: Option<Leverage>,
    search: Option<Search>,
}

impl<'a> Outline<'a> {
    /// Of rows in memory, `triangle` being theirs where n > d. Nothing where entries are so large or small that squares of them leave f64.
    ///
    /// # Errors
    /// Never: rows in memory can be read.
    pub(super) fn of_problem(
        problem: &Problem,
        facts: Facts,
        triangle: Option<&'a Triangle>,
        ridge: &RidgeSettings,
    ) -> Result<Option<Self>, DataError> {
        if !facts.in_range() {
            return Ok(None);
        }
        Self::new(problem, facts, Scaled::of_matrix(&problem.x), triangle, ridge).map(Some)
    }

    /// Of rows that are read again for every pass, n >= d, from the triangle of their [1 X y]; nothing as before.
    ///
    /// # Errors
    /// If the rows cannot be read, which is needed here for n = d only.
    pub(super) fn of_triangle(
        rows: &dyn Rows,
        triangle: &'a Triangle,
        ridge: &RidgeSettings,
    ) -> Result<Option<Self>, DataError> {
        if !triangle.facts.in_range() {
            return Ok(None);
        }
        let tall = Some(triangle).filter(|triangle| triangle.n > triangle.d);
        Self::new(rows, triangle.facts.clone(), Scaled::of_triangle(triangle), tall, ridge).map(Some)
    }

    fn new(
        rows: &dyn Rows,
        facts: Facts,
        scaled: Scaled,
        triangle: Option<&'a Triangle>,
        ridge: &RidgeSettings,
    ) -> Result<Self, DataError> {
        let (r_squared, path) = match rows.target() {
            Some(_) => (triangle.and_then(r_squared), Path::new(rows, triangle, &facts, ridge)?),
            None => (None, None),
        };
        Ok(Self { leverages: Leverages::new(facts.n, &scaled), r_squared, path, facts, scaled, triangle })
    }

    /// What the first pass is to add up: leverages, and the errors along the ridge path.
    pub(super) fn first_sums(&self) -> FirstSums<'_> {
        (self.leverages.as_ref(), self.path.as_ref().map(Path::errors))
    }

    /// What the first pass says.
    pub(super) fn take_first(&self, (highest, squares): (Option<Highest>, Option<Vec<f64>>)) -> Found {
        Found {
            leverage: self.leverages.as_ref().zip(highest).map(|(leverages, highest)| leverages.finish(&highest)),
            search: self.path.as_ref().zip(squares).map(|(path, squares)| path.search(&squares)),
        }
    }

    /// What a second pass is to add up: the errors near the best penalty of the path; nothing where none is needed.
    pub(super) fn second_sums(&self, found: &Found) -> Option<LeaveOneOut<'_>> {
        self.path.as_ref().zip(found.search.as_ref()).and_then(|(path, search)| path.errors_between(search))
    }

    /// The analysis. `squares` is what [`Outline::second_sums`] came to.
    pub(super) fn finish(self, found: Found, squares: Option<&[f64]>, known: &Known<'_>) -> Analysis {
        let Self { facts, scaled, triangle, r_squared, path, .. } = self;
        let full_rank = scaled.right.as_ref().filter(|_| scaled.rank() == scaled.norms.len() && known.sigma_min > 0.0);
        let digits = full_rank.zip(known.fit).and_then(|(right, fit)| {
            let (sigma_max, sigma_min) = (known.sigma_max, known.sigma_min);
            digits::Problem { n: facts.n, norms: &scaled.norms, sigma: &scaled.sigma, right, sigma_max, sigma_min }
                .digits(fit)
        });
        Analysis {
            collinearity: Collinearity::of(&scaled),
            vif: triangle.map(|triangle| inflation(triangle, &facts.constant)),
            leverage: found.leverage,
            r_squared,
            digits,
            ridge: path.zip(found.search).map(|(path, search)| path.advice(search, squares)),
            facts,
            scaled,
        }
    }

    /// The analysis, in passes of its own.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub(super) fn analysis(self, rows: &dyn Rows, known: &Known<'_>) -> Result<Analysis, DataError> {
        let found = self.take_first(lanes::pass(rows, &self.first_sums())?);
        let second = match self.second_sums(&found) {
            Some(sums) => Some(lanes::pass(rows, &sums)?),
            None => None,
        };
        Ok(self.finish(found, second.as_deref(), known))
    }
}
