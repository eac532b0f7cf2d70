//! The distributions of the smallest and of the largest singular value, and their expectations.

use super::basis::Basis;
use super::density::{REACH, lower_end, upper_end};
use super::form::{Rules, Walk};
use super::legendre::Rule;

/// Nodes of the integrals over a distribution function: enough for one that rises over a tenth of the range.
const NODES: usize = 32;
/// Probabilities below this are nothing, and within this of 1 are 1.
const NEGLIGIBLE: f64 = 1e-14;
/// The range shrinks around the rise of the distribution function at most this often.
const NARROWINGS: usize = 6;

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
        let (basis, rules) = (Basis::new(p, q), Rules::default());
        let mut whole = Walk::new(&basis, &rules, lower_end(p, q));
        whole.advance(upper_end(p, q), |_| ());
        let one = |which| extreme(which, &basis, &rules, &whole, (p, q));
        Some(Self { smallest: one(Which::Smallest)?, largest: one(Which::Largest)? })
    }
}

/// The extreme singular value `which` of a p x q matrix of independent standard normals, p >= q; `whole` has walked to the
/// end. `None` where the distribution function is spoilt by rounding.
///
/// P(largest <= u) and P(smallest > u) are the ratios of the Pfaffian of the indicator of what lies below, or above, u to
/// that of 1; then E h(sigma) = h(b) - integral of h' F from a to b, with F = 0 below a and 1 above b.
fn extreme(which: Which, basis: &Basis, rules: &Rules, whole: &Walk<'_>, (p, q): (usize, usize)) -> Option<Extreme> {
    let edge = match which {
        Which::Smallest => (p as f64).sqrt() - (q as f64).sqrt(),
        Which::Largest => (p as f64).sqrt() + (q as f64).sqrt(),
    };
    // The expectation lies on the inner side of the edge, not further than 3: the rest is reach.
    let (inside, outside) = match which {
        Which::Smallest => (edge - REACH, edge + REACH + 3.0),
        Which::Largest => (edge - REACH - 3.0, edge + REACH),
    };
    let (mut from, mut to) = (inside.max(0.0), outside);
    let one = whole.behind().pfaffian();
    let rule = Rule::new(NODES);
    let mut start = Walk::new(basis, rules, lower_end(p, q));
    for narrowing in 0.. {
        start.advance(from, |_| ());
        let mut walk = start.clone();
        let place = |x: &f64| from + (to - from) * (1.0 + x) / 2.0;
        let nodes: Vec<f64> = rule.nodes.iter().map(place).collect();
        let probabilities: Vec<f64> = nodes
            .iter()
            .map(|&u| {
                walk.advance(u, |_| ());
                match which {
                    Which::Smallest => 1.0 - walk.ahead(whole).pfaffian().over(one),
                    Which::Largest => walk.behind().pfaffian().over(one),
                }
            })
            .collect();
        if probabilities.iter().any(|&f| !(-1e-10..=1.0 + 1e-10).contains(&f)) {
            return None;
        }
        let (rises, ends) = rise(&nodes, &probabilities, (from, to));
        if narrowing == NARROWINGS || ends - rises > 0.6 * (to - from) {
            let half = (to - from) / 2.0;
            let integral = |slope: fn(f64) -> f64| {
                let terms = nodes.iter().zip(&probabilities).zip(&rule.weights);
                half * terms.map(|((&u, f), w)| w * slope(u) * f).sum::<f64>()
            };
            let (mean, mean_log) = (to - integral(|_| 1.0), to.ln() - integral(f64::recip));
            return Some(Extreme { mean, mean_log });
        }
        (from, to) = (rises, ends);
    }
    None
}

/// The part of the range in which the distribution function is neither 0 nor 1.
fn rise(nodes: &[f64], probabilities: &[f64], (from, to): (f64, f64)) -> (f64, f64) {
    let first = probabilities.iter().position(|&f| f > NEGLIGIBLE).unwrap_or(0);
    let last = probabilities.iter().rposition(|&f| f < 1.0 - NEGLIGIBLE).unwrap_or(nodes.len() - 1);
    let below = if first == 0 { from } else { nodes[first - 1] };
    let above = nodes.get(last + 1).copied().unwrap_or(to);
    (below, above)
}
