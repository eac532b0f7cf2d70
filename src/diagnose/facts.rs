//! One pass over the rows for what decides how the rest is computed: constant columns, and entries near the ends of f64.

use super::lanes;
use super::rows::Rows;
use crate::data::DataError;

/// Where squares of entries and their sums neither overflow nor underflow.
const SAFE: std::ops::RangeInclusive<f64> = 1e-120..=1e120;

/// What the columns look like, one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Rows of X.
    pub n: usize,
    /// d values: the number that all entries of the column are; nothing where they differ or are 0.
    pub constant: Vec<Option<f64>>,
    /// d values: largest absolute entry.
    pub largest: Vec<f64>,
    /// Largest absolute entry of the target; 0 where there is none.
    pub largest_of_target: f64,
}

impl Facts {
    /// Of all rows.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn of(rows: &dyn Rows) -> Result<Self, DataError> {
        let d = rows.names().len();
        let none = || Self { n: 0, constant: vec![None; d], largest: vec![0.0; d], largest_of_target: 0.0 };
        let lanes = lanes::pass(rows, 2 * d * size_of::<f64>(), none, |facts, block| {
            (0..block.x.rows()).for_each(|i| facts.see(block.x.row(i), block.y.map_or(0.0, |y| y[i])));
        })?;
        let mut all = none();
        for lane in &lanes {
            all.join(lane);
        }
        Ok(all)
    }

    fn see(&mut self, row: &[f64], y: f64) {
        if self.n == 0 {
            self.constant = row.iter().map(|&x| Some(x).filter(|&x| x != 0.0)).collect();
        }
        for ((constant, largest), &x) in self.constant.iter_mut().zip(&mut self.largest).zip(row) {
            *constant = constant.filter(|&constant| constant == x);
            *largest = largest.max(x.abs());
        }
        self.largest_of_target = self.largest_of_target.max(y.abs());
        self.n += 1;
    }

    /// Adds the rows of `other`.
    fn join(&mut self, other: &Self) {
        if self.n == 0 {
            *self = other.clone();
            return;
        }
        if other.n > 0 {
            for (constant, other) in self.constant.iter_mut().zip(&other.constant) {
                *constant = constant.filter(|constant| Some(*constant) == *other);
            }
            for (largest, other) in self.largest.iter_mut().zip(&other.largest) {
                *largest = largest.max(*other);
            }
            self.largest_of_target = self.largest_of_target.max(other.largest_of_target);
            self.n += other.n;
        }
    }

    /// Whether every column that is not 0, and the target, has its largest entry between 1e-120 and 1e120.
    pub fn in_range(&self) -> bool {
        let sizes = self.largest.iter().chain([&self.largest_of_target]);
        sizes.into_iter().all(|&largest| largest == 0.0 || SAFE.contains(&largest))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::{Problem, Target};
    use crate::matrix::Matrix;

    #[test]
    fn constants_are_told_from_zeros_and_from_what_varies_in_the_last_bit() {
        let rows = [[3.0, 0.0, 1.0, -2.0], [3.0, 0.0, 1.0_f64.next_up(), -2.0], [3.0, 0.0, 1.0, -2.0]];
        let problem = Problem {
            names: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
            x: Matrix::from_fn(3, 4, |i, j| rows[i][j]),
            target: Some(Target { name: "y".to_owned(), y: vec![1.0, -7.0, 2.0] }),
        };
        let facts = Facts::of(&problem).unwrap();
        assert_eq!(facts.constant, [Some(3.0), None, None, Some(-2.0)]);
        assert_eq!((facts.n, facts.largest[3], facts.largest_of_target), (3, 2.0, 7.0));
        assert!(facts.in_range());
        for edge in [1e121, 1e-121] {
            assert!(!Facts { largest: vec![1.0, edge], ..facts.clone() }.in_range());
        }
    }
}
