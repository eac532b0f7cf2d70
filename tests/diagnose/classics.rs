//! The textbook cases: published tables, what statsmodels and scikit-learn say (tests/fixtures/diagnose.py), and cases whose answer is known.

use serde_json::{Value, json};

use super::{Files, SALARY, check_schema, close, number, numbers};

/// What other programs say, recorded.
pub(super) fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/diagnose.json")).unwrap()
}

/// A recorded number.
pub(super) fn word(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

pub(super) fn words(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(word).collect()
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(format!("{}/configs/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// `text` with a column of ones in front.
fn with_intercept(text: &str) -> String {
    let mut lines = text.lines();
    let header = format!("intercept,{}\n", lines.next().unwrap());
    lines.fold(header, |text, line| text + "1," + line + "\n")
}

/// A CSV table of columns.
fn table(names: &[&str], columns: &[Vec<f64>]) -> String {
    let row = |i: usize| columns.iter().map(|column| column[i].to_string()).collect::<Vec<_>>().join(",");
    let rows: Vec<String> = (0..columns[0].len()).map(row).collect();
    format!("{}\n{}\n", names.join(","), rows.join("\n"))
}

pub(super) fn longley() -> Value {
    let files = Files::new().csv("longley.csv", &with_intercept(&shipped("longley.csv")));
    let line = files.json(&["longley.csv", "--target", "employed"], 0).remove(0);
    check_schema(&line, 16, 7);
    line
}

fn findings<'a>(line: &'a Value, kind: &str) -> Vec<&'a Value> {
    line["findings"].as_array().unwrap().iter().filter(|finding| finding["kind"] == kind).collect()
}

/// All sentences in a row, to be shown when a test fails.
fn told(line: &Value) -> String {
    let findings = line["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["sentence"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn longley_has_the_published_condition_indices_and_proportions() {
    // As the package olsrr prints them for R's data set `longley` (`ols_eigen_cindex`): intercept, deflator, gnp, unemployed, armed,
    // population, year.
    let printed = [
        (1.0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        (9.142, [0.0, 0.0, 0.0, 0.014, 0.092, 0.0, 0.0]),
        (12.256, [0.0, 0.0, 0.0, 0.001, 0.064, 0.0, 0.0]),
        (25.337, [0.0, 0.0, 0.001, 0.065, 0.427, 0.0, 0.0]),
        (230.424, [0.0, 0.457, 0.016, 0.006, 0.115, 0.010, 0.0]),
        (1048.080, [0.0, 0.505, 0.328, 0.225, 0.0, 0.831, 0.0]),
        (43_275.043, [1.0, 0.038, 0.655, 0.689, 0.302, 0.160, 1.0]),
    ];
    let line = longley();
    let recorded = &recorded()["longley"]["belsley"];
    let (indices, exact) = (numbers(&line["condition_indices"]), words(&recorded["indices"]));
    for (k, (index, proportions)) in printed.into_iter().enumerate() {
        assert!((indices[k] - index).abs() < 6e-4, "{} {index}", indices[k]);
        close(indices[k], exact[k], 1e-9);
        let (found, exact) = (numbers(&line["variance_proportions"][k]), words(&recorded["proportions"][k]));
        for j in 0..7 {
            assert!((found[j] - proportions[j]).abs() < 6e-4, "({k}, {j}): {} {}", found[j], proportions[j]);
            assert!((found[j] - exact[j]).abs() < 1e-9, "({k}, {j}): {} {}", found[j], exact[j]);
        }
    }
    let near = findings(&line, "near-dependency");
    assert_eq!(near[0]["columns"], json!(["intercept", "gnp", "unemployed", "year"]), "{}", told(&line));
    assert_eq!(near[1]["columns"], json!(["deflator", "population"]), "{}", told(&line));
    let scaled = &line["kappa_scaled"];
    assert!(number(&scaled["lo"]) <= exact[6] && exact[6] <= number(&scaled["hi"]), "{scaled} {}", exact[6]);
    assert_eq!(findings(&line, "scaling").len(), 1, "{}", told(&line));
}

#[test]
fn longley_has_nists_certified_coefficients_and_statsmodels_numbers() {
    // NIST Statistical Reference Datasets, Longley.
    let certified = [
        -3_482_258.634_595_82,
        15.061_872_271_373_3,
        -0.358_191_792_925_910e-1,
        -2.020_229_803_816_83,
        -1.033_226_867_173_59,
        -0.511_041_056_535_807e-1,
        1_829.151_464_613_55,
    ];
    let line = longley();
    for (w, certified) in numbers(&line["solutions"][0]["w"]).into_iter().zip(certified) {
        close(w, certified, 1e-14);
    }
    // NIST: residual sum of squares 836424.055505915, R^2 0.995479004577296.
    close(number(&line["solutions"][0]["residual_norm"]), 836_424.055_505_915_f64.sqrt(), 1e-14);
    close(number(&line["r_squared"]), 0.995_479_004_577_296, 1e-13);
    let recorded = &recorded()["longley"];
    close(number(&line["kappa"]["value"]), word(&recorded["condition_number"]), 1e-6);
    let vif = line["vif"].as_array().unwrap();
    assert!(vif[0].is_null(), "the constant column has no factor");
    // statsmodels inverts less accurately than the seven digits that follow.
    for (found, expected) in vif[1..].iter().zip(&words(&recorded["vif"])[1..]) {
        close(number(found), *expected, 1e-7);
    }
}

#[test]
fn diabetes_has_its_two_collinear_serum_columns() {
    let files = Files::new().csv("diabetes.csv", &with_intercept(&shipped("diabetes.csv")));
    let line = files.json(&["diabetes.csv", "--target", "y"], 0).remove(0);
    check_schema(&line, 442, 11);
    let recorded = &recorded()["diabetes"];
    for (found, expected) in line["vif"].as_array().unwrap()[1..].iter().zip(words(&recorded["vif"])) {
        close(number(found), expected, 1e-10);
    }
    let inflated = &findings(&line, "inflation")[0];
    assert_eq!(inflated["columns"], json!(["s1", "s2", "s3", "s5"]), "{}", told(&line));
    assert!(inflated["sentence"].as_str().unwrap().contains("s1 59.2025, s2 39.1934"), "{inflated}");
    let together = findings(&line, "near-dependency");
    let serum = |finding: &&&Value| {
        let columns = finding["columns"].as_array().unwrap();
        ["s1", "s2"].iter().all(|name| columns.contains(&json!(name)))
    };
    assert!(together.iter().any(|finding| serum(&finding)), "{}", told(&line));
}

#[test]
fn without_a_constant_column_the_difference_from_statsmodels_is_told() {
    let files = Files::new().csv("diabetes.csv", &shipped("diabetes.csv"));
    let line = files.json(&["diabetes.csv", "--target", "y"], 0).remove(0);
    let recorded = &recorded()["diabetes"];
    for key in [("vif", "vif"), ("vif_uncentred", "vif_without_constant")] {
        for (found, expected) in numbers(&line[key.0]).into_iter().zip(words(&recorded[key.1])) {
            close(found, expected, 1e-9);
        }
    }
    close(number(&line["kappa"]["value"]), word(&recorded["condition_number"]), 1e-12);
    let sentence = findings(&line, "inflation")[0]["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("statsmodels before 0.15, which neither adds one nor centres, prints other factors"),
        "{sentence}"
    );
}

#[test]
fn ridge_with_an_intercept_is_scikit_learns_and_so_are_the_errors_left_out() {
    let files = Files::new().csv("diabetes.csv", &with_intercept(&shipped("diabetes.csv")));
    for expected in recorded()["diabetes"]["ridge"].as_array().unwrap() {
        let lambda = word(&expected["lambda"]);
        // The best of a grid of two around a penalty lies at one of its ends: the grid begins with the penalty.
        let grid = format!("{lambda}:{}:2", lambda * 1e6);
        let line = files.json(&["diabetes.csv", "--target", "y", "--ridge-grid", &grid], 0).remove(0);
        let ridge = &line["ridge"];
        assert_eq!(ridge["intercept"], "intercept");
        let (point, best) = (&ridge["path"][0], &ridge["best"]);
        assert_eq!((number(&point["lambda"]), number(&best["lambda"])), (lambda, lambda));
        close(number(&point["loo"]), word(&expected["loo"]), 1e-9);
        for (w, expected) in numbers(&best["w"]).into_iter().zip(words(&expected["w"])) {
            assert!((w - expected).abs() < 1e-9 * (1.0 + expected.abs()), "lambda {lambda}: {w} {expected}");
        }
    }
}

#[test]
fn the_dummy_variable_trap_is_named() {
    let quarter = |wanted: usize| (0..12).map(|i| f64::from(u8::from(i % 4 == wanted))).collect::<Vec<_>>();
    let columns = [
        vec![1.0; 12],
        quarter(0),
        quarter(1),
        quarter(2),
        quarter(3),
        (0..12).map(|i| f64::from(i * i % 7)).collect(),
    ];
    let files = Files::new().csv("trap.csv", &table(&["intercept", "q1", "q2", "q3", "q4", "price"], &columns));
    let line = files.json(&["trap.csv"], 0).remove(0);
    let exact = findings(&line, "exact-dependency");
    assert_eq!(exact.len(), 1, "{}", told(&line));
    let sentence = exact[0]["sentence"].as_str().unwrap();
    assert!(sentence.contains("1 * intercept - 1 * q1 - 1 * q2 - 1 * q3 - 1 * q4 = 0"), "{sentence}");
    assert_eq!(findings(&line, "not-identifiable")[0]["columns"], json!(["intercept", "q1", "q2", "q3", "q4"]));
    let vif = line["vif"].as_array().unwrap();
    // Null is infinite, or a constant column; the price alone is determined.
    assert!(vif[..5].iter().all(Value::is_null) && number(&vif[5]) >= 1.0, "{vif:?}");
}

#[test]
fn a_polynomial_of_the_year_is_ill_conditioned_until_it_is_centred() {
    let years: Vec<f64> = (1990..2021).map(f64::from).collect();
    let polynomial = |shift: f64| {
        let power = |k: i32| years.iter().map(|year| (year - shift).powi(k)).collect::<Vec<_>>();
        table(&["one", "year", "squared", "cubed"], &[power(0), power(1), power(2), power(3)])
    };
    let files = Files::new().csv("raw.csv", &polynomial(0.0)).csv("centred.csv", &polynomial(2005.0));
    let lines = files.json(&["raw.csv", "centred.csv"], 0);
    let last = |line: &Value| *numbers(&line["condition_indices"]).last().unwrap();
    assert!(last(&lines[0]) > 1e5 && last(&lines[1]) < 10.0, "{} {}", last(&lines[0]), last(&lines[1]));
    let near = findings(&lines[0], "near-dependency");
    assert_eq!(near[0]["columns"], json!(["one", "year", "squared", "cubed"]), "{}", told(&lines[0]));
    assert!(findings(&lines[1], "near-dependency").is_empty(), "{}", told(&lines[1]));
    assert_eq!((&lines[0]["normal_equations"], &lines[1]["normal_equations"]), (&"not safe".into(), &"safe".into()));
}

#[test]
fn a_rescaled_column_makes_kappa_but_no_collinearity() {
    let (a, b): (Vec<f64>, Vec<f64>) = (0..20).map(|i| (f64::from(i % 5) - 2.0, f64::from(i % 7) - 3.0)).unzip();
    let grams: Vec<f64> = b.iter().map(|b| 1e9 * b).collect();
    let files = Files::new().csv("units.csv", &table(&["a", "b"], &[a, grams]));
    let line = files.json(&["units.csv"], 0).remove(0);
    assert!(number(&line["kappa"]["lo"]) > 1e8 && number(&line["kappa_scaled"]["hi"]) < 2.0, "{line}");
    let scaling = findings(&line, "scaling");
    assert!(scaling[0]["sentence"].as_str().unwrap().contains("nothing is left of it"), "{}", told(&line));
    assert!(findings(&line, "near-dependency").is_empty() && line["normal_equations"] == "safe", "{}", told(&line));
}

#[test]
fn a_near_dependency_is_put_in_words_where_it_is_round() {
    // Parts and a total that was rounded to whole numbers.
    let part = |k: u32| {
        (0..25).map(|i| f64::from((i * (7 + k) + k * k) % 97) + 0.1 * f64::from(i * k % 10)).collect::<Vec<_>>()
    };
    let [a, b, c] = [part(1), part(2), part(3)];
    let total: Vec<f64> = (0..25).map(|i| (a[i] + b[i] + c[i]).round()).collect();
    let files = Files::new().csv("parts.csv", &table(&["a", "b", "c", "total"], &[a, b, c, total]));
    let line = files.json(&["parts.csv"], 0).remove(0);
    let near = findings(&line, "near-dependency");
    assert_eq!(near[0]["columns"], json!(["a", "b", "c", "total"]), "{}", told(&line));
    let sentence = near[0]["sentence"].as_str().unwrap();
    assert!(sentence.contains("Nearly 1 * a + 1 * b + 1 * c - 1 * total = 0"), "{sentence}");
}

#[test]
fn the_salary_table_gives_the_findings_of_the_textbook() {
    let files = Files::new().csv("salary.csv", SALARY);
    let line = files.json(&["salary.csv", "--target", "salary"], 0).remove(0);
    let kinds: Vec<&str> =
        line["findings"].as_array().unwrap().iter().map(|finding| finding["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["exact-dependency", "not-identifiable"], "{}", told(&line));
    assert!(kinds.contains(&"residual"));
    assert_eq!(line["vif"], json!([null, null, null]));
    assert!(line["digits"].is_null(), "no digit is promised of weights that are not identifiable");
    // The residual is that of a line, whose R^2 is the squared correlation.
    let (x, y) = ([1.0, 2.0, 3.0, 5.0, 8.0, 10.0_f64], [32.0, 39.0, 36.0, 45.0, 46.0, 50.0_f64]);
    let mean = |v: &[f64]| v.iter().sum::<f64>() / 6.0;
    let (mx, my) = (mean(&x), mean(&y));
    let products =
        |a: &[f64], ma: f64, b: &[f64], mb: f64| a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum::<f64>();
    let expected = products(&x, mx, &y, my).powi(2) / products(&x, mx, &x, mx) / products(&y, my, &y, my);
    close(number(&line["r_squared"]), expected, 1e-13);
}

#[test]
fn a_row_alone_with_a_column_decides_its_weight() {
    let flag: Vec<f64> = (0..10).map(|i| f64::from(u8::from(i == 6))).collect();
    let files = Files::new()
        .csv("flag.csv", &table(&["one", "x", "flag"], &[vec![1.0; 10], (0..10).map(f64::from).collect(), flag]));
    let line = files.json(&["flag.csv"], 0).remove(0);
    close(number(&line["leverage"]["leverage"]), 1.0, 1e-14);
    assert_eq!((&line["leverage"]["row"], &line["leverage"]["column"]), (&7.into(), &"flag".into()));
    let sentence = findings(&line, "leverage")[0]["sentence"].as_str().unwrap();
    assert!(sentence.contains("it alone determines a weight, foremost that of flag"), "{sentence}");
}

#[test]
fn more_columns_than_rows_have_findings_that_make_sense() {
    let files = Files::new().csv("wide.csv", "a,b,c,d,y\n1,2,3,4,1\n2,1,0,5,2\n0,1,1,1,4\n");
    let line = files.json(&["wide.csv", "--target", "y"], 0).remove(0);
    check_schema(&line, 3, 4);
    assert_eq!(findings(&line, "not-identifiable").len(), 1, "{}", told(&line));
    for key in ["condition_indices", "vif", "leverage", "digits", "r_squared"] {
        assert!(line[key].is_null(), "{key}: {}", line[key]);
    }
    let ridge = &line["ridge"];
    assert!(ridge["unpenalised_loo"].is_null() && number(&ridge["path"][0]["loo"]) > 0.0, "{ridge}");
    assert!(number(&ridge["bounded"]["lambda"]) > 0.0);
}
