//! The findings and their numbers as JSON.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Interval;
use crate::diagnose::fail_on::Met;
use crate::diagnose::{Analysis, Finding, Report, RidgeAdvice, RidgePoint};

/// A table of variance proportions of more columns says nothing to a reader of JSON; `--out` writes it all the same.
const MOST_COLUMNS: usize = 128;

#[derive(Serialize)]
pub(super) struct FindingJson<'a> {
    kind: crate::diagnose::Kind,
    severity: crate::diagnose::Severity,
    sentence: String,
    columns: Vec<&'a str>,
    evidence: Map<String, Value>,
}

#[derive(Serialize)]
pub(super) struct MetJson<'a> {
    condition: String,
    reason: &'a str,
}

#[derive(Serialize)]
pub(super) struct AnalysisJson<'a> {
    kappa_scaled: Interval,
    condition_indices: Option<&'a [f64]>,
    variance_proportions: Option<Vec<Vec<f64>>>,
    vif: Option<Vec<Option<f64>>>,
    vif_uncentred: Option<&'a [f64]>,
    leverage: Option<LeverageJson<'a>>,
    r_squared: Option<f64>,
    digits: Option<DigitsJson<'a>>,
    ridge: Option<RidgeJson<'a>>,
}

#[derive(Serialize)]
struct LeverageJson<'a> {
    row: usize,
    leverage: f64,
    rows_above_half: usize,
    column: &'a str,
}

#[derive(Serialize)]
struct DigitsJson<'a> {
    qr: &'a [f64],
    svd: &'a [f64],
    normal_equations: &'a [f64],
}

#[derive(Serialize)]
struct RidgeJson<'a> {
    intercept: Option<&'a str>,
    kappa_bound: f64,
    bounded: PointJson<'a>,
    best: Option<PointJson<'a>>,
    unpenalised_loo: Option<f64>,
    path: Vec<PointJson<'a>>,
}

#[derive(Serialize)]
struct PointJson<'a> {
    lambda: f64,
    kappa_ridge: f64,
    effective_df: f64,
    w_norm: f64,
    residual_norm: f64,
    loo: Option<f64>,
    gcv: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    w: Option<&'a [f64]>,
}

/// What [`super::error_line`] has for a file without an analysis.
pub(super) const KEYS: [&str; 9] = [
    "kappa_scaled",
    "condition_indices",
    "variance_proportions",
    "vif",
    "vif_uncentred",
    "leverage",
    "r_squared",
    "digits",
    "ridge",
];

pub(super) fn findings(report: &Report) -> Vec<FindingJson<'_>> {
    let finding = |Finding { kind, severity, sentence, columns, evidence }: &Finding| FindingJson {
        kind: *kind,
        severity: *severity,
        sentence: sentence.replace('\u{a0}', " "),
        columns: columns.iter().map(|&j| report.names[j].as_str()).collect(),
        evidence: evidence.iter().map(|&(name, number)| (name.to_owned(), json!(number))).collect(),
    };
    report.findings.iter().map(finding).collect()
}

pub(super) fn met(met: &[Met]) -> Vec<MetJson<'_>> {
    met.iter().map(|met| MetJson { condition: met.condition.to_string(), reason: &met.reason }).collect()
}

impl<'a> AnalysisJson<'a> {
    pub(super) fn of(names: &'a [String], analysis: &'a Analysis) -> Self {
        let bounds = analysis.scaled.kappa;
        let table = analysis.collinearity.as_ref();
        let d = names.len();
        let proportions = table
            .filter(|_| d <= MOST_COLUMNS)
            .map(|table| (0..d).map(|k| (0..d).map(|j| table.proportions[(k, j)]).collect()).collect());
        Self {
            kappa_scaled: Interval {
                value: analysis.scaled.kappa_computed(),
                lo: bounds.and_then(|bounds| bounds.lo),
                hi: bounds.and_then(|bounds| bounds.hi),
            },
            condition_indices: table.map(|table| table.indices.as_slice()),
            variance_proportions: proportions,
            vif: analysis.vif.as_ref().map(|vif| vif.iter().map(|vif| vif.centred).collect()),
            vif_uncentred: table.map(|table| table.inflation.as_slice()),
            leverage: analysis.leverage.as_ref().map(|leverage| LeverageJson {
                row: leverage.row + 1,
                leverage: leverage.largest,
                rows_above_half: leverage.high,
                column: &names[leverage.column],
            }),
            r_squared: analysis.r_squared,
            digits: analysis.digits.as_ref().map(|digits| DigitsJson {
                qr: &digits.qr,
                svd: &digits.svd,
                normal_equations: &digits.normal_equations,
            }),
            ridge: analysis.ridge.as_ref().map(|ridge| RidgeJson::of(names, ridge)),
        }
    }
}

impl<'a> RidgeJson<'a> {
    fn of(names: &'a [String], ridge: &'a RidgeAdvice) -> Self {
        Self {
            intercept: ridge.intercept.map(|j| names[j].as_str()),
            kappa_bound: ridge.kappa_bound,
            bounded: PointJson::of(&ridge.bounded, Some(&ridge.bounded.w)),
            best: ridge.best.as_ref().map(|best| PointJson::of(&best.point, Some(&best.point.w))),
            unpenalised_loo: ridge.unpenalised_loo,
            path: ridge.path.iter().map(|point| PointJson::of(point, None)).collect(),
        }
    }
}

impl<'a> PointJson<'a> {
    fn of(point: &RidgePoint, w: Option<&'a [f64]>) -> Self {
        let RidgePoint { lambda, kappa_ridge, effective_df, w_norm, residual_norm, loo, gcv, .. } = *point;
        Self { lambda, kappa_ridge, effective_df, w_norm, residual_norm, loo, gcv, w }
    }
}
