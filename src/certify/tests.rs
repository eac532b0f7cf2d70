//! The enclosure against matrices whose singular values are known, and against sabotage.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::engine::{Convergence, Route, Vectors, cpu};
use crate::linalg::{Columns, Dd, Scalar};
use crate::matrix::Matrix;

fn pseudo_random(rows: usize, cols: usize, seed: u64) -> Matrix {
    let mut state = seed;
    Matrix::from_fn(rows, cols, |_, _| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 2.0_f64.powi(53) - 0.5
    })
}

fn auto(x: &Matrix, rtol: f64) -> Certified {
    certify(x, cpu::factor(x, Vectors::Right), Ladder::Climb { rtol }, rtol)
}

/// Singular values by a double-double Jacobi from scratch: good to about 25 digits relative to sigma_max.
fn reference(x: &Matrix) -> Vec<Dd> {
    let mut b = Columns::<Dd>::tall(x);
    crate::linalg::one_sided_jacobi(&mut b, None).sigma
}

fn assert_contains(enclosure: &Enclosure, exact: &[Dd], what: &str) {
    let slack = exact[0].to_f64() * 1e-24;
    for (i, exact) in exact.iter().enumerate() {
        let (above_lo, below_hi) =
            ((*exact - Dd::from_f64(enclosure.lo[i])).to_f64(), (Dd::from_f64(enclosure.hi[i]) - *exact).to_f64());
        assert!(
            above_lo >= -slack && below_hi >= -slack,
            "{what}: sigma_{i} = {exact:?} outside [{:e}, {:e}]",
            enclosure.lo[i],
            enclosure.hi[i]
        );
    }
}

#[test]
fn well_conditioned_matrices_are_enclosed_tightly_without_climbing() {
    for (n, d) in [(1, 1), (1, 4), (4, 1), (6, 12), (12, 6), (30, 30), (40, 25)] {
        let x = pseudo_random(n, d, 7);
        let certified = auto(&x, 1e-6);
        assert_eq!(certified.status, Status::Ok, "{n}x{d}");
        assert_eq!(certified.factors.route, Route::CpuF64, "{n}x{d}");
        assert_contains(&certified.enclosure, &reference(&x), &format!("{n}x{d}"));
        let q = n.min(d);
        for i in 0..q {
            let width = certified.enclosure.relative_half_width(i);
            assert!(width < 1e-10, "{n}x{d}, sigma_{i}: {width:e}");
        }
    }
}

#[test]
fn nearly_dependent_columns_climb_and_are_resolved() {
    for epsilon in [1e-3, 1e-6, 1e-9, 1e-12, 1e-14] {
        let mut x = pseudo_random(20, 8, 3);
        for i in 0..20 {
            x[(i, 7)] = x[(i, 0)] + epsilon * x[(i, 7)];
        }
        let certified = auto(&x, 1e-6);
        assert_eq!(certified.status, Status::Ok, "epsilon {epsilon:e}: {:?}", certified.enclosure);
        assert_contains(&certified.enclosure, &reference(&x), &format!("epsilon {epsilon:e}"));
    }
}

#[test]
fn exactly_dependent_columns_stay_unresolved_and_spoil_no_other_value() {
    let g = pseudo_random(12, 5, 9);
    let x = Matrix::from_fn(12, 6, |i, j| g[(i, j % 5)]);
    let certified = auto(&x, 1e-6);
    assert_eq!(certified.status, Status::Unresolved);
    assert_eq!(certified.enclosure.lo[5], 0.0);
    assert!(certified.enclosure.hi[5] < 1e-25, "{:e}", certified.enclosure.hi[5]);
    for i in 0..5 {
        let width = certified.enclosure.relative_half_width(i);
        assert!(width < 1e-12, "sigma_{i}: {width:e}");
    }
}

#[test]
fn integer_matrices_with_known_values() {
    // Orthogonal rows of lengths 3, 4, 12 (times sqrt 1): exact values without any computation.
    let x = Matrix::new(3, 3, vec![3.0, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 12.0, 0.0]);
    let enclosure = auto(&x, 1e-6).enclosure;
    for (i, exact) in [12.0, 4.0, 3.0].into_iter().enumerate() {
        assert!(enclosure.lo[i] <= exact && exact <= enclosure.hi[i]);
    }
}

