#![allow(clippy::unwrap_used)]

use super::*;
use crate::measure::testing::{Case, close, recorded};

/// The rows of `case` that `pick` likes, of which there must be some.
fn rows_of(case: &Case, pick: impl Fn(&PerturbationRow) -> bool) -> Vec<PerturbationRow> {
    let rows: Vec<_> = rows(&case.observation()).into_iter().filter(pick).collect();
    assert!(!rows.is_empty());
    rows
}

#[test]
fn rows_come_in_key_order_and_zero_delta_once() {
    let mut case = Case::new(&[&[2.0, 0.0], &[0.0, 1.0], &[1.0, 1.0]], &[1.0, 2.0, 3.0]);
    case.cell.delta = vec![0.0, 1e-6, 1e-3];
    case.cell.lambda = vec![0.0, 1.0];
    let keys: Vec<_> = rows_of(&case, |_| true).iter().map(|row| (row.delta, row.what, row.solver)).collect();
    // 5 methods: svd, qr, normal equations, ridge twice; none once, then two deltas of y and X.
    assert_eq!(keys.len(), 5 * (1 + 2 * 2));
    assert!(keys[..5].iter().all(|key| key.0 == 0.0 && key.1 == "none"));
    assert_eq!(keys[5], (1e-6, "y", "svd"));
    assert_eq!(keys[10], (1e-6, "X", "svd"));
    assert_eq!(keys[24], (1e-3, "X", "ridge"));
}

#[test]
fn a_change_of_y_moves_the_only_weight_as_the_formula_says() {
    // X = (1, 0)': w = y_1. The change is delta ||y|| g_1 / ||g||, at most the bound delta ||y|| / |y_1|.
    let mut case = Case::new(&[&[1.0], &[0.0]], &[3.0, 4.0]);
    case.cell.delta = vec![1e-3];
    let g = case.observation();
    let g = g.seeding.stream(&g.trial, Stream::Perturbation).normals(2);
    let expected = 1e-3 * 5.0 * g[0].abs() / g[0].hypot(g[1]) / 3.0;
    for row in rows_of(&case, |row| row.what == "y") {
        close(row.rel_error_w.unwrap(), expected, 1e-12);
        close(row.rel_error_prediction.unwrap(), expected, 1e-12);
        if matches!(row.solver, "svd" | "qr") {
            close(row.bound.unwrap(), 5e-3 / 3.0, 1e-12);
            close(row.ratio.unwrap(), expected / (5e-3 / 3.0), 1e-11);
        } else {
            assert_eq!((row.bound, row.ratio), (None, None));
        }
    }
}

#[test]
fn a_change_of_x_is_bounded_with_the_residual() {
    // sigma_min = 1, w = 3, r = 4, eta = 1e-3.
    let mut case = Case::new(&[&[1.0], &[0.0]], &[3.0, 4.0]);
    case.cell.delta = vec![1e-3];
    for row in rows_of(&case, |row| row.what == "X" && matches!(row.solver, "svd" | "qr")) {
        close(row.bound.unwrap(), 1e-3 / 0.999 * (1.0 + 4.0 / 3.0), 1e-10);
    }
    // n < d: no residual, but the row space turns.
    let mut case = Case::new(&[&[1.0, 0.0]], &[3.0]);
    case.cell.delta = vec![1e-3];
    for row in rows_of(&case, |row| row.what == "X" && matches!(row.solver, "svd" | "qr")) {
        close(row.bound.unwrap(), 1e-3 / 0.999 + 1e-3, 1e-10);
    }
}

#[test]
fn errors_agree_with_numpy_and_stay_below_the_bound() {
    for name in ["tall", "wide"] {
        let (mut case, recorded) = recorded(name);
        case.cell.delta = vec![1e-6];
        for expected in recorded["perturbation"].as_array().unwrap() {
            let what = expected["what"].as_str().unwrap();
            let rows = rows_of(&case, |row| row.what == what && matches!(row.solver, "svd" | "qr"));
            assert_eq!(rows.len(), 2);
            for row in rows {
                close(row.rel_error_w.unwrap(), expected["rel_error_w"].as_f64().unwrap(), 1e-7);
                let prediction = expected["rel_error_prediction"].as_f64().unwrap();
                close(row.rel_error_prediction.unwrap(), prediction, 1e-7);
                assert!(row.ratio.unwrap() <= 1.0, "{name} {what} {}: {:?}", row.solver, row.ratio);
                assert!(row.ratio.unwrap() > 0.01, "{name} {what} {}: the bound is idle", row.solver);
            }
        }
    }
}

#[test]
fn without_a_change_qr_and_svd_err_by_kappa_roundoffs_at_most() {
    for name in ["tall", "wide"] {
        let (mut case, _) = recorded(name);
        case.cell.delta = vec![0.0];
        case.settings.arithmetic = vec![Arithmetic::F64, Arithmetic::F32];
        for row in rows_of(&case, |row| row.status == "ok") {
            let error = row.rel_error_w.unwrap();
            let allowed = if row.arithmetic == "f64" { 1e-13 } else { 1e-13 * 2f64.powi(29) };
            assert!(error < allowed && error > allowed * 1e-5, "{name} {} {}: {error:e}", row.solver, row.arithmetic);
        }
    }
}

