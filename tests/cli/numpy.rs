//! Rows against NumPy's numbers for the same X (tests/fixtures/numpy_quickstart.py).

use serde_json::Value;

use super::{config, number, rows, run_on_cpu, scratch};

fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/numpy_quickstart.json")).unwrap()
}

#[test]
fn every_row_of_the_quickstart_is_rebuilt_by_the_readmes_recipe() {
    let dir = scratch();
    run_on_cpu(&config("quickstart.toml"), dir.path()).assert().success();
    let rows = rows(&dir.path().join("spectrum.csv"));
    let recorded = recorded();
    let trials = recorded["trials"].as_array().unwrap();
    assert_eq!(rows.len(), trials.len());
    for (row, trial) in rows.iter().zip(trials) {
        for key in ["n", "d", "replicate"] {
            assert_eq!(row[key], trial[key].to_string());
        }
        let kappa = number(row, "kappa");
        for column in ["sigma_max", "sigma_min"] {
            let numpy = trial[column].as_f64().unwrap();
            let relative = (number(row, column) / numpy - 1.0).abs();
            // NumPy's own error is a few u kappa.
            assert!(relative < 1e-13_f64.max(1e-15 * kappa), "{row:?}: {column} against {numpy}: {relative:e}");
            // And NumPy's value lies in the enclosure, up to that error.
            let (lo, hi) = (number(row, &format!("{column}_lo")), number(row, &format!("{column}_hi")));
            let slack = 1e-15 * number(row, "sigma_max");
            assert!(lo - slack <= numpy && numpy <= hi + slack, "{numpy} outside [{lo}, {hi}]");
        }
    }
}

#[test]
fn the_diabetes_data_have_numpys_kappa_and_rank() {
    let dir = scratch();
    run_on_cpu(&config("real-diabetes.toml"), dir.path()).assert().success();
    let row = rows(&dir.path().join("spectrum.csv")).remove(0);
    let recorded = recorded();
    let kappa = recorded["diabetes"]["kappa"].as_f64().unwrap();
    assert!((number(&row, "kappa") / kappa - 1.0).abs() < 1e-11, "{} against {kappa}", row["kappa"]);
    assert_eq!(row["rank"], recorded["diabetes"]["rank"].to_string());
    assert_eq!((row["n"].as_str(), row["d"].as_str()), ("442", "10"));
}
