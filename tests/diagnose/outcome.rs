//! What a diagnosis leaves behind: folders of tables and figures, and exit codes for pipelines.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{Files, SALARY, close, number};

const TABLES: [&str; 6] =
    ["spectrum.csv", "collinearity.csv", "vif.csv", "coefficients.csv", "ridge_path.csv", "ridge_trace.csv"];

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names(dir: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Fields of a CSV file whose texts have no commas.
fn rows(path: &Path) -> Vec<Vec<String>> {
    read(path).lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn a_folder_has_the_tables_their_dictionary_the_figures_and_the_report() {
    let files = Files::new().csv("salary.csv", SALARY);
    let ran = files.diagnose(&["salary.csv", "--target", "salary", "--lambda", "0,1", "--out", "found"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let dir = files.path("found");
    let expected: Vec<String> = TABLES
        .iter()
        .chain(&["columns.json", "diagnosis.json", "report.txt", "figures"])
        .map(|&s| s.to_owned())
        .collect();
    assert_eq!(names(&dir), expected.into_iter().collect());
    assert_eq!(read(&dir.join("report.txt")), ran.stdout);
    // The dictionary has every column of every table, in order.
    let dictionary: Value = serde_json::from_str(&read(&dir.join("columns.json"))).unwrap();
    for (table, file) in dictionary["tables"].as_array().unwrap().iter().zip(TABLES) {
        assert_eq!(table["file"], file);
        let columns: Vec<&str> =
            table["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        let lines = rows(&dir.join(file));
        assert_eq!(lines[0], columns, "{file}");
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() == columns.len()), "{file}");
    }
    let json: Value = serde_json::from_str(&read(&dir.join("diagnosis.json"))).unwrap();
    let spectrum = rows(&dir.join("spectrum.csv"));
    for (row, sigma) in spectrum[1..].iter().zip(json["sigmas"].as_array().unwrap()) {
        for (field, key) in row[1..].iter().zip(["value", "lo", "hi"]) {
            // The parser of JSON may be a rounding off.
            close(field.parse().unwrap(), number(&sigma[key]), 1e-15);
        }
    }
    let coefficients = rows(&dir.join("coefficients.csv"));
    assert_eq!(coefficients.len(), 1 + 2 * 3);
    assert_eq!(coefficients[1][..3], ["0.0", "1", "intercept"].map(str::to_owned));
    assert_eq!(rows(&dir.join("vif.csv"))[3][1], "months");
    // The two chosen penalties stand among those of the grid, in order.
    let path = rows(&dir.join("ridge_path.csv"));
    let lambdas: Vec<f64> = path[1..].iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(lambdas.is_sorted() && path.iter().filter(|row| row[1] == "least-loo").count() == 1, "{path:?}");
    let figures = dir.join("figures");
    let mut expected = BTreeSet::new();
    for id in ["spectrum", "proportions", "ridge_trace", "leave_one_out"] {
        for (extension, magic) in [("svg", "<svg"), ("pdf", "%PDF"), ("png", "\u{89}PNG")] {
            let name = format!("{id}.{extension}");
            let bytes = std::fs::read(figures.join(&name)).unwrap();
            let begin: String = bytes.iter().take(200).map(|&byte| char::from(byte)).collect();
            assert!(begin.contains(magic), "{name} begins with {begin:?}");
            expected.insert(name);
        }
    }
    assert_eq!(names(&figures), expected);
    let trace = read(&figures.join("ridge_trace.svg"));
    assert!(["years", "months"].iter().all(|name| trace.contains(name)));
}

#[test]
fn a_folder_is_written_again_without_what_there_is_no_more_and_never_over_another() {
    let files = Files::new().csv("salary.csv", SALARY);
    let first = files.diagnose(&["salary.csv", "--target", "salary", "--out", "found"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let again = files.diagnose(&["salary.csv", "--out", "found"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    let left = names(&files.path("found"));
    assert!(
        left.contains("vif.csv") && !left.contains("ridge_path.csv") && !left.contains("coefficients.csv"),
        "{left:?}"
    );
    assert!(!names(&files.path("found/figures")).contains("ridge_trace.svg"));
    std::fs::create_dir(files.path("mine")).unwrap();
    std::fs::write(files.path("mine/vif.csv"), "of mine").unwrap();
    let refused = files.diagnose(&["salary.csv", "--out", "mine"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("--out mine: the folder is not empty") && refused.stderr.contains("--force"));
    assert_eq!(read(&files.path("mine/vif.csv")), "of mine");
    assert_eq!(files.diagnose(&["salary.csv", "--out", "mine", "--force"]).code, Some(0));
    assert_ne!(read(&files.path("mine/vif.csv")), "of mine");
    let file = files.diagnose(&["salary.csv", "--out", "salary.csv"]);
    assert_eq!(file.code, Some(2), "{}", file.stderr);
}

#[test]
fn several_files_have_a_folder_each_and_that_of_one_that_cannot_be_read_says_why() {
    let files =
        Files::new().csv("salary.csv", SALARY).csv("bad.csv", "a\nx\n").npy("salary.npy", &[&[1.0, 2.0], &[0.0, 3.0]]);
    let ran = files.diagnose(&["salary.csv", "bad.csv", "salary.npy", "--out", "found"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(names(&files.path("found")), ["bad", "columns.json", "salary", "salary-2"].map(str::to_owned).into());
    let why: Value = serde_json::from_str(&read(&files.path("found/bad/diagnosis.json"))).unwrap();
    assert!(why["error"].as_str().unwrap().contains("is not a number") && why["rank"].is_null(), "{why}");
    assert_eq!(names(&files.path("found/bad")), ["diagnosis.json", "report.txt"].map(str::to_owned).into());
    // A file that can no longer be read leaves no old numbers behind.
    let files = files.csv("salary.csv", "years,months,salary\n1,12,oops\n");
    assert_eq!(files.diagnose(&["salary.csv", "bad.csv", "salary.npy", "--out", "found"]).code, Some(1));
    assert_eq!(
        names(&files.path("found/salary")),
        ["diagnosis.json", "figures", "report.txt"].map(str::to_owned).into()
    );
    assert!(names(&files.path("found/salary/figures")).is_empty());
    let wide = names(&files.path("found/salary-2"));
    assert!(wide.contains("spectrum.csv") && wide.contains("collinearity.csv"), "{wide:?}");
    let json: Value = serde_json::from_str(&read(&files.path("found/salary-2/diagnosis.json"))).unwrap();
    assert_eq!(json["file"], "salary.npy");
}

#[test]
fn every_condition_fails_what_meets_it_and_nothing_else() {
    let sound = "a,b\n1,1\n1,-1\n1,1\n1,-1\n-1,1\n";
    let near = "a,b,c\n1,1.001,4\n2,2,1\n3,3.002,5\n4,4,1\n5,4.999,2\n";
    let files = Files::new().csv("sound.csv", sound).csv("salary.csv", SALARY).csv("near.csv", near);
    for condition in ["unresolved", "deficient", "collinear", "kappa>1e8", "vif>10", "normal-equations"] {
        let passed = files.diagnose(&["sound.csv", "--fail-on", condition]);
        assert_eq!((passed.code, passed.stderr.as_str()), (Some(0), ""), "{condition}");
        let failed = files.diagnose(&["salary.csv", "--fail-on", condition]);
        assert_eq!(failed.code, Some(1), "{condition}");
        let name = condition.split('>').next().unwrap();
        assert!(failed.stderr.starts_with(&format!("salary.csv: --fail-on {name}")), "{}", failed.stderr);
        assert!(failed.stdout.contains("salary.csv: 6 x"), "the report is there all the same");
    }
    let all = files.diagnose(&["near.csv", "--fail-on", "collinear,vif>10,deficient,unresolved,kappa>1e8", "--json"]);
    assert_eq!(all.code, Some(1));
    let line: Value = serde_json::from_str(&all.stdout).unwrap();
    let met: Vec<&str> =
        line["fail_on"].as_array().unwrap().iter().map(|met| met["condition"].as_str().unwrap()).collect();
    assert_eq!(met, ["collinear", "vif>10.0"], "{line}");
    // One file of several is enough.
    assert_eq!(files.diagnose(&["sound.csv", "near.csv", "sound.csv", "--fail-on", "collinear"]).code, Some(1));
}

#[test]
fn an_intercept_that_would_make_a_dependency_is_told_before_it_is_added() {
    // 1.8 celsius - fahrenheit = -32, and no constant column.
    let text = "celsius,fahrenheit,y\n10,50,1\n15,59,2\n20,68,2.5\n25,77,4\n5,41,0.5\n";
    let files = Files::new().csv("weather.csv", text);
    let ran = files.diagnose(&["weather.csv", "--target", "y"]);
    let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("variance inflation above 10: celsius inf, fahrenheit inf"), "{said}");
    assert!(said.contains("with an intercept these columns depend on each other"), "{said}");
    let with = files.diagnose(&["weather.csv", "--target", "y", "--intercept"]);
    assert!(with.stdout.contains("columns depend on each other"), "{}", with.stdout);
    assert!(!with.stdout.contains("variance inflation above 10"), "told once: {}", with.stdout);
}

#[test]
fn dependencies_that_are_too_many_to_be_listed_are_dependencies() {
    // 140 columns, each of the last 130 a copy of one of the first 10: 130 * 140 weights of relations.
    let entry = |i: usize, j: usize| ((i * 7 + (j % 10) * (j % 10) * 13 + i * i * (j % 10)) % 23) as f64;
    let rows: Vec<Vec<f64>> = (0..150).map(|i| (0..140).map(|j| entry(i, j)).collect()).collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let files = Files::new().npy("copies.npy", &rows);
    let ran = files.diagnose(&["copies.npy", "--fail-on", "collinear"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("columns depend on each other in 130 ways, too many to be told apart"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_dependency_of_units_alone_is_none_of_columns() {
    // c = a + b to 1e-6, which counts as 0 only beside a column of 1e12.
    let rows: Vec<String> = (0..12_u32)
        .map(|i| {
            let (a, b) = (f64::from(i % 5) + 1.0, f64::from(i * i % 7) - 3.0);
            let off = 1e-6 * (f64::from(i * 3 % 4) - 1.5);
            format!("{a},{b},{},{}e12,{}", a + b + off, f64::from(i % 3) - 1.0, 2.0 * a + b + f64::from(i % 2))
        })
        .collect();
    let files = Files::new().csv("units.csv", &format!("a,b,c,huge,y\n{}\n", rows.join("\n")));
    let ran = files.diagnose(&["units.csv", "--target", "y"]);
    let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the stored X has full rank") && !said.contains("serious"), "{said}");
    assert!(said.contains("directions of X that count beside the largest, leave"), "{said}");
    assert!(!said.contains("no weights explain"), "they do: {said}");
    let line = &files.json(&["units.csv", "--target", "y"], 0)[0];
    assert!(line["digits"].is_null() || line["analysis"]["digits"].is_null(), "{line}");
}

#[test]
fn what_is_not_known_counts_as_met() {
    let files =
        Files::new().npy("huge.npy", &[&[1e200, 1.0], &[2.0, 1.0], &[1.0, 1.0]]).csv("wide.csv", "1,2,3\n0,1,1\n");
    for condition in ["vif>10", "collinear"] {
        for name in ["huge.npy", "wide.csv"] {
            let ran = files.diagnose(&[name, "--fail-on", condition]);
            assert_eq!(ran.code, Some(1), "{name} {condition}");
            assert!(ran.stderr.contains("not computed") || ran.stderr.contains("columns"), "{}", ran.stderr);
        }
    }
    let text = files.diagnose(&["huge.npy"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("outside of 1e-120 to 1e120"), "{text}");
}

#[test]
fn the_page_on_diagnose_has_the_dictionary_of_the_tables() {
    let path = format!("{}/docs/diagnose.md", env!("CARGO_MANIFEST_DIR"));
    let (page, dictionary) = (read(Path::new(&path)), nullsweep::diagnose::out::dictionary_markdown());
    let (begin, end) = ("<!-- tables: written by the test outcome -->\n", "<!-- end of the tables -->\n");
    if std::env::var_os("UPDATE_DICTIONARY").is_some() {
        let (before, rest) = page.split_once(begin).unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        std::fs::write(&path, format!("{before}{begin}\n{dictionary}{end}{after}")).unwrap();
        return;
    }
    let stale = "run UPDATE_DICTIONARY=1 cargo test --test diagnose dictionary";
    assert!(page.contains(&dictionary), "docs/diagnose.md is stale: {stale}");
}
