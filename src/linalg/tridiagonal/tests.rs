//! Against Jacobi, known values and the problem itself.

use super::*;
use crate::linalg::{Lockstep, Scalar, axpy, norm, one_sided_jacobi, padded, padded_dot};

fn pseudo_random(q: usize, seed: u64) -> Columns<f64> {
    let mut state = seed;
    Columns::from_fn(q, q, |_, _| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 2.0_f64.powi(52) - 1.0
    })
}

fn alone(reduced: &Tridiagonal) -> Result<Vec<f64>, NotConverged> {
    super::eigenvalues(&[reduced.entries()]).remove(0)
}

/// Eigenvalues, ascending, of the symmetric matrix with entries `g(i, j)` for i <= j.
fn eigenvalues(q: usize, g: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let below = |i: usize| if i < q { f64::NAN } else { 0.0 };
    let upper = Columns::from_fn(padded_rows(q), q, |i, j| if i <= j { g(i, j) } else { below(i) });
    let mut values = alone(&Tridiagonal::new(upper)).unwrap();
    values.sort_by(f64::total_cmp);
    values
}

#[test]
fn the_second_difference_matrix_has_its_cosines() {
    for q in [1, 2, 3, 8, 9, 33, 100] {
        let found = eigenvalues(q, |i, j| if i == j { 2.0 } else { -f64::from(u8::from(j - i == 1)) });
        for (k, value) in found.iter().enumerate() {
            let exact = 2.0 - 2.0 * (std::f64::consts::PI * (k + 1) as f64 / (q + 1) as f64).cos();
            assert!((value - exact).abs() < 4e-15 * (q as f64).sqrt(), "q={q}: {value} against {exact}");
        }
    }
}

/// Largest difference between the absolute eigenvalues of a symmetric matrix and its singular values by Jacobi, over
/// q u ||G||.
fn ratio(q: usize, g: impl Fn(usize, usize) -> f64) -> f64 {
    let mut found: Vec<f64> = eigenvalues(q, &g).into_iter().map(f64::abs).collect();
    found.sort_by(|a, b| b.total_cmp(a));
    let mut full = Columns::from_fn(q, q, |i, j| g(i.min(j), i.max(j)));
    let exact = one_sided_jacobi(&mut full, None).sigma;
    let unit = exact[0].max(f64::MIN_POSITIVE) * q as f64 * f64::UNIT_ROUNDOFF;
    found.iter().zip(&exact).fold(0.0, |worst, (a, b)| Scalar::max(worst, (a - b).abs() / unit))
}

#[test]
fn full_matrices_agree_with_jacobi() {
    for q in [1, 2, 3, 5, 7, 8, 16, 17, 40] {
        let b = pseudo_random(q, q as u64);
        let ratio = ratio(q, |i, j| b[(i, j)]);
        assert!(ratio < 10.0, "q={q}: {ratio}");
    }
}

#[test]
fn graded_tiny_and_deficient_matrices_agree_with_jacobi() {
    let b = pseudo_random(12, 5);
    let graded = |step: i32| {
        let b = &b;
        move |i: usize, j: usize| {
            let exponent = i32::try_from(i + j).unwrap();
            b[(i, j)].times_power_of_two(step * exponent)
        }
    };
    for step in [-1, -4, -20, -45] {
        let down = ratio(12, graded(step));
        let up = ratio(12, |i, j| graded(step)(11 - i, 11 - j));
        assert!(down < 10.0 && up < 10.0, "2^{step}: {down}, {up}");
    }
    for scale in [-40, -400] {
        let ratio = ratio(12, |i, j| if i + j == 0 { 1.0 } else { b[(i, j)].times_power_of_two(scale) });
        assert!(ratio < 10.0, "2^{scale} beside 1: {ratio}");
    }
    let ones = ratio(9, |_, _| 1.0);
    assert!(ones < 10.0, "rank 1: {ones}");
}

#[test]
fn zero_and_diagonal_matrices_are_exact() {
    assert_eq!(eigenvalues(1, |_, _| -3.0), [-3.0]);
    assert_eq!(eigenvalues(4, |_, _| 0.0), [0.0; 4]);
    assert_eq!(eigenvalues(3, |i, j| if i == j { [1.0, -2.0, 1e-300][i] } else { 0.0 }), [-2.0, 1e-300, 1.0]);
    assert_eq!(alone(&Tridiagonal::new(Columns::zeros(0, 0))), Ok(vec![]));
}

