//! What laws are told about a row: its keys, and of the run what they depend on.

use super::law::Need;
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
            TargetSpec::Model { weights, noise } => {
                Setting { keys, noise: Some(noise * noise), signal: Some(squared_norm(weights, keys.d)), hidden: 0.0 }
            }
        }
    }
}

/// E ||w||^2 for d features.
fn squared_norm(weights: &Weights, d: usize) -> f64 {
    match weights {
        Weights::Normal | Weights::Ones => d as f64,
        Weights::Sparse { nonzeros } => d.min(*nonzeros) as f64,
        Weights::List(w) => w.iter().map(|w| w * w).sum(),
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
    /// Why `world` does not have it, with the remedy; `None` where it does.
    pub(super) fn unmet(self, world: &World<'_>) -> Option<String> {
        let kind = |wanted: &str| {
            format!(
                "speaks of design {wanted}, and the design is {}: set design.kind = \"{wanted}\"",
                world.design.name()
            )
        };
        let model = match world.target {
            TargetSpec::Given(_) => None,
            TargetSpec::Model { noise, .. } => Some(*noise),
        };
        let measured = || "speaks of true weights, and y is measured data: leave out target.y".to_owned();
        match (self, world.design) {
            (Self::Gaussian, DesignSpec::Gaussian)
            | (Self::Collinear, DesignSpec::Collinear)
            | (Self::PrescribedSpectrum, DesignSpec::Spectrum { .. }) => None,
            (Self::Gaussian, _) => Some(kind("gaussian")),
            (Self::Collinear, _) => Some(kind("collinear")),
            (Self::PrescribedSpectrum, _) => Some(kind("spectrum")),
            (Self::Model | Self::AllFeatures, _) => model.is_none().then(measured),
            (Self::NoNoise, _) => match model {
                Some(0.0) => None,
                Some(noise) => Some(format!(
                    "speaks of y = X w without noise, and target.noise is {noise}: set target.noise = 0.0"
                )),
                None => Some(measured()),
            },
            (Self::Noise, _) => match model {
                Some(0.0) => Some("speaks of noisy y, and target.noise is 0: set target.noise above 0".to_owned()),
                Some(_) => None,
                None => Some(measured()),
            },
            (Self::NoWeightDecay, _) => (world.weight_decay != 0.0).then(|| {
                format!(
                    "speaks of descent without weight decay, and descent.weight_decay is {}: leave it out",
                    world.weight_decay
                )
            }),
        }
    }
}
