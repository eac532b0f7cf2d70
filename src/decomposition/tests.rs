//! Both factors, the rank and the spaces that X does not see.

use super::*;
use crate::linalg::dot;

/// Entries without structure in (-0.5, 0.5).
fn sample(n: usize, d: usize) -> Matrix {
    Matrix::new(n, d, crate::rng::Generator::from_entropy(&[5, n as u64, d as u64]).normals(n * d))
}

fn duplicated(n: usize, d: usize) -> Matrix {
    let g = sample(n, d);
    Matrix::from_fn(n, d, |i, j| if j + 1 == d { g[(i, 0)] } else { g[(i, j)] })
}

/// Largest |Q'Q - I| over the first `rank` columns.
fn orthogonality(q: &Columns<f64>, rank: usize) -> f64 {
    let mut worst = 0.0_f64;
    for i in 0..rank {
        for j in 0..rank {
            worst = worst.max((dot(q.column(i), q.column(j)) - f64::from(u8::from(i == j))).abs());
        }
    }
    worst
}

#[test]
fn both_factors_are_orthonormal_and_reproduce_x_in_every_shape() {
    for x in [sample(1, 1), sample(9, 4), sample(4, 9), sample(6, 6), duplicated(8, 4), duplicated(5, 9)] {
        let (n, d) = (x.rows(), x.cols());
        let svd = ThinSvd::of(&x);
        assert_eq!((svd.left.rows(), svd.right.rows()), (n, d));
        let worst = orthogonality(&svd.left, svd.rank).max(orthogonality(&svd.right, svd.rank));
        assert!(worst < 1e-13, "{n}x{d}: {worst:e}");
        let residual = svd.reconstruction_residual(&x, x.frobenius_norm());
        assert!(residual < 1e-14, "{n}x{d}: {residual:e}");
    }
}

#[test]
fn small_singular_values_leave_both_factors_orthonormal() {
    for (n, d) in [(12, 5), (5, 12), (7, 7)] {
        for exponent in [2, 4, 8, 12] {
            // Columns of sizes 1 to 10^-exponent times a mixing, so that no scaling of columns repairs kappa.
            let (g, mix) = (sample(n, d), sample(d, d));
            let size = |j: usize| 10f64.powf(-f64::from(exponent) * j as f64 / (d - 1) as f64);
            let x = Matrix::from_fn(n, d, |i, j| (0..d).map(|k| g[(i, k)] * size(k) * mix[(k, j)]).sum());
            let svd = ThinSvd::of(&x);
            let worst = orthogonality(&svd.left, svd.rank).max(orthogonality(&svd.right, svd.rank));
            assert!(worst < 1e-13, "{n}x{d} 1e-{exponent}: {worst:e}");
            let residual = svd.reconstruction_residual(&x, x.frobenius_norm());
            assert!(residual < 1e-14, "{n}x{d} 1e-{exponent}: {residual:e}");
        }
    }
}

#[test]
fn predictions_err_by_u_kappa_in_every_shape() {
    for (n, d) in [(20, 40), (20, 20)] {
        let (of_rows, of_columns) = (ThinSvd::of(&sample(n, d)), ThinSvd::of(&sample(d, n)));
        for kappa in [3.0, 15.9, 30.0, 300.0, 1e3, 1e4, 1e6] {
            let sigma = |k: usize| f64::powf(kappa, -(k as f64) / (n - 1) as f64);
            let entry = |i, j| (0..n).map(|k| of_rows.left[(i, k)] * sigma(k) * of_columns.left[(j, k)]).sum();
            let x = Matrix::from_fn(n, d, entry);
            let y = sample(n, 1).as_slice().to_vec();
            // A square or wide X of full rank fits every y.
            let fit = x.times(&ThinSvd::of(&x).solve(&y, 0.0));
            let error = crate::linalg::distance(&fit, &y) / norm(&y);
            assert!(error < 8.0 * f64::EPSILON * kappa, "{n}x{d}, kappa {kappa:e}: {error:e}");
        }
    }
}

#[test]
fn rank_and_nullities_count_what_is_lost() {
    let shape = |svd: &ThinSvd| (svd.rank, svd.nullity(), svd.left_nullity());
    assert_eq!(shape(&ThinSvd::of(&sample(9, 4))), (4, 0, 5));
    assert_eq!(shape(&ThinSvd::of(&sample(4, 9))), (4, 5, 0));
    assert_eq!(shape(&ThinSvd::of(&duplicated(8, 4))), (3, 1, 5));
    assert_eq!(shape(&ThinSvd::of(&Matrix::zeros(2, 3))), (0, 3, 2));
}

#[test]
fn the_rank_rule_is_numpys() {
    let tolerance = 10.0 * f64::EPSILON;
    assert_eq!(numerical_rank(10, 2, &[1.0, tolerance]), 1, "above the tolerance, not at it");
    assert_eq!(numerical_rank(10, 2, &[1.0, tolerance.next_up()]), 2);
    assert_eq!(numerical_rank(10, 2, &[0.0, 0.0]), 0);
    assert_eq!(numerical_rank(10, 2, &[f64::NAN, 1.0]), 0);
}

#[test]
fn null_components_are_orthogonal_to_what_x_sees_however_small_they_are() {
    let x = sample(4, 9);
    let svd = ThinSvd::of(&x);
    // A row of X plus a null component 1e-10 its size.
    let z = svd.null_component(sample(1, 9).row(0));
    let mut w = x.row(2).to_vec();
    axpy(1e-10, &z, &mut w);
    let null = svd.null_component(&w);
    let seen = norm(&x.times(&null)) / norm(&null);
    assert!(seen < 1e-14, "X z / z = {seen:e}");
    assert!((norm(&null) / (1e-10 * norm(&z)) - 1.0).abs() < 1e-4);
    let y = sample(9, 1).column(0);
    let x = sample(9, 4);
    let residual = ThinSvd::of(&x).left_null_component(&y);
    let seen = norm(&x.transpose_times(&residual)) / norm(&residual);
    assert!(seen < 1e-14, "X'r / r = {seen:e}");
}

#[test]
fn a_penalty_of_zero_is_the_limit_of_small_ones_and_has_least_norm() {
    let x = duplicated(8, 4);
    let svd = ThinSvd::of(&x);
    let y = sample(8, 1).column(0);
    let w0 = svd.solve(&y, 0.0);
    let near = svd.solve(&y, 1e-12);
    let gap: Vec<f64> = w0.iter().zip(near).map(|(a, b)| a - b).collect();
    assert!(norm(&gap) < 1e-10 * norm(&w0));
    // Equal columns share their weight equally: any other split fits as well but is longer.
    assert!((w0[0] - w0[3]).abs() < 1e-13);
}
