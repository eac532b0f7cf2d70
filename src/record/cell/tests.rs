use super::super::encoding::encode;
use super::*;
use crate::grid::Cell;
use crate::measure::table::{Kind, Type, Value};
use crate::measure::{Perturbed, SelectionSettings, Settings, Solver, TableId};

#[test]
fn the_rows_of_every_table_begin_with_their_keys() {
    for schema in TableId::ALL.map(TableId::schema) {
        let keys = schema.columns.iter().filter(|column| column.role == Role::Key).count();
        assert_eq!(schema.leading_keys(), keys, "{}", schema.name);
    }
}

const TABLE: Schema = Schema {
    name: "table",
    row: "trial x index",
    columns: &[
        Column { name: "index", role: Role::Key, unit: "1", meaning: "" },
        Column { name: "a", role: Role::Result, unit: "1", meaning: "" },
        Column { name: "route", role: Role::Provenance, unit: "name", meaning: "" },
        Column { name: "b", role: Role::Result, unit: "1", meaning: "" },
    ],
    types: &[
        Type::always(Kind::Integer),
        Type::always(Kind::Number),
        Type::always(Kind::Word),
        Type::sometimes(Kind::Number),
    ],
};

/// Numbers of a cell of [`TABLE`]: 50 trials, three rows each, two numbers a row.
const NUMBERS_OF_A_CELL: usize = 50 * 3 * 2;

/// Trial number `trial`, from 0 to 99, of two cells of 50 trials with three rows each.
fn payload(trial: u32) -> Vec<u8> {
    let key = [(3 + trial / 50).into(), 2_u32.into(), Value::Missing, (trial % 50).into()];
    let row = |index: u32| {
        let a = f64::from((trial * 37 + index * 11) % 101) / 7.0;
        let b = [Value::Missing, Value::Float(f64::NAN), Value::Int(i64::from(trial))][(trial % 3) as usize].clone();
        vec![index.into(), a.into(), "cpu-f64".into(), b]
    };
    encode(&key, [(0..3).map(row).collect::<Vec<_>>()])
}

/// A table that is being summarised, and its lines so far.
struct Summarised {
    cell: CellSummary,
    out: Text,
    lines: u64,
}

impl Summarised {
    fn new(dir: &Path, held: &Held, limits: Limits) -> Self {
        let cell = CellSummary::new(dir, &TABLE, &["lambda", "index"], Held::clone(held), limits);
        Self { cell, out: Text::default(), lines: 0 }
    }

    /// Adds trial number `trial` and returns whether numbers of its cell are in the scratch file then.
    fn add(&mut self, trial: u32) -> bool {
        let payload = payload(trial);
        let trial_rows = TrialRows::decode(&payload, 1).unwrap();
        if self.cell.ends_before(&trial_rows) {
            self.end();
        }
        self.cell.add(&trial_rows, trial_rows.table(0).unwrap()).unwrap();
        self.cell.settle_if_full().unwrap();
        self.cell.spilled.len() > 0
    }

    fn end(&mut self) {
        self.lines += self.cell.end(&Quantiles::default(), &mut self.out).unwrap();
    }

    fn into_text(mut self) -> String {
        self.end();
        let text = String::from_utf8(self.out.into_bytes()).unwrap();
        assert_eq!((self.lines, text.lines().count()), (12, 12), "cells x rows x numbers");
        text
    }
}

/// The summaries of `tables` equal tables that share their `limits`, and whether any of them went to its scratch file.
fn summaries(dir: &Path, tables: usize, limits: Limits) -> (Vec<String>, bool) {
    let held = Held::default();
    let mut all: Vec<Summarised> = (0..tables).map(|_| Summarised::new(dir, &held, limits)).collect();
    let mut spilled = false;
    for trial in 0..100 {
        for table in &mut all {
            spilled |= table.add(trial);
            let held = held.load(Ordering::Relaxed);
            assert!(held < limits.held, "{limits:?}: {held} numbers are held after trial {trial}");
        }
    }
    let texts = all.into_iter().map(Summarised::into_text).collect();
    assert_eq!(held.load(Ordering::Relaxed), 0, "{limits:?}: nothing is held when all have ended");
    (texts, spilled)
}

#[test]
fn tables_share_what_they_hold_and_no_limit_changes_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, spilled) = summaries(dir.path(), 1, Limits::DEFAULT);
    assert!(!spilled);
    assert!(whole[0].starts_with("table,3,2,,,0,a,50,0,0,"), "{}", whole[0]);
    assert!(whole[0].contains("\ntable,4,2,,,2,b,17,17,16,"), "{}", whole[0]);
    let just_enough = NUMBERS_OF_A_CELL + 1;
    for (tables, waiting, held, fetched, spills) in [
        // A table alone stays below what it may hold; two together do not.
        (1, 1, just_enough, 1, false),
        (2, 1, just_enough, 1, true),
        (2, 16, 2 * just_enough, 1, false),
        (1, 1, NUMBERS_OF_A_CELL, 1, true),
        (1, 1, 1, 1, true),
        (1, 1, 1, usize::MAX, true),
        (3, 100, 50, 40, true),
        // A block that never fills is settled by the end of its cell.
        (2, usize::MAX, 1, 1, false),
    ] {
        let limits = Limits { waiting, held, fetched };
        let (texts, spilled) = summaries(dir.path(), tables, limits);
        assert_eq!(spilled, spills, "{tables} tables, {limits:?}");
        for text in texts {
            assert_eq!(text, whole[0], "{tables} tables, {limits:?}");
        }
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "the scratch file has no name");
}

#[test]
fn columns_come_back_until_there_are_as_many_numbers_and_one_at_least() {
    let dir = tempfile::tempdir().unwrap();
    for (most, expected) in [(0, 1), (1, 1), (10, 1), (11, 2), (30, 3), (31, 4), (usize::MAX, 4)] {
        let mut scratch = Scratch::new(dir.path(), "columns");
        let mut samples: Vec<Sample> = (0..4).map(|_| Sample::default()).collect();
        for sample in &mut samples {
            sample.extend((0..10_u8).map(f64::from));
            sample.spill(&mut scratch).unwrap();
        }
        assert_eq!(fetch(&mut samples, &mut scratch, most).unwrap(), expected, "at most {most}");
    }
}

#[test]
fn the_longest_cell_in_memory_is_the_documented_one() {
    let cell = Cell { n: 6, d: 12, epsilon: None, lambda: vec![1.0; 25], delta: vec![1e-8], alpha: Vec::new() };
    let settings = Settings {
        solvers: vec![Solver::Svd, Solver::NormalEquations],
        perturbed: vec![Perturbed::Y],
        arithmetic: Vec::new(),
        iterations: Vec::new(),
        step: 1.0,
        weight_decay: 0.0,
        selection: SelectionSettings::default(),
    };
    let numbers = |table: TableId| {
        let columns = table.schema().columns.iter();
        let summarised = columns.filter(|column| column.role == Role::Result && column.unit != "name").count();
        table.rows_per_trial(&cell, &settings) * summarised
    };
    let a_trial: usize = [TableId::Spectrum, TableId::Ridge, TableId::Perturbation].map(numbers).iter().sum();
    let trials = Limits::DEFAULT.held / a_trial;
    let documented = include_str!("../../../docs/record.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let (thousands, rest) = (trials / 1000, trials % 1000);
    let sentence = format!("A trial of these has {a_trial} numbers, so a cell of up to {thousands},{rest:03} trials");
    assert!(documented.contains(&sentence), "docs/record.md does not say: {sentence}");
}
