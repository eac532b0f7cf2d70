//! `[[expect]]`: what may be expected, what is measured, and what `run`, `verify` and the page say of it.

use std::path::Path;

use nullsweep::config::Config;

use super::{manifest, nullsweep, number, promised_bytes, rows, run_on_cpu, scratch, text};

/// Gaussian 12 x 3 and 12 x 6: effective_df lies below d, and variance falls with lambda.
const RUN: &str = r#"
tables = ["ridge"]
[design]
kind = "gaussian"
replicates = 40
[target]
noise = 1.0
[grid]
n = 12
d = [3, 6]
lambda = [0.0, 1.0, 10.0, 100.0]
"#;

const MET: &str = r#"
[[expect]]
id = "df-below-d"
claim = "Ridge has no more effective degrees of freedom than weights, in commas, \"quotes\" and all."
value = "effective_df"
stat = "max"
each = "d"
at_most = "d * (1 + 1e-12)"

[[expect]]
id = "least-squares-variance"
claim = "The variance of least squares is d / (n - d - 1)."
where = "lambda == 0"
value = "variance * (n - d - 1) / d"
stat = "mean"
each = ["n", "d"]
at_least = 0.7
at_most = 1.4

[[expect]]
id = "shrinks"
where = "lambda >= 10 and d == 3"
value = "log(w_norm)"
x = "log(lambda)"
stat = "slope"
at_least = -1.0
at_most = -0.1
"#;

fn run(dir: &Path, expectations: &str) -> (std::path::PathBuf, String) {
    let (config, out) = (dir.join("expect.toml"), dir.join("out"));
    std::fs::write(&config, format!("{RUN}{expectations}")).unwrap();
    let done = run_on_cpu(&config, &out).assert().success();
    (out, text(&done.get_output().stdout))
}

fn parse(expectation: &str) -> Result<Config, String> {
    let text = format!("{RUN}\n[[expect]]\n{expectation}\n");
    Config::parse(&text, Path::new("a.toml"), &[]).map_err(|errors| errors.to_string())
}

#[test]
fn what_is_expected_is_measured_cell_by_cell() {
    let dir = scratch();
    let (out, said) = run(dir.path(), MET);
    assert!(said.contains("3 of 3 expectations met, in 5 cells") && !said.contains("not met"), "{said}");

    let found = rows(&out.join("expectations.csv"));
    let ids: Vec<(&str, &str)> = found.iter().map(|row| (row["id"].as_str(), row["cell"].as_str())).collect();
    assert_eq!(
        ids,
        [
            ("df-below-d", "d = 3"),
            ("df-below-d", "d = 6"),
            ("least-squares-variance", "n = 12, d = 3"),
            ("least-squares-variance", "n = 12, d = 6"),
            ("shrinks", ""),
        ]
    );
    assert_eq!((found[0]["rows"].as_str(), found[2]["rows"].as_str(), found[4]["rows"].as_str()), ("160", "40", "80"));
    assert!(found[0]["claim"].contains("in commas, \"quotes\" and all"), "{:?}", found[0]);
    assert!((number(&found[1], "measured") - 6.0).abs() < 1e-9 && number(&found[1], "at_most") > 6.0);
    assert!(found[1]["interval_lo"].is_empty(), "a largest value has no interval");

    // Mean and interval are those of the summary, up to the factor.
    let summary = rows(&out.join("summary.csv"));
    let of_summary =
        summary.iter().find(|row| row["column"] == "variance" && row["d"] == "6" && row["lambda"] == "0.0").unwrap();
    for (of_expectation, of_summary) in
        [("measured", number(of_summary, "mean")), ("interval_lo", number(of_summary, "ci_lo"))]
    {
        let expected = of_summary * 5.0 / 6.0;
        assert!((number(&found[3], of_expectation) / expected - 1.0).abs() < 1e-12, "{of_expectation}");
    }

    // The slope of a straight line through two abscissae is that of the means there.
    let ridge = rows(&out.join("ridge.csv"));
    let mean = |lambda: &str| {
        let chosen = ridge.iter().filter(|row| row["d"] == "3" && row["lambda"] == lambda);
        chosen.map(|row| number(row, "w_norm").ln()).sum::<f64>() / 40.0
    };
    let slope = (mean("100.0") - mean("10.0")) / 10f64.ln();
    assert!((number(&found[4], "measured") / slope - 1.0).abs() < 1e-12);
    let (lo, hi) = (number(&found[4], "interval_lo"), number(&found[4], "interval_hi"));
    assert!(lo < slope && slope < hi && hi - lo < 1.0, "{lo} {hi}");
}

