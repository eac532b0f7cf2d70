//! Whether X'X may be formed.

use super::{Finding, Kind, Severity};
use crate::diagnose::Report;

/// Decimal digits of f64: -log10 of the unit roundoff.
const ALL_DIGITS: f64 = 15.95;
/// Fewer digits than this are not enough for a weight.
const ENOUGH: f64 = 6.0;

/// What normal equations leave of the digits of f64, as a rule of thumb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 6 digits or more.
    Safe,
    /// Fewer.
    Costly,
    /// None.
    NotSafe,
}

impl Verdict {
    /// The words that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Costly => "costly",
            Self::NotSafe => "not safe",
        }
    }
}

impl Report {
    /// Digits that 15.95 - `power` log10(kappa) leaves, kappa being its upper bound with columns of unit length where that is known, else as X
    /// stands: the lengths of columns cost neither QR nor Cholesky a digit (van der Sluis 1969).
    pub(in crate::diagnose) fn digits_left(&self, power: f64) -> f64 {
        let scaled = self.analysis.as_ref().and_then(|analysis| {
            let scaled = &analysis.scaled;
            scaled.kappa.map_or_else(|| scaled.kappa_computed(), |bounds| bounds.hi)
        });
        let kappa = match (scaled, self.kappa_bounds.hi) {
            (Some(scaled), Some(as_it_is)) => scaled.min(as_it_is),
            (scaled, as_it_is) => scaled.or(as_it_is).unwrap_or(f64::INFINITY),
        };
        (ALL_DIGITS - power * kappa.log10()).floor().max(0.0)
    }

    /// Whether normal equations are safe for X; never for n < d.
    pub fn normal_equations(&self) -> Verdict {
        match self.digits_left(2.0) {
            _ if self.n < self.d => Verdict::NotSafe,
            0.0 => Verdict::NotSafe,
            digits if digits < ENOUGH => Verdict::Costly,
            _ => Verdict::Safe,
        }
    }
}

/// A note where they are safe, else a warning.
pub(super) fn finding(report: &Report) -> Finding {
    let verdict = report.normal_equations();
    let [normal, qr] = [2.0, 1.0].map(|power| report.digits_left(power));
    let sentence = if report.n < report.d {
        "X'X is singular, as for every X with fewer rows than columns: normal equations cannot work".to_owned()
    } else {
        format!(
            "normal equations are {}: X'X leaves about {normal} correct digits of the weights, QR or SVD about {qr} where the residual is small",
            verdict.name()
        )
    };
    Finding {
        kind: Kind::NormalEquations,
        severity: if verdict == Verdict::Safe { Severity::Note } else { Severity::Warning },
        sentence,
        columns: Vec::new(),
        evidence: vec![("digits_normal_equations", normal), ("digits_qr", qr)],
    }
}
