//! Laws held against a run: theory.csv, its place in the folder, what `verify` says of it.

use std::path::Path;

use super::{manifest, nullsweep, number, promised_bytes, rows, run_on_cpu, scratch, text};

/// Two shapes, one of them square; 120 replicates; laws of three tables, exact, bounds, limits and a distribution.
const CONFIG: &str = r#"
theory = [
    "edelman-1988", "edelman-1988-distribution", "gaussian-log-kappa", "chen-dongarra-2005", "belkin-hsu-xu-2020",
    "gaussian-ridge-risk", "gaussian-effective-df", "null-step-thin", "descent-null-component",
]
tables = ["ridge", "null_space", "descent"]
[design]
kind = "gaussian"
replicates = 120
[grid]
n = [6, 20]
d = [6, 31]
lambda = [0.0, 2.0]
alpha = [-5.0]
"#;

fn run(dir: &Path, text: &str) -> std::path::PathBuf {
    let (config, out) = (dir.join("theory.toml"), dir.join("out"));
    std::fs::write(&config, text).unwrap();
    run_on_cpu(&config, &out).assert().success();
    out
}

#[test]
fn laws_are_compared_with_the_tables() {
    let dir = scratch();
    let out = run(dir.path(), CONFIG);
    let theory = rows(&out.join("theory.csv"));
    let of = |law: &str| theory.iter().filter(|row| row["law"] == law).cloned().collect::<Vec<_>>();

    // Four cells; twice as many with two penalties, nine deciles in the one square cell.
    assert_eq!(of("gaussian-log-kappa").len(), 4);
    assert_eq!(of("gaussian-ridge-risk").len(), 8);
    assert_eq!(of("belkin-hsu-xu-2020").len(), 4, "the rows without a penalty");
    assert_eq!(of("edelman-1988-distribution").iter().filter(|row| !row["x"].is_empty()).count(), 9);

    for row in &theory {
        let judged = row["judged"] == "yes";
        assert_eq!(judged, row["reason"].is_empty(), "{row:?}");
        assert!(!judged || row["standing"] != "limit", "{row:?}");
        if row["relation"] == "equals" && !row["deviation"].is_empty() {
            let expected = (number(row, "measured") - number(row, "theory")) / number(row, "standard_error");
            assert!((number(row, "deviation") - expected).abs() <= 1e-9 * expected.abs(), "{row:?}");
        }
        if judged {
            assert_eq!(row["replicates"], "120");
            assert!(number(row, "deviation").abs() < 4.0, "{row:?}");
        }
    }
    assert!(of("gaussian-log-kappa").iter().all(|row| row["judged"] == "yes"));
    assert!(of("chen-dongarra-2005").iter().all(|row| row["deviation"] == "0.0"));
    assert_eq!(of("belkin-hsu-xu-2020")[0]["reason"], "outside the law's domain", "6 x 6");
    assert_eq!(of("null-step-thin")[0]["alpha"], "-5.0");
    let starts = of("descent-null-component");
    assert!(starts.iter().any(|row| row["iteration"] == "10000" && row["judged"] == "yes"), "{starts:?}");

    // The mean is that of the summary.
    let summary = rows(&out.join("summary.csv"));
    let of_summary = summary
        .iter()
        .find(|row| row["column"] == "test_mse" && row["d"] == "31" && row["n"] == "6" && row["lambda"] == "2.0");
    let risk =
        of("gaussian-ridge-risk").into_iter().find(|row| row["d"] == "31" && row["n"] == "6" && row["lambda"] == "2.0");
    let (summary, risk) = (number(of_summary.unwrap(), "mean"), number(&risk.unwrap(), "measured"));
    assert!((summary / risk - 1.0).abs() < 1e-13, "{summary} and {risk}");
}

#[test]
fn theory_belongs_to_the_run_as_its_tables_do() {
    let dir = scratch();
    let out = run(dir.path(), CONFIG);
    let listed = |name: &str| manifest(&out)["files"].as_array().unwrap().iter().any(|file| file["name"] == name);
    assert!(listed("theory.csv"));
    let columns = std::fs::read_to_string(out.join("columns.json")).unwrap();
    assert!(columns.contains("\"theory.csv\"") && columns.contains("standard_error"), "{columns}");

    // Without laws there is no such file; the trials are the same, and none is computed again.
    let before = promised_bytes(&out);
    let without: String = CONFIG.split_once("]\ntables").map(|(_, rest)| format!("tables{rest}")).unwrap();
    run(dir.path(), &without);
    assert!(!out.join("theory.csv").exists() && !listed("theory.csv"));
    run(dir.path(), CONFIG);
    assert_eq!(promised_bytes(&out), before);
}

#[test]
fn verify_warns_of_what_chance_does_not_explain() {
    let dir = scratch();
    let out = run(dir.path(), CONFIG);
    let honest = nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert().success();
    assert!(!text(&honest.get_output().stdout).contains("warning"), "{honest}");

    let path = out.join("theory.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    let column = |name: &str| table.lines().next().unwrap().split(',').position(|column| column == name).unwrap();
    let row = table.lines().find(|row| row.starts_with("gaussian-log-kappa,20,31")).unwrap();
    let mut fields: Vec<&str> = row.split(',').collect();
    fields[column("deviation")] = "-6.5";
    std::fs::write(&path, table.replace(row, &fields.join(","))).unwrap();
    let done = nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert().code(3);
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("gaussian-log-kappa at n = 20, d = 31: -6.5 standard errors from the law"), "{stdout}");
    assert!(stdout.contains("theory.csv is not the file that the run wrote"), "{stdout}");
}