#[test]
fn the_trace_and_the_norm_are_kept() {
    let b = pseudo_random(30, 77);
    let values = eigenvalues(30, |i, j| b[(i, j)]);
    let trace: f64 = (0..30).map(|i| b[(i, i)]).sum();
    let full = Columns::from_fn(30, 30, |i, j| b[(i.min(j), i.max(j))]);
    assert!((values.iter().sum::<f64>() - trace).abs() < 1e-13);
    assert!((norm(&values) / norm(full.as_slice()) - 1.0).abs() < 1e-14);
}

/// Symmetric matrices of order `q`: random, graded, of rank 1, with blocks, diagonal, of entries that are not finite.
fn company_of_matrices(q: usize) -> Vec<Columns<f64>> {
    let random = |seed: usize| {
        let b = pseudo_random(q, 1 + seed as u64);
        move |i: usize, j: usize| b[(i, j)]
    };
    let mut grams: Vec<Columns<f64>> = (0..9).map(|seed| Columns::from_fn(q, q, random(seed))).collect();
    let b = random(10);
    grams.push(Columns::from_fn(q, q, |i, j| b(i, j).times_power_of_two(-i32::try_from(3 * (i + j)).unwrap())));
    grams.push(Columns::from_fn(q, q, |_, _| 1.0));
    grams.push(Columns::from_fn(q, q, |i, j| if i / 3 == j / 3 { b(i, j) } else { 0.0 }));
    grams.push(Columns::from_fn(q, q, |i, j| if i == j { b(i, j) } else { 0.0 }));
    grams.push(Columns::from_fn(q, q, |i, j| if i + 1 == j { f64::NAN } else { 1.0 }));
    grams.push(Columns::zeros(q, q));
    grams.iter().map(padded).collect()
}

fn company(q: usize) -> Vec<Tridiagonal> {
    company_of_matrices(q).into_iter().map(Tridiagonal::new).collect()
}

#[test]
fn the_reduction_does_not_depend_on_how_many_columns_go_together() {
    for q in [1, 2, 7, 8, 9, 23, 40] {
        let b = pseudo_random(q, 4);
        let full = || padded(&Columns::from_fn(q, q, |i, j| b[(i.min(j), i.max(j))]));
        let one_by_one = reduce::<1>(full());
        for together in [reduce::<2>(full()), reduce::<4>(full()), Tridiagonal::new(full())] {
            assert_eq!(together.diagonal, one_by_one.diagonal, "q={q}");
            assert_eq!(together.off_diagonal, one_by_one.off_diagonal, "q={q}");
            assert_eq!((together.reflectors, together.tau), (one_by_one.reflectors.clone(), one_by_one.tau.clone()));
        }
    }
}

#[test]
fn a_matrix_has_the_same_eigenvalues_in_any_company() {
    for q in [1, 2, 3, 6, 17, 40] {
        let company: Vec<Tridiagonal> = company(q).into_iter().take(ITERATIONS_TOGETHER).collect();
        let expected: Vec<_> = company.iter().map(alone).collect();
        for size in 1..=company.len() {
            let found: Vec<_> = company
                .chunks(size)
                .flat_map(|some| super::eigenvalues(&some.iter().map(Tridiagonal::entries).collect::<Vec<_>>()))
                .collect();
            assert_eq!(found, expected, "q={q}, {size} together");
        }
    }
}

