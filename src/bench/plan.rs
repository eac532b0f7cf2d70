//! Which cases are measured: shapes, batch sizes, the matrices in them, and how often.

use std::fmt;
use std::str::FromStr;

use crate::config::Config;
use crate::design::{DesignSpec, TargetSpec, Weights};
use crate::engine::Precision;
use crate::grid::{Cell, Seeding};

/// Wide and tall, from registers to the edge of a cache.
const DEFAULT_SHAPES: [Shape; 4] =
    [Shape { n: 6, d: 12 }, Shape { n: 32, d: 16 }, Shape { n: 64, d: 32 }, Shape { n: 128, d: 64 }];

/// Bytes of the matrices of one case, at most. Factors and certificates take as much again, twice.
pub const MOST_BYTES: u64 = 512 << 20;

/// Samples a point, at most.
pub const MOST_SAMPLES: usize = 10_000;

/// The seed of the matrices where no config says otherwise.
const SEED: u64 = 2;

/// Whether a case is to be small. The defaults are to take less than a minute in all, and a software adapter takes ten to
/// three hundred times as long as the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The CPU, alone or beside a real GPU.
    Full,
    /// Beside a software adapter.
    Software,
}

impl Extent {
    /// Shapes that are measured where nobody asks for others.
    pub fn shapes(self) -> &'static [Shape] {
        match self {
            Self::Full => &DEFAULT_SHAPES,
            Self::Software => &DEFAULT_SHAPES[..3],
        }
    }

    /// Batch sizes that are measured where nobody asks for others.
    pub fn batches(self) -> &'static [u32] {
        match self {
            Self::Full => &[1, 32, 512],
            Self::Software => &[1, 16],
        }
    }
}

/// n x d.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Rows of X, at least 1.
    pub n: usize,
    /// Columns of X, at least 1.
    pub d: usize,
}

impl FromStr for Shape {
    /// What is wrong, with an example.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shape =
            text.trim().split_once('x').and_then(|(n, d)| Some(Self { n: n.parse().ok()?, d: d.parse().ok()? }));
        match shape {
            Some(Self { n: 0, .. } | Self { d: 0, .. }) => Err("n and d must be at least 1".to_owned()),
            Some(shape) => Ok(shape),
            None => Err("write n x d as `32x16`, several with commas: `32x16,64x32`".to_owned()),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.n, self.d)
    }
}

/// One point of the plan: so many matrices of one shape in one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// Shape of every matrix.
    pub shape: Shape,
    /// As in [`Cell::epsilon`].
    pub epsilon: Option<f64>,
    /// Matrices, at least 1.
    pub batch: u32,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, batch of {}", self.shape, self.batch)
    }
}

/// What is to be measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// In the order of measuring.
    pub cases: Vec<Case>,
    /// Measured samples of every part, at least 1.
    pub samples: usize,
    /// Which matrices.
    pub design: DesignSpec,
    /// Where y comes from; only drawing it is timed.
    pub target: TargetSpec,
    /// How the generators are seeded. Matrix i of a batch is replicate i.
    pub seeding: Seeding,
    /// Working precision of the GPU path; the CPU path has f64. `auto` lets the certificate climb.
    pub precision: Precision,
    /// Wanted relative half-width of sigma_min's enclosure.
    pub rtol: f64,
}

/// Why there is no such plan.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanError {
    /// No samples, or too many of them.
    Samples(usize),
    /// A batch of nothing.
    EmptyBatch,
    /// A batch that no engine should be handed at once.
    TooLarge(Case),
    /// The config has no cell of this shape.
    NotInConfig {
        /// What was asked for.
        shape: Shape,
        /// What there is.
        there_are: Vec<Shape>,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Samples(count) => write!(f, "--samples {count}: give 1 to {MOST_SAMPLES}"),
            Self::EmptyBatch => f.write_str("--batch 0: a batch holds at least 1 matrix"),
            Self::TooLarge(case) => write!(
                f,
                "{case}: more than {} MiB of matrices in one call; choose a smaller --batch or smaller --shapes",
                MOST_BYTES >> 20
            ),
            Self::NotInConfig { shape, there_are } => {
                let shapes: Vec<String> = there_are.iter().take(8).map(ToString::to_string).collect();
                let rest = if there_are.len() > 8 { ", ..." } else { "" };
                write!(f, "--shapes {shape}: the config has no cell of that shape; it has {}{rest}", shapes.join(", "))
            }
        }
    }
}

impl std::error::Error for PlanError {}

