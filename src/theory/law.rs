//! What a law is: a published statement about rows of a table, with all that is needed to hold a measurement against it.

use std::fmt;

use super::setting::{Setting, World};

/// A statement about the rows of a table.
pub struct Law {
    /// What configs call it.
    pub name: &'static str,
    /// Author and year, for the legend of a figure.
    pub short: &'static str,
    /// Author, year, where.
    pub reference: &'static str,
    /// The statement in markup, see [`crate::figure::label`].
    pub formula: &'static str,
    /// The table whose rows it speaks of.
    pub table: &'static str,
    /// What of a row: an expression of the table's columns.
    pub quantity: &'static str,
    /// Which rows: a condition on the table's columns; `None`: all.
    pub filter: Option<&'static str>,
    /// What the run must be like, or the law says nothing about it.
    pub needs: &'static [Need],
    /// Where it speaks, in words: what n, d and the other keys must be like. Outside, its value is `None`.
    pub domain: &'static str,
    /// How the quantity stands to the value.
    pub relation: Relation,
    /// How firm the statement is.
    pub standing: Standing,
    /// Of what, and the value.
    pub claim: Claim,
    /// Whether a standard error says anything about a mean of so many rows of this setting, or why not.
    pub judgement: fn(&Setting) -> Judgement,
}

/// What a law makes a claim about, with its value. `None` outside the law's domain: never a wrong number.
#[derive(Clone, Copy)]
pub enum Claim {
    /// The expectation of the quantity.
    Mean(fn(&Setting) -> Option<f64>),
    /// The distribution of the quantity: the probability that it is at most x.
    Distribution(fn(&Setting, f64) -> Option<f64>),
}

/// How the quantity stands to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is the value.
    Equals,
    /// It does not exceed the value.
    AtMost,
    /// It does not fall below the value.
    AtLeast,
}

/// How firm a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// True at every size in the domain.
    Exact,
    /// Approached as the words say, and off by an unknown amount before.
    Limit(&'static str),
    /// An inequality that is true at every size in the domain.
    Bound,
}

/// Whether a deviation from a law, counted in standard errors, is evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Yes.
    Judged,
    /// No, for this reason.
    NotJudged(&'static str),
}

/// Why a law says nothing about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What it speaks of, and what the run is.
    pub why: String,
    /// What to change.
    pub remedy: String,
}

/// What a run must be like for a law to speak of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Design of kind gaussian.
    Gaussian,
    /// Design of kind collinear.
    Collinear,
    /// Design of kind spectrum: the condition number is 1 / epsilon.
    PrescribedSpectrum,
    /// y = X w + noise, not measured data.
    Model,
    /// y = X w exactly.
    NoNoise,
    /// Noise in y, so that some penalty is best.
    Noise,
    /// Gradient descent without weight decay.
    NoWeightDecay,
}

impl Law {
    /// Why the law says nothing about the rows of `world`; `None` where it does.
    pub fn refusal(&self, world: &World<'_>) -> Option<Refusal> {
        self.needs.iter().find_map(|need| need.unmet(world))
    }

    /// The expectation that is claimed; `None` for a distribution and outside the domain.
    pub fn mean(&self, setting: &Setting) -> Option<f64> {
        match self.claim {
            Claim::Mean(value) => value(setting),
            Claim::Distribution(_) => None,
        }
    }

    /// The x at which the claimed probability of at most x is `probability`; `None` as [`Law::probability`], and where there
    /// is none below 1e300.
    pub fn quantile(&self, setting: &Setting, probability: f64) -> Option<f64> {
        let reaches = |x| self.probability(setting, x).map(|found| found >= probability);
        let mut end = 1.0;
        while !reaches(end)? || reaches(-end)? {
            end *= 2.0;
            if end > 1e300 {
                return None;
            }
        }
        let (mut low, mut high) = (-end, end);
        loop {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                return Some(high);
            }
            if reaches(middle)? { high = middle } else { low = middle }
        }
    }

    /// The claimed probability of at most `x`; `None` for a mean and outside the domain.
    pub fn probability(&self, setting: &Setting, x: f64) -> Option<f64> {
        match self.claim {
            Claim::Mean(_) => None,
            Claim::Distribution(value) => value(setting, x),
        }
    }
}

/// Laws are what their names say.
impl PartialEq for Law {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Law({})", self.name)
    }
}

impl Relation {
    /// The word that tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::AtMost => "at-most",
            Self::AtLeast => "at-least",
        }
    }
}

impl Standing {
    /// The word that tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Limit(_) => "limit",
            Self::Bound => "bound",
        }
    }
}

/// The judgement of a law that is approached as sizes grow.
pub(super) fn limit(_: &Setting) -> Judgement {
    Judgement::NotJudged("a limit: off by an unknown amount at this size")
}

/// The judgement of a law whose quantity has light tails in every setting.
pub(super) fn always(_: &Setting) -> Judgement {
    Judgement::Judged
}
