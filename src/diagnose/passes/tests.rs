#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::data::{ColumnRef, Portion, ReadOptions};
use crate::diagnose::rows::Block;
use crate::diagnose::{
    Analysis, Grid, Memory, Place, Problem, RidgeSettings, Source, Target, TargetRef, Unwatched, each_file,
};
use crate::engine::cpu::CpuEngine;
use crate::engine::{EngineError, Precision, Route};
use crate::linalg::norm;
use crate::matrix::Matrix;
use crate::rng::Generator;

/// Rows that count how often they are gone through.
struct Counted(Pieces, AtomicUsize);

impl Rows for Counted {
    fn names(&self) -> &[String] {
        self.0.names()
    }

    fn target(&self) -> Option<&str> {
        self.0.target()
    }

    fn each_block(&self, take: &mut dyn FnMut(Block<'_>) -> Result<(), DataError>) -> Result<(), DataError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.each_block(take)
    }
}

/// Rows of a problem in pieces of a few.
struct Pieces(Problem, usize);

impl Rows for Pieces {
    fn names(&self) -> &[String] {
        &self.0.names
    }

    fn target(&self) -> Option<&str> {
        self.0.target()
    }

    fn each_block(&self, take: &mut dyn FnMut(Block<'_>) -> Result<(), DataError>) -> Result<(), DataError> {
        let (n, d) = (self.0.x.rows(), self.0.x.cols());
        for first in (0..n).step_by(self.1) {
            let count = self.1.min(n - first);
            let x = Matrix::from_fn(count, d, |i, j| self.0.x[(first + i, j)]);
            let y = self.0.target.as_ref().map(|target| &target.y[first..first + count]);
            take(Block { first, x: &x, y })?;
        }
        Ok(())
    }
}

fn settings(lambdas: &[f64]) -> Settings {
    Settings { precision: Precision::Auto, rtol: 1e-6, lambdas: lambdas.to_vec(), ridge: RidgeSettings::default() }
}

fn in_passes(problem: Problem, settings: &Settings) -> Report {
    let rows = Pieces(problem, 37);
    let triangle = Triangle::of(&rows).unwrap();
    diagnose_rows(&rows, &triangle, settings).unwrap()
}

fn in_memory(problem: &Problem, settings: &Settings) -> Report {
    crate::diagnose::diagnose(&[problem], &CpuEngine, settings).unwrap().remove(0)
}

fn problem(x: Matrix, y: Option<Vec<f64>>) -> Problem {
    let names = (0..x.cols()).map(|j| format!("x{}", j + 1)).collect();
    Problem { names, x, target: y.map(|y| Target { name: "y".to_owned(), y }) }
}

fn assert_close(found: f64, expected: f64, relative: f64, what: &str) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{what}: {found:e} for {expected:e}");
}

/// Gaussian columns, one 1e-`digits` from a combination of two others; y explained by them up to noise.
fn nearly_dependent(n: usize, digits: i32) -> Problem {
    let d = 5;
    let g = Generator::from_entropy(&[7, digits.unsigned_abs().into()]).normals(n * (d + 1));
    let entry = |i: usize, j: usize| g[i * (d + 1) + j];
    let x = Matrix::from_fn(n, d, |i, j| match j {
        4 => entry(i, 0) - 2.0 * entry(i, 1) + 10f64.powi(-digits) * entry(i, 4),
        _ => entry(i, j),
    });
    let y = (0..n).map(|i| x.row(i).iter().sum::<f64>() + 0.1 * entry(i, d)).collect();
    problem(x, Some(y))
}

#[test]
fn passes_and_memory_agree_on_all_they_report() {
    for digits in [0, 3, 6, 9, 12] {
        let problem = nearly_dependent(500, digits);
        let settings = settings(&[0.0, 1e-3, 10.0]);
        let (ours, theirs) = (in_passes(problem.clone(), &settings), in_memory(&problem, &settings));
        assert_eq!((ours.n, ours.d, ours.rank, ours.rank_bounds), (500, 5, theirs.rank, theirs.rank_bounds));
        assert_eq!((ours.status, &ours.names), (theirs.status, &theirs.names), "1e-{digits}");
        for (a, b) in ours.sigmas.iter().zip(&theirs.sigmas) {
            assert!(a.lo <= b.hi && b.lo <= a.hi, "1e-{digits}: {a:?} {b:?}");
            assert_close(a.value.unwrap(), b.value.unwrap(), 1e-6, "sigma");
        }
        // X'X loses digits in both ways of adding it up, but not the same.
        if digits < 6 {
            assert_close(ours.kappa_gram.unwrap(), theirs.kappa_gram.unwrap(), 1e-3, "kappa of X'X");
        }
        let (ours, theirs) = (ours.fit.unwrap(), theirs.fit.unwrap());
        assert_close(ours.y_norm, theirs.y_norm, 1e-14, "||y||");
        assert_close(ours.irreducible_norm, theirs.irreducible_norm, 1e-12, "irreducible");
        for (a, b) in ours.solutions.iter().zip(&theirs.solutions) {
            assert_eq!(a.lambda, b.lambda);
            assert_close(a.residual_norm, b.residual_norm, 1e-12, "residual");
            for (a, b) in a.w.iter().zip(&b.w) {
                assert_close(*a, *b, if digits < 10 { 1e-11 } else { 1e-6 }, &format!("weight at 1e-{digits}"));
            }
        }
    }
}

/// Hilbert 7 in whole numbers, kappa 4.8e8, twice: [A; A] w = [A 1 + e; A 1 - e] is solved by ones, with residual (e, -e).
fn hilbert_beside_a_residual() -> Problem {
    let (d, multiple) = (7, 360_360.0);
    let a = |i: usize, j: usize| multiple / ((i + j + 1) as f64);
    let x = Matrix::from_fn(2 * d, d, |i, j| a(i % d, j));
    let sign = |i: usize| if i < d { 1.0 } else { -1.0 };
    let y = (0..2 * d).map(|i| (0..d).map(|j| a(i % d, j)).sum::<f64>() + sign(i) * HILBERT_RESIDUAL[i % d]).collect();
    assert!(x.as_slice().iter().all(|x| x.fract() == 0.0));
    problem(x, Some(y))
}

/// e of [`hilbert_beside_a_residual`].
const HILBERT_RESIDUAL: [f64; 7] = [3e5, -1e5, 7e5, 2e5, -9e5, 4e5, 1e5];

#[test]
fn weights_have_their_digits_beside_a_large_residual() {
    let fit = in_passes(hilbert_beside_a_residual(), &settings(&[0.0])).fit.unwrap();
    for w in &fit.solutions[0].w {
        assert_close(*w, 1.0, 1e-12, "weight");
    }
    let residual = (2.0 * HILBERT_RESIDUAL.iter().map(|e| e * e).sum::<f64>()).sqrt();
    assert_close(fit.solutions[0].residual_norm, residual, 1e-13, "residual");
    assert_close(fit.irreducible_norm, residual, 1e-13, "irreducible");
}

#[test]
fn exact_relations_have_residual_zero() {
    let x = Matrix::from_fn(300, 4, |i, j| {
        let years = (i % 41) as f64;
        [1.0, years, 12.0 * years, ((i * i) % 17) as f64][j]
    });
    let y = (0..300).map(|i| f64::from(i % 7)).collect();
    let problem = problem(x, Some(y));
    let (ours, theirs) = (in_passes(problem.clone(), &settings(&[0.0])), in_memory(&problem, &settings(&[0.0])));
    let relation = ours.null_space.as_ref().unwrap().relations.as_ref().unwrap()[0].clone();
    assert_eq!((relation.weights.as_slice(), relation.relative_residual), (&[0.0, 12.0, -1.0, 0.0][..], 0.0));
    assert_eq!((ours.rank, ours.rank_bounds, ours.status), (theirs.rank, theirs.rank_bounds, theirs.status));
    // The minimum-norm solution is shared by years and months as 1 : 12.
    let (ours, theirs) = (&ours.fit.unwrap().solutions[0].w, &theirs.fit.unwrap().solutions[0].w);
    let size = norm(theirs);
    for (a, b) in ours.iter().zip(theirs).chain([(&ours[2], &(12.0 * ours[1]))]) {
        assert!((a - b).abs() <= 1e-12 * size, "{a:e} {b:e}");
    }
}

#[test]
fn the_ladder_ends_in_double_double_or_stays_where_it_is_told() {
    let hilbert = || problem(Matrix::from_fn(640, 10, |i, j| 1.0 / ((i % 10 + j + 1) as f64)), None);
    let auto = in_passes(hilbert(), &settings(&[]));
    assert_eq!((auto.status, auto.route), (Status::Ok, Route::CpuDd));
    let stayed = in_passes(hilbert(), &Settings { precision: Precision::F64, ..settings(&[]) });
    assert_eq!(stayed.route, Route::CpuF64);
    assert!(stayed.status > Status::Ok);
    let (narrow, wide) = (auto.sigmas[9], stayed.sigmas[9]);
    assert!(wide.lo <= narrow.lo && narrow.hi <= wide.hi, "{wide:?} {narrow:?}");
}

#[test]
fn entries_of_any_size_are_diagnosed() {
    for scale in [1e300, 1e-300] {
        let mut problem = nearly_dependent(200, 2);
        let d = problem.x.cols();
        problem.x = Matrix::from_fn(200, d, |i, j| problem.x[(i, j)] * scale);
        let (ours, theirs) = (in_passes(problem.clone(), &settings(&[0.0])), in_memory(&problem, &settings(&[0.0])));
        assert_eq!((ours.status, ours.rank), (Status::Ok, Some(d)));
        for (a, b) in ours.sigmas.iter().zip(&theirs.sigmas) {
            assert!(a.lo <= b.hi && b.lo <= a.hi, "{scale:e}: {a:?} {b:?}");
        }
        let (ours, theirs) = (&ours.fit.unwrap().solutions[0].w, &theirs.fit.unwrap().solutions[0].w);
        for (a, b) in ours.iter().zip(theirs) {
            assert_close(*a, *b, 1e-11, "weight");
        }
    }
    let zeros = in_passes(problem(Matrix::zeros(50, 3), Some(vec![1.0; 50])), &settings(&[0.0]));
    assert_eq!((zeros.rank, zeros.kappa), (Some(0), None));
    assert_close(zeros.fit.unwrap().irreducible_norm, 50f64.sqrt(), 1e-15, "all of y");
}

/// The report on `path`, held in memory up to `held_entries`.
fn report_on(path: &Path, target: Option<&str>, held_entries: usize) -> Result<Report, DataError> {
    let source = Source {
        options: ReadOptions::default(),
        target: target.map(|name| TargetRef::Column(ColumnRef::Name(name.to_owned()))),
        memory: Memory { held_entries, portion: Portion { block_bytes: 500, group: 5 } },
        ..Source::default()
    };
    let mut found = None;
    let paths = [PathBuf::from(path)];
    let settings = settings(&[0.0, 1.0]);
    each_file::<EngineError>(&paths, &source, &CpuEngine, &settings, &Unwatched, |_, report| {
        found = Some(report);
        Ok(())
    })
    .unwrap();
    found.unwrap()
}

fn written(folder: &Path, problem: &Problem) -> PathBuf {
    let path = folder.join("data.csv");
    let y = &problem.target.as_ref().unwrap().y;
    let row = |i: usize| {
        let fields: Vec<String> = problem.x.row(i).iter().chain([&y[i]]).map(f64::to_string).collect();
        fields.join(",") + "\n"
    };
    let header = problem.names.join(",") + ",y\n";
    std::fs::write(&path, header + &(0..problem.x.rows()).map(row).collect::<String>()).unwrap();
    path
}

#[test]
fn a_file_in_blocks_gives_the_same_bits_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), &nearly_dependent(400, 8));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| report_on(&path, Some("y"), 0)).unwrap()
    };
    let (one, two, three) = (on(1), on(2), on(3));
    assert_eq!(one, two);
    assert_eq!(one, three);
    let held = report_on(&path, Some("y"), 1 << 20).unwrap();
    assert_eq!((one.rank, one.n, &one.names), (held.rank, 400, &held.names));
    for (a, b) in one.sigmas.iter().zip(&held.sigmas) {
        assert!(a.lo <= b.hi && b.lo <= a.hi, "{a:?} {b:?}");
    }
}

