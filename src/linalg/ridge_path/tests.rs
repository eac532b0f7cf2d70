#![allow(clippy::unwrap_used)]

use super::*;
use crate::linalg::norm;
use crate::rng::Generator;

const U_SQUARED: f64 = f64::UNIT_ROUNDOFF * f64::UNIT_ROUNDOFF;

fn normals(n: usize, d: usize) -> Matrix {
    Matrix::new(n, d, Generator::from_entropy(&[n as u64, d as u64]).normals(n * d))
}

/// Integers below 2^10, columns 2 k + 1 near columns 2 k: kappa is some thousands.
fn integers(n: usize, d: usize) -> Matrix {
    let entry = |i: usize, j: usize| ((i * 389 + j * 1031 + i * j * 97) % 2039) as f64 - 1019.0;
    Matrix::from_fn(n, d, |i, j| entry(i, j / 2 * 2) + if j % 2 == 1 { ((i * 7 + j) % 3) as f64 } else { 0.0 })
}

/// ||w - expected|| / ||expected||.
fn error<T: Scalar>(w: &[T], expected: &[T]) -> f64 {
    assert_eq!(w.len(), expected.len());
    let gap: Vec<f64> = w.iter().zip(expected).map(|(&w, &expected)| (w - expected).to_f64()).collect();
    norm(&gap) / norm(&expected.iter().map(|&x| x.to_f64()).collect::<Vec<f64>>())
}

/// That w and its predictions are as near `expected` as their bounds say.
fn assert_bounds_hold(x: &Matrix, found: &RidgeSolution, expected: &[Dd]) {
    let gap: Vec<f64> = found.w.iter().zip(expected).map(|(&w, &expected)| (w - expected).to_f64()).collect();
    // What the expected numbers leave out themselves.
    let slack = U_SQUARED * norm(&expected.iter().map(|w| w.to_f64()).collect::<Vec<_>>());
    let (w, prediction) = (norm(&gap), norm(&x.times(&gap)));
    let ErrorBounds { w: of_w, prediction: of_prediction } = found.errors;
    assert!(w <= of_w + slack, "w off by {w:e}, said to be {of_w:e}");
    assert!(prediction <= of_prediction + slack * x.frobenius_norm(), "{prediction:e} {of_prediction:e}");
}

const SHAPES: [(usize, usize); 9] = [(1, 1), (5, 1), (1, 5), (8, 8), (12, 6), (6, 12), (33, 17), (17, 33), (40, 24)];

#[test]
fn exact_solutions_are_found_to_the_bound() {
    // For any u, w = X'u solves the problem with y = X w + lambda u: X'(X w + lambda u - X w) = lambda w. All numbers are integers
    // over 2^14 below 2^53, so that they are exact in f64.
    for (n, d) in SHAPES {
        let x = integers(n, d);
        let u: Vec<f64> = (0..n).map(|i| (i % 3) as f64 - 1.0).collect();
        let u = if u.iter().all(|&u| u == 0.0) || n == 1 { vec![1.0; n] } else { u };
        let w = x.transpose_times(&u);
        for lambda in [2f64.powi(-14), 1.0, 2f64.powi(10)] {
            let y: Vec<f64> = x.times(&w).iter().zip(&u).map(|(fit, u)| fit + lambda * u).collect();
            let expected: Vec<Dd> = w.iter().map(|&w| Dd::from_f64(w)).collect();
            let inverse_norm = 1.0 / lambda.sqrt();
            let rho = lambda * norm(&u) / norm(&w);
            let bound =
                (n * d) as f64 * U_SQUARED * (x.frobenius_norm() * inverse_norm + 1.0) * (1.0 + inverse_norm * rho);
            let problem = Problem::new(&x, &y);
            let reduced = pulp::Arch::new().dispatch(ByReduction { problem: &problem, penalties: &[lambda] }).remove(0);
            let Reduced::Accurate(found) = reduced else { panic!("{n}x{d} {lambda:e}: {reduced:?}") };
            let worst = error(&found.w, &expected);
            assert!(worst <= bound, "{n}x{d} {lambda:e}: {worst:e} above {bound:e}");
            for found in [found, problem.by_qr(&LeastSquares::new(&x), lambda)] {
                assert_bounds_hold(&x, &found, &expected);
                assert!(found.errors.w < 1e4 * bound * norm(&w), "{n}x{d} {lambda:e}: {:?} says nothing", found.errors);
            }
            let in_f64 = LeastSquares::<f64>::new(&x).solve(&y, lambda).unwrap();
            // One number alone may be found exactly in f64 too.
            assert!(n.min(d) == 1 || error(&in_f64, &w) > bound, "{n}x{d} {lambda:e}: f64 passes for double-double");
        }
    }
}

