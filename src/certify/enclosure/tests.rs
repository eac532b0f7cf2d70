//! Columns of B as they are and columns scaled say the same, in any order: what decides between them shows in no bound.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::engine::{Vectors, cpu};
use crate::linalg::{Dd, one_sided_jacobi};
use crate::rng::Generator;

/// What served as directions.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Directions {
    Plain,
    Scaled,
}

/// Matrices with their V: tall, wide, and with columns each half as long as the one before.
fn samples() -> Vec<(Matrix, Columns<f64>)> {
    let normal = |n: usize, d: usize| Matrix::new(n, d, Generator::from_entropy(&[23, n as u64]).normals(n * d));
    let graded = {
        let g = normal(40, 17);
        Matrix::from_fn(40, 17, |i, j| g[(i, j)].times_power_of_two(-i32::try_from(j).unwrap()))
    };
    let with_v = |x: Matrix| {
        let v = cpu::factor(&x, Vectors::Right).v.unwrap();
        (x, v)
    };
    [normal(12, 6), normal(6, 12), graded].into_iter().map(with_v).collect()
}

/// The norms of the columns of A V, in the order of `v`.
fn product_norms(x: &Matrix, v: &Columns<f64>) -> Vec<f64> {
    tiled_product(&padded_tall(x, 0), v).iter().map(norm).collect()
}

/// The enclosure of the singular values of `x` that 2^`shift` X and `v` give.
fn enclosed(x: &Matrix, v: &Columns<f64>, shift: i32) -> (Enclosure, Directions) {
    let a = padded_tall(x, shift);
    let norms = column_norms_up(&a);
    let mut bounds = Bounds::from_norms(&norms);
    let b = bounds.tighten(&a, &norms, v).unwrap();
    let (leading, n) = leading_columns(&b, &norms, v);
    let plain = *n == b.permuted(&leading.order);
    (bounds.scaled_back(shift), if plain { Directions::Plain } else { Directions::Scaled })
}

/// Asserts that the bounds differ by a few roundings at most.
#[track_caller]
fn close(found: &Enclosure, expected: &Enclosure, what: &str) {
    for (found, expected) in found.lo.iter().chain(&found.hi).zip(expected.lo.iter().chain(&expected.hi)) {
        assert!((found / expected - 1.0).abs() <= 4.0 * f64::EPSILON, "{what}: {found:e} for {expected:e}");
    }
}

/// Norms just inside and just outside 1 and 2^500, where the directions change, and the widths with them only by roundings.
#[test]
fn plain_and_scaled_columns_give_the_same_bounds_at_both_ends() {
    for (x, v) in samples() {
        let norms = product_norms(&x, &v);
        let power = |norm: f64| exponent(norm).unwrap();
        let (smallest, largest) = norms.iter().fold((f64::MAX, 0.0_f64), |(s, l), &norm| (s.min(norm), l.max(norm)));
        // In [1, 2), in [1/2, 1), in [2^499, 2^500), in [2^500, 2^501).
        let (low, high) = (-power(smallest), 499 - power(largest));
        let (expected, directions) = enclosed(&x, &v, i32::midpoint(low, high));
        assert_eq!(directions, Directions::Plain);
        for (shift, directions) in [
            (low, Directions::Plain),
            (low - 1, Directions::Scaled),
            (high, Directions::Plain),
            (high + 1, Directions::Scaled),
        ] {
            let (found, found_directions) = enclosed(&x, &v, shift);
            assert_eq!(found_directions, directions, "2^{shift} X");
            close(&found, &expected, &format!("2^{shift} X"));
        }
        let exact = one_sided_jacobi(&mut Columns::<Dd>::tall(&x), None).sigma;
        for (i, exact) in exact.iter().enumerate() {
            let distance = |bound: f64| ((*exact - Dd::from_f64(bound)) / *exact).to_f64();
            // The reference itself is good to 1e-24 or so.
            assert!(distance(expected.lo[i]) >= -1e-24 && distance(expected.hi[i]) <= 1e-24, "sigma_{i} = {exact:?}");
            let width = expected.relative_half_width(i);
            assert!(width < 1e-9, "sigma_{i}: {width:e}, from the norms of A alone?");
        }
    }
}

/// The order of V's columns carries no information, whichever directions serve.
#[test]
fn shuffled_columns_give_the_enclosure_of_sorted_ones() {
    for (x, v) in samples() {
        let norms = product_norms(&x, &v);
        let q = norms.len();
        let mut order: Vec<usize> = (0..q).collect();
        order.sort_by(|&i, &j| norms[j].total_cmp(&norms[i]));
        let sorted = v.permuted(&order);
        let backwards: Vec<usize> = (0..q).rev().collect();
        let dealt: Vec<usize> = (0..q).step_by(2).chain((1..q).step_by(2)).collect();
        for (shift, directions) in [(200, Directions::Plain), (-300, Directions::Scaled)] {
            let (expected, of_sorted) = enclosed(&x, &sorted, shift);
            assert_eq!(of_sorted, directions);
            for shuffle in [&backwards, &dealt] {
                let (found, of_shuffled) = enclosed(&x, &sorted.permuted(shuffle), shift);
                assert_eq!(of_shuffled, directions);
                // The sums for V'V run in another order.
                close(&found, &expected, &format!("2^{shift} X, {shuffle:?}"));
            }
        }
    }
}
