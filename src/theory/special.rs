//! The few special functions that laws need.

use std::f64::consts::{FRAC_PI_2, PI};

/// E chi_k = sqrt 2 Gamma((k + 1) / 2) / Gamma(k / 2), the mean length of k independent standard normals; 0 for k = 0.
pub(super) fn mean_chi(k: usize) -> f64 {
    let (mut mean, mut at) = match k {
        0 => return 0.0,
        k if k % 2 == 1 => ((2.0 / PI).sqrt(), 1),
        _ => (FRAC_PI_2.sqrt(), 2),
    };
    while at < k {
        // Gamma(x + 1) = x Gamma(x), above and below.
        mean *= (at + 1) as f64 / at as f64;
        at += 2;
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_chi() {
        let close = |found: f64, exact: f64| assert!((found / exact - 1.0).abs() < 1e-13, "{found} against {exact}");
        close(mean_chi(1), (2.0 / PI).sqrt());
        close(mean_chi(3), (8.0 / PI).sqrt());
        close(mean_chi(4), 1.5 * FRAC_PI_2.sqrt());
        // sqrt(k - 1/2 + 1/(8 k) + ...), Johnson, Kotz & Balakrishnan, chapter 18.
        let k = 10_001.0;
        close(mean_chi(10_001), f64::sqrt(k - 0.5 + 0.125 / k));
        assert_eq!(mean_chi(0), 0.0);
    }
}
