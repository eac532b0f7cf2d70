use super::*;
use crate::linalg::{Columns, Dd, one_sided_jacobi};
use crate::rng::Generator;

const SHAPES: [(usize, usize); 12] =
    [(1, 1), (1, 5), (2, 1), (2, 2), (3, 2), (6, 12), (12, 6), (9, 9), (32, 16), (20, 33), (75, 73), (130, 80)];

fn normal(n: usize, d: usize, replicate: usize) -> Matrix {
    Matrix::new(n, d, Generator::from_entropy(&[17, n as u64, d as u64, replicate as u64]).normals(n * d))
}

fn exact(x: &Matrix) -> Vec<Dd> {
    one_sided_jacobi(&mut Columns::<Dd>::tall(x), None).sigma
}

/// Largest error over `sigma_max`, in units of p u.
fn backward_error(x: &Matrix, sigma: &[f64]) -> f64 {
    let exact = exact(x);
    assert_eq!(sigma.len(), exact.len());
    let scale = exact[0].to_f64() * x.rows().max(x.cols()) as f64 * f64::UNIT_ROUNDOFF;
    sigma.iter().zip(&exact).fold(0.0, |worst, (s, e)| ((Dd::from_f64(*s) - *e).abs().to_f64() / scale).max(worst))
}

#[test]
fn all_shapes_are_solved_to_working_precision() {
    let mut refused = 0;
    for (n, d) in SHAPES {
        for replicate in 0..3 {
            let x = normal(n, d, replicate);
            let Some(sigma) = bidiagonal_values(&[&x]).remove(0) else {
                refused += 1;
                continue;
            };
            assert!(sigma.windows(2).all(|pair| pair[0] >= pair[1]), "{n}x{d}: {sigma:?}");
            let error = backward_error(&x, &sigma);
            assert!(error < 3.0, "{n}x{d}: {error} p u sigma_max");
        }
    }
    assert!(refused <= 2, "{refused} of these have columns of different norm or a large kappa");
}

/// The promise of the engine: any subset, in any order, in any lane, alone or among matrices that have no values here.
#[test]
fn values_are_the_same_in_any_company() {
    for (n, d) in SHAPES {
        let mut matrices: Vec<Matrix> = (0..TOGETHER).map(|replicate| normal(n, d, replicate)).collect();
        matrices[3] = Matrix::zeros(n, d);
        matrices[8] = Matrix::from_fn(n, d, |_, _| 1.0);
        matrices[9] = Matrix::from_fn(n, d, |i, j| if i == j { 1.0 } else { 0.0 });
        let alone: Vec<Option<Vec<f64>>> = matrices.iter().flat_map(|x| bidiagonal_values(&[x])).collect();
        assert!(alone[3].is_none(), "{n}x{d}: 0");
        for count in 1..=TOGETHER {
            for step in [1, 3, 5] {
                let order: Vec<usize> = (0..count).map(|k| (k * step + count) % TOGETHER).collect();
                let batch: Vec<&Matrix> = order.iter().map(|&k| &matrices[k]).collect();
                for (&k, values) in order.iter().zip(bidiagonal_values(&batch)) {
                    assert_eq!(values, alone[k], "{n}x{d}: matrix {k} among {order:?}");
                }
            }
        }
    }
}

/// Equal values, values that differ in the last digits, blocks that have nothing to do with each other.
#[test]
fn clusters_and_blocks_are_no_obstacle() {
    let clustered = |gap: f64| {
        Matrix::from_fn(12, 8, |i, j| if i == j { 1.0 + gap * j as f64 } else { f64::from(u8::from(i > 9)) })
    };
    let blocks = |q: usize| {
        let dense = normal(2 * q, q, 1);
        let entry = |i: usize, j: usize| dense[(i % (2 * q), j % q)];
        Matrix::from_fn(4 * q, 2 * q, |i, j| if i / (2 * q) == j / q { entry(i, j) } else { 0.0 })
    };
    let mut matrices: Vec<Matrix> = [0.0, 1e-16, 1e-14, 1e-8].into_iter().map(clustered).collect();
    matrices.extend([2, 7, 40].map(blocks));
    matrices.push(Matrix::from_fn(90, 90, |i, j| f64::from(u8::from(i == j))));
    for x in &matrices {
        let (n, d) = (x.rows(), x.cols());
        let sigma = bidiagonal_values(&[x]).remove(0).unwrap_or_else(|| panic!("{n}x{d} is tame"));
        let error = backward_error(x, &sigma);
        assert!(error < 3.0, "{n}x{d}: {error}");
    }
}

#[test]
fn extreme_scales_give_the_same_digits() {
    let x = normal(7, 4, 0);
    let reference = bidiagonal_values(&[&x]).remove(0).expect("a tame matrix");
    for k in [-1000, -900, 900, 1020] {
        let scaled = Matrix::from_fn(7, 4, |i, j| x[(i, j)].times_power_of_two(k));
        let sigma = bidiagonal_values(&[&scaled]).remove(0).expect("as tame");
        let back: Vec<f64> = sigma.iter().map(|s| s.times_power_of_two(-k)).collect();
        assert_eq!(back, reference, "2^{k}");
    }
}

#[test]
fn what_would_lose_digits_is_left_to_jacobi() {
    for (n, d) in [(20, 8), (100, 90)] {
        let x = normal(n, d, 0);
        let last =
            |entry: &dyn Fn(usize) -> f64| Matrix::from_fn(n, d, |i, j| if j == d - 1 { entry(i) } else { x[(i, j)] });
        for scale in [0.0, 1e-300, 1e-2, 1e2] {
            let scaled = last(&|i| scale * x[(i, d - 1)]);
            assert_eq!(bidiagonal_values(&[&scaled]), [None], "{n}x{d}: a column of {scale:e} times the size");
        }
        for epsilon in [0.0, 1e-14, 1e-8, 1e-4] {
            let collinear = last(&|i| x[(i, 0)] + epsilon * x[(i, d - 1)]);
            assert_eq!(bidiagonal_values(&[&collinear]), [None], "{n}x{d}: collinear up to {epsilon:e}");
        }
    }
}
