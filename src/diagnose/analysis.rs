//! Everything that a report says beyond rank and singular values, as numbers; [`super::finding`] puts it in words.

use super::collinearity::Collinearity;
use super::digits::{self, Digits};
use super::explained::r_squared;
use super::facts::Facts;
use super::leverage::Leverage;
use super::ridge::{RidgeAdvice, RidgeSettings, advise};
use super::rows::Rows;
use super::scaled::Scaled;
use super::triangle::Triangle;
use super::vif::{Vif, inflation};
use super::{Fit, Problem};
use crate::data::DataError;

/// The numbers behind the findings for one X, n x d.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Constant columns and extents.
    pub facts: Facts,
    /// X with columns of unit length.
    pub scaled: Scaled,
    /// Condition indices and variance proportions; nothing for n < d and X = 0.
    pub collinearity: Option<Collinearity>,
    /// d values; nothing for n <= d, where the other columns and an intercept determine every column.
    pub vif: Option<Vec<Vif>>,
    /// The row of largest leverage; nothing where every row fits itself.
    pub leverage: Option<Leverage>,
    /// R^2 of the target, centred, on the columns and an intercept; nothing without a target, for n <= d and a constant y.
    pub r_squared: Option<f64>,
    /// Digits promised of every weight; nothing without a target and where the rank is not certainly d.
    pub digits: Option<Digits>,
    /// What a ridge penalty would buy; nothing without a target and where no column varies.
    pub ridge: Option<RidgeAdvice>,
}

/// What is known of X and y before.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Upper bound of the largest singular value of X.
    pub sigma_max: f64,
    /// Lower bound of the smallest singular value of X.
    pub sigma_min: f64,
    /// Weights and residual, where there is a target.
    pub fit: Option<&'a Fit>,
}

impl Analysis {
    /// Of a problem in memory. Nothing where entries are so large or small that squares of them leave f64.
    ///
    /// # Errors
    /// Never: rows in memory can be read.
    pub(super) fn of_problem(
        problem: &Problem,
        known: &Known<'_>,
        ridge: &RidgeSettings,
    ) -> Result<Option<Self>, DataError> {
        let facts = Facts::of(problem)?;
        if !facts.in_range() {
            return Ok(None);
        }
        let tall = problem.x.rows() > problem.x.cols();
        let triangle = if tall { Some(Triangle::of(problem)?) } else { None };
        Self::new(problem, facts, Scaled::of_matrix(&problem.x), triangle.as_ref(), known, ridge).map(Some)
    }

    /// Of rows that are read again for every pass, n > d, from the triangle of their [1 X y].
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn of_rows(
        rows: &dyn Rows,
        triangle: &Triangle,
        known: &Known<'_>,
        ridge: &RidgeSettings,
    ) -> Result<Option<Self>, DataError> {
        let facts = Facts::of(rows)?;
        if !facts.in_range() {
            return Ok(None);
        }
        Self::new(rows, facts, Scaled::of_triangle(triangle), Some(triangle), known, ridge).map(Some)
    }

    fn new(
        rows: &dyn Rows,
        facts: Facts,
        scaled: Scaled,
        triangle: Option<&Triangle>,
        known: &Known<'_>,
        ridge: &RidgeSettings,
    ) -> Result<Self, DataError> {
        let targeted = triangle.filter(|_| rows.target().is_some());
        let full_rank = scaled.right.as_ref().filter(|_| scaled.rank() == scaled.norms.len() && known.sigma_min > 0.0);
        let digits = full_rank.zip(known.fit).and_then(|(right, fit)| {
            let (sigma_max, sigma_min) = (known.sigma_max, known.sigma_min);
            digits::Problem { n: facts.n, norms: &scaled.norms, sigma: &scaled.sigma, right, sigma_max, sigma_min }
                .digits(fit)
        });
        Ok(Self {
            collinearity: Collinearity::of(&scaled),
            vif: triangle.map(|triangle| inflation(triangle, &facts.constant)),
            leverage: Leverage::of(rows, facts.n, &scaled)?,
            r_squared: targeted.and_then(r_squared),
            digits,
            ridge: if rows.target().is_some() { advise(rows, triangle, &facts, ridge)? } else { None },
            facts,
            scaled,
        })
    }
}
