//! Test errors of several solutions over the same fresh observations.

use super::Part;
use crate::design::Population;
use crate::linalg::dot;
use crate::measure::Observation;
use crate::rng::Generator;

/// Normals that a block of test rows is made of: half a mebibyte, however many rows there are.
const BLOCK_ENTRIES: usize = 1 << 16;

/// Fresh observations of a trial's population, drawn again, block by block, whenever they are asked about.
pub(super) struct TestSet<'a> {
    population: Population<'a>,
    /// Stands before the first of them.
    rng: Generator,
    rows: usize,
    /// w*, d weights.
    truth: &'a [f64],
    /// Variance of y given x.
    noise_variance: f64,
}

impl<'a> TestSet<'a> {
    /// Nothing where w* is unknown or X belongs to no population.
    pub(super) fn of(seen: &Observation<'a>) -> Option<Self> {
        let (truth, noise) = seen.problem.w.as_deref().zip(seen.problem.noise)?;
        let population = Population::of(seen.design?, seen.seeding, &seen.trial, &seen.problem.x)?;
        let rows = seen.settings.selection.test_rows;
        Some(Self { population, rng: Part::TestRows.of(seen), rows, truth, noise_variance: noise * noise })
    }

    /// For each of `solutions` (d weights) the mean of (x'w - x'w*)^2 over the observations x, plus the variance of y given x: the
    /// noise enters by its expectation, not by draws. Nothing where there is no solution.
    pub(super) fn mses(&self, solutions: &[Option<&[f64]>]) -> Vec<Option<f64>> {
        let error = |w: &[f64]| -> Vec<f64> { w.iter().zip(self.truth).map(|(w, truth)| w - truth).collect() };
        let errors: Vec<Option<Vec<f64>>> = solutions.iter().map(|w| w.map(error)).collect();
        let mut sums = vec![0.0; solutions.len()];
        let mut rng = self.rng.clone();
        let block_rows = (BLOCK_ENTRIES / self.population.draws_per_row()).max(1);
        for first in (0..self.rows).step_by(block_rows) {
            let block = self.population.rows(&mut rng, block_rows.min(self.rows - first));
            // Row by row, so that the sums do not depend on the size of a block.
            for row in 0..block.rows() {
                for (sum, error) in sums.iter_mut().zip(&errors) {
                    *sum += error.as_ref().map_or(0.0, |error| dot(block.row(row), error).powi(2));
                }
            }
        }
        let mse = |sum: f64| sum / self.rows as f64 + self.noise_variance;
        errors.iter().zip(sums).map(|(error, sum)| error.as_ref().map(|_| mse(sum))).collect()
    }
}
