//! Axes -> cells -> trials -> shards. Pure bookkeeping: nothing random here and nothing of TOML.

mod shard;

use std::fmt;

pub use shard::{Deal, Shard, Share};

use crate::rng::Generator;

/// One combination of the axes that make a matrix, with the measuring axes that apply to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Observations: rows of X, at least 1.
    pub n: usize,
    /// Features: columns of X, at least 1.
    pub d: usize,
    /// Size of the independent part of a nearly dependent column (or of the noise of a low-rank design);
    /// `None` where the grid has no such axis.
    pub epsilon: Option<f64>,
    /// Ridge penalties, ascending, finite, at least 0.
    pub lambda: Vec<f64>,
    /// Relative perturbation sizes, ascending, finite, at least 0.
    pub delta: Vec<f64>,
    /// Lengths of the null steps, ascending, finite.
    pub alpha: Vec<f64>,
}

/// How a trial's generator is seeded (`[design] seed` or `rng`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeding {
    /// `np.random.default_rng([seed, n, d, replicate])`: the default.
    Keyed(u64),
    /// `np.random.default_rng(seed)` as it is, for reproducing a script; one replicate only.
    Numpy(u64),
}

/// Purposes of a trial's further streams: `default_rng([seed, n, d, replicate, stream])`, or
/// `default_rng([seed, stream])` under [`Seeding::Numpy`]. A table that needs random numbers takes them from its own
/// stream, so that asking for one table never changes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Stream {
    /// Directions of the perturbations of y and X, in this order.
    Perturbation = 1,
    /// The direction inside the null space.
    NullSpace = 2,
    /// The random start of gradient descent.
    Descent = 3,
    /// What table `selection` draws, each from a part of its own ([`Seeding::part`]): 1 the random start, 2 the null
    /// direction, 3 the orders of mini-batches, 4 the test rows.
    Selection = 4,
}

/// The grid of a run: cells sorted by (n, d, epsilon), each with the same number of replicates.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Sorted by (n, d, epsilon), no two alike.
    pub cells: Vec<Cell>,
    /// Redraws per cell, at least 1.
    pub replicates: u32,
    /// How trials are seeded.
    pub seeding: Seeding,
}

/// One X of the sweep: shared by every lambda, delta and alpha of its cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Position in key order (n, d, epsilon, replicate), from 0.
    pub index: usize,
    /// Position of its cell in [`Grid::cells`].
    pub cell: usize,
    /// Rows of X.
    pub n: usize,
    /// Columns of X.
    pub d: usize,
    /// As in [`Cell::epsilon`].
    pub epsilon: Option<f64>,
    /// Redraw index, from 0.
    pub replicate: u32,
}

/// By its key, as the tables show it.
impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n, d, epsilon, replicate, .. } = self;
        let epsilon = epsilon.map_or(String::new(), |epsilon| format!(", epsilon = {epsilon:e}"));
        write!(f, "n = {n}, d = {d}{epsilon}, replicate = {replicate}")
    }
}

impl Grid {
    /// Number of trials: cells times replicates.
    pub fn trial_count(&self) -> usize {
        self.cells.len() * self.replicates as usize
    }

    /// The trial at `index` in key order.
    ///
    /// # Panics
    /// If `index` is not below [`Grid::trial_count`].
    pub fn trial(&self, index: usize) -> Trial {
        let replicates = self.replicates as usize;
        let cell = index / replicates;
        let Cell { n, d, epsilon, .. } = self.cells[cell];
        #[expect(clippy::cast_possible_truncation, reason = "a remainder by a u32 fits a u32")]
        let replicate = (index % replicates) as u32;
        Trial { index, cell, n, d, epsilon, replicate }
    }

    /// The trials of `shard`, or all of them.
    pub fn share(&self, shard: Option<Shard>) -> Share {
        shard.map_or_else(|| Share::whole(self.trial_count()), |shard| Share::of_shard(self, shard))
    }

    /// All trials in key order.
    pub fn trials(&self) -> impl ExactSizeIterator<Item = Trial> + '_ {
        (0..self.trial_count()).map(|index| self.trial(index))
    }
}

impl Seeding {
    /// The generator that draws X, then w, then the noise, then the extras of the design.
    pub fn generator(self, trial: &Trial) -> Generator {
        Generator::from_entropy(&self.entropy(trial))
    }

    /// The generator of one of the trial's further streams.
    pub fn stream(self, trial: &Trial, stream: Stream) -> Generator {
        let mut entropy = self.entropy(trial);
        entropy.push(stream as u64);
        Generator::from_entropy(&entropy)
    }

    /// The generator of part `part`, from 1, of a stream: `default_rng([seed, n, d, replicate, stream, part])`, or
    /// `default_rng([seed, stream, part])` under [`Seeding::Numpy`]. How much one part draws never changes another.
    pub fn part(self, trial: &Trial, stream: Stream, part: u64) -> Generator {
        let mut entropy = self.entropy(trial);
        entropy.extend([stream as u64, part]);
        Generator::from_entropy(&entropy)
    }

    fn entropy(self, trial: &Trial) -> Vec<u64> {
        match self {
            Self::Keyed(seed) => vec![seed, trial.n as u64, trial.d as u64, u64::from(trial.replicate)],
            Self::Numpy(seed) => vec![seed],
        }
    }
}
