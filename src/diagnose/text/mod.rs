//! A report for people: findings first, then what they rest on; no line is wider than 100 columns.

mod columns;
mod ridge;

use super::words::{at_least, at_most, fitting, interval, percent, short, wrapped};
use super::{Fit, Report};
use crate::certify::Bounds;

/// Singular values that are all shown; of more, the first and the last few.
const MOST_SIGMAS: usize = 12;
/// Weights that are shown.
const MOST_WEIGHTS: usize = 40;
/// Solutions side by side.
const SOLUTIONS_ABREAST: usize = 4;

impl Report {
    /// The report on `file`, several lines without a line feed at the end.
    pub fn to_text(&self, file: &str) -> String {
        let mut lines = vec![format!("{file}: {} x {}{}", self.n, self.d, self.dropped_text())];
        for finding in &self.findings {
            lines.extend(wrapped("  ", &format!("{}: {}", finding.severity.name(), finding.sentence)));
        }
        lines.extend([String::new(), "condition".to_owned()]);
        lines.extend(wrapped("  ", &self.kappa_text()));
        lines.extend(wrapped("  ", &self.gram_text()));
        lines.push(format!("  status {}, route {}", self.status.name(), self.route));
        lines.extend(self.sigma_lines());
        lines.extend(self.column_lines());
        if let Some(fit) = &self.fit {
            lines.extend(self.fit_lines(fit));
        }
        lines.extend(self.ridge_lines());
        lines.join("\n")
    }

    fn dropped_text(&self) -> String {
        match self.rows_dropped {
            0 => String::new(),
            dropped => format!(", after {dropped} of {} rows were dropped for a missing value", self.n + dropped),
        }
    }

    /// The verdict on the rank, with what it rests on.
    pub(super) fn rank_text(&self) -> String {
        let (least, greatest) = self.rank_bounds;
        let Some(rank) = self.rank else {
            // sigma_1 has the largest bound of all.
            let in_range = self.sigmas.first().is_some_and(|sigma| sigma.hi.is_finite());
            let why = if in_range {
                "the iteration did not end"
            } else {
                "sigma_max may exceed the range of f64; divide X by a power of ten"
            };
            return format!("rank unknown: {why}. The bounds below hold all the same");
        };
        let most = self.n.min(self.d);
        if least < greatest {
            return format!(
                "rank {rank}, not certain: between {least} and {greatest} of {most} singular values count as nonzero \
                 beside the largest"
            );
        }
        let last = self.sigma_min();
        if rank == most {
            let free = if self.n < self.d {
                format!(
                    "; {} more columns than rows leave {} directions of the weights free",
                    self.d - self.n,
                    self.d - rank
                )
            } else {
                String::from(": no column depends on the others")
            };
            return format!("rank {rank} of {most}, certified{free}");
        }
        let how = if last.hi == 0.0 {
            "exactly".to_owned()
        } else if last.lo > 0.0 {
            format!(
                "for f64: the stored X has full rank, but its smallest singular value {} counts as 0 beside the largest",
                at_least(last.lo)
            )
        } else {
            format!("at f64's precision: the smallest singular value is at most {}, and may be 0", at_most(last.hi))
        };
        format!("rank {rank} of {most}, certified; rank deficient {how}")
    }

    fn kappa_text(&self) -> String {
        let Bounds { lo, hi } = self.kappa_bounds;
        let enclosed = match (lo, hi) {
            (Some(lo), Some(hi)) if hi.is_finite() => format!("between {} and {}", at_least(lo), at_most(hi)),
            (Some(lo), _) => format!("at least {}, no upper bound", at_least(lo)),
            _ => return "kappa: a matrix of zeros has no condition number".to_owned(),
        };
        match self.kappa {
            Some(kappa) => format!("kappa {} ({enclosed})", short(kappa)),
            None => format!("kappa {enclosed}"),
        }
    }

    /// What became of kappa in X'X.
    fn gram_text(&self) -> String {
        if self.n < self.d {
            return "X'X is singular, as for every X with fewer rows than columns".to_owned();
        }
        let measured = match self.kappa_gram {
            Some(kappa) if kappa.is_finite() => format!("kappa(X'X) as measured {}", short(kappa)),
            Some(_) => "X'X as measured is singular".to_owned(),
            None => return "X'X is 0".to_owned(),
        };
        format!("{measured}, kappa^2 {}", interval(self.kappa_squared))
    }

    fn sigma_lines(&self) -> Vec<String> {
        let count = self.sigmas.len();
        let mut lines = vec![String::new(), format!("{:>6}  {:<24}{:<24}{}", "sigma", "value", "at least", "at most")];
        for (i, sigma) in self.sigmas.iter().enumerate() {
            let ends = MOST_SIGMAS / 2;
            if count > MOST_SIGMAS && (ends..count - ends).contains(&i) {
                if i == ends {
                    lines.push(format!("{:>6}  {} more", "...", count - 2 * ends));
                }
                continue;
            }
            // An enclosure that contains 0 supports no digit of the value.
            let value = match sigma.value {
                Some(value) if sigma.lo > 0.0 || sigma.hi == 0.0 => format!("{value:e}"),
                Some(_) => "not resolved".to_owned(),
                None => "not known".to_owned(),
            };
            lines.push(format!("{:>6}  {value:<24}{:<24}{:e}", i + 1, format!("{:e}", sigma.lo), sigma.hi));
        }
        lines
    }

    fn fit_lines(&self, fit: &Fit) -> Vec<String> {
        let share =
            fit.irreducible_fraction.map_or_else(String::new, |share| format!(", {} of ||y||^2", percent(share)));
        let mut lines = vec![String::new()];
        lines.extend(wrapped(
            "",
            &match self.truncated_rank() {
                None => {
                    format!("target {}: no weights explain {} of it{share}", fit.target, short(fit.irreducible_norm))
                }
                Some(rank) => format!(
                    "target {}: weights of rank {rank} leave {} of it{share}",
                    fit.target,
                    short(fit.irreducible_norm)
                ),
            },
        ));
        for solutions in fit.solutions.chunks(SOLUTIONS_ABREAST) {
            let row = |name: &str, values: Vec<String>| {
                let values: Vec<String> = values.iter().map(|value| format!("{value:>18}")).collect();
                format!("  {:<24}{}", fitting(name, 24), values.concat())
            };
            let heading = |lambda: f64| {
                if lambda == 0.0 { "minimum norm".to_owned() } else { format!("lambda {}", short(lambda)) }
            };
            lines.push(row("weights", solutions.iter().map(|s| fitting(&heading(s.lambda), 17)).collect()));
            for (j, name) in self.names.iter().enumerate().take(MOST_WEIGHTS) {
                lines.push(row(name, solutions.iter().map(|s| short(s.w[j])).collect()));
            }
            if self.d > MOST_WEIGHTS {
                lines.push(format!("  and {} more; --json has them all", self.d - MOST_WEIGHTS));
            }
            lines.push(row("residual norm", solutions.iter().map(|s| short(s.residual_norm)).collect()));
        }
        lines
    }
}