#[test]
fn each_penalty_agrees_with_qr_of_its_own_stacked_matrix() {
    for (n, d) in SHAPES {
        let (x, y) = (normals(n, d), normals(n, 1).as_slice().to_vec());
        let penalties: Vec<f64> = (-10..=12).map(|k| 10f64.powi(k)).chain([0.0]).collect();
        let independent = LeastSquares::<Dd>::new(&x);
        for (found, &lambda) in ridge_path(&x, &y, &penalties).into_iter().zip(&penalties) {
            let worst = error(&found.unwrap().w, &independent.solve(&y, lambda).unwrap());
            // Room for kappa (1 + kappa rho), and for the rows of the penalty where they are larger than those of X.
            let bound = (n * d) as f64 * U_SQUARED * 1e2 * (1.0 + lambda.sqrt() / x.frobenius_norm());
            assert!(worst < bound, "{n}x{d} {lambda:e}: {worst:e} above {bound:e}");
        }
    }
}

#[test]
fn neither_company_nor_instructions_change_a_bit() {
    for (n, d) in SHAPES {
        let (x, y) = (normals(n, d), normals(n, 1).as_slice().to_vec());
        let penalties = [1e-3, 0.0, 2.0, 1e-3, 1e4, 1e-6, 3.0, 4.0, 5.0, 6.0, 0.0];
        let problem = Problem::new(&x, &y);
        let work = ByReduction { problem: &problem, penalties: &penalties };
        let all = pulp::Arch::new().dispatch(work);
        for (together, &lambda) in all.iter().zip(&penalties) {
            let alone = pulp::Arch::new().dispatch(ByReduction { penalties: &[lambda], ..work });
            assert_eq!(alone, std::slice::from_ref(together), "{n}x{d} {lambda:e}");
        }
        let portable = pulp::Scalar::new();
        assert_eq!(pulp::WithSimd::with_simd(work, portable), all, "{n}x{d}");
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = pulp::x86::V3::try_new() {
            assert_eq!(pulp::Simd::vectorize(avx2, work), all, "{n}x{d}");
        }
    }
}

#[test]
fn columns_of_very_different_size_lose_no_digit() {
    // With X = X_0 D and y = X_0 w_0, D w = w_0.
    let (n, d) = (12, 5);
    let base = integers(n, d);
    let sizes: Vec<f64> = (0..5).map(|j| 2f64.powi(-37 * j)).collect();
    let x = Matrix::from_fn(n, d, |i, j| base[(i, j)] * sizes[j]);
    let expected: Vec<f64> = (0..d).map(|j| j as f64 - 2.5).collect();
    let y = base.times(&expected);
    // A penalty that only the smallest column sees.
    let penalties = [0.0, 2f64.powi(-290)];
    let found = ridge_path(&x, &y, &penalties);
    let w: Vec<Dd> = found[0].as_ref().unwrap().w.iter().zip(&sizes).map(|(&w, &s)| w * Dd::from_f64(s)).collect();
    let expected: Vec<Dd> = expected.iter().map(|&w| Dd::from_f64(w)).collect();
    assert!(error(&w, &expected) < 1e-26, "{:e}", error(&w, &expected));
    let problem = Problem::new(&x, &y);
    let reduced = pulp::Arch::new().dispatch(ByReduction { problem: &problem, penalties: &penalties });
    assert_eq!(reduced[1], Reduced::Inaccurate);
    let penalized = found[1].as_ref().unwrap();
    assert_eq!(penalized.w, LeastSquares::<Dd>::new(&x).solve(&y, penalties[1]).unwrap());
    for found in [found[0].as_ref().unwrap(), penalized] {
        let w_norm = norm(&found.w.iter().map(|w| w.to_f64()).collect::<Vec<_>>());
        assert!(found.errors.w < 1e-20 * w_norm, "{:?} beside {w_norm:e}", found.errors);
    }
}

