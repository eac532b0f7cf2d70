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
    /// Lower bound of the smallest singular value of X; 0 where the rank is not certainly d.
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

    /// Of rows that are read again for every pass, n >= d, from the triangle of their [1 X y].
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
        let tall = Some(triangle).filter(|triangle| triangle.n > triangle.d);
        Self::new(rows, facts, Scaled::of_triangle(triangle), tall, known, ridge).map(Some)
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::rows::Block;
    use crate::diagnose::{Place, Target};
    use crate::matrix::Matrix;
    use crate::rng::Generator;

    /// Rows handed out seven at a time.
    struct Pieces<'a>(&'a Problem);

    impl Rows for Pieces<'_> {
        fn names(&self) -> &[String] {
            &self.0.names
        }

        fn target(&self) -> Option<&str> {
            self.0.target()
        }

        fn each_block(&self, take: &mut dyn FnMut(Block<'_>) -> Result<(), DataError>) -> Result<(), DataError> {
            let (n, d) = (self.0.x.rows(), self.0.x.cols());
            for first in (0..n).step_by(7) {
                let x = Matrix::from_fn(7.min(n - first), d, |i, j| self.0.x[(first + i, j)]);
                let y = self.0.target.as_ref().map(|target| &target.y[first..first + x.rows()]);
                take(Block { first, x: &x, y })?;
            }
            Ok(())
        }
    }

    /// A constant column, one that nearly depends on two others, one of other units.
    fn problem() -> Problem {
        let g = Generator::from_entropy(&[77]).normals(60 * 5);
        let entry = |i: usize, j: usize| g[5 * i + j];
        let x = Matrix::from_fn(60, 5, |i, j| match j {
            0 => 3.0,
            3 => entry(i, 1) + entry(i, 2) + 1e-3 * entry(i, 3),
            4 => 1e5 * entry(i, 4),
            _ => entry(i, j),
        });
        let y = (0..60).map(|i| 10.0 + x[(i, 1)] - x[(i, 3)] + entry(i, 0)).collect();
        Problem {
            names: ["one", "a", "b", "sum", "units"].map(str::to_owned).to_vec(),
            x,
            target: Some(Target { name: "y".to_owned(), y }),
        }
    }

    fn close(found: f64, expected: f64, what: &str) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{what}: {found} {expected}");
    }

    #[test]
    fn passes_over_rows_and_memory_find_the_same() {
        let problem = problem();
        let known = Known { sigma_max: 1e6, sigma_min: 1e-3, fit: None };
        let ridge = RidgeSettings::default();
        let memory = Analysis::of_problem(&problem, &known, &ridge).unwrap().unwrap();
        let pieces = Pieces(&problem);
        let triangle = Triangle::of(&pieces).unwrap();
        let passes = Analysis::of_rows(&pieces, &triangle, &known, &ridge).unwrap().unwrap();
        assert_eq!(memory.facts, passes.facts);
        close(passes.r_squared.unwrap(), memory.r_squared.unwrap(), "R^2");
        let (ours, theirs) = (passes.leverage.unwrap(), memory.leverage.unwrap());
        assert_eq!((ours.row, ours.column, ours.high), (theirs.row, theirs.column, theirs.high));
        close(ours.largest, theirs.largest, "leverage");
        for (ours, theirs) in passes.vif.unwrap().iter().zip(memory.vif.unwrap()) {
            assert_eq!(ours.centred.is_some(), theirs.centred.is_some());
            close(ours.centred.unwrap_or(1.0), theirs.centred.unwrap_or(1.0), "VIF");
        }
        let (ours, theirs) = (passes.collinearity.unwrap(), memory.collinearity.unwrap());
        assert_eq!((ours.near(), ours.near()[0].columns.as_slice()), (theirs.near(), [1, 2, 3].as_slice()));
        for (ours, theirs) in ours.indices.iter().zip(&theirs.indices) {
            close(*ours, *theirs, "condition index");
        }
        let (ours, theirs) = (passes.ridge.unwrap(), memory.ridge.unwrap());
        assert_eq!((ours.intercept, theirs.intercept), (Some(0), Some(0)));
        close(ours.unpenalised_loo.unwrap(), theirs.unpenalised_loo.unwrap(), "leave-one-out");
        let (ours, theirs) = (ours.best.unwrap(), theirs.best.unwrap());
        assert_eq!((ours.place, theirs.place), (Place::Inside, Place::Inside));
        close(ours.point.loo.unwrap(), theirs.point.loo.unwrap(), "least error");
    }

    #[test]
    fn numbers_whose_squares_leave_f64_are_not_analysed() {
        let mut problem = problem();
        problem.x[(3, 4)] = 1e200;
        let known = Known { sigma_max: 1e200, sigma_min: 1e-3, fit: None };
        assert_eq!(Analysis::of_problem(&problem, &known, &RidgeSettings::default()).unwrap(), None);
    }
}
