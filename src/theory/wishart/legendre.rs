//! Gauss-Legendre quadrature, and the running integral on its nodes.

use std::f64::consts::PI;

/// A Gauss-Legendre rule on [-1, 1].
pub(super) struct Rule {
    /// Ascending.
    pub(super) nodes: Vec<f64>,
    /// Of the integral over [-1, 1].
    pub(super) weights: Vec<f64>,
    /// Row i times values at the nodes: the integral from -1 to node i of the polynomial through them.
    pub(super) running: Vec<Vec<f64>>,
}

impl Rule {
    /// The rule with `count` nodes, at least 1: exact for polynomials of degree 2 count - 1.
    pub(super) fn new(count: usize) -> Self {
        let nodes: Vec<f64> = (0..count).map(|i| root(count, i)).collect();
        let weights: Vec<f64> = nodes
            .iter()
            .map(|&x| {
                let slope = slope(count, x);
                2.0 / ((1.0 - x * x) * slope * slope)
            })
            .collect();
        // The polynomial through the values has Legendre coefficients c_k = (2 k + 1) / 2 sum_j w_j P_k(x_j) v_j, and
        // (2 k + 1) times the integral of P_k from -1 to x is P_(k+1)(x) - P_(k-1)(x).
        let at: Vec<Vec<f64>> = nodes.iter().map(|&x| legendre(count, x)).collect();
        let running = nodes
            .iter()
            .enumerate()
            .map(|(i, &x)| {
                let integral = |j: usize| {
                    let constant = f64::midpoint(x, 1.0);
                    (1..count).map(|k| at[j][k] * (at[i][k + 1] - at[i][k - 1]) / 2.0).sum::<f64>() + constant
                };
                (0..count).map(|j| weights[j] * integral(j)).collect()
            })
            .collect();
        Self { nodes, weights, running }
    }
}

/// P_0, ..., P_count at x.
fn legendre(count: usize, x: f64) -> Vec<f64> {
    let mut values = vec![1.0, x];
    for k in 1..count {
        let next = ((2 * k + 1) as f64 * x * values[k] - k as f64 * values[k - 1]) / (k + 1) as f64;
        values.push(next);
    }
    values
}

/// Derivative of P_count at x inside (-1, 1).
fn slope(count: usize, x: f64) -> f64 {
    let values = legendre(count, x);
    count as f64 * (x * values[count] - values[count - 1]) / (x * x - 1.0)
}

/// Root number `i` of P_count, ascending, by Newton's iteration from Tricomi's estimate.
fn root(count: usize, i: usize) -> f64 {
    let mut x = -(PI * (i as f64 + 0.75) / (count as f64 + 0.5)).cos();
    for _ in 0..8 {
        x -= legendre(count, x)[count] / slope(count, x);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_up_to_degree_2_count_minus_1_are_integrated_exactly() {
        for (count, powers) in [(1, 2), (2, 4), (12, 24), (24, 48)] {
            let rule = Rule::new(count);
            for power in 0..powers {
                let found: f64 = rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * x.powi(power)).sum();
                let exact = if power % 2 == 0 { 2.0 / f64::from(power + 1) } else { 0.0 };
                assert!((found - exact).abs() < 4e-15, "{count} nodes, x^{power}: {found}");
            }
        }
    }

    #[test]
    fn running_integrals_of_polynomials_below_the_count_are_exact() {
        let rule = Rule::new(12);
        for power in 0..12 {
            for (row, x) in rule.running.iter().zip(&rule.nodes) {
                let found: f64 = row.iter().zip(&rule.nodes).map(|(r, x)| r * x.powi(power)).sum();
                let exact = (x.powi(power + 1) - (-1f64).powi(power + 1)) / f64::from(power + 1);
                assert!((found - exact).abs() < 4e-15, "x^{power} to {x}: {found} against {exact}");
            }
        }
    }
}
