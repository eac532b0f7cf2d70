//! y of a trial: X w + noise, or measured data.

use super::Problem;
use super::spec::{TargetSpec, Weights};
use crate::matrix::Matrix;

/// The normals that every trial draws after those of X.
pub(super) struct Draws {
    /// d of them, for the weights.
    pub(super) w: Vec<f64>,
    /// n of them, for the noise.
    pub(super) noise: Vec<f64>,
}

impl TargetSpec {
    /// Whether y can be made for an n x d matrix.
    ///
    /// # Errors
    /// Why not, with the remedy.
    pub fn check(&self, n: usize, d: usize) -> Result<(), String> {
        match self {
            Self::Given(y) if y.len() != n => {
                Err(format!("y has {} values but X has {n} rows: give one value per row of X", y.len()))
            }
            Self::Model { weights: Weights::List(w), .. } if w.len() != d => {
                Err(format!("{} weights are listed but X has {d} columns: list one weight per column", w.len()))
            }
            Self::Model { weights: Weights::Sparse { nonzeros: 0 }, .. } => {
                Err("sparse weights with nonzeros = 0 are all zero: ask for at least 1".to_owned())
            }
            Self::Model { noise, .. } if !(noise.is_finite() && *noise >= 0.0) => {
                Err(format!("noise = {noise} is no standard deviation: give a finite number of at least 0"))
            }
            Self::Given(_) | Self::Model { .. } => Ok(()),
        }
    }
}

/// The problem with design matrix `x`, whose shape `target` was checked against.
pub(super) fn problem(target: &TargetSpec, x: Matrix, draws: Draws) -> Problem {
    match target {
        TargetSpec::Given(y) => Problem { x, y: y.clone(), w: None, noise: None },
        TargetSpec::Model { weights, noise } => {
            let w = true_weights(weights, draws.w);
            let mut y = x.times(&w);
            for (y, g) in y.iter_mut().zip(&draws.noise) {
                *y += noise * g;
            }
            Problem { x, y, w: Some(w), noise: Some(*noise) }
        }
    }
}

fn true_weights(weights: &Weights, mut drawn: Vec<f64>) -> Vec<f64> {
    match weights {
        Weights::Normal => drawn,
        Weights::Ones => vec![1.0; drawn.len()],
        Weights::Sparse { nonzeros } => {
            drawn.iter_mut().skip(*nonzeros).for_each(|w| *w = 0.0);
            drawn
        }
        Weights::List(w) => w.clone(),
    }
}
