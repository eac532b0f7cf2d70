//! What rows do not show: the weights themselves, and what the methods do with problems of no use.

use serde_json::Value as Json;

use super::sgd::Schedule;
use super::*;
use crate::linalg::max_abs;
use crate::matrix::Matrix;
use crate::measure::testing::{Case, close};

fn case(x: &Matrix, y: &[f64]) -> Case {
    let rows: Vec<&[f64]> = (0..x.rows()).map(|i| x.row(i)).collect();
    Case::new(&rows, y)
}

/// n x d standard normals and n more.
fn normal_case(n: usize, d: usize) -> Case {
    let mut rng = Generator::from_entropy(&[29, n as u64, d as u64]);
    case(&Matrix::new(n, d, rng.normals(n * d)), &rng.normals(n))
}

fn study<'s, 'o>(seen: &'s Observation<'o>) -> Study<'s, 'o> {
    Study { seen, w0: seen.fit().solution(0.0).w, scaled: OnceCell::new(), null_vector: OnceCell::new() }
}

fn objective(case: &Case, lambda: f64, w: &[f64]) -> f64 {
    let l1: f64 = w.iter().map(|w| w.abs()).sum();
    distance(&case.problem.x.times(w), &case.problem.y).powi(2) + lambda * l1
}

/// The problem that `lasso(seed)` of tests/fixtures/selection.py draws.
fn lasso_case(seed: u64, n: usize, d: usize) -> Case {
    let mut rng = Generator::from_entropy(&[71, seed]);
    let mut x = Matrix::new(n, d, rng.normals(n * d));
    let (mut w, g) = (rng.normals(d), rng.normals(n));
    for i in 0..n {
        let row = x.row_mut(i);
        if seed.is_multiple_of(3) {
            row[d - 1] = row[0] + 0.05 * row[d - 1];
        }
        if seed.is_multiple_of(4) {
            row.iter_mut().zip([100.0, 1.0, 10.0].iter().cycle()).for_each(|(x, size)| *x *= size);
        }
    }
    w.iter_mut().enumerate().filter(|(j, _)| !j.is_multiple_of(3)).for_each(|(_, w)| *w = 0.0);
    let y: Vec<f64> = x.times(&w).iter().zip(g).map(|(y, g)| y + 0.3 * g).collect();
    case(&x, &y)
}

fn lasso_problems() -> Vec<Json> {
    let recorded: Json = serde_json::from_str(include_str!("../../../tests/fixtures/selection.json")).unwrap();
    recorded["lasso"].as_array().unwrap().clone()
}

#[test]
fn the_lasso_agrees_with_scikit_learn_on_twenty_problems() {
    let problems = lasso_problems();
    assert_eq!(problems.len(), 20);
    let mut exact_zeros = 0;
    for problem in problems {
        let size = |key: &str| usize::try_from(problem[key].as_u64().unwrap()).unwrap();
        let mut case = lasso_case(problem["seed"].as_u64().unwrap(), size("n"), size("d"));
        case.settings.selection.tolerance = 1e-8;
        let lambda = problem["lambda"].as_f64().unwrap();
        let found = study(&case.observation()).lasso(lambda);
        assert_eq!(found.ending, Ending::Ok, "{problem}");
        let w = found.w.unwrap();
        let expected: Vec<f64> = problem["w"].as_array().unwrap().iter().map(|w| w.as_f64().unwrap()).collect();
        for (j, (w, expected)) in w.iter().zip(&expected).enumerate() {
            assert!((w - expected).abs() < 1e-6, "seed {}, w_{j}: {w} for {expected}", problem["seed"]);
            assert_eq!(*w == 0.0, *expected == 0.0, "seed {}, w_{j}: {w} for {expected}", problem["seed"]);
            exact_zeros += usize::from(*w == 0.0);
        }
    }
    assert!(exact_zeros > 100, "{exact_zeros}");
}

#[test]
fn a_duality_gap_bounds_what_is_missing_and_sees_a_wrong_solution() {
    let mut case = normal_case(12, 20);
    case.settings.selection.tolerance = 1e-8;
    for lambda in [0.3, 3.0] {
        let best = study(&case.observation()).lasso(lambda).w.unwrap();
        let optimum = objective(&case, lambda, &best);
        for max_steps in [1, 3, 10] {
            case.settings.selection.max_steps = max_steps;
            let found = study(&case.observation()).lasso(lambda);
            let (w, gap) = (found.w.unwrap(), found.duality_gap.unwrap());
            let missing = objective(&case, lambda, &w) - optimum;
            assert!((0.0..=gap).contains(&missing), "{missing:e} missing, gap {gap:e}");
            let moved = distance(&case.problem.x.times(&w), &case.problem.x.times(&best)).powi(2);
            assert!(moved <= gap, "{moved:e} moved, gap {gap:e}");
        }
        case.settings.selection.max_steps = 100_000;
    }
}