#[test]
fn fewer_rows_than_columns_are_held_whatever_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.csv");
    std::fs::write(&path, "1,2,3,4\n2,1,0,5\n").unwrap();
    assert_eq!(report_on(&path, None, 0).unwrap(), report_on(&path, None, 1 << 20).unwrap());
}

/// The analysis of `problem`, and how often its rows were gone through for its report.
fn passes(problem: Problem, grid: Grid) -> (usize, Analysis) {
    let rows = Counted(Pieces(problem, 37), AtomicUsize::new(0));
    let triangle = Triangle::of(&rows).unwrap();
    let ridge = RidgeSettings { grid, ..RidgeSettings::default() };
    let report = diagnose_rows(&rows, &triangle, &Settings { ridge, ..settings(&[0.0]) }).unwrap();
    assert_eq!(report.status, Status::Ok);
    (rows.1.into_inner(), report.analysis.unwrap())
}

fn place(analysis: Analysis) -> Place {
    analysis.ridge.unwrap().best.unwrap().place
}

#[test]
fn the_rows_are_gone_through_three_times_with_a_target_and_twice_without() {
    for digits in [0, 3, 6] {
        let problem = nearly_dependent(500, digits);
        let (count, analysis) = passes(problem.clone(), Grid::Auto);
        assert!(analysis.leverage.is_some());
        assert_eq!((count, place(analysis)), (3, Place::Inside), "1e-{digits}");
        assert_eq!(passes(Problem { target: None, ..problem }, Grid::Auto).0, 2, "1e-{digits}");
    }
}

#[test]
fn the_search_for_the_best_penalty_rides_with_the_weights() {
    // [A; A] w = [A 1 + e; A 1 - e]: beside a residual of the size of y the triangle alone leaves w an error of u kappa^2.
    let twice = || {
        let half = nearly_dependent(250, 7);
        let noise = Generator::from_entropy(&[70]).normals(250);
        let x = Matrix::from_fn(500, 5, |i, j| half.x[(i % 250, j)]);
        let y = (0..500).map(|i| x.row(i).iter().sum::<f64>() + if i < 250 { noise[i] } else { -noise[i - 250] });
        problem(x.clone(), Some(y.collect()))
    };
    // Of two penalties none is between others, and nothing is searched for: all further passes are for the weights.
    let ends = Grid::Log { least: 1e-3, largest: 1e3, count: 2 };
    let (for_weights, analysis) = passes(twice(), ends);
    assert!(for_weights > 2 && place(analysis) != Place::Inside, "{for_weights}");
    let (count, analysis) = passes(twice(), Grid::Auto);
    assert_eq!((count, place(analysis)), (for_weights, Place::Inside));
}