#[test]
fn powers_of_two_in_x_and_y_are_powers_of_two_in_w() {
    for (n, d) in [(7, 4), (4, 7)] {
        let (x, y) = (normals(n, d), normals(n, 1).as_slice().to_vec());
        let penalties = [0.0, 1e-30, 1e-3, 2.0, 1e40];
        let expected = ridge_path(&x, &y, &penalties);
        for (of_x, of_y) in [(0, 600), (0, -600), (200, 0), (-200, 0), (100, -500)] {
            let times = |x: &[f64], k: i32| x.iter().map(|x| x.times_power_of_two(k)).collect::<Vec<f64>>();
            let scaled = Matrix::new(n, d, times(x.as_slice(), of_x));
            let found = ridge_path(&scaled, &times(&y, of_y), &times(&penalties, 2 * of_x));
            for ((found, expected), lambda) in found.iter().zip(&expected).zip(&penalties) {
                let RidgeSolution { w, errors } = expected.as_ref().unwrap();
                let w: Vec<Dd> = w.iter().map(|w| w.times_power_of_two(of_y - of_x)).collect();
                let ErrorBounds { w: of_w, prediction } = errors;
                let errors = ErrorBounds {
                    w: of_w.times_power_of_two(of_y - of_x),
                    prediction: prediction.times_power_of_two(of_y),
                };
                assert_eq!(found.as_ref().unwrap(), &RidgeSolution { w, errors }, "2^{of_x}, 2^{of_y}, {lambda:e}");
            }
        }
    }
}

#[test]
fn numbers_at_the_ends_of_the_range_are_solved_like_any_other() {
    for scale in [1e-200, 1e200] {
        let x = Matrix::new(3, 2, [1.0, 0.0, 1.0, 1.0, 1.0, 2.0].map(|x| x * scale).to_vec());
        let y = [6.0 * scale, 0.0, 0.0];
        let [w] = &ridge_path(&x, &y, &[0.0])[..] else { panic!("one solution for one penalty") };
        assert!(error(&w.as_ref().unwrap().w, &[5.0, -3.0].map(Dd::from_f64)) < 1e-14, "{scale:e}: {w:?}");
    }
    // Where the squares of the penalty's root or their inverses leave the range, and where all weights are 0.
    let x = normals(7, 4);
    for (lambda, y) in [(5e-324, [1.0; 7]), (1e-300, [1.0; 7]), (1.0, [0.0; 7]), (1e60, [0.0; 7])] {
        let expected = LeastSquares::<Dd>::new(&x).solve(&y, lambda).unwrap();
        let found = ridge_path(&x, &y, &[lambda]).remove(0).unwrap();
        for (found, expected) in found.w.iter().zip(&expected) {
            let gap = (*found - *expected).abs().to_f64();
            assert!(gap <= 1e-27 * expected.abs().to_f64(), "{lambda:e}: {found:?} {expected:?}");
        }
    }
    // A quotient that is subnormal: X'y / lambda, rounded.
    let found = ridge_path(&x, &[1.0; 7], &[f64::MAX]).remove(0).unwrap();
    for (found, moment) in found.w.iter().zip(x.transpose_times(&[1.0; 7])) {
        assert!((found.to_f64() - moment / f64::MAX).abs() <= 1e-323, "{found:?} {moment}");
    }
}

