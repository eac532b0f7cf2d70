#![allow(clippy::unwrap_used)]

use super::*;
use crate::rng::Generator;

/// 1 / (i + j + 1): kappa 5e5 for five columns, 1e13 for nine square.
fn hilbert(n: usize, d: usize) -> Matrix {
    Matrix::from_fn(n, d, |i, j| 1.0 / (i + j + 1) as f64)
}

fn alternating(n: usize) -> Vec<f64> {
    (0..n).map(|i| if i % 2 == 0 { 1.0 } else { -0.5 }).collect()
}

/// Distance from the solution by QR in double-double, relative to it.
fn error(x: &Matrix, y: &[f64], lambda: f64, w: &[f64]) -> f64 {
    let exact = LeastSquares::<Dd>::new(x).solve(y, lambda).unwrap();
    let gap: Vec<f64> = w.iter().zip(&exact).map(|(&w, &e)| (Dd::from_f64(w) - e).to_f64()).collect();
    norm(&gap) / norm(&exact).to_f64()
}

#[test]
fn both_shapes_and_all_penalties_are_refined_to_the_last_bit() {
    for (n, d) in [(12, 5), (9, 9), (5, 12)] {
        let (x, y) = (hilbert(n, d), alternating(n));
        let svd = ThinSvd::of(&x);
        let fit = Fit::new(&svd, &x, &y);
        for lambda in [0.0, 1e-25, 1e-18, 1e-12] {
            let solution = fit.solution(lambda);
            assert!(matches!(solution.means, Means::Refined { .. }), "{n}x{d}, {lambda:e}: {:?}", solution.means);
            let error = error(&x, &y, lambda, &solution.w);
            assert!(error < 4e-16, "{n}x{d}, {lambda:e}: {error:e}");
        }
    }
}

#[test]
fn scales_of_x_and_y_change_nothing() {
    let (x, y) = (hilbert(9, 6), alternating(9));
    let solved = |x_shift: i32, y_shift: i32, lambda: f64| {
        let x = Matrix::from_fn(9, 6, |i, j| x[(i, j)].times_power_of_two(x_shift));
        let y: Vec<f64> = y.iter().map(|y| y.times_power_of_two(y_shift)).collect();
        let solution = ThinSvd::of(&x).solve_refined(&x, &y, lambda.times_power_of_two(2 * x_shift));
        assert!(matches!(solution.means, Means::Refined { .. }), "2^{x_shift}, 2^{y_shift}: {:?}", solution.means);
        let w: Vec<f64> = solution.w.iter().map(|w| w.times_power_of_two(x_shift - y_shift)).collect();
        (w, solution.residual.iter().map(|r| r.times_power_of_two(-y_shift)).collect::<Vec<f64>>())
    };
    for lambda in [0.0, 1e-16] {
        let expected = solved(0, 0, lambda);
        for (x_shift, y_shift) in [(300, 0), (-300, 10), (400, 500), (0, -700)] {
            let (w, residual) = solved(x_shift, y_shift, lambda);
            for (scaled, expected) in [(w, &expected.0), (residual, &expected.1)] {
                let gap: Vec<f64> = scaled.iter().zip(expected).map(|(a, b)| a - b).collect();
                assert!(norm(&gap) < 1e-15 * norm(expected), "2^{x_shift}, 2^{y_shift}, lambda {lambda:e}");
            }
        }
    }
}

#[test]
fn factors_too_bad_to_refine_with_cost_time_and_no_digit() {
    let (x, y) = (hilbert(12, 5), alternating(12));
    let mut svd = ThinSvd::of(&x);
    // Corrections three times too long: each step doubles the error.
    svd.sigma[4] /= 3.0;
    let solution = svd.solve_refined(&x, &y, 0.0);
    assert_eq!(solution.means, Means::DoubleDouble);
    let worst = error(&x, &y, 0.0, &solution.w);
    assert!(worst < 2e-16, "{worst:e}");
    // Slightly wrong factors are a matter of a few steps.
    svd.sigma[4] *= 2.9;
    let solution = svd.solve_refined(&x, &y, 0.0);
    assert!(matches!(solution.means, Means::Refined { steps } if steps > 4), "{:?}", solution.means);
    let worst = error(&x, &y, 0.0, &solution.w);
    assert!(worst < 4e-16, "{worst:e}");
}

