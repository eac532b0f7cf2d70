//! What ridge does to a Gaussian X on average over X, at any size: sums over singular values, by their exact density.
//!
//! The right singular vectors of a Gaussian X are uniform and independent of the singular values, so a fixed w has the share
//! ||w||^2 / d along each on average.

use super::law::{Claim, Judgement, Law, Need, Relation, Standing, always};
use super::setting::Setting;
use super::wishart::{LEAST_LAMBDA, density};

/// E sum sigma^2 / (sigma^2 + lambda).
pub(super) const EFFECTIVE_DF: Law = Law {
    name: "gaussian-effective-df",
    short: "exact mean",
    reference: "James, Ann. Math. Stat. 35, 1964 (density); mean over X: docs/theory.md",
    formula: "$E \\sum \\frac{\\sigma^2}{\\sigma^2 + \\lambda}$ by Pfaffians",
    table: "ridge",
    quantity: "effective_df",
    filter: None,
    needs: &[Need::Gaussian],
    domain: "lambda 0 or at least 1e-14, min(n, d) up to 256, max(n, d) up to 100000",
    relation: Relation::Equals,
    standing: Standing::Exact,
    claim: Claim::Mean(|setting| match setting.keys.lambda? {
        0.0 => Some(setting.smaller() as f64),
        lambda => sum(setting, lambda, |s| s * s / (s * s + lambda)),
    }),
    judgement: always,
};

/// E of the variance given X.
pub(super) const VARIANCE: Law = Law {
    name: "gaussian-ridge-variance",
    formula: "$s^2 E \\sum \\frac{\\sigma^2}{(\\sigma^2 + \\lambda)^2}$ by Pfaffians",
    quantity: "variance",
    needs: &[Need::Gaussian, Need::Model],
    domain: "lambda at least 1e-14, min(n, d) up to 256, max(n, d) up to 100000; lambda = 0 with |n - d| at least 2",
    claim: Claim::Mean(|setting| {
        let noise = setting.noise? + setting.hidden;
        match setting.keys.lambda? {
            0.0 => {
                let (p, q) = (setting.larger(), setting.smaller());
                (p >= q + 2).then(|| noise * q as f64 / (p - q - 1) as f64)
            }
            lambda => sum(setting, lambda, |s| (s / (s * s + lambda)).powi(2)).map(|sum| noise * sum),
        }
    }),
    judgement: tails,
    ..EFFECTIVE_DF
};

/// E of the squared bias given X.
pub(super) const BIAS: Law = Law {
    name: "gaussian-ridge-bias",
    formula: "$\\frac{r^2}{d} (E \\sum \\frac{\\lambda^2}{(\\sigma^2 + \\lambda)^2} + d - \\min(n, d))$ by Pfaffians",
    quantity: "bias2",
    needs: &[Need::Gaussian, Need::Model],
    claim: Claim::Mean(|setting| bias(setting, setting.keys.lambda?, setting.signal?)),
    ..EFFECTIVE_DF
};

/// E ||w_lambda - w||^2 for r2 = E ||w||^2 and noise of variance s2, lambda above 0.
pub(super) fn expected_risk(setting: &Setting, lambda: f64, r2: f64, s2: f64) -> Option<f64> {
    let variance = sum(setting, lambda, |s| (s / (s * s + lambda)).powi(2))?;
    Some(bias(setting, lambda, r2)? + s2 * variance)
}

fn bias(setting: &Setting, lambda: f64, r2: f64) -> Option<f64> {
    let within = match lambda {
        0.0 => 0.0,
        _ => sum(setting, lambda, |s| (lambda / (s * s + lambda)).powi(2))?,
    };
    let beyond = (setting.keys.d - setting.smaller()) as f64;
    Some(r2 / setting.keys.d as f64 * (within + beyond))
}

fn sum(setting: &Setting, lambda: f64, f: impl Fn(f64) -> f64) -> Option<f64> {
    if lambda < LEAST_LAMBDA {
        return None;
    }
    density(setting.keys.n, setting.keys.d).map(|density| density.sum(f))
}

/// Most that E sum f^4 may be of (E sum f^2)^2, f the terms of the variance.
const MOST_KURTOSIS: f64 = 10.0;

/// Whether a mean of the variance over a few hundred X is near normal. It is a sum of f(sigma) = sigma^2 / (sigma^2 +
/// lambda)^2, which a rare small singular value may dominate: the density of sigma near 0 is of the order sigma^|n - d|, so
/// that without a penalty f^4 has an expectation only from |n - d| = 8 on. Without one, the standard error is as unreliable
/// as the mean: both miss what has not occurred yet.
pub(super) fn tails(setting: &Setting) -> Judgement {
    const HEAVY: Judgement = Judgement::NotJudged("rare small singular values carry the mean: heavy tails");
    if setting.noise == Some(0.0) && setting.hidden == 0.0 {
        return Judgement::Judged;
    }
    let lambda = setting.keys.lambda.unwrap_or(0.0);
    if lambda < LEAST_LAMBDA && setting.larger() - setting.smaller() < 8 {
        return Judgement::NotJudged("the fourth moment of 1 / sigma_min^2 is infinite where |n - d| < 8");
    }
    let Some(density) = density(setting.keys.n, setting.keys.d) else {
        // Shapes that are not computed are large: their smallest singular value is near the edge.
        return if setting.larger() - setting.smaller() >= 64 { Judgement::Judged } else { HEAVY };
    };
    let f = |s: f64| (s / (s * s + lambda)).powi(2);
    let kurtosis = density.sum(|s| f(s).powi(4)) / density.sum(|s| f(s).powi(2)).powi(2);
    if kurtosis <= MOST_KURTOSIS { Judgement::Judged } else { HEAVY }
}
