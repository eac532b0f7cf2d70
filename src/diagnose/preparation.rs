//! What is done to the columns of a file before they are diagnosed: an intercept, a scale.

use std::path::Path;

use super::moments::Moments;
use crate::data::{DataError, RowFile};
use crate::linalg::{Dd, Scalar, vectorized};
use crate::matrix::Matrix;

/// What the added column of ones is called.
pub const INTERCEPT: &str = "intercept";

/// How X is made of the columns of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preparation {
    /// Whether X has a column of ones.
    pub intercept: Intercept,
    /// What its columns are divided by.
    pub scale: Scale,
}

/// Whether a column of ones is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intercept {
    /// X is what the file holds.
    #[default]
    AsGiven,
    /// It becomes the first column, [`INTERCEPT`].
    Added,
}

/// The units of the columns. Each entry of the stored X is rounded once; that X is what a report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Those of the file.
    #[default]
    None,
    /// Columns of length 1, not centred, the intercept as well (Belsley, Kuh & Welsch 1980, section 3.2).
    Unit,
    /// Centred, with standard deviation 1 (n - 1 in the denominator); the intercept stays 1.
    Standard,
}

impl Scale {
    /// The words that the command line uses.
    pub const NAMES: [(&'static str, Self); 3] =
        [("none", Self::None), ("unit", Self::Unit), ("standard", Self::Standard)];
}

/// The preparation of one file: what its columns are to become.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    /// The first column of X, where one is added.
    intercept: Option<f64>,
    /// One per column of the file; none where they stay as they are.
    changes: Vec<Change>,
}

/// x becomes (x 2^-shift - centre) / divisor, in double-double, rounded to f64.
#[derive(Clone, Copy, Debug)]
struct Change {
    shift: i32,
    centre: Dd,
    divisor: Dd,
}

impl Recipe {
    /// For the columns of `file`, called `names`. Reads it once, where anything is to be done.
    ///
    /// # Errors
    /// If the file cannot be read, if there is a constant column already where an intercept is added, or if a column cannot be scaled.
    pub(super) fn new(file: &RowFile<'_>, names: &[String], preparation: Preparation) -> Result<Self, DataError> {
        let Preparation { intercept, scale } = preparation;
        if preparation == Preparation::default() {
            return Ok(Self { intercept: None, changes: Vec::new() });
        }
        let moments = Moments::of(file)?;
        if intercept == Intercept::Added {
            check_intercept(file.path(), names, &moments)?;
        }
        let count = moments.first().map_or(1, |moments| moments.count);
        let one = if scale == Scale::Unit { 1.0 / (count as f64).sqrt() } else { 1.0 };
        let changes = names.iter().zip(&moments).map(|(name, moments)| change(file.path(), name, moments, scale));
        let changes = if scale == Scale::None { Vec::new() } else { changes.collect::<Result<_, _>>()? };
        Ok(Self { intercept: (intercept == Intercept::Added).then_some(one), changes })
    }

    /// The names of the columns of X.
    pub(super) fn names(&self, names: Vec<String>) -> Vec<String> {
        self.intercept.map(|_| INTERCEPT.to_owned()).into_iter().chain(names).collect()
    }

    /// X of these rows of the file.
    pub(super) fn apply(&self, x: Matrix) -> Matrix {
        if self.intercept.is_none() && self.changes.is_empty() {
            return x;
        }
        let added = usize::from(self.intercept.is_some());
        let mut out = Matrix::zeros(x.rows(), x.cols() + added);
        vectorized(
            #[inline(always)]
            || {
                for i in 0..x.rows() {
                    let (head, rest) = out.row_mut(i).split_at_mut(added);
                    head.fill(self.intercept.unwrap_or(1.0));
                    rest.copy_from_slice(x.row(i));
                    for (entry, change) in rest.iter_mut().zip(&self.changes) {
                        *entry = change.of(*entry);
                    }
                }
            },
        );
        out
    }
}

impl Change {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        ((Dd::from_f64(x.times_power_of_two(-self.shift)) - self.centre) / self.divisor).to_f64()
    }
}

fn check_intercept(path: &Path, names: &[String], moments: &[Moments]) -> Result<(), DataError> {
    if names.iter().any(|name| name == INTERCEPT) {
        let message = format!("has a column {INTERCEPT:?} already, so that none is added: rename it, or drop it");
        return Err(DataError::of_file(path, message));
    }
    let constants = names.iter().zip(moments).filter_map(|(name, moments)| Some((name, moments.constant()?)));
    match constants.into_iter().find(|(_, value)| *value != 0.0) {
        Some((name, value)) => Err(DataError::of_file(
            path,
            format!(
                "has an intercept already, for column {name:?} is {value} in every row: drop that column, or add no intercept"
            ),
        )),
        None => Ok(()),
    }
}

fn change(path: &Path, name: &str, moments: &Moments, scale: Scale) -> Result<Change, DataError> {
    let refused = |value: f64, what: &str| {
        let message =
            format!("cannot scale column {name:?}, which is {value} in every row, to {what}: drop that column");
        Err(DataError::of_file(path, message))
    };
    let shift = moments.shift.unwrap_or(0);
    match (scale, moments.constant()) {
        (Scale::Standard, Some(value)) => refused(value, "standard deviation 1"),
        (Scale::Unit, Some(0.0)) => refused(0.0, "length 1"),
        (Scale::Standard, None) => Ok(Change { shift, centre: moments.mean, divisor: moments.deviation() }),
        (Scale::Unit, _) => Ok(Change { shift, centre: Dd::ZERO, divisor: moments.length() }),
        (Scale::None, _) => Ok(Change { shift: 0, centre: Dd::ZERO, divisor: Dd::ONE }),
    }
}
