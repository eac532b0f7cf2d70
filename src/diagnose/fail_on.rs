//! Conditions under which a data pipeline wants to stop. What is not known for certain counts as met: a check that cannot be made has not been
//! passed.

use std::fmt;
use std::str::FromStr;

use super::words::{at_most, interval, short};
use super::{Kind, Report, Verdict};
use crate::certify::Status;

/// A condition of `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// The smallest singular value is not told from 0.
    Unresolved,
    /// The weights are not certainly identifiable: fewer than d singular values certainly count.
    Deficient,
    /// Columns depend on each other, exactly or nearly.
    Collinear,
    /// kappa is not certainly at most this.
    KappaAbove(f64),
    /// A variance inflation factor is above this.
    VifAbove(f64),
    /// Normal equations are not safe.
    NormalEquations,
}

/// A condition that a file meets.
#[derive(Clone, Debug, PartialEq)]
pub struct Met {
    /// Which one.
    pub condition: Condition,
    /// What was found.
    pub reason: String,
}

impl Condition {
    /// Those of `conditions` that `report` meets, with what was found.
    pub fn met_by(conditions: &[Self], report: &Report) -> Vec<Met> {
        let met = |&condition: &Self| condition.reason(report).map(|reason| Met { condition, reason });
        conditions.iter().filter_map(met).collect()
    }

    fn reason(self, report: &Report) -> Option<String> {
        if report.status == Status::Failed {
            return Some("no numbers are known".to_owned());
        }
        match self {
            Self::Unresolved => (report.status == Status::Unresolved).then(|| {
                format!("the smallest singular value may be 0; it is at most {}", at_most(report.sigma_min().hi))
            }),
            Self::Deficient => {
                let (least, d) = (report.rank_bounds.0, report.d);
                (least < d).then(|| format!("of {d} singular values that {d} weights need, {least} certainly count"))
            }
            Self::Collinear => collinear(report),
            Self::KappaAbove(bound) => {
                // No condition number at all, that of 0, is not at most anything.
                let certain = report.kappa_bounds.hi.is_some_and(|hi| hi <= bound);
                (!certain).then(|| format!("kappa is {}", interval(report.kappa_bounds)))
            }
            Self::VifAbove(bound) => vif_above(report, bound),
            Self::NormalEquations => {
                let verdict = report.normal_equations();
                (verdict != Verdict::Safe).then(|| format!("normal equations are {}", verdict.name()))
            }
        }
    }
}

fn collinear(report: &Report) -> Option<String> {
    if report.n < report.d {
        return Some("there are more columns than rows".to_owned());
    }
    if report.analysis.is_none() {
        return Some("collinearity was not computed".to_owned());
    }
    let about = |finding: &&super::Finding| matches!(finding.kind, Kind::ExactDependency | Kind::NearDependency);
    if let Some(finding) = report.findings.iter().find(about) {
        return Some(finding.sentence.replace('\u{a0}', " "));
    }
    let table = report.analysis.as_ref().and_then(|analysis| analysis.collinearity.as_ref());
    let infinite = table.is_some_and(|table| table.indices.iter().any(|index| index.is_infinite()));
    infinite.then(|| "columns of unit length depend on each other to rounding".to_owned())
}

fn vif_above(report: &Report, bound: f64) -> Option<String> {
    let Some(vif) = report.analysis.as_ref().and_then(|analysis| analysis.vif.as_ref()) else {
        return Some(if report.n <= report.d {
            "with as many columns as rows the others and an intercept determine every column".to_owned()
        } else {
            "variance inflation was not computed".to_owned()
        });
    };
    let factors = vif.iter().zip(&report.names).filter_map(|(vif, name)| Some((vif.centred?, name)));
    let (largest, name) = factors.max_by(|a, b| a.0.total_cmp(&b.0))?;
    // NaN is above nothing and at most nothing: it is not known.
    let passed = largest <= bound;
    (!passed).then(|| format!("variance inflation of {name} is {}", short(largest)))
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved => f.write_str("unresolved"),
            Self::Deficient => f.write_str("deficient"),
            Self::Collinear => f.write_str("collinear"),
            Self::KappaAbove(bound) => write!(f, "kappa>{bound:?}"),
            Self::VifAbove(bound) => write!(f, "vif>{bound:?}"),
            Self::NormalEquations => f.write_str("normal-equations"),
        }
    }
}

impl FromStr for Condition {
    /// What is allowed.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || {
            "allowed: unresolved, deficient, collinear, kappa>NUMBER, vif>NUMBER, normal-equations, separated by commas"
                .to_owned()
        };
        let bound = |number: &str| {
            let bound: Option<f64> = number.trim().parse().ok();
            bound.filter(|bound| bound.is_finite() && *bound >= 1.0).ok_or_else(|| {
                format!("{text}: give a finite number of at least 1 behind the >, such as kappa>1e8 or vif>10")
            })
        };
        match text.trim() {
            "unresolved" => Ok(Self::Unresolved),
            "deficient" => Ok(Self::Deficient),
            "collinear" => Ok(Self::Collinear),
            "normal-equations" => Ok(Self::NormalEquations),
            other => match other.split_once('>') {
                Some(("kappa", number)) => bound(number).map(Self::KappaAbove),
                Some(("vif", number)) => bound(number).map(Self::VifAbove),
                _ => Err(refused()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_read_back_as_they_are_written() {
        for text in ["unresolved", "deficient", "collinear", "kappa>100000000.0", "vif>10.0", "normal-equations"] {
            assert_eq!(text.parse::<Condition>().map(|condition| condition.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("kappa>1e8".parse(), Ok(Condition::KappaAbove(1e8)));
    }

    #[test]
    fn what_is_no_condition_is_refused_with_the_list() {
        for text in ["", "rank", "kappa", "kappa<3", "vif=10", "sigma>1"] {
            assert!(text.parse::<Condition>().is_err_and(|error| error.contains("normal-equations")), "{text}");
        }
        for text in ["kappa>", "kappa>x", "vif>0.5", "kappa>inf", "vif>nan"] {
            assert!(text.parse::<Condition>().is_err_and(|error| error.contains("at least 1")), "{text}");
        }
    }
}
