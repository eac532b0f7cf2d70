//! The condition number of Gaussian matrices.

use super::law::{Claim, Law, Need, Relation, Standing, always, limit};
use super::setting::Setting;

/// E log kappa of a large square matrix.
pub(super) const EDELMAN: Law = Law {
    name: "edelman-1988",
    short: "Edelman 1988",
    reference: "Edelman, SIAM J. Matrix Anal. Appl. 9, 1988, section 6",
    formula: "$E\\log\\kappa \\to \\log n + 1.537$",
    table: "spectrum",
    quantity: "log(kappa)",
    filter: None,
    needs: &[Need::Gaussian],
    domain: "n = d",
    relation: Relation::Equals,
    standing: Standing::Limit("n to infinity"),
    claim: Claim::Mean(|setting| square(setting).map(|n| n.ln() + EDELMAN_CONSTANT)),
    judgement: limit,
};

/// The distribution of kappa / n of a large square matrix.
pub(super) const EDELMAN_DISTRIBUTION: Law = Law {
    name: "edelman-1988-distribution",
    reference: "Edelman, SIAM J. Matrix Anal. Appl. 9, 1988, section 6",
    formula: "$P(\\kappa / n < x) \\to \\exp(-2/x - 2/x^2)$",
    quantity: "kappa / n",
    claim: Claim::Distribution(|setting, x| {
        square(setting)?;
        Some(if x > 0.0 { (-2.0 / x - 2.0 / (x * x)).exp() } else { 0.0 })
    }),
    ..EDELMAN
};

/// An upper bound of E log kappa for all shapes.
pub(super) const CHEN_DONGARRA: Law = Law {
    name: "chen-dongarra-2005",
    short: "Chen and Dongarra 2005",
    reference: "Chen & Dongarra, SIAM J. Matrix Anal. Appl. 27, 2005",
    formula: "$E\\log\\kappa < \\log\\frac{n}{|n - d| + 1} + 2.258$",
    domain: "min(n, d) at least 2; n is the larger of n and d",
    relation: Relation::AtMost,
    standing: Standing::Bound,
    claim: Claim::Mean(|setting| {
        let (p, q) = (setting.larger(), setting.smaller());
        (q >= 2).then(|| (p as f64 / (p - q + 1) as f64).ln() + 2.258)
    }),
    judgement: always,
    ..EDELMAN
};

/// The mean of log x under P(x) = exp(-2/x - 2/x^2); 1.537 in the paper.
const EDELMAN_CONSTANT: f64 = 1.537_089_435_383_545_6;

fn square(setting: &Setting) -> Option<f64> {
    let n = setting.keys.n;
    (n > 0 && n == setting.keys.d).then_some(n as f64)
}
