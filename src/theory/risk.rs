//! The error of least squares and ridge at a new x, for Gaussian X: exact means and their limits.
//!
//! With E over X, w and the noise: r2 = E ||w||^2, s2 = the variance of everything in y that the features of X do not
//! explain (noise, and features that X lacks).

use super::law::{Claim, Law, Need, Relation, Standing, limit};
use super::ridge::{expected_risk, tails};
use super::setting::Setting;

/// Ridgeless least squares at any size, on both sides of the peak.
pub(super) const BELKIN: Law = Law {
    name: "belkin-hsu-xu-2020",
    short: "Belkin, Hsu and Xu 2020",
    reference: "Belkin, Hsu & Xu, SIAM J. Math. Data Sci. 2, 2020, Gaussian model",
    formula: "$s^2 (1 + \\frac{d}{n-d-1})$, $r^2 (1 - \\frac{n}{d}) + s^2 (1 + \\frac{n}{d-n-1})$",
    table: "ridge",
    quantity: "test_mse",
    filter: Some("lambda == 0"),
    needs: &[Need::Gaussian, Need::Model],
    domain: "|n - d| at least 2: between, the mean is infinite",
    relation: Relation::Equals,
    standing: Standing::Exact,
    claim: Claim::Mean(least_squares),
    judgement: tails,
};

/// The limit of the same.
pub(super) const HASTIE_RIDGELESS: Law = Law {
    name: "hastie-ridgeless",
    short: "Hastie et al. 2022, limit",
    reference: "Hastie, Montanari, Rosset & Tibshirani, Ann. Stat. 50, 2022, isotropic features",
    formula: "$s^2 (1 + \\frac{\\gamma}{1-\\gamma})$, $r^2 (1 - \\frac{1}{\\gamma}) + s^2 (1 + \\frac{1}{\\gamma-1})$",
    domain: "n other than d; gamma = d / n",
    standing: Standing::Limit("n and d to infinity at a fixed ratio"),
    judgement: limit,
    claim: Claim::Mean(|setting| {
        let (ratio, Truth { r2, s2 }) = (ratio(setting), truth(setting)?);
        let risk = match ratio {
            _ if ratio < 1.0 => s2 * ratio / (1.0 - ratio),
            _ if ratio > 1.0 => r2 * (1.0 - 1.0 / ratio) + s2 / (ratio - 1.0),
            _ => return None,
        };
        Some(risk + s2)
    }),
    ..BELKIN
};

/// Ridge in the limit.
pub(super) const HASTIE_RIDGE: Law = Law {
    name: "hastie-ridge",
    reference: "Hastie, Montanari, Rosset & Tibshirani, Ann. Stat. 50, 2022, isotropic features; Dobriban & Wager, Ann. Stat. 46, 2018",
    formula: "$r^2 l^2 m' + s^2 \\gamma (m - l m') + s^2$, $l = \\lambda / n$",
    filter: Some("lambda > 0"),
    domain: "lambda above 0; gamma = d / n",
    claim: Claim::Mean(|setting| {
        let (ratio, Truth { r2, s2 }) = (ratio(setting), truth(setting)?);
        let penalty = positive(setting.keys.lambda)? / setting.keys.n as f64;
        let (m, slope) = stieltjes(ratio, penalty);
        Some(r2 * penalty * penalty * slope + s2 * ratio * (m - penalty * slope) + s2)
    }),
    ..HASTIE_RIDGELESS
};

/// No penalty has less risk than the best, lambda = s2 d / r2.
pub(super) const DOBRIBAN_WAGER: Law = Law {
    name: "dobriban-wager",
    short: "best penalty, limit",
    reference: "Dobriban & Wager, Ann. Stat. 46, 2018",
    formula: "$s^2 (1 + \\gamma m(-l))$ at $l = s^2 \\gamma / r^2$",
    filter: None,
    needs: &[Need::Gaussian, Need::Noise],
    domain: "all n, d and lambda; gamma = d / n",
    relation: Relation::AtLeast,
    claim: Claim::Mean(|setting| {
        let (ratio, Truth { r2, s2 }) = (ratio(setting), truth(setting)?);
        let best = positive((r2 > 0.0).then(|| s2 * ratio / r2))?;
        Some(s2 * (1.0 + ratio * stieltjes(ratio, best).0))
    }),
    ..HASTIE_RIDGELESS
};

/// Ridge at any size.
pub(super) const GAUSSIAN_RIDGE: Law = Law {
    name: "gaussian-ridge-risk",
    short: "exact mean",
    reference: "Hastie, Montanari, Rosset & Tibshirani, Ann. Stat. 50, 2022 (given X); mean over X: docs/theory.md",
    formula: "$E (\\mathrm{bias}^2 + \\mathrm{variance}) + s^2$ by Pfaffians",
    filter: None,
    domain: "lambda at least 1e-14, min(n, d) up to 256, max(n, d) up to 100000; lambda = 0 with |n - d| at least 2",
    claim: Claim::Mean(|setting| match setting.keys.lambda {
        Some(0.0) => least_squares(setting),
        lambda => {
            let Truth { r2, s2 } = truth(setting)?;
            expected_risk(setting, lambda?, r2, s2).map(|risk| risk + s2)
        }
    }),
    ..BELKIN
};

/// Signal and noise.
struct Truth {
    r2: f64,
    s2: f64,
}

fn truth(setting: &Setting) -> Option<Truth> {
    Some(Truth { r2: setting.signal?, s2: setting.noise? + setting.hidden })
}

/// Of the minimum-norm least-squares solution.
fn least_squares(setting: &Setting) -> Option<f64> {
    let Truth { r2, s2 } = truth(setting)?;
    let (n, d) = (setting.keys.n, setting.keys.d);
    let (rows, columns) = (n as f64, d as f64);
    if n >= d + 2 {
        Some(s2 * (1.0 + columns / (rows - columns - 1.0)))
    } else if d >= n + 2 {
        Some(r2 * (1.0 - rows / columns) + s2 * (1.0 + rows / (columns - rows - 1.0)))
    } else {
        None
    }
}

fn ratio(setting: &Setting) -> f64 {
    setting.keys.d as f64 / setting.keys.n as f64
}

fn positive(x: Option<f64>) -> Option<f64> {
    x.filter(|x| *x > 0.0)
}

/// m(-l) and m'(-l): the Stieltjes transform of the Marchenko-Pastur law of ratio g and its derivative, m being the positive
/// root of g l m^2 + (1 - g + l) m = 1.
fn stieltjes(g: f64, l: f64) -> (f64, f64) {
    let b = 1.0 - g + l;
    let root = (b * b + 4.0 * g * l).sqrt();
    // Of the two forms of the root the one without cancellation.
    let m = if b > 0.0 { 2.0 / (b + root) } else { (root - b) / (2.0 * g * l) };
    // Differentiated along l, where dm/dl = -m'.
    (m, (g * m * m + m) / (2.0 * g * l * m + b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stieltjes_transform_solves_its_equation_and_has_the_slope_it_says() {
        for g in [0.1, 0.9, 1.0, 3.0] {
            for l in [1e-6, 0.1, 10.0] {
                let (m, slope) = stieltjes(g, l);
                assert!((g * l * m * m + (1.0 - g + l) * m - 1.0).abs() < 1e-9, "g = {g}, l = {l}");
                let h = 1e-4 * l;
                let difference = (stieltjes(g, l - h).0 - stieltjes(g, l + h).0) / (2.0 * h);
                assert!((slope / difference - 1.0).abs() < 1e-6, "g = {g}, l = {l}: {slope} against {difference}");
            }
        }
    }
}
