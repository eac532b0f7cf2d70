//! Figures as a user meets them: drawn by a run, drawn again, compared, refused with a remedy.

use std::fs;
use std::path::{Path, PathBuf};

use super::{figure_bytes, manifest, nullsweep, promised_bytes, run_on_cpu, scratch, text};

const RUN: &str = "\
name = \"small\"
tables = [\"spectrum\", \"ridge\"]
[design]
kind = \"collinear\"
seed = 2
replicates = 8
[target]
weights = \"normal\"
noise = 0.1
[grid]
n = [12, 16]
d = [3, 4]
epsilon = { log = [1e-10, 1e-1], count = 4 }
lambda = { log = [1e-4, 1e2], count = 4, with = [0.0] }
";

const FIGURES: &str = "
[[figure]]
id = \"kappa\"
kind = \"line\"
x = \"epsilon\"
y = \"kappa\"
by = \"d\"
facet = \"n\"
band = \"interval\"
lines = [{ f = \"2 / x\", label = \"$2/\\\\epsilon$\" }, { y = 1e16 }, { x = 1e-8 }]
[[figure]]
id = \"errors\"
kind = \"line\"
x = \"lambda\"
y = [\"bias2\", \"variance\", \"test_mse\"]
stat = \"mean\"
where = \"lambda > 0 and n == 12\"
width = \"neurips\"
title = \"Bias and variance\"
[[figure]]
id = \"cloud\"
kind = \"scatter\"
x = \"sigma_min\"
y = \"kappa\"
by = \"d\"
[[figure]]
id = \"map\"
kind = \"heatmap\"
x = \"epsilon\"
y = \"lambda\"
value = \"kappa_ridge\"
facet = \"n\"
where = \"lambda > 0\"
[[figure]]
id = \"shares\"
kind = \"ecdf\"
x = \"kappa * epsilon\"
by = [\"n\", \"d\"]
[[figure]]
id = \"bars\"
kind = \"histogram\"
x = \"sigma_max\"
by = \"n\"
";
const IDS: [&str; 6] = ["kappa", "errors", "cloud", "map", "shares", "bars"];

/// A config of these figures in `dir`.
fn config(dir: &Path, figures: &str) -> PathBuf {
    let path = dir.join("small.toml");
    fs::write(&path, format!("{RUN}{figures}")).unwrap();
    path
}

/// Runs the config with these figures into `dir/out`.
fn drawn(dir: &Path, figures: &str) -> PathBuf {
    let out = dir.join("out");
    run_on_cpu(&config(dir, figures), &out).assert().success();
    out
}

/// `nullsweep figures OUT ...`: its exit code and what it says on both streams.
fn figures(out: &Path, args: &[&str]) -> (i32, String) {
    let done = nullsweep().arg("figures").arg(out).args(args).output().unwrap();
    (done.status.code().unwrap(), text(&done.stdout) + &text(&done.stderr))
}

#[test]
fn a_run_draws_every_kind_and_draws_the_same_again() {
    let dir = scratch();
    let out = drawn(dir.path(), FIGURES);
    let first = figure_bytes(&out);
    for id in IDS {
        for extension in ["csv", "pdf", "svg", "png"] {
            assert!(first[&format!("{id}.{extension}")].len() > 200, "{id}.{extension}");
        }
    }
    assert_eq!(first.len(), 4 * IDS.len());
    let (code, said) = figures(&out, &["--check"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("all 24 files are as they would be drawn now"), "{said}");

    fs::remove_dir_all(out.join("figures")).unwrap();
    let (code, said) = figures(&out, &[]);
    assert_eq!((code, figure_bytes(&out) == first), (0, true), "{said}");

    let (code, said) = figures(&out, &["--only", "kappa", "--format", "tikz"]);
    assert_eq!(code, 0, "{said}");
    let tex = fs::read_to_string(out.join("figures/kappa.tex")).unwrap();
    assert!(tex.contains("{kappa.csv}") && tex.contains("fill between"), "{tex}");
    // What is there is compared, asked for or not.
    fs::write(out.join("figures/kappa.tex"), tex.replace("kappa.csv", "other.csv")).unwrap();
    let (code, said) = figures(&out, &["--check"]);
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("figures/kappa.tex: is not what the tables and the config give"), "{said}");
}

#[test]
fn the_numbers_are_those_of_the_tables() {
    let dir = scratch();
    let out = drawn(dir.path(), FIGURES);
    let tables = super::rows(&out.join("spectrum.csv"));
    for point in super::rows(&out.join("figures/kappa.csv")).iter().filter(|row| row["mark"] == "curve") {
        let is_of_point = |row: &&std::collections::BTreeMap<String, String>| {
            format!("n = {}", row["n"]) == point["panel_title"]
                && row["d"] == point["name"]
                && row["epsilon"] == point["x"]
        };
        let mut kappas: Vec<f64> = tables.iter().filter(is_of_point).map(|row| super::number(row, "kappa")).collect();
        kappas.sort_by(f64::total_cmp);
        assert_eq!((kappas.len(), point["count"].as_str()), (8, "8"));
        assert_eq!(super::number(point, "y"), f64::midpoint(kappas[3], kappas[4]), "{point:?}");
        // Of eight values the smallest and the largest enclose the median with 99 %, the next ones with 93 % only.
        assert_eq!([super::number(point, "lo"), super::number(point, "hi")], [kappas[0], kappas[7]]);
    }
}

#[test]
fn one_changed_byte_and_one_lost_file_are_found() {
    let dir = scratch();
    let out = drawn(dir.path(), FIGURES);
    let svg = out.join("figures/cloud.svg");
    let mut bytes = fs::read(&svg).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&svg, bytes).unwrap();
    fs::remove_file(out.join("figures/bars.csv")).unwrap();
    let done = nullsweep().args(["figures", "--check", "--json"]).arg(&out).output().unwrap();
    assert_eq!(done.status.code(), Some(5));
    let found: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        found["differences"],
        serde_json::json!([
            { "file": "figures/cloud.svg", "what": "changed" },
            { "file": "figures/bars.csv", "what": "missing" },
        ])
    );
    assert_eq!(found["compared"], 24);
}

#[test]
fn a_figure_that_fails_keeps_the_tables_and_the_other_figures() {
    let dir = scratch();
    let out = dir.path().join("out");
    for (figure, words) in [
        (
            "id = \"bad\"\nkind = \"line\"\nx = \"lambda\"\ny = \"test_mse\"\nx_scale = \"log\"\n",
            [
                "figure bad: x: lambda is 0.0 at n = 12, d = 3, epsilon = 1e-10, replicate = 0, lambda = 0",
                "leave such rows out by where = \"lambda > 0\", or set x_scale = \"linear\"",
            ],
        ),
        (
            "id = \"bad\"\nkind = \"ecdf\"\nx = \"kappa\"\nwhere = \"n == 13\"\n",
            ["figure bad: where = \"n == 13\" leaves no row of table spectrum", "loosen the condition"],
        ),
        (
            "id = \"bad\"\nkind = \"scatter\"\nx = \"replicate\"\ny = \"gram_digits_lost / 0\"\n",
            ["figure bad: none of the 128 selected rows of table spectrum has finite numbers", "choose other columns"],
        ),
        (
            "id = \"bad\"\nkind = \"line\"\nx = \"n\"\ny = \"kappa\"\nband = \"interval\"\nwhere = \"replicate < 1 and d == 3 and epsilon > 0.01\"\n",
            ["figure bad: band = \"interval\" needs 6 rows at an x, and no x has more than 1", "band = \"range\" one"],
        ),
    ] {
        let figures = format!("[[figure]]\n{figure}[[figure]]\nid = \"good\"\nkind = \"ecdf\"\nx = \"kappa\"\n");
        let done = run_on_cpu(&config(dir.path(), &figures), &out).arg("--json").assert().code(1);
        let said = text(&done.get_output().stderr);
        for words in words {
            assert!(said.contains(words), "{said}");
        }
        let summary: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
        assert_eq!(summary["figures"][0]["id"], "good");
        assert!(summary["failed_figures"][0].as_str().unwrap().contains("figure bad"));
        assert!(out.join("spectrum.csv").exists() && out.join("figures/good.pdf").exists());
        assert!(!out.join("figures/bad.csv").exists());
    }
}

#[test]
fn only_figures_changed_is_only_drawn_again() {
    let dir = scratch();
    let out = drawn(dir.path(), FIGURES);
    let tables = promised_bytes(&out);
    let changed = FIGURES.replace("width = \"neurips\"", "width = \"slide\"");
    run_on_cpu(&config(dir.path(), &changed), &out).assert().success();
    assert_eq!(manifest(&out)["attempts"][1]["done_before"], manifest(&out)["trials"]["total"], "nothing is computed");
    let again = promised_bytes(&out);
    for (name, bytes) in &tables {
        let is_redrawn =
            ["errors.pdf", "errors.svg", "errors.png"].iter().any(|file| *name == format!("figures/{file}"));
        assert_eq!(again[name] != *bytes, is_redrawn, "{name}");
    }
}

#[test]
fn figures_of_an_old_run_go_aside_with_it_and_other_files_stay() {
    let dir = scratch();
    let out = drawn(dir.path(), FIGURES);
    let old = figure_bytes(&out);
    fs::write(out.join("figures/mine.pdf"), "mine").unwrap();
    run_on_cpu(&config(dir.path(), ""), &out).args(["--fresh"]).assert().success();
    assert!(figure_bytes(&dir.path().join("out.old-1")) == old);
    let left = figure_bytes(&out);
    assert_eq!(left.keys().collect::<Vec<_>>(), ["mine.pdf"]);
}

#[test]
fn a_run_without_figures_draws_none_and_a_merge_draws_them_all() {
    let dir = scratch();
    let whole = drawn(dir.path(), FIGURES);
    let config = config(dir.path(), FIGURES);
    let undrawn = dir.path().join("undrawn");
    run_on_cpu(&config, &undrawn).arg("--no-figures").assert().success();
    assert!(!undrawn.join("figures").exists());

    let shards = ["0/2", "1/2"].map(|shard| {
        let out = dir.path().join(shard.replace('/', "-of-"));
        run_on_cpu(&config, &out).args(["--shard", shard]).assert().success();
        assert!(!out.join("figures").exists());
        out
    });
    let (code, said) = figures(&shards[0], &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("shard 0/2") && said.contains("merge"), "{said}");
    let merged = dir.path().join("merged");
    nullsweep().arg("merge").args(&shards).arg("--out").arg(&merged).assert().success();
    assert!(figure_bytes(&merged) == figure_bytes(&whole));
}

#[test]
fn what_cannot_be_drawn_is_refused_with_a_remedy() {
    let dir = scratch();
    let (code, said) = figures(dir.path(), &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("no manifest.json here"), "{said}");

    let out = drawn(dir.path(), FIGURES);
    for (args, words) in [
        (
            &["--only", "kapa"][..],
            "--only kapa: no such figure\n  this run has kappa, errors, cloud, map, shares, bars",
        ),
        (&["--format", "gif"][..], "give pdf, svg, png or tikz"),
    ] {
        let (code, said) = figures(&out, args);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(words), "{said}");
    }
    fs::write(out.join("ridge.csv"), "n,d\n").unwrap();
    let (code, said) = figures(&out, &["--only", "map"]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("ridge.csv is not the file that the run wrote") && said.contains("run the config again"),
        "{said}"
    );
}

#[test]
fn a_law_is_drawn_over_the_curve_and_between_its_points() {
    let dir = scratch();
    let path = dir.path().join("law.toml");
    let text = "\
[design]\nkind = \"gaussian\"\nreplicates = 4\n[grid]\nn = 40\nd = [4, 10, 30]\n\
[[figure]]\nid = \"law\"\nkind = \"line\"\nx = \"d / n\"\ny = [\"kappa\", \"log( kappa )\"]\nstat = \"mean\"\n\
theory = [\"gaussian-log-kappa\"]\n";
    fs::write(&path, text).unwrap();
    let out = dir.path().join("out");
    run_on_cpu(&path, &out).assert().success();
    let rows = super::rows(&out.join("figures/law.csv"));
    let of = |mark: &str| -> Vec<(String, f64)> {
        let of_mark = rows.iter().filter(|row| row["mark"] == mark);
        of_mark.map(|row| (row["x"].clone(), super::number(row, "y"))).collect()
    };
    let (curves, law) = ([of("curve"), of("estimates")].concat(), of("theory"));
    // Every d from 4 to 30 once: counts are whole numbers.
    assert_eq!((curves.len(), law.len()), (6, 27), "{law:?}");
    for (x, mean) in &curves[3..] {
        let (_, expected) = law.iter().find(|(of_law, _)| of_law == x).expect("a value at each point");
        assert!((mean - expected).abs() < 0.5, "log kappa at {x}: {mean}, and {expected} by the law");
    }
    assert!(law.windows(2).all(|pair| pair[0].1 < pair[1].1), "{law:?}");
}

/// Whether `pdflatex` sets the pictures of all kinds without an error.
#[test]
#[ignore = "needs pdflatex with pgfplots (Debian: texlive-latex-base, texlive-pictures); run it with --ignored"]
fn tikz_compiles() {
    let dir = scratch();
    let out = drawn(dir.path(), FIGURES);
    let (code, said) = figures(&out, &["--format", "tikz"]);
    assert_eq!(code, 0, "{said}");
    let inputs: Vec<String> = IDS.iter().map(|id| format!("\\input{{{id}}}\\par\n")).collect();
    let document = format!(
        "\\documentclass{{article}}\n\\usepackage{{amsmath, pgfplots}}\n\\usepgfplotslibrary{{fillbetween, groupplots}}\n\
         \\pgfplotsset{{compat=1.16}}\n\\begin{{document}}\n{}\\end{{document}}\n",
        inputs.concat()
    );
    let folder = out.join("figures");
    fs::write(folder.join("all.tex"), document).unwrap();
    let done = std::process::Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "all.tex"])
        .current_dir(&folder)
        .output()
        .expect("pdflatex");
    let log = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{log}");
    assert!(!log.contains("Package pgfplots Warning"), "{log}");
}
