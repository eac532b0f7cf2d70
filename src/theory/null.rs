//! Null vectors: steps along them, and what gradient descent leaves in them.

use super::gaussian::{SIGMA_MIN, smallest};
use super::law::{Claim, Judgement, Law, Need, Relation, Standing, always};
use super::special::mean_chi;

/// The prediction change is a difference of rounded predictions: of shorter steps rounding is a share that replicates show.
const LEAST_STEP: f64 = 1e-9;

/// A step along the last vector of the thin SVD changes predictions by |alpha| sigma_min.
pub(super) const THIN: Law = Law {
    name: "null-step-thin",
    short: "$|\\alpha|\\, E\\,\\sigma_{\\min}$, exact",
    formula: "$|\\alpha|\\, E\\,\\sigma_{\\min}$ by Pfaffians",
    table: "null_space",
    quantity: "prediction_change",
    filter: Some("vector == 'thin-last'"),
    claim: Claim::Mean(|setting| Some(setting.keys.alpha?.abs() * smallest(setting)?.mean)),
    judgement: |setting| match setting.keys.alpha {
        Some(alpha) if alpha.abs() < LEAST_STEP => {
            Judgement::NotJudged("the step drowns in the rounding of predictions")
        }
        _ => Judgement::Judged,
    },
    ..SIGMA_MIN
};

/// A step along a null vector changes predictions by rounding alone.
///
/// fl(X w) is off by at most gamma_d ||X||_F ||w||, twice; the step is rounded, u ||X||_F (||w0|| + ||w1||); and z is a null
/// vector up to a few d u: together below 8 d u ||X||_F (||w0|| + ||w1||), with E ||X||_F <= sqrt(n d).
pub(super) const NULL: Law = Law {
    name: "null-step-null",
    short: "rounding bound",
    reference: "Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.5",
    formula: "$8\\, d\\, u \\sqrt{n d}\\, (\\Vert w_0 \\Vert + \\Vert w_1 \\Vert)$",
    quantity: "prediction_change / (w_norm_before + w_norm_after)",
    filter: Some("vector == 'null'"),
    needs: &[Need::Gaussian],
    domain: "d above n: elsewhere there is no null vector",
    relation: Relation::AtMost,
    standing: Standing::Bound,
    claim: Claim::Mean(|setting| {
        let (n, d) = (setting.keys.n as f64, setting.keys.d as f64);
        (d > n).then(|| 8.0 * d * (f64::EPSILON / 2.0) * (n * d).sqrt())
    }),
    judgement: always,
    ..THIN
};

/// The null component of a random start stays what it was.
pub(super) const DESCENT: Law = Law {
    name: "descent-null-component",
    short: "$E\\,\\chi_{d-n}$, exact",
    reference: "Gunasekar, Lee, Soudry & Srebro, ICML 2018 (gradients lie in the row space); mean: docs/theory.md",
    formula: "$E\\,\\chi_{d-n}$",
    table: "descent",
    quantity: "null_norm",
    filter: Some("start == 'random'"),
    needs: &[Need::Gaussian, Need::NoWeightDecay],
    domain: "d above n",
    relation: Relation::Equals,
    standing: Standing::Exact,
    claim: Claim::Mean(|setting| {
        let (n, d) = (setting.keys.n, setting.keys.d);
        (d > n).then(|| mean_chi(d - n))
    }),
    judgement: always,
};
