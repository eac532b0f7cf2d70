//! How `nullsweep diagnose` reads: every option, and everything that can be wrong with a file, as whole commands.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test may stop at a surprise")]

use assert_cmd::Command;
use serde_json::{Value, json};

/// People of two sexes in three towns; one age and one income are not known.
const PEOPLE: &str = "\
id,age,sex,town,income,since
a,59,m,Ulm,52.5,2019-03-01
b,48,f,Bonn,,2020-04-01
c,31,f,Kiel,38.25,2021-05-01
d,NA,m,Bonn,41,2018-06-01
e,27,m,Kiel,30.5,2017-07-01
f,64,f,Ulm,60,2016-08-01
g,39,f,Bonn,47,2015-09-01
h,45,m,Ulm,44,2014-10-01
i,52,f,Kiel,58,2013-11-01
";

struct Files(tempfile::TempDir);

impl Files {
    fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self(tempfile::tempdir().unwrap()).and(name, content)
    }

    fn and(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.path().join(name), content).unwrap();
        self
    }

    fn diagnose(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nullsweep"));
        command.current_dir(self.0.path()).args(["diagnose", "--device", "cpu"]).args(arguments);
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// The one line of `--json`.
    fn json(&self, arguments: &[&str]) -> Value {
        let (code, stdout, stderr) = self.diagnose(&[arguments, &["--json"]].concat());
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}: {stdout}");
        serde_json::from_str(&stdout).unwrap()
    }

    fn error(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.diagnose(arguments);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{arguments:?}");
        stderr
    }
}

fn sigmas(line: &Value) -> Vec<f64> {
    line["sigmas"].as_array().unwrap().iter().map(|sigma| sigma["value"].as_f64().unwrap()).collect()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-14 * expected.abs(), "{found} for {expected}");
}

#[test]
fn complete_cases_are_used_on_request_and_the_others_counted() {
    let files = Files::with("people.csv", PEOPLE);
    let numbers = ["people.csv", "--columns", "age,income"];
    let error = files.error(&numbers);
    for words in ["people.csv:3: column 5 (\"income\") = \"\" is missing", "--missing-rows drop leaves out such rows"] {
        assert!(error.contains(words), "{error}");
    }
    let line = files.json(&[&numbers[..], &["--missing-rows", "drop"]].concat());
    assert_eq!((&line["n"], &line["rows_dropped"]), (&json!(7), &json!(2)));
    let (_, text, _) = files.diagnose(&[&numbers[..], &["--missing-rows", "drop"]].concat());
    assert!(text.contains("people.csv: 7 x 2, after 2 of 9 rows were dropped for a missing value"), "{text}");
    // With other words NA is text; a number may be one.
    let error = files.error(&["people.csv", "--columns", "age", "--missing", "-999,unknown"]);
    assert!(error.contains("people.csv:5: column 2 (\"age\") = \"NA\" is not a number"), "{error}");
    let coded = Files::with("coded.csv", "x,y\n1,2\n-999,3\n4,unknown\n5,7\n");
    let line = coded.json(&["coded.csv", "--missing=-999,UNKNOWN", "--missing-rows", "drop"]);
    assert_eq!((&line["n"], &line["rows_dropped"]), (&json!(2), &json!(2)));
    let given = Files::with("x.csv", "x\n1\nNA\n3\n").and("y.csv", "y\n2\n100\n6\n");
    let line = given.json(&["x.csv", "--target", "y.csv", "--missing-rows", "drop"]);
    assert_eq!((&line["solutions"][0]["w"], &line["n"]), (&json!([2.0]), &json!(2)));
}

#[test]
fn categories_are_refused_with_the_option_that_codes_them() {
    let files = Files::with("people.csv", PEOPLE);
    let error = files.error(&["people.csv", "--drop", "id"]);
    for words in [
        "people.csv:2: column 3 (\"sex\") = \"m\" is not a number",
        "--dummies sex makes categories of it, --drop sex leaves it out",
    ] {
        assert!(error.contains(words), "{error}");
    }
    let arguments = ["people.csv", "--drop", "id,since", "--missing-rows", "drop", "--target", "income"];
    let line = files.json(&[&arguments[..], &["--dummies", "sex,town"]].concat());
    assert_eq!(line["columns"], json!(["age", "sex[m]", "town[Kiel]", "town[Ulm]"]));
    assert_eq!(line["rank"], 4);
}