#[test]
fn verify_measures_anew_and_what_is_not_met_is_a_finding() {
    let dir = scratch();
    let unmet = "[[expect]]\nid = \"wrong\"\nvalue = \"effective_df\"\nstat = \"mean\"\nat_least = 4.0\n\
                 [[expect]]\nid = \"nothing\"\nwhere = \"lambda == 3\"\nvalue = \"lambda\"\nstat = \"mean\"\nat_least = 0.0\n\
                 [[expect]]\nid = \"infinite\"\nvalue = \"lambda\"\nstat = \"max\"\neach = \"d\"\nat_most = \"d / 0\"\n\
                 [[expect]]\nid = \"negative\"\nvalue = \"-w_norm\"\nstat = \"geometric-mean\"\nat_most = 1.0\n\
                 [[expect]]\nid = \"one-x\"\nwhere = \"lambda == 10\"\nvalue = \"w_norm\"\nx = \"0.1\"\nstat = \"slope\"\nat_most = 1e300\n\
                 [[expect]]\nid = \"no-number\"\nvalue = \"log(lambda)\"\nstat = \"max\"\nat_most = 1e9\n";
    let (out, said) = run(dir.path(), &format!("{MET}{unmet}"));
    assert!(said.contains("expectation wrong is not met: mean of effective_df is"), "{said}");
    assert!(
        said.contains(
            "expectation nothing is not met: mean of lambda cannot be taken, 0 rows of table ridge, expected at least 0"
        ),
        "{said}"
    );
    assert!(
        said.contains("expectation no-number is not met") && said.contains("80 more rows have no number"),
        "{said}"
    );
    assert!(said.contains("3 of 9 expectations met, in 12 cells"), "{said}");
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("id=\"expectations\"") && page.contains("df-below-d"), "the page has them");

    let verify = || {
        let done = nullsweep().arg("verify").arg(&out).args(["--fraction", "0"]).assert();
        (done.get_output().status.code(), text(&done.get_output().stdout))
    };
    let (code, said) = verify();
    assert!(said.contains("expectation wrong is not met") && said.contains("7 findings"), "{said}");
    assert_eq!(code, Some(3));

    // A config that expects what is true: nothing is computed again, and verify is content.
    let (out, _) = run(dir.path(), MET);
    let (code, said) = verify();
    assert_eq!((code, said.contains("3 of 3 expectations met, in 5 cells")), (Some(0), true), "{said}");

    // A table that says otherwise is found, even were its hash the right one: the file is not what is believed.
    let path = out.join("ridge.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    let column = table.lines().next().unwrap().split(',').position(|name| name == "effective_df").unwrap();
    let row = table.lines().nth(1).unwrap();
    let mut fields: Vec<&str> = row.split(',').collect();
    fields[column] = "3.5";
    std::fs::write(&path, table.replace(row, &fields.join(","))).unwrap();
    let (code, said) = verify();
    assert!(said.contains("expectation df-below-d is not met at d = 3: max of effective_df is 3.5"), "{said}");
    assert_eq!(code, Some(3));
}

#[test]
fn expectations_belong_to_the_run_as_its_tables_do() {
    let dir = scratch();
    let (out, _) = run(dir.path(), MET);
    let listed = || {
        let manifest = manifest(&out);
        manifest["files"].as_array().unwrap().iter().any(|file| file["name"] == "expectations.csv")
    };
    assert!(listed());
    let before = promised_bytes(&out);
    run(dir.path(), "");
    assert!(!out.join("expectations.csv").exists() && !listed());
    run(dir.path(), MET);
    assert_eq!(promised_bytes(&out), before);
}

#[test]
fn what_cannot_be_expected_is_refused_with_its_place() {
    let body = |rest: &str| format!("id = \"a\"\nvalue = \"effective_df\"\nstat = \"mean\"\n{rest}");
    for (expectation, words) in [
        (body(""), "without a bound"),
        (body("at_leest = 2"), "did you mean `at_least`?"),
        (body("at_least = 2\nat_most = 1"), "nothing is at least at_least"),
        (body("at_most = \"lambda\""), "expect.at_most: lambda may differ from row to row"),
        (body("at_most = \"kapa\""), "there is no `kapa`"),
        (body("at_most = true"), "expected a number"),
        (body("at_most = 1\nx = \"lambda\""), "belongs to stat = \"slope\""),
        (body("at_most = 1\neach = \"kappa\""), "no table of this run has kappa beside effective_df"),
        (body("at_most = 1\ntable = \"descent\""), "this run does not write that table"),
        (body("at_most = 1\nclaims = \"it\""), "did you mean `claim`?"),
        (body("at_most = 1\nwhere = \"solver == 3\""), "a word such as"),
        ("id = \"a\"\nvalue = \"effective_df\"\nstat = \"slope\"\nat_most = 1".to_owned(), "expect.x is missing"),
        ("id = \"a\"\nvalue = \"effective_df\"\nstat = \"mode\"\nat_most = 1".to_owned(), "no such choice"),
        ("value = \"effective_df\"\nstat = \"mean\"\nat_most = 1".to_owned(), "expect.id is missing"),
        ("id = \"a b\"\nvalue = \"effective_df\"\nstat = \"mean\"\nat_most = 1".to_owned(), "cannot be an id"),
        (format!("{0}\n[[expect]]\n{0}", body("at_most = 1")), "another expectation has the same id"),
        ("id = \"a\"\nstat = \"mean\"\nat_most = 1".to_owned(), "expect.value is missing"),
    ] {
        let said = parse(&expectation).expect_err(&expectation);
        assert!(said.contains(words) && said.starts_with("a.toml:"), "{expectation}\n{said}\nlacks {words}");
    }
    assert_eq!(parse(&body("at_most = 1")).unwrap().expectations[0].table, "ridge");
    let table = format!("{RUN}\n[expect]\n{}\n", body("at_most = 1"));
    let said = Config::parse(&table, Path::new("a.toml"), &[]).unwrap_err().to_string();
    assert!(said.contains("write [[expect]]"), "{said}");
}
