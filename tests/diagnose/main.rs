//! `nullsweep diagnose` as its users meet it: whole commands on files that the tests write.

#![allow(clippy::unwrap_used)]

mod classics;
mod outcome;
mod promises;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// Singular values of the 12 x 12 Hilbert matrix as f64 stores it, to 20 digits. Recorded with mpmath (60 digits):
/// `mp.svd_r(mp.matrix([[mp.mpf(1.0 / (i + j + 1)) for j in range(12)] for i in range(12)]), compute_uv=False)`.
/// (The smallest one of the matrix of exact fractions is 1.0479463979622267e-16.)
const HILBERT_12: [&str; 12] = [
    "1.7953720595619972922",
    "0.38027524595503709994",
    "4.4738548752181071225e-2",
    "3.7223122378911625318e-3",
    "2.3308908902177285919e-4",
    "1.1163357483233020278e-5",
    "4.0823761103912111617e-7",
    "1.122861066833641887e-8",
    "2.2519645373627415545e-10",
    "3.1113480676915078815e-12",
    "2.6492762064029929954e-14",
    "1.0674897547441722749e-16",
];

const SALARY: &str = "\
intercept,years,months,salary
1,1,12,32
1,2,24,39
1,3,36,36
1,5,60,45
1,8,96,46
1,10,120,50
";

/// A folder of matrices and the command on it, on the CPU: results must not depend on the machine.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn csv(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path(name), text).unwrap();
        self
    }

    fn npy(self, name: &str, rows: &[&[f64]]) -> Self {
        write_npy(&self.path(name), rows);
        self
    }

    fn diagnose(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nullsweep"));
        command.current_dir(self.0.path()).args(["diagnose", "--device", "cpu"]).args(arguments);
        let output = command.output().unwrap();
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The objects of `--json`, one per line.
    fn json(&self, arguments: &[&str], code: i32) -> Vec<Value> {
        let ran = self.diagnose(&[arguments, &["--json"]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(code), ""));
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// NumPy's format, version 1.0, f64 in C order.
fn write_npy(path: &Path, rows: &[&[f64]]) {
    let shape = (rows.len(), rows.first().map_or(0, |row| row.len()));
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape:?}, }}");
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 11;
    header.push_str(&" ".repeat(padded - header.len()));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(rows.iter().flat_map(|row| row.iter()).flat_map(|x| x.to_le_bytes()));
    std::fs::write(path, bytes).unwrap();
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn close(value: f64, expected: f64, relative: f64) {
    assert!((value - expected).abs() <= relative * expected.abs(), "{value} against {expected}");
}

/// What every line of a diagnosed file promises, whatever the matrix.
fn check_schema(line: &Value, n: usize, d: usize) {
    let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "file",
            "n",
            "d",
            "rows_dropped",
            "columns",
            "rank",
            "rank_lo",
            "rank_hi",
            "status",
            "route",
            "sigmas",
            "kappa",
            "kappa_gram",
            "kappa_squared",
            "null_space",
            "target",
            "solutions",
            "findings",
            "normal_equations",
            "kappa_scaled",
            "condition_indices",
            "variance_proportions",
            "vif",
            "vif_uncentred",
            "leverage",
            "r_squared",
            "digits",
            "ridge",
            "fail_on",
            "error"
        ]
    );
    assert_eq!((&line["n"], &line["d"], &line["error"]), (&n.into(), &d.into(), &Value::Null));
    let rank = ["rank_lo", "rank", "rank_hi"].map(|key| number(&line[key]));
    assert!(rank[0] <= rank[1] && rank[1] <= rank[2], "{rank:?}");
    let sigmas = line["sigmas"].as_array().unwrap();
    assert_eq!(sigmas.len(), n.min(d));
    let mut before = f64::INFINITY;
    for sigma in sigmas {
        let [lo, value, hi] = ["lo", "value", "hi"].map(|key| number(&sigma[key]));
        assert!(0.0 <= lo && lo <= value && value <= hi && value <= before, "{sigma}");
        before = value;
    }
    assert!(line["solutions"].is_array() && line["kappa"].is_object());
    // The most important findings come first, and there is always one on the rank.
    let order = |severity: &str| ["serious", "warning", "note"].iter().position(|name| *name == severity).unwrap();
    let findings = line["findings"].as_array().unwrap();
    let severities: Vec<usize> = findings.iter().map(|f| order(f["severity"].as_str().unwrap())).collect();
    assert!(severities.is_sorted(), "{line}");
    assert!(findings.iter().any(|f| f["kind"].as_str().unwrap().starts_with("rank")), "{line}");
}