#[test]
fn without_a_delta_of_zero_there_is_no_row_without_a_change() {
    let mut case = Case::new(&[&[2.0, 0.0], &[0.0, 1.0]], &[1.0, 2.0]);
    case.cell.delta = vec![1e-6];
    assert!(rows_of(&case, |_| true).iter().all(|row| row.what != "none" && row.arithmetic == "f64"));
}

#[test]
fn single_precision_fails_by_its_own_limits() {
    let status = |rows: &[&[f64]], solver: &str| {
        let mut case = Case::new(rows, &[1.0, 2.0, 3.0]);
        case.cell.delta = vec![0.0];
        case.settings.arithmetic = vec![Arithmetic::F32];
        let row = rows_of(&case, |row| row.solver == solver).remove(0);
        assert_eq!(row.arithmetic, "f32");
        row.status
    };
    // Beyond f32, though not beyond f64; X'X beyond f32, though X is not.
    assert_eq!(status(&[&[1e200], &[1e200], &[0.0]], "qr"), "not-finite");
    assert_eq!(status(&[&[1e200], &[1e200], &[0.0]], "svd"), "not-finite");
    assert_eq!(status(&[&[1e25], &[1e25], &[0.0]], "normal-equations"), "not-finite");
    assert_eq!(status(&[&[1e25], &[1e25], &[0.0]], "qr"), "ok");
    // kappa = 1e5: the squared one is beyond 2^24, and f32 loses the 1e-10.
    let near = [&[1.0, 1.0][..], &[1e-5, 0.0], &[0.0, 1e-5]];
    assert_eq!(status(&near, "normal-equations"), "not-positive-definite");
    assert_eq!(status(&near, "qr"), "ok");
}

#[test]
fn failures_are_rows_that_say_why() {
    let case = |rows: &[&[f64]], y: &[f64]| {
        let mut case = Case::new(rows, y);
        case.cell.delta = vec![0.0];
        case
    };
    let mut twice = case(&[&[1.0, 1.0], &[2.0, 2.0]], &[1.0, 2.0]);
    twice.cell.lambda = vec![1.0];
    let status = |case: &Case, solver: &str| {
        let row = rows_of(case, |row| row.solver == solver).remove(0);
        (row.status, row.rel_error_w.is_some())
    };
    assert_eq!(status(&twice, "normal-equations"), ("not-positive-definite", false));
    assert_eq!(status(&twice, "svd"), ("ok", false), "no reference for a rank-deficient X");
    assert_eq!(status(&twice, "ridge"), ("ok", true));
    let nearly = case(&[&[0.1, 0.3], &[0.2, 0.6], &[0.7, 2.1]], &[1.0, 2.0, 3.0]);
    assert_eq!(status(&nearly, "svd"), ("ok", false), "rank 1 up to the rounding of the entries");
    let wide = case(&[&[1.0, 2.0, 2.0]], &[9.0]);
    assert_eq!(status(&wide, "normal-equations"), ("singular", false));
    assert_eq!(status(&wide, "qr"), ("ok", true));
    let zero_column = case(&[&[1.0, 0.0], &[2.0, 0.0]], &[1.0, 2.0]);
    assert_eq!(status(&zero_column, "qr"), ("singular", false));
    let huge = case(&[&[1e200], &[1e200]], &[1.0, 2.0]);
    assert_eq!(status(&huge, "normal-equations"), ("not-finite", false), "X'X overflows");
    assert_eq!(status(&huge, "qr"), ("ok", true));
}

#[test]
fn no_bound_where_the_change_may_cost_a_rank() {
    let mut case = Case::new(&[&[1.0, 0.0], &[0.0, 1e-3]], &[1.0, 1.0]);
    case.cell.delta = vec![1e-2];
    assert!(rows_of(&case, |row| row.what == "X").iter().all(|row| row.bound.is_none()));
    assert!(rows_of(&case, |row| row.what == "y" && row.solver == "svd").iter().all(|row| row.bound.is_some()));
}

#[test]
fn an_error_that_the_reference_cannot_tell_is_left_empty() {
    // The same column twice: only the penalty tells the weights apart, here 1e-30 beside squares of about 1.
    let mut case = Case::new(&[&[0.1, 0.1], &[0.7, 0.7], &[0.3, 0.3]], &[1.0, 2.0, 3.0]);
    case.cell.delta = vec![0.0];
    case.cell.lambda = vec![1e-60, 1e-6, 1e60];
    let rows = rows_of(&case, |row| row.solver == "ridge");
    assert!(rows.iter().all(|row| row.status == "ok"));
    let [unknown, near, far] = &rows[..] else { panic!("a row for each of three penalties") };
    assert_eq!((unknown.rel_error_w, unknown.rel_error_prediction), (None, None));
    for row in [near, far] {
        assert!(row.rel_error_w.unwrap() < 1e-8 && row.rel_error_prediction.unwrap() < 1e-14, "{row:?}");
    }
}