#[test]
fn without_full_rank_only_a_penalty_gives_something_to_refine_towards() {
    let g = hilbert(8, 5);
    for wide in [false, true] {
        // Column (or row) 6 repeats the first.
        let x = if wide {
            Matrix::from_fn(6, 8, |i, j| g[(j, i % 5)])
        } else {
            Matrix::from_fn(8, 6, |i, j| g[(i, j % 5)])
        };
        let y = alternating(x.rows());
        let svd = ThinSvd::of(&x);
        assert_eq!(svd.rank, 5);
        assert_eq!(svd.solve_refined(&x, &y, 0.0).means, Means::Spectral);
        let solution = svd.solve_refined(&x, &y, 1e-14);
        assert!(matches!(solution.means, Means::Refined { .. }), "{:?}", solution.means);
        let worst = error(&x, &y, 1e-14, &solution.w);
        assert!(worst < 4e-16, "wide: {wide}: {worst:e}");
    }
}

#[test]
fn nothing_to_solve_is_solved() {
    for (x, y) in [(Matrix::zeros(3, 2), vec![1.0; 3]), (hilbert(9, 9), vec![0.0; 9])] {
        let svd = ThinSvd::of(&x);
        for lambda in [0.0, 1e-20] {
            let solution = svd.solve_refined(&x, &y, lambda);
            assert_eq!(norm(&solution.w), 0.0);
            assert_eq!(solution.residual, y);
        }
    }
}

#[test]
fn lengths_at_the_ends_of_the_range() {
    assert_eq!((length(3.0, 4.0), length(0.0, 0.0), length(0.0, 2.0)), (5.0, 0.0, 2.0));
    assert!(
        (length(3e300, 4e300) / 5e300 - 1.0).abs() < 1e-15 && (length(3e-300, 4e-300) / 5e-300 - 1.0).abs() < 1e-15
    );
    assert_eq!(length(1.0, f64::INFINITY), f64::INFINITY);
    assert!(length(0.0, f64::NAN).is_nan() && length(f64::NAN, 0.0).is_nan() && length(1.0, f64::NAN).is_nan());
}

#[test]
fn filter_factors_are_shares_at_every_scale() {
    let mut at = Spectral::default();
    for scale in [1e-150, 1.0, 1e150] {
        at.filter(&[2.0 * scale, scale], &[3.0, 5.0], 0.0);
        assert_eq!((at.kept.as_slice(), at.removed.as_slice()), ([1.0, 1.0].as_slice(), [0.0, 0.0].as_slice()));
        at.filter(&[2.0 * scale, scale], &[3.0, 5.0], scale * scale * 4.0);
        assert!(
            (at.kept[0] - 0.5).abs() < 1e-15
                && (at.removed[1] - 0.8).abs() < 1e-15
                && (at.misfit[1] - 4.0).abs() < 1e-14
        );
        assert!(
            (at.gain[0] * 4.0 * scale - 1.0).abs() < 1e-15 && (at.coordinates[0] * 4.0 * scale - 3.0).abs() < 1e-14
        );
    }
    // A penalty beyond all proportion removes everything and leaves no NaN.
    at.filter(&[1e-200], &[1.0], 1e200);
    assert_eq!((at.kept[0], at.removed[0], at.misfit[0], at.coordinates[0]), (0.0, 1.0, 1.0, 0.0));
}

/// The lanes against the directions one by one, for every number of penalties, in and out of the range of squares.
#[test]
fn penalties_side_by_side_are_those_one_by_one() {
    for (n, d) in [(1, 1), (6, 12), (12, 5)] {
        let g = Generator::from_entropy(&[4, n as u64, d as u64]).normals(n * d + n + d);
        for scale in [1.0, 1e-200, 1e200, 3e-310] {
            let x = Matrix::new(n, d, g[..n * d].iter().map(|x| x * scale).collect());
            let svd = ThinSvd::of(&x);
            let fit = Fit::new(&svd, &x, &g[n * d..][..n]);
            let b = svd.project_right(&g[n * d + n..]);
            let all: Vec<f64> =
                [0.0, 1e-10, 1e-3, 1.0, 1e4].iter().flat_map(|l| [l * scale * scale, *l, l * 1e250]).collect();
            for count in [0, 1, 8, all.len()] {
                let found = fit.shrinkages(&all[..count], &b);
                assert_eq!(found.len(), count);
                for (found, &lambda) in found.iter().zip(&all) {
                    let expected = Shrinkage::of(&fit.spectral(lambda), &b);
                    let numbers = |s: &Shrinkage| {
                        let shares = [s.w_norm, s.residual_norm, s.lost, s.kept, s.last_kept.unwrap()];
                        (shares, [s.gain, s.distance_squared, s.removed_squared])
                    };
                    let ((shares, sums), (own_shares, own_sums)) = (numbers(found), numbers(&expected));
                    let own = own_shares.iter().chain(&own_sums);
                    for (found, expected) in shares.iter().chain(&sums).zip(own) {
                        let close = found == expected || (found / expected - 1.0).abs() < 1e-13;
                        assert!(close, "{n}x{d}, {scale:e}, {lambda:e}: {found:e} for {expected:e}");
                    }
                }
            }
        }
    }
}
