//! A nearly duplicate column.

use super::law::{Claim, Judgement, Law, Need, Relation, Standing};
use super::setting::Setting;
use super::special::mean_chi;

/// sigma_min / epsilon tends to ||(I - P) z|| / sqrt 2: the last column is x_1 + epsilon z, P projects on the d - 1 others,
/// and (e_1 - e_d) / sqrt 2 is what tends to be the last singular vector. The length of z in n - d + 1 dimensions is a chi
/// variable.
pub(super) const NEAR_DUPLICATE: Law = Law {
    name: "near-duplicate",
    short: "first order in epsilon",
    reference: "Stewart & Sun, Matrix Perturbation Theory, 1990, chapter V (first order); mean: docs/theory.md",
    formula: "$E\\,\\sigma_{\\min} / \\epsilon \\to E\\,\\chi_{n-d+1} / \\sqrt{2}$",
    table: "spectrum",
    quantity: "sigma_min / epsilon",
    filter: Some("epsilon > 0"),
    needs: &[Need::Collinear],
    domain: "n at least d, d at least 2",
    relation: Relation::Equals,
    standing: Standing::Limit("epsilon to 0"),
    claim: Claim::Mean(|setting| {
        let (n, d) = (setting.keys.n, setting.keys.d);
        (d >= 2 && n >= d).then(|| mean_chi(n - d + 1) / std::f64::consts::SQRT_2)
    }),
    judgement: first_order_suffices,
};

/// With z = Y c + r, Y the d - 1 other columns and r orthogonal to them, sigma_min <= epsilon ||r|| / sqrt(1 + ||e_1 +
/// epsilon c||^2) and no less up to a factor 1 + O(epsilon^2). The term of first order, epsilon c_1 / 2, has mean 0 (z and
/// -z are as likely), and E ||c||^2 = (d - 1) / (n - d). Below, rounding moves the column by 1e-16 beside epsilon.
fn first_order_suffices(setting: &Setting) -> Judgement {
    let (n, d) = (setting.keys.n, setting.keys.d);
    match setting.keys.epsilon {
        _ if n < d + 2 => Judgement::NotJudged("the term of second order has no mean where n - d < 2"),
        Some(epsilon) if epsilon * epsilon * d as f64 > 1e-5 * (n - d) as f64 => {
            Judgement::NotJudged("epsilon is too large for the first order")
        }
        Some(epsilon) if epsilon < 1e-12 => Judgement::NotJudged("rounding of X is no longer small beside epsilon"),
        _ => Judgement::Judged,
    }
}
