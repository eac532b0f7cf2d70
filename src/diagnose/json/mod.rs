//! A report as one line of JSON. Floats read back to the same f64; JSON has no infinity, so a bound that is not finite is
//! `null`, and so is whatever is not known.

mod analysis;

use serde::Serialize;
use serde_json::{Map, Value};

use self::analysis::{AnalysisJson, FindingJson, KEYS, MetJson};
use super::fail_on::Met;
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
    findings: Vec<FindingJson<'a>>,
    normal_equations: &'static str,
    #[serde(flatten)]
    analysis: Value,
    fail_on: Vec<MetJson<'a>>,
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

/// The line for a file that was diagnosed, with the conditions that it met, without a line feed.
///
/// # Errors
/// Never for a report; serde_json's signature has one.
pub fn json_line(file: &str, report: &Report, met: &[Met]) -> serde_json::Result<String> {
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
        findings: analysis::findings(report),
        normal_equations: report.normal_equations().name(),
        analysis: match &report.analysis {
            Some(numbers) => serde_json::to_value(AnalysisJson::of(&report.names, numbers))?,
            None => unknown(&KEYS),
        },
        fail_on: analysis::met(met),
        error: None,
    })
}

/// The line for a file that could not be: the same keys, `null` but for the file and the error.
pub fn error_line(file: &str, error: &str) -> String {
    const BEFORE: [&str; 18] = [
        "n",
        "d",
        "rows_dropped",
        "columns",
        "rank",
        "rank_lo",
        "rank_hi",
        "status",
        "route",
        "sigmas",
        "kappa",
        "kappa_gram",
        "kappa_squared",
        "null_space",
        "target",
        "solutions",
        "findings",
        "normal_equations",
    ];
    let mut line = Map::new();
    line.insert("file".to_owned(), file.into());
    for key in BEFORE.iter().chain(&KEYS).chain(&["fail_on"]) {
        line.insert((*key).to_owned(), Value::Null);
    }
    line.insert("error".to_owned(), error.into());
    Value::Object(line).to_string()
}

/// These keys without a value.
fn unknown(keys: &[&str]) -> Value {
    keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect::<Map<_, _>>().into()
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
