//! The edges of the spectrum of Gaussian matrices: sqrt(n) -+ sqrt(d), as bounds and as limits.

use super::law::{Claim, Law, Need, Relation, Standing, always, limit};
use super::setting::Setting;

/// E sigma_min is not below the lower edge.
pub(super) const DAVIDSON_SZAREK_MIN: Law = Law {
    name: "davidson-szarek-min",
    short: "Davidson and Szarek 2001",
    reference: "Davidson & Szarek, Handbook of the Geometry of Banach Spaces I, 2001, theorem II.13",
    formula: "$E\\,\\sigma_{\\min} \\geq |\\sqrt{n} - \\sqrt{d}|$",
    table: "spectrum",
    quantity: "sigma_min",
    filter: None,
    needs: &[Need::Gaussian],
    domain: "all n and d",
    relation: Relation::AtLeast,
    standing: Standing::Bound,
    claim: Claim::Mean(|setting| Some(lower(setting))),
    judgement: always,
};

/// E sigma_max is not above the upper edge.
pub(super) const DAVIDSON_SZAREK_MAX: Law = Law {
    name: "davidson-szarek-max",
    formula: "$E\\,\\sigma_{\\max} \\leq \\sqrt{n} + \\sqrt{d}$",
    quantity: "sigma_max",
    relation: Relation::AtMost,
    claim: Claim::Mean(|setting| Some(upper(setting))),
    ..DAVIDSON_SZAREK_MIN
};

/// sigma_min tends to the lower edge.
pub(super) const MARCHENKO_PASTUR_MIN: Law = Law {
    name: "marchenko-pastur-min",
    short: "Marchenko-Pastur edge",
    reference: "Marchenko & Pastur, Mat. Sbornik 72, 1967; convergence of the edges: Bai & Yin, Ann. Probab. 21, 1993",
    formula: "$\\sigma_{\\min} \\to |\\sqrt{n} - \\sqrt{d}|$",
    relation: Relation::Equals,
    standing: Standing::Limit("n and d to infinity at a fixed ratio"),
    judgement: limit,
    ..DAVIDSON_SZAREK_MIN
};

/// sigma_max tends to the upper edge.
pub(super) const MARCHENKO_PASTUR_MAX: Law = Law {
    name: "marchenko-pastur-max",
    formula: "$\\sigma_{\\max} \\to \\sqrt{n} + \\sqrt{d}$",
    quantity: "sigma_max",
    claim: Claim::Mean(|setting| Some(upper(setting))),
    ..MARCHENKO_PASTUR_MIN
};

/// kappa tends to the ratio of the edges.
pub(super) const MARCHENKO_PASTUR_KAPPA: Law = Law {
    name: "marchenko-pastur-kappa",
    formula: "$\\kappa \\to \\frac{1 + \\sqrt{\\gamma}}{1 - \\sqrt{\\gamma}}$",
    quantity: "kappa",
    domain: "n other than d; gamma is the smaller of n and d over the larger",
    claim: Claim::Mean(|setting| (setting.keys.n != setting.keys.d).then(|| upper(setting) / lower(setting))),
    ..MARCHENKO_PASTUR_MIN
};

fn lower(setting: &Setting) -> f64 {
    ((setting.keys.n as f64).sqrt() - (setting.keys.d as f64).sqrt()).abs()
}

fn upper(setting: &Setting) -> f64 {
    (setting.keys.n as f64).sqrt() + (setting.keys.d as f64).sqrt()
}