#[test]
fn a_matrix_is_reduced_alike_in_any_company_and_as_well_as_alone() {
    for q in [1, 2, 3, 6, 17, 40] {
        let reduced = |count: usize| {
            let grams = company_of_matrices(q);
            let groups: Vec<Vec<Columns<f64>>> = grams.chunks(count).map(<[Columns<f64>]>::to_vec).collect();
            let mut room = ReductionRoom::default();
            groups.into_iter().flat_map(|group| room.reduced(group)).collect::<Vec<_>>()
        };
        let one_by_one = reduced(1);
        for count in [2, 3, 8, 9, 15] {
            for (found, expected) in reduced(count).iter().zip(&one_by_one) {
                // Bits, so that a NaN equals itself.
                let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                for part in [
                    |t: &Tridiagonal| t.diagonal.clone(),
                    |t: &Tridiagonal| t.off_diagonal.clone(),
                    |t: &Tridiagonal| t.tau.clone(),
                    |t: &Tridiagonal| t.reflectors.as_slice().to_vec(),
                ] {
                    assert_eq!(bits(&part(found)), bits(&part(expected)), "q={q}, {count} together");
                }
            }
        }
        for (gram, found) in company_of_matrices(q).iter().zip(&one_by_one) {
            let (Ok(values), Ok(expected)) = (alone(found), alone(&Tridiagonal::new(gram.clone()))) else { continue };
            let size = 1.0 + gram.as_slice().iter().fold(0.0, |m, x| f64::max(m, x.abs())) * q as f64;
            for (value, expected) in values.iter().zip(&expected) {
                assert!((value - expected).abs() < 1e-15 * size, "q={q}: {value} against {expected}");
            }
        }
    }
}

/// Largest of |G w - lambda w| / (||G|| q u), | ||w|| - 1 | / (q u) and |w_i'w_j| / (q u) times the distance of the eigenvalues over ||G||.
fn residuals(q: usize, g: impl Fn(usize, usize) -> f64) -> f64 {
    let full = Columns::from_fn(q, q, |i, j| g(i.min(j), i.max(j)));
    let by_rows = Tridiagonal::new(padded(&full));
    let values = alone(&by_rows).unwrap();
    let (side_by_side, of_lane) = in_lanes(&full);
    Scalar::max(
        residuals_of(&full, &values, &by_rows.eigenvectors_in(Vec::new(), &values)),
        residuals_of(&full, &of_lane, &padded(&side_by_side)),
    )
}

/// Eigenvectors and eigenvalues of `full`, found beside another matrix.
fn in_lanes(full: &Columns<f64>) -> (Columns<f64>, Vec<f64>) {
    let (mut g, mut reduced, mut twisted) = (Lockstep::<2>::default(), ReducedTogether::default(), Twisted::default());
    g.take_triangles(&[padded(&Columns::identity(full.cols())), padded(full)]);
    reduced.reduce(&mut g);
    let mut entries = Vec::new();
    reduced.append_entries(1, &mut entries);
    let (diagonal, off_diagonal) = entries.split_at(full.cols());
    let values = super::eigenvalues(&[Entries { diagonal, off_diagonal }]).remove(0).unwrap();
    let mut w = Lockstep::default();
    let lambda: Vec<[f64; 2]> = values.iter().map(|&value| [1.0, value]).collect();
    reduced.eigenvectors(&g, &lambda, &mut twisted, &mut w);
    (w.matrix_of(1), values)
}

fn residuals_of(full: &Columns<f64>, values: &[f64], w: &Columns<f64>) -> f64 {
    let q = values.len();
    let (size, roundoff) = (norm(full.as_slice()), q as f64 * f64::UNIT_ROUNDOFF);
    let mut worst = 0.0;
    for (j, &value) in values.iter().enumerate() {
        let mut rest: Vec<f64> = w.column(j)[..q].iter().map(|w| -value * w).collect();
        for k in 0..q {
            axpy(w[(k, j)], full.column(k), &mut rest);
            let inner = padded_dot(w.column(k), w.column(j));
            let departure = if k == j { (inner - 1.0).abs() } else { inner.abs() * (values[k] - value).abs() / size };
            worst = Scalar::max(worst, departure / roundoff);
        }
        worst = Scalar::max(worst, norm(&rest) / (size * roundoff));
        assert!(w.column(j)[q..].iter().all(|&x| x == 0.0));
    }
    worst
}

