//! The distributions of the smallest and of the largest singular value, and their expectations.

use super::basis::Basis;
use super::density::{REACH, lower_end, upper_end};
use super::form::{Rules, Walk};
use super::legendre::Rule;
use super::skew::Pfaffian;

/// Nodes of the integrals over a distribution function.
const NODES: usize = 40;
/// Nodes with which it is first looked for.
const SCOUTS: usize = 12;
/// The share of them that must lie where it rises, for the integral to have all its digits: it rises over 14 standard
/// deviations, more or less, and a test compares with twice as many nodes.
const SHARE_INSIDE: f64 = 0.7;
/// Probabilities below this are nothing, and within this of 1 are 1: rounding leaves up to 1e-13 where they are 0 and 1.
const NEGLIGIBLE: f64 = 1e-12;
/// A probability further than this outside of 0 to 1 is none.
const SPOILT: f64 = 1e-10;
/// The range shrinks around the rise at most this often.
const NARROWINGS: usize = 8;

/// The smallest and the largest singular value of a matrix of independent standard normals.
pub(crate) struct Extremes {
    pub(crate) smallest: Extreme,
    pub(crate) largest: Extreme,
}

/// What is computed of one extreme singular value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extreme {
    /// Its expectation.
    pub(crate) mean: f64,
    /// The expectation of its natural logarithm.
    pub(crate) mean_log: f64,
}

/// Which of the singular values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Smallest,
    Largest,
}

impl Extremes {
    /// Of a p x q matrix, p >= q; `None` where a distribution function is spoilt by rounding.
    pub(super) fn new(p: usize, q: usize) -> Option<Self> {
        Self::with_nodes(p, q, NODES)
    }

    /// [`Extremes::new`] with so many nodes in each integral.
    pub(super) fn with_nodes(p: usize, q: usize, nodes: usize) -> Option<Self> {
        let (basis, rules) = (Basis::new(p, q), Rules::default());
        let start = Walk::new(&basis, &rules, lower_end(p, q));
        let mut whole = start.clone();
        whole.advance(upper_end(p, q), |_| ());
        let one = whole.behind().pfaffian();
        let extreme =
            |which| Distribution { which, start: start.clone(), whole: &whole, one }.extreme(p, q, &Rule::new(nodes));
        Some(Self { smallest: extreme(Which::Smallest)?, largest: extreme(Which::Largest)? })
    }
}

/// The distribution function F of one of them. P(largest <= u) and P(smallest > u) are the ratios of the Pfaffian of the
/// indicator of what lies below, or above, u to that of 1.
struct Distribution<'a> {
    which: Which,
    /// Not beyond any u that is still to be looked at.
    start: Walk<'a>,
    /// At the end of the half-line.
    whole: &'a Walk<'a>,
    /// The Pfaffian of 1.
    one: Pfaffian,
}

/// F on the nodes of a range.
struct Samples {
    from: f64,
    to: f64,
    nodes: Vec<f64>,
    values: Vec<f64>,
}

impl Distribution<'_> {
    /// E h(sigma) = h(b) - integral of h' F from a to b, with F = 0 below a and 1 above b.
    fn extreme(mut self, p: usize, q: usize, rule: &Rule) -> Option<Extreme> {
        let (p, q) = ((p as f64).sqrt(), (q as f64).sqrt());
        // The expectation lies on the inner side of the edge, not further than 3 from it.
        let (from, to) = match self.which {
            Which::Smallest => ((p - q - REACH).max(0.0), p - q + REACH + 3.0),
            Which::Largest => ((p + q - REACH - 3.0).max(0.0), p + q + REACH),
        };
        let (from, to) = self.narrowed(&Rule::new(SCOUTS), (from, to))?.rise().range();
        let samples = self.narrowed(rule, (from, to))?;
        let half = (samples.to - samples.from) / 2.0;
        let integral = |slope: fn(f64) -> f64| {
            let terms = samples.nodes.iter().zip(&samples.values).zip(&rule.weights);
            half * terms.map(|((&u, f), w)| w * slope(u) * f).sum::<f64>()
        };
        let (mean, mean_log) = (samples.to - integral(|_| 1.0), samples.to.ln() - integral(f64::recip));
        Some(Extreme { mean, mean_log })
    }

    /// F on a part of the range in which it rises over most nodes.
    fn narrowed(&mut self, rule: &Rule, (from, to): (f64, f64)) -> Option<Samples> {
        let mut samples = self.sample(rule, from, to)?;
        for _ in 0..NARROWINGS {
            let rise = samples.rise();
            if rise.inside as f64 >= SHARE_INSIDE * rule.nodes.len() as f64 {
                return Some(samples);
            }
            samples = self.sample(rule, rise.from, rise.to)?;
        }
        None
    }

    fn sample(&mut self, rule: &Rule, from: f64, to: f64) -> Option<Samples> {
        self.start.advance(from, |_| ());
        let mut walk = self.start.clone();
        let nodes: Vec<f64> = rule.nodes.iter().map(|x| from + (to - from) * (1.0 + x) / 2.0).collect();
        let value = |&u: &f64| {
            walk.advance(u, |_| ());
            match self.which {
                Which::Smallest => 1.0 - walk.ahead(self.whole).pfaffian().over(self.one),
                Which::Largest => walk.behind().pfaffian().over(self.one),
            }
        };
        let values: Vec<f64> = nodes.iter().map(value).collect();
        let sound = values.iter().all(|f| (-SPOILT..=1.0 + SPOILT).contains(f));
        sound.then_some(Samples { from, to, nodes, values })
    }
}

/// Where F is neither 0 nor 1.
struct Rise {
    /// The last node before it, or the end of the range.
    from: f64,
    /// The first node behind it, or the end of the range.
    to: f64,
    /// Nodes in it.
    inside: usize,
}

impl Rise {
    fn range(&self) -> (f64, f64) {
        (self.from, self.to)
    }
}

impl Samples {
    fn rise(&self) -> Rise {
        let first = self.values.iter().position(|&f| f > NEGLIGIBLE).unwrap_or(0);
        let last = self.values.iter().rposition(|&f| f < 1.0 - NEGLIGIBLE).unwrap_or(0).max(first);
        let from = first.checked_sub(1).map_or(self.from, |before| self.nodes[before]);
        let to = self.nodes.get(last + 1).copied().unwrap_or(self.to);
        Rise { from, to, inside: last + 1 - first }
    }
}
