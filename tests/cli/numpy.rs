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

#[test]
fn the_textbook_examples_as_configs_have_the_examples_numbers() {
    let dir = scratch();
    let row = |name: &str, table: &str| {
        let out = dir.path().join(name);
        if !out.exists() {
            run_on_cpu(&config(&format!("examples/{name}.toml")), &out).assert().success();
        }
        rows(&out.join(table)).remove(0)
    };
    // 5 sigma_min of default_rng(1023); the exact kappa by 80-digit arithmetic; 75/14 of the left-null example.
    let thin = number(&row("null-space", "spectrum.csv"), "sigma_min") * 5.0;
    assert!((thin - 4.637_126_950_043_969).abs() < 1e-13, "{thin}");
    let conditioning = row("conditioning", "spectrum.csv");
    let (lo, hi) = (number(&conditioning, "kappa_lo"), number(&conditioning, "kappa_hi"));
    assert!(lo <= 46_774_639_923_287_057.996 && 46_774_639_923_287_057.996 <= hi, "[{lo:e}, {hi:e}]");
    assert_eq!((conditioning["rank"].as_str(), conditioning["status"].as_str()), ("4", "ok"));
    let residual = number(&row("left-null", "left_null.csv"), "residual_norm");
    assert!((residual * residual - 75.0 / 14.0).abs() < 1e-14, "{residual}");
    let salary = row("salary", "left_null.csv");
    assert!((number(&salary, "residual_norm").powi(2) - 30.504_0).abs() < 1e-3, "{salary:?}");
    assert_eq!(row("salary", "spectrum.csv")["rank"], "2");
    assert_eq!(row("null-vector", "spectrum.csv")["status"], "unresolved");
}
