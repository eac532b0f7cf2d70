//! The penalised part of a problem in the basis of its singular vectors, in which every penalty costs one pass over the directions.
//!
//! A constant column is the intercept: it is not penalised. Minimising over it centres the other columns and the target, so that
//! min ||y - b - X w||^2 + lambda ||w||^2 is a problem without an intercept in (X - mean, y - mean). Shrinking the intercept too would make the
//! fit depend on where the zero of y lies (Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 3.4.1).

use crate::data::DataError;
use crate::decomposition::{ThinSvd, rank_tolerance};
use crate::diagnose::centring;
use crate::diagnose::facts::Facts;
use crate::diagnose::rows::Rows;
use crate::diagnose::triangle::{Column, Triangle};
use crate::linalg::{norm, sum};
use crate::matrix::Matrix;

/// The singular values, right singular vectors and U'y of the penalised columns; q of d columns, of rank r.
#[derive(Clone, Debug)]
pub(super) struct Penalised {
    /// Rows of X.
    pub(super) n: usize,
    /// Columns of X.
    pub(super) d: usize,
    /// The constant column that serves as the intercept, if there is one; further ones get weight 0.
    pub(super) intercept: Option<Intercept>,
    /// Which columns are penalised; q of them.
    pub(super) columns: Vec<usize>,
    /// Their means where there is an intercept, else 0; q values.
    pub(super) means: Vec<f64>,
    /// Mean of the target where there is an intercept, else 0.
    pub(super) y_mean: f64,
    /// r singular values above NumPy's rule and above what centring leaves of rounding, nonincreasing.
    pub(super) sigma: Vec<f64>,
    /// Right singular vectors, q x r in columns.
    pub(super) right: crate::linalg::Columns<f64>,
    /// U'y, r values.
    pub(super) c: Vec<f64>,
    /// Norm of what no weights explain.
    pub(super) rest_norm: f64,
}

/// An unpenalised constant column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Intercept {
    pub(super) column: usize,
    /// What it is everywhere.
    pub(super) value: f64,
}

impl Penalised {
    /// From R of [1 X y] for n > d, whose size does not grow with n; from the rows themselves else, which are then few. The rows have
    /// a target. Nothing where no column varies.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub(super) fn of(rows: &dyn Rows, triangle: Option<&Triangle>, facts: &Facts) -> Result<Option<Self>, DataError> {
        let d = facts.constant.len();
        let mut constants = facts.constant.iter().enumerate();
        let intercept = constants.find_map(|(column, value)| value.map(|value| Intercept { column, value }));
        let columns: Vec<usize> = (0..d).filter(|&j| facts.constant[j].is_none() && facts.largest[j] > 0.0).collect();
        if columns.is_empty() {
            return Ok(None);
        }
        let reduced = match triangle {
            Some(triangle) => Reduced::of_triangle(triangle, &columns, intercept.is_some()),
            None => Reduced::of_rows(rows, facts.n, &columns, intercept.is_some())?,
        };
        let Reduced { x, y, means, y_mean } = reduced;
        let svd = ThinSvd::of(&x);
        let largest = svd.sigma.first().copied().unwrap_or(0.0);
        let tolerance = rank_tolerance(facts.n, columns.len()) * largest;
        let subtracted: Vec<f64> = means.iter().map(|mean| mean.abs() * (facts.n as f64).sqrt()).collect();
        let counts =
            |k: usize| svd.sigma[k] > tolerance + centring::rounding(facts.n, &subtracted, |j| svd.right[(j, k)]);
        // Nonincreasing: what is behind the first that does not count is lost with it.
        let r = (0..svd.rank).take_while(|&k| counts(k)).count();
        let split = svd.split_left(&y);
        // Directions that do not count leave their share of y unexplained.
        let lost = norm(&split.coordinates[r..]);
        Ok(Some(Self {
            n: facts.n,
            d,
            intercept,
            columns,
            means,
            y_mean,
            sigma: svd.sigma[..r].to_vec(),
            right: svd.right.permuted(&(0..r).collect::<Vec<_>>()),
            c: split.coordinates[..r].to_vec(),
            rest_norm: norm(&split.rest).hypot(lost),
        }))
    }

    /// lambda / (sigma^2 + lambda) of every direction: the share of it that the penalty takes away.
    pub(super) fn removed(&self, lambda: f64) -> Vec<f64> {
        let share = |sigma: &f64| {
            let relative = lambda / sigma / sigma;
            if relative.is_finite() { relative / (1.0 + relative) } else { 1.0 }
        };
        self.sigma.iter().map(share).collect()
    }

    /// Directions that a fit without a penalty uses, the intercept included.
    pub(super) fn directions(&self) -> usize {
        self.sigma.len() + usize::from(self.intercept.is_some())
    }

    /// sigma_1^2 and sigma_q^2 of the penalised columns, which is 0 where they depend on each other.
    pub(super) fn extreme_squares(&self) -> (f64, f64) {
        let square = |sigma: Option<&f64>| sigma.map_or(0.0, |sigma| sigma * sigma);
        let complete = self.sigma.len() == self.columns.len();
        (square(self.sigma.first()), square(self.sigma.last().filter(|_| complete)))
    }

    /// The d weights for penalty `lambda`, the intercept's among them.
    pub(super) fn weights(&self, lambda: f64) -> Vec<f64> {
        let mut of_penalised = vec![0.0; self.columns.len()];
        for (k, (&sigma, &c)) in self.sigma.iter().zip(&self.c).enumerate() {
            crate::linalg::axpy(c / (sigma + lambda / sigma), self.right.column(k), &mut of_penalised);
        }
        let mut w = vec![0.0; self.d];
        for (&j, &weight) in self.columns.iter().zip(&of_penalised) {
            w[j] = weight;
        }
        if let Some(Intercept { column, value }) = self.intercept {
            let explained: f64 = self.means.iter().zip(&of_penalised).map(|(mean, w)| mean * w).sum();
            w[column] = (self.y_mean - explained) / value;
        }
        w
    }
}

