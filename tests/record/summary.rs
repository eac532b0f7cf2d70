//! summary.csv against `NumPy` and `scipy`: tests/fixtures/record/make.py.

use std::fs;

use nullsweep::measure::table::{Column, Kind, Role, Schema, Type, Value};
use nullsweep::record::{Identity, Journal, RecordError, SUMMARY_FILE, TrialRecord, write_tables};

use super::scratch;

const fn column(name: &'static str, role: Role, unit: &'static str) -> Column {
    Column { name, role, unit, meaning: "" }
}

const TABLE: Schema = Schema {
    name: "table",
    row: "trial x lambda",
    columns: &[
        column("lambda", Role::Key, "1"),
        column("kappa", Role::Result, "1"),
        column("mse", Role::Result, "y^2"),
        column("rank", Role::Result, "1"),
        column("status", Role::Provenance, "name"),
    ],
    types: &[
        Type::always(Kind::Number),
        Type::sometimes(Kind::Number),
        Type::sometimes(Kind::Number),
        Type::sometimes(Kind::Integer),
        Type::always(Kind::Word),
    ],
};

const INPUT: &str = include_str!("../fixtures/record/summary_input.csv");
const EXPECTED: &str = include_str!("../fixtures/record/summary_expected.csv");

/// A trial's key and its rows in [`TABLE`].
type Trial = ([Value; 4], Vec<Vec<Value>>);

/// The trials of a table as this program would write it; `words` are read as texts.
fn trials(text: &str) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    for line in text.lines().skip(1) {
        let fields: Vec<Value> = line.split(',').map(value).collect();
        let (key, row) = fields.split_first_chunk().unwrap();
        match trials.last_mut() {
            Some((last, rows)) if last == key => rows.push(row.to_vec()),
            _ => trials.push((key.clone(), vec![row.to_vec()])),
        }
    }
    trials
}

fn value(field: &str) -> Value {
    match field {
        "" => Value::Missing,
        "ok" => Value::Text("ok"),
        _ => field.parse().map_or_else(|_| Value::Float(field.parse().unwrap()), Value::Int),
    }
}

/// Writes the tables of `trials` and reads their summary.
fn summary_of(schema: Schema, trials: &[Trial]) -> Result<String, RecordError> {
    let dir = scratch();
    let identity = Identity::new(&serde_json::Value::Null, &[schema], trials.len());
    let mut journal = Journal::create(dir.path(), &identity).unwrap();
    for (index, (key, rows)) in trials.iter().enumerate() {
        journal.append(&[TrialRecord::new(index, key, [rows])]).unwrap();
    }
    write_tables(dir.path(), &[schema], &journal, &mut |_| ())?;
    Ok(fs::read_to_string(dir.path().join(SUMMARY_FILE)).unwrap())
}

#[test]
fn agrees_with_numpy_and_scipy() {
    let summary = summary_of(TABLE, &trials(INPUT)).unwrap();
    let mut lines = summary.lines();
    assert_eq!(
        lines.next().unwrap(),
        "table,n,d,epsilon,lambda,delta,alpha,solver,what,arithmetic,vector,start,iteration,index,column,\
         count,missing,nonfinite,mean,median,sd,ci_lo,ci_hi"
    );
    let mut expected = EXPECTED.lines().skip(1);
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let reference: Vec<&str> = expected.next().unwrap().split(',').collect();
        assert_eq!(fields[0], "table");
        assert_eq!(fields[1..5], reference[..4], "cell and lambda: {line}");
        assert!(fields[5..14].iter().all(|field| field.is_empty()), "keys of other tables: {line}");
        assert_eq!(fields[14..18], reference[4..8], "column, count, missing, nonfinite: {line}");
        // An interval's end may be a small difference of large numbers: compare on the scale of its parts.
        let number = |text: &str| text.parse::<f64>().unwrap();
        let scale = fields[18..23].iter().chain(&reference[8..]).filter(|text| !text.is_empty());
        let scale = scale.map(|text| number(text).abs()).fold(0.0, f64::max);
        for (field, reference) in fields[18..23].iter().zip(&reference[8..]) {
            assert_eq!(field.is_empty(), reference.is_empty(), "{line}");
            if !field.is_empty() {
                let error = (number(field) - number(reference)).abs();
                assert!(error <= 1e-13 * scale, "{field} against {reference}: {line}");
            }
        }
    }
    assert_eq!(expected.next(), None);
}

#[test]
fn the_deviation_of_large_close_numbers_keeps_its_digits() {
    // The comparison above is on the scale of the mean, which says little of the mse's deviation: this does.
    let summary = summary_of(TABLE, &trials(INPUT)).unwrap();
    let deviation = |text: &str, row: &str, field: usize| {
        let line = text.lines().find(|line| line.contains(row)).unwrap().to_owned();
        line.split(',').nth(field).unwrap().parse::<f64>().unwrap()
    };
    let ours = deviation(&summary, "table,50,5,1e-12,0.0,,,,,,,,,,mse", 20);
    let numpy = deviation(EXPECTED, "50,5,1e-12,0.0,mse", 10);
    assert!((ours / numpy - 1.0).abs() < 1e-8, "{ours} against {numpy}");
}

#[test]
fn a_word_among_numbers_is_no_number() {
    let mut trials = trials(INPUT);
    trials[3].1[0][1] = Value::Text("ok");
    let message = summary_of(TABLE, &trials).unwrap_err().to_string();
    assert!(
        message.contains("trial 3 is sealed, but its rows cannot be read: a word stands for a number"),
        "{message}"
    );
}

/// The third cell has other inner keys than the first two, and the second has a trial whose rows come in another order.
#[test]
fn groups_are_those_of_the_cell_in_the_order_in_which_they_appear() {
    let row = |lambda: f64, kappa: f64| vec![lambda.into(), kappa.into(), Value::Missing, 3_u32.into(), "ok".into()];
    let key = |n: u32, replicate: u32| [n.into(), 5_u32.into(), Value::Missing, replicate.into()];
    let trials = [
        (key(10, 0), vec![row(1.0, 2.0), row(2.0, 3.0)]),
        (key(20, 0), vec![row(1.0, 4.0), row(2.0, 6.0)]),
        (key(20, 1), vec![row(2.0, 8.0), row(0.5, 1.0), row(1.0, 6.0)]),
        (key(30, 0), vec![row(7.0, 1.0)]),
    ];
    let summary = summary_of(TABLE, &trials).unwrap();
    let kappas = summary.lines().filter(|line| line.contains(",kappa,"));
    let told: Vec<String> = kappas
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            format!("{} {} {} {}", fields[1], fields[4], fields[15], fields[18])
        })
        .collect();
    assert_eq!(told, ["10 1.0 1 2.0", "10 2.0 1 3.0", "20 1.0 2 5.0", "20 2.0 2 7.0", "20 0.5 1 1.0", "30 7.0 1 1.0"]);
}
