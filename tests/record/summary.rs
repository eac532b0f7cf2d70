//! summary.csv against `NumPy` and `scipy`: tests/fixtures/record/make.py.

use std::fs;

use nullsweep::measure::table::{Column, Role, Schema};
use nullsweep::record::{RecordError, SUMMARY_FILE, write_summary};

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
};

const INPUT: &str = include_str!("../fixtures/record/summary_input.csv");
const EXPECTED: &str = include_str!("../fixtures/record/summary_expected.csv");

fn summary_of(text: &str) -> Result<String, RecordError> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("table.csv"), text).unwrap();
    write_summary(dir.path(), &[TABLE])?;
    Ok(fs::read_to_string(dir.path().join(SUMMARY_FILE)).unwrap())
}

#[test]
fn agrees_with_numpy_and_scipy() {
    let summary = summary_of(INPUT).unwrap();
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
    let summary = summary_of(INPUT).unwrap();
    let deviation = |text: &str, row: &str, field: usize| {
        let line = text.lines().find(|line| line.contains(row)).unwrap().to_owned();
        line.split(',').nth(field).unwrap().parse::<f64>().unwrap()
    };
    let ours = deviation(&summary, "table,50,5,1e-12,0.0,,,,,,,,,,mse", 20);
    let numpy = deviation(EXPECTED, "50,5,1e-12,0.0,mse", 10);
    assert!((ours / numpy - 1.0).abs() < 1e-8, "{ours} against {numpy}");
}

#[test]
fn a_table_that_was_tampered_with_is_no_summary() {
    let with_word = INPUT.replacen("8800709.258282783", "large", 1);
    let message = summary_of(&with_word).unwrap_err().to_string();
    assert!(message.contains("line 2: kappa = large is no number"), "{message}");
    let ragged = INPUT.replacen("8800709.258282783,", "", 1);
    assert!(matches!(summary_of(&ragged).unwrap_err(), RecordError::Damaged { .. }));
    let narrow = INPUT.replace(",ok\n", "\n").replace(",status\n", "\n");
    assert!(matches!(summary_of(&narrow).unwrap_err(), RecordError::Damaged { .. }));
}
