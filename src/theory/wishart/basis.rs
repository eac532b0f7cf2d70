//! The functions in which Pfaffians are taken: orthonormal on the half-line of singular values.

/// phi_i(s) = c p_i(s^2) s^alpha e^(-s^2 / 2), i < count, alpha = p - q, with p_i the Laguerre polynomials that make the
/// phi_i orthogonal and of one norm on s > 0. The singular values of a p x q Gaussian matrix have the joint density
/// proportional to prod_(i < j) |s_i^2 - s_j^2| prod_i s_i^alpha e^(-s_i^2 / 2), so these functions span what de Bruijn's
/// formula asks for, oscillate where the singular values are, and keep its matrices well conditioned. c is 1 over the
/// largest value of the weight: it cancels in every ratio of Pfaffians.
pub(super) struct Basis {
    /// p - q.
    alpha: f64,
    /// How many functions.
    count: usize,
    /// sqrt(k (k + alpha - 1/2)), k <= count.
    steps: Vec<f64>,
}

/// Recurrences are scaled back when they pass this: far from the singular values the weight is below the range of f64
/// where the polynomials are above it.
const LARGE: f64 = 1e150;

impl Basis {
    /// The first q functions for p x q matrices, p >= q.
    pub(super) fn new(p: usize, q: usize) -> Self {
        let alpha = (p - q) as f64;
        let steps = (0..=q).map(|k| (k as f64 * (k as f64 + alpha - 0.5)).sqrt()).collect();
        Self { alpha, count: q, steps }
    }

    /// How many functions.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Radians per unit length that no function of the basis exceeds: phi_k'' = -(4 k + 2 alpha + 1 - s^2 - alpha (alpha - 1) /
    /// s^2) phi_k, and the last two terms are together at least 2 sqrt(alpha (alpha - 1)).
    pub(super) fn highest_frequency(&self) -> f64 {
        let least = if self.alpha > 1.0 { (self.alpha * (self.alpha - 1.0)).sqrt() } else { 0.0 };
        (4.0 * self.count as f64 + 2.0 * (self.alpha - least)).sqrt()
    }

    /// phi_0(s), ..., phi_(count - 1)(s) for s > 0, into `values`.
    pub(super) fn values_into(&self, s: f64, values: &mut [f64]) {
        let t = s * s;
        let mut log_scale = self.log_weight(s);
        let mut scale = log_scale.exp();
        let (mut before, mut here) = (0.0, 1.0);
        for (k, value) in values.iter_mut().enumerate() {
            *value = here * scale;
            let next = ((2.0 * k as f64 + 0.5 + self.alpha - t) * here - self.steps[k] * before) / self.steps[k + 1];
            (before, here) = (here, next);
            if here.abs() > LARGE {
                (before, here) = (before / LARGE, here / LARGE);
                log_scale += LARGE.ln();
                scale = log_scale.exp();
            }
        }
    }

    /// log(s^alpha e^(-s^2 / 2)), minus its largest value: written so that nothing large cancels.
    fn log_weight(&self, s: f64) -> f64 {
        if self.alpha == 0.0 {
            return -s * s / 2.0;
        }
        let x = s / self.alpha.sqrt() - 1.0;
        self.alpha * (x.ln_1p() - x - x * x / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::legendre::Rule;
    use super::*;

    #[test]
    fn the_functions_are_orthogonal_and_of_one_norm() {
        for (p, q) in [(1, 1), (6, 6), (9, 4), (30, 29), (400, 3)] {
            let basis = Basis::new(p, q);
            let rule = Rule::new(24);
            let end = (p as f64).sqrt() + (q as f64).sqrt() + 9.0;
            let width = 2.0 / basis.highest_frequency();
            let mut gram = vec![0.0; q * q];
            let mut values = vec![0.0; q];
            for panel in (0..).take_while(|&panel| f64::from(panel) * width < end) {
                for (x, w) in rule.nodes.iter().zip(&rule.weights) {
                    basis.values_into((f64::from(panel) + 0.5 + x / 2.0) * width, &mut values);
                    for i in 0..q {
                        for j in 0..q {
                            gram[i * q + j] += w * width / 2.0 * values[i] * values[j];
                        }
                    }
                }
            }
            for i in 0..q {
                for j in 0..q {
                    let expected = if i == j { gram[0] } else { 0.0 };
                    let found = gram[i * q + j];
                    assert!((found - expected).abs() < 1e-11 * gram[0], "{p} x {q}: ({i}, {j}) {found}");
                }
            }
        }
    }

    #[test]
    fn where_the_weight_underflows_the_functions_need_not() {
        let mut values = vec![0.0; 250];
        Basis::new(600, 250).values_into(52.0, &mut values);
        assert!(values.iter().all(|value| value.is_finite()));
        assert_eq!(values[0], 0.0);
        assert!((1e-120..1e-60).contains(&values[249].abs()), "{}", values[249]);
    }
}
