//! The path against its definitions: every fit left out one by one, centring done by hand, wide and tall.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::decomposition::ThinSvd;
use crate::diagnose::{Problem, Target, lanes};
use crate::matrix::Matrix;
use crate::rng::Generator;

fn problem(n: usize, d: usize, intercept: bool) -> Problem {
    let g = Generator::from_entropy(&[21, n as u64, d as u64]).normals(n * (d + 1));
    let x = Matrix::from_fn(n, d, |i, j| if intercept && j == 1 { 2.5 } else { 1.0 + 0.7 * g[i * d + j] });
    let y = (0..n).map(|i| 40.0 + x[(i, 0)] - x[(i, d - 1)] + g[n * d + i]).collect();
    Problem { names: (0..d).map(|j| format!("x{j}")).collect(), x, target: Some(Target { name: "y".to_owned(), y }) }
}

fn advice(problem: &Problem, settings: &RidgeSettings) -> RidgeAdvice {
    let tall = problem.x.rows() > problem.x.cols();
    let triangle = tall.then(|| Triangle::of(problem).unwrap());
    advise(problem, triangle.as_ref(), &Facts::of(problem).unwrap(), settings).unwrap().unwrap()
}

fn advise(
    rows: &dyn Rows,
    triangle: Option<&Triangle>,
    facts: &Facts,
    settings: &RidgeSettings,
) -> Result<Option<RidgeAdvice>, DataError> {
    let Some(path) = Path::new(rows, triangle, facts, settings)? else { return Ok(None) };
    let search = path.search(&lanes::pass(rows, &path.errors())?);
    let between = lanes::pass(rows, &path.errors_between(&search))?;
    Ok(Some(path.advice(search, between.as_deref())))
}

fn y(problem: &Problem) -> &[f64] {
    &problem.target.as_ref().unwrap().y
}

/// Weights by the definition: minimise ||X w - y||^2 + lambda ||w without the intercept||^2, by a penalty of 1e-14 lambda on a constant column, as
/// rows below X.
fn by_definition(x: &Matrix, y: &[f64], lambda: f64, intercept: bool) -> Vec<f64> {
    let (n, d) = (x.rows(), x.cols());
    let stacked = Matrix::from_fn(n + d, d, |i, j| match i.checked_sub(n) {
        None => x[(i, j)],
        Some(row) if row == j && !(intercept && j == 1) => lambda.sqrt(),
        Some(_) => 0.0,
    });
    let mut padded = y.to_vec();
    padded.resize(n + d, 0.0);
    ThinSvd::of(&stacked).solve_refined(&stacked, &padded, 0.0).w
}

#[test]
fn every_row_left_out_one_by_one() {
    for (n, d, intercept) in [(14, 4, false), (14, 4, true), (6, 9, false), (6, 9, true), (5, 5, true), (5, 5, false)] {
        let problem = problem(n, d, intercept);
        let grid = Grid::Log { least: 1e-3, largest: 1e3, count: 7 };
        let found = advice(&problem, &RidgeSettings { grid, kappa_bound: 1e6 });
        assert_eq!(found.intercept, intercept.then_some(1));
        for point in &found.path {
            let w = by_definition(&problem.x, y(&problem), point.lambda, intercept);
            let gap = w.iter().zip(&point.w).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(gap < 1e-10 * (1.0 + norm(&w)), "{n}x{d} {intercept} {}: {gap:e}", point.lambda);
            let mut squares = 0.0;
            for left_out in 0..n {
                let others: Vec<usize> = (0..n).filter(|&i| i != left_out).collect();
                let x = Matrix::from_fn(n - 1, d, |i, j| problem.x[(others[i], j)]);
                let kept: Vec<f64> = others.iter().map(|&i| y(&problem)[i]).collect();
                let w = by_definition(&x, &kept, point.lambda, intercept);
                let predicted: f64 = w.iter().zip(problem.x.row(left_out)).map(|(w, x)| w * x).sum();
                squares += (y(&problem)[left_out] - predicted).powi(2);
            }
            let expected = (squares / n as f64).sqrt();
            let loo = point.loo.unwrap();
            assert!((loo / expected - 1.0).abs() < 1e-8, "{n}x{d} {intercept} {}: {loo} {expected}", point.lambda);
            let fitted = problem.x.times(&point.w);
            let residual: Vec<f64> = fitted.iter().zip(y(&problem)).map(|(f, y)| y - f).collect();
            assert!((norm(&residual) - point.residual_norm).abs() < 1e-9 * norm(y(&problem)));
        }
    }
}

#[test]
fn degrees_of_freedom_and_gcv_are_those_of_the_hat_matrix() {
    let problem = problem(12, 3, false);
    let found =
        advice(&problem, &RidgeSettings { grid: Grid::Log { least: 0.5, largest: 2.0, count: 2 }, kappa_bound: 3.0 });
    for point in &found.path {
        // The trace of the hat matrix, from the fits of unit vectors.
        let trace: f64 = (0..12)
            .map(|i| {
                let unit: Vec<f64> = (0..12).map(|k| f64::from(u8::from(i == k))).collect();
                problem.x.times(&by_definition(&problem.x, &unit, point.lambda, false))[i]
            })
            .sum();
        assert!((point.effective_df - trace).abs() < 1e-11, "{} {trace}", point.effective_df);
        let gcv = (point.residual_norm.powi(2) / 12.0).sqrt() / (1.0 - trace / 12.0);
        assert!((point.gcv.unwrap() / gcv - 1.0).abs() < 1e-11);
    }
}

