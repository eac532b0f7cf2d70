//! (X, V) -> an enclosure of every singular value (types first; the bound is being written by its owner).

use crate::engine::Factors;

/// What is known for certain about the singular values of one stored X.
#[derive(Clone, Debug, PartialEq)]
pub struct Enclosure {
    /// Lower bounds, min(n, d) long, nonincreasing; 0 where nothing better can be said.
    pub lo: Vec<f64>,
    /// Upper bounds, min(n, d) long, nonincreasing.
    pub hi: Vec<f64>,
}

/// How far the numbers of a row can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The enclosure of sigma_min has relative half-width at most `rtol`.
    Ok,
    /// The enclosure holds, but is wider than `rtol` after everything that the precision allows was tried.
    Wide,
    /// The enclosure of sigma_min contains 0: no number is claimed for sigma_min and kappa.
    Unresolved,
    /// Nothing could be computed.
    Failed,
}

impl Status {
    /// The word that tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Wide => "wide",
            Self::Unresolved => "unresolved",
            Self::Failed => "failed",
        }
    }
}

/// Factors with their certificate.
#[derive(Clone, Debug)]
pub struct Certified {
    /// Singular values, V and diagnostics of the last rung that was climbed.
    pub factors: Factors,
    /// Bounds that contain the exact singular values of the stored X.
    pub enclosure: Enclosure,
    /// What may be said of sigma_min.
    pub status: Status,
}