#[test]
fn far_penalties_keep_their_digits() {
    for (n, d) in SHAPES {
        let (x, y) = (normals(n, d), normals(n, 1).as_slice().to_vec());
        let nearest = (2f64.powi(27) * x.frobenius_norm()).powi(2);
        let (w, of) = (|lambda| ridge_path(&x, &y, &[lambda]).remove(0).unwrap(), LeastSquares::<Dd>::new(&x));
        for share in [0.999, 1.001] {
            let lambda = share * nearest;
            let found = w(lambda);
            let prediction = norm(&x.times(&found.w.iter().map(|w| w.to_f64()).collect::<Vec<_>>()));
            assert!(found.errors.prediction < 1e-17 * prediction, "{n}x{d} {lambda:e}: {:?}", found.errors);
            let worst = error(&found.w, &of.solve(&y, lambda).unwrap());
            assert!(worst < (n * d) as f64 * 2f64.powi(-77), "{n}x{d}: {worst:e}");
        }
        for lambda in [nearest, 1e36, 1e60, 1e150] {
            let found = w(lambda);
            // X'(y - X w) - lambda w, over X'y.
            let mut moments = vec![Dd::ZERO; d];
            for (i, &y) in y.iter().enumerate() {
                let row = || x.row(i).iter().map(|&x| Dd::from_f64(x));
                let fit = row().zip(&found.w).fold(Dd::ZERO, |sum, (x, &w)| sum + x * w);
                moments.iter_mut().zip(row()).for_each(|(sum, x)| *sum += x * (Dd::from_f64(y) - fit));
            }
            let penalized: Vec<Dd> = found.w.iter().map(|&w| w * Dd::from_f64(lambda)).collect();
            let worst = error(&penalized, &moments);
            assert!(worst < 1e-30, "{n}x{d} {lambda:e}: {worst:e}");
            let expected: Vec<Dd> = moments.iter().map(|&moment| moment / Dd::from_f64(lambda)).collect();
            assert_bounds_hold(&x, &found, &expected);
            let prediction = norm(&x.times(&found.w.iter().map(|w| w.to_f64()).collect::<Vec<_>>()));
            assert!(found.errors.prediction < 1e-24 * prediction, "{n}x{d} {lambda:e}: {:?}", found.errors);
            assert!(found.errors.w < 1e-24 / lambda * norm(&y), "{n}x{d} {lambda:e}: {:?} says nothing", found.errors);
        }
    }
}

