//! What X makes of the relations that its triangle suggests.

use crate::diagnose::NullSpace;
use crate::diagnose::lanes::Tally;
use crate::diagnose::rows::Block;
use crate::linalg::{Dd, Scalar, exponent};

/// Relations z as weights of the scaled columns of X, each over the power of two that brings its largest term near 1.
pub(super) struct Relations {
    /// The columns that take part in each, with their weights.
    scaled: Vec<Vec<(usize, f64)>>,
    /// The largest ||z_j x_j|| of each, scaled alike.
    largest: Vec<f64>,
    /// Whether all columns that take part are 0, for each.
    of_zeros: Vec<bool>,
    x_exponent: i32,
}

impl Relations {
    /// Those of `null_space`; the columns of X have the norms `sizes` 2^`x_exponent`, and those in `zeros` are 0.
    pub(super) fn of(null_space: &NullSpace, sizes: &[f64], zeros: &[bool], x_exponent: i32) -> Self {
        let (mut scaled, mut largest, mut of_zeros) = (Vec::new(), Vec::new(), Vec::new());
        for relation in null_space.relations.iter().flatten() {
            let term = |(z, size): (&f64, &f64)| (z * size).abs();
            let most = relation.weights.iter().zip(sizes).map(term).fold(0.0, f64::max);
            let shift = exponent(most).unwrap_or(0);
            let weights = relation.weights.iter().enumerate().filter(|(_, z)| **z != 0.0);
            scaled.push(weights.map(|(j, z)| (j, z.times_power_of_two(-shift))).collect());
            largest.push(most.times_power_of_two(-shift));
            of_zeros.push(relation.weights.iter().zip(zeros).all(|(&z, &zero)| z == 0.0 || zero));
        }
        Self { scaled, largest, of_zeros, x_exponent }
    }

    /// Puts the residuals that all rows show into `null_space`.
    pub(super) fn judge(&self, squares: &[Dd], null_space: &mut NullSpace) {
        let relations = null_space.relations.iter_mut().flatten();
        for (at, relation) in relations.enumerate() {
            let (largest, norm) = (self.largest[at], squares[at].to_f64().sqrt());
            // A column so small beside the largest that its scaled entries are 0 is not 0: 0 / 0 says that nothing is known.
            relation.relative_residual = if self.of_zeros[at] { 0.0 } else { norm / largest };
        }
    }
}

/// The squares of ||X z||.
impl Tally for Relations {
    type Sum = Vec<Dd>;

    fn bytes(&self) -> usize {
        self.scaled.len() * size_of::<Dd>()
    }

    fn begin(&self) -> Vec<Dd> {
        vec![Dd::ZERO; self.scaled.len()]
    }

    fn take(&self, squares: &mut Vec<Dd>, block: &Block<'_>) {
        for i in 0..block.x.rows() {
            let row = block.x.row(i);
            for (square, relation) in squares.iter_mut().zip(&self.scaled) {
                let sum: f64 = relation.iter().map(|&(j, z)| z * row[j].times_power_of_two(-self.x_exponent)).sum();
                *square += Dd::from_f64(sum * sum);
            }
        }
    }

    fn join(&self, squares: &mut Vec<Dd>, more: Vec<Dd>) {
        squares.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}
