//! report.html of a real run: complete, safe, self-contained, the same every time.

#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

use std::path::Path;

use assert_cmd::Command;
use nullsweep::record::Manifest;
use nullsweep::report::{Figure, render};

const CONFIG: &str = r#"
name = "report"
question = "What if </script><script>alert('x')</script> & co?"
tables = ["spectrum", "ridge"]
[design]
kind = "collinear"
seed = 3
replicates = 4
[grid]
n = [6, 12]
d = 5
epsilon = [1e-20, 1e-3]
lambda = [0.0, 0.1]
[verify]
fraction = 0.0
"#;

fn run(dir: &Path, config: &str) -> (std::path::PathBuf, Manifest) {
    let file = dir.join("report.toml");
    std::fs::write(&file, config).unwrap();
    let out = dir.join("out");
    let mut command = Command::cargo_bin("nullsweep").unwrap();
    command.args(["run", "--quiet", "--device", "cpu", "--out"]).arg(&out).arg(&file).assert().success();
    let manifest = Manifest::read(&out).unwrap().unwrap();
    (out, manifest)
}

fn figure() -> Figure {
    Figure {
        id: "kappa".to_owned(),
        svg: "<svg viewBox=\"0 0 1 1\"><title>kappa</title></svg>".to_owned(),
        files: vec!["figures/kappa.pdf".to_owned(), "figures/kappa.csv".to_owned()],
    }
}

#[test]
fn the_page_has_everything_and_needs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (out, manifest) = run(dir.path(), CONFIG);
    let page = render(&out, &manifest, &[figure()]).unwrap();
    if let Some(target) = std::env::var_os("NULLSWEEP_REPORT") {
        std::fs::write(target, &page).unwrap();
    }

    for part in [
        "<h1>report</h1>",
        "What if &lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; co?",
        "<b>16</b>trials",
        "status unresolved",
        "<svg viewBox=\"0 0 1 1\">",
        "<a href=\"figures/kappa.pdf\">pdf</a>",
        "<h3>ridge</h3>",
        "np.random.default_rng([3, n, d, replicate])",
        "X[:, -1] = X[:, 0] + epsilon * X[:, -1]",
        "print(np.linalg.svd(X, compute_uv=False))",
        &manifest.identity.sha256,
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Four cells in the spectrum's table, twice as many in that of ridge, and the files.
    let rows = page.matches("<tr><td class=\"key\"").count();
    assert_eq!(rows, 4 + 8);
    for outside in ["http", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}: the page must not need anything else");
    }
    assert_eq!(page.matches("<script>").count(), 1, "nothing of the config becomes a script");
    assert_eq!(page, render(&out, &manifest, &[figure()]).unwrap());
}

#[test]
fn medians_are_those_of_the_summary() {
    let dir = tempfile::tempdir().unwrap();
    let (out, manifest) = run(dir.path(), CONFIG);
    let page = render(&out, &manifest, &[]).unwrap();
    let summary = std::fs::read_to_string(out.join("summary.csv")).unwrap();
    let line =
        summary.lines().find(|line| line.starts_with("spectrum,6,5,0.001") && line.contains(",sigma_max,")).unwrap();
    let header: Vec<&str> = summary.lines().next().unwrap().split(',').collect();
    let median = line.split(',').nth(header.iter().position(|name| *name == "median").unwrap()).unwrap();
    let rounded = format!("{:.4}", median.parse::<f64>().unwrap());
    assert!(page.contains(&format!(">{}</td>", rounded.trim_end_matches('0'))), "{rounded}");
    assert!(!page.contains("id=\"figures\""), "no empty section");
}

#[test]
fn a_folder_without_its_tables_is_an_error_that_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (out, manifest) = run(dir.path(), CONFIG);
    std::fs::write(out.join("columns.json"), "{}").unwrap();
    assert!(render(&out, &manifest, &[]).unwrap_err().to_string().contains("columns.json"));
    std::fs::remove_file(out.join("columns.json")).unwrap();
    assert!(render(&out, &manifest, &[]).unwrap_err().to_string().contains("columns.json"));
}