#[test]
fn the_salary_table_in_words() {
    let files = Files::new().csv("salary.csv", SALARY);
    let ran = files.diagnose(&["salary.csv", "--target", "salary", "--lambda", "0,10"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    for words in [
        "salary.csv: 6 x 3",
        "rank 2 of 3, certified",
        "12 * years - 1 * months = 0 (residual 0)",
        "serious: the weights of years and months are not identifiable",
        "normal equations are not safe",
        "not resolved",
        "target salary: no weights explain",
        "minimum norm         lambda 10",
    ] {
        assert!(ran.stdout.contains(words), "{words:?} is missing in\n{}", ran.stdout);
    }
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100 && line.trim_end() == line), "{}", ran.stdout);
}

#[test]
fn the_salary_table_in_numbers() {
    let files = Files::new().csv("salary.csv", SALARY);
    let line = files.json(&["salary.csv", "--target", "salary", "--lambda", "0,10"], 0).remove(0);
    check_schema(&line, 6, 3);
    assert_eq!((&line["rank"], &line["rank_lo"], &line["rank_hi"]), (&2.into(), &2.into(), &2.into()));
    assert_eq!(line["status"], "unresolved");
    assert_eq!((&line["kappa"]["value"], &line["kappa"]["hi"]), (&Value::Null, &Value::Null));
    assert!(number(&line["kappa"]["lo"]) > 1e15);
    assert_eq!(line["columns"], serde_json::json!(["intercept", "years", "months"]));
    assert_eq!(line["null_space"]["nullity"], 1);
    assert_eq!(line["null_space"]["relations"][0]["weights"], serde_json::json!([0.0, 12.0, -1.0]));
    assert_eq!(line["null_space"]["relations"][0]["relative_residual"], 0.0);
    let minimum_norm = &line["solutions"][0];
    assert_eq!(minimum_norm["lambda"], 0.0);
    let w = numbers(&minimum_norm["w"]);
    // The regression line through (years, salary), its slope shared 1 : 12 by years and months.
    let (mean_x, mean_y) = (29.0 / 6.0, 248.0 / 6.0);
    let per_year = (1311.0 - 29.0 * mean_y) / (203.0 - 29.0 * mean_x);
    close(w[0], mean_y - per_year * mean_x, 1e-13);
    close(w[1], per_year / 145.0, 1e-13);
    close(w[2], 12.0 * per_year / 145.0, 1e-13);
    let residual = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0]
        .iter()
        .zip([32.0, 39.0, 36.0, 45.0, 46.0, 50.0])
        .map(|(x, y)| (y - w[0] - per_year * x).powi(2))
        .sum::<f64>();
    close(number(&minimum_norm["residual_norm"]), residual.sqrt(), 1e-12);
    close(number(&line["target"]["irreducible_norm"]), residual.sqrt(), 1e-12);
    let y_squared: f64 = [32.0, 39.0, 36.0, 45.0, 46.0, 50.0].iter().map(|y: &f64| y * y).sum();
    close(number(&line["target"]["irreducible_fraction"]), residual / y_squared, 1e-12);
    // A penalty shrinks and fits worse.
    let ridge = &line["solutions"][1];
    assert_eq!(ridge["lambda"], 10.0);
    assert!(number(&ridge["residual_norm"]) > residual.sqrt());
    let length = |w: &[f64]| w.iter().map(|w| w * w).sum::<f64>();
    assert!(length(&numbers(&ridge["w"])) < length(&w));
}

