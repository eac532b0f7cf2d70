//! What laws are told about a row: its keys, and of the run what they depend on.

use std::ops::Range;

use super::law::{Need, Refusal};
use crate::design::{DesignSpec, TargetSpec, Weights};
use crate::measure::Settings;

/// One point at which a law is evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The keys of the row.
    pub keys: Keys,
    /// Variance of the noise in y; `None` where y is measured data.
    pub noise: Option<f64>,
    /// E ||w||^2, the true weights of the d features in X; `None` where y is measured data.
    pub signal: Option<f64>,
    /// E ||v||^2, the true weights of features of y that X lacks: 0 unless the target has more features than X.
    pub hidden: f64,
}

/// The numbers among the keys of a row, of whatever table; `None` where the table has no such key.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Keys {
    /// Rows of X.
    pub n: usize,
    /// Columns of X.
    pub d: usize,
    /// As in [`crate::grid::Cell::epsilon`].
    pub epsilon: Option<f64>,
    /// Ridge penalty.
    pub lambda: Option<f64>,
    /// Relative size of a perturbation.
    pub delta: Option<f64>,
    /// Length of a null step.
    pub alpha: Option<f64>,
}

/// What all rows of a run have in common, as far as laws care.
#[derive(Clone, Debug)]
pub struct World<'a> {
    design: &'a DesignSpec,
    target: &'a TargetSpec,
    weight_decay: f64,
}

impl<'a> World<'a> {
    /// The world of a run with this design, target and settings of its tables.
    pub fn new(design: &'a DesignSpec, target: &'a TargetSpec, settings: &Settings) -> Self {
        Self { design, target, weight_decay: settings.weight_decay }
    }

    /// The setting of a row with these keys.
    pub fn at(&self, keys: Keys) -> Setting {
        match self.target {
            TargetSpec::Given(_) => Setting { keys, noise: None, signal: None, hidden: 0.0 },
            TargetSpec::Model { weights, noise, features } => Setting {
                keys,
                noise: Some(noise * noise),
                signal: Some(squared_norm(weights, 0..keys.d)),
                hidden: squared_norm(weights, keys.d..features.unwrap_or(keys.d)),
            },
        }
    }
}

/// Expected sum of the squares of the weights of `features`, counted from 0.
fn squared_norm(weights: &Weights, features: Range<usize>) -> f64 {
    match weights {
        Weights::Normal | Weights::Ones => features.len() as f64,
        Weights::Sparse { nonzeros } => (features.start..features.end.min(*nonzeros)).len() as f64,
        // One of another length is refused with its config.
        Weights::List(w) => features.filter_map(|at| w.get(at)).map(|w| w * w).sum(),
    }
}

impl Setting {
    /// min(n, d): how many singular values X has.
    pub fn smaller(&self) -> usize {
        self.keys.n.min(self.keys.d)
    }

    /// max(n, d).
    pub fn larger(&self) -> usize {
        self.keys.n.max(self.keys.d)
    }
}

impl Need {
    /// Why `world` does not have it; `None` where it does.
    pub(super) fn unmet(self, world: &World<'_>) -> Option<Refusal> {
        let refusal = |why: String, remedy: String| Some(Refusal { why, remedy });
        let of_design = |wanted: &str| {
            let why = format!("speaks of design {wanted}, and this design is {}", world.design.name());
            refusal(why, format!("set design.kind = \"{wanted}\", or leave the law out"))
        };
        let of_data = || {
            refusal("speaks of true weights, and y is measured data".to_owned(), "leave the law out, or y".to_owned())
        };
        match (self, world.design, world.target) {
            (Self::Gaussian, DesignSpec::Gaussian, _)
            | (Self::Collinear, DesignSpec::Collinear, _)
            | (Self::PrescribedSpectrum, DesignSpec::Spectrum { .. }, _) => None,
            (Self::Gaussian, ..) => of_design("gaussian"),
            (Self::Collinear, ..) => of_design("collinear"),
            (Self::PrescribedSpectrum, ..) => of_design("spectrum"),
            (Self::Model | Self::NoNoise | Self::Noise, _, TargetSpec::Given(_)) => of_data(),
            (Self::NoNoise, _, TargetSpec::Model { features: Some(features), .. }) => refusal(
                format!("speaks of y = X w, and y is made of {features} features"),
                "leave target.features out".to_owned(),
            ),
            (Self::NoNoise, _, TargetSpec::Model { noise, .. }) if *noise > 0.0 => {
                refusal(format!("speaks of y = X w, and noise is {noise}"), "set target.noise = 0.0".to_owned())
            }
            (Self::Noise, _, TargetSpec::Model { noise, features: None, .. }) if *noise == 0.0 => {
                refusal("speaks of noisy y, and noise is 0".to_owned(), "set target.noise above 0".to_owned())
            }
            (Self::NoWeightDecay, ..) if world.weight_decay > 0.0 => refusal(
                format!("speaks of descent without weight decay, and weight_decay is {}", world.weight_decay),
                "leave descent.weight_decay out".to_owned(),
            ),
            (Self::Model | Self::NoNoise | Self::Noise | Self::NoWeightDecay, ..) => None,
        }
    }
}
