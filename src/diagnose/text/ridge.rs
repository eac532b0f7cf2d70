//! What a ridge penalty would buy: part of the path, and advice.

use crate::diagnose::words::{fitting, short, wrapped};
use crate::diagnose::{Best, Place, Report, RidgeAdvice, RidgePoint};

/// Penalties of the path that are shown.
const SHOWN: usize = 9;
/// Lengths of columns that differ by more than this make a penalty one of units.
const UNEQUAL: f64 = 10.0;

impl Report {
    pub(super) fn ridge_lines(&self) -> Vec<String> {
        let Some((analysis, ridge)) = self.analysis.as_ref().and_then(|all| Some((all, all.ridge.as_ref()?))) else {
            return Vec::new();
        };
        let intercept = ridge.intercept.map_or_else(
            || "no constant column: the fit goes through 0, and so does every penalty's".to_owned(),
            |j| format!("the constant column {} is not penalised", fitting(&self.names[j], 40)),
        );
        let mut lines = vec![String::new()];
        lines.extend(wrapped("", &format!("ridge: penalties in the units of X; {intercept}")));
        lines.push(row(
            &["lambda", "kappa_ridge", "effective df", "||w||", "residual", "LOO error", "GCV"].map(str::to_owned)
        ));
        lines.extend(shown(&ridge.path).map(|point| {
            let known = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), short);
            let RidgePoint { lambda, kappa_ridge, effective_df, w_norm, residual_norm, loo, gcv, .. } = point;
            let [lambda, kappa, df, w, residual] =
                [lambda, kappa_ridge, effective_df, w_norm, residual_norm].map(|x| short(*x));
            row(&[lambda, kappa, df, w, residual, known(*loo), known(*gcv)])
        }));
        let penalised = (0..self.d).filter(|&j| Some(j) != ridge.intercept).map(|j| analysis.scaled.norms[j]);
        let present: Vec<f64> = penalised.filter(|&norm| norm > 0.0).collect();
        let extreme = |pick: fn(f64, f64) -> f64| present.iter().copied().reduce(pick).unwrap_or(1.0);
        let spread = extreme(f64::max) / extreme(f64::min);
        let mut advice = vec![bounded(ridge), least_error(ridge)];
        if spread > UNEQUAL {
            advice.push(format!(
                "A penalty depends on units: lengths of the penalised columns differ by a factor of {}, and short columns are penalised \
                 most; rescale the columns first",
                short(spread)
            ));
        }
        lines.extend(advice.iter().flat_map(|sentence| wrapped("  ", sentence)));
        lines
    }
}

/// Nine numbers and less: seven columns.
fn row(values: &[String; 7]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("{value:>13}")).collect();
    format!(" {}", values.concat())
}

/// Points at equal distances, both ends among them.
fn shown(path: &[RidgePoint]) -> impl Iterator<Item = &RidgePoint> {
    let count = path.len().min(SHOWN);
    (0..count).map(move |i| &path[if count > 1 { i * (path.len() - 1) / (count - 1) } else { 0 }])
}

fn bounded(ridge: &RidgeAdvice) -> String {
    let (point, bound) = (&ridge.bounded, short(ridge.kappa_bound));
    if point.lambda == 0.0 {
        return format!("kappa_ridge is at most {bound} without a penalty");
    }
    let error = point.loo.map_or_else(String::new, |loo| format!(", with a leave-one-out error of {}", short(loo)));
    format!("lambda {} is the least that brings kappa_ridge down to {bound}{error}", short(point.lambda))
}

fn least_error(ridge: &RidgeAdvice) -> String {
    let without = ridge.unpenalised_loo.map_or_else(
        || "without a penalty a row cannot be predicted from the others".to_owned(),
        |loo| format!("{} without a penalty", short(loo)),
    );
    let Some(Best { point, place }) = &ridge.best else {
        return "no penalty of the grid has a leave-one-out error".to_owned();
    };
    let error = short(point.loo.unwrap_or(f64::NAN));
    let lambda = short(point.lambda);
    let better_without = ridge.unpenalised_loo.is_some_and(|loo| point.loo.is_none_or(|error| loo <= error));
    if better_without {
        return format!(
            "of the penalties of the grid lambda {lambda} has the least leave-one-out error, {error}; {without}: prediction gains nothing \
             from one of them"
        );
    }
    match place {
        Place::Inside => format!("lambda {lambda} has the least leave-one-out error, {error}; {without}"),
        Place::LeastPenalty => format!(
            "the least penalty, {lambda}, has the least leave-one-out error, {error}; {without}: smaller ones may do better (--ridge-grid)"
        ),
        Place::LargestPenalty => format!(
            "the largest penalty, {lambda}, has the least leave-one-out error, {error}; {without}: the columns predict little, or the grid \
             ends too soon (--ridge-grid)"
        ),
    }
}
