//! Samples -> rows of theory.csv.

use super::sample::{Decile, Sample};
use crate::record::TheoryRow;
use crate::theory::{Claim, Judgement, Relation};

/// Below this many replicates a mean is not near enough to normal, nor its standard error known well enough.
const FEWEST_REPLICATES: usize = 100;

/// One row, or one for each decile of a distribution.
pub(super) fn rows(sample: &Sample) -> Vec<TheoryRow> {
    let count = sample.count;
    match sample.law.claim {
        Claim::Mean(value) => {
            let measured = (count > 0).then_some(sample.spread.mean);
            let compared =
                Compared { x: None, measured, error: sample.spread.standard_error(), theory: value(&sample.setting) };
            vec![row(sample, compared)]
        }
        Claim::Distribution(_) if sample.deciles.is_empty() => vec![row(sample, Compared::default())],
        Claim::Distribution(_) => {
            let share = |&Decile { probability, x, below }: &Decile| {
                let error = (probability * (1.0 - probability) / count as f64).sqrt();
                Compared {
                    x: Some(x),
                    measured: (count > 0).then(|| below as f64 / count as f64),
                    error: (count > 1).then_some(error),
                    theory: Some(probability),
                }
            };
            sample.deciles.iter().map(|decile| row(sample, share(decile))).collect()
        }
    }
}

/// Measurement and theory of one row.
#[derive(Clone, Copy, Default)]
struct Compared {
    x: Option<f64>,
    measured: Option<f64>,
    error: Option<f64>,
    theory: Option<f64>,
}

fn row(sample: &Sample, compared: Compared) -> TheoryRow {
    let law = sample.law;
    let keys = sample.setting.keys;
    let Compared { x, measured, error, theory } = compared;
    let deviation = measured.zip(theory).zip(error).map(|((measured, theory), error)| {
        let deviation = (measured - theory) / error;
        match law.relation {
            Relation::Equals => deviation,
            Relation::AtMost => deviation.max(0.0),
            Relation::AtLeast => deviation.min(0.0),
        }
    });
    let reason = reason(sample, deviation, theory);
    TheoryRow {
        law: law.name,
        n: keys.n,
        d: keys.d,
        epsilon: keys.epsilon,
        lambda: keys.lambda,
        delta: keys.delta,
        alpha: keys.alpha,
        iteration: sample.iteration,
        x,
        replicates: sample.count,
        left_out: sample.left_out,
        measured,
        standard_error: error,
        theory,
        deviation,
        judged: if reason.is_none() { "yes" } else { "no" },
        reason,
        quantity: law.quantity,
        relation: law.relation.name(),
        standing: law.standing.name(),
        reference: law.reference,
    }
}

/// Why the deviation is no evidence; `None` where it is.
fn reason(sample: &Sample, deviation: Option<f64>, theory: Option<f64>) -> Option<&'static str> {
    if theory.is_none() {
        return Some("outside the law's domain");
    }
    if let Judgement::NotJudged(why) = (sample.law.judgement)(&sample.setting) {
        return Some(why);
    }
    if sample.left_out > 0 {
        return Some("replicates without a finite quantity are left out");
    }
    if sample.count < FEWEST_REPLICATES {
        return Some("fewer than 100 replicates");
    }
    deviation.is_none().then_some("no standard error: all replicates are equal, or their squares overflow")
}
