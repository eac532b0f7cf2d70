//! De Bruijn's matrix, gathered panel by panel along the singular values.

use super::basis::Basis;
use super::legendre::Rule;
use super::skew::SkewFactor;

/// Phase of the fastest function over a panel of [`Rules::fine`]: 24 nodes carry it, and its running integral, to the
/// last digits (the polynomial through them is off by (phase / 4)^24 / 24!).
const FINE_PHASE: f64 = 9.0;
/// The same for the 12 nodes of [`Rules::coarse`].
const COARSE_PHASE: f64 = 1.5;

/// The two quadrature rules of the panels.
pub(super) struct Rules {
    coarse: Rule,
    fine: Rule,
}

impl Default for Rules {
    fn default() -> Self {
        Self { coarse: Rule::new(12), fine: Rule::new(24) }
    }
}

/// A stretch of the half-line with the basis on its nodes.
pub(super) struct Panel {
    /// The nodes, ascending.
    pub(super) s: Vec<f64>,
    /// Their weights.
    pub(super) weights: Vec<f64>,
    /// phi_i at each node, node by node.
    pub(super) phi: Vec<f64>,
    /// The integral of phi_i from 0 to each node, node by node.
    pub(super) running: Vec<f64>,
}

/// Walks along the half-line from 0 and gathers integrals of the basis over what lies behind.
#[derive(Clone)]
pub(super) struct Walk<'a> {
    basis: &'a Basis,
    rules: &'a Rules,
    /// Where it stands.
    at: f64,
    /// The integral of phi_i from 0 to `at`.
    running: Vec<f64>,
    /// The integral of phi_j(y) times that of phi_i from 0 to y, over y below `at`: count x count.
    products: Vec<f64>,
}

impl<'a> Walk<'a> {
    /// At `start`, below which the basis is taken to be 0.
    pub(super) fn new(basis: &'a Basis, rules: &'a Rules, start: f64) -> Self {
        let count = basis.count();
        Self { basis, rules, at: start, running: vec![0.0; count], products: vec![0.0; count * count] }
    }

    /// The integral of each phi_i from 0 to where it stands.
    pub(super) fn running(&self) -> &[f64] {
        &self.running
    }

    /// Goes on to `end`, showing each panel to `see`.
    pub(super) fn advance(&mut self, end: f64, mut see: impl FnMut(Panel)) {
        let (start, length) = (self.at, end - self.at);
        let phase = length * self.basis.highest_frequency();
        if length <= 0.0 {
            return;
        }
        let rule = if phase <= COARSE_PHASE { &self.rules.coarse } else { &self.rules.fine };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most some thousands")]
        let panels = (phase / FINE_PHASE).ceil().max(1.0) as usize;
        let width = length / panels as f64;
        for panel in 0..panels {
            see(self.panel(rule, start + width * panel as f64, width));
        }
        self.at = end;
    }

    fn panel(&mut self, rule: &Rule, from: f64, length: f64) -> Panel {
        let (count, half) = (self.basis.count(), length / 2.0);
        let s: Vec<f64> = rule.nodes.iter().map(|x| from + half * (1.0 + x)).collect();
        let weights: Vec<f64> = rule.weights.iter().map(|w| half * w).collect();
        let mut phi = vec![0.0; s.len() * count];
        for (s, values) in s.iter().zip(phi.chunks_exact_mut(count)) {
            self.basis.values_into(*s, values);
        }
        let mut running = Vec::with_capacity(phi.len());
        for row in &rule.running {
            let start = running.len();
            running.extend_from_slice(&self.running);
            for (r, values) in row.iter().zip(phi.chunks_exact(count)) {
                add_scaled(&mut running[start..], half * r, values);
            }
        }
        for ((w, values), running) in weights.iter().zip(phi.chunks_exact(count)).zip(running.chunks_exact(count)) {
            for (products, r) in self.products.chunks_exact_mut(count).zip(running) {
                add_scaled(products, w * r, values);
            }
        }
        for (w, values) in weights.iter().zip(phi.chunks_exact(count)) {
            add_scaled(&mut self.running, *w, values);
        }
        Panel { s, weights, phi, running }
    }

    /// De Bruijn's matrix of the indicator of what lies behind, factored.
    pub(super) fn behind(&self) -> SkewFactor {
        self.factor(|i, j| self.entry(i, j), |i| self.running[i])
    }

    /// De Bruijn's matrix of the indicator of what lies ahead, factored; `whole` stands at the end.
    pub(super) fn ahead(&self, whole: &Walk<'_>) -> SkewFactor {
        let total = &whole.running;
        // The pairs x < y of which at least x lies behind: both behind, or x behind and y ahead.
        let crossing = |i: usize, j: usize| self.running[i] * total[j] - self.running[j] * total[i];
        self.factor(|i, j| whole.entry(i, j) - self.entry(i, j) - crossing(i, j), |i| total[i] - self.running[i])
    }

    /// The integral of phi_i(x) phi_j(y) - phi_j(x) phi_i(y) over x < y behind.
    fn entry(&self, i: usize, j: usize) -> f64 {
        let count = self.basis.count();
        self.products[i * count + j] - self.products[j * count + i]
    }

    /// A matrix of odd order gets one more row and column, `border`.
    fn factor(&self, entry: impl Fn(usize, usize) -> f64, border: impl Fn(usize) -> f64) -> SkewFactor {
        let count = self.basis.count();
        let order = count.next_multiple_of(2);
        let mut a = vec![0.0; order * order];
        for i in 0..count {
            for j in i + 1..count {
                a[i * order + j] = entry(i, j);
            }
            if order > count {
                a[i * order + count] = border(i);
            }
        }
        SkewFactor::new(order, a)
    }
}

/// y += a x.
fn add_scaled(y: &mut [f64], a: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}
