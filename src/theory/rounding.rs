//! What least-squares solvers lose to rounding: u kappa with QR, u kappa^2 with the normal equations.
//!
//! Both for y = X w without noise, so that the residual is rounding, and in f64. Singular values from 1 down to epsilon:
//! kappa = 1 / epsilon.

use super::law::{Claim, Law, Need, Relation, Standing, always};
use super::setting::Setting;

/// Unit roundoff of f64.
const U: f64 = f64::EPSILON / 2.0;

/// Householder QR is backward stable: it solves a problem whose columns are off by gamma = c n d u of their lengths (theorem
/// 20.3; the theorem leaves the small integer c open: here 10). With ||dX||_F <= gamma sqrt(d) ||X||_2, Wedin's theorem 20.1
/// bounds the error by eta kappa (2 + 1) / (1 - eta kappa), eta = gamma sqrt(d), where the 1 pays for the residual that
/// rounding y leaves.
pub(super) const QR: Law = Law {
    name: "qr-slope",
    short: "QR, slope 1",
    reference: "Higham, Accuracy and Stability of Numerical Algorithms, 2002, theorems 20.1 and 20.3",
    formula: "$30\\, n\\, d^{3/2} u \\kappa / (1 - \\ldots)$",
    table: "perturbation",
    quantity: "rel_error_w",
    filter: Some("delta == 0 and what == 'none' and arithmetic == 'f64' and solver == 'qr'"),
    needs: &[Need::PrescribedSpectrum, Need::NoNoise],
    domain: "n at least d, and a bound below 1",
    relation: Relation::AtMost,
    standing: Standing::Bound,
    claim: Claim::Mean(|setting| {
        let (n, d, kappa) = shape(setting)?;
        let eta = 10.0 * n * d * d.sqrt() * U * kappa;
        below_one(3.0 * eta / (1.0 - eta))
    }),
    judgement: always,
};

/// Cholesky of X'X: (X'X + E) w = X'y + f with ||E|| <= d (gamma_n + gamma_(3 d + 1)) ||X||^2 and ||f|| <= sqrt(d) gamma_n
/// ||X|| ||y||; so the error is at most (theta + phi) / (1 - theta), theta = kappa^2 d (n + 3 d + 1) u, phi = kappa^2
/// sqrt(d) n u. Doubled, for gammas instead of u's and for the kappa of the stored X.
pub(super) const NORMAL_EQUATIONS: Law = Law {
    name: "normal-equations-slope",
    short: "normal equations, slope 2",
    reference: "Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 20.4",
    formula: "$2 (d (n + 3 d + 1) + n \\sqrt{d})\\, u \\kappa^2 / (1 - \\ldots)$",
    filter: Some("delta == 0 and what == 'none' and arithmetic == 'f64' and solver == 'normal-equations'"),
    claim: Claim::Mean(|setting| {
        let (n, d, kappa) = shape(setting)?;
        let theta = kappa * kappa * d * (n + 3.0 * d + 1.0) * U;
        let phi = kappa * kappa * d.sqrt() * n * U;
        below_one(2.0 * (theta + phi) / (1.0 - theta))
    }),
    ..QR
};

/// n, d and kappa.
fn shape(setting: &Setting) -> Option<(f64, f64, f64)> {
    let epsilon = setting.keys.epsilon.filter(|epsilon| *epsilon > 0.0 && *epsilon <= 1.0)?;
    let (n, d) = (setting.keys.n, setting.keys.d);
    (n >= d).then(|| (n as f64, d as f64, if d > 1 { 1.0 / epsilon } else { 1.0 }))
}

/// A bound of 1 or more says nothing, and beyond the pole it is none.
fn below_one(bound: f64) -> Option<f64> {
    (0.0..1.0).contains(&bound).then_some(bound)
}