#[test]
fn the_hilbert_matrix_is_climbed_until_its_smallest_singular_value_is_known() {
    let rows: Vec<Vec<f64>> = (0..12).map(|i| (0..12).map(|j| 1.0 / f64::from(i + j + 1)).collect()).collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let files = Files::new().npy("hilbert.npy", &rows);
    let line = files.json(&["hilbert.npy"], 0).remove(0);
    check_schema(&line, 12, 12);
    assert_eq!((&line["status"], &line["route"]), (&"ok".into(), &"cpu-dd".into()));
    for (sigma, exact) in line["sigmas"].as_array().unwrap().iter().zip(HILBERT_12) {
        // The neighbours of the rounded value: a bound that excludes the exact one excludes one of them.
        let exact: f64 = exact.parse().unwrap();
        let (lo, hi) = (number(&sigma["lo"]), number(&sigma["hi"]));
        assert!(lo <= exact.next_up() && exact.next_down() <= hi, "{exact:e} outside {sigma}");
        assert!((hi - lo) / exact < 1e-12, "{sigma}");
        close(number(&sigma["value"]), exact, 1e-14);
    }
    // NumPy's rule counts the smallest as 0, and still it is certainly not.
    assert_eq!((&line["rank"], &line["rank_lo"], &line["rank_hi"]), (&11.into(), &11.into(), &11.into()));
    close(number(&line["kappa"]["value"]), 1.795_372_059_561_997_3 / 1.067_489_754_744_172_3e-16, 1e-13);
    let text = files.diagnose(&["hilbert.npy"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("the stored X has full rank, but its smallest"), "{text}");
    assert!(text.contains("normal equations are not safe"), "{text}");
}

#[test]
fn an_explicit_precision_does_not_climb_and_is_certified_all_the_same() {
    let files = Files::new().npy("near.npy", &[&[1.0, 1.0], &[1.0, 1.0 + 1e-13], &[1.0, 1.0]]);
    let asked = files.json(&["near.npy", "--precision", "f64", "--rtol", "1e-12"], 0).remove(0);
    assert_eq!((&asked["route"], &asked["status"]), (&"cpu-f64".into(), &"wide".into()));
    let climbed = files.json(&["near.npy", "--rtol", "1e-12"], 0).remove(0);
    assert_eq!((&climbed["route"], &climbed["status"]), (&"cpu-dd".into(), &"ok".into()));
    let smallest = &climbed["sigmas"][1];
    let (lo, hi) = (&asked["sigmas"][1]["lo"], &asked["sigmas"][1]["hi"]);
    assert!(number(lo) <= number(&smallest["lo"]) && number(&smallest["hi"]) <= number(hi));
}

#[test]
fn duplicated_columns_are_named_pair_by_pair() {
    let files =
        Files::new().csv("twice.csv", "a,b,c,b2,a2\n1,2,0.5,2,1\n3,1,0.1,1,3\n2,7,0.2,7,2\n0,1,0.9,1,0\n5,5,5,5,5\n");
    let text = files.diagnose(&["twice.csv"]).stdout;
    assert!(text.contains("rank 3 of 5, certified"), "{text}");
    assert!(text.contains("serious: columns depend on each other: 1 * a - 1 * a2 = 0 (residual 0)\n"), "{text}");
    assert!(text.contains("serious: columns depend on each other: 1 * b - 1 * b2 = 0 (residual 0)\n"), "{text}");
    assert!(text.contains("the weights of a, b, b2 and a2 are not identifiable"), "{text}");
}

#[test]
fn a_wide_matrix_has_a_null_space_and_no_normal_equations() {
    let files = Files::new().csv("wide.csv", "1,2,3,4\n2,1,0,5\n");
    let line = files.json(&["wide.csv"], 0).remove(0);
    check_schema(&line, 2, 4);
    assert_eq!((&line["rank"], &line["null_space"]["nullity"]), (&2.into(), &2.into()));
    assert_eq!((&line["kappa_gram"], &line["kappa_squared"]["hi"]), (&Value::Null, &Value::Null));
    assert_eq!(line["columns"], serde_json::json!(["x1", "x2", "x3", "x4"]));
    for relation in line["null_space"]["relations"].as_array().unwrap() {
        let z = numbers(&relation["weights"]);
        for row in [[1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 0.0, 5.0]] {
            let product: f64 = row.iter().zip(&z).map(|(x, z)| x * z).sum();
            assert!(product.abs() < 1e-14, "{z:?}");
        }
    }
    let text = files.diagnose(&["wide.csv"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("normal equations cannot work"), "{text}");
}

#[test]
fn a_null_space_too_large_to_read_is_not_listed() {
    let row: Vec<f64> = (0..200).map(f64::from).collect();
    let line = Files::new().npy("long.npy", &[&row]).json(&["long.npy"], 0).remove(0);
    assert_eq!((&line["null_space"]["nullity"], &line["null_space"]["relations"]), (&199.into(), &Value::Null));
}

#[test]
fn bad_files_are_lines_among_the_good_ones() {
    let nan = f64::NAN;
    let files = Files::new()
        .csv("good.csv", "a,b\n1,2\n3,4\n")
        .csv("ragged.csv", "a,b\n1,2\n3\n")
        .csv("nan.csv", "a,b\n1,2\n3,nan\n")
        .csv("empty.csv", "")
        .npy("nan.npy", &[&[1.0, nan]])
        .npy("norows.npy", &[])
        .csv("lying.npy", "not an array")
        .npy("good.npy", &[&[2.0]]);
    let names =
        ["good.csv", "ragged.csv", "nan.csv", "empty.csv", "nan.npy", "norows.npy", "lying.npy", "no.csv", "good.npy"];
    let lines = files.json(&names, 1);
    let order: Vec<&str> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(order, names);
    check_schema(&lines[0], 2, 2);
    check_schema(&lines[8], 1, 1);
    for (line, words) in lines[1..8].iter().zip([
        "ragged.csv:3: 1 field(s) here, 2 on line 1",
        "nan.csv:3: column 2 (\"b\") = \"nan\" is missing",
        "empty.csv: is empty",
        "nan.npy: holds NaN in row 1, column 2",
        "norows.npy: holds no entries",
        "lying.npy:",
        "no.csv: cannot be found",
    ]) {
        let error = line["error"].as_str().unwrap();
        assert!(error.contains(words), "{error}");
        assert!(
            ["n", "rank", "sigmas", "kappa", "solutions", "findings", "vif", "ridge"]
                .iter()
                .all(|key| line[key].is_null()),
            "{line}"
        );
    }
    let ran = files.diagnose(&names);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("good.csv: 2 x 2") && ran.stdout.contains("\n\ngood.npy: 1 x 1"), "{}", ran.stdout);
    assert!(ran.stderr.contains("error: nan.csv:3: column 2"), "{}", ran.stderr);
}

#[test]
fn thousands_of_files_come_in_the_order_given() {
    const COUNT: usize = 2000;
    let mut files = Files::new();
    let names: Vec<String> = (0..COUNT).map(|i| format!("{i}.npy")).rev().collect();
    for (i, name) in names.iter().enumerate() {
        // sigma = (i + 2, 1).
        files = files.npy(name, &[&[0.0, (i + 2) as f64], &[1.0, 0.0], &[0.0, 0.0]]);
    }
    let arguments: Vec<&str> = names.iter().map(String::as_str).collect();
    let lines = files.json(&arguments, 0);
    assert_eq!(lines.len(), COUNT);
    for (i, (line, name)) in lines.iter().zip(&names).enumerate() {
        assert_eq!(line["file"], name.as_str());
        check_schema(line, 3, 2);
        close(number(&line["kappa"]["value"]), (i + 2) as f64, 1e-15);
    }
}

#[test]
fn a_target_is_a_column_by_name_or_position_or_a_file() {
    let files = Files::new()
        .csv("data.csv", "a,y,b\n1,5,0\n0,7,1\n1,12,1\n")
        .csv("y.csv", "y\n5\n7\n12\n")
        .csv("short.csv", "y\n5\n7\n");
    // y = 5 a + 7 b.
    for arguments in [
        ["data.csv", "--target", "y"].as_slice(),
        &["data.csv", "--target", "2"],
        &["data.csv", "--target", "y", "--columns", "a,b"],
        &["data.csv", "--target", "y", "--columns", "a,y,b"],
        &["data.csv", "--target", "y.csv", "--columns", "1,3"],
    ] {
        let line = files.json(arguments, 0).remove(0);
        check_schema(&line, 3, 2);
        let w = numbers(&line["solutions"][0]["w"]);
        close(w[0], 5.0, 1e-14);
        close(w[1], 7.0, 1e-14);
        assert!(number(&line["solutions"][0]["residual_norm"]) < 1e-13);
        assert!(number(&line["target"]["irreducible_fraction"]) < 1e-28);
    }
    let error = |arguments: &[&str]| files.json(arguments, 1).remove(0)["error"].as_str().unwrap().to_owned();
    let unknown = error(&["data.csv", "--target", "wage"]);
    assert_eq!(unknown, "data.csv: has no column \"wage\": it has \"a\", \"y\", \"b\"");
    let unknown = error(&["data.csv", "--columns", "a,colour"]);
    assert_eq!(unknown, "data.csv: has no column \"colour\": it has \"a\", \"y\", \"b\"");
    let short = error(&["data.csv", "--target", "short.csv"]);
    assert!(short.ends_with("rows, but the target short.csv has 2: give one value a row"), "{short}");
}

#[test]
fn weights_keep_their_digits_where_kappa_is_large() {
    // The 10 x 10 Hilbert matrix times the least common multiple of its denominators is one of integers, kappa = 1.6e13;
    // y is the sum of its columns, exactly.
    let rows: Vec<Vec<f64>> =
        (1..11).map(|i| (0..10).map(|j| 232_792_560.0 / f64::from(i + j)).collect::<Vec<f64>>()).collect();
    assert!(rows.iter().flatten().all(|x| x.fract() == 0.0));
    let rows: Vec<Vec<f64>> = rows.into_iter().map(|row| [vec![row.iter().sum()], row].concat()).collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let line = Files::new().npy("hilbert.npy", &rows).json(&["hilbert.npy", "--target", "1"], 0).remove(0);
    check_schema(&line, 10, 10);
    for w in numbers(&line["solutions"][0]["w"]) {
        close(w, 1.0, 1e-15);
    }
}

#[test]
fn every_lambda_is_solved_in_the_order_given() {
    let files = Files::new().csv("one.csv", "x,y\n2,4\n0,3\n");
    let line = files.json(&["one.csv", "--target", "y", "--lambda", "4,0,1e300"], 0).remove(0);
    let solutions = line["solutions"].as_array().unwrap();
    // w = 8 / (4 + lambda), residual (4 - 2w, 3).
    for (solution, (lambda, w)) in solutions.iter().zip([(4.0, 1.0), (0.0, 2.0), (1e300, 8e-300)]) {
        assert_eq!(number(&solution["lambda"]), lambda);
        close(number(&solution["w"][0]), w, 1e-15);
        close(number(&solution["residual_norm"]), (4.0 - 2.0 * w).hypot(3.0), 1e-15);
    }
    assert_eq!(solutions.len(), 3);
}

#[test]
fn zeros_and_overflow_give_no_wrong_number() {
    let files = Files::new().npy("zero.npy", &[&[0.0, 0.0], &[0.0, 0.0]]).npy("huge.npy", &[&[1.7e308, 1.7e308]]);
    let lines = files.json(&["zero.npy", "huge.npy"], 1);
    let zero = &lines[0];
    check_schema(zero, 2, 2);
    assert_eq!((&zero["rank"], &zero["rank_hi"], &zero["sigmas"][0]["hi"]), (&0.into(), &0.into(), &0.0.into()));
    assert_eq!(zero["kappa"], serde_json::json!({ "value": null, "lo": null, "hi": null }));
    // sigma = 2.4e308 is beyond f64.
    let huge = &lines[1];
    assert_eq!(huge["sigmas"], serde_json::json!([{ "value": null, "lo": f64::MAX, "hi": null }]));
    assert_eq!((&huge["status"], &huge["rank"]), (&"failed".into(), &Value::Null));
    let text = files.diagnose(&["huge.npy"]).stdout;
    assert!(text.contains("sigma_max may exceed the range of f64; divide X by a power of ten"), "{text}");
    // Near both ends of the range everything is known.
    let files = Files::new()
        .npy("large.npy", &[&[3e300, 0.0], &[0.0, 4e300]])
        .npy("small.npy", &[&[3e-300, 0.0], &[0.0, 4e-300]]);
    for line in files.json(&["large.npy", "small.npy"], 0) {
        check_schema(&line, 2, 2);
        assert_eq!(line["status"], "ok");
        close(number(&line["kappa"]["value"]), 4.0 / 3.0, 1e-15);
    }
}

#[test]
fn numbers_read_back_to_the_same_f64() {
    let files = Files::new().csv("third.csv", "x\n0.1\n0.2\n0.7\n");
    let first = files.diagnose(&["third.csv", "--json"]).stdout;
    // Not by serde_json, whose parser may be a rounding off: the digits themselves are what is promised.
    let digits = first.split(|c: char| !(c.is_ascii_digit() || "+-.e".contains(c)));
    let numbers =
        digits.filter_map(|text| Some((text, text.parse::<f64>().ok()?))).filter(|(text, _)| text.contains('.'));
    let mut count = 0;
    for (text, value) in numbers {
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
        count += 1;
    }
    assert!(count >= 8, "{count} numbers in {first}");
    let parsed: Value = serde_json::from_str(&first).unwrap();
    assert!(number(&parsed["sigmas"][0]["value"]) > 0.7);
}

#[test]
fn another_delimiter_and_a_header_of_numbers() {
    let files = Files::new().csv("eu.csv", "a;b\n1;2\n3;4\n").csv("years.csv", "year,2024\n1,2\n3,4\n");
    assert_eq!(files.json(&["eu.csv", "--delimiter", ";"], 0)[0]["columns"], serde_json::json!(["a", "b"]));
    let line = files.json(&["years.csv"], 1).remove(0);
    assert!(line["error"].as_str().unwrap().contains("is a header"), "{line}");
    assert_eq!(files.json(&["years.csv", "--header", "yes"], 0)[0]["n"], 2);
}

#[test]
fn a_command_that_makes_no_sense_exits_2_and_a_missing_device_4() {
    let files = Files::new().csv("data.csv", "a,b\n1,2\n3,4\n");
    for (arguments, words) in [
        ([].as_slice(), "<FILE>"),
        (&["data.csv", "--lambda", "1"], "--target"),
        (&["data.csv", "--target", "a", "--lambda", "1,-2"], "at least 0"),
        (&["data.csv", "--target", "a", "--lambda", "inf"], "at least 0"),
        (&["data.csv", "--rtol", "2"], "between 0 and 1"),
        (&["data.csv", "--delimiter", "ab"], "one ASCII character"),
        (&["data.csv", "--target", "a", "--ridge-grid", "1:2"], "1e-6:1e3:40"),
        (&["data.csv", "--target", "a", "--kappa-bound", "1"], "above 1"),
        (&["data.csv", "--kappa-bound", "10"], "--target"),
        (&["data.csv", "--force"], "--out"),
        (&["data.csv", "--fail-on", "kappa"], "allowed: unresolved, deficient, collinear, kappa>NUMBER"),
        (&["data.csv", "--fail-on", "deficient,vif>none"], "vif>none: give a finite number of at least 1"),
        (&["data.csv", "--precision", "f16"], "allowed: auto, f32, df32, f64"),
        (&["data.csv", "--precision", "f32"], "computed on a GPU only"),
        (&["data.csv", "--target", "no-such.npy"], "no-such.npy: cannot be found"),
    ] {
        let ran = files.diagnose(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.stderr.contains(words), "{words:?} is missing in {}", ran.stderr);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_nullsweep"))
        .current_dir(files.0.path())
        .args(["diagnose", "data.csv", "--device", "gpu:99"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
}
