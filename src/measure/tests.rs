//! What the plan counts is what the tables write.

use super::testing::Case;
use super::*;

/// Rows that `table` writes of `case`.
fn rows_written(table: TableId, case: &Case) -> usize {
    let mut fields: Vec<Value> = Vec::new();
    table.measure(&case.observation(), &mut fields);
    let columns = table.schema().columns.len();
    assert!(fields.len().is_multiple_of(columns), "{}: {} fields in {columns} columns", table.name(), fields.len());
    fields.len() / columns
}

/// A tall, a wide, a square, a rank-deficient matrix and a single number, whose cells ask for nothing.
fn cases() -> Vec<Case> {
    let (a, b, c): ([f64; 4], [f64; 4], [f64; 4]) = ([3.0, 1.0, 0.5, -1.0], [0.0, 4.0, 0.7, 2.0], [1.0, 0.3, 2.0, 0.1]);
    let twice = a.map(|x| 2.0 * x);
    vec![
        Case::new(&[&a[..2], &b[..2], &c[..2]], &[1.0, 2.0, 4.0]).with_truth(&[1.0, -1.0], 0.1),
        Case::new(&[&a, &b, &c], &[1.0, 2.0, 4.0]).with_truth(&[1.0, -1.0, 0.5, 2.0], 0.1),
        Case::new(&[&a[..3], &b[..3], &c[..3]], &[1.0, 2.0, 4.0]),
        Case::new(&[&a, &twice, &b, &c], &[1.0, 2.0, 4.0, 8.0]),
        Case::new(&[&[2.0]], &[1.0]),
    ]
}

/// What a cell and the settings of the tables may ask for, from nothing on; no two lists of one are equally long.
fn asked() -> Vec<(Cell, Settings)> {
    let plain = || {
        let Case { cell, settings, .. } = Case::new(&[&[1.0]], &[1.0]);
        let selection = SelectionSettings { test_rows: 3, max_steps: 20, ..SelectionSettings::default() };
        (cell, Settings { selection, ..settings })
    };
    let (mut cell, mut settings) = plain();
    cell.lambda = vec![0.0, 1e-3, 1.0];
    cell.delta = vec![0.0, 1e-8];
    cell.alpha = vec![-1.0, 0.0, 1.0, 5.0, 7.0];
    settings.arithmetic = vec![Arithmetic::F64, Arithmetic::F32];
    settings.iterations = vec![0, 1, 2, 10, 20, 40, 80];
    settings.selection.variance_shares = vec![0.1, 0.5, 0.9, 1.0];
    let everything = (cell.clone(), settings.clone());
    let mut some = Vec::new();
    for solver in [Solver::Svd, Solver::Qr, Solver::NormalEquations, Solver::Ridge] {
        for delta in [vec![], vec![0.0], vec![1e-8, 1e-4], vec![0.0, 1e-8, 1e-4]] {
            for perturbed in [vec![Perturbed::Y], vec![Perturbed::X, Perturbed::Y]] {
                let settings = Settings { solvers: vec![solver], perturbed, ..settings.clone() };
                some.push((Cell { delta: delta.clone(), ..cell.clone() }, settings));
            }
        }
    }
    for chooser in Chooser::ALL {
        let selection = SelectionSettings { choosers: vec![chooser], ..settings.selection.clone() };
        some.push((cell.clone(), Settings { selection, ..settings.clone() }));
    }
    [vec![plain(), everything], some].concat()
}

#[test]
fn every_table_writes_as_many_rows_as_the_plan_counts() {
    for mut case in cases() {
        let (n, d) = (case.cell.n, case.cell.d);
        for (cell, settings) in asked() {
            case.cell = Cell { n, d, ..cell };
            case.settings = settings;
            for table in TableId::ALL {
                let planned = table.rows_per_trial(&case.cell, &case.settings);
                let (cell, settings) = (&case.cell, &case.settings);
                assert_eq!(rows_written(table, &case), planned, "{}: {cell:?}, {settings:?}", table.name());
            }
        }
    }
}

#[test]
fn a_failed_trial_has_one_row_that_says_so() {
    let (cell, settings) = asked().swap_remove(1);
    for mut case in cases() {
        case.cell = Cell { n: case.cell.n, d: case.cell.d, ..cell.clone() };
        case.settings = settings.clone();
        case.certified.status = Status::Failed;
        for table in TableId::ALL {
            assert_eq!(rows_written(table, &case), usize::from(table == TableId::Spectrum), "{}", table.name());
        }
    }
}
