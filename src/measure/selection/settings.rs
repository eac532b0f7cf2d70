//! What `[selection]` may ask for: plain, already checked data.

use crate::grid::Cell;

/// A method that picks one of the solutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chooser {
    /// The shortest of all least-squares solutions, w0.
    MinNorm,
    /// Least squares with a squared penalty, one row per lambda of the cell.
    Ridge,
    /// Gradient descent from 0.
    GdZero,
    /// Gradient descent from a random start.
    GdRandom,
    /// Gradient descent with weight decay from the same random start.
    GdDecay,
    /// Stochastic gradient descent in mini-batches from 0.
    SgdZero,
    /// Gradient descent with Polyak's momentum from 0.
    Momentum,
    /// Least squares with an absolute penalty, one row per lambda of the cell.
    Lasso,
    /// Least squares on the leading principal components, one row per share of the variance.
    Pcr,
    /// Gradient descent from 0 in whitened coordinates.
    WhitenedGd,
    /// w0 and a step along a null vector, one row per alpha of the cell.
    NullShifted,
}

impl Chooser {
    /// In the order of the rows, unless a config lists them in another.
    pub const ALL: [Self; 11] = [
        Self::MinNorm,
        Self::Ridge,
        Self::GdZero,
        Self::GdRandom,
        Self::GdDecay,
        Self::SgdZero,
        Self::Momentum,
        Self::Lasso,
        Self::Pcr,
        Self::WhitenedGd,
        Self::NullShifted,
    ];

    /// The name that configs and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::MinNorm => "min-norm",
            Self::Ridge => "ridge",
            Self::GdZero => "gd-zero",
            Self::GdRandom => "gd-random",
            Self::GdDecay => "gd-decay",
            Self::SgdZero => "sgd-zero",
            Self::Momentum => "momentum",
            Self::Lasso => "lasso",
            Self::Pcr => "pcr",
            Self::WhitenedGd => "whitened-gd",
            Self::NullShifted => "null-shifted",
        }
    }
}

/// Which solutions are compared and how far the iterative methods go.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectionSettings {
    /// In the order of their rows.
    pub choosers: Vec<Chooser>,
    /// Fresh observations that test errors are taken over, at least 1.
    pub test_rows: usize,
    /// Step size of `gd-*`, `sgd-zero` and `whitened-gd` as a share of 1 over the largest curvature; above 2 descent diverges.
    pub step: f64,
    /// Share of its first distance to the limit at which an iteration has arrived; its square is the lasso's relative gap.
    pub tolerance: f64,
    /// Steps after which an iteration that has not arrived is given up.
    pub max_steps: u64,
    /// Penalty lambda of the ridge problem that `gd-decay` descends, above 0.
    pub weight_decay: f64,
    /// Rows of a mini-batch of `sgd-zero`, at least 1; all n where that is fewer.
    pub batch_rows: usize,
    /// Shares of the variance of `pcr`, ascending, in (0, 1].
    pub variance_shares: Vec<f64>,
}

impl Default for SelectionSettings {
    /// All choosers, each with the settings that a config has unless it says otherwise.
    fn default() -> Self {
        Self {
            choosers: Chooser::ALL.to_vec(),
            test_rows: 1000,
            step: 1.0,
            tolerance: 1e-6,
            max_steps: 100_000,
            weight_decay: 1.0,
            batch_rows: 8,
            variance_shares: vec![0.9, 1.0],
        }
    }
}

impl SelectionSettings {
    /// Rows of one chooser for one trial of `cell`.
    fn rows_of(&self, chooser: Chooser, cell: &Cell) -> usize {
        match chooser {
            Chooser::Ridge | Chooser::Lasso => cell.lambda.len(),
            Chooser::Pcr => self.variance_shares.len(),
            Chooser::NullShifted => cell.alpha.len(),
            _ => 1,
        }
    }

    /// Rows of the table for one trial of `cell`.
    pub fn rows(&self, cell: &Cell) -> usize {
        self.choosers.iter().map(|&chooser| self.rows_of(chooser, cell)).sum()
    }

    /// Floating-point operations of the iterations for one trial of `cell`, each up to [`SelectionSettings::max_steps`], and of the
    /// test errors: 2 d `test_rows` a row. A step of descent costs 4 n d (X w and X'r) and 3 d (the distance to the limit), a
    /// mini-batch the same for its rows, a pass of the lasso 8 n d (the coordinates, and the residual and X'r of the gap). What is
    /// drawn, and what a row takes once, is not counted.
    pub fn flops_at_most(&self, cell: &Cell) -> f64 {
        let (n, d, steps) = (cell.n as f64, cell.d as f64, self.max_steps as f64);
        let of_chooser = |&chooser: &Chooser| {
            let iterations = match chooser {
                Chooser::GdZero | Chooser::GdRandom | Chooser::GdDecay | Chooser::Momentum => {
                    (4.0 * n + 3.0) * d * steps
                }
                Chooser::WhitenedGd => (4.0 * n + 3.0) * n.min(d) * steps,
                Chooser::SgdZero => (4.0 * (self.batch_rows as f64).min(n) + 3.0) * d * steps,
                Chooser::Lasso => {
                    8.0 * n * d * steps * cell.lambda.iter().filter(|&&lambda| lambda > 0.0).count() as f64
                }
                Chooser::MinNorm | Chooser::Ridge | Chooser::Pcr | Chooser::NullShifted => 0.0,
            };
            iterations + self.rows_of(chooser, cell) as f64 * 2.0 * d * self.test_rows as f64
        };
        self.choosers.iter().map(of_chooser).sum()
    }
}