#[test]
fn the_lasso_of_orthonormal_columns_is_soft_thresholding() {
    // X = 2 I: w_j = sign(y_j) max(|y_j| / 2 - lambda / 8, 0).
    let mut case = Case::new(&[&[2.0, 0.0, 0.0], &[0.0, 2.0, 0.0], &[0.0, 0.0, 2.0]], &[6.0, -4.0, 0.5]);
    case.settings.selection.tolerance = 1e-10;
    let found = study(&case.observation()).lasso(4.0);
    assert_eq!(found.w.unwrap(), [2.5, -1.5, 0.0]);
    assert!(found.duality_gap.unwrap() < 1e-14);
    // From 2 ||X'y||_inf = 24 on nothing is left, without a pass.
    let nothing = study(&case.observation()).lasso(24.0);
    assert_eq!((nothing.w.unwrap(), nothing.steps), (vec![0.0; 3], Some(0)));
    let little = study(&case.observation()).lasso(23.9);
    assert!(little.w.unwrap()[0] > 0.0);
}

#[test]
fn scale_changes_no_step_of_any_iteration() {
    let mut plain = normal_case(5, 9);
    plain.cell.lambda = vec![1.0];
    plain.settings.selection.max_steps = 3000;
    plain.settings.selection.choosers = Chooser::ALL.to_vec();
    // Where weights decay, start at random or compete with a penalty, a change of scale is another problem.
    plain.settings.selection.choosers.retain(|chooser| {
        !matches!(
            chooser,
            Chooser::GdRandom | Chooser::GdDecay | Chooser::Lasso | Chooser::Ridge | Chooser::NullShifted
        )
    });
    let expected = rows(&plain.observation());
    for exponent in [-900, 700] {
        let size = 2f64.powi(exponent);
        let x = Matrix::from_fn(5, 9, |i, j| plain.problem.x[(i, j)] * size);
        let mut scaled = case(&x, &plain.problem.y);
        scaled.settings = plain.settings.clone();
        for (row, expected) in rows(&scaled.observation()).iter().zip(&expected) {
            assert_eq!((row.steps, row.status), (expected.steps, expected.status), "{} 2^{exponent}", row.chooser);
            close(row.w_l1.unwrap() * size, expected.w_l1.unwrap(), 1e-9);
        }
    }
}

#[test]
fn the_penalty_of_the_lasso_keeps_its_meaning_in_every_scale() {
    let plain = normal_case(6, 8);
    let expected = study(&plain.observation()).lasso(1.5).w.unwrap();
    let size = 2f64.powi(400);
    let scaled = case(&Matrix::from_fn(6, 8, |i, j| plain.problem.x[(i, j)] * size), &plain.problem.y);
    // ||X 2^k v - y||^2 + lambda 2^k ||v||_1 is the same problem in w = 2^k v.
    let w = study(&scaled.observation()).lasso(1.5 * size).w.unwrap();
    assert_eq!(w.iter().map(|w| w * size).collect::<Vec<_>>(), expected);
}

#[test]
fn an_x_of_zeros_has_solutions_but_no_step() {
    let mut case = Case::new(&[&[0.0, 0.0], &[0.0, 0.0]], &[1.0, 2.0]);
    case.cell.lambda = vec![0.0, 1.0];
    case.cell.alpha = vec![2.0];
    let rows = rows(&case.observation());
    let statuses: Vec<_> = rows.iter().map(|row| (row.chooser, row.lambda, row.status, row.w_l2)).collect();
    assert_eq!(
        statuses,
        [
            ("min-norm", None, "ok", Some(0.0)),
            ("ridge", Some(0.0), "ok", Some(0.0)),
            ("ridge", Some(1.0), "ok", Some(0.0)),
            ("gd-zero", None, "undefined", None),
            ("gd-random", None, "undefined", None),
            ("gd-decay", Some(1.0), "undefined", None),
            ("sgd-zero", None, "undefined", None),
            ("momentum", None, "undefined", None),
            ("lasso", Some(0.0), "undefined", None),
            ("lasso", Some(1.0), "ok", Some(0.0)),
            ("pcr", None, "ok", Some(0.0)),
            ("pcr", None, "ok", Some(0.0)),
            ("whitened-gd", None, "ok", Some(0.0)),
            ("null-shifted", None, "ok", Some(2.0)),
        ]
    );
}

#[test]
fn momentum_claims_nothing_of_a_sigma_that_is_unresolved() {
    let mut case = normal_case(6, 3);
    assert_eq!(study(&case.observation()).momentum().ending, Ending::Ok);
    case.certified.enclosure.lo[2] = 0.0;
    assert_eq!(study(&case.observation()).momentum().ending, Ending::Undefined);
}

#[test]
fn without_a_target_nothing_has_to_move() {
    let case = case(&normal_case(4, 3).problem.x, &[0.0; 4]);
    for row in rows(&case.observation()) {
        if row.chooser != "gd-random" && row.chooser != "gd-decay" && row.chooser != "null-shifted" {
            assert_eq!((row.w_l1, row.status), (Some(0.0), "ok"), "{}", row.chooser);
            assert!(row.steps.is_none_or(|steps| steps == 0), "{}", row.chooser);
        }
    }
}