#[test]
fn a_wrong_v_widens_but_is_never_false() {
    let x = pseudo_random(15, 6, 5);
    let exact = reference(&x);
    let v = cpu::factor(&x, Vectors::Right).v.unwrap();
    let good = enclose(&x, &v).relative_half_width(5);

    let mut one_wrong_column = v.clone();
    let first = v.column(0).to_vec();
    one_wrong_column.column_mut(5).copy_from_slice(&first);
    let mut swapped = v.clone();
    swapped.swap_columns(0, 5);
    let mut rotated = v.clone();
    let (a, b) = rotated.pair_mut(0, 5);
    crate::linalg::rotate(a, b, 0.8, 0.6);
    let random = Columns::from_fn(6, 6, |i, j| ((i * 5 + j * 3) % 7) as f64 / 9.0 - 0.3);
    let scaled = Columns::from_fn(6, 6, |i, j| v[(i, j)] * 1.05);
    let mut not_a_number = v.clone();
    not_a_number.column_mut(2)[3] = f64::NAN;
    let mut infinite = v.clone();
    infinite.column_mut(2)[3] = f64::INFINITY;
    let identity = Columns::identity(6);
    for (what, v) in [
        ("one wrong column", one_wrong_column),
        ("rotated", rotated),
        ("random", random),
        ("scaled", scaled),
        ("zero", Columns::zeros(6, 6)),
        ("NaN", not_a_number),
        ("infinite", infinite),
        ("identity", identity),
        ("wrong shape", Columns::identity(5)),
    ] {
        let enclosure = enclose(&x, &v);
        assert_contains(&enclosure, &exact, what);
        let width = enclosure.relative_half_width(5);
        assert!(width > 1000.0 * good, "{what}: {width:e} is not wider than {good:e}");
    }
    // The order of the columns carries no information.
    let width = enclose(&x, &swapped).relative_half_width(5);
    assert!(width <= 1.01 * good, "{width:e}");
}

#[test]
fn a_lying_engine_is_caught_and_the_row_climbs() {
    let x = pseudo_random(15, 6, 11);
    let honest = cpu::factor(&x, Vectors::Right);
    let lies = [
        Factors { v: Some(Columns::zeros(6, 6)), ..honest.clone() },
        Factors { sigma: vec![f64::NAN; 6], ..honest.clone() },
        Factors { convergence: Convergence::SweepLimit, ..honest.clone() },
        Factors { route: Route::GpuF32, v: Some(Columns::identity(6)), ..honest.clone() },
    ];
    for lie in lies {
        let certified = certify(&x, lie, Ladder::Climb { rtol: 1e-6 }, 1e-6);
        assert_eq!(certified.status, Status::Ok);
        assert_contains(&certified.enclosure, &reference(&x), "lie");
        for (sigma, honest) in certified.factors.sigma.iter().zip(&honest.sigma) {
            assert!((sigma / honest - 1.0).abs() < 1e-13, "{sigma} against {honest}");
        }
    }
    let stays = certify(&x, Factors { sigma: vec![f64::NAN; 6], ..honest }, Ladder::Stay, 1e-6);
    assert_eq!(stays.status, Status::Failed);
}

#[test]
fn extreme_scales_and_mixtures_are_enclosed() {
    for exponent in [-1040, -900, 0, 900, 1020] {
        let x = pseudo_random(7, 4, 13);
        let scaled = Matrix::from_fn(7, 4, |i, j| x[(i, j)].times_power_of_two(exponent));
        let certified = auto(&scaled, 1e-6);
        assert_eq!(certified.status, Status::Ok, "2^{exponent}");
        // The scaled entries may have been rounded to subnormals: their own values are the reference.
        let lifted = Matrix::from_fn(7, 4, |i, j| scaled[(i, j)].times_power_of_two(-exponent));
        for (i, exact) in reference(&lifted).iter().enumerate() {
            let back = |bound: f64| bound.times_power_of_two(-exponent);
            let (lo, hi) = (back(certified.enclosure.lo[i]), back(certified.enclosure.hi[i]));
            assert!(lo <= exact.to_f64() && exact.to_f64() <= hi, "2^{exponent}: {exact:?} outside [{lo:e}, {hi:e}]");
        }
    }
    let mixed = Matrix::new(2, 2, vec![1e300, 0.0, 0.0, 1e-300]);
    let certified = auto(&mixed, 1e-6);
    assert!(certified.enclosure.lo[0] <= 1e300 && 1e300 <= certified.enclosure.hi[0]);
    assert!(certified.enclosure.lo[1] <= 1e-300 && 1e-300 <= certified.enclosure.hi[1]);
    assert_ne!(certified.status, Status::Failed);
}

#[test]
fn a_norm_beyond_the_largest_number_is_an_infinite_bound_and_no_number() {
    // Equal columns, and a sigma_min that is known well: 2^1023 sqrt 2 beside a sigma_max that no f64 holds.
    let (large, half) = (f64::MAX, 2f64.powi(1023));
    for entries in [vec![large; 6], vec![half, half, half, -half, half, half]] {
        let certified = auto(&Matrix::new(3, 2, entries), 1e-6);
        assert_eq!(certified.enclosure.hi[0], f64::INFINITY);
        assert!(certified.enclosure.lo[0] > 1e308);
        assert_eq!(certified.status, Status::Failed);
    }
}

#[test]
fn a_zero_matrix_is_known_to_be_zero_up_to_underflow() {
    let certified = auto(&Matrix::zeros(3, 2), 1e-6);
    assert_eq!(certified.status, Status::Unresolved);
    assert!(certified.enclosure.hi[0] < 1e-300);
}

#[test]
fn enclosures_that_do_not_meet_are_a_failure() {
    let contradiction = Enclosure { lo: vec![2.0, 1.0], hi: vec![2.0, 1.0] }
        .intersected_with(&Enclosure { lo: vec![3.0, 1.0], hi: vec![3.0, 1.0] });
    assert_eq!(contradiction.status(1e-6), Status::Failed);
    assert_eq!(Enclosure { lo: vec![f64::NAN], hi: vec![1.0] }.status(1e-6), Status::Failed);
}
