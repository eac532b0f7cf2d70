use super::*;
use crate::linalg::Dd;

fn pseudo_random<T: Scalar>(rows: usize, cols: usize) -> Columns<T> {
    let mut state = 88_172_645_463_325_252_u64;
    Columns::from_fn(rows, cols, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::from_f64((state >> 11) as f64 / 2.0_f64.powi(53) - 0.5)
    })
}

/// LAPACK's ratios: ||A V - B|| / (||A|| p u) and ||V'V - I|| / (q u), and the largest cosine over its bound.
fn check<T: Scalar>(a: &Columns<T>) {
    let (p, q) = (a.rows(), a.cols());
    let (mut b, mut v) = (a.clone(), Columns::identity(q));
    let report = one_sided_jacobi(&mut b, Some(&mut v));
    assert_eq!(report.convergence, Convergence::Converged, "{p}x{q}");
    let scale = norm(a.as_slice()).to_f64().max(f64::MIN_POSITIVE);
    let (mut reconstruction, mut orthogonality) = (0.0_f64, 0.0_f64);
    for j in 0..q {
        let mut column = vec![T::ZERO; p];
        for k in 0..q {
            crate::linalg::axpy(v[(k, j)], a.column(k), &mut column);
        }
        for (x, &y) in column.iter_mut().zip(b.column(j)) {
            *x -= y;
        }
        reconstruction = reconstruction.max(norm(&column).to_f64() / (scale * p as f64 * T::UNIT_ROUNDOFF));
        for k in 0..q {
            let expected = if k == j { T::ONE } else { T::ZERO };
            let difference = (dot(v.column(k), v.column(j)) - expected).abs().to_f64();
            orthogonality = orthogonality.max(difference / (q as f64 * T::UNIT_ROUNDOFF));
        }
    }
    assert!(reconstruction < 30.0, "{p}x{q}: {reconstruction}");
    assert!(orthogonality < 30.0, "{p}x{q}: {orthogonality}");
    assert!(report.sigma.windows(2).all(|pair| pair[0] >= pair[1]), "{p}x{q}: {:?}", report.sigma);
    assert!(report.max_cos <= orthogonal_enough::<T>(p), "{p}x{q}: {}", report.max_cos);
}

#[test]
fn rotations_meet_lapacks_ratios_in_every_scalar() {
    for (p, q) in [(1, 1), (3, 1), (2, 2), (12, 6), (7, 7), (33, 20)] {
        check(&pseudo_random::<f64>(p, q));
        check(&pseudo_random::<f32>(p, q));
        check(&pseudo_random::<Dd>(p, q));
    }
}

#[test]
fn zero_and_duplicate_columns_converge() {
    check(&Columns::<f64>::zeros(5, 3));
    let mut a = pseudo_random::<f64>(9, 4);
    let first = a.column(0).to_vec();
    a.column_mut(3).copy_from_slice(&first);
    a.column_mut(2).fill(0.0);
    check(&a);
}

#[test]
fn dependent_columns_end_as_zeros_in_every_scalar() {
    fn rank_one<T: Scalar>() {
        let scale = T::LARGEST_EXPONENT - 1;
        let mut b = Columns::<T>::from_fn(4, 4, |i, j| {
            T::from_f64(if i == 0 { 1.0 + j as f64 / 7.0 } else { 0.0 }).times_power_of_two(scale)
        });
        let report = one_sided_jacobi(&mut b, None);
        assert_eq!(report.convergence, Convergence::Converged);
        assert!(report.sigma[1..].iter().all(|&s| s == T::ZERO), "{:?}", report.sigma);
    }
    rank_one::<f32>();
    rank_one::<f64>();
    rank_one::<Dd>();
}

#[test]
fn graded_columns_keep_their_relative_accuracy() {
    // Columns 2^(-40 j) g_j: every singular value is determined to a few u by the scaled matrix.
    let mut a = pseudo_random::<f64>(8, 5);
    for j in 0..5 {
        let exponent = -40 * i32::try_from(j).expect("small");
        crate::linalg::scale_by_power_of_two(a.column_mut(j), exponent);
    }
    let mut exact = a.convert::<Dd>();
    let exact = one_sided_jacobi(&mut exact, None).sigma;
    let computed = one_sided_jacobi(&mut a, None).sigma;
    for (computed, exact) in computed.iter().zip(exact) {
        let relative = (computed / exact.to_f64() - 1.0).abs();
        assert!(relative < 1e-14, "{relative:e}");
    }
}

#[test]
fn a_nan_never_converges() {
    let mut a = pseudo_random::<f64>(4, 3);
    a.column_mut(1)[2] = f64::NAN;
    assert_eq!(one_sided_jacobi(&mut a, None).convergence, Convergence::SweepLimit);
}
