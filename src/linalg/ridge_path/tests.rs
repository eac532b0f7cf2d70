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
            let reduced = pulp::Arch::new().dispatch(ByReduction { x: &x, y: &y, penalties: &[lambda] }).remove(0);
            let Reduced::Accurate(found) = reduced else { panic!("{n}x{d} {lambda:e}: {reduced:?}") };
            let worst = error(&found, &expected);
            assert!(worst <= bound, "{n}x{d} {lambda:e}: {worst:e} above {bound:e}");
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
            let worst = error(&found.unwrap(), &independent.solve(&y, lambda).unwrap());
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
        let work = ByReduction { x: &x, y: &y, penalties: &penalties };
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
    let w: Vec<Dd> = found[0].as_ref().unwrap().iter().zip(&sizes).map(|(&w, &s)| w * Dd::from_f64(s)).collect();
    let expected: Vec<Dd> = expected.iter().map(|&w| Dd::from_f64(w)).collect();
    assert!(error(&w, &expected) < 1e-26, "{:e}", error(&w, &expected));
    let reduced = pulp::Arch::new().dispatch(ByReduction { x: &x, y: &y, penalties: &penalties });
    assert_eq!(reduced[1], Reduced::Inaccurate);
    assert_eq!(found[1], LeastSquares::<Dd>::new(&x).solve(&y, penalties[1]));
}

#[test]
fn numbers_at_the_ends_of_the_range_are_solved_like_any_other() {
    for scale in [1e-200, 1e200] {
        let x = Matrix::new(3, 2, [1.0, 0.0, 1.0, 1.0, 1.0, 2.0].map(|x| x * scale).to_vec());
        let y = [6.0 * scale, 0.0, 0.0];
        let [w] = &ridge_path(&x, &y, &[0.0])[..] else { panic!("one solution for one penalty") };
        assert!(error(w.as_ref().unwrap(), &[5.0, -3.0].map(Dd::from_f64)) < 1e-14, "{scale:e}: {w:?}");
    }
    // Where the squares of the penalty's root or their inverses leave the range, and where all weights are 0.
    let x = normals(7, 4);
    for (lambda, y) in [(f64::MAX, [1.0; 7]), (5e-324, [1.0; 7]), (1e-300, [1.0; 7]), (1.0, [0.0; 7])] {
        let expected = LeastSquares::<Dd>::new(&x).solve(&y, lambda).unwrap();
        let found = ridge_path(&x, &y, &[lambda]).remove(0).unwrap();
        for (found, expected) in found.iter().zip(&expected) {
            let gap = (*found - *expected).abs().to_f64();
            assert!(gap <= 1e-27 * expected.abs().to_f64(), "{lambda:e}: {found:?} {expected:?}");
        }
    }
}

#[test]
fn a_singular_x_needs_a_penalty() {
    let x = Matrix::new(2, 2, vec![1.0, 0.0, 2.0, 0.0]);
    let found = ridge_path(&x, &[1.0, 2.0], &[5.0, 0.0]);
    let w = found[0].as_ref().unwrap();
    assert!((w[0].to_f64() - 0.5).abs() < 1e-16 && w[1] == Dd::ZERO, "{w:?}");
    assert_eq!(found[1], Err(Singular { index: 1 }));
    assert_eq!(ridge_path(&Matrix::zeros(2, 3), &[1.0, 2.0], &[0.0])[0], Err(Singular { index: 0 }));
    assert_eq!(ridge_path(&Matrix::zeros(2, 3), &[1.0, 2.0], &[1.0])[0], Ok(vec![Dd::ZERO; 3]));
    assert!(ridge_path(&x, &[1.0, 2.0], &[]).is_empty());
}