impl Plan {
    /// Gaussian matrices of `shapes` in batches of `batches`.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn gaussian(shapes: &[Shape], batches: &[u32], samples: usize) -> Result<Self, PlanError> {
        let plan = Self {
            cases: Vec::new(),
            samples,
            design: DesignSpec::Gaussian,
            target: TargetSpec::Model { weights: Weights::Normal, noise: 0.1, features: None },
            seeding: Seeding::Keyed(SEED),
            precision: Precision::Auto,
            rtol: 1e-6,
        };
        plan.with_cases(shapes.iter().map(|&shape| (shape, None)), batches)
    }

    /// The design, the target, the seed and the shapes of `config`, or those of its shapes that `only` lists. Of several
    /// cells of one shape (over epsilon) the first is taken.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn of_config(config: &Config, only: &[Shape], batches: &[u32], samples: usize) -> Result<Self, PlanError> {
        let plan = Self {
            cases: Vec::new(),
            samples,
            design: config.design.clone(),
            target: config.target.clone(),
            seeding: config.grid.seeding,
            precision: config.engine.precision,
            rtol: config.engine.rtol,
        };
        let mut there_are: Vec<(Shape, Option<f64>)> = config.grid.cells.iter().map(shape_of).collect();
        // Cells are sorted by (n, d, epsilon): those of one shape stand together.
        there_are.dedup_by_key(|(shape, _)| *shape);
        if only.is_empty() {
            return plan.with_cases(there_are.into_iter(), batches);
        }
        let chosen: Result<Vec<_>, PlanError> = only
            .iter()
            .map(|shape| {
                there_are.iter().find(|(there, _)| there == shape).copied().ok_or_else(|| PlanError::NotInConfig {
                    shape: *shape,
                    there_are: there_are.iter().map(|(shape, _)| *shape).collect(),
                })
            })
            .collect();
        plan.with_cases(chosen?.into_iter(), batches)
    }

    /// Every shape once, in the order of measuring.
    pub fn shapes(&self) -> impl Iterator<Item = Shape> {
        let alike = self.cases.chunk_by(|a, b| a.shape == b.shape);
        alike.map(|cases| cases[0].shape)
    }

    fn with_cases(
        mut self,
        shapes: impl Iterator<Item = (Shape, Option<f64>)>,
        batches: &[u32],
    ) -> Result<Self, PlanError> {
        if !(1..=MOST_SAMPLES).contains(&self.samples) {
            return Err(PlanError::Samples(self.samples));
        }
        if batches.contains(&0) {
            return Err(PlanError::EmptyBatch);
        }
        for (shape, epsilon) in shapes {
            for &batch in batches {
                let case = Case { shape, epsilon, batch };
                let entries = (shape.n as u64).saturating_mul(shape.d as u64).saturating_mul(u64::from(batch));
                if entries.saturating_mul(8) > MOST_BYTES {
                    return Err(PlanError::TooLarge(case));
                }
                self.cases.push(case);
            }
        }
        Ok(self)
    }
}

fn shape_of(cell: &Cell) -> (Shape, Option<f64>) {
    (Shape { n: cell.n, d: cell.d }, cell.epsilon)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn shapes_are_read_and_refused_with_the_remedy() {
        assert_eq!("32x16".parse(), Ok(Shape { n: 32, d: 16 }));
        for wrong in ["32", "32x", "x16", "32x16x8", "-1x2", "axb", ""] {
            assert!(wrong.parse::<Shape>().unwrap_err().contains("`32x16`"), "{wrong}");
        }
        assert!("0x4".parse::<Shape>().unwrap_err().contains("at least 1"));
    }

    #[test]
    fn every_shape_meets_every_batch() {
        let plan = Plan::gaussian(&[Shape { n: 6, d: 12 }, Shape { n: 4, d: 2 }], &[1, 8], 3).unwrap();
        let cases: Vec<String> = plan.cases.iter().map(ToString::to_string).collect();
        assert_eq!(cases, ["6x12, batch of 1", "6x12, batch of 8", "4x2, batch of 1", "4x2, batch of 8"]);
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        let shape = [Shape { n: 1024, d: 1024 }];
        assert_eq!(Plan::gaussian(&shape, &[1], 0), Err(PlanError::Samples(0)));
        assert_eq!(Plan::gaussian(&shape, &[1], MOST_SAMPLES + 1), Err(PlanError::Samples(MOST_SAMPLES + 1)));
        assert_eq!(Plan::gaussian(&shape, &[0], 1), Err(PlanError::EmptyBatch));
        assert!(Plan::gaussian(&shape, &[64], 1).is_ok());
        assert!(matches!(Plan::gaussian(&shape, &[65], 1), Err(PlanError::TooLarge(_))));
        let huge = [Shape { n: usize::MAX, d: usize::MAX }];
        assert!(matches!(Plan::gaussian(&huge, &[1], 1), Err(PlanError::TooLarge(_))));
    }

    #[test]
    fn a_config_gives_its_design_and_each_of_its_shapes_once() {
        let text = "[design]\nkind = \"collinear\"\nseed = 5\n[grid]\nn = [8, 9]\nd = 4\nepsilon = [1e-6, 1e-3]\n";
        let config = Config::parse(text, Path::new("a.toml"), &[]).unwrap();
        let plan = Plan::of_config(&config, &[], &[2], 4).unwrap();
        assert_eq!((plan.design.clone(), plan.seeding), (DesignSpec::Collinear, Seeding::Keyed(5)));
        let eight = Case { shape: Shape { n: 8, d: 4 }, epsilon: Some(1e-6), batch: 2 };
        assert_eq!(plan.cases, [eight, Case { shape: Shape { n: 9, d: 4 }, ..eight }]);
        assert_eq!(Plan::of_config(&config, &[eight.shape], &[2], 4).unwrap().cases, [eight]);
        let missing = Plan::of_config(&config, &[Shape { n: 5, d: 5 }], &[2], 4).unwrap_err();
        assert!(missing.to_string().ends_with("it has 8x4, 9x4"), "{missing}");
    }
}