#[test]
fn all_levels_and_an_intercept_are_the_trap() {
    let files = Files::with("people.csv", PEOPLE);
    let arguments = ["people.csv", "--columns", "sex", "--intercept"];
    let line = files.json(&[&arguments[..], &["--all-levels", "sex"]].concat());
    assert_eq!(line["columns"], json!(["intercept", "sex[f]", "sex[m]"]));
    assert_eq!((&line["rank"], &line["rank_hi"]), (&json!(2), &json!(2)));
    assert_eq!(line["null_space"]["relations"][0]["weights"], json!([1.0, -1.0, -1.0]));
    assert_eq!(line["null_space"]["relations"][0]["relative_residual"], 0.0);
    let line = files.json(&[&arguments[..], &["--dummies", "sex"]].concat());
    assert_eq!((&line["columns"], &line["rank"]), (&json!(["intercept", "sex[m]"]), &json!(2)));
}

#[test]
fn an_intercept_is_added_once() {
    let files = Files::with("a.csv", "x,one\n1,3\n2,3\n4,3\n")
        .and("b.csv", "x,intercept\n1,2\n2,3\n4,3\n")
        .and("c.csv", "x,zero\n1,0\n2,0\n4,0\n");
    let error = files.error(&["a.csv", "--intercept"]);
    assert!(
        error.contains("has an intercept already, for column \"one\" is 3 in every row: drop that column"),
        "{error}"
    );
    let error = files.error(&["b.csv", "--intercept"]);
    assert!(error.contains("has a column \"intercept\" already"), "{error}");
    // A column of zeros is no intercept.
    let line = files.json(&["c.csv", "--intercept"]);
    assert_eq!((&line["columns"], &line["rank"]), (&json!(["intercept", "x", "zero"]), &json!(2)));
}

#[test]
fn columns_are_scaled_to_unit_length_or_standardized() {
    let files =
        Files::with("a.csv", "a,b\n3,1\n4,-1\n0,0\n").and("c.csv", "a,k\n1,2\n2,2\n").and("z.csv", "a,k\n1,0\n2,0\n");
    // Columns of length 5 and sqrt(2) with the cosine -1 / (5 sqrt(2)).
    let line = files.json(&["a.csv", "--scale", "unit"]);
    let cosine = 1.0 / 50f64.sqrt();
    close(sigmas(&line)[0], (1.0 + cosine).sqrt());
    close(sigmas(&line)[1], (1.0 - cosine).sqrt());
    // The intercept is of length 1 as well: its cosines are 7 / (5 sqrt(3)) and 0.
    let line = files.json(&["a.csv", "--scale", "unit", "--intercept", "--drop", "b"]);
    close(sigmas(&line)[0], (1.0 + 7.0 / 75f64.sqrt()).sqrt());
    // Standardized, the Gram matrix is n - 1 times the correlations: here of (2/3, 5/3, -7/3) and (1, -1, 0).
    let line = files.json(&["a.csv", "--scale", "standard"]);
    let correlation = 1.0 / (78.0_f64 / 9.0 * 2.0).sqrt();
    close(sigmas(&line)[0], (2.0 * (1.0 + correlation)).sqrt());
    close(sigmas(&line)[1], (2.0 * (1.0 - correlation)).sqrt());
    let line = files.json(&["a.csv", "--scale", "standard", "--intercept", "--drop", "b"]);
    close(sigmas(&line)[0], 3f64.sqrt());
    close(sigmas(&line)[1], 2f64.sqrt());
    let error = files.error(&["c.csv", "--scale", "standard"]);
    assert!(
        error.contains("cannot scale column \"k\", which is 2 in every row, to standard deviation 1: drop"),
        "{error}"
    );
    let error = files.error(&["z.csv", "--scale", "unit"]);
    assert!(error.contains("cannot scale column \"k\", which is 0 in every row, to length 1: drop"), "{error}");
}

