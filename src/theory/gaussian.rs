//! Extreme singular values of Gaussian matrices at finite size.

use super::law::{Claim, Law, Need, Relation, Standing, always};
use super::setting::Setting;
use super::wishart::{Extreme, extremes};

const REFERENCE: &str = "James, Ann. Math. Stat. 35, 1964 (density); de Bruijn, J. Indian Math. Soc. 19, 1955 (Pfaffians); \
                         docs/theory.md";
const DOMAIN: &str = "min(n, d) up to 256, max(n, d) up to 100000";

/// E sigma_min.
pub(super) const SIGMA_MIN: Law = Law {
    name: "gaussian-sigma-min",
    short: "exact mean",
    reference: REFERENCE,
    formula: "$E\\,\\sigma_{\\min}$ by Pfaffians",
    table: "spectrum",
    quantity: "sigma_min",
    filter: None,
    needs: &[Need::Gaussian],
    domain: DOMAIN,
    relation: Relation::Equals,
    standing: Standing::Exact,
    claim: Claim::Mean(|setting| smallest(setting).map(|smallest| smallest.mean)),
    judgement: always,
};

/// E sigma_max.
pub(super) const SIGMA_MAX: Law = Law {
    name: "gaussian-sigma-max",
    formula: "$E\\,\\sigma_{\\max}$ by Pfaffians",
    quantity: "sigma_max",
    claim: Claim::Mean(|setting| extremes(setting.keys.n, setting.keys.d).map(|extremes| extremes.largest.mean)),
    ..SIGMA_MIN
};

/// E log kappa.
pub(super) const LOG_KAPPA: Law = Law {
    name: "gaussian-log-kappa",
    formula: "$E\\log\\kappa$ by Pfaffians",
    quantity: "log(kappa)",
    claim: Claim::Mean(|setting| {
        let extremes = extremes(setting.keys.n, setting.keys.d)?;
        Some(extremes.largest.mean_log - extremes.smallest.mean_log)
    }),
    ..SIGMA_MIN
};

/// Of the smallest singular value of the setting's X.
pub(super) fn smallest(setting: &Setting) -> Option<Extreme> {
    extremes(setting.keys.n, setting.keys.d).map(|extremes| extremes.smallest)
}