#[test]
fn an_iterate_that_does_not_arrive_is_shown_as_it_is() {
    let mut case = normal_case(6, 6);
    case.settings.selection.max_steps = 3;
    let observation = case.observation();
    let found = study(&observation).gd_zero();
    assert_eq!((found.ending, found.steps), (Ending::NotConverged, Some(3)));
    // Three steps by hand.
    let rate = 1.0 / case.svd.sigma[0].powi(2);
    let mut w = [0.0; 6];
    for _ in 0..3 {
        let residual: Vec<f64> =
            case.problem.x.times(&w).iter().zip(&case.problem.y).map(|(fitted, y)| fitted - y).collect();
        for (w, g) in w.iter_mut().zip(case.problem.x.transpose_times(&residual)) {
            *w -= rate * g;
        }
    }
    assert!(distance(&found.w.unwrap(), &w) < 1e-14 * max_abs(&w));
}

#[test]
fn an_iteration_that_heads_elsewhere_does_not_arrive() {
    let mut case = normal_case(4, 7);
    case.settings.selection.max_steps = 5000;
    let observation = case.observation();
    let study = study(&observation);
    let ending = |start: &[f64], limit: &[f64], lambda| study.descend(start, limit, lambda).ending;
    let zero = vec![0.0; 7];
    assert_eq!(ending(&zero, &study.w0, 0.0), Ending::Ok);
    // Each limit is that of another method: a start in the null space, a ridge solution, the minimum norm.
    let start = Part::Start.of(&observation).normals(7);
    let mut shifted = case.svd.null_component(&start);
    crate::linalg::axpy(1.0, &study.w0, &mut shifted);
    let ridge = observation.fit().solution(1.0).w;
    for (start, limit, lambda) in
        [(&zero, &shifted, 0.0), (&start, &study.w0, 0.0), (&start, &shifted, 1.0), (&zero, &ridge, 0.0)]
    {
        assert_eq!(ending(start, limit, lambda), Ending::NotConverged);
    }
}

#[test]
fn mini_batches_need_a_decreasing_step_where_nothing_fits_and_only_there() {
    let away = |case: &mut Case, schedule, epochs: u64| {
        case.settings.selection.batch_rows = 4;
        case.settings.selection.max_steps = epochs * case.problem.x.rows().div_ceil(4) as u64;
        let observation = case.observation();
        let study = study(&observation);
        distance(&study.mini_batches(schedule).w.unwrap(), &study.w0)
    };
    let mut noisy = normal_case(16, 4);
    assert_eq!(study(&noisy.observation()).schedule(), Schedule::Decreasing);
    let stuck = away(&mut noisy, Schedule::Constant, 4000) / away(&mut noisy, Schedule::Constant, 1000);
    assert!(stuck > 0.2, "a constant step ends in a cloud around the limit: {stuck}");
    let nearer = away(&mut noisy, Schedule::Decreasing, 4000) / away(&mut noisy, Schedule::Constant, 4000);
    assert!(nearer < 0.2, "{nearer}");
    let mut interpolating = normal_case(4, 16);
    assert_eq!(study(&interpolating.observation()).schedule(), Schedule::Constant);
    let slower = away(&mut interpolating, Schedule::Decreasing, 60) / away(&mut interpolating, Schedule::Constant, 60);
    assert!(slower > 10.0, "{slower}");
    // More rows than columns, and yet some w fits: the data decide, not the shape.
    let x = normal_case(16, 4).problem.x;
    let fitted = x.times(&[1.0, -2.0, 0.5, 3.0]);
    assert_eq!(study(&case(&x, &fitted).observation()).schedule(), Schedule::Constant);
}

#[test]
fn a_batch_is_never_longer_than_its_curvature_says() {
    let case = normal_case(7, 10);
    let observation = case.observation();
    let study = study(&observation);
    let x = &study.scaled().x;
    for batch_rows in [1, 2, 5, 7] {
        let curvature = study.batch_curvature(batch_rows).unwrap();
        // Every choice of rows, as bits of a number.
        for chosen in (0_u32..1 << 7).filter(|chosen| chosen.count_ones() as usize == batch_rows) {
            let rows: Vec<usize> = (0..7).filter(|row| chosen >> row & 1 == 1).collect();
            let batch = Matrix::from_fn(batch_rows, 10, |i, j| x[(rows[i], j)]);
            let largest = crate::decomposition::ThinSvd::of(&batch).sigma[0].powi(2);
            assert!(largest <= curvature * (1.0 + 1e-14), "{batch_rows} rows: {largest} above {curvature}");
        }
    }
    let whole = study.scaled_sigma()[0].powi(2);
    assert_eq!(study.batch_curvature(7), Some(whole), "all rows are one gradient, at its own step");
}