/// Solutions of a changed problem, by as much as the bounds are told, stay within them, and not by far.
#[test]
fn bounds_are_those_of_a_change_of_every_column() {
    const CHANGE: f64 = 1e-9;
    for (n, d) in [(12, 5), (5, 12), (9, 9), (40, 24)] {
        let directions = normals(2 * n, d);
        for (epsilon, noise) in [(1.0, 1.0), (1.0, 0.0), (1e-3, 1.0), (1e-3, 0.0)] {
            // The last column near the first one, or row for n < d; y in its range or not.
            let mut x = normals(n, d);
            let (last, first) = if n < d { ((n - 1, 0), (0, 0)) } else { ((0, d - 1), (0, 0)) };
            for k in 0..n.max(d) {
                let place = |(i, j): (usize, usize)| if n < d { (i, k) } else { (k, j) };
                x[place(last)] = x[place(first)] + epsilon * x[place(last)];
            }
            let mut y = x.times(normals(d, 2).as_slice().get(..d).unwrap());
            y.iter_mut().zip(normals(n, 3).as_slice()).for_each(|(y, e)| *y += noise * e);
            let length = |j: usize| norm(&(0..n).map(|i| x[(i, j)]).collect::<Vec<_>>());
            let (columns, rows): (Vec<f64>, Vec<f64>) =
                ((0..d).map(length).collect(), (0..n).map(|i| norm(x.row(i))).collect());
            let changed = Matrix::from_fn(n, d, |i, j| {
                let (size, sides) = if n < d { (rows[i], d) } else { (columns[j], n) };
                x[(i, j)] + CHANGE * size * directions[(i, j)].clamp(-2.0, 2.0) / (2.0 * (sides as f64).sqrt())
            });
            for lambda in [0.0, 1e-8, 1.0] {
                let problem = Problem { rounding: CHANGE, ..Problem::new(&x, &y) };
                let reduced =
                    pulp::Arch::new().dispatch(ByReduction { problem: &problem, penalties: &[lambda] }).remove(0);
                let Reduced::Accurate(reduced) = reduced else { panic!("{reduced:?}") };
                let after = ridge_path(&changed, &y, &[lambda]).remove(0).unwrap().w;
                let by_qr = (lambda > 0.0).then(|| problem.by_qr(&LeastSquares::new(&x), lambda));
                for found in [Some(reduced), by_qr].into_iter().flatten() {
                    let case = format!("{n}x{d}, {epsilon:e}, noise {noise}, lambda {lambda:e}: {:?}", found.errors);
                    let gap: Vec<f64> = found.w.iter().zip(&after).map(|(&a, &b)| (a - b).to_f64()).collect();
                    let shares = [norm(&gap) / found.errors.w, norm(&x.times(&gap)) / found.errors.prediction];
                    for share in shares {
                        assert!(share <= 1.0 && share > 1e-5, "{case}: {share:e}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_double_double_cannot_know_is_said() {
    // X = (x, x): both weights are x'y / (2 x'x + lambda).
    let (n, x, y) = (9, normals(9, 1), normals(9, 2).as_slice()[..9].to_vec());
    let twice = Matrix::from_fn(n, 2, |i, _| x[(i, 0)]);
    let inner =
        |b: &[f64]| x.as_slice().iter().zip(b).fold(Dd::ZERO, |sum, (&a, &b)| sum + Dd::from_f64(a) * Dd::from_f64(b));
    let (moment, square) = (inner(&y), inner(x.as_slice()));
    let mut unknown = 0;
    for k in (-90..=0).step_by(5) {
        let lambda = 10f64.powi(k);
        let expected = moment / (square + square + Dd::from_f64(lambda));
        let found = ridge_path(&twice, &y, &[lambda]).remove(0).unwrap();
        let known = found.errors.w < 1e-3 * expected.abs().to_f64();
        unknown += usize::from(!known);
        assert!(known == (k > -23), "1e{k}: {:?} beside {expected:?}", found.errors);
        if known {
            assert_bounds_hold(&twice, &found, &[expected; 2]);
        }
    }
    assert!(unknown > 0);
}

#[test]
fn a_singular_x_needs_a_penalty() {
    let x = Matrix::new(2, 2, vec![1.0, 0.0, 2.0, 0.0]);
    let found = ridge_path(&x, &[1.0, 2.0], &[5.0, 0.0]);
    let w = &found[0].as_ref().unwrap().w;
    assert!((w[0].to_f64() - 0.5).abs() < 1e-16 && w[1] == Dd::ZERO, "{w:?}");
    assert_eq!(found[1], Err(Singular { index: 1 }));
    assert_eq!(ridge_path(&Matrix::zeros(2, 3), &[1.0, 2.0], &[0.0])[0], Err(Singular { index: 0 }));
    for lambda in [5e-324, 1.0, f64::MAX] {
        let found = ridge_path(&Matrix::zeros(2, 3), &[1.0, 2.0], &[lambda]).remove(0).unwrap();
        assert_eq!(found.w, [Dd::ZERO; 3], "{lambda:e}");
    }
    assert!(ridge_path(&x, &[1.0, 2.0], &[]).is_empty());
}