/// The columns and the target, centred where there is an intercept, in any orthonormal basis of their rows.
struct Reduced {
    x: Matrix,
    y: Vec<f64>,
    means: Vec<f64>,
    y_mean: f64,
}

impl Reduced {
    fn of_triangle(triangle: &Triangle, columns: &[usize], centred: bool) -> Self {
        let q = columns.len();
        let of_x = columns.iter().map(|&j| Column::X(j));
        if !centred {
            let r = triangle.of_columns(&of_x.chain([Column::Y]).collect::<Vec<_>>());
            let x = Matrix::from_fn(q + 1, q, |i, j| r[(i, j)]);
            return Self { x, y: r.column(q).to_vec(), means: vec![0.0; q], y_mean: 0.0 };
        }
        let r = triangle.of_columns(&[Column::One].into_iter().chain(of_x).chain([Column::Y]).collect::<Vec<_>>());
        // The first row is the means times sqrt(n), up to the sign of the ones; what is below it is centred.
        let mean = |j: usize| r[(0, j)] / r[(0, 0)];
        Self {
            x: Matrix::from_fn(q + 1, q, |i, j| r[(i + 1, j + 1)]),
            y: r.column(q + 1)[1..].to_vec(),
            means: (1..=q).map(mean).collect(),
            y_mean: mean(q + 1),
        }
    }

    fn of_rows(rows: &dyn Rows, n: usize, columns: &[usize], centred: bool) -> Result<Self, DataError> {
        let q = columns.len();
        let (mut entries, mut y) = (Vec::with_capacity(n * q), Vec::with_capacity(n));
        rows.each_block(&mut |block| {
            for i in 0..block.x.rows() {
                entries.extend(columns.iter().map(|&j| block.x[(i, j)]));
            }
            y.extend(block.y.unwrap_or(&[]));
            Ok(())
        })?;
        let mut x = Matrix::new(n, q, entries);
        if !centred {
            return Ok(Self { x, y, means: vec![0.0; q], y_mean: 0.0 });
        }
        let mean = |values: &[f64]| sum(values) / n as f64;
        let means: Vec<f64> = (0..q).map(|j| mean(&x.column(j))).collect();
        let y_mean = mean(&y);
        for (i, y) in y.iter_mut().enumerate() {
            for (x, mean) in x.row_mut(i).iter_mut().zip(&means) {
                *x -= mean;
            }
            *y -= y_mean;
        }
        Ok(Self { x, y, means, y_mean })
    }
}
