//! y of a trial: X w + noise, X w + Z v + noise with features Z that the model does not see, or measured data.

use super::Problem;
use super::spec::{TargetSpec, Weights};
use crate::linalg::norm;
use crate::matrix::Matrix;
use crate::rng::Generator;

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
            Self::Model { features: Some(features), .. } if *features < d => Err(format!(
                "y is made of features = {features} but X has d = {d} columns, each of which is one of them: raise features, or \
                 lower d"
            )),
            Self::Model { weights: Weights::List(w), features: Some(features), .. } if w.len() != *features => {
                Err(format!(
                    "{} weights are listed but y is made of {features} features: list one weight per feature",
                    w.len()
                ))
            }
            Self::Model { weights: Weights::List(w), features: None, .. } if w.len() != d => {
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

/// The problem with design matrix `x`, whose shape `target` was checked against. `rng` stands after all draws of X.
pub(super) fn problem(target: &TargetSpec, x: Matrix, draws: Draws, rng: &mut Generator) -> Problem {
    match target {
        TargetSpec::Given(y) => Problem { x, y: y.clone(), w: None, noise: None },
        TargetSpec::Model { weights, noise, features } => {
            let w = true_weights(weights, 0, draws.w);
            let mut y = x.times(&w);
            let unexplained = match features.unwrap_or(w.len()).checked_sub(w.len()) {
                None | Some(0) => *noise,
                Some(hidden) => {
                    let v = true_weights(weights, w.len(), rng.normals(hidden));
                    add_hidden(&mut y, &v, rng);
                    noise.hypot(norm(&v))
                }
            };
            for (y, g) in y.iter_mut().zip(&draws.noise) {
                *y += noise * g;
            }
            Problem { x, y, w: Some(w), noise: Some(unexplained) }
        }
    }
}

/// y <- y + Z v, for a Z whose entries the generator draws row by row. No more than one entry of it is kept at a time: the
/// hidden features can be far more than those of X.
fn add_hidden(y: &mut [f64], v: &[f64], rng: &mut Generator) {
    for y in y {
        for v in v {
            *y += rng.normal() * v;
        }
    }
}

/// The weights of the features from number `first` (from 0) on, one for each of the normals `drawn` for them.
fn true_weights(weights: &Weights, first: usize, mut drawn: Vec<f64>) -> Vec<f64> {
    match weights {
        Weights::Normal => drawn,
        Weights::Ones => vec![1.0; drawn.len()],
        Weights::Sparse { nonzeros } => {
            drawn.iter_mut().skip(nonzeros.saturating_sub(first)).for_each(|w| *w = 0.0);
            drawn
        }
        Weights::List(w) => w[first..first + drawn.len()].to_vec(),
    }
}