#[test]
fn every_bad_file_has_an_error_that_helps() {
    for (name, content, arguments, words) in [
        ("comma.csv", "a;b\n1,5;2\n", &["--delimiter", ";"][..], ":2: column 1 (\"a\") = \"1,5\" has a decimal comma"),
        ("date.csv", "a,day\n1,2024-03-31\n", &[], ":2: column 2 (\"day\") = \"2024-03-31\" is a date: give a number"),
        (
            "semi.csv",
            "a;b\n1;2\n",
            &[],
            ":2: column 1 (\"a;b\") = \"1;2\" is not a number: is another delimiter meant?",
        ),
        ("percent.csv", "a,b\n1,12%\n", &[], "has a unit: give the number alone"),
        ("twice.csv", "a,b,a\n1,2,3\n", &[], "has two columns named \"a\": rename one of them"),
        ("inf.csv", "a,b\n1,inf\n", &[], ":2: column 2 (\"b\") = \"inf\" is not finite"),
        ("quote.csv", "a,b\n1,\"2\n", &[], ":2: a quote is opened and not closed on this line"),
        ("latin.csv", "a,b\n1,\u{1}\n", &[], ":2: column 2 (\"b\")"),
        ("ragged.csv", "a,b\n1,2\n3\n", &[], ":3: 1 field(s) here, 2 on line 1"),
        ("header.csv", "a,b\n", &[], "has a header but no rows"),
        ("none.csv", "a,b\nNA,1\n2,NA\n", &["--missing-rows", "drop"], "has no complete row: every one of its 2 rows"),
        ("data.parquet", "PAR1", &[], "is a columnar file, which is not read: write it as CSV, duckdb"),
        ("data.csv.gz", "x", &[], "is compressed: unpack it first"),
        ("data.txt", "1 2", &[], "rename it to .csv and give --delimiter"),
        (
            "y.csv",
            "x,y\n1,a\n",
            &["--target", "y"],
            "= \"a\" is not a number, and a target must be: code it as 0 and 1",
        ),
        ("t.csv", "x,y\n1,a\n", &["--target", "y", "--dummies", "y"], "is the target, which must be numbers"),
        ("d.csv", "x,y\n1,2\n", &["--drop", "x,y"], "has every column dropped: leave at least one"),
        ("u.csv", "x,y\n1,2\n", &["--drop", "z"], "has no column \"z\": it has \"x\", \"y\""),
        ("o.csv", "x,y\n1,2\n", &["--drop", "y", "--target", "y"], "is dropped and the target: leave it out of one"),
        (
            "one.csv",
            "s,y\nu,2\nu,3\n",
            &["--dummies", "s"],
            "holds nothing but \"u\", so that nothing is left to compare",
        ),
        ("both.csv", "s,y\nu,2\nv,3\n", &["--dummies", "s", "--all-levels", "s"], "is coded twice: name it once"),
    ] {
        let files = Files::with(name, content);
        let error = files.error(&[&[name], arguments].concat());
        assert!(error.contains(&format!("error: {name}:")) && error.contains(words), "{words:?} is missing in {error}");
    }
    // What is no text at all.
    let files = Files::with("latin.csv", b"a,b\n1,\xe9\n");
    assert!(files.error(&["latin.csv"]).contains("latin.csv:2: column 2 is not UTF-8 text: save the file as UTF-8"));
    // What makes no sense for any file.
    for (arguments, words) in [
        (&["--scale", "robust"][..], "allowed: none, unit, standard"),
        (&["--missing-rows", "keep"], "allowed: error, drop"),
        (&["--header", "maybe"], "allowed: auto, yes, no"),
    ] {
        let (code, stdout, stderr) = files.diagnose(&[&["latin.csv"], arguments].concat());
        assert_eq!((code, stdout.as_str()), (Some(2), ""));
        assert!(stderr.contains(words), "{stderr}");
    }
}

#[test]
fn marks_line_ends_quotes_and_tabulators_are_no_trouble() {
    for (name, content) in [
        ("bom.csv", "\u{feff}a,b\n1,2\n3,5\n"),
        ("crlf.csv", "a,b\r\n1,2\r\n3,5\r\n"),
        ("quoted.csv", "\"a\",\"b\"\n\"1\", 2\n3 ,\"5\""),
        ("blank.csv", "\n a , b \n\n1,2\n\n3,5\n\n"),
        ("tabs.tsv", "a\tb\n1\t2\n3\t5\n"),
    ] {
        let line = Files::with(name, content).json(&[name]);
        assert_eq!((&line["columns"], &line["n"]), (&json!(["a", "b"]), &json!(2)), "{name}");
        close(sigmas(&line)[0] * sigmas(&line)[1], 1.0);
    }
}

/// More entries than are held in memory: 2^25 of them and some, as NPY of single bytes.
#[test]
fn a_file_that_does_not_fit_is_read_in_passes() {
    let (n, d) = ((32 << 20) / 4 + 1000, 4);
    let header = format!("{{'descr': '|i1', 'fortran_order': False, 'shape': ({n}, {d}), }}");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    // Columns 1, a, b and a + b of a pattern whose sums are whole numbers.
    for i in 0..n {
        let (a, b) = (u8::try_from(i % 5).unwrap(), u8::try_from(i % 3).unwrap());
        bytes.extend([1, a, b, a + b]);
    }
    let files = Files::with("tall.npy", bytes);
    let line = files.json(&["tall.npy", "--target", "2"]);
    assert_eq!((&line["n"], &line["rank"], &line["status"]), (&json!(n), &json!(3), &json!("ok")));
    let w: Vec<f64> = line["solutions"][0]["w"].as_array().unwrap().iter().map(|w| w.as_f64().unwrap()).collect();
    // a = (a + b) - b.
    for (w, exact) in w.iter().zip([0.0, -1.0, 1.0]) {
        assert!((w - exact).abs() < 1e-12, "{w} for {exact}");
    }
    let error = files.error(&["tall.npy", "--precision", "f64", "--columns", "9"]);
    assert!(error.contains("has no column 9: positions run from 1 to 4"), "{error}");
}