#[test]
fn eigenvectors_solve_the_problem_and_are_orthogonal_as_far_as_their_eigenvalues_are_apart() {
    for q in [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33, 64, 97] {
        let b = pseudo_random(q, 3 + q as u64);
        let worst = residuals(q, |i, j| b[(i, j)]);
        assert!(worst < 10.0, "random, q={q}: {worst}");
        let worst = residuals(q, |i, j| if i == j { 2.0 } else { -f64::from(u8::from(j - i == 1)) });
        assert!(worst < 10.0, "second differences, q={q}: {worst}");
        let worst = residuals(q, |_, _| 1.0);
        assert!(worst < 10.0, "rank 1, q={q}: {worst}");
        let worst = residuals(q, |i, j| b[(i, j)].times_power_of_two(-i32::try_from(i + j).unwrap()));
        assert!(worst < 10.0, "graded, q={q}: {worst}");
        let worst = residuals(q, |i, j| f64::from(u8::from(i == j)) * (1 + i) as f64);
        assert!(worst < 10.0, "diagonal, q={q}: {worst}");
        let worst = residuals(q, |i, j| if i / 4 == j / 4 { b[(i, j)] } else { 0.0 });
        assert!(worst < 10.0, "blocks, q={q}: {worst}");
    }
}

/// Wilkinson's matrix: most of its eigenvalues come in pairs, the largest of which f64 cannot tell apart.
#[test]
fn eigenvectors_of_pairs_solve_the_problem() {
    let worst = residuals(21, |i, j| match j - i {
        0 => (10.0 - i as f64).abs(),
        1 => 1.0,
        _ => 0.0,
    });
    assert!(worst < 10.0, "{worst}");
}

#[test]
fn what_is_not_finite_ends_without_an_answer() {
    for bad in [f64::NAN, f64::INFINITY] {
        for at in [(0, 0), (1, 3), (4, 4)] {
            let mut g = Columns::zeros(padded_rows(5), 5);
            for j in 0..5 {
                for i in 0..=j {
                    g[(i, j)] = if (i, j) == at { bad } else { 1.0 / (1 + i + j) as f64 };
                }
            }
            assert_eq!(alone(&Tridiagonal::new(g)), Err(NotConverged), "{bad} at {at:?}");
        }
    }
}

#[test]
fn eigenvectors_do_not_see_what_the_room_held_before() {
    let (d, e) = ([[2.0, 1.0], [1.0, -1.0], [0.5, 3.0]], [[0.25, 1.0], [1.0, 0.5]]);
    let matrices = twisted::InLanes { d: &d, e: &e };
    let vectors = |room: &mut Twisted<2>| {
        let mut z = [[0.0; 2]; 3];
        room.eigenvectors(matrices, &[0.75, 1.5], &mut z);
        z
    };
    let mut used = Twisted::default();
    let not_numbers = twisted::InLanes { d: &[[f64::NAN; 2]; 9], e: &[[f64::NAN; 2]; 8] };
    used.eigenvectors(not_numbers, &[0.0; 2], &mut [[0.0; 2]; 9]);
    assert_eq!(vectors(&mut used), vectors(&mut Twisted::default()));
}

/// Diagonals, off-diagonals, reflections and what is made of some columns by them, `N` columns at a time.
fn in_tiles<const N: usize>(q: usize) -> (Vec<f64>, Columns<f64>, Columns<f64>) {
    let (mut g, mut reduced, mut z) = (Lockstep::<2>::default(), ReducedTogether::default(), Lockstep::default());
    g.take_triangles(&[padded(&pseudo_random(q, 1)), padded(&pseudo_random(q, 2))]);
    reduced.reduce_in_tiles::<N>(&mut g);
    let mut entries = Vec::new();
    reduced.append_entries(1, &mut entries);
    z.take_triangles(&[padded(&pseudo_random(q, 3)), padded(&pseudo_random(q, 4))]);
    for j in 0..q {
        z.column_mut(j)[j + 1..].fill([0.5; 2]);
    }
    reduced.transform_in_tiles::<N>(&g, &mut z);
    let upper = Columns::from_fn(q, q, |i, j| if i < j { g[(i, j)][1] } else { 0.0 });
    (entries, upper, z.matrix_of(1))
}

#[test]
fn the_size_of_the_tiles_changes_no_bit() {
    for q in [1, 2, 3, 4, 5, 7, 8, 11, 32] {
        let one_by_one = in_tiles::<1>(q);
        assert_eq!(in_tiles::<2>(q), one_by_one, "q={q}");
        assert_eq!(in_tiles::<4>(q), one_by_one, "q={q}");
    }
}
