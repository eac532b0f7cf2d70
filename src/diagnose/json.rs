//! A report as one line of JSON. Floats read back to the same f64; JSON has no infinity, so a bound that is not finite is
//! `null`, and so is whatever is not known.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Fit, NullSpace, Report, Solution};

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    n: usize,
    d: usize,
    rows_dropped: usize,
    columns: &'a [String],
    rank: Option<usize>,
    rank_lo: usize,
    rank_hi: usize,
    status: &'static str,
    route: &'static str,
    sigmas: Vec<Interval>,
    kappa: Interval,
    kappa_gram: Option<f64>,
    kappa_squared: Interval,
    null_space: Option<NullSpaceJson<'a>>,
    target: Option<TargetJson<'a>>,
    solutions: Vec<SolutionJson<'a>>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Interval {
    value: Option<f64>,
    lo: Option<f64>,
    hi: Option<f64>,
}

#[derive(Serialize)]
struct NullSpaceJson<'a> {
    nullity: usize,
    relations: Option<Vec<RelationJson<'a>>>,
}

#[derive(Serialize)]
struct RelationJson<'a> {
    weights: &'a [f64],
    relative_residual: f64,
}

#[derive(Serialize)]
struct TargetJson<'a> {
    name: &'a str,
    norm: f64,
    irreducible_norm: f64,
    irreducible_fraction: Option<f64>,
}

#[derive(Serialize)]
struct SolutionJson<'a> {
    lambda: f64,
    w: &'a [f64],
    residual_norm: f64,
}

/// The line for a file that was diagnosed, without a line feed.
///
/// # Errors
/// Never for a report; serde_json's signature has one.
pub fn json_line(file: &str, report: &Report) -> serde_json::Result<String> {
    let squared = report.kappa.filter(|_| report.n >= report.d).map(|kappa| kappa * kappa);
    serde_json::to_string(&Line {
        file,
        n: report.n,
        d: report.d,
        rows_dropped: report.rows_dropped,
        columns: &report.names,
        rank: report.rank,
        rank_lo: report.rank_bounds.0,
        rank_hi: report.rank_bounds.1,
        status: report.status.name(),
        route: report.route.name(),
        sigmas: report.sigmas.iter().map(|s| Interval { value: s.value, lo: Some(s.lo), hi: Some(s.hi) }).collect(),
        kappa: Interval { value: report.kappa, lo: report.kappa_bounds.lo, hi: report.kappa_bounds.hi },
        kappa_gram: report.kappa_gram,
        kappa_squared: Interval { value: squared, lo: report.kappa_squared.lo, hi: report.kappa_squared.hi },
        null_space: report.null_space.as_ref().map(null_space),
        target: report.fit.as_ref().map(target),
        solutions: report.fit.iter().flat_map(|fit| &fit.solutions).map(solution).collect(),
        error: None,
    })
}

/// The line for a file that could not be: the same keys, `null` but for the file and the error.
pub fn error_line(file: &str, error: &str) -> String {
    const UNKNOWN: Value = Value::Null;
    json!({
        "file": file, "n": UNKNOWN, "d": UNKNOWN, "rows_dropped": UNKNOWN, "columns": UNKNOWN,
        "rank": UNKNOWN, "rank_lo": UNKNOWN, "rank_hi": UNKNOWN, "status": UNKNOWN, "route": UNKNOWN,
        "sigmas": UNKNOWN, "kappa": UNKNOWN, "kappa_gram": UNKNOWN, "kappa_squared": UNKNOWN,
        "null_space": UNKNOWN, "target": UNKNOWN, "solutions": UNKNOWN, "error": error,
    })
    .to_string()
}

fn null_space(null_space: &NullSpace) -> NullSpaceJson<'_> {
    let relations = null_space.relations.as_ref().map(|relations| {
        relations
            .iter()
            .map(|relation| RelationJson { weights: &relation.weights, relative_residual: relation.relative_residual })
            .collect()
    });
    NullSpaceJson { nullity: null_space.nullity, relations }
}

fn target(fit: &Fit) -> TargetJson<'_> {
    TargetJson {
        name: &fit.target,
        norm: fit.y_norm,
        irreducible_norm: fit.irreducible_norm,
        irreducible_fraction: fit.irreducible_fraction,
    }
}

fn solution(solution: &Solution) -> SolutionJson<'_> {
    SolutionJson { lambda: solution.lambda, w: &solution.w, residual_norm: solution.residual_norm }
}
