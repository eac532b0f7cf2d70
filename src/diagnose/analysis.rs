//! Everything that a report says beyond rank and singular values, as numbers; [`super::finding`] puts it in words.

use super::collinearity::Collinearity;
use super::digits::Digits;
use super::facts::Facts;
use super::leverage::Leverage;
use super::outline::Outline;
use super::ridge::{RidgeAdvice, RidgeSettings};
use super::scaled::Scaled;
use super::triangle::Triangle;
use super::vif::Vif;
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
        let tall = problem.x.rows() > problem.x.cols();
        let triangle = if tall { Some(Triangle::of(problem)?) } else { None };
        let facts = match &triangle {
            Some(triangle) => triangle.facts.clone(),
            None => Facts::of(problem)?,
        };
        let outline = Outline::of_problem(problem, facts, triangle.as_ref(), ridge)?;
        outline.map(|outline| outline.analysis(problem, known)).transpose()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::rows::{Block, Rows};
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
        let outline = Outline::of_triangle(&pieces, &triangle, &ridge).unwrap().unwrap();
        let passes = outline.analysis(&pieces, &known).unwrap();
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