#[test]
fn the_bounding_penalty_is_the_least_one() {
    let problem = problem(15, 4, false);
    for kappa_bound in [1.5, 4.0, 1e3] {
        let found = advice(&problem, &RidgeSettings { kappa_bound, ..RidgeSettings::default() });
        let of_x = ThinSvd::of(&problem.x).sigma;
        let without = (of_x[0] / of_x[3]).powi(2);
        if without <= kappa_bound {
            assert_eq!(found.bounded.lambda, 0.0);
        } else {
            assert!((found.bounded.kappa_ridge / kappa_bound - 1.0).abs() < 1e-12, "{:?}", found.bounded);
        }
    }
}

#[test]
fn the_least_error_is_found_between_the_penalties_of_the_grid() {
    let problem = problem(14, 6, true);
    let coarse =
        advice(&problem, &RidgeSettings { grid: Grid::Log { least: 1e-3, largest: 1e4, count: 8 }, kappa_bound: 1e6 });
    let fine = advice(
        &problem,
        &RidgeSettings { grid: Grid::Log { least: 1e-3, largest: 1e4, count: 4000 }, kappa_bound: 1e6 },
    );
    let best = coarse.best.unwrap();
    assert_eq!(best.place, Place::Inside);
    let least = fine.path.iter().filter_map(|point| point.loo).fold(f64::INFINITY, f64::min);
    // A sixteenth of the distance between two penalties of the coarse grid off, near a minimum.
    assert!(best.point.loo.unwrap() <= least * (1.0 + 1e-3), "{} {least}", best.point.loo.unwrap());
    assert!(coarse.path.iter().all(|point| point.loo.unwrap() >= best.point.loo.unwrap()));
}

#[test]
fn a_row_that_no_other_predicts_has_an_error_with_a_penalty_and_none_without() {
    let mut problem = problem(8, 3, false);
    for i in 0..8 {
        problem.x[(i, 2)] = f64::from(u8::from(i == 5));
    }
    let found = advice(&problem, &RidgeSettings::default());
    assert_eq!(found.unpenalised_loo, None);
    assert!(found.path.iter().all(|point| point.loo.is_some()));
    // Row 5 left out, weight 2 is 0: its prediction comes from the other columns.
    let kept = Matrix::from_fn(7, 2, |i, j| problem.x[(if i < 5 { i } else { i + 1 }, j)]);
    let others: Vec<f64> = (0..8).filter(|&i| i != 5).map(|i| y(&problem)[i]).collect();
    let w = ThinSvd::of(&kept).solve(&others, 0.0);
    let alone = y(&problem)[5] - w[0] * problem.x[(5, 0)] - w[1] * problem.x[(5, 1)];
    let mut squares = alone * alone;
    for left_out in (0..8).filter(|&i| i != 5) {
        let rows: Vec<usize> = (0..8).filter(|&i| i != 5 && i != left_out).collect();
        let x = Matrix::from_fn(6, 2, |i, j| problem.x[(rows[i], j)]);
        let w = ThinSvd::of(&x).solve(&rows.iter().map(|&i| y(&problem)[i]).collect::<Vec<_>>(), 0.0);
        squares += (y(&problem)[left_out] - w[0] * problem.x[(left_out, 0)] - w[1] * problem.x[(left_out, 1)]).powi(2);
    }
    let expected = (squares / 8.0).sqrt();
    let loo = found.path[8].loo.unwrap();
    assert!((loo / expected - 1.0).abs() < 1e-6, "{loo} {expected}");
}

#[test]
fn dependent_columns_need_a_penalty_for_any_bound_and_constants_alone_have_none() {
    let mut problem = problem(9, 3, false);
    for i in 0..9 {
        problem.x[(i, 2)] = problem.x[(i, 0)];
    }
    let found = advice(&problem, &RidgeSettings::default());
    assert!(found.bounded.lambda > 0.0 && (found.bounded.kappa_ridge / 1e6 - 1.0).abs() < 1e-6);
    assert!((found.path[0].w[0] - found.path[0].w[2]).abs() < 1e-9, "equal columns share equally");
    let constants = Problem { x: Matrix::from_fn(4, 2, |_, j| j as f64), ..problem };
    let constants = Problem { target: Some(Target { name: "y".to_owned(), y: vec![1.0, 2.0, 3.0, 5.0] }), ..constants };
    let facts = Facts::of(&constants).unwrap();
    assert_eq!(advise(&constants, None, &facts, &RidgeSettings::default()).unwrap(), None);
}

#[test]
fn a_row_that_alone_separates_two_columns_by_little_has_no_error_without_a_penalty() {
    for draw in 0..40 {
        let g = Generator::from_entropy(&[99, draw]).normals(60 * 2);
        let x = Matrix::from_fn(60, 3, |i, j| match (i, j) {
            (17, 1) => g[2 * i] + 1e-6,
            (_, 0 | 1) => g[2 * i],
            _ => g[2 * i + 1],
        });
        let y = (0..60).map(|i| x.row(i).iter().sum::<f64>() + g[i]).collect();
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let found =
            advice(&Problem { names, x, target: Some(Target { name: "y".to_owned(), y }) }, &RidgeSettings::default());
        assert_eq!(found.unpenalised_loo, None, "draw {draw}");
    }
}
